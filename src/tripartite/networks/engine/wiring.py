"""From realised connections to the arrays that spikes run along."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from tripartite.kernels.compiling import compiled
from tripartite.networks.devices.device import Device
from tripartite.networks.engine.delivering import lower_bound
from tripartite.networks.engine.layout import Layout
from tripartite.networks.engine.tables import REPEATED, Axons, Floats, Longs, SicEdges
from tripartite.networks.models.parrot import Parrot
from tripartite.networks.nodes import Population
from tripartite.networks.parameters import Floats as Values
from tripartite.networks.projection import Projection
from tripartite.networks.synapses.tsodyks import Tsodyks
from tripartite.networks.time_grid import TimeGrid

_CONSTANTS = ("U", "tau_psc", "tau_rec", "tau_fac")
_STATE = ("x", "y", "u")


@dataclass(frozen=True, kw_only=True, eq=False)
class PlasticPart:
    """Where the short-term plasticity of a projection lies.

    Parameters
    ----------
    projection : Projection
        Connections with short-term plasticity.
    row : int
        Its first row.
    first : int64 ndarray of shape (n_rows + 1,)
        Where the entries of each row begin.
    order : int64 ndarray of shape (n_entries,), optional
        Entry of the edges at each place; without, as they are.
    """

    projection: Projection
    row: int
    first: Longs
    order: Longs | None

    def row_of(self) -> Longs:
        """Return the row of each entry of the edges."""
        rows = self.row + np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))
        if self.order is None:
            return rows
        of_entry = np.empty_like(rows)
        of_entry[self.order] = rows
        return of_entry

    def is_same(self, other: PlasticPart) -> bool:
        """Return whether the rows of another part are those of the same entries."""
        same = self.projection.edges is other.projection.edges
        return same and self.order is None and other.order is None


@dataclass(frozen=True, kw_only=True, eq=False)
class Wiring:
    """All connections between nodes, as the compiled loop takes them.

    Parameters
    ----------
    axons : Axons
        Connections that carry spikes.
    sic : SicEdges
        Connections that carry currents of astrocytes.
    plastic_constants, plastic_state : ndarray of shape (n_rows, 4)
        Constants and initial state of short-term plasticity.
    first_target : int64 ndarray of shape (n_rows,)
        A lane that each plastic axon ends at, whose owner keeps its state.
    plastic : tuple of PlasticPart
        Which rows belong to which projection.
    delays : tuple of (int, int)
        Least and largest delay of spikes and currents (steps); (0, 0) without any.
    longest_spike, longest_sic : int
        Largest delay of each (steps).
    """

    axons: Axons
    sic: SicEdges
    plastic_constants: Floats
    plastic_state: Floats
    first_target: Longs
    plastic: tuple[PlasticPart, ...]
    delays: tuple[int, int]
    longest_spike: int
    longest_sic: int


@compiled
def split_rows(first: np.ndarray, targets: np.ndarray, bounds: np.ndarray, out: np.ndarray) -> None:
    """Fill in where each row of ascending targets passes each bound.

    Parameters
    ----------
    first : int64 ndarray of shape (n_rows + 1,)
        Begin of each row.
    targets : int32 ndarray of shape (n_entries,)
        Ascending within each row.
    bounds : int64 ndarray of shape (n_bounds,)
        Ascending.
    out : int64 ndarray of shape (n_rows, n_bounds)
        Is filled.
    """
    for row in range(first.size - 1):
        begin = first[row]
        for k in range(bounds.size):
            begin = lower_bound(targets, begin, first[row + 1], bounds[k])
            out[row, k] = begin


@dataclass
class _Collected:
    """Pieces of the arrays, joined at the end."""

    source: list[Longs] = field(default_factory=list)
    axons: dict[str, list[np.ndarray]] = field(default_factory=dict)
    edges: dict[str, list[np.ndarray]] = field(default_factory=dict)
    n_edges: dict[str, int] = field(default_factory=dict)
    constants: list[Floats] = field(default_factory=list)
    state: list[Floats] = field(default_factory=list)
    n_plastic: int = 0
    plastic: list[PlasticPart] = field(default_factory=list)

    def add_edges(self, name: str, values: np.ndarray) -> int:
        """Append values of edges and return the place of the first."""
        place = self.n_edges.get(name, 0)
        self.edges.setdefault(name, []).append(values)
        self.n_edges[name] = place + len(values)
        return place

    def add_axons(self, source: Longs, **columns: object) -> None:
        """Append axons, with one number each or the same for all."""
        self.source.append(source)
        for name, column in columns.items():
            self.axons.setdefault(name, []).append(
                np.broadcast_to(np.asarray(column), source.shape)
            )


def wire(
    projections: Iterable[Projection],
    layout: Layout,
    grid: TimeGrid,
    weighed: Sequence[tuple[int, str]] = (),
) -> Wiring:
    """Return the arrays of all connections between nodes, and from spike generators.

    Parameters
    ----------
    projections : iterable of Projection
        All connections; those of other devices are left out.
    layout : Layout
        Where the nodes lie.
    grid : TimeGrid
        Time grid of the network.
    weighed : sequence of (int, str)
        Number and role of the projections whose deliveries are recorded.
    """
    collected = _Collected()
    sic, delays = [], [1]
    shortest: list[int] = []
    for projection in projections:
        if projection.synapse.carries_sic:
            sic.append(projection)
        elif _sends_spikes(projection):
            which = (projection.number, projection.role)
            place = weighed.index(which) if which in weighed else -1
            delays.append(_add_projection(collected, projection, layout, grid, place))
            shortest.append(_extreme(projection, grid, np.min))
    edges = _sic_edges(sic, layout, grid)
    longest_sic = int(edges.delays.max(initial=0))
    shortest += [int(edges.delays.min())] if edges.delays.size else []
    axons = _join(collected, layout.n_sources)
    states = np.concatenate([*collected.state, np.empty((0, 4))])
    plastic_axons = np.flatnonzero(axons.plastic >= 0)
    first_target = np.zeros(len(states), dtype=np.int64)
    first_target[axons.plastic[plastic_axons]] = axons.edge_target[axons.first_edge[plastic_axons]]
    return Wiring(
        axons=axons,
        sic=edges,
        plastic_constants=np.concatenate([*collected.constants, np.empty((0, 4))]),
        plastic_state=states,
        first_target=first_target,
        plastic=tuple(collected.plastic),
        delays=(min(shortest, default=0), max(max(delays), longest_sic) if shortest else 0),
        longest_spike=max(delays),
        longest_sic=longest_sic,
    )


def _sends_spikes(projection: Projection) -> bool:
    models = [population.model for population in projection.pre.populations]
    return all(not isinstance(model, Device) or model.gives == "spikes" for model in models)


def _extreme(projection: Projection, grid: TimeGrid, which: object) -> int:
    delays = grid.steps(projection.values["delay"], name="delay_ms", least=1)
    return int(which(delays)) if np.size(delays) else 1  # type: ignore[operator]


def _add_projection(
    collected: _Collected, projection: Projection, layout: Layout, grid: TimeGrid, weighed: int
) -> int:
    """Add the axons and edges of a projection; return its largest delay (steps)."""
    edges, values = projection.edges, projection.values
    plastic = issubclass(projection.synapse, Tsodyks)
    sources = layout.lanes_of(projection.pre)
    targets = _lanes_at(edges.targets, layout.lanes_of(projection.post))
    first, row_source, order, set_of = edges.first, sources, None, None
    if plastic and any(np.ndim(values[name]) for name in (*_CONSTANTS, *_STATE)):
        first, row_source, order, set_of = _rows_by_parameters(projection, sources)
        targets = targets[order]
    begin = collected.add_edges("edge_target", targets)
    where = {"weight_at": -1, "delay_at": -1, "copies_at": -1}
    weight, delay = values["weight"], grid.steps(values["delay"], name="delay_ms", least=1)
    own = {
        "weight": (weight, float),
        "delay": (delay, np.int32),
        "copies": (edges.copies, np.uint16),
    }
    for name, (column, dtype) in own.items():
        if np.ndim(column):
            column = np.asarray(column, dtype=dtype)
            column = column if order is None else column[order]
            where[f"{name}_at"] = collected.add_edges(f"edge_{name}", column)
    plastic_row = np.full(len(row_source), -1, dtype=np.int64)
    if plastic:
        plastic_row = collected.n_plastic + np.arange(len(row_source))
        _add_plasticity(collected, projection, first, order, set_of)
    rows = np.empty((len(row_source), len(projection.post.parts) + 1), dtype=np.int64)
    bounds = _lane_bounds(projection.post.populations, layout)
    split_rows(first, targets, bounds, rows)
    for k, population in enumerate(projection.post.populations):
        there = rows[:, k] < rows[:, k + 1]
        repeats = isinstance(population.model, Parrot)  # whatever the weight, a spike is repeated
        skipped = rows[there, k]
        collected.add_axons(
            row_source[there],
            first_edge=begin + rows[there, k],
            last_edge=begin + rows[there, k + 1],
            population=np.int32(population.number),
            weight=1.0 if repeats or np.ndim(weight) else float(np.asarray(weight)),
            delay=np.int32(0 if np.ndim(delay) else delay),
            weight_at=-1 if where["weight_at"] < 0 or repeats else where["weight_at"] + skipped,
            delay_at=-1 if where["delay_at"] < 0 else where["delay_at"] + skipped,
            copies_at=-1 if where["copies_at"] < 0 else where["copies_at"] + skipped,
            plastic=np.int64(REPEATED) if repeats else plastic_row[there],
            recorded=np.int64(weighed),
        )
    return int(np.max(delay)) if np.size(delay) else 1


def _lanes_at(positions: np.ndarray, lanes: Longs) -> np.ndarray:
    """Return the lane at each position, without a copy where they are the same."""
    first = int(lanes[0])
    if np.array_equal(lanes, np.arange(first, first + len(lanes))):
        return positions + np.int32(first) if first else positions
    return lanes.astype(np.int32)[positions]


def _rows_by_parameters(
    projection: Projection, sources: Longs
) -> tuple[Longs, Longs, Longs, Longs]:
    """Group the edges of each source by what plasticity they have.

    Returns the begin of each group, its source, the order of the edges, and the set of parameters
    of each group.
    """
    edges, n = projection.edges, len(projection.edges.targets)
    table = np.stack(
        [np.broadcast_to(projection.values[name], n) for name in (*_CONSTANTS, *_STATE)], axis=1
    )
    _, of_edge = np.unique(table, axis=0, return_inverse=True)
    of_edge = of_edge.ravel()
    row = np.repeat(np.arange(len(sources)), np.diff(edges.first))
    order = np.lexsort((edges.targets, of_edge, row))
    row, of_edge = row[order], of_edge[order]
    new = np.flatnonzero(np.diff(row, prepend=-1) | np.diff(of_edge, prepend=-1))
    first = np.append(new, n).astype(np.int64)
    return first, sources[row[new]], order, new


def _add_plasticity(
    collected: _Collected,
    projection: Projection,
    first: Longs,
    order: Longs | None,
    heads: Longs | None,
) -> None:
    n, values = len(first) - 1, projection.values

    def column(name: str) -> Values:
        if order is None or heads is None or not np.ndim(values[name]):
            return np.broadcast_to(np.asarray(values[name], dtype=float), n)
        return np.asarray(values[name])[order][heads]

    collected.constants.append(np.stack([column(name) for name in _CONSTANTS], axis=1))
    start = np.stack([*(column(name) for name in _STATE), np.zeros(n)], axis=1)
    collected.state.append(start)
    part = PlasticPart(projection=projection, row=collected.n_plastic, first=first, order=order)
    collected.plastic.append(part)
    collected.n_plastic += n


def _lane_bounds(populations: Sequence[Population], layout: Layout) -> Longs:
    starts = [layout.first_lane[population.number] for population in populations]
    last = populations[-1]
    return np.array([*starts, starts[-1] + last.size], dtype=np.int64)


def _join(collected: _Collected, n_sources: int) -> Axons:
    source = np.concatenate([*collected.source, np.empty(0, dtype=np.int64)])
    plastic = np.concatenate([*collected.axons.get("plastic", []), np.empty(0, dtype=np.int64)])
    order = np.lexsort((plastic, source))  # axons that share plasticity lie side by side
    counts = np.bincount(source, minlength=n_sources)

    def axon(name: str, dtype: type) -> np.ndarray:
        pieces = collected.axons.get(name, [])
        return np.concatenate([*pieces, np.empty(0)]).astype(dtype)[order]

    def edge(name: str, dtype: type) -> np.ndarray:
        pieces = collected.edges.pop(name, [])
        return (
            pieces[0].astype(dtype, copy=False) if len(pieces) == 1 else _concatenate(pieces, dtype)
        )

    return Axons(
        first_axon=np.concatenate([[0], np.cumsum(counts)]),
        first_edge=axon("first_edge", np.int64),
        last_edge=axon("last_edge", np.int64),
        population=axon("population", np.int32),
        weight=axon("weight", np.float64),
        delay=axon("delay", np.int32),
        weight_at=axon("weight_at", np.int64),
        delay_at=axon("delay_at", np.int64),
        copies_at=axon("copies_at", np.int64),
        plastic=axon("plastic", np.int64),
        recorded=axon("recorded", np.int64),
        edge_target=edge("edge_target", np.int32),
        edge_weight=edge("edge_weight", np.float64),
        edge_delay=edge("edge_delay", np.int32),
        edge_copies=edge("edge_copies", np.uint16),
    )


def _concatenate(pieces: list[np.ndarray], dtype: type) -> np.ndarray:
    """Join arrays, giving each back to the system once it is copied."""
    joined = np.empty(sum(map(len, pieces)), dtype=dtype)
    place = 0
    while pieces:
        piece = pieces.pop(0)
        joined[place : place + len(piece)] = piece
        place += len(piece)
    return joined


def _sic_edges(projections: list[Projection], layout: Layout, grid: TimeGrid) -> SicEdges:
    """Return the currents of astrocytes by target, those of equal ends and delay merged."""
    columns: list[tuple[Longs, Longs, Floats, Longs]] = []
    for each in projections:
        edges = each.edges
        counts = np.diff(edges.first)
        source = np.repeat(layout.lanes_of(each.pre), counts)
        target = layout.lanes_of(each.post)[edges.targets]
        weight = np.broadcast_to(np.asarray(each.values["weight"], dtype=float), target.shape)
        weight = weight if edges.copies is None else weight * edges.copies
        delay = grid.steps(each.values["delay"], name="delay_ms", least=1)
        columns.append((source, target, weight, np.broadcast_to(delay, target.shape)))
    empty = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0), np.empty(0))
    source, target, weight, delay = (
        np.concatenate(column) for column in zip(*columns, empty, strict=True)
    )
    order = np.lexsort((delay, source, target))
    source, target, weight, delay = source[order], target[order], weight[order], delay[order]
    changed = np.diff(target, prepend=-1) | np.diff(source, prepend=-1)
    new = np.flatnonzero(changed.astype(bool) | (np.diff(delay, prepend=-1) != 0))
    merged = np.add.reduceat(weight, new) if len(new) else weight
    counts = np.bincount(target[new], minlength=layout.n_lanes)
    delays, which = np.unique(delay[new].astype(np.int64), return_inverse=True)
    rows = _sic_rows(layout)
    return SicEdges(
        first=np.concatenate([[0], np.cumsum(counts)]),
        source=(which.ravel() * (rows.max(initial=-1) + 1) + rows[source[new]]).astype(np.int32),
        weight=merged,
        delays=delays,
    )


def _sic_rows(layout: Layout) -> Longs:
    """Return for each lane the row of the current that it sends, -1 for others."""
    from tripartite.kernels.lanes import LANES
    from tripartite.networks.engine.layout import block_arrays

    rows = block_arrays(layout)["sic_row"]
    lanes = rows[:, None] + np.arange(LANES)
    return np.where(rows[:, None] < 0, -1, lanes).ravel()
