"""Making nodes and models: ``Create``, ``CopyModel``, ``GetDefaults`` and ``SetDefaults``."""

# ruff: noqa: N802 - the names are those of NEST

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tripartite.networks.pynest._kernel import kernel
from tripartite.networks.pynest.errors import (
    BadParameterValue,
    BadType,
    UnknownKey,
    did_you_mean,
    unsupported,
)
from tripartite.networks.pynest.models import NamedModel
from tripartite.networks.pynest.node_collection import NodeCollection
from tripartite.networks.pynest.node_groups import group_class, shown
from tripartite.networks.pynest.values import given_out


def Create(model: str, n: int = 1, params: Any = None, positions: Any = None) -> NodeCollection:
    """Create nodes.

    Parameters
    ----------
    model : str
        Name of their model.
    n : int
        How many.
    params : dict, or list of dict, optional
        Values by name, for all nodes or for each: numbers, a list with one entry for each node, or
        a `nest.random` parameter.
    positions : None
        Positions are not supported.

    Raises
    ------
    NESTErrors.KernelException
        If the model or a parameter is unknown, or a value does not hold.

    Examples
    --------
    >>> import tripartite.networks.pynest as nest
    >>> nest.ResetKernel()
    >>> nest.Create("astrocyte_lr_1994", 3, {"IP3": [0.1, 0.2, 0.3], "delta_IP3": 0.5}).IP3
    (0.1, 0.2, 0.3)
    """
    if positions is not None:
        raise unsupported("positions of nodes")
    named = kernel.models.node(model)
    with kernel.timers.add("time_construction_create"):
        n_before = len(kernel.groups)
        ids = kernel.add_nodes(named, _size(n))
        try:
            nodes = NodeCollection(ids)
            for values in (named.defaults, params):
                if values:
                    nodes.set(values)
        except BaseException:
            kernel.remove_groups(n_before)
            raise
    return nodes


def _size(n: Any) -> int:
    if isinstance(n, bool) or not isinstance(n, (int, float, np.number)) or n != int(n):
        raise BadType("The number of nodes must be a whole number", got=repr(n))
    if n < 1:
        raise BadParameterValue("At least one node must be created", got=n)
    return int(n)


def CopyModel(existing: str, new: str, params: Mapping[str, Any] | None = None) -> None:
    """Make a variant of a model of nodes or connections.

    Parameters
    ----------
    existing, new : str
        Names of the model and of the variant.
    params : dict, optional
        Defaults of the variant that differ.
    """
    kernel.models.copy(existing, new, params or {})


def GetDefaults(model: str, keys: Any = None, output: str = "") -> Any:
    """Return the defaults of a model.

    Parameters
    ----------
    model : str
        Its name.
    keys : str or list of str, optional
        Names; all without.
    output : {"", "json"}
        Form.

    Examples
    --------
    >>> import tripartite.networks.pynest as nest
    >>> nest.GetDefaults("tsodyks_synapse", ["U", "tau_rec"])
    [0.5, 800.0]
    """
    named = kernel.models.any(model)
    values = {name: shown(value) for name, value in named.values().items()}
    defaults = dict(sorted((values | _facts(named)).items()))
    names = list(defaults) if keys is None else [keys] if isinstance(keys, str) else keys
    for name in names:
        if name not in defaults:
            raise UnknownKey(
                f"{model} must have what is asked for", repr(name), did_you_mean(name, defaults)
            )
    if output:
        return given_out({name: defaults[name] for name in names}, [0], output)
    if keys is None:
        return defaults
    return defaults[keys] if isinstance(keys, str) else [defaults[name] for name in keys]


def SetDefaults(model: str, params: Any, val: Any = None) -> None:
    """Change the defaults of a model, which nodes and connections made later have.

    Parameters
    ----------
    model : str
        Its name.
    params : dict or str
        Values by name, or one name.
    val : object, optional
        Value for one name.
    """
    kernel.models.set_defaults(model, {params: val} if isinstance(params, str) else params)


def _facts(named: NamedModel) -> dict[str, Any]:
    if named.is_synapse:
        n = sum(p.n_connections for p in kernel.all_connections() if p.label == named.name)
        facts = {"synapse_model": named.name, "num_connections": n, "has_delay": True}
        return {**facts, "element_type": "synapse", "requires_symmetric": False}
    group = group_class(named.cls)
    facts = {"model": named.name, "element_type": group.element_type, "frozen": False}
    recordables = getattr(named.cls, "recordables", ())
    return facts | ({"recordables": sorted(recordables)} if recordables else {})
