"""Connections that always have the same strength."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tripartite.networks.synapses.synapse import Synapse


@dataclass(frozen=True, kw_only=True)
class Static(Synapse):
    """Connection of constant strength (``static_synapse`` of NEST).

    Examples
    --------
    >>> Static(weight=2.0).delay_ms
    1.0
    """

    model_name: ClassVar[str] = "static_synapse"
