"""From what is to be recorded to where the compiled loop finds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tripartite.kernels.lanes import LANES
from tripartite.networks.engine.layout import Layout
from tripartite.networks.engine.rows import REFRACTORY, SIC, STATE
from tripartite.networks.engine.tables import Floats, Longs, Probes
from tripartite.networks.models.node_model import NodeModel
from tripartite.networks.network import Probe
from tripartite.networks.time_grid import TimeGrid

_NEVER = np.iinfo(np.int64).max


def row_of(model: NodeModel, variable: str) -> int:
    """Return the row of a workspace that holds a variable of a model."""
    if variable in model.State._fields:
        return STATE + model.State._fields.index(variable)
    if variable == "t_ref_remaining":
        return REFRACTORY
    return SIC  # I_SIC of neurons, SIC of astrocytes


@dataclass(frozen=True, kw_only=True, eq=False)
class Probing:
    """Entries of all probes, ordered by block, and the times of each probe in steps.

    Parameters
    ----------
    entries : dict of str to ndarray
        Columns ``first``, ``probe``, ``row``, ``lane``, ``column`` of `Probes`.
    times : int64 ndarray of shape (n_probes, 4)
        Interval, offset, start and stop of each probe.
    shapes : tuple of (int, int)
        Nodes and variables of each probe.
    scales : tuple of ndarray of shape (n_variables,)
        Factors on what the rows hold.
    """

    entries: dict[str, np.ndarray]
    times: Longs
    shapes: tuple[tuple[int, int], ...]
    scales: tuple[Floats, ...]

    @classmethod
    def of(cls, probes: Sequence[Probe], layout: Layout, grid: TimeGrid) -> Probing:
        """Return where the compiled loop finds what probes sample.

        Parameters
        ----------
        probes : sequence of Probe
            What is recorded.
        layout : Layout
            Where the nodes lie.
        grid : TimeGrid
            Time grid of the network.
        """
        table, times = [np.empty((0, 4), dtype=np.int64)], np.empty((len(probes), 4), np.int64)
        for number, probe in enumerate(probes):
            times[number] = [_steps(time, grid) for time in _times(probe)]
            first = 0
            for population, chosen in probe.nodes.parts:
                lanes = layout.first_lane[population.number] + chosen
                for k, variable in enumerate(probe.variables):
                    row = row_of(population.model, variable)  # type: ignore[arg-type]
                    columns = (first + np.arange(len(chosen))) * len(probe.variables) + k
                    same = np.ones_like(lanes)
                    table.append(np.stack([lanes, same * number, same * row, columns], axis=1))
                first += len(chosen)
        entries = np.concatenate(table)
        entries = entries[np.argsort(entries[:, 0] // LANES, kind="stable")]
        counts = np.bincount(entries[:, 0] // LANES, minlength=layout.n_blocks)
        return cls(
            entries={
                "first": np.concatenate([[0], np.cumsum(counts)]),
                "probe": entries[:, 1].astype(np.int32),
                "row": entries[:, 2].astype(np.int32),
                "lane": (entries[:, 0] % LANES).astype(np.int32),
                "column": np.ascontiguousarray(entries[:, 3]),
            },
            times=times,
            shapes=tuple((len(probe.nodes), len(probe.variables)) for probe in probes),
            scales=tuple(_scales(probe.variables, grid) for probe in probes),
        )

    def between(self, first: int, last: int) -> tuple[Probes, list[Longs]]:
        """Return room for the samples of a stretch of time, and their steps for each probe.

        Parameters
        ----------
        first, last : int
            Steps; samples are taken after `first` and not after `last`.
        """
        steps, begins, first_samples, size = [], [], [], 0
        for (interval, offset, start, stop), (n_nodes, n_variables) in zip(
            self.times, self.shapes, strict=True
        ):
            after = max(first, start, offset - 1)
            number = max(-(-(after + 1 - offset) // interval), 0)
            taken = offset + interval * np.arange(
                number, (min(last, stop) - offset) // interval + 1
            )
            steps.append(taken)
            begins.append(size)
            first_samples.append(number)
            size += len(taken) * n_nodes * n_variables
        widths = [n_nodes * n_variables for n_nodes, n_variables in self.shapes]
        room = Probes(
            interval=np.ascontiguousarray(self.times[:, 0]),
            offset=np.ascontiguousarray(self.times[:, 1]),
            start=np.ascontiguousarray(self.times[:, 2]),
            stop=np.ascontiguousarray(self.times[:, 3]),
            width=np.array(widths, dtype=np.int64),
            begin=np.array(begins, dtype=np.int64),
            first_sample=np.array(first_samples, dtype=np.int64),
            values=np.empty(size),
            **self.entries,
        )
        return room, steps

    def samples(
        self, room: Probes, steps: list[Longs], reached: int
    ) -> tuple[tuple[Longs, Floats], ...]:
        """Return for each probe the steps and the values up to a step that was reached.

        Parameters
        ----------
        room : Probes
            As `between` returned it, filled.
        steps : list of int64 ndarray
            Steps of the samples.
        reached : int
            Last step that was run.
        """
        taken = []
        for begin, own, (n_nodes, n_variables), scale in zip(
            room.begin, steps, self.shapes, self.scales, strict=True
        ):
            own = own[own <= reached]
            size = len(own) * n_nodes * n_variables
            values = room.values[begin : begin + size].reshape(len(own), n_nodes, n_variables)
            taken.append((own, values * scale))
        return tuple(taken)

    @property
    def per_step(self) -> float:
        """Mean number of values that are sampled at a step."""
        return sum(n * k / t[0] for (n, k), t in zip(self.shapes, self.times, strict=True))


def _scales(variables: Sequence[str], grid: TimeGrid) -> Floats:
    """Return the factors on variables: the time that is left is kept in steps."""
    in_steps = [variable == "t_ref_remaining" for variable in variables]
    return np.where(in_steps, grid.resolution_ms, 1.0)


def _times(probe: Probe) -> tuple[float, float, float, float]:
    return probe.interval_ms, probe.offset_ms, probe.start_ms, probe.stop_ms


def _steps(time_ms: float, grid: TimeGrid) -> int:
    return grid.steps(time_ms, name="times of probes") if np.isfinite(time_ms) else _NEVER
