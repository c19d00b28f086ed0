"""Each pair of nodes with a probability."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripartite.networks.rules._checks import check_probability
from tripartite.networks.rules._independent_pairs import connect_pairs
from tripartite.networks.rules.rule import AbstractRule

if TYPE_CHECKING:
    from tripartite.networks.edges import Edges
    from tripartite.networks.rules.rule import Sides


@dataclass(frozen=True)
class PairwiseBernoulli(AbstractRule):
    """Connects each pair of a source with a target with a probability, independently.

    Parameters
    ----------
    p : float
        Probability, from 0 to 1.
    autapses : bool, optional
        Whether nodes may be connected to themselves.

    Raises
    ------
    InputError
        If `p` is not a probability.

    Examples
    --------
    >>> from tripartite.networks.random_streams import Purpose, RandomStream
    >>> stream = RandomStream(seed=1, purpose=Purpose.CONNECTIONS)
    >>> PairwiseBernoulli(0.5).realise(100, 100, stream=stream).n_connections
    4986
    """

    p: float
    autapses: bool = True

    def __post_init__(self) -> None:
        check_probability(self.p)

    def _connect(self, sides: Sides) -> Edges:
        # With so many points in a target, none fall there with the probability 1 - p.
        points = math.inf if self.p == 1 else -math.log1p(-self.p)
        return connect_pairs(points, sides, autapses=self.autapses, multapses=False)
