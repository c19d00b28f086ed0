"""One block of nodes, moved on by a slice."""

from __future__ import annotations

import numpy as np
from numba import njit

from tripartite.kernels.lanes import LANES, get, put
from tripartite.networks.engine.arriving import (
    add_currents,
    add_noise,
    add_random_spikes,
    gather_sic,
)
from tripartite.networks.engine.node_steps import (
    STALLED,
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
    N_CONSTANTS,
    N_KEPT,
    NEXT_SIC,
    NEXT_STIMULUS,
    SIC,
)
from tripartite.networks.engine.tables import (
    ADEX,
    IAF,
    LI_RINZEL,
    Blocks,
    Emitted,
    Probes,
    Scratch,
    Settings,
    Shared,
    Slice,
    Tables,
)

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
    h: float,
    exact: bool,
) -> int:
    """Advance a block by one step; return how many lanes spiked or sent, or a failure."""
    if kind == ADEX:
        events = try_adex(w, n, h) if exact else fast_adex(w, n, h)
        if events > 0:
            events = 0
            for j in range(n):
                spikes = int(get(w, EVENTS, j))
                if exact and spikes > 0:
                    spikes = redo_adex(w, j, h)
                    put(w, EVENTS, j, spikes)
                if spikes < 0:
                    return spikes
                events += spikes > 0
        finish_adex(w, arriving, steps, lag, n)
        return events
    if kind == IAF:
        if not exact:
            fast_iaf(w, n, h)
        elif try_iaf(w, n, h) > 0:
            for j in range(n):
                if get(w, EVENTS, j) > 0.0 and redo_iaf(w, j, h) < 0:
                    put(w, EVENTS, j, STALLED)
                    return STALLED
        return finish_iaf(w, arriving, steps, lag, n)
    if kind == LI_RINZEL:
        if not exact:
            fast_astro(w, n, h)
        elif try_astro(w, n, h) > 0:
            for j in range(n):
                if get(w, EVENTS, j) > 0.0 and redo_astro(w, j, h) < 0:
                    put(w, EVENTS, j, STALLED)
                    return STALLED
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
def tell_failure(shared: Shared, thread: int, code: int, lane: int, step: int) -> int:
    """Write down for all threads what went wrong, where and when; return its code."""
    shared.status[thread, 0] = code
    shared.status[thread, 1], shared.status[thread, 2] = lane, step
    return code


@njit(nogil=True)
def emit_one(
    emitted: Emitted, half: int, thread: int, place: int, source: int, step: int, value: float
) -> int:
    """Write down a spike; return the next place, or FLOODED."""
    if place >= emitted.source.shape[2]:
        return FLOODED
    emitted.source[half, thread, place] = source
    emitted.step[half, thread, place] = step
    emitted.value[half, thread, place] = value
    return place + 1


@njit(nogil=True)
def emit(
    w: np.ndarray, block: int, n_used: int, step: int, now: Slice, place: int, emitted: Emitted
) -> int:
    """Write down the spikes of a step; return the next place, or FLOODED."""
    for j in range(n_used):
        for _ in range(int(get(w, EVENTS, j))):
            lane = block * LANES + j
            place = emit_one(emitted, now.half, now.thread, place, lane, step, 1.0)
            if place < 0:
                return place
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
def take_in(
    block: int, kind: int, now: Slice, settings: Settings, tables: Tables, scratch: Scratch
) -> bool:
    """Fill the rows of what arrives in a slice; return whether currents of generators do."""
    blocks, drives, arriving = tables.blocks, tables.drives, scratch.arriving
    n, first, n_lags, steps = blocks.n_active[block], now.first, now.n_lags, settings.slice_steps
    take_from_ring(blocks.excited, block, first, n_lags, arriving, EXCITED * steps)
    if kind != LI_RINZEL:
        take_from_ring(blocks.inhibited, block, first, n_lags, arriving, INHIBITED * steps)
    driven = drives.first_current[block] < drives.first_current[block + 1]
    driven |= drives.first_noise[block] < drives.first_noise[block + 1]
    numbers, key = scratch.numbers, settings.key
    add_random_spikes(block, n, first, n_lags, drives, key, steps, arriving, numbers)
    add_currents(block, n, first, n_lags, drives, steps, arriving)
    add_noise(block, n, first, n_lags, drives, key, steps, arriving)
    if now.reachable:
        windows, is_open = scratch.windows, scratch.open
        edges, n_used = tables.sic_edges, blocks.n_used[block]
        gather_sic(block, n_used, n_lags, edges, windows, is_open, steps, arriving, numbers)
    return driven


@njit(nogil=True)
def send_sic(block: int, now: Slice, sending: bool, blocks: Blocks, sent: np.ndarray) -> None:
    """Write down the currents that astrocytes sent in a slice, for those that they reach later."""
    n_slots, end = blocks.sic.shape[1], now.first + now.n_lags
    if sending:
        blocks.last_of_block[block] = end
        blocks.any_sic[now.thread] = end
    elif now.first - blocks.last_of_block[block] > n_slots:
        return  # long silent: its part of the ring holds nothing but zeros
    for j in range(blocks.n_used[block]):
        row = blocks.sic_row[block] + j
        for lag in range(now.n_lags):
            current = get(sent, lag, j)
            blocks.sic[row, (now.first + lag + 1) % n_slots] = current
            if current != 0.0:
                blocks.last_sic[row] = now.first + lag + 1


@njit(nogil=True)
def advance_block(
    block: int, place: int, now: Slice, settings: Settings, tables: Tables, scratch: Scratch
) -> int:
    """Advance a block by a slice; return the next place for spikes, or a failure."""
    blocks, probes, shared = tables.blocks, tables.probes, tables.shared
    w, arriving, steps = scratch.w, scratch.arriving, settings.slice_steps
    kind, n, n_used = blocks.kind[block], blocks.n_active[block], blocks.n_used[block]
    driven = take_in(block, kind, now, settings, tables, scratch)
    copy_rows(blocks.kept, block * N_KEPT, w, 0, N_KEPT)
    copy_rows(blocks.constants, blocks.constants_of[block] * N_CONSTANTS, w, CONSTANTS, N_CONSTANTS)
    sending, sampled = False, probes.first[block] < probes.first[block + 1]
    for lag in range(now.n_lags):
        step = now.first + lag + 1
        events = step_block(
            kind, w, arriving, steps, lag, n, settings.resolution_ms, settings.exact
        )
        if events < 0:
            lane = block * LANES + failed_lane(w, n)
            return tell_failure(shared, now.thread, events, lane, step)
        if kind == LI_RINZEL:
            sending |= events > 0
            # What arrives at astrocytes does not inhibit: its rows take up what they send.
            copy_rows(w, SIC, arriving, INHIBITED * steps + lag, 1)
        elif events > 0:
            place = emit(w, block, n_used, step, now, place, tables.emitted)
            if place < 0:
                return tell_failure(shared, now.thread, place, block * LANES, step)
        if sampled:
            sample(w, block, step, probes)
    copy_rows(w, 0, blocks.kept, block * N_KEPT, N_KEPT)
    # The rows of currents are left at zero, as the next block expects to find them.
    if driven:
        clear_rows(arriving, NEXT_STIMULUS * steps, now.n_lags)
    if kind == LI_RINZEL:
        send_sic(block, now, sending, blocks, arriving[INHIBITED * steps * LANES :])
    elif now.reachable:
        clear_rows(arriving, NEXT_SIC * steps, now.n_lags)
    return place
