"""What a stretch of simulated time gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tripartite.networks.engine.tables import Floats, Longs


class Deliveries(NamedTuple):
    """Spikes at connections: ids of both ends, steps of the spikes, and weights they had there."""

    sources: Longs
    targets: Longs
    steps: Longs
    weights: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Chunk:
    """What was recorded in a stretch of time.

    Parameters
    ----------
    first, last : int
        Steps; the stretch is after `first` and up to `last`.
    spike_ids, spike_steps : int64 ndarray of shape (n_spikes,)
        Ids of the nodes and steps of their spikes, ordered by step, then id.
    samples : tuple of (int64 ndarray, ndarray)
        For each probe of the network, steps of shape (n_times,) and values of shape (n_times,
        n_nodes, n_variables).
    deliveries : tuple of Deliveries
        Spikes at the connections of each entry of ``network.weighed``.
    """

    first: int
    last: int
    spike_ids: Longs
    spike_steps: Longs
    samples: tuple[tuple[Longs, Floats], ...]
    deliveries: tuple[Deliveries, ...] = ()
