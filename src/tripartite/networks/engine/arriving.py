"""What arrives at a block during a slice from generators and astrocytes."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from tripartite.kernels.lanes import LANES, get, put
from tripartite.kernels.random import uniform_pair
from tripartite.networks.engine.rows import EXCITED, INHIBITED, NEXT_SIC, NEXT_STIMULUS
from tripartite.networks.engine.tables import Blocks, Drives, SicEdges
from tripartite.networks.random_streams import Purpose

_POISSON, _NOISE = np.uint64(Purpose.POISSON), np.uint64(Purpose.NOISE)
#: A mean beyond this is drawn as a sum of counts, which keeps the table of one count short.
MOST_EXPECTED = 8.0
_LONGEST_TABLE = 64
# Counts of the same lane and step that are summed take their numbers from items this far apart.
_PART = 1 << 24


@njit(nogil=True)
def cumulative_poisson(mean: float, table: np.ndarray) -> int:
    """Fill a table with the probabilities of at most 0, 1, ... events; return its length.

    Parameters
    ----------
    mean : float
        Mean number of events, at most `MOST_EXPECTED`.
    table : float64 ndarray of shape (64,)
        Is filled up to where the probability is 1 to the last bit.
    """
    probability = math.exp(-mean)
    total = 0.0
    for k in range(_LONGEST_TABLE):
        total += probability
        table[k] = total
        probability *= mean / (k + 1)
        if k > mean and probability < 1e-17:
            return k + 1
    return _LONGEST_TABLE


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def draw_pairs(stream: tuple, first_item: int, pair: int, n: int, pairs: np.ndarray) -> None:
    """Fill two rows with uniform numbers, one pair for each lane."""
    for j in range(n):
        first, second = uniform_pair(stream, first_item + j, pair)
        put(pairs, 0, j, first)
        put(pairs, 1, j, second)


@njit(error_model="numpy")
def add_counts(pairs: np.ndarray, row: int, n: int, table: np.ndarray, counts: np.ndarray) -> None:
    """Add the number of events that each uniform number stands for, by inversion."""
    for k in range(table.size):
        bound, beyond = table[k], 0
        for j in range(n):
            more = get(pairs, row, j) >= bound
            put(counts, 0, j, get(counts, 0, j) + (1.0 if more else 0.0))
            beyond += 1 if more else 0
        if beyond == 0:
            break


@njit(nogil=True, error_model="numpy")
def add_random_spikes(
    block: int,
    n: int,
    first: int,
    n_lags: int,
    drives: Drives,
    key: tuple,
    steps: int,
    arriving: np.ndarray,
    scratch: np.ndarray,
) -> None:
    """Add to what arrives in a slice the spikes of the rate generators of a block."""
    pairs, counts, table = (
        scratch[: 2 * LANES],
        scratch[2 * LANES : 3 * LANES],
        scratch[3 * LANES :],
    )
    for entry in range(drives.first_rate[block], drives.first_rate[block + 1]):
        device, delay = drives.rate_device[entry], drives.rate_delay[entry]
        stream = (np.uint64(drives.rate_stream[entry]), _POISSON, key[0], key[1])
        weights = drives.weights[drives.rate_weights[entry]]
        known, last_pair, length = -1.0, -1, 0
        for lag in range(n_lags):
            stamp = first + lag + 1 - delay
            if stamp < 1:
                continue
            mean: float = drives.expected[device, stamp - drives.origin]  # type: ignore[assignment]
            if mean <= 0.0:
                continue
            parts = math.ceil(mean / MOST_EXPECTED)
            if mean != known:
                length = cumulative_poisson(mean / parts, table)
                known = mean
            counts[:n] = 0.0
            for part in range(parts):
                # Both numbers of a pair are used: one at even stamps, one at odd ones.
                if parts > 1 or stamp >> 1 != last_pair:
                    draw_pairs(stream, block * LANES + part * _PART, stamp >> 1, n, pairs)
                    last_pair = stamp >> 1
                add_counts(pairs, stamp & 1, n, table[:length], counts)
            excited, inhibited = EXCITED * steps + lag, INHIBITED * steps + lag
            for j in range(n):
                amount = get(weights, 0, j) * get(counts, 0, j)
                put(arriving, excited, j, get(arriving, excited, j) + max(amount, 0.0))
                put(arriving, inhibited, j, get(arriving, inhibited, j) + max(-amount, 0.0))


@njit(nogil=True, error_model="numpy")
def add_currents(
    block: int, n: int, first: int, n_lags: int, drives: Drives, steps: int, arriving: np.ndarray
) -> None:
    """Add the currents of generators that act on a block after each step of a slice."""
    for entry in range(drives.first_current[block], drives.first_current[block + 1]):
        device, delay = drives.current_device[entry], drives.current_delay[entry]
        weights = drives.weights[drives.current_weights[entry]]
        for lag in range(n_lags):
            since = first + lag + 1 - delay
            if since < 1:  # generators are first asked at the end of the first step
                continue
            amplitude = drives.current[device, since - drives.origin]
            if amplitude != 0.0:
                row = NEXT_STIMULUS * steps + lag
                for j in range(n):
                    put(arriving, row, j, get(arriving, row, j) + amplitude * get(weights, 0, j))


@njit(nogil=True, fastmath={"contract", "nsz"}, error_model="numpy")
def add_noise(
    block: int,
    n: int,
    first: int,
    n_lags: int,
    drives: Drives,
    key: tuple,
    steps: int,
    arriving: np.ndarray,
) -> None:
    """Add the random currents that act on a block after each step of a slice."""
    for entry in range(drives.first_noise[block], drives.first_noise[block + 1]):
        device, delay = drives.noise_device[entry], drives.noise_delay[entry]
        stream = (np.uint64(drives.noise_stream[entry]), _NOISE, key[0], key[1])
        weights = drives.weights[drives.noise_weights[entry]]
        for lag in range(n_lags):
            since = first + lag + 1 - delay
            if since < 1:
                continue
            mean = drives.noise_mean[device, since - drives.origin]
            sd = drives.noise_sd[device, since - drives.origin]
            if mean == 0.0 and sd == 0.0:
                continue
            interval = (since - drives.noise_start[device]) // drives.noise_interval[device]
            row = NEXT_STIMULUS * steps + lag
            for j in range(n):
                u, v = uniform_pair(stream, block * LANES + j, interval)
                normal = math.sqrt(-2.0 * math.log(1.0 - u)) * math.cos(2.0 * math.pi * v)
                amount = get(weights, 0, j) * (mean + sd * normal)
                put(arriving, row, j, get(arriving, row, j) + amount)


@njit(nogil=True, error_model="numpy")
def open_windows(
    first: int,
    n_lags: int,
    blocks: Blocks,
    edges: SicEdges,
    windows: np.ndarray,
    open_: np.ndarray,
) -> None:
    """Lay out for each delay and astrocyte what it sent so long before each step of a slice.

    Windows of astrocytes that sent nothing stay closed, and as they were.
    """
    n_rows, n_slots = blocks.sic.shape
    for k in range(edges.delays.size):
        since = first + 1 - edges.delays[k]
        for row in range(n_rows):
            window = k * n_rows + row
            open_[window] = blocks.last_sic[row] >= since
            if open_[window]:
                slot = since % n_slots
                for lag in range(n_lags):
                    # Nothing was sent before the first step.
                    windows[window, lag] = blocks.sic[row, slot] if since + lag > 0 else 0.0
                    slot = slot + 1 if slot + 1 < n_slots else 0


@njit(nogil=True, fastmath={"contract", "nsz"}, error_model="numpy")
def gather_sic(
    block: int,
    n: int,
    n_lags: int,
    edges: SicEdges,
    windows: np.ndarray,
    open_: np.ndarray,
    steps: int,
    arriving: np.ndarray,
    total: np.ndarray,
) -> None:
    """Sum the currents of the astrocytes that reach each neuron of a block, for a whole slice.

    Astrocytes that were silent for as long as any delay cost one comparison.
    """
    width = windows.shape[1]
    for j in range(n):
        begin, end = edges.first[block * LANES + j], edges.first[block * LANES + j + 1]
        if begin == end:
            continue
        for lag in range(n_lags):
            put(total, 0, lag, 0.0)
        for edge in range(begin, end):
            source, weight = np.int64(edges.source[edge]), edges.weight[edge]
            if open_[source]:
                for lag in range(n_lags):
                    sent = get(windows, 0, source * width + lag)
                    put(total, 0, lag, get(total, 0, lag) + weight * sent)
        for lag in range(n_lags):
            put(arriving, NEXT_SIC * steps + lag, j, get(total, 0, lag))
