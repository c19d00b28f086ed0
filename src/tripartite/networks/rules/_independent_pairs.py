"""Connections of pairs that know nothing of one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tripartite.kernels.connect_rows import skip_along_rows
from tripartite.networks.edges import Edges
from tripartite.networks.rules._ranges import work_on_ranges

if TYPE_CHECKING:
    from tripartite.networks.rules.rule import Sides


def connect_pairs(points: float, sides: Sides, *, autapses: bool, multapses: bool) -> Edges:
    """Return the pairs in which the points of a Poisson process fall.

    Parameters
    ----------
    points : float
        Mean number of points in a pair; may be infinite without multapses.
    sides : Sides
        What is connected.
    autapses : bool
        Whether nodes may be connected to themselves.
    multapses : bool
        Whether each point is a connection, rather than each pair with any.
    """
    if points == 0:
        return Edges.from_keys(np.empty(0, np.int64), sides.n_pre, sides.n_post)
    skipped, words = sides.find_skipped_targets(autapses), sides.stream.words
    mean_gap = min(1 / points, 1e300)  # an infinite one times a logarithm of 0 is no number

    def connect(begin: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        rows = skipped[begin:end]
        return skip_along_rows(words, begin, mean_gap, multapses, rows, sides.n_post)

    degrees, targets = zip(*work_on_ranges(connect, sides.n_pre, sides.n_threads), strict=True)
    return Edges.from_rows(degrees, targets, n_post=sides.n_post)
