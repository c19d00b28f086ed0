"""Third factors of connections, drawn from pools."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from tripartite.errors import InputError
from tripartite.kernels.connect_groups import merge_rows
from tripartite.kernels.connect_thirds import choose_thirds
from tripartite.networks.edges import Edges
from tripartite.networks.random_streams import Purpose
from tripartite.networks.rules._checks import check_count, check_probability
from tripartite.networks.rules._fixed_degree import draw_samples
from tripartite.networks.rules._groups import group_by_row
from tripartite.networks.rules._ranges import work_on_ranges

if TYPE_CHECKING:
    from tripartite.networks.random_streams import RandomStream


@dataclass(frozen=True, kw_only=True, eq=False)
class ThirdEdges:
    """The connections that third factors make.

    Parameters
    ----------
    third_in : Edges
        From sources to third factors; connections of the same pair are one entry with copies.
    third_out : Edges
        From third factors to targets, likewise.
    pools : int32 ndarray of shape (n_post, pool_size), optional
        Third factors that each target can have, ascending; without, all of them.
    """

    third_in: Edges
    third_out: Edges
    pools: np.ndarray | None


@dataclass(frozen=True)
class ThirdFactorPool:
    """Gives connections a third factor from the pool of their target.

    Each primary connection is chosen with a probability. The third factor of a chosen one is drawn
    uniformly from the pool of its target: the source is then connected to the third factor, and
    that to the target.

    Parameters
    ----------
    p : float, optional
        Probability that a primary connection has a third factor.
    pool_size : int, optional
        Third factors in each pool; without, all.
    pool_type : {"random", "block"}, optional
        Whether a pool is drawn from all third factors without replacement, or a block of them:
        with a `pool_size` of 1, targets share the third factors evenly, in order; with more, each
        target has the next `pool_size` third factors for itself.

    Raises
    ------
    InputError
        If `p` is not a probability, `pool_size` not a whole number above zero, or `pool_type` not
        one of the two.
    """

    p: float = 1.0
    pool_size: int | None = None
    pool_type: Literal["random", "block"] = "random"

    def __post_init__(self) -> None:
        check_probability(self.p)
        if self.pool_size is not None:
            check_count("pool_size", self.pool_size)
        if self.pool_type not in ("random", "block"):
            raise InputError(
                "pool_type must be 'random' or 'block'",
                got=repr(self.pool_type),
                do="Pass pool_type='random'",
            )

    def realise(
        self, primary: Edges, n_third: int, *, stream: RandomStream, n_threads: int = 1
    ) -> ThirdEdges:
        """Return the connections that the third factors of primary connections make.

        Parameters
        ----------
        primary : Edges
            Connections from sources to targets.
        n_third : int
            How many third factors there are.
        stream : RandomStream
            Names the random numbers, of which those for the purposes of third factors are drawn.
        n_threads : int, optional
            Threads that share the work; does not change the result.

        Raises
        ------
        InputError
            If the pools do not fit the numbers of targets and third factors.
        """
        pools = self.draw_pools(primary.n_post, n_third, stream=stream, n_threads=n_threads)
        table = np.arange(n_third, dtype=np.int32)[np.newaxis] if pools is None else pools
        words = stream.for_purpose(Purpose.THIRD_CHOICE).words
        primary = primary.expand()

        def choose(begin: int, end: int) -> tuple[np.ndarray, ...]:
            rows = primary.first[begin : end + 1]
            chosen, *pair = choose_thirds(words, begin, rows, primary.targets, self.p, table)
            return *merge_rows(chosen, pair[0], n_third), *pair

        parts = zip(*work_on_ranges(choose, primary.n_pre, n_threads), strict=True)
        degrees, merged, copies, thirds, targets = parts
        first, grouped = group_by_row(
            np.concatenate(thirds), np.concatenate(targets), n_third, n_threads
        )

        def merge(begin: int, end: int) -> tuple[np.ndarray, ...]:
            return merge_rows(first[begin : end + 1], grouped, primary.n_post)

        third_out = zip(*work_on_ranges(merge, n_third, n_threads), strict=True)
        return ThirdEdges(
            third_in=Edges.from_rows(degrees, merged, copies, n_post=n_third),
            third_out=Edges.from_rows(*third_out, n_post=primary.n_post),
            pools=pools,
        )

    def draw_pools(
        self, n_post: int, n_third: int, *, stream: RandomStream, n_threads: int = 1
    ) -> np.ndarray | None:
        """Return the third factors that each target can have.

        Parameters
        ----------
        n_post, n_third : int
            How many targets and third factors there are.
        stream : RandomStream
            Names the random numbers.
        n_threads : int, optional
            Threads that share the work; does not change the result.

        Returns
        -------
        int32 ndarray of shape (n_post, pool_size) or None
            Ascending in each row; None where each target can have any.

        Raises
        ------
        InputError
            If the pools do not fit the numbers of targets and third factors.

        Examples
        --------
        >>> from tripartite.networks.random_streams import RandomStream
        >>> stream = RandomStream(seed=1, purpose=Purpose.CONNECTIONS)
        >>> ThirdFactorPool(pool_size=2, pool_type="block").draw_pools(2, 4, stream=stream)
        array([[0, 1],
               [2, 3]], dtype=int32)
        """
        size = n_third if self.pool_size is None else int(self.pool_size)
        if not 1 <= size <= n_third:
            raise InputError(
                "pool_size must be from 1 to the number of third factors",
                got=f"pool_size={size} of {n_third}",
                do="Lower it, or make more third factors",
            )
        if self.pool_type == "block":
            return _make_blocks(size, n_post, n_third)
        if size == n_third:
            return None
        return draw_samples(
            size,
            np.full(n_post, -1, np.int32),
            n_third,
            multapses=False,
            stream=stream.for_purpose(Purpose.THIRD_POOLS),
            n_threads=n_threads,
        )


def _make_blocks(size: int, n_post: int, n_third: int) -> np.ndarray:
    if size == 1 and n_post % n_third == 0:
        return np.repeat(np.arange(n_third, dtype=np.int32), n_post // n_third)[:, np.newaxis]
    if size > 1 and n_post * size == n_third:
        return np.arange(n_third, dtype=np.int32).reshape(n_post, size)
    raise InputError(
        "Blocks must fit: with pool_size 1 the number of targets must be a multiple of that of "
        "third factors, with more targets times pool_size must be the number of third factors",
        got=f"pool_size={size}, {n_post} targets and {n_third} third factors",
        do="Pass another pool_size, or pool_type='random'",
    )
