"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import uuid4

from tripartite.errors import WriteError


@contextlib.contextmanager
def new_path(path: Path, *, ending: str = ".part") -> Iterator[Path]:
    """Give a free name; what the block writes there takes the final name if it ends without error.

    Parameters
    ----------
    path : Path
        Final name; a file that is there is replaced.
    ending : str
        How the name ends until then.

    Yields
    ------
    Path
        Hidden name in the same folder.
    """
    beside = path.with_name(f".{path.name}.{uuid4().hex[:8]}{ending}")
    try:
        yield beside
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[int]:
    """Open a file that takes its name only when the block ends without an error.

    Parameters
    ----------
    path : Path
        Final name; a file that is there is replaced.

    Yields
    ------
    int
        Descriptor to write to.
    """
    with new_path(path) as beside, beside.open("xb", buffering=0) as file:
        yield file.fileno()


def write_whole(path: Path, data: bytes) -> None:
    """Write bytes to a file that appears only when it is complete."""
    with new_file(path) as descriptor:
        write_all(descriptor, data)


def write_all(descriptor: int, data: bytes | bytearray | memoryview) -> None:
    """Write bytes to a descriptor, all of them."""
    view = memoryview(data)
    while len(view):
        view = view[os.write(descriptor, view) :]


class BufferedFile:
    """Gathers pieces of a file, and writes them in large blocks.

    The pieces are copied, so that their memory may be used again. Large blocks are several times
    cheaper for the file system than many small ones.

    Parameters
    ----------
    descriptor : int
        Where to write.
    n_bytes : int
        Size of a block.
    """

    def __init__(self, descriptor: int, n_bytes: int = 4 << 20) -> None:
        self._descriptor = descriptor
        self._block = memoryview(bytearray(n_bytes))
        self._used = 0

    def write(self, pieces: Iterable[bytes | bytearray | memoryview]) -> int:
        """Append pieces; return how many bytes they are."""
        total = 0
        for piece in pieces:
            n = len(piece)
            total += n
            if self._used + n > len(self._block):
                self.flush()
            if n > len(self._block):
                write_all(self._descriptor, piece)
            else:
                self._block[self._used : self._used + n] = piece
                self._used += n
        return total

    def flush(self) -> None:
        """Write what was gathered."""
        write_all(self._descriptor, self._block[: self._used])
        self._used = 0


def make_folder(path: Path) -> Path:
    """Return a folder that is there, made with those above it if need be.

    Parameters
    ----------
    path : Path
        Folder.

    Raises
    ------
    WriteError
        If it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(
            "The folder of the results must be one that can be made",
            got=f"{path}: {error.strerror}",
            do="Choose another folder",
        ) from error
    return path
