"""Room for what is recorded, and what became of it."""

from __future__ import annotations

import numpy as np

from tripartite.errors import SimulationError
from tripartite.networks.engine.chunk import Deliveries
from tripartite.networks.engine.layout import Layout
from tripartite.networks.engine.plan import Plan
from tripartite.networks.engine.tables import Axons, Longs, Recorded

# Bounds of what a chunk may hold: spikes at least, and deliveries at most.
_LEAST_SPIKES, _MOST_DELIVERIES = 200_000, 4_000_000


def make_room(plan: Plan, *, weighed: bool) -> Recorded:
    """Return room for what is recorded in a chunk.

    Parameters
    ----------
    plan : Plan
        What runs.
    weighed : bool
        Whether deliveries are recorded.
    """
    n_spikes = max(_LEAST_SPIKES, 4 * plan.n_threads * plan.emitted.source.shape[2])
    n_edges = _MOST_DELIVERIES if weighed else 0
    return Recorded(
        wanted=plan.wanted,
        n=np.zeros(3, dtype=np.int64),
        source=np.empty(n_spikes, dtype=np.int64),
        step=np.empty(n_spikes, dtype=np.int64),
        edge=np.empty(n_edges, dtype=np.int64),
        edge_step=np.empty(n_edges, dtype=np.int64),
        edge_axon=np.empty(n_edges, dtype=np.int64),
        edge_weight=np.empty(n_edges),
    )


def spikes_in(recorded: Recorded, layout: Layout) -> tuple[Longs, Longs]:
    """Return ids and steps of recorded spikes, ordered by step, then id.

    Parameters
    ----------
    recorded : Recorded
        What was recorded.
    layout : Layout
        Where the nodes lie.
    """
    sources, steps = recorded.source[: recorded.n[0]], recorded.step[: recorded.n[0]]
    ids = _ids(sources, layout)
    order = np.lexsort((ids, steps))
    return ids[order], steps[order]


def deliveries_in(
    recorded: Recorded, axons: Axons, layout: Layout, n_weighed: int
) -> tuple[Deliveries, ...]:
    """Return the recorded deliveries of each kind of connection that is weighed.

    Parameters
    ----------
    recorded : Recorded
        What was recorded.
    axons : Axons
        Connections.
    layout : Layout
        Where the nodes lie.
    n_weighed : int
        How many kinds are weighed.

    Raises
    ------
    SimulationError
        If there was not room for all.
    """
    if recorded.n[2]:
        raise SimulationError(
            f"Spikes at weighed connections must be fewer than {_MOST_DELIVERIES} per slice",
            got="more than can be recorded",
            do="Record the weights of fewer connections",
        )
    n = recorded.n[1]
    axon, edge = recorded.edge_axon[:n], recorded.edge[:n]
    copies = np.ones(n, dtype=np.int64)
    merged = axons.copies_at[axon] >= 0
    places = axons.copies_at[axon] + edge - axons.first_edge[axon]
    copies[merged] = axons.edge_copies[places[merged]]
    sources = np.searchsorted(axons.first_axon, axon, side="right") - 1
    parts = []
    for kind in range(n_weighed):
        here = axons.recorded[axon] == kind
        times = copies[here]
        parts.append(
            Deliveries(
                sources=_ids(np.repeat(sources[here], times), layout),
                targets=_ids(np.repeat(axons.edge_target[edge[here]], times), layout),
                steps=np.repeat(recorded.edge_step[:n][here], times),
                weights=np.repeat(recorded.edge_weight[:n][here], times),
            )
        )
    return tuple(parts)


def _ids(sources: np.ndarray, layout: Layout) -> Longs:
    return layout.ids_of(sources.astype(np.int64)) if len(sources) else np.empty(0, dtype=np.int64)
