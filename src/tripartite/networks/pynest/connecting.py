"""Making connections: ``Connect`` and ``TripartiteConnect``."""

# ruff: noqa: N802 - the names are those of NEST

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tripartite.networks.devices.device import Device
from tripartite.networks.edges import Edges
from tripartite.networks.models.parrot import Parrot
from tripartite.networks.parameters import Model
from tripartite.networks.projection import Projection
from tripartite.networks.pynest._kernel import kernel
from tripartite.networks.pynest.conn_specs import (
    TRIPARTITE,
    Pairs,
    primary_rule,
    rule_name,
    split_tripartite,
    third_rule,
)
from tripartite.networks.pynest.connection_table import Where
from tripartite.networks.pynest.errors import (
    BadParameter,
    BadProperty,
    BadType,
    DimensionMismatch,
    IllegalConnection,
    did_you_mean,
    raised_as,
    unsupported,
)
from tripartite.networks.pynest.node_collection import NodeCollection
from tripartite.networks.pynest.recorder_links import (
    connect_meters,
    connect_recorders,
    weight_recorder_of,
)
from tripartite.networks.pynest.recorder_models import Multimeter, Recorder
from tripartite.networks.pynest.syn_specs import SynSpec, spread, syn_spec_of
from tripartite.networks.pynest.synapse_collection import SynapseCollection
from tripartite.networks.pynest.synapse_values import with_values
from tripartite.networks.realisation import realise
from tripartite.networks.rules.rule import AbstractRule
from tripartite.networks.synapses.tsodyks import Tsodyks
from tripartite.networks.third_factor import ThirdFactor

# Gives the values of an array for each connection, from its name and the connections.
_Spread = Callable[[np.ndarray, str, Edges], np.ndarray]


@dataclass(frozen=True, kw_only=True)
class _Ends:
    """What is connected, by which rule."""

    pre: NodeCollection
    post: NodeCollection
    rule: AbstractRule
    spread: _Spread


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
    with kernel.timed("time_construction_connect"):
        synapses = syn_spec_of(syn_spec)
        ends = _ends(pre, post, conn_spec)
        parts = _connect(ends, synapses)
    return SynapseCollection.of(parts) if return_synapsecollection else None


def TripartiteConnect(
    pre: NodeCollection,
    post: NodeCollection,
    third: NodeCollection,
    conn_spec: Any,
    third_factor_conn_spec: Any = None,
    syn_specs: Mapping[str, Any] | None = None,
) -> None:
    """Connect neurons, with astrocytes that take part in the connections.

    Both spellings are understood: that of NEST 3.7 with one rule, tripartite_bernoulli_with_pool,
    and that of later versions with a rule for the primary connections and one for the third factor.

    Parameters
    ----------
    pre, post, third : NodeCollection
        Sources, targets and astrocytes.
    conn_spec : str or dict
        Rule of the primary connections, or of all.
    third_factor_conn_spec : dict, optional
        Rule of the third factor.
    syn_specs : dict, optional
        Synapses of the connections ``primary`` (pre to post), ``third_in`` (pre to third) and
        ``third_out`` (third to post); static_synapse where one is missing, which astrocytes cannot
        send by.

    Raises
    ------
    NESTErrors.KernelException
        If the nodes cannot be connected this way.

    Examples
    --------
    >>> import tripartite.networks.pynest as nest
    >>> nest.ResetKernel()
    >>> neurons = nest.Create("aeif_cond_alpha_astro", 10)
    >>> astrocytes = nest.Create("astrocyte_lr_1994", 5)
    >>> nest.TripartiteConnect(
    ...     neurons, neurons, astrocytes,
    ...     conn_spec={"rule": "tripartite_bernoulli_with_pool", "p_primary": 1.0, "pool_size": 2},
    ...     syn_specs={"third_out": "sic_connection"},
    ... )
    >>> len(nest.GetConnections(neurons, neurons)), len(nest.GetConnections(astrocytes, neurons))
    (100, 100)
    """
    for nodes in (pre, post, third):
        if not isinstance(nodes, NodeCollection):
            raise BadType("TripartiteConnect must be given NodeCollections", type(nodes).__name__)
        if not len(nodes):
            raise IllegalConnection("There must be nodes to connect", got="an empty NodeCollection")
    with kernel.timed("time_construction_connect"):
        if rule_name(conn_spec) == TRIPARTITE:
            # The third specification did not exist then, and the synapses stood in its place.
            syn_specs = syn_specs or third_factor_conn_spec
            rule, pools = split_tripartite(conn_spec, len(third))
        else:
            rule, pools = primary_rule(conn_spec), third_rule(third_factor_conn_spec, len(third))
        synapses = _tripartite_synapses(syn_specs or {})
        factor = ThirdFactor(
            kernel.nodes(third.ids), pools, synapses[1].synapse, synapses[2].synapse
        )
        ends = _Ends(pre=pre, post=post, rule=rule, spread=_no_arrays)
        _connect_in_network(ends, synapses, factor)


def _tripartite_synapses(syn_specs: Mapping[str, Any]) -> list[SynSpec]:
    roles = ("primary", "third_in", "third_out")
    if not isinstance(syn_specs, Mapping):
        raise BadType("syn_specs must be a dictionary", got=type(syn_specs).__name__)
    for key in syn_specs:
        if key not in roles:
            raise BadProperty(
                f"syn_specs must have the keys {', '.join(roles)}",
                repr(key),
                did_you_mean(key, roles),
            )
    synapses = [syn_spec_of(syn_specs.get(role)) for role in roles]
    for role, each in zip(roles, synapses, strict=True):
        if each.arrays:
            raise BadParameter(
                "Tripartite connections must have numbers or random parameters as values",
                got=f"a list for {', '.join(each.arrays)} of {role}",
            )
    return synapses


def _ends(pre: Any, post: Any, conn_spec: Any) -> _Ends:
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
        return _Ends(
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

    return _Ends(
        pre=NodeCollection(sources), post=NodeCollection(targets), rule=Pairs(s, t), spread=in_order
    )


def _ids(nodes: Any) -> np.ndarray:
    if isinstance(nodes, NodeCollection):
        return nodes.ids
    ids = np.asarray(nodes)
    if ids.ndim != 1 or (ids.size and ids.dtype.kind not in "iu"):
        raise BadType("Nodes must be a NodeCollection, or a list of ids", got=repr(nodes))
    return ids.astype(np.int64)


def _no_arrays(array: np.ndarray, of: str, edges: Edges) -> np.ndarray:
    raise AssertionError(of)


def _connect(ends: _Ends, synapses: SynSpec) -> list[Where]:
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
    return _connect_in_network(ends, [synapses], None)


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


def _connect_in_network(
    ends: _Ends, synapses: list[SynSpec], third: ThirdFactor | None
) -> list[Where]:
    network = kernel.network
    recorders = [each.recorder and weight_recorder_of(each.recorder) for each in synapses]
    with raised_as(IllegalConnection):
        connection = network.connect(
            kernel.nodes(ends.pre.ids),
            kernel.nodes(ends.post.ids),
            ends.rule,
            synapses[0].synapse,
            third=third,
        )
    try:
        with raised_as(BadProperty):
            drawn = realise(connection, network.seed, network.grid, kernel.n_threads)
            parts = [
                _finished(part, each, ends.spread)
                for part, each in zip(drawn, synapses, strict=True)
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


def _finished(part: Projection, asked: SynSpec, spread_out: _Spread) -> Projection:
    """Give connections the values that come as arrays, and the name of their model."""
    if asked.arrays:
        edges = part.edges.expand()
        values = {name: spread_out(array, name, edges) for name, array in asked.arrays.items()}
        part = with_values(part, values)
    return replace(part, label=asked.named.name)
