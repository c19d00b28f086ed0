"""Connections in any order, brought into rows by threads."""

from __future__ import annotations

import numpy as np

from tripartite.kernels.connect_groups import count_rows, scatter
from tripartite.networks.rules._ranges import work_on_ranges


def group_by_row(
    rows: np.ndarray, columns: np.ndarray, n_rows: int, n_threads: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns of all entries, row by row, in the order of the entries within a row.

    Parameters
    ----------
    rows, columns : int32 ndarray of shape (n_entries,)
        Row and column of each entry.
    n_rows : int
        How many rows there are.
    n_threads : int
        Threads that share the work.

    Returns
    -------
    first : int64 ndarray of shape (n_rows + 1,)
        Where each row begins.
    grouped : int32 ndarray of shape (n_entries,)
        Columns.

    Examples
    --------
    >>> rows, columns = np.array([1, 0, 1], np.int32), np.array([7, 8, 9], np.int32)
    >>> first, grouped = group_by_row(rows, columns, 2, 1)
    >>> print(first, grouped)
    [0 1 3] [8 7 9]
    """

    def count(begin: int, end: int) -> tuple[int, np.ndarray]:
        return begin, count_rows(rows[begin:end], n_rows)

    begins, counts = zip(*work_on_ranges(count, rows.size, n_threads), strict=True)
    first = np.concatenate([[0], np.cumsum(np.sum(counts, axis=0))])
    # Entries of each part belong after those of the parts before it.
    places = dict(zip(begins, first[:-1] + np.cumsum(counts, axis=0) - counts, strict=True))
    grouped = np.empty(rows.size, np.int32)

    def fill(begin: int, end: int) -> None:
        scatter(rows[begin:end], columns[begin:end], places[begin], grouped)

    work_on_ranges(fill, rows.size, n_threads)
    return first, grouped
