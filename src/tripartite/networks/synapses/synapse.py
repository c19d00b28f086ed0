"""What all connections have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tripartite.networks.parameters import Model, parameter


@dataclass(frozen=True, kw_only=True)
class Synapse(Model):
    """Base of the models of connections.

    Parameters
    ----------
    weight : float, ndarray or Distribution
        Strength: nS for neurons, a factor on ``delta_IP3`` for astrocytes, pA per unit of the slow
        inward current, a factor on the amplitude of a current generator.
    delay_ms : float, ndarray or Distribution
        Time to the effect (ms), at least one step of the grid.
    """

    weight: float = parameter(1.0, "Strength of the connection.")
    delay_ms: float = parameter(1.0, "Time to the effect.", "ms", above=0)

    #: Whether it carries spikes (or currents of generators), or the current of astrocytes.
    carries_sic: ClassVar[bool] = False
