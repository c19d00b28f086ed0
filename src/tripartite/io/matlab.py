"""Read MATLAB files of version 5 to 7.2: numbers, text, cells and structs.

scipy reads more kinds, but a damaged file can bring it down together with the interpreter. Here
every size in the file is checked against the bytes that are there before anything is made of it.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tripartite.errors import FileFormatError

_STORED = {
    1: "i1",
    2: "u1",
    3: "i2",
    4: "u2",
    5: "i4",
    6: "u4",
    7: "f4",
    9: "f8",
    12: "i8",
    13: "u8",
}
_STORED_TEXT = {16: "utf-8", 17: "utf-16", 18: "utf-32", 1: "utf-8", 2: "utf-8", 4: "utf-16"}
_MATRIX, _COMPRESSED = 14, 15
_CELL, _STRUCT, _CHAR = 1, 2, 4
_NUMBERS = dict(enumerate(["f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"], start=6))
_COMPLEX = 0x0800
_MAX_DEPTH = 32


def read_matlab(path: str | Path, *, max_bytes: int = 2**31) -> dict[str, Any]:
    """Return the variables of a MATLAB file.

    Parameters
    ----------
    path : path-like
        File of version 5 to 7.2, compressed or not. Files of version 7.3 are HDF5 files.
    max_bytes : int
        Largest size of the file and of what is in it when inflated.

    Returns
    -------
    dict of str to object
        Numbers as arrays of at least two axes, in MATLAB's type; text as str; a cell array as an
        object array; a struct as a dict, a struct array as an object array of them.

    Raises
    ------
    FileFormatError
        If the file is damaged, too large, or holds other kinds, such as sparse matrices or objects.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from tripartite.io import bundled
    >>> read_matlab(bundled.path("linear_spikes.mat"))["spikes"].shape
    (1, 1)
    """
    path = Path(path)
    if path.stat().st_size > max_bytes:
        raise FileFormatError(f"{path.name} must be at most {max_bytes} bytes", path.stat().st_size)
    data = memoryview(path.read_bytes())
    order = {b"IM": "<", b"MI": ">"}.get(bytes(data[126:128]))
    if order is None or b"MATLAB 7.3" in bytes(data[:116]):
        raise FileFormatError(
            f"{path.name} must be a MATLAB file of version 5 to 7.2",
            got=bytes(data[:16]),
            do="Save it again with save(..., '-v7')",
        )
    try:
        return _read_variables(data[128:], order, max_bytes)
    except (_Damage, ValueError, OverflowError, UnicodeDecodeError, zlib.error) as error:
        raise FileFormatError(
            f"{path.name} must be a whole MATLAB file of numbers, text, cells and structs",
            got=error,
            do="Save it again with save(..., '-v7')",
        ) from error


class _Damage(Exception):  # noqa: N818 - never leaves this module
    pass


@dataclass
class _Reader:
    """Takes one element after another from bytes."""

    data: memoryview
    order: str
    place: int = 0

    def take(self) -> tuple[int, memoryview]:
        """Return kind and content of the next element."""
        kind, size = np.frombuffer(self._slice(self.place, 8), self.order + "u4")
        start = self.place + 8
        if kind >> 16:  # up to four bytes are packed into the tag
            kind, size, start = kind & 0xFFFF, kind >> 16, self.place + 4
            if size > 4:
                raise _Damage(f"a packed element of {size} bytes")
            self.place += 8
        else:
            padding = 0 if kind == _COMPRESSED else -int(size) % 8
            self.place = start + int(size) + padding
        return int(kind), self._slice(start, int(size))

    def take_numbers(self) -> np.ndarray:
        """Return the next element as a flat array."""
        kind, content = self.take()
        if kind not in _STORED:
            raise _Damage(f"an element of kind {kind} where numbers belong")
        return np.frombuffer(content, self.order + _STORED[kind])

    def take_matrix(self, depth: int) -> tuple[str, Any]:
        """Return name and value of the next element, which must be a matrix."""
        kind, content = self.take()
        if kind != _MATRIX or depth > _MAX_DEPTH:
            raise _Damage(f"an element of kind {kind} at depth {depth}")
        if not content:
            return "", np.empty((0, 0))
        return _read_matrix(_Reader(content, self.order), depth)

    def left(self) -> int:
        """Return the number of bytes that are left."""
        return len(self.data) - self.place

    def _slice(self, start: int, size: int) -> memoryview:
        if start + size > len(self.data):
            raise _Damage(f"{len(self.data) - start} bytes where {size} belong")
        return self.data[start : start + size]


def _read_variables(data: memoryview, order: str, max_bytes: int) -> dict[str, Any]:
    reader, variables = _Reader(data, order), {}
    while reader.left() > 0:
        start = reader.place
        kind, content = reader.take()
        if kind == _COMPRESSED:
            inflater = zlib.decompressobj()
            inflated = inflater.decompress(content, max_bytes)
            if not inflater.eof:
                raise _Damage(
                    f"a variable that is cut off, or over {max_bytes} bytes when inflated"
                )
            max_bytes -= len(inflated)
            name, value = _Reader(memoryview(inflated), order).take_matrix(0)
        else:
            name, value = _Reader(data[start:], order).take_matrix(0)
        variables[name] = value
    return variables


def _read_matrix(reader: _Reader, depth: int) -> tuple[str, Any]:
    flags = reader.take_numbers()
    axes = reader.take_numbers()
    dims = tuple(axes.tolist())
    name = bytes(reader.take()[1]).decode()
    if not flags.size or len(dims) < 2 or min(dims) < 0 or axes.dtype.kind == "f":
        raise _Damage(f"a matrix {name!r} of shape {dims}")
    kind = int(flags[0]) & 0xFF
    if kind == _CELL:
        return name, _read_items(reader, dims, (), depth)
    if kind == _STRUCT:
        return name, _read_struct(reader, dims, depth)
    if kind == _CHAR:
        return name, _read_text(reader)
    if kind not in _NUMBERS:
        raise _Damage(f"a matrix {name!r} of class {kind}")
    numbers = reader.take_numbers().astype(_NUMBERS[kind])
    if int(flags[0]) & _COMPLEX:
        imaginary = reader.take_numbers()
        if len(imaginary) != len(numbers):
            raise _Damage(f"{len(imaginary)} imaginary and {len(numbers)} real numbers")
        numbers = numbers.astype(np.result_type(numbers, np.complex64))
        numbers.imag = imaginary
    return name, numbers.reshape(dims, order="F")


def _read_items(reader: _Reader, dims: tuple[int, ...], fields: tuple, depth: int) -> np.ndarray:
    """Return an object array of values, or of dicts if there are names of fields."""
    n_items = math.prod(dims)
    # The smallest item is a tag, so that a false size cannot make a large array.
    if n_items * max(len(fields), 1) * 8 > reader.left():
        raise _Damage(f"{reader.left()} bytes for {n_items} items")
    items = np.empty(n_items, dtype=object)
    for i in range(n_items):
        if fields:
            items[i] = {field: reader.take_matrix(depth + 1)[1] for field in fields}
        else:
            items[i] = reader.take_matrix(depth + 1)[1]
    return items.reshape(dims, order="F")


def _read_struct(reader: _Reader, dims: tuple[int, ...], depth: int) -> Any:
    width = int(reader.take_numbers()[:1].sum())
    names = bytes(reader.take()[1])
    if width < 1:
        raise _Damage(f"names of fields of {width} bytes")
    starts = range(0, len(names), width)
    fields = tuple(names[i : i + width].split(b"\0")[0].decode() for i in starts)
    if not fields:
        return {}
    items = _read_items(reader, dims, fields, depth)
    return items.flat[0] if items.size == 1 else items


def _read_text(reader: _Reader) -> str:
    kind, content = reader.take()
    if kind not in _STORED_TEXT:
        raise _Damage(f"an element of kind {kind} where text belongs")
    encoding = _STORED_TEXT[kind]
    little = "" if encoding == "utf-8" else {"<": "-le", ">": "-be"}[reader.order]
    return bytes(content).decode(encoding + little)
