"""Third factors of the connections that are chosen to have one."""

from __future__ import annotations

import numpy as np
from numba import njit

from tripartite.kernels.bits import add_bit, make_bits, take_bits
from tripartite.kernels.random import Stream, fill_uniform

# One entry stands for at most so many connections.
MOST_COPIES = 65535


@njit(cache=True, nogil=True)
def choose_thirds(
    stream: Stream,
    begin: int,
    first: np.ndarray,
    targets: np.ndarray,
    p: float,
    pools: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the third factor of each connection that is chosen to have one.

    Parameters
    ----------
    stream : tuple of uint64
        Names the numbers; those of a source are drawn for its number.
    begin : int
        Number of the first source.
    first : int64 ndarray of shape (n_sources + 1,)
        Where the connections of each source begin in `targets`.
    targets : int32 ndarray
        Targets of all connections.
    p : float
        Probability that a connection is chosen.
    pools : int32 ndarray of shape (n_targets or 1, pool_size)
        Members of the pool of each target, or of the pool of all.

    Returns
    -------
    chosen : int64 ndarray of shape (n_sources + 1,)
        Where the chosen connections of each source begin.
    thirds : int32 ndarray
        Third factor of each chosen connection, by source.
    slots : int64 ndarray
        ``target * pool_size + member`` of each chosen connection.
    """
    pool_size, is_shared = pools.shape[1], pools.shape[0] == 1
    # A connection that is not chosen is overwritten by the next: there must be room for the last.
    slots = np.empty(first[-1] - first[0] + 1, np.int64)
    thirds = np.empty(slots.size, np.int32)
    chosen = np.zeros(first.size, np.int64)
    longest = 0
    for row in range(first.size - 1):
        longest = max(longest, first[row + 1] - first[row])
    uniforms = np.empty(2 * longest)
    n = 0
    for row in range(first.size - 1):
        degree = first[row + 1] - first[row]
        fill_uniform(stream, begin + row, uniforms[: 2 * degree])
        for i in range(degree):
            target = targets[first[row] + i]
            member = np.int64(uniforms[2 * i + 1] * pool_size)
            slots[n] = np.int64(target) * pool_size + member
            thirds[n] = pools[0 if is_shared else target, member]
            n += uniforms[2 * i] < p
        chosen[row + 1] = n
    return chosen, thirds[:n], slots[:n]


@njit(cache=True, nogil=True)
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
        Columns, row by row; more than once where they occur more than `MOST_COPIES` times.
    copies : uint16 ndarray
        How often each occurs.
    """
    bits, counts = make_bits(n_columns), np.zeros(n_columns, np.int64)
    distinct = np.empty(n_columns, np.int32)
    degrees = np.zeros(first.size - 1, np.int64)
    merged, copies = np.empty(columns.size, np.int32), np.empty(columns.size, np.uint16)
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
