"""Values of connections: read and set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tripartite.networks.projection import Projection
from tripartite.networks.pynest._kernel import kernel
from tripartite.networks.pynest.errors import BadProperty, raised_as
from tripartite.networks.pynest.syn_specs import check_delays
from tripartite.networks.realisation import check_weights

#: What can be asked of connections besides the parameters of their models.
FACTS = ("source", "target", "synapse_model", "receptor", "target_thread")


def read(part: Projection, name: str, places: np.ndarray | None) -> np.ndarray:
    """Return what some connections have.

    Parameters
    ----------
    part : Projection
        Connections.
    name : str
        One of `FACTS` or a parameter by the name of NEST.
    places : int64 ndarray, optional
        Which connections, in the order of ``part.ids()``; without, all.

    Returns
    -------
    ndarray of shape (n_places,)
    """
    n = part.n_connections if places is None else len(places)
    if name == "synapse_model":
        return np.full(n, part.label or part.synapse.model_name, dtype=object)
    if name in FACTS[3:]:
        return np.zeros(n, dtype=np.int64)
    entries = entries_of(part, places)
    if name == "source":
        return part.pre.ids[np.searchsorted(part.edges.first, entries, side="right") - 1]
    if name == "target":
        return part.post.ids[part.edges.targets[entries]]
    values = np.asarray(_present(part).get(name, part.values[name]), dtype=float)
    return values[entries] if values.ndim else np.full(n, values)


def entries_of(part: Projection, places: np.ndarray | None) -> np.ndarray:
    """Return the entry of the edges that stands for each connection.

    Parameters
    ----------
    part : Projection
        Connections.
    places : int64 ndarray, optional
        Which connections; without, all.
    """
    copies = part.edges.copies
    places = np.arange(part.n_connections) if places is None else places
    return places if copies is None else np.searchsorted(np.cumsum(copies), places, side="right")


def _present(part: Projection) -> Mapping[str, Any]:
    """Return the state of plastic connections, where they have run."""
    return {} if kernel.simulation is None else kernel.simulation.synapse_values(part)


def places_between(
    part: Projection, sources: np.ndarray | None, targets: np.ndarray | None
) -> np.ndarray | None:
    """Return which connections start and end at some nodes; None for all.

    Parameters
    ----------
    part : Projection
        Connections.
    sources, targets : int64 ndarray, optional
        Ids; without, any.
    """
    rows = _found(part.pre.ids, sources)
    columns = _found(part.post.ids, targets)
    if rows.all() and columns.all():
        return None
    edges = part.edges
    first, degrees = edges.first[:-1][rows], np.diff(edges.first)[rows]
    entries = _ranges(first, degrees)
    entries = entries[columns[edges.targets[entries]]]
    if edges.copies is None:
        return entries
    ends = np.cumsum(edges.copies, dtype=np.int64)
    copies = edges.copies[entries].astype(np.int64)
    return _ranges(ends[entries] - copies, copies)


def _found(ids: np.ndarray, wanted: np.ndarray | None) -> np.ndarray:
    return np.ones(len(ids), dtype=bool) if wanted is None else np.isin(ids, wanted)


def _ranges(first: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return all whole numbers of ranges, one range after the other."""
    before = np.cumsum(lengths) - lengths
    return np.repeat(first - before, lengths) + np.arange(lengths.sum())


def with_values(part: Projection, values: Mapping[str, Any]) -> Projection:
    """Return connections with other values.

    Parameters
    ----------
    part : Projection
        Connections.
    values : mapping of str to float or ndarray of shape (n_connections,)
        New values by the names of NEST.
    """
    both = {**part.values, **values}
    check_delays(both["delay"])
    with raised_as(BadProperty, part.label or part.synapse.model_name):
        part.synapse.from_nest(both)
        check_weights(both["weight"], part.pre, part.post)
    expanded = part
    if any(np.ndim(value) for value in values.values()) and part.edges.copies is not None:
        old = {
            name: np.repeat(value, part.edges.copies) if np.ndim(value) else value
            for name, value in part.values.items()
        }
        expanded, both = replace(part, edges=part.edges.expand()), {**old, **values}
    return replace(expanded, values=both)
