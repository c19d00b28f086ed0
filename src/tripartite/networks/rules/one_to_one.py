"""Each source to the target at its position."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tripartite.errors import InputError
from tripartite.networks.edges import Edges
from tripartite.networks.rules.rule import AbstractRule

if TYPE_CHECKING:
    from tripartite.networks.rules.rule import Sides


@dataclass(frozen=True)
class OneToOne(AbstractRule):
    """Connects each source to the target at the same position.

    Parameters
    ----------
    autapses : bool, optional
        Whether nodes are connected to themselves.
    """

    autapses: bool = True

    def _connect(self, sides: Sides) -> Edges:
        if sides.n_pre != sides.n_post:
            raise InputError(
                "One to one must have as many sources as targets",
                got=f"{sides.n_pre} sources and {sides.n_post} targets",
                do="Connect slices of equal length, e.g. pre[:10] with post[:10]",
            )
        positions = np.arange(sides.n_pre, dtype=np.int32)
        kept = positions != sides.find_skipped_targets(self.autapses)
        return Edges.from_rows([kept.astype(np.int64)], [positions[kept]], n_post=sides.n_post)
