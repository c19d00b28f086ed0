"""The compiled loop: slice after slice, nodes are advanced and their spikes delivered."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tripartite.kernels import (
    alpha_function,
    barrier,
    elementary,
    lanes,
    random,
    runge_kutta,
)
from tripartite.kernels.barrier import wait_for_all
from tripartite.kernels.compiling import compiled, digest_of
from tripartite.kernels.lanes import LANES
from tripartite.networks.engine import (
    arriving,
    block_steps,
    delivering,
    node_steps,
    rows,
    tables,
)
from tripartite.networks.engine.arriving import open_windows
from tripartite.networks.engine.block_steps import advance_block, emit_one, tell_failure
from tripartite.networks.engine.delivering import deliver, lower_bound
from tripartite.networks.engine.rows import N_ARRIVING, WORKSPACE
from tripartite.networks.engine.tables import Scratch, Settings, Slice, Tables
from tripartite.networks.models import adex, iaf, li_rinzel
from tripartite.networks.synapses import tsodyks


@njit(nogil=True)
def give(population: int, place: int, now: Slice, every: Tables) -> int:
    """Write down the spikes of spike generators in a slice; return the next place, or FLOODED."""
    given, owners = every.given, every.owners
    begin, end = (
        owners.first_lane[now.thread, population],
        owners.last_lane[now.thread, population],
    )
    k = lower_bound(given.step, 0, given.step.size, now.first + 1)
    while k < given.step.size and given.step[k] <= now.first + now.n_lags and place >= 0:
        source, step, value = given.source[k], given.step[k], given.value[k]
        if begin <= source < end:
            place = emit_one(every.emitted, now.half, now.thread, place, source, step, value)
        k += 1
    if place < 0:
        tell_failure(every.shared, now.thread, place, begin, now.first)
    return place


@njit(nogil=True)
def advance_own(now: Slice, settings: Settings, every: Tables, scratch: Scratch) -> int:
    """Advance all that a thread owns by a slice; return the number of its spikes, or a failure."""
    owners, n, place = every.owners, every.emitted.n, now.first - now.first
    for population in range(owners.first_block.shape[1]):
        n[now.half, now.thread, population] = place
        begin, end = (
            owners.first_block[now.thread, population],
            owners.last_block[now.thread, population],
        )
        if begin < 0:
            place = give(population, place, now, every)
        for block in range(begin, end):
            place = advance_block(block, place, now, settings, every, scratch)
            if place < 0:
                return place
        if place < 0:
            return place
    n[now.half, now.thread, owners.first_block.shape[1]] = place
    return place


@njit(nogil=True)
def make_scratch(settings: Settings, every: Tables) -> Scratch:
    """Return what a thread works on."""
    n_windows = every.sic_edges.delays.size * every.blocks.sic.shape[0]
    steps = settings.slice_steps
    return Scratch(
        np.zeros(WORKSPACE),
        np.zeros(N_ARRIVING * steps * LANES),
        np.zeros((n_windows, steps)),
        np.zeros(n_windows, dtype=np.bool_),
        np.zeros(max(steps, 4 * LANES)),
    )


@njit(nogil=True)
def _run_slices(thread: int, first: int, last: int, settings: Settings, every: Tables) -> int:
    """Run one thread from step `first` to step `last`; return the step reached.

    It stops early where there may not be room to keep the spikes of another slice. All threads
    reach the same step, also after a failure, which is told in ``shared.status``.
    """
    emitted, recorded, shared = every.emitted, every.recorded, every.shared
    n_threads, n_populations = every.owners.first_block.shape
    scratch = make_scratch(settings, every)
    # No number here is a literal: functions would be compiled twice, for it and for what follows.
    half, kept = first - first, 0
    while first < last:
        n_lags = min(settings.slice_steps, last - first)
        # Another thread may already be in this slice: what it adds then is not due before the next.
        reachable = first < 0
        for other in range(n_threads):
            reachable |= every.blocks.any_sic[other] >= first + 1 - settings.longest_sic
        if reachable:
            windows, is_open = scratch.windows, scratch.open
            open_windows(first, n_lags, every.blocks, every.sic_edges, windows, is_open)
        advance_own(Slice(first, n_lags, half, thread, reachable), settings, every, scratch)
        wait_for_all(shared.barrier, n_threads)
        for other in range(n_threads):
            if shared.status[other, 0] < 0:
                return first
        deliver(half, thread, settings.resolution_ms, every)
        for other in range(n_threads):
            kept += emitted.n[half, other, n_populations]
        first += n_lags
        half = 1 - half
        full = kept + n_threads * emitted.source.shape[2] > recorded.source.size
        if full or recorded.n[1] > recorded.edge.size // 2:
            break
    return first


def _cached_run(digest: int) -> Any:
    """Return the loop as a function that is kept on disk under the digest of all its sources."""

    @compiled
    def run_slices(thread: int, first: int, last: int, settings: Settings, every: Tables) -> int:
        if digest == 0:  # never; it makes the digest part of the function
            return first
        return _run_slices(thread, first, last, settings, every)

    return run_slices


run_slices = _cached_run(
    digest_of(
        [
            *(adex, iaf, li_rinzel, tsodyks),
            *(alpha_function, barrier, elementary, lanes, random, runge_kutta),
            *(arriving, block_steps, delivering, node_steps, rows, tables),
        ]
    )
)
