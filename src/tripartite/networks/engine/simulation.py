"""A network that runs: its state, and how it is moved on."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from tripartite.core.checks import check_option
from tripartite.errors import InputError, SimulationError
from tripartite.kernels.lanes import LANES
from tripartite.kernels.random import split_seed
from tripartite.networks.engine.driving import Driving, Sent, drive, given_spikes
from tripartite.networks.engine.failures import failure
from tripartite.networks.engine.layout import Layout, block_arrays, constants_of, initial_rows
from tripartite.networks.engine.probing import Probing, row_of
from tripartite.networks.engine.rows import N_KEPT
from tripartite.networks.engine.slices import run_slices
from tripartite.networks.engine.tables import (
    Blocks,
    Emitted,
    Floats,
    Longs,
    Owners,
    Plasticity,
    Recorded,
    Shared,
)
from tripartite.networks.engine.wiring import PlasticPart, Wiring, wire
from tripartite.networks.models.node_model import NodeModel
from tripartite.networks.network import Network
from tripartite.networks.nodes import Population
from tripartite.networks.projection import Projection

Precision = Literal["exact", "fast"]

# What is kept from chunk to chunk.
_STATE = ("kept", "excited", "inhibited", "sic", "last_sic", "plastic")
# Without connections that bound it, a slice has so many steps; with, no more than the second.
_FREE_SLICE, _LONGEST_SLICE = 20, 100
# A thread that has fewer blocks than this waits more than it works.
_LEAST_BLOCKS = 12
# Control comes back so often (s), for progress, interruption and what is recorded.
_CHUNK_SECONDS = 0.25
_FIRST_CHUNK_SLICES = 40
# Bounds of what a chunk may hold: sampled values, spikes, and steps.
_MOST_SAMPLES, _LEAST_SPIKES, _MOST_STEPS = 4_000_000, 200_000, 50_000
_MOST_DELIVERIES = 4_000_000


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
    samples : tuple of (int64 ndarray of shape (n_times,), ndarray of shape (n_times, n_nodes, n_variables))
        Steps and values of each probe of the network.
    deliveries : tuple of Deliveries
        Spikes at the connections of each entry of ``network.weighed``.
    """

    first: int
    last: int
    spike_ids: Longs
    spike_steps: Longs
    samples: tuple[tuple[Longs, Floats], ...]
    deliveries: tuple[Deliveries, ...] = ()


class Simulation:
    """A network with its state, run by the kernel engine.

    What is added to the network, and values that are changed in it, are taken up at the start of each
    run; the state is kept.

    Parameters
    ----------
    network : Network
        What to run.
    precision : {"exact", "fast"}
        Adaptive steps as NEST takes them, or fixed steps.
    n_threads : int, optional
        Threads; by default as many as there are cores, and fewer for small networks. The results do
        not depend on them.

    Examples
    --------
    >>> from tripartite import networks as tn
    >>> net = tn.Network(seed=1)
    >>> neurons = net.population("neurons", tn.AdEx(I_e_pA=700.0), 2)
    >>> simulation = tn.Simulation(net)
    >>> [chunk.spike_steps.size for chunk in simulation.run(500)]
    [6]
    """

    def __init__(
        self,
        network: Network,
        *,
        precision: Precision = "exact",
        n_threads: int | None = None,
    ) -> None:
        check_option(precision, ("exact", "fast"), name="precision")
        if n_threads is not None and n_threads < 1:
            raise InputError("n_threads must be at least 1", got=n_threads)
        self.network = network
        self.precision = precision
        self.n_threads = n_threads
        self.step = 0
        self._layout = Layout.of(())
        self._wiring = wire((), self._layout, network.grid)
        # Connections, number of populations and weighed connections that the wiring is made of.
        self._made_of: tuple[Any, ...] = ()
        self._kept = np.zeros((0, N_KEPT * LANES))
        self._excited = np.zeros((2, 0))
        self._inhibited = np.zeros((2, 0))
        self._sic = np.zeros((0, 2))
        self._last_sic = np.zeros(0, dtype=np.int64)
        self._plastic = np.zeros((0, 4))
        self._sent: Sent = {}
        self._steps_per_second = 0.0

    @property
    def delays(self) -> tuple[int, int]:
        """Least and largest delay of the connections (steps)."""
        return self._wiring.delays

    @property
    def slice_steps(self) -> int:
        """Steps that run between deliveries of spikes.

        A run that goes on from a step that is a multiple of it gives what an unbroken run gives, to
        the last bit; from another, sums may be added up in another order.
        """
        return min(self._wiring.delays[0] or _FREE_SLICE, _LONGEST_SLICE)

    def run(self, n_steps: int) -> Iterator[Chunk]:
        """Run on, and yield what is recorded, stretch by stretch.

        Parameters
        ----------
        n_steps : int
            Steps of the grid.

        Yields
        ------
        Chunk
            Consecutive stretches.

        Raises
        ------
        TripartiteError
            If a neuron becomes unstable or runs away; it is named, with the time.
        """
        last = self.step + n_steps
        plan = self._take_up()
        # What is left after whole slices comes as a chunk of its own.
        whole = last - n_steps % plan.slice_steps
        with ThreadPoolExecutor(max_workers=max(plan.n_threads - 1, 1)) as pool:
            while self.step < last:
                until = whole if self.step < whole else last
                yield self._run_chunk(plan, min(until, self.step + self._chunk_steps(plan)), pool)

    def state(self, population: Population, name: str) -> Floats:
        """Return a state variable of the nodes of a population.

        Parameters
        ----------
        population : Population
            Nodes with a state.
        name : str
            Name in NEST, such as ``V_m``; see ``model.State`` and ``model.recordables``.
        """
        self._grow()
        return self._rows(population, name).reshape(-1)[: population.size].copy()

    def set_state(self, population: Population, name: str, values: Any) -> None:
        """Set a state variable of the nodes of a population.

        Parameters
        ----------
        population : Population
            Nodes with a state.
        name : str
            Name in NEST.
        values : float or ndarray of shape (size,)
            New values.
        """
        self._grow()
        rows = self._rows(population, name)
        flat = rows.reshape(-1).copy()
        flat[: population.size] = values
        rows[:] = flat.reshape(rows.shape)

    def synapse_values(self, projection: Projection) -> dict[str, Floats]:
        """Return the present short-term plasticity of the connections of a projection.

        Parameters
        ----------
        projection : Projection
            Connections of a plastic model, as the network has them.

        Returns
        -------
        dict of str to ndarray of shape (n_entries,)
            ``x``, ``y`` and ``u`` of each entry of the edges, without those that were set since;
            empty before they were first run.
        """
        for part in self._wiring.plastic:
            known = part.projection
            if (known.number, known.role) == (projection.number, projection.role):
                state = dict(
                    zip("xyu", self._plastic[_rows_of(part, projection), :3].T, strict=True)
                )
                return {k: state[k] for k in state if projection.values[k] is known.values[k]}
        return {}

    def state_arrays(self) -> dict[str, np.ndarray]:
        """Return the whole state between two chunks, as `restore` takes it; it is not copied."""
        if len(self._layout.populations) < len(self.network.populations):
            self._take_up()
        arrays = {name: getattr(self, f"_{name}") for name in _STATE}
        return {"step": np.array(self.step), **arrays}

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Go back, or ahead, to a state of the same network.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            What `state_arrays` returned.

        Raises
        ------
        InputError
            If the arrays have other shapes than those of this network.
        """
        self._take_up()
        for name, own in self.state_arrays().items():
            if arrays[name].shape != own.shape:
                raise InputError(
                    f"{name} must have the shape {own.shape} that it has in this network",
                    got=arrays[name].shape,
                )
        for name in _STATE:
            setattr(self, f"_{name}", np.array(arrays[name]))
        self.step = int(arrays["step"])

    def _rows(self, population: Population, name: str) -> Floats:
        blocks = self._layout.blocks_of(population)
        row = row_of(population.model, name)  # type: ignore[arg-type]
        kept = self._kept[blocks.start : blocks.stop].reshape(len(blocks), N_KEPT, LANES)
        return kept[:, row, :]

    def _grow(self) -> None:
        """Give populations that were added their initial state."""
        populations = self.network.populations
        if len(populations) == len(self._layout.populations):
            self._layout = Layout.of(populations)
            return
        new = populations[len(self._layout.populations) :]
        self._layout = Layout.of(populations)
        grid = self.network.grid
        rows = [
            initial_rows(self._layout, each, self.network.seed, grid.resolution_ms)
            for each in new
            if isinstance(each.model, NodeModel)
        ]
        self._kept = np.concatenate([self._kept, *rows])
        n_senders = LANES * int((block_arrays(self._layout)["sic_row"] >= 0).sum())
        added = n_senders - len(self._sic)
        self._sic = np.concatenate([self._sic, np.zeros((added, self._sic.shape[1]))])
        self._last_sic = np.concatenate([self._last_sic, np.full(added, -1)])
        for name in ("_excited", "_inhibited"):
            ring = getattr(self, name)
            wider = np.zeros((len(ring), self._layout.n_lanes))
            wider[:, : ring.shape[1]] = ring
            setattr(self, name, wider)

    def _take_up(self) -> _Plan:
        """Bring the arrays in line with the network, and return what stays during a run."""
        network, grid = self.network, self.network.grid
        self._grow()
        n_threads = (
            1
            if network.weighed
            else self.n_threads
            or min(os.cpu_count() or 1, max(1, self._layout.n_blocks // _LEAST_BLOCKS))
        )
        projections = network.projections(n_threads=n_threads)
        made_of = (projections, len(network.populations), tuple(network.weighed))
        if made_of != self._made_of:  # wiring takes long, and most runs continue as they are
            wiring = wire(projections, self._layout, grid, network.weighed)
            self._plastic = _carried_over(self._wiring, self._plastic, wiring)
            self._wiring, self._made_of = wiring, made_of
        wiring = self._wiring
        slice_steps = self.slice_steps
        n_slots = wiring.longest_spike + slice_steps + 1
        self._excited = _with_slots(self._excited, n_slots, self.step)
        self._inhibited = _with_slots(self._inhibited, n_slots, self.step)
        n_slots = max(wiring.longest_sic, 1) + slice_steps + 1
        self._sic = _with_slots(self._sic.T, n_slots, self.step, past=True).T.copy()
        wanted = np.zeros(self._layout.n_sources, dtype=np.int8)
        for nodes in network.recorded_spikes():
            lanes = self._layout.lanes_of(nodes)
            wanted[lanes[lanes >= 0]] = 1
        rows, constants = constants_of(self._layout, network.seed, grid.resolution_ms)
        owners = _owners(self._layout, n_threads)
        arrays = block_arrays(self._layout)
        capacity = _capacity(self._layout, slice_steps, owners)
        return _Plan(
            n_threads=n_threads,
            slice_steps=slice_steps,
            blocks=Blocks(
                **arrays,
                constants_of=rows,
                constants=constants,
                kept=self._kept,
                excited=self._excited,
                inhibited=self._inhibited,
                sic=self._sic,
                last_sic=self._last_sic,
                last_of_block=_last_of_blocks(arrays["sic_row"], self._last_sic),
                any_sic=np.full(n_threads, self._last_sic.max(initial=-1)),
            ),
            owners=owners,
            plasticity=Plasticity(
                constants=wiring.plastic_constants,
                state=np.repeat(self._plastic[None], n_threads, axis=0),
            ),
            driving=drive(projections, self._layout, grid),
            probing=Probing.of(network.probes, self._layout, grid),
            wanted=wanted,
            emitted=Emitted(
                n=np.zeros((2, n_threads, len(network.populations) + 1), dtype=np.int64),
                source=np.zeros((2, n_threads, capacity), dtype=np.int64),
                step=np.zeros((2, n_threads, capacity), dtype=np.int64),
                value=np.zeros((2, n_threads, capacity)),
            ),
        )

    def _chunk_steps(self, plan: _Plan) -> int:
        if not self._steps_per_second:
            return _FIRST_CHUNK_SLICES * plan.slice_steps
        wanted = _CHUNK_SECONDS * self._steps_per_second
        room = _MOST_SAMPLES / max(plan.probing.per_step, 1e-3)
        slices = max(1, int(min(wanted, room, _MOST_STEPS) / plan.slice_steps))
        return slices * plan.slice_steps

    def _run_chunk(self, plan: _Plan, last: int, pool: ThreadPoolExecutor) -> Chunk:
        first, grid = self.step, self.network.grid
        began = time.perf_counter()
        room, steps = plan.probing.between(first, last)
        n_spikes = max(_LEAST_SPIKES, 4 * plan.n_threads * plan.emitted.source.shape[2])
        n_edges = _MOST_DELIVERIES if self.network.weighed else 0
        recorded = Recorded(
            wanted=plan.wanted,
            n=np.zeros(3, dtype=np.int64),
            source=np.empty(n_spikes, dtype=np.int64),
            step=np.empty(n_spikes, dtype=np.int64),
            edge=np.empty(n_edges, dtype=np.int64),
            edge_step=np.empty(n_edges, dtype=np.int64),
            edge_axon=np.empty(n_edges, dtype=np.int64),
            edge_weight=np.empty(n_edges),
        )
        shared = Shared(
            barrier=np.zeros(1, dtype=np.int64), status=np.zeros((plan.n_threads, 3), np.int64)
        )
        arguments = (
            first,
            last,
            plan.slice_steps,
            self._wiring.longest_sic,
            grid.resolution_ms,
            self.precision == "exact",
            split_seed(self.network.seed),
            plan.blocks,
            plan.owners,
            self._wiring.axons,
            plan.plasticity,
            self._wiring.sic,
            plan.driving.during(first, last, grid.resolution_ms, self._sent),
            given_spikes(self._layout, first, last, grid.resolution_ms),
            plan.emitted,
            recorded,
            room,
            shared,
        )
        if plan.n_threads > 1 and not run_slices.signatures:
            _compile(arguments)
        others = [pool.submit(run_slices, k, *arguments) for k in range(1, plan.n_threads)]
        self.step = run_slices(0, *arguments)
        for other in others:
            other.result()
        failed = shared.status[shared.status[:, 0] < 0]
        if len(failed):
            raise failure(failed[0], self._layout, grid)
        self._plastic = _gathered(plan, self._wiring)
        self._steps_per_second = (self.step - first) / max(time.perf_counter() - began, 1e-6)
        sources, stamps = recorded.source[: recorded.n[0]], recorded.step[: recorded.n[0]]
        ids = self._layout.ids_of(sources) if len(sources) else sources
        order = np.lexsort((ids, stamps))
        return Chunk(
            first=first,
            last=self.step,
            spike_ids=ids[order],
            spike_steps=stamps[order],
            samples=plan.probing.samples(room, steps, self.step),
            deliveries=self._deliveries(recorded),
        )

    def _deliveries(self, recorded: Recorded) -> tuple[Deliveries, ...]:
        """Return the deliveries at the connections that are weighed."""
        if recorded.n[2]:
            raise SimulationError(
                f"Spikes at weighed connections must be fewer than {_MOST_DELIVERIES} per slice",
                got="more than can be recorded",
                do="Record the weights of fewer connections",
            )
        axons, n = self._wiring.axons, recorded.n[1]
        axon, edge = recorded.edge_axon[:n], recorded.edge[:n]
        columns = (
            np.searchsorted(axons.first_axon, axon, side="right") - 1,
            axons.edge_target[edge].astype(np.int64),
            recorded.edge_step[:n],
            recorded.edge_weight[:n],
        )
        parts = []
        for place in range(len(self.network.weighed)):
            here = axons.recorded[axon] == place
            at = axons.copies_at[axon] + edge - axons.first_edge[axon]
            copies = (
                np.where(axons.copies_at[axon] < 0, 1, axons.edge_copies[at])
                if n and len(axons.edge_copies)
                else np.ones(n, dtype=int)
            )
            sources, targets, steps, weights = (np.repeat(c[here], copies[here]) for c in columns)
            ids = (self._layout.ids_of(each) if len(each) else each for each in (sources, targets))
            parts.append(Deliveries(*ids, steps, weights))
        return tuple(parts)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Plan:
    """What stays the same during a run."""

    n_threads: int
    slice_steps: int
    blocks: Blocks
    owners: Owners
    plasticity: Plasticity
    driving: Driving
    probing: Probing
    wanted: np.ndarray
    emitted: Emitted


def _compile(arguments: tuple[Any, ...]) -> None:
    """Compile, or load, the loop before several threads would at the same time."""
    first, *rest = arguments
    run_slices(0, first, first, *rest[1:])


def _owners(layout: Layout, n_threads: int) -> Owners:
    """Share out the blocks of each population evenly; odd ones go round."""
    shape = (n_threads, len(layout.populations))
    first, last = np.full(shape, -1, dtype=np.int32), np.full(shape, -1, dtype=np.int32)
    lanes = np.zeros((2, *shape), dtype=np.int64)
    for each in layout.populations:
        number = each.number
        if isinstance(each.model, NodeModel):
            blocks = layout.blocks_of(each)
            cuts = (len(blocks) * np.arange(n_threads + 1) + number % n_threads) // n_threads
            cuts[0], cuts[-1] = 0, len(blocks)
            first[:, number] = blocks.start + cuts[:-1]
            last[:, number] = blocks.start + cuts[1:]
            lanes[:, :, number] = first[:, number] * LANES, last[:, number] * LANES
        elif layout.first_lane[number] >= 0:  # the first thread speaks for spike generators
            lanes[:, 0, number] = layout.first_lane[number]
            lanes[1, 0, number] += each.size
    return Owners(first_block=first, last_block=last, first_lane=lanes[0], last_lane=lanes[1])


def _capacity(layout: Layout, slice_steps: int, owners: Owners) -> int:
    """Return room for the spikes of a thread in a slice: two for each node and step."""
    lanes = (owners.last_lane - owners.first_lane).sum(axis=1).max(initial=0)
    return int(2 * lanes * slice_steps) + 4096


def _carried_over(old: Wiring, state: Floats, new: Wiring) -> Floats:
    """Return the plasticity of a new wiring, with that of connections that were there before."""
    carried = new.plastic_state.copy()
    parts = {(part.projection.number, part.projection.role): part for part in old.plastic}
    for part in new.plastic:
        known = parts.get((part.projection.number, part.projection.role))
        if known is None:
            continue
        columns = [
            k
            for k, name in enumerate("xyu")
            if part.projection.values[name] is known.projection.values[name]
        ]
        columns.append(3)
        if part.is_same(known):
            n_rows = len(part.first) - 1
            here, there = slice(part.row, part.row + n_rows), slice(known.row, known.row + n_rows)
            carried[here, columns] = state[there, columns]
        else:
            rows = _rows_of(known, part.projection)
            carried[part.row_of()[:, None], columns] = state[rows[:, None], columns]
    return carried


def _rows_of(known: PlasticPart, changed: Projection) -> Longs:
    """Return the rows of connections whose entries may have been taken apart since."""
    rows, copies = known.row_of(), known.projection.edges.copies
    if len(changed.edges.targets) == len(rows):
        return rows
    assert copies is not None
    return np.repeat(rows, copies)


def _last_of_blocks(sic_row: Longs, last_sic: Longs) -> Longs:
    """Return the last step at which an astrocyte of each block sent a current."""
    last = np.full(len(sic_row), -1, dtype=np.int64)
    senders = sic_row >= 0
    last[senders] = last_sic.reshape(-1, LANES).max(axis=1)
    return last


def _gathered(plan: _Plan, wiring: Wiring) -> Floats:
    """Return the plasticity that the owners of the targets keep."""
    if plan.n_threads == 1 or not len(wiring.first_target):
        return plan.plasticity.state[0]
    owner_of_block = np.zeros(len(plan.blocks.kind), dtype=np.int64)
    for thread, (first, last) in enumerate(
        zip(plan.owners.first_block, plan.owners.last_block, strict=True)
    ):
        for begin, end in zip(first, last, strict=True):
            owner_of_block[max(begin, 0) : max(end, 0)] = thread
    owners = owner_of_block[wiring.first_target // LANES]
    return plan.plasticity.state[owners, np.arange(len(owners))]


def _with_slots(ring: Floats, n_slots: int, step: int, *, past: bool = False) -> Floats:
    """Return a ring of another length, with what lies ahead of a step, or behind it."""
    n_old = len(ring)
    if n_old == n_slots:
        return ring
    wider = np.zeros((n_slots, ring.shape[1]))
    n_known = min(n_old, n_slots) - 1
    steps = step - np.arange(n_known) if past else step + 1 + np.arange(n_known)
    steps = steps[steps >= 0]
    wider[steps % n_slots] = ring[steps % n_old]
    return wider
