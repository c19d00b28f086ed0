"""Bringing the spikes of a slice to their targets."""

from __future__ import annotations

import numpy as np
from numba import njit

from tripartite.networks.engine.tables import (
    REPEATED,
    Axons,
    Blocks,
    Plasticity,
    Recorded,
    Tables,
)
from tripartite.networks.synapses.tsodyks import release


@njit(nogil=True)
def lower_bound(values: np.ndarray, begin: int, end: int, least: int) -> int:
    """Return the first place from `begin` to `end` where an ascending array has that value."""
    while begin < end:
        middle = (begin + end) >> 1
        if values[middle] < least:
            begin = middle + 1
        else:
            end = middle
    return begin


@njit(nogil=True, error_model="numpy")
def add_evenly(
    ring: np.ndarray, slot: int, amount: float, targets: np.ndarray, begin: int, end: int
) -> None:
    """Add the same to what arrives at each target of a stretch of edges."""
    arriving = ring[slot]
    for edge in range(begin, end):
        arriving[targets[edge]] += amount


@njit(nogil=True, error_model="numpy")
def add_edges(
    blocks: Blocks, axons: Axons, axon: int, step: int, value: float, begin: int, end: int
) -> None:
    """Add to what arrives at the target of each edge, with its own weight, delay and copies."""
    n_slots = blocks.excited.shape[0]
    skipped = axons.first_edge[axon]
    for edge in range(begin, end):
        amount, delay = axons.weight[axon] * value, axons.delay[axon]
        if axons.weight_at[axon] >= 0:
            amount = axons.edge_weight[axons.weight_at[axon] + edge - skipped] * value
        if axons.delay_at[axon] >= 0:
            delay = axons.edge_delay[axons.delay_at[axon] + edge - skipped]
        if axons.copies_at[axon] >= 0:
            amount *= axons.edge_copies[axons.copies_at[axon] + edge - skipped]
        slot, target = (step + delay) % n_slots, axons.edge_target[edge]
        if amount >= 0.0:
            blocks.excited[slot, target] += amount
        else:
            blocks.inhibited[slot, target] -= amount


@njit(nogil=True)
def record_deliveries(
    axons: Axons, axon: int, step: int, part: float, begin: int, end: int, recorded: Recorded
) -> None:
    """Write down the weight that a spike has at each edge."""
    at = recorded.n[1]
    if at + end - begin > recorded.edge.size:
        recorded.n[2] = 1
        return
    for edge in range(begin, end):
        weight = axons.weight[axon]
        if axons.weight_at[axon] >= 0:
            weight = axons.edge_weight[axons.weight_at[axon] + edge - axons.first_edge[axon]]
        recorded.edge[at], recorded.edge_axon[at] = edge, axon
        recorded.edge_step[at], recorded.edge_weight[at] = step, weight * part
        at += 1
    recorded.n[1] = at


@njit(nogil=True)
def released_part(plasticity: Plasticity, row: int, thread: int, time: float) -> float:
    """Return the part of its weight that a plastic axon carries, and move its state on."""
    U, tau_psc, tau_rec, tau_fac = plasticity.constants[row]
    state = plasticity.state[thread, row]
    (x, y, u), released = release(
        (state[0], state[1], state[2]), time - state[3], U, tau_psc, tau_rec, tau_fac
    )
    state[0], state[1], state[2], state[3] = x, y, u, time
    return released


@njit(nogil=True, error_model="numpy")
def deliver_spike(
    source: int, step: int, value: float, thread: int, resolution_ms: float, every: Tables
) -> None:
    """Bring one spike to those of its targets that the thread owns."""
    blocks, owners, axons = every.blocks, every.owners, every.axons
    n_slots = blocks.excited.shape[0]
    row, released = -1, 1.0
    for axon in range(axons.first_axon[source], axons.first_axon[source + 1]):
        population, plastic = axons.population[axon], axons.plastic[axon]
        first, last = owners.first_lane[thread, population], owners.last_lane[thread, population]
        begin, end = axons.first_edge[axon], axons.last_edge[axon]
        begin = lower_bound(axons.edge_target, begin, end, first)
        end = lower_bound(axons.edge_target, begin, end, last)
        if begin == end:
            continue
        amount, part = 1.0 if plastic == REPEATED else value, 1.0
        if plastic >= 0:
            # Axons to several populations share a row: it moves on once for each spike.
            if plastic != row:
                row = plastic
                released = released_part(every.plasticity, row, thread, step * resolution_ms)
            part = released
        if axons.recorded[axon] >= 0:
            record_deliveries(axons, axon, step, part, begin, end, every.recorded)
        amount *= part
        own = axons.weight_at[axon] >= 0 or axons.delay_at[axon] >= 0 or axons.copies_at[axon] >= 0
        if own:
            add_edges(blocks, axons, axon, step, amount, begin, end)
            continue
        slot, amount = (step + axons.delay[axon]) % n_slots, amount * axons.weight[axon]
        ring = blocks.excited if amount >= 0.0 else blocks.inhibited
        add_evenly(ring, slot, abs(amount), axons.edge_target, begin, end)


@njit(nogil=True)
def deliver(half: int, thread: int, resolution_ms: float, every: Tables) -> None:
    """Bring the spikes of a slice to the lanes that a thread owns.

    All threads go through the spikes in one order, by population and block, so that sums come out
    the same for any number of threads.
    """
    emitted, recorded = every.emitted, every.recorded
    n_threads, n_segments = emitted.n.shape[1], emitted.n.shape[2] - 1
    for segment in range(n_segments):
        for other in range(n_threads):
            for k in range(emitted.n[half, other, segment], emitted.n[half, other, segment + 1]):
                source = emitted.source[half, other, k]
                step, value = emitted.step[half, other, k], emitted.value[half, other, k]
                deliver_spike(source, step, value, thread, resolution_ms, every)
                if thread == 0 and recorded.wanted[source]:
                    at = recorded.n[0]
                    recorded.source[at], recorded.step[at] = source, step
                    recorded.n[0] = at + 1
