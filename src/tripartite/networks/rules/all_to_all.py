"""Every source to every target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tripartite.networks.edges import Edges
from tripartite.networks.rules.rule import AbstractRule

if TYPE_CHECKING:
    from tripartite.networks.rules.rule import Sides


@dataclass(frozen=True)
class AllToAll(AbstractRule):
    """Connects every source to every target.

    Parameters
    ----------
    autapses : bool, optional
        Whether nodes are connected to themselves.
    """

    autapses: bool = True

    def _connect(self, sides: Sides) -> Edges:
        skipped = sides.find_skipped_targets(self.autapses)
        is_skipped = skipped >= 0
        targets = np.tile(np.arange(sides.n_post, dtype=np.int32), sides.n_pre)
        if is_skipped.any():
            rows = np.flatnonzero(is_skipped)
            targets = np.delete(targets, rows * sides.n_post + skipped[rows])
        degrees = sides.n_post - is_skipped.astype(np.int64)
        return Edges.from_rows([degrees], [targets], n_post=sides.n_post)
