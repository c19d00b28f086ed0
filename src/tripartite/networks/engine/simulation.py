"""A network that runs: its state, and how it is moved on."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import numpy as np

from tripartite.core.checks import check_option
from tripartite.errors import InputError
from tripartite.kernels.lanes import LANES
from tripartite.kernels.random import split_seed
from tripartite.networks.engine.chunk import Chunk
from tripartite.networks.engine.driving import Sent, given_spikes
from tripartite.networks.engine.failures import failure
from tripartite.networks.engine.keeping import deliveries_in, make_room, spikes_in
from tripartite.networks.engine.layout import Layout
from tripartite.networks.engine.plan import Plan, make_plan
from tripartite.networks.engine.probing import row_of
from tripartite.networks.engine.rows import N_KEPT
from tripartite.networks.engine.slices import run_slices
from tripartite.networks.engine.state import State, carried_over, rows_of
from tripartite.networks.engine.tables import (
    Floats,
    Probes,
    Recorded,
    Settings,
    Shared,
    Tables,
)
from tripartite.networks.engine.wiring import wire
from tripartite.networks.network import Network
from tripartite.networks.nodes import Population
from tripartite.networks.projection import Projection

Precision = Literal["exact", "fast"]

# Without connections that bound it, a slice has so many steps; with, no more than the second.
_FREE_SLICE, _LONGEST_SLICE = 20, 100
# A thread that has fewer blocks than this waits more than it works.
_LEAST_BLOCKS = 12
# Control comes back so often (s), for progress, interruption and what is recorded.
_CHUNK_SECONDS = 0.25
_FIRST_CHUNK_SLICES = 40
# Bounds of what a chunk may hold: sampled values, and steps.
_MOST_SAMPLES, _MOST_STEPS = 4_000_000, 50_000


class Simulation:
    """A network with its state, run by the kernel engine.

    What is added to the network, and values that are changed in it, are taken up at the start of
    each run; the state is kept.

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
    >>> sum(chunk.spike_steps.size for chunk in simulation.run(2000))
    6
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
        self._state = State()
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
                    zip("xyu", self._state.plastic[rows_of(part, projection), :3].T, strict=True)
                )
                return {k: state[k] for k in state if projection.values[k] is known.values[k]}
        return {}

    def state_arrays(self) -> dict[str, np.ndarray]:
        """Return the whole state between two chunks, as `restore` takes it; it is not copied."""
        if len(self._layout.populations) < len(self.network.populations):
            self._take_up()
        return {"step": np.array(self.step), **self._state.arrays()}

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
        self._state.restore(arrays)
        self.step = int(arrays["step"])

    def _rows(self, population: Population, name: str) -> Floats:
        blocks = self._layout.blocks_of(population)
        row = row_of(population.model, name)  # type: ignore[arg-type]
        kept = self._state.kept[blocks.start : blocks.stop].reshape(len(blocks), N_KEPT, LANES)
        return kept[:, row, :]

    def _grow(self) -> None:
        """Give populations that were added their initial state."""
        known, network = len(self._layout.populations), self.network
        self._layout = Layout.of(network.populations)
        if known < len(network.populations):
            added = network.populations[known:]
            self._state.grow(self._layout, added, network.seed, network.resolution_ms)

    def _take_up(self) -> Plan:
        """Bring the arrays in line with the network, and return what stays during a run."""
        network = self.network
        self._grow()
        most = max(1, self._layout.n_blocks // _LEAST_BLOCKS)
        asked = min(self.n_threads or 0, max(1, self._layout.n_blocks))  # more would only wait
        n_threads = 1 if network.weighed else asked or min(os.cpu_count() or 1, most)
        projections = network.projections(n_threads=n_threads)
        made_of = (projections, len(network.populations), tuple(network.weighed))
        if made_of != self._made_of:  # wiring takes long, and most runs continue as they are
            wiring = wire(projections, self._layout, network.grid, network.weighed)
            self._state.plastic = carried_over(self._wiring, self._state.plastic, wiring)
            self._wiring, self._made_of = wiring, made_of
        self._state.fit(self._wiring, self.slice_steps, self.step)
        return make_plan(
            network,
            projections,
            self._layout,
            self._wiring,
            self._state,
            n_threads=n_threads,
            slice_steps=self.slice_steps,
        )

    def _chunk_steps(self, plan: Plan) -> int:
        if not self._steps_per_second:
            return _FIRST_CHUNK_SLICES * plan.slice_steps
        wanted = _CHUNK_SECONDS * self._steps_per_second
        room = _MOST_SAMPLES / max(plan.probing.per_step, 1e-3)
        slices = max(1, int(min(wanted, room, _MOST_STEPS) / plan.slice_steps))
        return slices * plan.slice_steps

    def _run_chunk(self, plan: Plan, last: int, pool: ThreadPoolExecutor) -> Chunk:
        first, began = self.step, time.perf_counter()
        room, steps = plan.probing.between(first, last)
        recorded = make_room(plan, weighed=bool(self.network.weighed))
        shared = Shared(
            barrier=np.zeros(1, dtype=np.int64), status=np.zeros((plan.n_threads, 3), np.int64)
        )
        settings, tables = self._arguments(plan, first, last, recorded, room, shared)
        if plan.n_threads > 1 and not run_slices.signatures:
            # Compiled, or loaded, before several threads would do it at the same time.
            run_slices(0, first, first, settings, tables)
        others = [
            pool.submit(run_slices, k, first, last, settings, tables)
            for k in range(1, plan.n_threads)
        ]
        reached = run_slices(0, first, last, settings, tables)
        for other in others:
            other.result()
        failed = shared.status[shared.status[:, 0] < 0]
        if len(failed):
            raise failure(failed[0], self._layout, self.network.grid)
        self.step = reached
        self._state.plastic = plan.plastic(self._wiring)
        self._steps_per_second = (reached - first) / max(time.perf_counter() - began, 1e-6)
        ids, stamps = spikes_in(recorded, self._layout)
        weighed = len(self.network.weighed)
        return Chunk(
            first=first,
            last=reached,
            spike_ids=ids,
            spike_steps=stamps,
            samples=plan.probing.samples(room, steps, reached),
            deliveries=deliveries_in(recorded, self._wiring.axons, self._layout, weighed),
        )

    def _arguments(
        self, plan: Plan, first: int, last: int, recorded: Recorded, probes: Probes, shared: Shared
    ) -> tuple[Settings, Tables]:
        """Return what the compiled loop is given."""
        resolution_ms = self.network.resolution_ms
        settings = Settings(
            slice_steps=plan.slice_steps,
            longest_sic=self._wiring.longest_sic,
            resolution_ms=resolution_ms,
            exact=self.precision == "exact",
            key=split_seed(self.network.seed),
        )
        tables = Tables(
            blocks=plan.blocks,
            owners=plan.owners,
            axons=self._wiring.axons,
            plasticity=plan.plasticity,
            sic_edges=self._wiring.sic,
            drives=plan.driving.during(first, last, resolution_ms, self._sent),
            given=given_spikes(self._layout, first, last, resolution_ms),
            emitted=plan.emitted,
            recorded=recorded,
            probes=probes,
            shared=shared,
        )
        return settings, tables
