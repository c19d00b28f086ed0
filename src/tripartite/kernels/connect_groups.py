"""Connections in any order, brought into rows."""

from __future__ import annotations

import numpy as np

from tripartite.kernels.bits import add_bit, make_bits, take_bits
from tripartite.kernels.compiling import compiled

# One entry stands for at most so many connections: as many as 16 bits can count.
MOST_COPIES = 65535


@compiled
def count_rows(rows: np.ndarray, n_rows: int) -> np.ndarray:
    """Return how often each row occurs.

    Parameters
    ----------
    rows : int32 ndarray
        Row of each entry.
    n_rows : int
        How many there are.

    Returns
    -------
    int64 ndarray of shape (n_rows,)
    """
    counts = np.zeros(n_rows, np.int64)
    for row in rows:
        counts[row] += 1
    return counts


@compiled
def scatter(rows: np.ndarray, columns: np.ndarray, places: np.ndarray, grouped: np.ndarray) -> None:
    """Put the column of each entry where its row is, in the order of the entries.

    Parameters
    ----------
    rows, columns : int32 ndarray of shape (n_entries,)
        Row and column of each entry.
    places : int64 ndarray of shape (n_rows,)
        Where the next entry of each row belongs. Moves on.
    grouped : int32 ndarray
        Is filled with columns.
    """
    for i in range(rows.size):
        grouped[places[rows[i]]] = columns[i]
        places[rows[i]] += 1


@compiled
def merge_rows(
    first: np.ndarray, columns: np.ndarray, n_columns: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the columns of each row once, ascending, with how often they occur.

    Parameters
    ----------
    first : int64 ndarray of shape (n_rows + 1,)
        Where each row begins in `columns`.
    columns : int32 ndarray
        Columns of all rows.
    n_columns : int
        How many columns there are.

    Returns
    -------
    degrees : int64 ndarray of shape (n_rows,)
        Entries that remain of each row.
    merged : int32 ndarray
        Columns, row by row; repeated where they occur more than `MOST_COPIES` times.
    copies : uint16 ndarray
        How often each occurs.
    """
    bits, counts = make_bits(n_columns), np.zeros(n_columns, np.int64)
    distinct = np.empty(n_columns, np.int32)
    degrees = np.zeros(first.size - 1, np.int64)
    n_entries = first[-1] - first[0]
    merged, copies = np.empty(n_entries, np.int32), np.empty(n_entries, np.uint16)
    n = 0
    for row in range(first.size - 1):
        begun = n
        for column in columns[first[row] : first[row + 1]]:
            add_bit(bits, column)
            counts[column] += 1
        for column in distinct[: take_bits(bits, distinct)]:
            while counts[column] > 0:
                merged[n] = column
                copies[n] = min(counts[column], MOST_COPIES)
                counts[column] -= copies[n]
                n += 1
        degrees[row] = n - begun
    return degrees, merged[:n], copies[:n]
