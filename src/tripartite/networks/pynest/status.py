"""The older way to ask and set: ``GetStatus`` and ``SetStatus``; and ``GetNodes``."""

# ruff: noqa: N802 - the names are those of NEST

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tripartite.networks.pynest._kernel import kernel
from tripartite.networks.pynest.errors import BadType
from tripartite.networks.pynest.node_collection import NodeCollection
from tripartite.networks.pynest.synapse_collection import SynapseCollection
from tripartite.networks.pynest.values import given_out, is_list

Collection = NodeCollection | SynapseCollection


def GetStatus(nodes_or_conns: Collection, keys: Any = None, output: str = "") -> Any:
    """Return what nodes or connections have.

    Parameters
    ----------
    nodes_or_conns : NodeCollection or SynapseCollection
        Whose.
    keys : str or list of str, optional
        Names; all without.
    output : {"", "pandas", "json"}
        Form.

    Returns
    -------
    tuple
        One value for each node or connection; for several names one tuple for each, without names
        one dictionary.
    """
    _check(nodes_or_conns)
    each = list(nodes_or_conns)
    if keys is None:
        rows = tuple(item.get() for item in each)
        return given_out({"status": rows}, range(len(rows)), output) if output else rows
    if output:
        return nodes_or_conns.get([keys] if isinstance(keys, str) else keys, output=output)
    if isinstance(keys, str):
        values = nodes_or_conns.get(keys)
        return (values,) if len(each) == 1 else tuple(values)
    columns = [GetStatus(nodes_or_conns, key) for key in keys]
    return tuple(zip(*columns, strict=True))


def SetStatus(nodes_or_conns: Collection, params: Any, val: Any = None) -> None:
    """Give nodes or connections other values.

    Parameters
    ----------
    nodes_or_conns : NodeCollection or SynapseCollection
        Whose.
    params : dict, list of dict, or str
        Values by name, for all or for each, or one name.
    val : object, optional
        Value for one name, or a list of values.
    """
    _check(nodes_or_conns)
    if not isinstance(params, str):
        nodes_or_conns.set(params)
    elif is_list(val) and len(nodes_or_conns) > 1:
        nodes_or_conns.set([{params: value} for value in val])
    else:
        nodes_or_conns.set({params: val})


def _check(what: Any) -> None:
    if not isinstance(what, NodeCollection | SynapseCollection):
        raise BadType(
            "Nodes or connections must be given as a collection",
            got=repr(what),
            do="Use nest.NodeCollection(ids) for a list of ids",
        )


def GetNodes(
    properties: Mapping[str, Any] | None = None, local_only: bool = False
) -> NodeCollection:
    """Return all nodes, or those that have given values.

    Parameters
    ----------
    properties : dict, optional
        Values by name.
    local_only : bool
        Whether only nodes of this process are meant, which are all.

    Examples
    --------
    >>> import tripartite.networks.pynest as nest
    >>> nest.ResetKernel()
    >>> _ = nest.Create("parrot_neuron", 2) + nest.Create("spike_recorder")
    >>> nest.GetNodes({"model": "parrot_neuron"}).tolist()
    [1, 2]
    """
    ids = [np.empty(0, dtype=np.int64)]
    for group in kernel.groups:
        indices = np.arange(group.size)
        for name, wanted in (properties or {}).items():
            values = group.get(name, indices) if name in group.known() else []
            indices = indices[[value == wanted for value in values]] if values else indices[:0]
        ids.append(group.first_id + indices)
    return NodeCollection(np.concatenate(ids))
