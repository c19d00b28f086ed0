"""From the synapses that scripts specify to models of this library and values for connections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tripartite.networks.distributions import Distribution
from tripartite.networks.edges import Edges
from tripartite.networks.pynest._kernel import kernel
from tripartite.networks.pynest.errors import (
    BadDelay,
    BadParameter,
    BadProperty,
    BadType,
    UnknownReceptorType,
    raised_as,
    unsupported,
)
from tripartite.networks.pynest.models import NamedModel, check_names
from tripartite.networks.pynest.values import is_list
from tripartite.networks.synapses.synapse import Synapse

# The arrays that a rule takes: how their axes are called.
_SHAPES = {
    "all_to_all": ("n_targets", "n_sources"),
    "one_to_one": ("n_connections",),
    "fixed_total_number": ("n_connections",),
    "fixed_indegree": ("n_targets", "indegree"),
    "fixed_outdegree": ("n_sources", "outdegree"),
}


@dataclass(frozen=True, kw_only=True)
class SynSpec:
    """What a script asked of connections.

    Parameters
    ----------
    named : NamedModel
        Model of the connections.
    synapse : Synapse
        The model with all values that are not arrays.
    arrays : mapping of str to ndarray
        Values that differ between connections, by the names of NEST.
    recorder : object, optional
        Collection with the weight recorder.
    """

    named: NamedModel
    synapse: Synapse
    arrays: Mapping[str, np.ndarray]
    recorder: Any = None


def syn_spec_of(spec: Any) -> SynSpec:
    """Return what a script asks of connections.

    Parameters
    ----------
    spec : str, dict or None
        Name of a model, or a dictionary with ``synapse_model`` and values.
    """
    if spec is None or isinstance(spec, str):
        spec = {"synapse_model": spec or "static_synapse"}
    if not isinstance(spec, Mapping):
        raise BadType("syn_spec must be a name or a dictionary", got=type(spec).__name__)
    given = {k: v for k, v in spec.items() if k != "synapse_model"}
    named = kernel.models.synapse(spec.get("synapse_model", "static_synapse"))
    if "synapse_label" in given:
        raise unsupported("synapse_label", do="Make a named model with CopyModel")
    check_names(given, named.known(), f"parameters of {named.name}")
    values = {**named.defaults, **given}
    if values.pop("receptor_type", 0) != 0:
        raise UnknownReceptorType("receptor_type must be 0", got=spec.get("receptor_type"))
    recorder = values.pop("weight_recorder", None)
    arrays = {name: np.asarray(value) for name, value in values.items() if is_list(value)}
    plain = {name: value for name, value in values.items() if name not in arrays}
    if "delay" in values:
        check_delays(values["delay"])
    with raised_as(BadProperty, named.name):
        synapse = named.cls.from_nest(plain)
    assert isinstance(synapse, Synapse)
    if recorder is not None and synapse.carries_sic:
        raise unsupported(f"a weight_recorder of {named.name}", do="Record I_SIC of the neurons")
    return SynSpec(named=named, synapse=synapse, arrays=arrays, recorder=recorder)


def check_delays(delays: Any) -> None:
    """Raise an error unless delays lie on the grid of time and within what was set or run.

    Parameters
    ----------
    delays : float, ndarray or Distribution
        Delays (ms); those that are drawn are rounded to the grid later.
    """
    if isinstance(delays, Distribution):
        return
    if np.asarray(delays).dtype.kind not in "iuf":
        raise BadType("Delays must be numbers", got=repr(delays))
    with raised_as(BadDelay):
        kernel.network.grid.steps(delays, name="delay", least=1)
    bounds = kernel.settings["delay_bounds"]
    if bounds is not None and (np.min(delays) < bounds[0] or np.max(delays) > bounds[1]):
        raise BadDelay(
            f"Delays must be from min_delay {bounds[0]:g} to max_delay {bounds[1]:g} ms",
            got=f"{np.min(delays):g} to {np.max(delays):g} ms",
        )


def spread(array: np.ndarray, name: str, rule: str, edges: Edges) -> np.ndarray:
    """Return the entry of an array that belongs to each connection.

    Parameters
    ----------
    array : ndarray
        Values in the shape that the rule takes.
    name : str
        What they are values of.
    rule : str
        Name of the rule.
    edges : Edges
        The connections.

    Returns
    -------
    ndarray of shape (n_connections,)
        By source, then target.
    """
    axes = _SHAPES.get(rule)
    if axes is None or array.ndim != len(axes) or array.dtype.kind not in "iufb":
        takes = f"an array of shape ({', '.join(axes)})" if axes else "no arrays"
        raise BadType(
            f"{name} must be a number, or fit the rule {rule}, which takes {takes}",
            got=f"an array of shape {array.shape}",
        )
    sources, targets = edges.pairs()
    places, shape = {
        "all_to_all": ((targets, sources), (edges.n_post, edges.n_pre)),
        "one_to_one": ((sources,), (edges.n_pre,)),
        "fixed_total_number": ((np.arange(len(sources)),), (len(sources),)),
        "fixed_indegree": (
            (targets, _ranks(targets)),
            (edges.n_post, len(sources) // max(edges.n_post, 1)),
        ),
        "fixed_outdegree": (
            (sources, _ranks(sources)),
            (edges.n_pre, len(sources) // max(edges.n_pre, 1)),
        ),
    }[rule]
    if array.shape != shape:
        raise BadParameter(
            f"{name} must have the shape {shape} ({', '.join(axes)})", got=array.shape
        )
    return array[places]


def _ranks(groups: np.ndarray) -> np.ndarray:
    """Return how many earlier entries each entry has in its group."""
    order = np.argsort(groups, kind="stable")
    counts = np.bincount(groups)
    ranks = np.empty(len(groups), dtype=np.int64)
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    ranks[order] = np.arange(len(groups)) - starts
    return ranks
