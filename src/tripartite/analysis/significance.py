"""Whether the information of a rate map is more than chance gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pynapple as nap
from numpy.typing import NDArray

from tripartite.analysis.binning import (
    MapGrid,
    SpikeFrames,
    bin_frames,
    smooth_rate,
)
from tripartite.analysis.tuning import compute_information
from tripartite.errors import InputError


@dataclass(frozen=True, kw_only=True)
class InformationTest:
    """How often a unit without tuning would carry as much information.

    Parameters
    ----------
    units : ndarray of shape (n_units,)
        Labels of the units.
    information : ndarray of shape (n_units,)
        Spatial information (bits per spike).
    null_mean, null_sd : ndarray of shape (n_units,)
        Mean and standard deviation of the information of the shifted spikes (bits per spike).
    p_value : ndarray of shape (n_units,)
        Share of the shifts, the data counted among them, with at least this information; NaN for a
        silent unit.
    n_shuffles, seed : int
        How the shifts were drawn.
    """

    units: NDArray
    information: NDArray[np.float64]
    null_mean: NDArray[np.float64]
    null_sd: NDArray[np.float64]
    p_value: NDArray[np.float64]
    n_shuffles: int
    seed: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row per unit."""
        names = ("units", "information", "null_mean", "null_sd", "p_value")
        return pd.DataFrame({name: getattr(self, name) for name in names}).rename(
            columns={"units": "unit"}
        )


def shuffle_information(
    spikes: nap.TsGroup,
    position: nap.Tsd,
    intervals: nap.IntervalSet,
    *,
    grid: MapGrid,
    n_shuffles: int = 1000,
    seed: int = 0,
) -> InformationTest:
    """Return how likely the information of each unit is without tuning to position.

    Within each interval the spikes are shifted in time by a random number of frames, those pushed
    over the end come in at the start. Each interval has a shift of its own, because runs of similar
    length laid end to end would be shifted from field to field. All units share the shifts.

    Parameters
    ----------
    spikes, position, intervals, grid
        As in `compute_rate_maps`.
    n_shuffles : int
        Number of shifts.
    seed : int
        Seed of the shifts.

    Returns
    -------
    InformationTest
        The smallest p-value is ``1 / (n_shuffles + 1)``. It is per unit, not corrected for the
        number of units.

    Raises
    ------
    InputError
        As in `compute_rate_maps`, or if `n_shuffles` is not positive.

    Examples
    --------
    >>> import numpy as np, pynapple as nap
    >>> from tripartite.analysis.binning import MapGrid
    >>> position = nap.Tsd(t=np.arange(0, 10, 0.1), d=np.arange(100.0))
    >>> spikes = nap.TsGroup({7: nap.Ts(t=np.linspace(2, 3, 20))})
    >>> grid = MapGrid(edges=np.linspace(0, 100, 6), sigma=10, min_occupancy=0)
    >>> lap = position.time_support
    >>> test = shuffle_information(spikes, position, lap, grid=grid, n_shuffles=99)
    >>> test.information.round(2)
    array([1.33])
    """
    if n_shuffles < 1:
        raise InputError("n_shuffles must be at least 1", got=n_shuffles)
    frames = bin_frames(spikes, position, intervals, grid)
    occupancy, random = frames.occupancy, np.random.default_rng(seed)

    def measure(bins: NDArray[np.int64]) -> NDArray[np.float64]:
        rate = smooth_rate(frames.count_spikes(bins), occupancy, grid)
        return compute_information(rate, occupancy)

    observed = measure(frames.bins)
    null = np.array([measure(_shift(frames, random)) for _ in range(n_shuffles)])
    p_value = (1 + np.sum(null >= observed, axis=0)) / (1 + n_shuffles)
    return InformationTest(
        units=frames.units,
        information=observed,
        null_mean=null.mean(axis=0),
        null_sd=null.std(axis=0),
        p_value=np.where(np.isnan(observed), np.nan, p_value),
        n_shuffles=n_shuffles,
        seed=seed,
    )


def _shift(frames: SpikeFrames, random: np.random.Generator) -> NDArray[np.int64]:
    """Return the bin where a spike of each frame is after the shift of its interval."""
    lengths = np.bincount(frames.interval)
    starts, length = (np.cumsum(lengths) - lengths)[frames.interval], lengths[frames.interval]
    # One number per interval, whatever the number of units: relabelling them changes nothing.
    turn = (random.random(len(lengths)) * lengths).astype(np.int64)[frames.interval]
    return frames.bins[starts + (np.arange(len(length)) - starts + turn) % length]
