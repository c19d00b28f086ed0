"""A random number of connections between each pair of nodes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripartite.errors import InputError
from tripartite.networks.rules._independent_pairs import connect_pairs
from tripartite.networks.rules.rule import AbstractRule

if TYPE_CHECKING:
    from tripartite.networks.edges import Edges
    from tripartite.networks.rules.rule import Sides


@dataclass(frozen=True)
class PairwisePoisson(AbstractRule):
    """Connects each pair of a source with a target a Poisson-distributed number of times.

    Parameters
    ----------
    mean : float
        Mean number of connections of a pair.
    autapses : bool, optional
        Whether nodes may be connected to themselves.
    multapses : bool, optional
        Whether more than one connection of a pair is kept; without, a pair is connected with the
        probability ``1 - exp(-mean)``.

    Raises
    ------
    InputError
        If the mean is negative or not finite.
    """

    mean: float
    autapses: bool = True
    multapses: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.mean < math.inf:
            raise InputError(
                "The mean number of connections must be finite and not negative",
                got=self.mean,
                do="Pass e.g. mean=0.5",
            )

    def _connect(self, sides: Sides) -> Edges:
        return connect_pairs(self.mean, sides, autapses=self.autapses, multapses=self.multapses)
