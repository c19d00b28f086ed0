"""The compiled loop: slice after slice, nodes are advanced and their spikes delivered."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tripartite.kernels import alpha_function, barrier, elementary, lanes, random, runge_kutta
from tripartite.kernels.barrier import wait_for_all
from tripartite.kernels.compiling import compiled, digest_of
from tripartite.kernels.lanes import LANES, get, put
from tripartite.networks.engine import arriving, delivering, node_steps, rows, tables
from tripartite.networks.engine.arriving import (
    add_currents,
    add_noise,
    add_random_spikes,
    gather_sic,
    open_windows,
)
from tripartite.networks.engine.delivering import deliver, lower_bound
from tripartite.networks.engine.node_steps import (
    fast_adex,
    fast_astro,
    fast_iaf,
    finish_adex,
    finish_astro,
    finish_iaf,
    redo_adex,
    redo_astro,
    redo_iaf,
    try_adex,
    try_astro,
    try_iaf,
)
from tripartite.networks.engine.rows import (
    CONSTANTS,
    EVENTS,
    EXCITED,
    INHIBITED,
    N_ARRIVING,
    N_CONSTANTS,
    N_KEPT,
    NEXT_SIC,
    NEXT_STIMULUS,
    SIC,
    WORKSPACE,
)
from tripartite.networks.engine.tables import (
    ADEX,
    IAF,
    LI_RINZEL,
    Axons,
    Blocks,
    Drives,
    Emitted,
    Given,
    Owners,
    Plasticity,
    Probes,
    Recorded,
    Shared,
    SicEdges,
)
from tripartite.networks.models import adex, iaf, li_rinzel
from tripartite.networks.synapses import tsodyks

#: More spikes in a slice than there is room for.
FLOODED = -3


@njit(nogil=True)
def step_block(
    kind: int,
    w: np.ndarray,
    arriving: np.ndarray,
    steps: int,
    lag: int,
    n: int,
    dt: float,
    exact: bool,
) -> int:
    """Advance a block by one step; return how many lanes spiked or sent, or a failure."""
    if kind == ADEX:
        events = try_adex(w, n, dt) if exact else fast_adex(w, n, dt)
        if exact and events > 0:
            events = 0
            for j in range(n):
                if get(w, EVENTS, j) > 0.0:
                    spikes = redo_adex(w, j, dt)
                    put(w, EVENTS, j, spikes)
                    if spikes < 0:
                        return spikes
                    events += spikes > 0
        finish_adex(w, arriving, steps, lag, n)
        return events
    if kind == IAF:
        if not exact:
            fast_iaf(w, n, dt)
        elif try_iaf(w, n, dt) > 0:
            for j in range(n):
                if get(w, EVENTS, j) > 0.0:
                    redo_iaf(w, j, dt)
        return finish_iaf(w, arriving, steps, lag, n)
    if kind == LI_RINZEL:
        if not exact:
            fast_astro(w, n, dt)
        elif try_astro(w, n, dt) > 0:
            for j in range(n):
                if get(w, EVENTS, j) > 0.0:
                    redo_astro(w, j, dt)
        return finish_astro(w, arriving, steps, lag, n)
    events = 0
    for j in range(n):
        repeated = get(arriving, EXCITED * steps + lag, j)
        put(w, EVENTS, j, repeated)
        events += repeated > 0.0
    return events


@njit(nogil=True)
def failed_lane(w: np.ndarray, n: int) -> int:
    """Return the lane whose step failed."""
    for j in range(n):
        if get(w, EVENTS, j) < 0.0:
            return j
    return 0


@njit(nogil=True)
def emit(
    w: np.ndarray,
    block: int,
    n_used: int,
    step: int,
    half: int,
    thread: int,
    place: int,
    emitted: Emitted,
) -> int:
    """Write down the spikes of a step; return the next place, or FLOODED."""
    room = emitted.source.shape[2]
    for j in range(n_used):
        for _ in range(int(get(w, EVENTS, j))):
            if place >= room:
                return FLOODED
            emitted.source[half, thread, place] = block * LANES + j
            emitted.step[half, thread, place] = step
            emitted.value[half, thread, place] = 1.0
            place += 1
    return place


@njit(nogil=True)
def sample(w: np.ndarray, block: int, step: int, probes: Probes) -> None:
    """Sample what is recorded of a block at the end of a step."""
    for entry in range(probes.first[block], probes.first[block + 1]):
        probe = probes.probe[entry]
        if step <= probes.start[probe] or step > probes.stop[probe]:
            continue
        since = step - probes.offset[probe]
        if since < 0 or since % probes.interval[probe]:
            continue
        number = since // probes.interval[probe] - probes.first_sample[probe]
        at = probes.begin[probe] + number * probes.width[probe] + probes.column[entry]
        probes.values[at] = get(w, probes.row[entry], probes.lane[entry])


@njit(nogil=True)
def copy_rows(source: np.ndarray, row: int, target: np.ndarray, to: int, n_rows: int) -> None:
    """Copy rows of lanes from one workspace to another."""
    for r in range(n_rows):
        for j in range(LANES):
            put(target, to + r, j, get(source, row + r, j))


@njit(nogil=True)
def take_from_ring(
    ring: np.ndarray, block: int, first: int, n_lags: int, arriving: np.ndarray, to: int
) -> None:
    """Take what spikes brought for the steps of a slice, and make room for later ones."""
    n_slots, n_blocks = ring.shape[0], ring.shape[1] // LANES
    for lag in range(n_lags):
        row = (first + lag + 1) % n_slots * n_blocks + block
        for j in range(LANES):
            put(arriving, to + lag, j, get(ring, row, j))
        for j in range(LANES):
            put(ring, row, j, 0.0)


@njit(nogil=True)
def clear_rows(arriving: np.ndarray, row: int, n_rows: int) -> None:
    """Set rows to 0."""
    for r in range(n_rows):
        for j in range(LANES):
            put(arriving, row + r, j, 0.0)


@njit(nogil=True)
def send_sic(
    block: int, n_used: int, first: int, n_lags: int, blocks: Blocks, sent: np.ndarray
) -> None:
    """Write down the currents that astrocytes sent in a slice, for those that they reach later."""
    n_slots = blocks.sic.shape[1]
    for j in range(n_used):
        row = blocks.sic_row[block] + j
        for lag in range(n_lags):
            current = get(sent, lag, j)
            blocks.sic[row, (first + lag + 1) % n_slots] = current
            if current != 0.0:
                blocks.last_sic[row] = first + lag + 1


@njit(nogil=True)
def advance_block(
    block: int,
    first: int,
    n_lags: int,
    half: int,
    thread: int,
    place: int,
    dt: float,
    exact: bool,
    reachable: bool,
    blocks: Blocks,
    sic_edges: SicEdges,
    drives: Drives,
    key: tuple,
    emitted: Emitted,
    probes: Probes,
    shared: Shared,
    w: np.ndarray,
    scratch: np.ndarray,
    arriving: np.ndarray,
    windows: np.ndarray,
    open_: np.ndarray,
) -> int:
    """Advance a block by a slice; return the next place for spikes, or a failure."""
    kind, n, n_used = blocks.kind[block], blocks.n_active[block], blocks.n_used[block]
    steps = arriving.size // (N_ARRIVING * LANES)
    take_from_ring(blocks.excited, block, first, n_lags, arriving, EXCITED * steps)
    if kind != LI_RINZEL:
        take_from_ring(blocks.inhibited, block, first, n_lags, arriving, INHIBITED * steps)
    driven = drives.first_current[block] < drives.first_current[block + 1]
    driven |= drives.first_noise[block] < drives.first_noise[block + 1]
    if driven:
        clear_rows(arriving, NEXT_STIMULUS * steps, n_lags)
    add_random_spikes(block, n, first, n_lags, drives, key, steps, arriving, scratch)
    add_currents(block, n, first, n_lags, drives, steps, arriving)
    add_noise(block, n, first, n_lags, drives, key, steps, arriving)
    if reachable:
        gather_sic(block, n_used, n_lags, sic_edges, windows, open_, steps, arriving, scratch)
    copy_rows(blocks.kept, block * N_KEPT, w, 0, N_KEPT)
    copy_rows(blocks.constants, blocks.constants_of[block] * N_CONSTANTS, w, CONSTANTS, N_CONSTANTS)
    sending, sampled = False, probes.first[block] < probes.first[block + 1]
    for lag in range(n_lags):
        step = first + lag + 1
        events = step_block(kind, w, arriving, steps, lag, n, dt, exact)
        if events < 0:
            shared.status[thread, 0] = events
            shared.status[thread, 1] = block * LANES + failed_lane(w, n)
            shared.status[thread, 2] = step
            return events
        if kind == LI_RINZEL:
            sending |= events > 0
            # What arrives at astrocytes does not inhibit: its rows take up what they send.
            copy_rows(w, SIC, arriving, INHIBITED * steps + lag, 1)
        elif events > 0:
            place = emit(w, block, n_used, step, half, thread, place, emitted)
            if place < 0:
                shared.status[thread, 0] = place
                shared.status[thread, 1], shared.status[thread, 2] = block * LANES, step
                return place
        if sampled:
            sample(w, block, step, probes)
    copy_rows(w, 0, blocks.kept, block * N_KEPT, N_KEPT)
    # The rows of currents are left as the next block expects to find them.
    if driven:
        clear_rows(arriving, NEXT_STIMULUS * steps, n_lags)
    if reachable and kind != LI_RINZEL:
        clear_rows(arriving, NEXT_SIC * steps, n_lags)
    if kind == LI_RINZEL:
        # The ring of a block that has long been silent holds nothing but zeros.
        if sending:
            blocks.last_of_block[block] = first + n_lags
            blocks.any_sic[thread] = first + n_lags
        if sending or first - blocks.last_of_block[block] <= blocks.sic.shape[1]:
            send_sic(block, n_used, first, n_lags, blocks, arriving[INHIBITED * steps * LANES :])
    return place


@njit(nogil=True)
def give(
    given: Given,
    first: int,
    n_lags: int,
    first_lane: int,
    last_lane: int,
    half: int,
    thread: int,
    place: int,
    emitted: Emitted,
) -> int:
    """Write down the spikes of spike generators in a slice; return the next place, or FLOODED."""
    k = lower_bound(given.step, 0, given.step.size, first + 1)
    while k < given.step.size and given.step[k] <= first + n_lags:
        if first_lane <= given.source[k] < last_lane:
            if place >= emitted.source.shape[2]:
                return FLOODED
            emitted.source[half, thread, place] = given.source[k]
            emitted.step[half, thread, place] = given.step[k]
            emitted.value[half, thread, place] = given.value[k]
            place += 1
        k += 1
    return place


@njit(nogil=True)
def _run_slices(
    thread: int,
    first: int,
    last: int,
    slice_steps: int,
    longest_sic: int,
    dt: float,
    exact: bool,
    key: tuple,
    blocks: Blocks,
    owners: Owners,
    axons: Axons,
    plasticity: Plasticity,
    sic_edges: SicEdges,
    drives: Drives,
    given: Given,
    emitted: Emitted,
    recorded: Recorded,
    probes: Probes,
    shared: Shared,
) -> int:
    """Run one thread from step `first` to step `last`; return the step reached.

    It stops early where there may not be room to keep the spikes of another slice. All threads
    reach the same step, also after a failure, which is told in ``shared.status``.
    """
    n_threads, n_populations = owners.first_block.shape
    n_windows = sic_edges.delays.size * blocks.sic.shape[0]
    windows = np.zeros((n_windows, slice_steps))
    open_ = np.zeros(n_windows, dtype=np.bool_)
    w, scratch = np.zeros(WORKSPACE), np.zeros(max(slice_steps, 4 * LANES))
    arriving = np.zeros(N_ARRIVING * slice_steps * LANES)
    # Neither number is a literal: functions would be compiled twice, for it and for what follows.
    room, half, kept = recorded.source.size, first - first, 0
    half_of_edges = recorded.edge.size // 2
    while first < last:
        n_lags = min(slice_steps, last - first)
        # Another thread may already be in this slice: what it adds then is not due before the next.
        reachable = first < 0
        for other in range(n_threads):
            reachable |= blocks.any_sic[other] >= first + 1 - longest_sic
        if reachable:
            open_windows(first, n_lags, blocks, sic_edges, windows, open_)
        place = 0
        for population in range(n_populations):
            emitted.n[half, thread, population] = place
            if owners.first_block[thread, population] < 0:
                first_lane = owners.first_lane[thread, population]
                last_lane = owners.last_lane[thread, population]
                place = give(
                    given, first, n_lags, first_lane, last_lane, half, thread, place, emitted
                )
                if place < 0:
                    shared.status[thread, 0] = place
                    shared.status[thread, 1], shared.status[thread, 2] = first_lane, first
            for block in range(
                owners.first_block[thread, population], owners.last_block[thread, population]
            ):
                place = advance_block(
                    block,
                    first,
                    n_lags,
                    half,
                    thread,
                    place,
                    dt,
                    exact,
                    reachable,
                    blocks,
                    sic_edges,
                    drives,
                    key,
                    emitted,
                    probes,
                    shared,
                    w,
                    scratch,
                    arriving,
                    windows,
                    open_,
                )
                if place < 0:
                    break
            if place < 0:
                break
        if place >= 0:
            emitted.n[half, thread, n_populations] = place
        wait_for_all(shared.barrier, n_threads)
        failed = False
        for other in range(n_threads):
            failed |= shared.status[other, 0] < 0
        if failed:
            return first
        deliver(half, thread, dt, blocks, owners, axons, plasticity, emitted, recorded)
        for other in range(n_threads):
            kept += emitted.n[half, other, n_populations]
        first += n_lags
        half = 1 - half
        if kept + n_threads * emitted.source.shape[2] > room or recorded.n[1] > half_of_edges:
            break
    return first


def _cached_run(digest: int) -> Any:
    """Return the loop as a function that is kept on disk under the digest of all its sources."""

    @compiled
    def run_slices(
        thread: int,
        first: int,
        last: int,
        slice_steps: int,
        longest_sic: int,
        dt: float,
        exact: bool,
        key: tuple,
        blocks: Blocks,
        owners: Owners,
        axons: Axons,
        plasticity: Plasticity,
        sic_edges: SicEdges,
        drives: Drives,
        given: Given,
        emitted: Emitted,
        recorded: Recorded,
        probes: Probes,
        shared: Shared,
    ) -> int:
        if digest == 0:  # never; it makes the digest part of the function
            return first
        return _run_slices(
            thread,
            first,
            last,
            slice_steps,
            longest_sic,
            dt,
            exact,
            key,
            blocks,
            owners,
            axons,
            plasticity,
            sic_edges,
            drives,
            given,
            emitted,
            recorded,
            probes,
            shared,
        )

    return run_slices


run_slices = _cached_run(
    digest_of(
        [
            *(adex, iaf, li_rinzel, tsodyks),
            *(alpha_function, barrier, elementary, lanes, random, runge_kutta),
            *(arriving, delivering, node_steps, rows, tables),
        ]
    )
)
