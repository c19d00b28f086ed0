"""A web server on the loopback interface that serves a folder, and misbehaves when told to."""

from __future__ import annotations

import os
import re
import threading
from dataclasses import dataclass, replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """How a server answers.

    Parameters
    ----------
    status : int, optional
        Answer with this error instead of the file.
    n_times : int, optional
        Misbehave for this many requests, then answer well; None misbehaves for ever.
    methods : tuple of str
        Requests to which `status`, `stall`, `missing`, `cut` and `extra_length` apply.
    stall : float
        Be silent before the answer (s).
    missing : int
        Leave out this many bytes at the end of the body, and announce the shorter one.
    cut : int, optional
        Close the connection after this many bytes of the body.
    extra_length : int
        Add this to the announced length of the body.
    ranges : bool
        False sends the whole file, whatever range was asked for.
    says_ranges : str, optional
        The ``Accept-Ranges`` header; None leaves it out.
    etag, last_modified : bool
        Send the headers that tell one version of a file from another.
    """

    status: int | None = None
    n_times: int | None = None
    methods: tuple[str, ...] = ("GET", "HEAD")
    stall: float = 0.0
    missing: int = 0
    cut: int | None = None
    extra_length: int = 0
    ranges: bool = True
    says_ranges: str | None = "bytes"
    etag: bool = True
    last_modified: bool = True

    def mended(self) -> Behaviour:
        """Return the behaviour after the last time of misbehaving."""
        return replace(
            self, status=None, n_times=None, stall=0.0, missing=0, cut=None, extra_length=0
        )


class Request(NamedTuple):
    """A request that was answered: method, path, range header, status, and bytes of body sent."""

    method: str
    path: str
    range: str | None
    status: int
    n_bytes: int


class FileServer:
    """Serves the files of a folder over HTTP on 127.0.0.1; a context manager.

    Parameters
    ----------
    folder : path
        What to serve.

    Attributes
    ----------
    url : str
        Where it answers, without a slash at the end.
    requests : list of Request
        What was asked so far.

    Examples
    --------
    >>> import tempfile, urllib.request
    >>> with tempfile.TemporaryDirectory() as folder, FileServer(folder) as server:
    ...     _ = Path(folder, "x.txt").write_text("hello")
    ...     with urllib.request.urlopen(f"{server.url}/x.txt") as answer:
    ...         answer.read()
    b'hello'
    >>> server.requests
    [Request(method='GET', path='/x.txt', range=None, status=200, n_bytes=5)]
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.requests: list[Request] = []
        self._behaviour = Behaviour()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        handler = type("Handler", (_Handler,), {"files": Path(folder), "owner": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FileServer:
        # A short poll, or closing would take half a second.
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def behave(self, **changes: Any) -> None:
        """Behave in a new way from now on; without arguments, well.

        Parameters
        ----------
        **changes
            Fields of `Behaviour`.
        """
        with self._lock:
            self._behaviour = Behaviour(**changes)

    def n_bytes(self, ending: str = "") -> int:
        """Return how many bytes of body were sent for paths with this ending.

        Parameters
        ----------
        ending : str
            End of the paths that count.
        """
        return sum(request.n_bytes for request in self.requests if request.path.endswith(ending))

    def _next_behaviour(self, method: str) -> Behaviour:
        with self._lock:
            now = self._behaviour
            if method not in now.methods:
                return now.mended()
            if now.n_times is not None:
                self._behaviour = (
                    replace(now, n_times=now.n_times - 1) if now.n_times > 1 else now.mended()
                )
            return now


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients hang up as they like."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10  # idle connections end with their threads
    disable_nagle_algorithm = True  # or each answer would wait 40 ms
    files: Path
    owner: FileServer

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def _answer(self) -> None:
        behaviour = self.owner._next_behaviour(self.command)
        if behaviour.stall:
            self.owner._stopped.wait(behaviour.stall)
        path = self.files / unquote(urlsplit(self.path).path).lstrip("/")
        status, headers, body = behaviour.status or 404, {}, b""
        if behaviour.status is None and path.is_file() and ".." not in path.parts:
            status, headers, body = self._file(path, behaviour)
        body = body[: len(body) - behaviour.missing]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(max(0, len(body) + behaviour.extra_length)))
        self._send(status, b"" if self.command == "HEAD" else body[: behaviour.cut])
        # What follows a body of the wrong length would be read as the next answer.
        self.close_connection |= behaviour.cut is not None or behaviour.extra_length != 0

    def _file(self, path: Path, behaviour: Behaviour) -> tuple[int, dict[str, str], bytes]:
        data, state = path.read_bytes(), path.stat()
        version = f'"{state.st_mtime_ns:x}-{state.st_size:x}"'
        headers = {"Accept-Ranges": behaviour.says_ranges} if behaviour.says_ranges else {}
        if behaviour.etag:
            headers["ETag"] = version
        if behaviour.last_modified:
            headers["Last-Modified"] = formatdate(state.st_mtime, usegmt=True)
        if behaviour.etag and self.headers.get("If-Match", version) != version:
            return 412, headers, b""
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked is None or not behaviour.ranges:
            return 200, headers, data
        first, last = int(asked[1]), min(int(asked[2] or len(data)), len(data) - 1)
        if first > last:
            return 416, headers | {"Content-Range": f"bytes */{len(data)}"}, b""
        headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
        return 206, headers, data[first : last + 1]

    def _send(self, status: int, body: bytes) -> None:
        request = Request(self.command, self.path, self.headers.get("Range"), status, len(body))
        self.owner.requests.append(request)
        try:
            self.end_headers()
            self.wfile.write(body)
        except OSError:  # the client gave up waiting
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""
