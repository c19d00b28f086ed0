"""What a run recorded, as a `Recording`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pynapple as nap

from tripartite.core.provenance import Provenance
from tripartite.core.recording import Recording
from tripartite.networks.engine.chunk import Chunk
from tripartite.networks.network import Network
from tripartite.networks.nodes import Nodes, Population
from tripartite.networks.projection import Projection

#: Units of what can be recorded.
UNITS = {
    "V_m": "mV",
    "g_ex": "nS",
    "g_in": "nS",
    "w": "pA",
    "I_SIC": "pA",
    "IP3": "uM",
    "Ca_astro": "uM",
    "h_IP3R": "1",
    "SIC": "pA",
}


class Collector:
    """Keeps the chunks of a run in memory.

    Parameters
    ----------
    network : Network
        The network that runs.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.chunks: list[Chunk] = []

    def add(self, chunk: Chunk) -> None:
        """Keep a chunk.

        Parameters
        ----------
        chunk : Chunk
            What was recorded next.
        """
        self.chunks.append(chunk)

    def spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and steps of all spikes, ordered by step, then id."""
        ids = [chunk.spike_ids for chunk in self.chunks]
        steps = [chunk.spike_steps for chunk in self.chunks]
        empty = np.empty(0, dtype=np.int64)
        return np.concatenate([*ids, empty]), np.concatenate([*steps, empty])

    def samples(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the steps and the values of a probe.

        Parameters
        ----------
        number : int
            Which probe of the network.

        Returns
        -------
        steps : int64 ndarray of shape (n_times,)
            Steps.
        values : ndarray of shape (n_times, n_nodes, n_variables)
            Values.
        """
        parts = [chunk.samples[number] for chunk in self.chunks]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def recording_of(
    network: Network,
    collected: Any,
    n_steps: int,
    *,
    engine: str,
    precision: str,
    connections: list[dict[str, Any]] | None = None,
) -> Recording:
    """Return what was collected as a record.

    Parameters
    ----------
    network : Network
        The network that was run.
    collected : Collector
        What was recorded: has the methods ``spikes()`` and ``samples(number)``.
    n_steps : int
        Length of the run.
    engine, precision : str
        What it was run with.
    connections : list of dict, optional
        What is known of connections that the engine drew itself.
    """
    duration = float(network.grid.seconds(n_steps))
    support = nap.IntervalSet(start=0.0, end=duration)
    metadata: dict[str, Any] = {
        "description": "simulated network",
        "engine": engine,
        "precision": precision,
        "resolution_ms": network.resolution_ms,
        "duration": duration,
        "populations": {each.name: each.size for each in network.populations},
    }
    signals = {}
    for number, probe in enumerate(network.probes):
        steps, values = collected.samples(number)
        times = network.grid.seconds(steps)
        first = 0
        for population, chosen in probe.nodes.parts:
            columns = slice(first, first + len(chosen))
            first += len(chosen)
            for k, variable in enumerate(probe.variables):
                name = _free_name(f"{population.name}_{variable}", signals)
                signals[name] = nap.TsdFrame(
                    t=times,
                    d=np.ascontiguousarray(values[:, columns, k]),
                    columns=population.first_id + chosen,
                    time_support=support,
                )
                metadata[f"{name}_unit"] = UNITS.get(variable, "")
    return Recording(
        source="simulated",
        spikes=_spikes(network, collected.spikes(), support),
        signals=signals,
        metadata=metadata,
        truth=truth_of(network, connections),
        provenance=Provenance.collect(
            parameters={
                "duration": duration,
                "resolution_ms": network.resolution_ms,
                "engine": engine,
                "precision": precision,
            },
            seed=network.seed,
        ),
    )


def truth_of(network: Network, connections: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Return what is known about a network: populations, parameters and connections.

    Parameters
    ----------
    network : Network
        Any network.
    connections : list of dict, optional
        What is known of connections that an engine drew itself; without, those of the network.

    Returns
    -------
    dict
        ``seed``; ``populations``, by name; ``connections``, a list with, for each kind of
        connection, its ends, model, values and edges (``first`` and ``targets``: the targets of
        source i of ``pre`` are positions ``targets[first[i] : first[i + 1]]`` in ``post``).
    """
    if connections is None:
        connections = [_connections(each) for each in network.projections()]
    return {
        "seed": network.seed,
        "populations": {each.name: _described(each) for each in network.populations},
        "connections": connections,
    }


def _described(population: Population) -> dict[str, Any]:
    values = population.model.nest_values().items()
    return {
        "model": population.model.model_name,
        "size": population.size,
        "first_id": population.first_id,
        "parameters": {name: _plain(value) for name, value in values},
    }


def _connections(projection: Projection) -> dict[str, Any]:
    edges = projection.edges
    described = {
        "pre": _named(projection.pre),
        "post": _named(projection.post),
        "role": projection.role,
        "synapse": projection.synapse.model_name,
        "n_connections": projection.n_connections,
        "first": edges.first,
        "targets": edges.targets,
        **{name: _plain(value) for name, value in projection.values.items()},
    }
    for name, value in (("copies", edges.copies), ("pools", projection.pools)):
        if value is not None:
            described[name] = value
    return described


def _named(nodes: Nodes) -> dict[str, Any]:
    return {population.name: chosen for population, chosen in nodes.parts}


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | np.ndarray) else str(value)


def _free_name(name: str, taken: dict[str, Any]) -> str:
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def _spikes(
    network: Network, spikes: tuple[np.ndarray, np.ndarray], support: nap.IntervalSet
) -> nap.TsGroup | None:
    """Return the spikes of all nodes that were recorded, the silent ones too."""
    ids, steps = spikes
    recorded = list(network.recorded_spikes())
    nodes = np.unique(np.concatenate([each.ids for each in recorded])) if recorded else []
    if not len(nodes):
        return None
    order = np.argsort(ids, kind="stable")
    times = network.grid.seconds(steps[order])
    bounds = np.searchsorted(ids[order], np.append(nodes, nodes[-1] + 1))
    trains = {
        int(node): nap.Ts(t=times[begin:end], time_support=support)
        for node, begin, end in zip(nodes, bounds[:-1], bounds[1:], strict=True)
    }
    starts = [each.first_id for each in network.populations]
    which = np.searchsorted(starts, nodes, side="right") - 1
    names = [network.populations[k].name for k in which]
    table = pd.DataFrame({"population": names}, index=np.asarray(nodes))
    return nap.TsGroup(trains, time_support=support, metadata=table)
