"""Files that appear under their name only when they are whole."""

from __future__ import annotations

import os
from pathlib import Path


def replace_file(path: Path, data: bytes) -> None:
    """Write `data` beside `path`, then put it in its place in one step.

    Parameters
    ----------
    path : Path
        File to write; an older one is replaced.
    data : bytes
        The whole content.

    Raises
    ------
    OSError
        If the folder is missing, read-only or full; an older file is then still whole.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        beside.write_bytes(data)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
