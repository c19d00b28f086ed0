"""The same number of connections from each source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tripartite.networks.edges import Edges
from tripartite.networks.rules._checks import check_count, check_degree
from tripartite.networks.rules._fixed_degree import draw_samples
from tripartite.networks.rules.rule import AbstractRule

if TYPE_CHECKING:
    from tripartite.networks.rules.rule import Sides


@dataclass(frozen=True)
class FixedOutdegree(AbstractRule):
    """Connects each source to the same number of targets, drawn uniformly.

    Parameters
    ----------
    outdegree : int
        Connections of each source.
    autapses : bool, optional
        Whether nodes may be connected to themselves.
    multapses : bool, optional
        Whether a target may be drawn more than once for the same source.

    Raises
    ------
    InputError
        If `outdegree` is not a whole number, or more than can be drawn.
    """

    outdegree: int
    autapses: bool = True
    multapses: bool = True

    def __post_init__(self) -> None:
        check_count("outdegree", self.outdegree)

    def _connect(self, sides: Sides) -> Edges:
        skipped = sides.find_skipped_targets(self.autapses)
        check_degree("outdegree", self.outdegree, skipped, sides.n_post, self.multapses)
        targets = draw_samples(
            self.outdegree,
            skipped,
            sides.n_post,
            multapses=self.multapses,
            stream=sides.stream,
            n_threads=sides.n_threads,
        )
        first = np.arange(sides.n_pre + 1) * self.outdegree
        return Edges(first=first, targets=targets.ravel(), n_post=sides.n_post)
