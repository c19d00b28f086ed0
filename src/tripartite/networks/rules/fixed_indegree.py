"""The same number of connections to each target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tripartite.networks.edges import Edges
from tripartite.networks.rules._checks import check_count, check_degree
from tripartite.networks.rules._fixed_degree import draw_samples
from tripartite.networks.rules._groups import group_by_row
from tripartite.networks.rules.rule import AbstractRule

if TYPE_CHECKING:
    from tripartite.networks.rules.rule import Sides


@dataclass(frozen=True)
class FixedIndegree(AbstractRule):
    """Connects each target to the same number of sources, drawn uniformly.

    Parameters
    ----------
    indegree : int
        Connections of each target.
    autapses : bool, optional
        Whether nodes may be connected to themselves.
    multapses : bool, optional
        Whether a source may be drawn more than once for the same target.

    Raises
    ------
    InputError
        If `indegree` is not a whole number, or more than can be drawn.
    """

    indegree: int
    autapses: bool = True
    multapses: bool = True

    def __post_init__(self) -> None:
        check_count("indegree", self.indegree)

    def _connect(self, sides: Sides) -> Edges:
        skipped = sides.find_skipped_sources(self.autapses)
        check_degree("indegree", self.indegree, skipped, sides.n_pre, self.multapses)
        sources = draw_samples(
            self.indegree,
            skipped,
            sides.n_pre,
            multapses=self.multapses,
            stream=sides.stream,
            n_threads=sides.n_threads,
        )
        targets = np.repeat(np.arange(sides.n_post, dtype=np.int32), self.indegree)
        first, grouped = group_by_row(sources.ravel(), targets, sides.n_pre, sides.n_threads)
        return Edges(first=first, targets=grouped, n_post=sides.n_post)
