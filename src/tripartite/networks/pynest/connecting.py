"""Making connections: ``Connect``."""

from __future__ import annotations

# ruff: noqa: N802 - the names are those of NEST
from typing import Any

import numpy as np

from tripartite.networks.devices.device import Device
from tripartite.networks.edges import Edges
from tripartite.networks.models.parrot import Parrot
from tripartite.networks.parameters import Model
from tripartite.networks.pynest._kernel import kernel
from tripartite.networks.pynest.conn_specs import Pairs, primary_rule, rule_name
from tripartite.networks.pynest.connection_table import Where
from tripartite.networks.pynest.errors import (
    BadParameter,
    BadType,
    DimensionMismatch,
    IllegalConnection,
    unsupported,
)
from tripartite.networks.pynest.network_links import Ends, connect_in_network
from tripartite.networks.pynest.node_collection import NodeCollection
from tripartite.networks.pynest.recorder_links import connect_meters, connect_recorders
from tripartite.networks.pynest.recorder_models import Multimeter, Recorder
from tripartite.networks.pynest.syn_specs import SynSpec, spread, syn_spec_of
from tripartite.networks.pynest.synapse_collection import SynapseCollection
from tripartite.networks.synapses.tsodyks import Tsodyks


def Connect(
    pre: Any,
    post: Any,
    conn_spec: Any = None,
    syn_spec: Any = None,
    return_synapsecollection: bool = False,
) -> SynapseCollection | None:
    """Connect nodes.

    Parameters
    ----------
    pre, post : NodeCollection, or list or array of int
        Sources and targets; a list of ids may be in any order, with repeats, for one_to_one.
    conn_spec : str or dict, optional
        Rule, with its parameters; by default all_to_all.
    syn_spec : str or dict, optional
        Synapse model, with ``weight``, ``delay`` and parameters: numbers, arrays in the shape that
        the rule takes, or `nest.random` parameters; by default static_synapse.
    return_synapsecollection : bool
        Whether to return the new connections.

    Raises
    ------
    NESTErrors.KernelException
        If the nodes cannot be connected this way.

    Examples
    --------
    >>> import tripartite.networks.pynest as nest
    >>> nest.ResetKernel()
    >>> neurons = nest.Create("iaf_cond_alpha", 10)
    >>> nest.Connect(
    ...     neurons, neurons, {"rule": "fixed_indegree", "indegree": 3}, {"weight": 2.0}
    ... )
    >>> nest.num_connections
    30
    """
    with kernel.timers.add("time_construction_connect"):
        synapses = syn_spec_of(syn_spec)
        ends = _ends(pre, post, conn_spec)
        parts = _connect(ends, synapses)
    return SynapseCollection.of(parts) if return_synapsecollection else None


def _ends(pre: Any, post: Any, conn_spec: Any) -> Ends:
    name = rule_name(conn_spec, default="all_to_all")
    rule = primary_rule(conn_spec)
    both = [_ids(pre), _ids(post)]
    if all(np.all(np.diff(ids) > 0) for ids in both):
        if name == "one_to_one" and len(both[0]) != len(both[1]):
            raise DimensionMismatch(
                "one_to_one must have as many sources as targets",
                got=f"{len(both[0])} and {len(both[1])}",
            )
        sides = [
            each if isinstance(each, NodeCollection) else NodeCollection(each)
            for each in (pre, post)
        ]
        return Ends(
            pre=sides[0],
            post=sides[1],
            rule=rule,
            spread=lambda array, of, edges: spread(array, of, name, edges),
        )
    if name != "one_to_one" or len(both[0]) != len(both[1]):
        raise BadParameter(
            "Lists of ids that are not ascending or have repeats must be of equal length and"
            " connected one_to_one",
            got=f"{len(both[0])} and {len(both[1])} ids and {name}",
        )
    (sources, s), (targets, t) = (np.unique(ids, return_inverse=True) for ids in both)
    order = np.argsort(s * len(targets) + t, kind="stable")

    def in_order(array: np.ndarray, of: str, edges: Edges) -> np.ndarray:
        if array.shape != (len(order),):
            raise BadParameter(f"{of} must have one value for each of {len(order)}", array.shape)
        return array[order]

    return Ends(
        pre=NodeCollection(sources), post=NodeCollection(targets), rule=Pairs(s, t), spread=in_order
    )


def _ids(nodes: Any) -> np.ndarray:
    if isinstance(nodes, NodeCollection):
        return nodes.ids
    ids = np.asarray(nodes)
    if ids.ndim != 1 or (ids.size and ids.dtype.kind not in "iu"):
        raise BadType("Nodes must be a NodeCollection, or a list of ids", got=repr(nodes))
    return ids.astype(np.int64)


def _connect(ends: Ends, synapses: SynSpec) -> list[Where]:
    for nodes in (ends.pre, ends.post):
        if not len(nodes):
            raise IllegalConnection("There must be nodes to connect", got="an empty NodeCollection")
    sources, targets = (_models(nodes) for nodes in (ends.pre, ends.post))
    if any(issubclass(model, Multimeter) for model in sources):
        _check_all(sources, Multimeter)
        return [connect_meters(ends.pre, ends.post, ends.rule, synapses)]
    if any(issubclass(model, Recorder) for model in sources):
        raise IllegalConnection(
            "Recorders of spikes must be connected as Connect(neuron, recorder)",
            got=f"sources {ends.pre!r}",
        )
    if any(issubclass(model, Recorder) for model in targets):
        _check_all(targets, Recorder)
        return [connect_recorders(ends.pre, ends.post, ends.rule, synapses)]
    _check_devices(sources, targets, synapses)
    return connect_in_network(ends, [synapses])


def _models(nodes: NodeCollection) -> set[type[Model]]:
    return {group.named.cls for group, _, _ in kernel.split(nodes.ids)}


def _check_all(models: set[type[Model]], kind: type[Model]) -> None:
    if not all(issubclass(model, kind) for model in models):
        raise unsupported(
            "devices that record together with other nodes in one Connect",
            do="Connect them in calls of their own",
        )


def _check_devices(sources: set[type[Model]], targets: set[type[Model]], synapses: SynSpec) -> None:
    devices = [model for model in sources if issubclass(model, Device)]
    if devices and isinstance(synapses.synapse, Tsodyks):
        raise IllegalConnection(
            "Generators must be connected by static synapses",
            got=f"{devices[0].model_name} by {synapses.named.name}",
            do="Put a parrot_neuron between",
        )
    if Parrot in targets and any(each.gives in ("current", "noise") for each in devices):
        raise IllegalConnection(
            "Currents must not end at a parrot_neuron", got=devices[0].model_name
        )
