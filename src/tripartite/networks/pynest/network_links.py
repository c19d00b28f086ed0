"""Connections that the network makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tripartite.networks.devices.device import Device
from tripartite.networks.edges import Edges
from tripartite.networks.projection import Projection
from tripartite.networks.pynest._kernel import kernel
from tripartite.networks.pynest.connection_table import Where
from tripartite.networks.pynest.errors import BadProperty, IllegalConnection, raised_as
from tripartite.networks.pynest.node_collection import NodeCollection
from tripartite.networks.pynest.recorder_links import weight_recorder_of
from tripartite.networks.pynest.syn_specs import SynSpec
from tripartite.networks.pynest.synapse_values import with_values
from tripartite.networks.realisation import check_sign, realise
from tripartite.networks.rules.rule import AbstractRule
from tripartite.networks.third_factor import ThirdFactor


@dataclass(frozen=True, kw_only=True)
class Ends:
    """What is connected, by which rule.

    Parameters
    ----------
    pre, post : NodeCollection
        Sources and targets.
    rule : AbstractRule
        Which of them are connected.
    spread : callable
        Gives the values of an array for each connection, from the array, its name and the
        connections.
    """

    pre: NodeCollection
    post: NodeCollection
    rule: AbstractRule
    spread: Callable[[np.ndarray, str, Edges], np.ndarray]


def connect_in_network(
    ends: Ends, synapses: list[SynSpec], third: ThirdFactor | None = None
) -> list[Where]:
    """Connect nodes in the network, with all that a script asked for, or leave it as it is.

    Parameters
    ----------
    ends : Ends
        What is connected.
    synapses : list of SynSpec
        What was asked of the connections: the primary ones, and those of the third factor.
    third : ThirdFactor, optional
        Third nodes that take part.

    Returns
    -------
    list of tuple
        Where the connections are.
    """
    network = kernel.network
    recorders = [each.recorder and weight_recorder_of(each.recorder) for each in synapses]
    pre, post = kernel.nodes(ends.pre.ids), kernel.nodes(ends.post.ids)
    with raised_as(BadProperty):
        check_sign(pre, post, synapses[0].synapse)
        if third is not None:
            check_sign(pre, third.nodes, third.third_in)
    with raised_as(IllegalConnection):
        connection = network.connect(
            pre,
            post,
            ends.rule,
            synapses[0].synapse,
            third=third,
        )
    try:
        with raised_as(BadProperty):
            drawn = realise(connection, network.seed, network.grid, kernel.n_threads)
            parts = [
                _finished(part, each, ends) for part, each in zip(drawn, synapses, strict=True)
            ]
    except BaseException:
        network.connections.pop()
        raise
    network.replace_projections({connection.number: tuple(parts)})
    for part, recorder in zip(parts, recorders, strict=True):
        if recorder and not isinstance(part.pre.populations[0].model, Device):
            network.record_weights(connection, part.role)
            recorder.weighed.append(network.weighed.index((connection.number, part.role)))
    return [("network", connection.number, k) for k in range(len(parts))]


def _finished(part: Projection, asked: SynSpec, ends: Ends) -> Projection:
    """Give connections the values that come as arrays, and the name of their model."""
    if asked.arrays:
        edges = part.edges.expand()
        values = {name: ends.spread(array, name, edges) for name, array in asked.arrays.items()}
        part = with_values(part, values)
    return replace(part, label=asked.named.name)
