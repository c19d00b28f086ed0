"""What a simulation keeps from chunk to chunk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

import numpy as np

from tripartite.errors import InputError
from tripartite.kernels.lanes import LANES
from tripartite.networks.engine.layout import Layout, block_arrays, initial_rows
from tripartite.networks.engine.rows import N_KEPT
from tripartite.networks.engine.tables import Floats, Longs
from tripartite.networks.engine.wiring import PlasticPart, Wiring
from tripartite.networks.models.node_model import NodeModel
from tripartite.networks.nodes import Population
from tripartite.networks.projection import Projection

# The rings of what is on its way may be so large.
_MOST_GIGABYTES = 16


@dataclass(kw_only=True)
class State:
    """State of nodes and connections, and what is on its way; see `Blocks` and `Plasticity`.

    Parameters
    ----------
    kept : ndarray of shape (n_blocks, N_KEPT * LANES)
        Rows that outlive a slice.
    excited, inhibited : ndarray of shape (n_slots, n_lanes)
        Rings of what will arrive.
    sic : ndarray of shape (n_senders, n_slots)
        Ring of what astrocytes sent.
    last_sic : int64 ndarray of shape (n_senders,)
        Last step at which each sent anything, -1 for never.
    plastic : ndarray of shape (n_rows, 4)
        Short-term plasticity.
    """

    kept: Floats = field(default_factory=lambda: np.zeros((0, N_KEPT * LANES)))
    excited: Floats = field(default_factory=lambda: np.zeros((2, 0)))
    inhibited: Floats = field(default_factory=lambda: np.zeros((2, 0)))
    sic: Floats = field(default_factory=lambda: np.zeros((0, 2)))
    last_sic: Longs = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    plastic: Floats = field(default_factory=lambda: np.zeros((0, 4)))

    def arrays(self) -> dict[str, np.ndarray]:
        """Return all parts by name, without copies."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take over copies of other parts of the same shapes.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            Parts by name.

        Raises
        ------
        InputError
            If a shape differs.
        """
        for name, own in self.arrays().items():
            if arrays[name].shape != own.shape:
                raise InputError(
                    f"{name} must have the shape {own.shape} that it has in this network",
                    got=arrays[name].shape,
                )
        for name in self.arrays():
            setattr(self, name, np.array(arrays[name]))

    def grow(
        self, layout: Layout, added: Sequence[Population], seed: int, resolution_ms: float
    ) -> None:
        """Give populations that were added their initial state.

        Parameters
        ----------
        layout : Layout
            Where all nodes lie.
        added : sequence of Population
            The new ones, the last of the layout.
        seed : int
            Seed of the network.
        resolution_ms : float
            Step of the time grid (ms).
        """
        rows = [
            initial_rows(layout, each, seed, resolution_ms)
            for each in added
            if isinstance(each.model, NodeModel)
        ]
        self.kept = np.concatenate([self.kept, *rows])
        n_senders = LANES * int((block_arrays(layout)["sic_row"] >= 0).sum())
        n_new = n_senders - len(self.sic)
        self.sic = np.concatenate([self.sic, np.zeros((n_new, self.sic.shape[1]))])
        self.last_sic = np.concatenate([self.last_sic, np.full(n_new, -1)])
        for name in ("excited", "inhibited"):
            ring = getattr(self, name)
            wider = np.zeros((len(ring), layout.n_lanes))
            wider[:, : ring.shape[1]] = ring
            setattr(self, name, wider)

    def fit(self, wiring: Wiring, slice_steps: int, step: int) -> None:
        """Give the rings room for the delays of the connections.

        Parameters
        ----------
        wiring : Wiring
            Connections.
        slice_steps : int
            Steps of a slice.
        step : int
            Now.
        """
        n_slots = wiring.longest_spike + slice_steps + 1
        size = 16e-9 * n_slots * max(self.excited.shape[1], 1)
        if size > _MOST_GIGABYTES:
            raise InputError(
                f"What is on its way must fit {_MOST_GIGABYTES} GB of memory",
                got=f"delays of up to {wiring.longest_spike} steps, which need {size:.3g} GB",
                do="Shorten the longest delay",
            )
        self.excited = with_slots(self.excited, n_slots, step)
        self.inhibited = with_slots(self.inhibited, n_slots, step)
        n_slots = max(wiring.longest_sic, 1) + slice_steps + 1
        self.sic = with_slots(self.sic.T, n_slots, step, past=True).T.copy()


def with_slots(ring: Floats, n_slots: int, step: int, *, past: bool = False) -> Floats:
    """Return a ring of another length, with what lies ahead of a step, or behind it.

    Parameters
    ----------
    ring : ndarray of shape (n_slots, n)
        What belongs to step s lies in slot ``s % n_slots``.
    n_slots : int
        New length.
    step : int
        Now.
    past : bool
        Whether the ring holds what was.
    """
    n_old = len(ring)
    if n_old == n_slots:
        return ring
    wider = np.zeros((n_slots, ring.shape[1]))
    n_known = min(n_old, n_slots) - 1
    steps = step - np.arange(n_known) if past else step + 1 + np.arange(n_known)
    steps = steps[steps >= 0]
    wider[steps % n_slots] = ring[steps % n_old]
    return wider


def carried_over(old: Wiring, state: Floats, new: Wiring) -> Floats:
    """Return the plasticity of a new wiring, with that of connections that were there before.

    Parameters
    ----------
    old, new : Wiring
        Connections before and now.
    state : ndarray of shape (n_rows, 4)
        Plasticity of the old ones.
    """
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
            rows = rows_of(known, part.projection)
            carried[part.row_of()[:, None], columns] = state[rows[:, None], columns]
    return carried


def rows_of(known: PlasticPart, changed: Projection) -> Longs:
    """Return the rows of connections whose entries may have been taken apart since.

    Parameters
    ----------
    known : PlasticPart
        Where their plasticity lies.
    changed : Projection
        The connections as they are now.
    """
    rows, copies = known.row_of(), known.projection.edges.copies
    if len(changed.edges.targets) == len(rows):
        return rows
    assert copies is not None
    return np.repeat(rows, copies)
