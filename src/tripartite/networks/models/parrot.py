"""Nodes that repeat each spike that they receive."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from tripartite.networks.models.node_model import NodeModel

State = namedtuple("State", "")
Constants = namedtuple("Constants", "")


@dataclass(frozen=True, kw_only=True)
class Parrot(NodeModel):
    """Repeater: a spike that arrives is sent on at once (``parrot_neuron`` of NEST).

    Weights of connections to it are without effect.

    Examples
    --------
    >>> Parrot().model_name
    'parrot_neuron'
    """

    model_name: ClassVar[str] = "parrot_neuron"
    kind: ClassVar[str] = "parrot"
    State: ClassVar[Any] = State
    Constants: ClassVar[Any] = Constants

    @classmethod
    def constants(cls, values: Mapping[str, Any], resolution_ms: float) -> Mapping[str, Any]:
        """Return nothing: there are no constants; see `NodeModel.constants`."""
        return {}
