"""Find stretches above a threshold in many traces at once, and measure their kinetics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tripartite.analysis.smoothing import smooth, smooth_noise
from tripartite.analysis.traces import find_stretches

Piece = tuple[int, NDArray[np.float64], NDArray[np.float64]]
"""Index of the trace, times and values of a stretch without gaps."""


@dataclass(frozen=True, kw_only=True)
class Strip:
    """All pieces in a row, with missing samples between, so that one pass finds all events.

    Parameters
    ----------
    trace : ndarray of int, shape (n,)
        Index of the trace of each sample; -1 between pieces.
    time : ndarray of shape (n,)
        Time of each sample; NaN between pieces.
    smooth : ndarray of shape (n,)
        Smoothed trace; NaN between pieces and where a sample is missing.
    z : ndarray of shape (n,)
        The same in standard deviations of the smoothed noise.
    """

    trace: NDArray[np.intp]
    time: NDArray[np.float64]
    smooth: NDArray[np.float64]
    z: NDArray[np.float64]

    @classmethod
    def build(
        cls, pieces: list[Piece], sd: NDArray[np.float64], kernel: NDArray[np.float64]
    ) -> Strip:
        """Return the strip of all pieces.

        Parameters
        ----------
        pieces : list of Piece
            What to put in a row.
        sd : ndarray of shape (n_traces,)
            Noise of each trace before smoothing; NaN for traces that are not to be searched.
        kernel : ndarray
            Weights for `smooth`.
        """
        gap = len(kernel)
        size = gap + sum(len(time) + gap for _, time, _ in pieces)
        trace = np.full(size, -1, dtype=np.intp)
        time, values = np.full(size, np.nan), np.full(size, np.nan)
        at = gap
        for number, piece_time, piece in pieces:
            here = slice(at, at + len(piece))
            trace[here], time[here], values[here] = number, piece_time, piece
            at += len(piece) + gap
        smoothed = smooth(values, kernel)
        z = smoothed / (smooth_noise(values, kernel) * np.append(sd, np.nan)[trace])
        return cls(trace=trace, time=time, smooth=smoothed, z=z)


def find_candidates(
    z: NDArray[np.float64], low_threshold: float, resolution: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the first samples, and those after the last, of the stretches above a threshold.

    Parameters
    ----------
    z : ndarray of shape (n,)
        Begins and ends with NaN.
    low_threshold : float
        Where a stretch begins and ends.
    resolution : float
        Dips of up to so many samples belong to the stretch, unless a sample is missing in them.
    """
    starts, stops = find_stretches(z >= low_threshold).T
    missing = np.cumsum(np.isnan(z))
    within = missing[starts[1:]] == missing[stops[:-1] - 1]
    bridged = np.flatnonzero((starts[1:] - stops[:-1] <= resolution) & within)
    return np.delete(starts, bridged + 1), np.delete(stops, bridged)


def measure_kinetics(
    strip: Strip, starts: NDArray[np.intp], stops: NDArray[np.intp], low_threshold: float
) -> dict[str, NDArray[Any]]:
    """Return the measures of each stretch, by their name in `Transients`.

    Parameters
    ----------
    strip : Strip
        Where the stretches lie.
    starts, stops : ndarray of int, shape (n_events,)
        First sample of each stretch, and the one after its last.
    low_threshold : float
        As in `find_candidates`.
    """
    spans = zip(starts, stops, strict=True)
    peak = np.array([a + np.argmax(strip.z[a:b]) for a, b in spans], dtype=np.intp)
    height = strip.smooth[peak]
    low = np.full(len(peak), low_threshold)
    onset, offset = _crossing(strip.z, starts, low, -1), _crossing(strip.z, stops - 1, low, +1)
    cut_start, cut_end = np.isnan(onset), np.isnan(offset)
    onset, offset = np.where(cut_start, starts, onset), np.where(cut_end, stops - 1, offset)

    def level(part: float, step: int) -> NDArray[np.float64]:
        place = _crossing(strip.smooth, peak, part * height, step)
        after = np.append(-np.inf, offset[:-1]) < place
        before = place < np.append(onset[1:], np.inf)
        return np.where(after & before, place, np.nan)

    def time(place: NDArray[np.float64]) -> NDArray[np.float64]:
        return _interpolate(strip.time, place)

    interval = (strip.time[stops - 1] - strip.time[starts]) / np.maximum(stops - 1 - starts, 1)
    total = np.add.reduceat(strip.smooth, np.stack([starts, stops], 1).ravel())[::2]
    return {
        "trace": strip.trace[peak],
        "onset": time(onset),
        "peak": strip.time[peak],
        "offset": time(offset),
        "duration": time(offset) - time(onset),
        "amplitude": height,
        "zscore": strip.z[peak],
        "area": total * interval,
        "rise_time": time(level(0.9, -1)) - time(level(0.1, -1)),
        "half_width": time(level(0.5, +1)) - time(level(0.5, -1)),
        "decay_time": _decay_time(strip, level(0.8, +1), level(0.2, +1), stops, height),
        "cut_start": cut_start,
        "cut_end": cut_end,
    }


def _crossing(
    values: NDArray[np.float64], start: NDArray[np.intp], level: NDArray[np.float64], step: int
) -> NDArray[np.float64]:
    """Return where, walking from each start, the values first lie below the level.

    The place is a fractional index; NaN if a missing sample comes first.
    """
    at = start.copy()
    walking = np.arange(len(at))
    while walking.size:
        at[walking] += step
        walking = walking[values[at[walking]] >= level[walking]]
    below, above = values[at], values[at - step]
    return at - step * (level - below) / (above - below)


def _interpolate(values: NDArray[np.float64], place: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.where(np.isnan(place), 0.0, place)
    low, high = np.floor(known).astype(np.intp), np.ceil(known).astype(np.intp)
    return values[low] + (place - low) * (values[high] - values[low])


def _decay_time(
    strip: Strip,
    first: NDArray[np.float64],
    last: NDArray[np.float64],
    stops: NDArray[np.intp],
    height: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the time constant of the decay between two places, by weighted log-linear fit."""
    begin = np.ceil(np.where(np.isnan(first), stops, first)).astype(np.intp)
    end = np.minimum(stops, np.ceil(np.where(np.isnan(last), stops, last)).astype(np.intp))
    tau = np.full(len(height), np.nan)
    long = np.flatnonzero(end - begin >= 4)
    for event in long:
        part = slice(begin[event], end[event])
        y, time = strip.smooth[part], strip.time[part]
        if y.min() <= height[event] / 2:
            slope = np.polyfit(time - time[0], np.log(y), 1, w=y)[0]
            tau[event] = -1 / slope if -slope * (time[-1] - time[0]) > 1 / 3 else np.nan
    return tau
