"""Making connections that astrocytes take part in: ``TripartiteConnect``."""

from __future__ import annotations

# ruff: noqa: N802 - the names are those of NEST
from collections.abc import Mapping
from typing import Any

import numpy as np

from tripartite.networks.edges import Edges
from tripartite.networks.pynest._kernel import kernel
from tripartite.networks.pynest.conn_specs import (
    TRIPARTITE,
    primary_rule,
    rule_name,
    split_tripartite,
    third_rule,
)
from tripartite.networks.pynest.errors import (
    BadParameter,
    BadProperty,
    BadType,
    IllegalConnection,
    did_you_mean,
)
from tripartite.networks.pynest.network_links import Ends, connect_in_network
from tripartite.networks.pynest.node_collection import NodeCollection
from tripartite.networks.pynest.syn_specs import SynSpec, syn_spec_of
from tripartite.networks.third_factor import ThirdFactor


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
    with kernel.timers.add("time_construction_connect"):
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
        connect_in_network(Ends(pre=pre, post=post, rule=rule, spread=_refuse), synapses, factor)


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
    return [syn_spec_of(syn_specs.get(role)) for role in roles]


def _refuse(array: np.ndarray, name: str, edges: Edges) -> np.ndarray:
    raise BadParameter(
        "Tripartite connections must have numbers or random parameters as values",
        got=f"a list for {name}",
    )
