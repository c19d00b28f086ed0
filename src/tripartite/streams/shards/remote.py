"""Remote shards: fetched when they are needed, kept in the local cache block by block."""

from __future__ import annotations

import mmap
import os
import uuid
import weakref
from pathlib import Path

from tripartite.errors import RemoteError, ShardError
from tripartite.files import new_file, write_all, write_whole
from tripartite.streams.shards import cache
from tripartite.streams.shards.servers import (
    NoPartsError,
    Remote,
    ShortReadError,
    open_served,
    with_retries,
)

BLOCK_BYTES = 1 << 20
_MAX_READ_AHEAD = 16
_MAX_INDEX_BYTES = 1 << 28


class RemoteFile:
    """A shard on a server.

    Its bytes are fetched in blocks when they are first needed, into a sparse file in the cache that
    is mapped like a local shard. Blocks that follow each other are fetched in growing requests. A
    server that does not give parts is asked for the whole file.

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
        told = with_retries(lambda: self._served.describe(), url, remote)
        self._version = told.version
        # What cannot be told from a later version is not kept for later.
        version = told.version or uuid.uuid4().hex
        self.folder = cache.entry_folder(url, version, str(told.n_bytes))
        self._window = 1
        self._next_block = 0
        self._forgotten: set[int] = set()
        self.n_bytes = told.n_bytes or 0
        if told.has_parts:
            self._open()
        else:
            self._download(told.n_bytes)

    def _connect(self) -> None:
        self._served = open_served(self.name, self._remote)
        self._pid = os.getpid()

    def _open(self) -> None:
        if self.n_bytes == 0:
            raise ShardError("A shard is a tar archive", "an empty file", shard=self.name)
        self._n_blocks = _n_blocks(self.n_bytes)
        self._data = os.open(self.folder / "data", os.O_RDWR | os.O_CREAT, 0o666)
        # Closed with the file, or when another one takes its place.
        self._close = weakref.finalize(self, os.close, self._data)
        is_new = os.fstat(self._data).st_size != self.n_bytes
        if is_new:
            os.ftruncate(self._data, self.n_bytes)  # a hole, which takes no disk
        marks = self.folder / "blocks"
        if is_new or not marks.exists() or marks.stat().st_size != self._n_blocks:
            write_whole(marks, bytes(self._n_blocks))
        self._map = mmap.mmap(self._data, self.n_bytes, access=mmap.ACCESS_READ)
        with marks.open("r+b") as file:
            self._have = mmap.mmap(file.fileno(), self._n_blocks)

    def _download(self, n_bytes: int | None) -> None:
        """Fetch the whole file, from a server that does not give parts."""
        data = self.folder / "data"
        if not self._is_whole(n_bytes):
            if not cache.make_room(n_bytes or 0, self.folder):
                raise cache.refuse_too_large(self.name, n_bytes or 0)
            with_retries(lambda: self._copy_to(data, n_bytes), self.name, self._remote)
            write_whole(self.folder / "blocks", b"\1" * _n_blocks(data.stat().st_size))
        self.n_bytes = data.stat().st_size
        self._open()

    def _is_whole(self, n_bytes: int | None) -> bool:
        try:
            size = (self.folder / "data").stat().st_size
            marks = (self.folder / "blocks").read_bytes()
        except FileNotFoundError:
            return False
        return n_bytes in (None, size) and marks == b"\1" * _n_blocks(size)

    def _copy_to(self, path: Path, n_bytes: int | None) -> None:
        n_copied = 0
        with new_file(path) as descriptor:

            def write(piece: bytes) -> None:
                nonlocal n_copied
                n_copied += len(piece)
                if n_copied > cache.cache_limit():
                    raise cache.refuse_too_large(self.name, n_copied)
                write_all(descriptor, piece)

            self._served.copy_to(write)
            if n_bytes not in (None, n_copied):
                raise ShortReadError(f"{n_copied} bytes instead of {n_bytes}")

    def view(self, start: int, n: int) -> memoryview:
        """Return bytes of the shard, after fetching those that are not here yet."""
        n = max(0, min(n, self.n_bytes - start))
        first, last = start // BLOCK_BYTES, (start + n - 1) // BLOCK_BYTES
        if n and self._have[first : last + 1].count(0):
            self._fetch(first, last)
        return memoryview(self._map)[start : start + n]

    def forget(self, start: int, n: int) -> bool:
        """Drop the blocks of some bytes, which are fetched anew when they are read.

        Returns
        -------
        bool
            False if that was done before: then it is the server that has other bytes.
        """
        if n == 0 or start in self._forgotten:
            return False
        self._forgotten.add(start)
        first, stop = start // BLOCK_BYTES, _n_blocks(start + n)
        self._have[first:stop] = bytes(stop - first)
        return True

    def check_unchanged(self) -> None:
        """Do nothing: the cache entry belongs to one version of the file."""

    def fetch_all(self) -> Path:
        """Fetch every byte; return the file in the cache."""
        if self.n_bytes <= cache.cache_limit():
            for first in range(0, self._n_blocks, _MAX_READ_AHEAD):
                self.view(first * BLOCK_BYTES, _MAX_READ_AHEAD * BLOCK_BYTES)
        if self._have[:].count(0):
            raise cache.refuse_too_large(self.name, self.n_bytes)
        return self.folder / "data"

    def fetch_beside(self, suffix: str) -> bytes | None:
        """Return the file with this suffix beside the shard, None if there is none."""
        if "?" in self.name:  # a signed URL is signed for one file
            return None
        url = self.name + suffix
        data = bytearray()

        def fetch() -> None:
            data.clear()
            served = open_served(url, self._remote)
            if (served.describe().n_bytes or 0) <= _MAX_INDEX_BYTES:
                served.copy_to(data.extend)

        try:
            with_retries(fetch, url, self._remote)
        except RemoteError:
            return None
        return bytes(data)

    def _fetch(self, first: int, last: int) -> None:
        self._window = min(2 * self._window, _MAX_READ_AHEAD) if first == self._next_block else 1
        last = min(max(last, first + self._window - 1), self._n_blocks - 1)
        self._next_block = last + 1
        missing = [block for block in range(first, last + 1) if not self._have[block]]
        if not cache.make_room(len(missing) * BLOCK_BYTES, self.folder):
            self._start_over((last - first + 1) * BLOCK_BYTES)
            missing = list(range(first, last + 1))
        try:
            for start, stop in _runs(missing):
                self._fetch_run(start, stop)
        except NoPartsError:
            self._close()
            self._download(self.n_bytes)

    def _fetch_run(self, first: int, stop: int) -> None:
        start, end = first * BLOCK_BYTES, min(stop * BLOCK_BYTES, self.n_bytes)
        if os.getpid() != self._pid:  # connections do not survive a fork
            self._connect()
        data = with_retries(
            lambda: self._served.read(start, end, self._version), self.name, self._remote
        )
        # Not through the map: on a full disk that would end the process instead of raising.
        while start < end:
            start += os.pwrite(self._data, data[start - end :], start)
        self._have[first:stop] = b"\1" * (stop - first)

    def _start_over(self, n_bytes: int) -> None:
        """Begin a new, empty cache entry: this one fills the cache alone."""
        if n_bytes > cache.cache_limit():
            raise cache.refuse_too_large(self.name, n_bytes)
        cache.remove_entry(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._close()
        self._open()


def _n_blocks(n_bytes: int) -> int:
    return -(-n_bytes // BLOCK_BYTES)


def _runs(blocks: list[int]) -> list[tuple[int, int]]:
    """Return consecutive numbers as ranges."""
    runs: list[tuple[int, int]] = []
    for block in blocks:
        if runs and runs[-1][1] == block:
            runs[-1] = (runs[-1][0], block + 1)
        else:
            runs.append((block, block + 1))
    return runs
