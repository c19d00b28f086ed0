"""Connections of devices that record, which the network does not need to know of."""

from __future__ import annotations

import numpy as np

from tripartite.networks.devices.device import Device
from tripartite.networks.edges import Edges
from tripartite.networks.models.node_model import NodeModel
from tripartite.networks.projection import Projection
from tripartite.networks.pynest._kernel import kernel
from tripartite.networks.pynest.connection_table import Where
from tripartite.networks.pynest.errors import (
    BadProperty,
    IllegalConnection,
    raised_as,
    unsupported,
)
from tripartite.networks.pynest.node_collection import NodeCollection
from tripartite.networks.pynest.node_groups import RecorderGroup
from tripartite.networks.pynest.recorders import (
    MeterNode,
    RecorderNode,
    SpikeRecorderNode,
    WeightRecorderNode,
)
from tripartite.networks.pynest.syn_specs import SynSpec
from tripartite.networks.pynest.values import per_item
from tripartite.networks.rules.rule import AbstractRule


def connect_meters(
    meters: NodeCollection, nodes: NodeCollection, rule: AbstractRule, synapses: SynSpec
) -> Where:
    """Let multimeters sample nodes.

    Parameters
    ----------
    meters, nodes : NodeCollection
        The multimeters, and what they sample.
    rule : AbstractRule
        Which samples which.
    synapses : SynSpec
        What the script asked of the connections.

    Returns
    -------
    tuple
        Where the connections are, as in `SynapseCollection`.
    """
    edges = _edges(meters, nodes, rule)
    for k, meter_id in enumerate(meters.ids):
        targets = np.unique(edges.targets[edges.first[k] : edges.first[k + 1]])
        meter = _recorder(meter_id)
        assert isinstance(meter, MeterNode)
        if len(targets):
            with raised_as(IllegalConnection):
                meter.connect(kernel.network, kernel.nodes(nodes.ids[targets]))
    return _link(meters, nodes, edges, synapses)


def connect_recorders(
    nodes: NodeCollection, recorders: NodeCollection, rule: AbstractRule, synapses: SynSpec
) -> Where:
    """Let recorders hear the spikes of nodes.

    Parameters
    ----------
    nodes, recorders : NodeCollection
        What is heard, and the recorders.
    rule : AbstractRule
        Which hears which.
    synapses : SynSpec
        What the script asked of the connections.

    Returns
    -------
    tuple
        Where the connections are, as in `SynapseCollection`.
    """
    _check_spikes(nodes)
    edges = _edges(nodes, recorders, rule)
    sources, targets = edges.pairs()
    for k, recorder_id in enumerate(recorders.ids):
        recorder = _recorder(recorder_id)
        if not isinstance(recorder, SpikeRecorderNode):
            raise IllegalConnection(_ADVICE[type(recorder)], got=repr(recorders))
        heard = nodes.ids[sources[targets == k]]
        recorder.listen(heard)
        kernel.network.record_spikes(kernel.nodes(np.unique(heard)))
    return _link(nodes, recorders, edges, synapses)


def weight_recorder_of(recorder: object) -> WeightRecorderNode:
    """Return the recorder that a synapse model names.

    Parameters
    ----------
    recorder : NodeCollection
        The weight recorder.
    """
    if isinstance(recorder, NodeCollection) and len(recorder) == 1:
        node = _recorder(recorder.ids[0])
        if isinstance(node, WeightRecorderNode):
            return node
    raise BadProperty("weight_recorder must be one weight_recorder", got=repr(recorder))


def _recorder(node_id: np.int64) -> RecorderNode | None:
    ((group, indices, _),) = kernel.split(np.array([node_id]))
    return group.recorders[indices[0]] if isinstance(group, RecorderGroup) else None


_ADVICE: dict[type, str] = {
    MeterNode: "Multimeters must be connected as Connect(multimeter, neuron)",
    WeightRecorderNode: "Weight recorders must be named by a synapse model, with CopyModel",
}


def _check_spikes(nodes: NodeCollection) -> None:
    for group, _, _ in kernel.split(nodes.ids):
        model = group.named.cls
        if issubclass(model, NodeModel) and not model.spikes:
            raise IllegalConnection("Nodes must spike to be recorded", got=group.named.name)
        if issubclass(model, Device) and model.gives != "spikes":
            raise unsupported(
                f"a spike_recorder of {group.named.name}",
                do="Put a parrot_neuron between, and record that",
            )


def _edges(pre: NodeCollection, post: NodeCollection, rule: AbstractRule) -> Edges:
    with raised_as(BadProperty):
        return rule.realise(len(pre), len(post), stream=kernel.next_stream())


def _link(pre: NodeCollection, post: NodeCollection, edges: Edges, synapses: SynSpec) -> Where:
    values = synapses.synapse.nest_values()
    kernel.links.append(
        Projection(
            number=len(kernel.links),
            role="primary",
            pre=kernel.nodes(pre.ids),
            post=kernel.nodes(post.ids),
            edges=edges,
            synapse=type(synapses.synapse),
            values=per_item(values, edges.n_connections),
            label=synapses.named.name,
        )
    )
    return ("links", len(kernel.links) - 1, 0)
