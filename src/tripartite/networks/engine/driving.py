"""From devices to what they give to each block at each step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tripartite.errors import InputError
from tripartite.kernels.lanes import LANES
from tripartite.networks.devices.device import Device
from tripartite.networks.engine.arriving import MOST_EXPECTED
from tripartite.networks.engine.layout import Layout
from tripartite.networks.engine.tables import Drives, Floats, Given, Longs
from tripartite.networks.models.parrot import Parrot
from tripartite.networks.nodes import Population
from tripartite.networks.projection import Projection
from tripartite.networks.time_grid import TimeGrid

#: For each device, by the number of its population, what it gave from a step on.
Sent = dict[int, tuple[int, Floats]]

# The kernel numbers the summands of a count with 8 bits.
_MOST_SPIKES_PER_STEP = MOST_EXPECTED * 255
# Connections of one call from random generators to one target are told apart by so many numbers;
# beyond, by numbers that the first few thousand calls leave free.
_REPEATS, _CALLS = 1 << 10, 1 << 12


@dataclass(frozen=True, kw_only=True, eq=False)
class Driving:
    """Devices and what they are connected to.

    Parameters
    ----------
    devices : dict of str to list of Population
        Devices of each kind: "rate", "current", "noise".
    entries : dict of str to dict of str to ndarray
        Columns of the entries of each kind, ordered by block.
    weights : ndarray of shape (n_rows, LANES)
        Weights of the entries.
    longest : int
        Largest delay (steps).
    """

    devices: dict[str, list[Population]]
    entries: dict[str, dict[str, np.ndarray]]
    weights: Floats
    longest: int

    def during(self, first: int, last: int, resolution_ms: float, sent: Sent) -> Drives:
        """Return what the devices give from step `first` to step `last`.

        Parameters
        ----------
        first, last : int
            Steps.
        resolution_ms : float
            Step of the time grid (ms).
        sent : dict of int to (int, ndarray)
            What each device, by the number of its population, gave before and is still on its way
            whatever became of the device since: the first step, and the values from there on. It is
            brought up to `last`.
        """
        origin = first + 1 - self.longest
        steps = np.arange(origin, last + 1)
        columns: dict[str, Any] = {
            f"{kind}_{name}" if name != "first" else f"first_{kind}": column
            for kind, table in self.entries.items()
            for name, column in table.items()
        }
        given = {
            kind: [_given(each, steps, resolution_ms) for each in devices]
            for kind, devices in self.devices.items()
        }
        for kind, devices in self.devices.items():
            for each, rows in zip(devices, given[kind], strict=True):
                _recall(sent.get(each.number), first, origin, rows)
                sent[each.number] = (origin, rows)
        expected = _stack([rows[0] for rows in given["rate"]], steps.size)
        if expected.max(initial=0.0) > _MOST_SPIKES_PER_STEP:
            raise InputError(
                "Rates of generators must be below"
                f" {_MOST_SPIKES_PER_STEP * 1000 / resolution_ms:g} Hz",
                got=f"{expected.max() * 1000 / resolution_ms:g} Hz",
            )
        noise: list[Any] = [each.model for each in self.devices["noise"]]
        return Drives(
            origin=origin,
            expected=expected,
            current=_stack([rows[0] for rows in given["current"]], steps.size),
            noise_mean=_stack([rows[0] for rows in given["noise"]], steps.size),
            noise_sd=_stack([rows[1] for rows in given["noise"]], steps.size),
            noise_start=np.array([int(each.window(resolution_ms)[0]) for each in noise], np.int64),
            noise_interval=np.array(
                [each.interval_steps(resolution_ms) for each in noise], np.int64
            ),
            weights=self.weights,
            **columns,
        )


def drive(projections: Iterable[Projection], layout: Layout, grid: TimeGrid) -> Driving:
    """Return the devices that give rates, currents and noise, and what they act on.

    Parameters
    ----------
    projections : iterable of Projection
        All connections; those that start at nodes are left out.
    layout : Layout
        Where the nodes lie.
    grid : TimeGrid
        Time grid of the network.
    """
    devices: dict[str, list[Population]] = {"rate": [], "current": [], "noise": []}
    found: dict[str, list[tuple[int, int, int, int, Floats]]] = {kind: [] for kind in devices}
    for projection in projections:
        sources, targets, weights, delays = _connections(projection, layout, grid)
        repeats = _occurrence(targets)
        position = 0
        for population, chosen in projection.pre.parts:
            model, last = population.model, position + len(chosen)
            here = (sources >= position) & (sources < last)
            position = last
            if not isinstance(model, Device) or model.gives == "spikes":
                continue
            number = len(devices[model.gives])
            devices[model.gives].append(population)
            # Equal currents add up; random generators draw anew for each connection.
            times = np.zeros_like(repeats) if model.gives == "current" else repeats
            for delay, repeat in np.unique(np.stack([delays[here], times[here]]), axis=1).T:
                some = here & (delays == delay) & (times == repeat)
                group, own = divmod(int(repeat), _REPEATS)
                stream = (group * _CALLS + projection.number) * _REPEATS + own
                for block, row in _rows_of_weights(targets[some], weights[some]):
                    found[model.gives].append((block, number, stream, int(delay), row))
    entries, rows, longest = {}, [], 1
    for kind, table in found.items():
        table.sort(key=lambda entry: entry[0])
        blocks = np.array([entry[0] for entry in table], dtype=np.int64)
        counts = np.bincount(blocks, minlength=layout.n_blocks)
        entries[kind] = {
            "first": np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
            "device": np.array([entry[1] for entry in table], dtype=np.int32),
            "stream": np.array([entry[2] for entry in table], dtype=np.int64),
            "delay": np.array([entry[3] for entry in table], dtype=np.int32),
            "weights": len(rows) + np.arange(len(table), dtype=np.int32),
        }
        rows += [entry[4] for entry in table]
        longest = max([longest, *(entry[3] for entry in table)])
    del entries["current"]["stream"]
    return Driving(devices=devices, entries=entries, weights=_stack(rows, LANES), longest=longest)


def given_spikes(layout: Layout, first: int, last: int, resolution_ms: float) -> Given:
    """Return the spikes of all spike generators from step `first` to step `last`.

    Parameters
    ----------
    layout : Layout
        Where the devices lie.
    first, last : int
        Steps; spikes are stamped after `first` and not after `last`.
    resolution_ms : float
        Step of the time grid (ms).
    """
    parts = [np.empty((3, 0))]
    for each in layout.populations:
        if isinstance(each.model, Device) and each.model.gives == "spikes":
            stamps, weights = each.model.spikes(resolution_ms)  # type: ignore[attr-defined]
            here = (stamps > first) & (stamps <= last)
            for k in range(each.size):
                source = np.full(here.sum(), layout.first_lane[each.number] + k)
                parts.append(np.stack([source, stamps[here], weights[here]]))
    table = np.concatenate(parts, axis=1)
    source, step, value = table[:, np.argsort(table[1], kind="stable")]
    return Given(source=source.astype(np.int64), step=step.astype(np.int64), value=value.copy())


def _given(device: Population, steps: Longs, resolution_ms: float) -> Floats:
    """Return what a device gives at steps: one row, or mean and deviation of noise."""
    model: Any = device.model
    if model.gives == "rate":
        return model.rates(steps, resolution_ms)[None] * resolution_ms / 1000.0
    if model.gives == "current":
        return np.array(model.amplitudes(steps, resolution_ms), dtype=float)[None]
    return np.stack(model.moments(steps, resolution_ms))


def _recall(sent: tuple[int, Floats] | None, now: int, origin: int, rows: Floats) -> None:
    """Overwrite what a device gives up to now with what it gave."""
    if sent is None:
        return
    began, values = sent
    known = values[:, max(origin - began, 0) : now + 1 - began]
    at = max(began - origin, 0)
    rows[:, at : at + known.shape[1]] = known


def _connections(
    projection: Projection, layout: Layout, grid: TimeGrid
) -> tuple[Longs, Longs, Floats, Longs]:
    """Return source position, target lane, weight and delay (steps) of connections of devices."""
    if not any(isinstance(each.model, Device) for each in projection.pre.populations):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64)
    sources, targets = projection.edges.pairs()
    weights = projection.value("weight").copy()
    first = 0
    for population, chosen in projection.post.parts:
        if isinstance(population.model, Parrot):  # whatever the weight, a spike is repeated
            weights[(targets >= first) & (targets < first + len(chosen))] = 1.0
        first += len(chosen)
    delays = grid.steps(projection.value("delay"), name="delay_ms", least=1)
    return sources, layout.lanes_of(projection.post)[targets], weights, delays


def _occurrence(targets: Longs) -> Longs:
    """Return how often the target of each connection came before it."""
    order = np.argsort(targets, kind="stable")
    ordered = targets[order]
    new = np.flatnonzero(np.diff(ordered, prepend=-1))
    counts = np.diff(np.append(new, len(ordered)))
    times = np.empty(len(targets), dtype=np.int64)
    times[order] = np.arange(len(targets)) - np.repeat(new, counts)
    return times


def _rows_of_weights(targets: Longs, weights: Floats) -> Iterable[tuple[int, Floats]]:
    """Yield each block that targets lie in, with the summed weight onto each lane."""
    order = np.argsort(targets, kind="stable")
    targets, weights = targets[order], weights[order]
    blocks = targets // LANES
    for block, begin, n in zip(
        *np.unique(blocks, return_index=True, return_counts=True), strict=True
    ):
        row = np.zeros(LANES)
        np.add.at(row, targets[begin : begin + n] % LANES, weights[begin : begin + n])
        yield int(block), row


def _stack(rows: list[Floats], width: int) -> Floats:
    return np.stack(rows).astype(float) if rows else np.zeros((0, width))
