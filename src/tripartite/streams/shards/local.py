"""Files that hold shards: mapped into memory, with views of any part."""

from __future__ import annotations

import mmap
import os
from typing import Protocol

from tripartite.errors import ShardError


class ShardFile(Protocol):
    """What a shard is read from."""

    name: str
    n_bytes: int

    def view(self, start: int, n: int) -> memoryview:
        """Return bytes of the shard, without copying them where they are local."""
        ...

    def check_unchanged(self) -> None:
        """Raise if the file was changed since it was opened."""
        ...


class LocalFile:
    """A shard on a local disk.

    Parameters
    ----------
    path : str
        Where it lies.
    name : str, optional
        What errors call it; the path if not given.

    Raises
    ------
    ShardError
        If there is no such file, or it is empty or cannot be read.
    """

    def __init__(self, path: str, name: str | None = None) -> None:
        self.name = name or path
        try:
            with open(path, "rb") as file:
                status = os.fstat(file.fileno())
                self.n_bytes, self.mtime_ns = status.st_size, status.st_mtime_ns
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except FileNotFoundError:
            raise ShardError(
                "The shard exists",
                "no such file",
                "Check the path, or fetch the missing shard",
                shard=self.name,
            ) from None
        except (OSError, ValueError) as error:
            raise ShardError(
                "The shard is a file that can be read", error, shard=self.name
            ) from error
        self._bytes = memoryview(self._map)

    def view(self, start: int, n: int) -> memoryview:
        """Return a read-only view of the file."""
        return self._bytes[start : start + n]

    def check_unchanged(self) -> None:
        """Raise if the file is no longer as long as it was.

        Reading past the end of a file that somebody cut would end the process without a word.
        """
        if self._map.size() != self.n_bytes:
            raise ShardError(
                f"The shard stays {self.n_bytes} bytes long while it is open",
                f"{self._map.size()} bytes",
                "Write new data to a new file, then open it again",
                shard=self.name,
            )
