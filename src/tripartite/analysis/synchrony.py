"""Moments at which many units fire together, and how many of them chance gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
import pynapple as nap
from numpy.typing import NDArray

from tripartite.analysis.population import count_whole_bins
from tripartite.analysis.smoothing import smooth_in_time
from tripartite.analysis.traces import find_runs, find_stretches
from tripartite.errors import InputError


@dataclass(frozen=True, kw_only=True)
class SynchronyCriteria:
    """What counts as a moment of synchrony.

    Parameters
    ----------
    bin_size : float
        Size of the bins in which the spikes of all units are counted (s).
    sigma : float
        Standard deviation of the Gaussian that smooths the counts (s).
    threshold : float
        Height of the peak above the mean (standard deviations of the smoothed rate).
    min_duration, max_duration : float
        Shortest and longest time above the mean around the peak (s).
    min_units : int
        Fewest units that fire.

    References
    ----------
    Davidson, Kloosterman & Wilson (2009), Neuron 63, 497-507; Pfeiffer & Foster (2013), Nature 497,
    74-79.
    """

    bin_size: float = 0.001
    sigma: float = 0.015
    threshold: float = 3.0
    min_duration: float = 0.05
    max_duration: float = 0.5
    min_units: int = 5

    def __post_init__(self) -> None:
        if not (0 < self.bin_size <= self.sigma and self.threshold > 0):
            raise InputError(
                "bin_size, sigma and threshold must be positive, sigma no smaller", self
            )
        if not 0 <= self.min_duration < self.max_duration:
            raise InputError("min_duration must be shorter than max_duration", self)


@dataclass(frozen=True, kw_only=True)
class SynchronyEvents:
    """Moments at which many units fire together.

    Parameters
    ----------
    start, end, peak : ndarray of shape (n_events,)
        Where the rate of all units crosses its mean, and where it is highest (s).
    peak_z : ndarray of shape (n_events,)
        Height of the peak above the mean (standard deviations).
    n_units, n_spikes : ndarray of shape (n_events,)
        Units that fire, and their spikes.
    rate : Tsd
        Smoothed rate of all units together (Hz).
    mean, sd : float
        Mean and standard deviation of `rate` (Hz).
    criteria : SynchronyCriteria
        What counts.
    n_short, n_long, n_few_units, n_cut : int
        Candidates left out because of their duration, of their few units, or because they reach
        the end of an interval.
    """

    start: NDArray[np.float64]
    end: NDArray[np.float64]
    peak: NDArray[np.float64]
    peak_z: NDArray[np.float64]
    n_units: NDArray[np.int64]
    n_spikes: NDArray[np.int64]
    rate: nap.Tsd
    mean: float
    sd: float
    criteria: SynchronyCriteria
    n_short: int
    n_long: int
    n_few_units: int
    n_cut: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row per event."""
        names = ("start", "end", "peak", "peak_z", "n_units", "n_spikes")
        return pd.DataFrame({name: getattr(self, name) for name in names})


def find_synchrony(
    spikes: nap.TsGroup,
    intervals: nap.IntervalSet,
    criteria: SynchronyCriteria | None = None,
) -> SynchronyEvents:
    """Return the moments at which many units fire together.

    The spikes of all units are counted together and smoothed. An event is a stretch above the mean
    whose peak is high enough, which lasts neither too short nor too long, and in which enough
    units fire.

    Parameters
    ----------
    spikes : TsGroup
        Units.
    intervals : IntervalSet
        When to look, such as rest; mean and standard deviation are those of this time.
    criteria : SynchronyCriteria, optional
        What counts; the defaults are those of the field.

    Returns
    -------
    SynchronyEvents
        Candidates for replay, and for nothing more: that units fire together says nothing about
        the order in which they do.

    Raises
    ------
    InputError
        If there is no unit, or no bin fits into the intervals.

    Examples
    --------
    >>> import numpy as np, pynapple as nap
    >>> burst = {i: nap.Ts(t=[2.0 * i, 15.0 + 0.005 * i, 18.0 + i]) for i in range(6)}
    >>> spikes = nap.TsGroup(burst, time_support=nap.IntervalSet(0, 30))
    >>> events = find_synchrony(spikes, nap.IntervalSet(0, 30))
    >>> events.peak.round(1), events.n_units
    (array([15.]), array([6]))
    """
    criteria = criteria or SynchronyCriteria()
    rate = _smooth_population_rate(spikes, intervals, criteria)
    mean, sd = float(rate.values.mean()), float(rate.values.std())
    return _select_events(spikes, rate, mean, sd, criteria)


def count_synchrony_by_chance(
    spikes: nap.TsGroup,
    intervals: nap.IntervalSet,
    criteria: SynchronyCriteria | None = None,
    *,
    block: float = 10.0,
    n_shuffles: int = 20,
    seed: int = 0,
) -> NDArray[np.int64]:
    """Return how many events units give that fire as they do, but independently of each other.

    Within each block of time the spikes of each unit are shifted by a number of their own, those
    pushed over the end come in at the start; the intervals count as laid end to end. Rates that
    rise and fall together over more than a block, as with the depth of sleep, stay as they are.
    The height that a peak needs is that of the data.

    Parameters
    ----------
    spikes, intervals, criteria
        As in `find_synchrony`.
    block : float
        Length of the blocks (s), long against an event.
    n_shuffles : int
        Number of shifts.
    seed : int
        Seed of the shifts.

    Returns
    -------
    ndarray of shape (n_shuffles,)
        Number of events in each.

    Examples
    --------
    >>> import numpy as np, pynapple as nap
    >>> burst = {i: nap.Ts(t=[2.0 * i, 15.0 + 0.005 * i, 18.0 + i]) for i in range(6)}
    >>> spikes = nap.TsGroup(burst, time_support=nap.IntervalSet(0, 30))
    >>> count_synchrony_by_chance(spikes, nap.IntervalSet(0, 30), n_shuffles=3)
    array([0, 0, 0])
    """
    if n_shuffles < 1 or not block > 0:
        raise InputError("n_shuffles and block must be positive", got=(n_shuffles, block))
    observed = find_synchrony(spikes, intervals, criteria)
    recorded, random = intervals.intersect(spikes.time_support), np.random.default_rng(seed)
    numbers = []
    for _ in range(n_shuffles):
        shifted = _shift_units(spikes, recorded, block, random)
        rate = _smooth_population_rate(shifted, recorded, observed.criteria)
        events = _select_events(shifted, rate, observed.mean, observed.sd, observed.criteria)
        numbers.append(len(events.peak))
    return np.array(numbers, dtype=np.int64)


def _smooth_population_rate(
    spikes: nap.TsGroup, intervals: nap.IntervalSet, criteria: SynchronyCriteria
) -> nap.Tsd:
    times, support = _pool(spikes)[0], spikes.time_support
    pooled = nap.TsGroup({0: nap.Ts(t=times, time_support=support)}, time_support=support)
    counts = cast("nap.Tsd", count_whole_bins(pooled, intervals, criteria.bin_size)[:, 0])
    return smooth_in_time(counts / criteria.bin_size, criteria.sigma)


def _pool(spikes: nap.TsGroup) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the spike times of all units, sorted, and the number of the unit of each."""
    trains = [times.index.values for times in spikes.values()]
    times = np.concatenate([np.empty(0), *trains])
    order = np.argsort(times, kind="stable")
    return times[order], np.repeat(np.arange(len(trains)), [len(t) for t in trains])[order]


def _select_events(
    spikes: nap.TsGroup, rate: nap.Tsd, mean: float, sd: float, criteria: SynchronyCriteria
) -> SynchronyEvents:
    half, centres, values = criteria.bin_size / 2, rate.index.values, rate.values
    times, units = _pool(spikes)
    rows, excluded = [], dict.fromkeys(("n_cut", "n_short", "n_long", "n_few_units"), 0)
    for first, last, cut in _find_peaks(rate, mean, mean + criteria.threshold * sd):
        start, end = centres[first] - half, centres[last - 1] + half
        firing = units[slice(*np.searchsorted(times, [start, end]))]
        n_units = len(np.unique(firing))
        if cut:
            excluded["n_cut"] += 1
        elif end - start < criteria.min_duration:
            excluded["n_short"] += 1
        elif end - start > criteria.max_duration:
            excluded["n_long"] += 1
        elif n_units < criteria.min_units:
            excluded["n_few_units"] += 1
        else:
            peak = first + int(np.argmax(values[first:last]))
            height = (values[peak] - mean) / sd
            rows.append((start, end, centres[peak], height, n_units, len(firing)))
    columns = np.array(rows, dtype=np.float64).reshape(-1, 6).T
    return SynchronyEvents(
        start=columns[0],
        end=columns[1],
        peak=columns[2],
        peak_z=columns[3],
        n_units=columns[4].astype(np.int64),
        n_spikes=columns[5].astype(np.int64),
        rate=rate,
        mean=mean,
        sd=sd,
        criteria=criteria,
        **excluded,
    )


def _find_peaks(rate: nap.Tsd, low: float, high: float) -> Iterator[tuple[int, int, bool]]:
    """Yield each stretch above `low` that reaches `high`: first, one past last, cut by an end."""
    for first, last in find_runs(rate):
        for begin, end in find_stretches(rate.values[first:last] > low) + first:
            if rate.values[begin:end].max() >= high:
                yield int(begin), int(end), begin == first or end == last


def _shift_units(
    spikes: nap.TsGroup, intervals: nap.IntervalSet, block: float, random: np.random.Generator
) -> nap.TsGroup:
    joins = np.r_[0.0, np.cumsum(intervals.end - intervals.start)]
    starts = np.arange(0.0, joins[-1], block)
    lengths = np.diff(np.r_[starts, joins[-1]])
    shifted = {}
    for unit, train in spikes.restrict(intervals).items():
        place = np.searchsorted(intervals.start, train.index.values, side="right") - 1
        glued = train.index.values - intervals.start[place] + joins[place]
        home = np.minimum((glued / block).astype(np.int64), len(starts) - 1)
        turn = (random.random(len(starts)) * lengths)[home]
        glued = np.sort(starts[home] + (glued - starts[home] + turn) % lengths[home])
        place = np.minimum(np.searchsorted(joins, glued, side="right") - 1, len(joins) - 2)
        times = glued - joins[place] + intervals.start[place]
        shifted[unit] = nap.Ts(t=times, time_support=intervals)
    return nap.TsGroup(shifted, time_support=intervals)
