"""What stays the same while a network runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tripartite.kernels.lanes import LANES
from tripartite.networks.engine.driving import Driving, drive
from tripartite.networks.engine.layout import Layout, block_arrays, constants_of
from tripartite.networks.engine.probing import Probing
from tripartite.networks.engine.state import State
from tripartite.networks.engine.tables import (
    Blocks,
    Bytes,
    Emitted,
    Floats,
    Longs,
    Owners,
    Plasticity,
)
from tripartite.networks.engine.wiring import Wiring
from tripartite.networks.models.node_model import NodeModel
from tripartite.networks.network import Network
from tripartite.networks.projection import Projection


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """Everything that the compiled loop is given for a whole run.

    Parameters
    ----------
    n_threads : int
        Number of threads.
    slice_steps : int
        Steps of a slice.
    blocks : Blocks
        Nodes.
    owners : Owners
        Which thread advances which.
    plasticity : Plasticity
        Short-term plasticity, a copy for each thread.
    driving : Driving
        Devices.
    probing : Probing
        What is sampled.
    wanted : int8 ndarray of shape (n_sources,)
        Whose spikes are recorded.
    emitted : Emitted
        Room for the spikes of a slice.
    """

    n_threads: int
    slice_steps: int
    blocks: Blocks
    owners: Owners
    plasticity: Plasticity
    driving: Driving
    probing: Probing
    wanted: Bytes
    emitted: Emitted

    def plastic(self, wiring: Wiring) -> Floats:
        """Return the plasticity that the owners of the targets keep.

        Parameters
        ----------
        wiring : Wiring
            Connections.
        """
        state, owners = self.plasticity.state, self.owners
        if self.n_threads == 1 or not len(wiring.first_target):
            return state[0]
        owner_of_block = np.zeros(len(self.blocks.kind), dtype=np.int64)
        for thread in range(self.n_threads):
            for begin, end in zip(
                owners.first_block[thread], owners.last_block[thread], strict=True
            ):
                owner_of_block[max(begin, 0) : max(end, 0)] = thread
        owner_of_row = owner_of_block[wiring.first_target // LANES]
        return state[owner_of_row, np.arange(len(owner_of_row))]


def make_plan(
    network: Network,
    projections: Sequence[Projection],
    layout: Layout,
    wiring: Wiring,
    state: State,
    *,
    n_threads: int,
    slice_steps: int,
) -> Plan:
    """Return what the compiled loop is given.

    Parameters
    ----------
    network : Network
        What runs.
    projections : sequence of Projection
        Its connections.
    layout : Layout
        Where its nodes lie.
    wiring : Wiring
        Its connections as the loop takes them.
    state : State
        Where it stands; is moved on by the loop.
    n_threads, slice_steps : int
        How it runs.
    """
    grid = network.grid
    rows, constants = constants_of(layout, network.seed, grid.resolution_ms)
    arrays, owners = block_arrays(layout), share_out(layout, n_threads)
    room = (2, n_threads, capacity_of(slice_steps, owners))
    return Plan(
        n_threads=n_threads,
        slice_steps=slice_steps,
        blocks=Blocks(
            **arrays,
            constants_of=rows,
            constants=constants,
            kept=state.kept,
            excited=state.excited,
            inhibited=state.inhibited,
            sic=state.sic,
            last_sic=state.last_sic,
            last_of_block=_last_of_blocks(arrays["sic_row"], state.last_sic),
            any_sic=np.full(n_threads, state.last_sic.max(initial=-1)),
        ),
        owners=owners,
        plasticity=Plasticity(
            constants=wiring.plastic_constants,
            state=np.repeat(state.plastic[None], n_threads, axis=0),
        ),
        driving=drive(projections, layout, grid),
        probing=Probing.of(network.probes, layout, grid),
        wanted=_wanted(network, layout),
        emitted=Emitted(
            n=np.zeros((2, n_threads, len(network.populations) + 1), dtype=np.int64),
            source=np.zeros(room, dtype=np.int64),
            step=np.zeros(room, dtype=np.int64),
            value=np.zeros(room),
        ),
    )


def share_out(layout: Layout, n_threads: int) -> Owners:
    """Return which thread advances which blocks: of each population evenly, odd ones in turn.

    Parameters
    ----------
    layout : Layout
        Where the nodes lie.
    n_threads : int
        Number of threads.
    """
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


def capacity_of(slice_steps: int, owners: Owners) -> int:
    """Return room for the spikes of a thread in a slice: two for each node and step, and some.

    Parameters
    ----------
    slice_steps : int
        Steps of a slice.
    owners : Owners
        Which thread advances which nodes.
    """
    lanes = (owners.last_lane - owners.first_lane).sum(axis=1).max(initial=0)
    return int(2 * lanes * slice_steps) + 4096


def _wanted(network: Network, layout: Layout) -> Bytes:
    """Return whose spikes are recorded."""
    wanted = np.zeros(layout.n_sources, dtype=np.int8)
    for nodes in network.recorded_spikes():
        lanes = layout.lanes_of(nodes)
        wanted[lanes[lanes >= 0]] = 1
    return wanted


def _last_of_blocks(sic_row: Longs, last_sic: Longs) -> Longs:
    """Return the last step at which an astrocyte of each block sent a current."""
    last = np.full(len(sic_row), -1, dtype=np.int64)
    senders = sic_row >= 0
    last[senders] = last_sic.reshape(-1, LANES).max(axis=1)
    return last
