"""Positions in bins and spikes on frames: what every rate map is counted from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pynapple as nap
from numpy.typing import NDArray

from tripartite.analysis.smoothing import gaussian_kernel, smooth
from tripartite.analysis.traces import find_runs
from tripartite.errors import InputError


@dataclass(frozen=True, kw_only=True)
class MapGrid:
    """How positions are binned and rates smoothed.

    Parameters
    ----------
    edges : ndarray of shape (n_bins + 1,)
        Edges of bins of equal size, in the unit of the position; the last bin is closed.
    sigma : float
        Standard deviation of the Gaussian that smooths spike counts and occupancy, each before
        their ratio is taken (unit of the position).
    min_occupancy : float
        Bins in which the animal spent less time have no rate (s).

    Examples
    --------
    >>> MapGrid(edges=np.linspace(0, 100, 6), sigma=5, min_occupancy=0.1).centres
    array([10., 30., 50., 70., 90.])
    """

    edges: NDArray[np.float64]
    sigma: float
    min_occupancy: float

    def __post_init__(self) -> None:
        steps = np.diff(self.edges)
        if len(steps) < 1 or not (steps > 0).all() or not np.allclose(steps, steps[0]):
            raise InputError(
                "edges must grow in equal steps",
                got=self.edges,
                do="Pass e.g. edges=np.linspace(0, length, 41)",
            )
        if not (0 <= self.sigma < np.inf and 0 <= self.min_occupancy < np.inf):
            raise InputError(
                "sigma and min_occupancy must not be negative", got=(self.sigma, self.min_occupancy)
            )

    @property
    def centres(self) -> NDArray[np.float64]:
        """Centres of the bins."""
        return (self.edges[1:] + self.edges[:-1]) / 2

    @property
    def bin_size(self) -> float:
        """Size of the bins."""
        return float(self.edges[1] - self.edges[0])


@dataclass(frozen=True, kw_only=True)
class SpikeFrames:
    """Frames of a position in bins, and the frame that each spike fell on.

    Parameters
    ----------
    grid : MapGrid
        Bins and smoothing.
    units : ndarray of shape (n_units,)
        Labels of the units.
    bins : ndarray of shape (n_frames,)
        Bin of each frame inside the intervals, -1 for none.
    interval : ndarray of shape (n_frames,)
        Number of the interval of each frame.
    period : float
        Time that each frame stands for (s).
    spike_unit, spike_frame : ndarray of shape (n_spikes,)
        Number of the unit and of the frame of each spike inside the intervals.
    """

    grid: MapGrid
    units: NDArray
    bins: NDArray[np.int64]
    interval: NDArray[np.int64]
    period: float
    spike_unit: NDArray[np.int64]
    spike_frame: NDArray[np.int64]

    @property
    def occupancy(self) -> NDArray[np.float64]:
        """Time spent in each bin (s)."""
        visits = np.bincount(self.bins[self.bins >= 0], minlength=len(self.grid.centres))
        return visits.astype(np.float64) * self.period

    def count_spikes(self, bins: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number of spikes of each unit in each bin.

        Parameters
        ----------
        bins : ndarray of shape (n_frames,)
            Bin of each frame, the true one or a shifted one.
        """
        shape = len(self.units), len(self.grid.centres)
        where = bins[self.spike_frame]
        placed = self.spike_unit[where >= 0] * shape[1] + where[where >= 0]
        return np.bincount(placed, minlength=shape[0] * shape[1]).reshape(shape)


def bin_frames(
    spikes: nap.TsGroup, position: nap.Tsd, intervals: nap.IntervalSet, grid: MapGrid
) -> SpikeFrames:
    """Return the bin of each frame and the frame of each spike, inside the intervals.

    Parameters
    ----------
    spikes : TsGroup
        Units.
    position : Tsd
        Position along the track.
    intervals : IntervalSet
        When to look.
    grid : MapGrid
        Bins.

    Returns
    -------
    SpikeFrames
        Each spike is on the nearest frame of its own interval.

    Raises
    ------
    InputError
        If there is no unit, or no frame in the intervals.
    """
    inside: nap.Tsd = position.restrict(intervals)  # pyright: ignore[reportAssignmentType]
    if not len(spikes) or not len(inside):
        raise InputError(
            "A rate map needs a unit and a frame inside the intervals",
            got=f"{len(spikes)} units and {len(inside)} frames",
        )
    numbers = nap.Tsd(t=inside.index.values, d=np.arange(len(inside)), time_support=intervals)
    nearest = [times.value_from(numbers).values for times in spikes.restrict(intervals).values()]
    nearest = [frames[np.isfinite(frames)] for frames in nearest]  # NaN: no frame in the interval
    lengths = [last - first for first, last in find_runs(inside)]
    return SpikeFrames(
        grid=grid,
        units=np.array(list(spikes.keys())),
        bins=_find_bins(inside.values, grid.edges),
        interval=np.repeat(np.arange(len(lengths)), lengths),
        period=float(np.median(np.diff(position.index.values))) if len(position) > 1 else 0.0,
        spike_unit=np.repeat(np.arange(len(spikes)), [len(frames) for frames in nearest]),
        spike_frame=np.concatenate(nearest).astype(np.int64),
    )


def find_used_bins(occupancy: NDArray[np.float64], grid: MapGrid) -> NDArray[np.bool_]:
    """Return which bins the animal visited for long enough.

    Parameters
    ----------
    occupancy : ndarray of shape (n_bins,)
        Time spent in each bin (s).
    grid : MapGrid
        Holds the shortest time.
    """
    return (occupancy >= grid.min_occupancy) & (occupancy > 0)


def smooth_rate(
    counts: NDArray[np.int64], occupancy: NDArray[np.float64], grid: MapGrid
) -> NDArray[np.float64]:
    """Return smoothed counts over smoothed occupancy.

    Parameters
    ----------
    counts : ndarray of shape (n_units, n_bins)
        Spikes in each bin.
    occupancy : ndarray of shape (n_bins,)
        Time spent in each bin (s).
    grid : MapGrid
        Smoothing.

    Returns
    -------
    ndarray of shape (n_units, n_bins)
        Rate (Hz); NaN in bins that were hardly visited, which give nothing to their neighbours.

    Examples
    --------
    >>> grid = MapGrid(edges=np.arange(5.0), sigma=0, min_occupancy=1)
    >>> smooth_rate(np.array([[4, 3, 0, 1]]), np.array([2.0, 0.5, 2.0, 1.0]), grid)
    array([[ 2., nan,  0.,  1.]])
    """
    used = find_used_bins(occupancy, grid)
    kernel = gaussian_kernel(grid.sigma / grid.bin_size)
    spikes = smooth(np.where(used, counts, np.nan).T, kernel)
    return spikes.T / smooth(np.where(used, occupancy, np.nan), kernel)


def _find_bins(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    bins = np.searchsorted(edges, values, side="right") - 1
    bins[values == edges[-1]] = len(edges) - 2
    bins[~((values >= edges[0]) & (values <= edges[-1]))] = -1  # NaN among them
    return bins
