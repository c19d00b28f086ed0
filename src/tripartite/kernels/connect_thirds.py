"""Third factors of the connections that are chosen to have one."""

from __future__ import annotations

import numpy as np

from tripartite.kernels.compiling import compiled
from tripartite.kernels.random import Stream, fill_uniform


@compiled
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
    thirds, chosen_targets : int32 ndarray
        Third factor and target of each chosen connection, by source.
    """
    pool_size, is_shared = pools.shape[1], pools.shape[0] == 1
    # A connection that is not chosen is overwritten by the next: there must be room for the last.
    thirds = np.empty(first[-1] - first[0] + 1, np.int32)
    chosen_targets = np.empty(thirds.size, np.int32)
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
            member = int(uniforms[2 * i + 1] * pool_size)
            thirds[n] = pools[0 if is_shared else target, member]
            chosen_targets[n] = target
            n += uniforms[2 * i] < p
        chosen[row + 1] = n
    return chosen, thirds[:n], chosen_targets[:n]
