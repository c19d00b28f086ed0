"""Connections that exist: edges between nodes, with the values of their synapses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tripartite.networks.edges import Edges
from tripartite.networks.nodes import Nodes
from tripartite.networks.parameters import Floats
from tripartite.networks.synapses.synapse import Synapse

Role = Literal["primary", "third_in", "third_out"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Projection:
    """The realised connections of one synapse model from one selection of nodes to another.

    Parameters
    ----------
    number : int
        Which call of `Network.connect` made it.
    role : {"primary", "third_in", "third_out"}
        Neuron to neuron (or any other pair), neuron to third factor, third factor to neuron.
    pre, post : Nodes
        Nodes at both ends.
    edges : Edges
        Positions in `pre` and `post`.
    synapse : type of Synapse
        Model of the connections.
    values : mapping of str to float or ndarray of shape (n_entries,)
        Its parameters and initial states by NEST's names (``delay`` in ms, a multiple of the
        resolution); an array where entries of `edges` differ.
    pools : int32 ndarray of shape (n_post, pool_size), optional
        For third factors, the pool of each target; None where it is all of them.
    label : str
        Name of the synapse model, where it is a named variant of it.
    """

    number: int
    role: Role
    pre: Nodes
    post: Nodes
    edges: Edges
    synapse: type[Synapse]
    values: Mapping[str, float | Floats]
    pools: NDArray[np.int32] | None = None
    label: str = ""

    @property
    def n_connections(self) -> int:
        """Number of connections, with those that one entry of `edges` stands for."""
        return self.edges.n_connections

    def ids(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the ids of the source and the target of each connection.

        Returns
        -------
        sources, targets : int64 ndarray of shape (n_connections,)
            Ids, ordered by source, then target.
        """
        sources, targets = self.edges.pairs()
        return self.pre.ids[sources], self.post.ids[targets]

    def value(self, name: str) -> Floats:
        """Return one parameter of each connection.

        Parameters
        ----------
        name : str
            Name in NEST.

        Returns
        -------
        ndarray of shape (n_connections,)
            Values in the order of `ids`.
        """
        values = np.asarray(self.values[name], dtype=float)
        if values.ndim == 0:
            return np.full(self.n_connections, float(values))
        copies = self.edges.copies
        return values if copies is None else np.repeat(values, copies)

    def replace(self, **changes: Any) -> Projection:
        """Return the projection with some parts exchanged."""
        return replace(self, **changes)
