"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


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
        Descriptor to write to: a hidden temporary file in the same folder.
    """
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        try:
            yield descriptor
            # Temporary files are private; finished ones follow the user's own mask.
            mask = os.umask(0)
            os.umask(mask)
            os.fchmod(descriptor, 0o666 & ~mask)
        finally:
            os.close(descriptor)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def write_whole(path: Path, data: bytes) -> None:
    """Write bytes to a file that appears only when it is complete."""
    with new_file(path) as descriptor:
        write_pieces(descriptor, [data])


def write_pieces(descriptor: int, pieces: list[bytes | bytearray | memoryview]) -> int:
    """Write byte buffers one after another without joining them; return how many bytes."""
    total = sum(len(piece) for piece in pieces)
    written = os.writev(descriptor, pieces)
    while written < total:
        # Rare: a signal or a full disk cut the call short; the next call tells which.
        rest = b"".join(pieces)[written:]
        written += os.write(descriptor, rest)
    return total
