"""What weight recorders record: the weight that each spike carries over each connection.

The weights follow from the spikes of the sources alone, so they are repeated here from what the
engine hands out, and the engine is not slowed down by recorders that few networks have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tripartite.networks.projection import Projection
from tripartite.networks.synapses.tsodyks import Tsodyks, release
from tripartite.networks.time_grid import TimeGrid

_CONSTANTS = ("U", "tau_psc", "tau_rec", "tau_fac")
_STATE = ("x", "y", "u")


class DeliveredWeights:
    """The weights of the connections of a projection, spike by spike.

    Parameters
    ----------
    part : Projection
        The connections.
    grid : TimeGrid
        Grid of the network.
    """

    def __init__(self, part: Projection, grid: TimeGrid) -> None:
        self._grid = grid
        self._values: Mapping[str, Any] = {}
        self._last_ms = np.zeros(part.n_connections)
        self._state = np.zeros((part.n_connections, len(_STATE)))
        self.take_up(part)

    def take_up(self, part: Projection) -> None:
        """Follow changes of the connections; what was not set stays as the spikes left it.

        Parameters
        ----------
        part : Projection
            The connections as they are now.
        """
        if self._values is part.values:
            return
        self._sources, self._targets = part.pre.ids, part.post.ids
        self._edges, self._weights = part.edges.expand(), part.value("weight")
        self._plastic = issubclass(part.synapse, Tsodyks)
        if self._plastic:
            for k, name in enumerate(_STATE):
                if part.values[name] is not self._values.get(name):
                    self._state[:, k] = part.value(name)
            self._constants = np.column_stack([part.value(name) for name in _CONSTANTS])
        self._values = part.values

    def deliver(self, ids: np.ndarray, steps: np.ndarray) -> dict[str, np.ndarray]:
        """Return what spikes deliver.

        Parameters
        ----------
        ids, steps : int64 ndarray of shape (n_spikes,)
            Ids of nodes, and stamps in steps, ascending.

        Returns
        -------
        dict of str to ndarray of shape (n_deliveries,)
            Columns ``senders``, ``targets``, ``steps``, ``places`` and ``weights``.
        """
        mine = np.isin(ids, self._sources)
        ids, steps = ids[mine], steps[mine]
        rows = np.searchsorted(self._sources, ids)
        first, edges = self._edges.first, self._edges
        lengths = first[rows + 1] - first[rows]
        places = np.repeat(first[rows] - np.cumsum(lengths) + lengths, lengths)
        places = places + np.arange(len(places))
        stamps = np.repeat(steps, lengths)
        weights = self._weights[places]
        if self._plastic:
            weights = weights * self._release(places, self._grid.times_ms(stamps))
        return {
            "senders": np.repeat(ids, lengths),
            "targets": self._targets[edges.targets[places]],
            "steps": stamps,
            "places": places,
            "weights": weights,
        }

    def _release(self, places: np.ndarray, times_ms: np.ndarray) -> np.ndarray:
        """Return the part of the weight that each delivery carries, and move the state on."""
        parts = np.empty(len(places))
        for k, (place, now) in enumerate(zip(places.tolist(), times_ms.tolist(), strict=True)):
            x, y, u = self._state[place].tolist()
            interval = now - self._last_ms[place]
            self._state[place], parts[k] = release((x, y, u), interval, *self._constants[place])
            self._last_ms[place] = now
        return parts
