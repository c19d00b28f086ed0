"""A given number of connections in all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tripartite.errors import InputError
from tripartite.kernels.connect_samples import draw_pairs
from tripartite.networks.edges import Edges
from tripartite.networks.rules._checks import check_count
from tripartite.networks.rules.rule import AbstractRule

if TYPE_CHECKING:
    from tripartite.networks.rules.rule import Sides


@dataclass(frozen=True)
class FixedTotalNumber(AbstractRule):
    """Connects a given number of pairs of a source with a target, drawn uniformly.

    Parameters
    ----------
    n : int
        Connections in all.
    autapses : bool, optional
        Whether nodes may be connected to themselves.
    multapses : bool, optional
        Whether a pair may be drawn more than once.

    Raises
    ------
    InputError
        If `n` is not a whole number, or more than can be drawn.
    """

    n: int
    autapses: bool = True
    multapses: bool = True

    def __post_init__(self) -> None:
        check_count("n", self.n)

    def _connect(self, sides: Sides) -> Edges:
        skipped = sides.find_skipped_targets(self.autapses)
        rows = np.flatnonzero(skipped >= 0)
        forbidden = rows * sides.n_post + skipped[rows]
        n_allowed = sides.n_pre * sides.n_post - forbidden.size
        if self.n and n_allowed < (1 if self.multapses else self.n):
            raise InputError(
                "n must not exceed the number of pairs that can be connected",
                got=f"n={self.n} of {n_allowed} pairs",
                do="Lower it, or allow multapses or autapses",
            )
        if not self.multapses and 2 * self.n > n_allowed:
            # Where most pairs are drawn, those that are not are found faster.
            rest = _draw(n_allowed - self.n, sides, forbidden, distinct=True)
            is_drawn = np.ones(sides.n_pre * sides.n_post, bool)
            is_drawn[rest] = is_drawn[forbidden] = False
            keys = np.flatnonzero(is_drawn)
        else:
            keys = _draw(self.n, sides, forbidden, distinct=not self.multapses)
        return Edges.from_keys(keys, sides.n_pre, sides.n_post)


def _draw(n: int, sides: Sides, forbidden: np.ndarray, *, distinct: bool) -> np.ndarray:
    """Draw pairs until there are enough: those that do not count are drawn anew."""
    keys, n_drawn = np.empty(0, np.int64), 0
    while keys.size < n:
        fresh = np.empty(n - keys.size, np.int64)
        draw_pairs(sides.stream.words, n_drawn, sides.n_pre, sides.n_post, fresh)
        n_drawn += fresh.size
        if forbidden.size:
            fresh = fresh[~np.isin(fresh, forbidden)]
        if distinct:
            fresh.sort()
        keys = np.concatenate([keys, fresh])
        if distinct:
            # Two sorted parts are merged. np.unique would hash, which takes a minute for millions.
            keys.sort(kind="stable")
            keys = keys[np.diff(keys, prepend=-1) > 0]
    return keys
