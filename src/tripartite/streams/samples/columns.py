"""Columns of a batch that is being filled: each array written once, at its place.

A row is set by its number, so that a sample that fails half-way is simply set again by the next.
"""

from __future__ import annotations

from typing import Any, Protocol

import msgspec
import numpy as np

from tripartite.streams.samples.array_kind import ArrayKind
from tripartite.streams.samples.arrays import ArrayHeader, array_at
from tripartite.streams.samples.batches import stack
from tripartite.streams.samples.kinds import UnionKind
from tripartite.streams.samples.record_kind import Field

# Room is made for this many rows at first: a batch may be asked for larger than its dataset.
FIRST_ROWS = 1024


class Column(Protocol):
    """One field of a batch."""

    def put(self, row: int, item: Any) -> None:
        """Set a row to a value as the decoder gives it."""
        ...

    def put_value(self, row: int, value: Any) -> None:
        """Set a row to a value as the user knows it."""
        ...

    def finish(self, n_rows: int) -> Any:
        """Return the first rows, as one array where that is possible."""
        ...


def column_of(f: Field, n_rows: int) -> Column:
    """Return an empty column for a field, with room for some rows."""
    options = f.kind.options if isinstance(f.kind, UnionKind) else (f.kind,)
    arrays = [kind for kind in options if isinstance(kind, ArrayKind)]
    return StackedColumn(f, arrays[0], n_rows) if arrays else ListColumn(f)


class ListColumn:
    """Values side by side; arrays are stacked at the end if they fit."""

    def __init__(self, f: Field) -> None:
        self._unpack = f.kind.unpack
        self._missing = f.default
        self._items: list[Any] = []

    def put(self, row: int, item: Any) -> None:
        if item is msgspec.UNSET:
            value = self._missing() if self._missing else None
        else:
            value = self._unpack(item, copy=True)
        self.put_value(row, value)

    def put_value(self, row: int, value: Any) -> None:
        del self._items[row:]
        self._items.append(value)

    def finish(self, n_rows: int) -> Any:
        return stack(self._items[:n_rows])


class StackedColumn:
    """Arrays of one shape and dtype in one array, until something comes that differs."""

    def __init__(self, f: Field, kind: ArrayKind, n_rows: int) -> None:
        self._kind = kind
        self._room = min(n_rows, FIRST_ROWS)
        self._list = ListColumn(f)
        self._is_ragged = False
        self._header: ArrayHeader | None = None
        # What stands before the elements of every array so far, and how long all is.
        self._text, self._start, self._length = b"", 0, -1

    def put(self, row: int, item: Any) -> None:
        start = self._start
        if type(item) is not memoryview or self._is_ragged:
            self._put_in_list(row, item)
        elif len(item) == self._length and bytes(item[:start]) == self._text and row < self._room:
            n_bytes = self._length - start
            self._flat[row * n_bytes : (row + 1) * n_bytes] = item[start:]
        else:
            self._put_other(row, item)

    def _put_other(self, row: int, item: memoryview) -> None:
        """Set a row to an array whose header is not that of the row before."""
        header = self._kind.read_header(item)
        if row == 0:
            self._begin(header, item)
        elif row == self._room and not self._is_ragged:
            self._grow()
        first = self._header
        if first is not None and (header.shape, header.dtype) == (first.shape, first.dtype):
            self._out[row] = array_at(item, header, copy=False)
        else:
            self._put_in_list(row, item)

    def _put_in_list(self, row: int, item: Any) -> None:
        self._give_up(row)
        self._list.put(row, item)

    def put_value(self, row: int, value: Any) -> None:
        self._give_up(row)
        self._list.put_value(row, value)

    def _begin(self, header: ArrayHeader, item: memoryview) -> None:
        try:
            self._out = np.empty((self._room, *header.shape), header.dtype)
        except MemoryError:
            return  # one large array among small ones: a list has room for them
        self._header = header
        if header.nbytes and not header.fortran:
            self._text, self._start = bytes(item[: header.start]), header.start
            self._length = header.start + header.nbytes
            self._flat = self._out.reshape(-1).view(np.uint8).data

    def _grow(self) -> None:
        full, self._room = self._out, 2 * self._room
        self._out = np.empty((self._room, *full.shape[1:]), full.dtype)
        self._out[: len(full)] = full
        if self._length > 0:
            self._flat = self._out.reshape(-1).view(np.uint8).data

    def _give_up(self, n_rows: int) -> None:
        if not self._is_ragged:
            for row in range(n_rows):
                self._list.put_value(row, self._out[row, ...].copy())
            self._is_ragged = True

    def finish(self, n_rows: int) -> Any:
        return self._list.finish(n_rows) if self._is_ragged else self._out[:n_rows]
