"""Each pair of nodes with a probability, in both directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tripartite.errors import InputError
from tripartite.networks.edges import Edges
from tripartite.networks.rules._checks import check_probability
from tripartite.networks.rules.pairwise_bernoulli import PairwiseBernoulli
from tripartite.networks.rules.rule import AbstractRule

if TYPE_CHECKING:
    from tripartite.networks.rules.rule import Sides


@dataclass(frozen=True)
class SymmetricPairwiseBernoulli(AbstractRule):
    """Connects pairs of nodes of one population in both directions, with a probability.

    No node is connected to itself.

    Parameters
    ----------
    p : float
        Probability, from 0 to 1.
    multapses : bool, optional
        Whether each pair has two chances, one in each order of its nodes, so that it can be
        connected twice, which is what NEST does; without, each pair has one.

    Raises
    ------
    InputError
        If `p` is not a probability.
    """

    p: float
    multapses: bool = True

    def __post_init__(self) -> None:
        check_probability(self.p)

    def _connect(self, sides: Sides) -> Edges:
        n = sides.n_pre
        if n != sides.n_post or sides.selves is None or (sides.selves != np.arange(n)).any():
            raise InputError(
                "Symmetric connections must be within one selection of nodes",
                got=f"{n} sources and {sides.n_post} targets that are not the same nodes",
                do="Pass the same nodes as pre and post",
            )
        one_way = PairwiseBernoulli(self.p, autapses=False)
        sources, targets = one_way._connect(sides).pairs()
        if not self.multapses:
            is_kept = sources < targets
            sources, targets = sources[is_kept], targets[is_kept]
        keys = np.concatenate([sources * n + targets, targets * n + sources])
        return Edges.from_keys(keys, n, n)
