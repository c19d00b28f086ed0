"""Where the nodes of a network lie in the arrays of the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tripartite.kernels.alpha_function import factors_of
from tripartite.kernels.lanes import LANES
from tripartite.networks.devices.device import Device
from tripartite.networks.engine.rows import (
    CONSTANTS,
    EXCITATION,
    INHIBITION,
    N_CONSTANTS,
    N_KEPT,
    STATE,
    SUBSTEP,
)
from tripartite.networks.engine.tables import KINDS, Floats, Longs
from tripartite.networks.models.node_model import NodeModel
from tripartite.networks.nodes import Nodes, Population

# Vectors of the widest units hold so many numbers; loops over lanes run over whole vectors.
_VECTOR = 8


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Lanes of the nodes, in blocks of one population each, then the spike generators.

    Parameters
    ----------
    populations : tuple of Population
        All of the network.
    first_lane : int64 ndarray of shape (n_populations,)
        Lane of the first node, or number of the first spike generator; -1 for other devices.
    n_blocks : int
        Number of blocks.
    n_sources : int
        Number of lanes and spike generators.
    """

    populations: tuple[Population, ...]
    first_lane: Longs
    n_blocks: int
    n_sources: int

    @classmethod
    def of(cls, populations: Sequence[Population]) -> Layout:
        """Return the layout; that of some populations is part of that of more.

        Parameters
        ----------
        populations : sequence of Population
            All of the network.
        """
        first_lane = np.full(len(populations), -1, dtype=np.int64)
        n_blocks = 0
        for each in populations:
            if isinstance(each.model, NodeModel):
                first_lane[each.number] = n_blocks * LANES
                n_blocks += -(-each.size // LANES)
        n_sources = n_blocks * LANES
        for each in populations:
            if isinstance(each.model, Device) and each.model.gives == "spikes":
                first_lane[each.number] = n_sources
                n_sources += each.size
        return cls(
            populations=tuple(populations),
            first_lane=first_lane,
            n_blocks=n_blocks,
            n_sources=n_sources,
        )

    @property
    def n_lanes(self) -> int:
        """Number of lanes of all blocks."""
        return self.n_blocks * LANES

    def blocks_of(self, population: Population) -> range:
        """Return the numbers of the blocks of a population of nodes."""
        first = int(self.first_lane[population.number]) // LANES
        return range(first, first - (-population.size // LANES))

    def lanes_of(self, nodes: Nodes) -> Longs:
        """Return the lane of each of some nodes, -1 for devices that have none."""
        lanes = []
        for population, chosen in nodes.parts:
            first = self.first_lane[population.number]
            lanes.append(first + chosen if first >= 0 else np.full(len(chosen), -1))
        return np.concatenate(lanes or [np.empty(0, dtype=np.int64)])

    def ids_of(self, sources: Longs) -> Longs:
        """Return the ids of the nodes at some lanes."""
        numbers = np.flatnonzero(self.first_lane >= 0)
        numbers = numbers[np.argsort(self.first_lane[numbers])]
        starts = self.first_lane[numbers]
        ids = np.array([self.populations[number].first_id for number in numbers])
        which = np.searchsorted(starts, sources, side="right") - 1
        return ids[which] + (sources - starts[which])


def block_arrays(layout: Layout) -> dict[str, np.ndarray]:
    """Return what each block is: kind, lanes in use, first row of the currents it sends.

    Parameters
    ----------
    layout : Layout
        Where the nodes lie.
    """
    n = layout.n_blocks
    arrays = {
        "kind": np.zeros(n, dtype=np.int8),
        "n_active": np.zeros(n, dtype=np.int64),
        "n_used": np.zeros(n, dtype=np.int64),
        "sic_row": np.full(n, -1, dtype=np.int64),
    }
    n_rows = 0
    for each in layout.populations:
        if not isinstance(each.model, NodeModel):
            continue
        for k, block in enumerate(layout.blocks_of(each)):
            used = min(LANES, each.size - k * LANES)
            arrays["kind"][block] = KINDS[each.model.kind]
            arrays["n_used"][block] = used
            arrays["n_active"][block] = -(-used // _VECTOR) * _VECTOR
            if each.model.sends_sic:
                arrays["sic_row"][block] = n_rows
                n_rows += LANES
    return arrays


def constants_of(layout: Layout, seed: int, resolution_ms: float) -> tuple[np.ndarray, Floats]:
    """Return the row of constants of each block, and the rows.

    Blocks whose nodes are all alike share one row.

    Parameters
    ----------
    layout : Layout
        Where the nodes lie.
    seed : int
        Seed of the network, for parameters that are drawn.
    resolution_ms : float
        Step of the time grid (ms).

    Returns
    -------
    rows : int32 ndarray of shape (n_blocks,)
        Number of the row.
    constants : ndarray of shape (n_rows, N_CONSTANTS * LANES)
        Constants of the lanes of a block.
    """
    rows, constants = np.zeros(layout.n_blocks, dtype=np.int32), []
    for each in layout.populations:
        if not isinstance(each.model, NodeModel):
            continue
        values = each.model.drawn(each.size, seed, each.number)
        numbers = each.model.constants(values, resolution_ms)
        blocks = layout.blocks_of(each)
        columns: list[float | Floats] = [0.0] * N_CONSTANTS
        columns[: len(each.model.Constants._fields)] = [
            numbers[name] for name in each.model.Constants._fields
        ]
        for row, name in ((EXCITATION, "tau_syn_ex"), (INHIBITION, "tau_syn_in")):
            if name in values:
                factors = factors_of(resolution_ms, values[name])
                columns[row - CONSTANTS : row - CONSTANTS + len(factors)] = factors.values()
        table = lanes_table(columns, each.size, N_CONSTANTS)
        rows[blocks.start : blocks.stop] = len(constants) + np.arange(len(blocks)) % len(table)
        constants.extend(table)
    return rows, np.array(constants).reshape(-1, N_CONSTANTS * LANES)


def initial_rows(layout: Layout, population: Population, seed: int, resolution_ms: float) -> Floats:
    """Return the rows that are kept of the blocks of a population, at time 0.

    Parameters
    ----------
    layout : Layout
        Where the nodes lie.
    population : Population
        Nodes with a state.
    seed : int
        Seed of the network, for states that are drawn.
    resolution_ms : float
        Step of the time grid (ms), which is the first trial of the integrator.
    """
    model = population.model
    assert isinstance(model, NodeModel)
    values = model.drawn(population.size, seed, population.number)
    state = model.initial(values)
    rows: list[float | Floats] = [0.0] * N_KEPT
    rows[STATE : STATE + len(model.State._fields)] = [state[k] for k in model.State._fields]
    rows[SUBSTEP] = resolution_ms
    table = lanes_table(rows, population.size, N_KEPT)
    blocks = (len(layout.blocks_of(population)), N_KEPT * LANES)
    # A copy of repeated rows would have them as columns in memory, where the kernels look for rows.
    return np.array(np.broadcast_to(table, blocks), order="C")


def lanes_table(numbers: Sequence[float | Floats], n: int, n_rows: int) -> Floats:
    """Return numbers of nodes as rows of blocks: one block where all nodes are alike.

    Parameters
    ----------
    numbers : sequence of float or ndarray of shape (n,)
        One entry per row.
    n : int
        Number of nodes.
    n_rows : int
        Rows of a block, of which the last may be empty.

    Returns
    -------
    ndarray of shape (n_blocks or 1, n_rows * LANES)
        Lanes beyond the last node repeat it, so that they calculate nothing extraordinary.
    """
    alike = all(np.ndim(number) == 0 for number in numbers)
    n_blocks = 1 if alike else -(-n // LANES)
    table = np.zeros((n_blocks, n_rows, LANES))
    for k, number in enumerate(numbers):
        if np.ndim(number) == 0:
            table[:, k] = number
        else:
            values = np.asarray(number)
            padded = np.concatenate([values, np.full(n_blocks * LANES - n, values[-1])])
            table[:, k] = padded.reshape(n_blocks, LANES)
    return table.reshape(n_blocks, n_rows * LANES)
