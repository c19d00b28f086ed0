"""Connections of each source that is connected to every target independently."""

from __future__ import annotations

import numpy as np
from numba import njit

from tripartite.kernels.compiling import compiled
from tripartite.kernels.elementary import log
from tripartite.kernels.random import Stream, uniform_pair

# Gaps are drawn some at a time: the logarithms of so many are a loop of vector instructions.
_GAPS = 64


@compiled
def skip_along_rows(
    stream: Stream,
    begin: int,
    mean_gap: float,
    multapses: bool,
    skipped: np.ndarray,
    n_columns: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns that are hit in each row by points at exponential distances.

    The points are a Poisson process along the row, of ``1 / mean_gap`` points per column. Each
    point is a connection with `multapses`; without, each column with any points is one connection,
    which has the probability ``1 - exp(-1 / mean_gap)``, and the next point is looked for in the
    columns that follow.

    Parameters
    ----------
    stream : tuple of uint64
        Names the numbers; those of a row are drawn for its number.
    begin : int
        Number of the first row.
    mean_gap : float
        Mean distance of points (columns), not negative, finite.
    multapses : bool
        Whether a column can be hit more than once.
    skipped : int32 ndarray of shape (n_rows,)
        Column of each row that is never hit; negative for none.
    n_columns : int
        Columns in a row.

    Returns
    -------
    degrees : int64 ndarray of shape (n_rows,)
        Connections in each row.
    columns : int32 ndarray
        Columns that were hit, row by row, ascending in a row.
    """
    degrees = np.zeros(skipped.size, np.int64)
    columns = np.empty(1024, np.int32)
    gaps = np.empty(_GAPS)
    n = 0
    for row in range(skipped.size):
        begun = n
        position, ordinal = 0.0, 0
        while position < n_columns:
            _fill_gaps(stream, begin + row, ordinal, mean_gap, gaps)
            ordinal += _GAPS // 2
            if n + _GAPS > columns.size:
                longer = np.empty(2 * columns.size, np.int32)
                longer[:n] = columns[:n]
                columns = longer
            for gap in gaps:
                position = position + gap if multapses else position + np.floor(gap)
                if position >= n_columns:
                    break
                columns[n] = np.int32(position)
                n += columns[n] != skipped[row]
                position += 0.0 if multapses else 1.0
        degrees[row] = n - begun
    return degrees, columns[:n]


@njit
def _fill_gaps(stream: Stream, row: int, ordinal: int, mean_gap: float, gaps: np.ndarray) -> None:
    for i in range(_GAPS // 2):
        u, v = uniform_pair(stream, row, ordinal + i)
        gaps[2 * i] = -log(1.0 - u) * mean_gap
        gaps[2 * i + 1] = -log(1.0 - v) * mean_gap
