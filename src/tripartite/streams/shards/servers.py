"""Files on servers: what a server says of one, and how a part of it is fetched."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeVar, cast

import fsspec
from fsspec.asyn import sync

from tripartite.errors import MissingExtraError, RemoteError, TripartiteError

T = TypeVar("T")
_PIECE = 1 << 20
_SECRET = re.compile(r"(\w://)[^/\s@]*@|[?#][^\s'\"]*")


@dataclass(frozen=True, kw_only=True)
class Remote:
    """How remote shards are read.

    Parameters
    ----------
    timeout : float
        How long a server may be silent (s).
    retries : int
        How often a failed request is tried again.
    backoff : float
        Pause before the first retry (s); each further pause is twice as long.
    storage : mapping
        Options of the fsspec file system, e.g. ``{"anon": True}`` for public s3 buckets.
    """

    timeout: float = 30.0
    retries: int = 4
    backoff: float = 0.25
    storage: Mapping[str, Any] = field(default_factory=dict)


class Description(NamedTuple):
    """What a server says of a file.

    Parameters
    ----------
    n_bytes : int or None
        Its length, where the server knows it.
    version : str
        Another one when the file changes; empty where the server does not tell.
    has_parts : bool
        True if parts of the file can be fetched.
    """

    n_bytes: int | None
    version: str
    has_parts: bool


class NoPartsError(Exception):
    """The server gives the whole file only, whatever it said."""


class ShortReadError(Exception):
    """A response held fewer or more bytes than were asked for."""


class ServedFile(Protocol):
    """A file on a server. Every call may fail; `with_retries` tells how to go on."""

    def describe(self) -> Description:
        """Return what the server says of the file."""
        ...

    def read(self, start: int, stop: int, version: str) -> bytes:
        """Return a part of this version of the file."""
        ...

    def copy_to(self, write: Callable[[bytes], None]) -> None:
        """Pass the whole file on, piece by piece."""
        ...


def is_remote(name: str) -> bool:
    """Tell whether a shard's name is a URL of another place than the local disk."""
    return "://" in name and not name.startswith("file://")


def is_web(name: str) -> bool:
    """Tell whether a shard's name is a URL of a web server."""
    return name.startswith(("http://", "https://"))


def open_served(url: str, remote: Remote) -> ServedFile:
    """Return the file at a URL; nothing is asked of the server yet."""
    filesystem, path = open_filesystem(url, remote)
    return _WebFile(filesystem, url) if is_web(url) else _StoredFile(filesystem, path)


def open_filesystem(url: str, remote: Remote) -> tuple[Any, str]:
    """Return the fsspec file system of a URL, and the path in it.

    Raises
    ------
    MissingExtraError
        If the library for this kind of URL is not installed.
    RemoteError
        If no library knows this kind of URL.
    """
    options = dict(remote.storage)
    if is_web(url):
        import aiohttp

        limits = aiohttp.ClientTimeout(sock_connect=remote.timeout, sock_read=remote.timeout)
        options.setdefault("encoded", "%" in url)  # a signed URL goes out as it is
        options["client_kwargs"] = {"timeout": limits, **options.get("client_kwargs", {})}
    try:
        return fsspec.core.url_to_fs(url, **options)
    except ImportError as error:
        library = getattr(error.__cause__ or error, "name", None) or url.partition("://")[0]
        raise MissingExtraError(str(library), "cloud") from error
    except ValueError as error:
        raise RemoteError(
            "The URL begins with a known protocol", plain(url), plain(str(error))
        ) from None


def with_retries(call: Callable[[], T], url: str, remote: Remote) -> T:
    """Return what a request returns, after trying again where that can help.

    Raises
    ------
    RemoteError
        If the file is not there, access is refused, or every try failed.
    """
    for attempt in range(remote.retries + 1):
        try:
            return call()
        except (TripartiteError, NoPartsError):
            raise
        except Exception as error:
            status = getattr(error, "status", None)
            if isinstance(error, FileNotFoundError) or status in (404, 410):
                raise RemoteError(
                    "The remote file exists", f"not found: {plain(url)}", "Check the URL"
                ) from None
            refused = isinstance(status, int) and 400 <= status < 500 and status not in (408, 429)
            if refused or isinstance(error, PermissionError):
                raise RemoteError(
                    "The server gives the file", f"{_said(error)} for {plain(url)}"
                ) from None
            if attempt == remote.retries or not _is_transient(error):
                raise RemoteError(
                    "The server answers",
                    f"{_said(error)} for {plain(url)}, tried {attempt + 1} times",
                    "Try again later, or raise Remote(retries=..., timeout=...)",
                ) from None
            time.sleep(remote.backoff * 2**attempt)
    raise AssertionError("the last attempt returns or raises")


def plain(url: str) -> str:
    """Return a URL without what may be secret in it: the user, the query and the fragment."""
    return _SECRET.sub(r"\1", url)


def _said(error: Exception) -> str:
    """Return an error of another library without the request, of which headers hold tokens."""
    parts = [getattr(error, "status", ""), getattr(error, "message", None) or _text_of(error)]
    return " ".join([type(error).__name__, *(str(part) for part in parts if part)])


def _text_of(error: Exception) -> str:
    # aiohttp puts requests and responses with their headers among the arguments.
    safe = (str, int, OSError)
    return plain(str(error)) if all(isinstance(a, safe) for a in error.args) else ""


def _is_transient(error: Exception) -> bool:
    if isinstance(error, (OSError, TimeoutError, ShortReadError)):
        return True
    # aiohttp's and botocore's errors have no common base with the standard library's.
    libraries = {"aiohttp", "botocore", "aiobotocore", "asyncio", "fsspec"}
    return type(error).__module__.partition(".")[0] in libraries


class _Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    data: bytes


class _WebFile:
    """A file on a web server.

    fsspec opens and keeps the connections, but does not tell what range requests need: whether the
    answer is the part that was asked for, and of which version of the file.
    """

    def __init__(self, filesystem: Any, url: str) -> None:
        self._fs, self._url = filesystem, url

    def describe(self) -> Description:
        # Not HEAD: signed URLs allow one method, and only a range tells whether there are ranges.
        answer = self._ask("bytes=0-0", 1)
        has_parts = answer.status in (206, 416)
        length = answer.headers.get("Content-Length", "")
        if has_parts:
            length = answer.headers.get("Content-Range", "").rpartition("/")[2]
        n_bytes = int(length) if length.isdigit() else None
        return Description(n_bytes, _version(answer.headers), has_parts and n_bytes is not None)

    def read(self, start: int, stop: int, version: str) -> bytes:
        answer = self._ask(f"bytes={start}-{stop - 1}", stop - start)
        if _version(answer.headers) != version:
            raise RemoteError(
                "A remote file stays as it is while it is read",
                f"a new version of {plain(self._url)}",
                "Open the dataset again",
            )
        if answer.status != 206:
            raise NoPartsError
        part = answer.headers.get("Content-Range", "")
        if len(answer.data) != stop - start or not part.startswith(f"bytes {start}-"):
            raise ShortReadError(f"{len(answer.data)} bytes ({part}) instead of {stop - start}")
        return answer.data

    def copy_to(self, write: Callable[[bytes], None]) -> None:
        self._ask(None, None, write)

    def _ask(self, *request: Any) -> _Answer:
        return cast(_Answer, sync(self._fs.loop, self._get, *request))

    async def _get(
        self, span: str | None, limit: int | None, write: Callable[[bytes], None] | None = None
    ) -> _Answer:
        """Ask for the file or a span of it; read at most one byte more than `limit`."""
        options = dict(self._fs.kwargs)
        headers = {"Accept-Encoding": "identity", **options.pop("headers", {})}
        headers |= {"Range": span} if span else {}
        session = await self._fs.set_session()
        url, data = self._fs.encode_url(self._url), bytearray()
        async with session.get(url, headers=headers, **options) as answer:
            if answer.status != 416:
                answer.raise_for_status()
            while limit is None or len(data) <= limit:
                room = _PIECE if limit is None else limit + 1 - len(data)
                piece = await answer.content.read(room)
                if not piece:
                    break
                (write or data.extend)(piece)
            return _Answer(answer.status, answer.headers, bytes(data))


def _version(headers: Mapping[str, str]) -> str:
    return headers.get("ETag") or headers.get("Last-Modified") or ""


class _StoredFile:
    """A file in a store that fsspec knows: s3, gcs, memory."""

    def __init__(self, filesystem: Any, path: str) -> None:
        self._fs, self._path = filesystem, path

    def describe(self) -> Description:
        self._fs.invalidate_cache()
        info = self._fs.info(self._path)
        names = ("ETag", "etag", "LastModified", "last_modified", "mtime", "created")
        version = next((str(info[name]) for name in names if info.get(name)), "")
        return Description(info.get("size"), version, True)

    def read(self, start: int, stop: int, version: str) -> bytes:
        data = self._fs.cat_file(self._path, start=start, end=stop)
        if len(data) != stop - start:
            raise ShortReadError(f"{len(data)} bytes instead of {stop - start}")
        return data

    def copy_to(self, write: Callable[[bytes], None]) -> None:
        with self._fs.open(self._path, "rb") as file:
            while piece := file.read(_PIECE):
                write(piece)
