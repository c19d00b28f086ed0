"""The arrays that the compiled loop of the engine works on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.int8]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Kinds of blocks.
ADEX, IAF, LI_RINZEL, PARROT = 0, 1, 2, 3
REPEATED = -2
KINDS = {"adex": ADEX, "iaf": IAF, "li_rinzel": LI_RINZEL, "parrot": PARROT}


class Blocks(NamedTuple):
    """Nodes, in blocks of lanes, and what they keep from slice to slice.

    ``kind``, ``n_active`` (lanes in use, rounded up to whole vectors), ``constants_of`` (row of
    ``constants``) and ``sic_row`` (first row of ``sic``, or -1) have one entry per block. ``kept``
    holds the rows of each block that outlive a slice. ``excited`` and ``inhibited`` are rings of
    what arrives at each step, ``sic`` of the current that each astrocyte sends; ``last_sic`` is the
    last step at which an astrocyte sent any; ``last_of_block`` and ``any_sic`` are the end of the
    last slice in which any of a block, and any of those of a thread, did.
    """

    kind: Bytes
    n_active: Longs
    n_used: Longs
    constants_of: Ints
    sic_row: Longs
    constants: Floats
    kept: Floats
    excited: Floats
    inhibited: Floats
    sic: Floats
    last_sic: Longs
    last_of_block: Longs
    any_sic: Longs


class Owners(NamedTuple):
    """Which thread advances which blocks, and which lanes it may write to.

    ``first_block`` and ``last_block`` have shape (n_threads, n_populations); ``first_lane`` and
    ``last_lane`` likewise.
    """

    first_block: Ints
    last_block: Ints
    first_lane: Longs
    last_lane: Longs


class Axons(NamedTuple):
    """Outgoing connections: each source has some axons, each axon some edges.

    An axon ends in one population (``population``) and has one weight and one delay (steps), or,
    where ``weight_at`` or ``delay_at`` is not -1, the place of the first in ``edge_weight`` or
    ``edge_delay``. Where ``copies_at`` is not -1 edges stand for several connections. ``plastic``
    is the row of its short-term plasticity, or -1, or ``REPEATED`` if it ends at nodes that repeat
    every spike, whatever its weight.
    """

    first_axon: Longs
    first_edge: Longs
    last_edge: Longs
    population: Ints
    weight: Floats
    delay: Ints
    weight_at: Longs
    delay_at: Longs
    copies_at: Longs
    plastic: Longs
    recorded: Longs
    edge_target: Ints
    edge_weight: Floats
    edge_delay: Ints
    edge_copies: NDArray[np.uint16]


class Plasticity(NamedTuple):
    """Short-term plasticity of axons: constants (n, 4): U, tau_psc, tau_rec, tau_fac (ms).

    ``state`` has shape (n_threads, n, 4): x, y, u and the time of the spike before (ms); each
    thread keeps the rows of the axons that end at its nodes.
    """

    constants: Floats
    state: Floats


class SicEdges(NamedTuple):
    """Connections of astrocytes, by target lane.

    ``delays`` holds the different delays (steps). Number k of them, together with row r of
    ``Blocks.sic``, is what ``source`` calls ``k * n_rows + r``.
    """

    first: Longs
    source: Ints
    weight: Floats
    delays: Longs


class Drives(NamedTuple):
    """What generators give to blocks; entries of block b are ``first_x[b]`` to ``first_x[b + 1]``.

    Each entry has a generator, a delay (steps) and a row of ``weights`` (one per lane).
    ``expected`` holds the mean number of spikes of each rate generator at each stamp, ``current``
    the amplitude of each current generator from each grid point on, ``noise_mean`` and ``noise_sd``
    those of the generators of random currents; the columns are steps, counted from ``origin``.
    """

    origin: int
    first_rate: Ints
    rate_device: Ints
    rate_stream: Longs
    rate_delay: Ints
    rate_weights: Ints
    expected: Floats
    first_current: Ints
    current_device: Ints
    current_delay: Ints
    current_weights: Ints
    current: Floats
    first_noise: Ints
    noise_device: Ints
    noise_stream: Longs
    noise_delay: Ints
    noise_weights: Ints
    noise_mean: Floats
    noise_sd: Floats
    noise_start: Longs
    noise_interval: Longs
    weights: Floats


class Given(NamedTuple):
    """Spikes of spike generators in a stretch of time, ordered by step."""

    source: Longs
    step: Longs
    value: Floats


class Emitted(NamedTuple):
    """Spikes of a slice; slices take turns between the two halves of each array.

    ``n`` has shape (2, n_threads, n_populations + 1), the others (2, n_threads, capacity).
    """

    n: Longs
    source: Longs
    step: Longs
    value: Floats


class Recorded(NamedTuple):
    """Spikes and deliveries to keep.

    ``wanted`` tells for each source whether its spikes are kept; ``n`` counts what was kept, spikes
    and deliveries, and tells whether there was not room for all deliveries.
    """

    wanted: Bytes
    n: Longs
    source: Longs
    step: Longs
    edge: Longs
    edge_step: Longs
    edge_axon: Longs
    edge_weight: Floats


class Probes(NamedTuple):
    """What is sampled: entries of block b are ``first[b]`` to ``first[b + 1]``.

    An entry samples one row of the workspace for one lane: it belongs to a probe and has a column.
    ``interval``, ``offset``, ``start``, ``stop`` (steps), ``width`` (columns), ``begin`` (of its
    part of ``values``) and ``sampled`` (number of the first sample in it) have one entry per probe.
    """

    first: Longs
    probe: Ints
    row: Ints
    lane: Ints
    column: Longs
    interval: Longs
    offset: Longs
    start: Longs
    stop: Longs
    width: Longs
    begin: Longs
    first_sample: Longs
    values: Floats


class Shared(NamedTuple):
    """What the threads tell one another: a barrier, and how each fares (code, lane, step)."""

    barrier: Longs
    status: Longs


class Settings(NamedTuple):
    """How a network runs.

    Steps of a slice, longest delay of currents of astrocytes (steps), step of the grid (ms),
    whether the integrator is the exact one, and the key of the random numbers.
    """

    slice_steps: int
    longest_sic: int
    resolution_ms: float
    exact: bool
    key: tuple[np.uint64, np.uint64]


class Tables(NamedTuple):
    """All arrays of a run."""

    blocks: Blocks
    owners: Owners
    axons: Axons
    plasticity: Plasticity
    sic_edges: SicEdges
    drives: Drives
    given: Given
    emitted: Emitted
    recorded: Recorded
    probes: Probes
    shared: Shared


class Scratch(NamedTuple):
    """What a thread works on.

    Rows of a block, rows that arrive, windows of currents of astrocytes and which of them are open,
    and some numbers.
    """

    w: Floats
    arriving: Floats
    windows: Floats
    open: NDArray[np.bool_]
    numbers: Floats


class Slice(NamedTuple):
    """Where a thread is.

    The step before the slice, its number of steps, the half of `Emitted` that is written to, the
    thread, and whether currents of astrocytes may arrive.
    """

    first: int
    n_lags: int
    half: int
    thread: int
    reachable: bool
