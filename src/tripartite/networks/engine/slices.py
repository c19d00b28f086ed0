"""The compiled loop: slice after slice, nodes are advanced and their spikes delivered."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tripartite.kernels import barrier, elementary, lanes, random, runge_kutta
from tripartite.kernels.barrier import wait_for_all
from tripartite.kernels.compiling import compiled, digest_of
from tripartite.kernels.lanes import LANES
from tripartite.networks.engine import arriving, delivering, node_steps, rows, tables
from tripartite.networks.engine.arriving import (
    add_currents,
    add_noise,
    add_random_spikes,
    gather_sic,
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
def step_block(kind: int, w: np.ndarray, n: int, dt: float, exact: bool) -> int:
    """Advance a block by one step; return how many lanes spiked, or a failure."""
    if kind == ADEX:
        some = try_adex(w, n, dt) if exact else fast_adex(w, n, dt)
        spiking = 0
        if exact and some > 0:
            for j in range(n):
                if w[EVENTS * LANES + j] > 0.0:
                    spikes = redo_adex(w, j, dt)
                    w[EVENTS * LANES + j] = spikes
                    if spikes < 0:
                        return spikes
                    spiking += spikes > 0
        elif some > 0:
            spiking = 1
        finish_adex(w, n)
        return spiking
    if kind == IAF:
        if not exact:
            fast_iaf(w, n, dt)
        elif try_iaf(w, n, dt) > 0:
            for j in range(n):
                if w[EVENTS * LANES + j] > 0.0:
                    redo_iaf(w, j, dt)
        return finish_iaf(w, n)
    if kind == LI_RINZEL:
        if not exact:
            fast_astro(w, n, dt)
        elif try_astro(w, n, dt) > 0:
            for j in range(n):
                if w[EVENTS * LANES + j] > 0.0:
                    redo_astro(w, j, dt)
        return finish_astro(w, n)
    spiking = 0
    for j in range(n):
        w[EVENTS * LANES + j] = w[EXCITED * LANES + j]
        spiking += w[EXCITED * LANES + j] > 0.0
    return spiking


@njit(nogil=True)
def failed_lane(w: np.ndarray, n: int) -> int:
    """Return the lane whose step failed."""
    for j in range(n):
        if w[EVENTS * LANES + j] < 0.0:
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
        for _ in range(int(w[EVENTS * LANES + j])):
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
        probes.values[at] = w[probes.row[entry] * LANES + probes.lane[entry]]


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
) -> int:
    """Advance a block by a slice; return the next place for spikes, or a failure."""
    kind, n, n_used = blocks.kind[block], blocks.n_active[block], blocks.n_used[block]
    size = n_lags * LANES
    excited, inhibited = arriving[0], arriving[1]
    stimulus, sic = arriving[2], arriving[3]
    n_slots, lanes = blocks.excited.shape[0], slice(block * LANES, (block + 1) * LANES)
    for lag in range(n_lags):
        slot, rows = (first + lag + 1) % n_slots, slice(lag * LANES, (lag + 1) * LANES)
        excited[rows], inhibited[rows] = blocks.excited[slot, lanes], blocks.inhibited[slot, lanes]
        blocks.excited[slot, lanes], blocks.inhibited[slot, lanes] = 0.0, 0.0
    stimulus[:size], sic[:size] = 0.0, 0.0
    add_random_spikes(block, n, first, n_lags, drives, key, excited, inhibited, scratch)
    add_currents(block, n, first, n_lags, drives, stimulus)
    add_noise(block, n, first, n_lags, drives, key, stimulus)
    if reachable:
        gather_sic(block, n_used, first, n_lags, blocks, sic_edges, scratch, sic)
    w[: N_KEPT * LANES] = blocks.kept[block]
    w[CONSTANTS * LANES :] = blocks.constants[blocks.constants_of[block]]
    for lag in range(n_lags):
        step, rows = first + lag + 1, slice(lag * LANES, (lag + 1) * LANES)
        w[EXCITED * LANES : (EXCITED + 1) * LANES] = excited[rows]
        w[INHIBITED * LANES : (INHIBITED + 1) * LANES] = inhibited[rows]
        w[NEXT_STIMULUS * LANES : (NEXT_STIMULUS + 1) * LANES] = stimulus[rows]
        w[NEXT_SIC * LANES : (NEXT_SIC + 1) * LANES] = sic[rows]
        events = step_block(kind, w, n, dt, exact)
        if events < 0:
            status = shared.status[thread]
            status[0], status[1], status[2] = events, block * LANES + failed_lane(w, n), step
            return events
        if kind == LI_RINZEL:
            row, slot = blocks.sic_row[block], step % blocks.sic.shape[1]
            for j in range(n_used):
                current = w[SIC * LANES + j]
                blocks.sic[row + j, slot] = current
                if current != 0.0:
                    blocks.last_sic[row + j] = step
            if events:
                blocks.any_sic[thread] = step
        elif events:
            place = emit(w, block, n_used, step, half, thread, place, emitted)
            if place < 0:
                status = shared.status[thread]
                status[0], status[1], status[2] = place, block * LANES, step
                return place
        if probes.first[block] < probes.first[block + 1]:
            sample(w, block, step, probes)
    blocks.kept[block] = w[: N_KEPT * LANES]
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

    It stops early where there may not be room to keep the spikes of another slice. All threads reach
    the same step, also after a failure, which is told in ``shared.status``.
    """
    n_threads, n_populations = owners.first_block.shape
    w, scratch = np.zeros(WORKSPACE), np.zeros(max(slice_steps, 4 * LANES))
    arriving = np.zeros((4, slice_steps * LANES))
    room, half, kept = recorded.source.size, 0, 0
    while first < last:
        n_lags = min(slice_steps, last - first)
        # Another thread may already be in this slice: what it adds then is not due before the next.
        reachable = False
        for other in range(n_threads):
            reachable |= blocks.any_sic[other] >= first + 1 - longest_sic
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
        if kept + n_threads * emitted.source.shape[2] > room:
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
            *(barrier, elementary, lanes, random, runge_kutta),
            *(arriving, delivering, node_steps, rows, tables),
        ]
    )
)
