"""Third nodes that take part in connections between two others."""

from __future__ import annotations

from dataclasses import dataclass, field

from tripartite.core.checks import check_type
from tripartite.networks.nodes import Nodes
from tripartite.networks.rules.third_factor import ThirdFactorPool
from tripartite.networks.synapses.sic import Sic
from tripartite.networks.synapses.static import Static
from tripartite.networks.synapses.synapse import Synapse


@dataclass(frozen=True, eq=False)
class ThirdFactor:
    """Astrocytes that listen to the sources of connections and act on their targets.

    Parameters
    ----------
    nodes : Nodes
        The astrocytes.
    rule : ThirdFactorPool
        Which of them takes part in which connection.
    third_in, third_out : Synapse
        Connections from the sources to them, and from them to the targets.
    """

    nodes: Nodes
    rule: ThirdFactorPool = field(default_factory=ThirdFactorPool)
    third_in: Synapse = field(default_factory=Static)
    third_out: Synapse = field(default_factory=Sic)

    def __post_init__(self) -> None:
        check_type(self.nodes, Nodes, name="nodes")
        check_type(self.rule, ThirdFactorPool, name="rule")
        for name in ("third_in", "third_out"):
            check_type(getattr(self, name), Synapse, name=name)
