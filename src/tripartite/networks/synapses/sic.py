"""Connections that carry the slow inward current of astrocytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tripartite.networks.synapses.synapse import Synapse


@dataclass(frozen=True, kw_only=True)
class Sic(Synapse):
    """Connection from an astrocyte to a neuron (``sic_connection`` of NEST).

    Examples
    --------
    >>> Sic(weight=0.01).carries_sic
    True
    """

    model_name: ClassVar[str] = "sic_connection"
    carries_sic: ClassVar[bool] = True
