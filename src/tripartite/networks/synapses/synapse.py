"""What all connections have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tripartite.networks.parameters import Model, parameter


@dataclass(frozen=True, kw_only=True)
class Synapse(Model):
    """Base of the models of connections."""

    weight: float = parameter(1.0, "Strength of the connection.")
    delay_ms: float = parameter(1.0, "Time to the effect.", "ms", above=0)

    #: Whether it carries spikes (or currents of generators), or the current of astrocytes.
    carries_sic: ClassVar[bool] = False
