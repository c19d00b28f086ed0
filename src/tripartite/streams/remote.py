"""Remote shards: range requests with retries, kept in the local cache block by block."""

from __future__ import annotations

import mmap
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import fsspec

from tripartite.errors import MissingExtraError, RemoteError, ShardError
from tripartite.files import write_whole
from tripartite.streams import cache

T = TypeVar("T")
BLOCK_BYTES = 1 << 20
_MAX_READ_AHEAD = 16
_MAX_INDEX_BYTES = 1 << 28


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


def is_remote(name: str) -> bool:
    """Tell whether a shard's name is a URL of another place than the local disk."""
    return "://" in name and not name.startswith("file://")


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
    if url.startswith(("http://", "https://")):
        import aiohttp

        limits = aiohttp.ClientTimeout(
            total=10 * remote.timeout, sock_connect=remote.timeout, sock_read=remote.timeout
        )
        options.setdefault("client_kwargs", {"timeout": limits})
    try:
        return fsspec.core.url_to_fs(url, **options)
    except ImportError as error:
        library = getattr(error, "name", None) or url.partition("://")[0]
        raise MissingExtraError(str(library), "cloud") from error
    except ValueError as error:
        raise RemoteError("The URL begins with a known protocol", url, str(error)) from error


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
        except Exception as error:
            status = getattr(error, "status", None)
            refused = isinstance(status, int) and 400 <= status < 500 and status not in (408, 429)
            if isinstance(error, FileNotFoundError):
                raise RemoteError(
                    "The remote file exists", f"not found: {url}", "Check the URL"
                ) from error
            if refused or isinstance(error, (PermissionError, MissingExtraError)):
                raise RemoteError("The server gives the file", f"{error!r} for {url}") from error
            if attempt == remote.retries or not _is_transient(error):
                raise RemoteError(
                    "The server answers",
                    f"{error!r} for {url}, tried {attempt + 1} times",
                    "Try again later, or raise Remote(retries=..., timeout=...)",
                ) from error
            time.sleep(remote.backoff * 2**attempt)
    raise AssertionError("the last attempt returns or raises")


def _is_transient(error: Exception) -> bool:
    if isinstance(error, (OSError, TimeoutError, _ShortReadError)):
        return True
    # aiohttp's and botocore's errors have no common base with the standard library's.
    return type(error).__module__.partition(".")[0] in {
        "aiohttp",
        "botocore",
        "aiobotocore",
        "asyncio",
        "fsspec",
    }


class _ShortReadError(Exception):
    """A response held fewer or more bytes than were asked for."""


class RemoteFile:
    """A shard on a server.

    Its bytes are fetched in blocks when they are first needed, into a sparse file in the cache that
    is mapped like a local shard. Blocks that follow each other are fetched in growing requests.

    Parameters
    ----------
    url : str
        Where it lies.
    remote : Remote
        How it is read.

    Raises
    ------
    RemoteError
        If the server does not have it, or does not answer.
    """

    def __init__(self, url: str, remote: Remote) -> None:
        self.name = url
        self._remote = remote
        self._connect()
        info = with_retries(lambda: self._fs.info(self._path), url, remote)
        version = str(
            next(
                (
                    info[k]
                    for k in ("ETag", "etag", "LastModified", "mtime", "created")
                    if info.get(k)
                ),
                "",
            )
        )
        self.folder = cache.entry_folder(url, version, str(info.get("size")))
        self._window = 1
        self._next_block = 0
        ranges = info.get("partial", not url.startswith("http"))
        if info.get("size") is None or not ranges:
            self._download()
        else:
            self.n_bytes = int(info["size"])
            self._open()

    def _connect(self) -> None:
        self._fs, self._path = open_filesystem(self.name, self._remote)
        self._pid = os.getpid()

    def _open(self) -> None:
        self._n_blocks = -(-self.n_bytes // BLOCK_BYTES)
        if self.n_bytes == 0:
            raise ShardError("A shard is a tar archive", "an empty file", shard=self.name)
        self._data = _open_sized(self.folder / "data", self.n_bytes)
        self._map = mmap.mmap(self._data.fileno(), self.n_bytes, access=mmap.ACCESS_READ)
        marks = self.folder / "blocks"
        if not marks.exists() or marks.stat().st_size != self._n_blocks:
            write_whole(marks, bytes(self._n_blocks))
        with marks.open("r+b") as file:
            self._have = mmap.mmap(file.fileno(), self._n_blocks)

    def _download(self) -> None:
        """Fetch the whole file, from a server that does not give parts."""
        target, done = self.folder / "data", self.folder / "blocks"
        if not done.exists():
            part = self.folder / f"data.{os.getpid()}.part"
            with_retries(lambda: self._fs.get_file(self._path, str(part)), self.name, self._remote)
            if not cache.make_room(0, self.folder):
                cache.remove_entry(self.folder)
                raise cache.refuse_too_large(self.name, part.stat().st_size)
            os.replace(part, target)
            done.write_bytes(b"\1" * -(-target.stat().st_size // BLOCK_BYTES))
        self.n_bytes = target.stat().st_size
        self._open()

    def view(self, start: int, n: int) -> memoryview:
        """Return bytes of the shard, after fetching those that are not here yet."""
        n = max(0, min(n, self.n_bytes - start))
        first, last = start // BLOCK_BYTES, (start + n - 1) // BLOCK_BYTES
        if n and self._have[first : last + 1].count(0):
            self._fetch(first, last)
        return memoryview(self._map)[start : start + n]

    def check_unchanged(self) -> None:
        """Do nothing: the cache entry belongs to one version of the file."""

    def fetch_all(self) -> Path:
        """Fetch every byte; return the file in the cache."""
        for first in range(0, self._n_blocks, _MAX_READ_AHEAD):
            span = min(_MAX_READ_AHEAD, self._n_blocks - first)
            self.view(first * BLOCK_BYTES, span * BLOCK_BYTES)
        return self.folder / "data"

    def fetch_beside(self, suffix: str) -> bytes | None:
        """Return the file with this suffix beside the shard, None if there is none."""
        if "?" in self.name:  # a signed URL is signed for one file
            return None
        try:
            fs, path = open_filesystem(self.name + suffix, self._remote)
            size = fs.info(path).get("size") or 0
            return fs.cat_file(path) if 0 < size <= _MAX_INDEX_BYTES else None
        except Exception:
            return None

    def _fetch(self, first: int, last: int) -> None:
        self._window = min(2 * self._window, _MAX_READ_AHEAD) if first == self._next_block else 1
        last = min(max(last, first + self._window - 1), self._n_blocks - 1)
        self._next_block = last + 1
        missing = [block for block in range(first, last + 1) if not self._have[block]]
        if not cache.make_room(len(missing) * BLOCK_BYTES, self.folder):
            self._start_over((last - first + 1) * BLOCK_BYTES)
            missing = list(range(first, last + 1))
        for start, stop in _runs(missing):
            self._fetch_run(start, stop)

    def _fetch_run(self, first: int, stop: int) -> None:
        start, end = first * BLOCK_BYTES, min(stop * BLOCK_BYTES, self.n_bytes)
        if os.getpid() != self._pid:  # connections do not survive a fork
            self._connect()

        def request() -> bytes:
            data = self._fs.cat_file(self._path, start=start, end=end)
            if len(data) != end - start:
                raise _ShortReadError(f"{len(data)} bytes instead of {end - start}")
            return data

        data = with_retries(request, self.name, self._remote)
        # Not through the map: on a full disk that would end the process instead of raising.
        while start < end:
            start += os.pwrite(self._data.fileno(), data[start - end :], start)
        self._have[first:stop] = b"\1" * (stop - first)

    def _start_over(self, n_bytes: int) -> None:
        """Begin a new, empty cache entry: this one fills the cache alone."""
        if n_bytes > cache.cache_limit():
            raise cache.refuse_too_large(self.name, n_bytes)
        cache.remove_entry(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._open()


def _open_sized(path: Path, n_bytes: int) -> BinaryIO:
    """Open a file of this length; what it lacks is a hole that takes no disk."""
    with open(path, "ab") as file:
        if file.tell() != n_bytes:
            file.truncate(n_bytes)
    return open(path, "r+b", buffering=0)


def _runs(blocks: list[int]) -> list[tuple[int, int]]:
    """Return consecutive numbers as ranges."""
    runs: list[tuple[int, int]] = []
    for block in blocks:
        if runs and runs[-1][1] == block:
            runs[-1] = (runs[-1][0], block + 1)
        else:
            runs.append((block, block + 1))
    return runs
