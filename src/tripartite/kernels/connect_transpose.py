"""Connections that are listed by row, listed by column."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def count_columns(columns: np.ndarray, n_columns: int) -> np.ndarray:
    """Return how often each column occurs.

    Parameters
    ----------
    columns : int32 ndarray
        Columns.
    n_columns : int
        How many there are.

    Returns
    -------
    int64 ndarray of shape (n_columns,)
    """
    counts = np.zeros(n_columns, np.int64)
    for column in columns:
        counts[column] += 1
    return counts


@njit(cache=True, nogil=True)
def scatter_rows(
    first: np.ndarray,
    begin: int,
    columns: np.ndarray,
    copies: np.ndarray,
    places: np.ndarray,
    transposed: tuple[np.ndarray, np.ndarray],
) -> None:
    """Put each entry of some rows where it belongs in a list by column.

    Parameters
    ----------
    first : int64 ndarray of shape (n_rows + 1,)
        Where each of the rows begins in `columns`.
    begin : int
        Number of the first row.
    columns : int32 ndarray
        Columns of all rows.
    copies : uint16 ndarray
        What goes with each entry; may be empty.
    places : int64 ndarray of shape (n_columns,)
        Where the next entry of each column belongs. Moves on.
    transposed : tuple of an int32 and a uint16 ndarray
        Row and copies of each entry, by column; are filled.
    """
    rows, copies_by_column = transposed
    for row in range(first.size - 1):
        for entry in range(first[row], first[row + 1]):
            place = places[columns[entry]]
            places[columns[entry]] += 1
            rows[place] = begin + row
            if copies.size:
                copies_by_column[place] = copies[entry]
