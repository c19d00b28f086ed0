"""Firing rate as a function of position, and the information that it carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pynapple as nap
from numpy.typing import NDArray
from scipy.special import xlogy

from tripartite.analysis.binning import (
    MapGrid,
    bin_frames,
    find_used_bins,
    smooth_rate,
)

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, kw_only=True)
class RateMaps:
    """Firing rate of each unit along the track.

    Parameters
    ----------
    units : ndarray of shape (n_units,)
        Labels of the units.
    grid : MapGrid
        Bins and smoothing.
    rate : ndarray of shape (n_units, n_bins)
        Smoothed rate (Hz); NaN in bins that were hardly visited.
    counts : ndarray of shape (n_units, n_bins)
        Spikes, not smoothed.
    occupancy : ndarray of shape (n_bins,)
        Time spent (s), not smoothed.
    information : ndarray of shape (n_units,)
        Spatial information (bits per spike); NaN for a unit that is silent in the map.
    n_spikes_excluded : ndarray of shape (n_units,)
        Spikes inside the intervals that are in no bin with a rate.
    n_frames_excluded : int
        Frames inside the intervals that are in no bin with a rate.
    n_bins_excluded : int
        Bins without a rate.
    """

    units: NDArray
    grid: MapGrid
    rate: NDArray[np.float64]
    counts: NDArray[np.int64]
    occupancy: NDArray[np.float64]
    information: NDArray[np.float64]
    n_spikes_excluded: NDArray[np.int64]
    n_frames_excluded: int
    n_bins_excluded: int

    def to_xarray(self) -> xr.DataArray:
        """Return the rates (Hz), labelled by unit and position."""
        import xarray as xr

        return xr.DataArray(
            self.rate,
            coords={"unit": self.units, "position": self.grid.centres},
            dims=("unit", "position"),
            name="rate",
            attrs={"occupancy": self.occupancy, "sigma": self.grid.sigma},
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row per unit: peak and its position, information, numbers of spikes."""
        filled = np.where(np.isnan(self.rate), -1.0, self.rate)
        return pd.DataFrame(
            {
                "unit": self.units,
                "n_spikes": self.counts.sum(axis=1, where=~np.isnan(self.rate)),
                "n_spikes_excluded": self.n_spikes_excluded,
                "peak_rate": np.where(filled.max(axis=1) < 0, np.nan, filled.max(axis=1)),
                "peak_position": self.grid.centres[filled.argmax(axis=1)],
                "information": self.information,
            }
        )


def compute_information(
    rate: NDArray[np.float64], occupancy: NDArray[np.float64]
) -> NDArray[np.float64]:
    r"""Return the spatial information of rate maps.

    With :math:`p_i` the share of time in bin i and :math:`r_i` the rate there over its mean, it is
    :math:`\sum_i p_i r_i \log_2 r_i`.

    Parameters
    ----------
    rate : ndarray of shape (..., n_bins)
        Rate (Hz); bins that are NaN are left out.
    occupancy : ndarray of shape (n_bins,)
        Time spent in each bin (s).

    Returns
    -------
    ndarray of shape (...,)
        Information (bits per spike), from 0 for a flat map to ``log2(n_bins)`` for spikes in one
        of equally visited bins; NaN for a map without spikes. Few spikes make it too high.

    References
    ----------
    Skaggs, McNaughton, Gothard & Markus (1993), Advances in Neural Information Processing Systems
    5, 1030-1037.

    Examples
    --------
    >>> import numpy as np
    >>> compute_information(np.array([[0.0, 0, 8, 0], [2, 2, 2, 2]]), np.ones(4))
    array([2., 0.])
    """
    time = np.where(np.isnan(rate), 0.0, occupancy)
    rate = np.nan_to_num(rate)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = time / time.sum(axis=-1, keepdims=True)
        ratio = rate / np.sum(share * rate, axis=-1, keepdims=True)
        return np.sum(share * xlogy(ratio, ratio), axis=-1) / np.log(2)


def compute_rate_maps(
    spikes: nap.TsGroup, position: nap.Tsd, intervals: nap.IntervalSet, *, grid: MapGrid
) -> RateMaps:
    """Return the firing rate of each unit as a function of position.

    Parameters
    ----------
    spikes : TsGroup
        Units.
    position : Tsd
        Position along the track; a frame that is NaN or outside the grid counts as excluded.
    intervals : IntervalSet
        When to look, such as the runs in one direction.
    grid : MapGrid
        Bins and smoothing.

    Returns
    -------
    RateMaps
        A spike is where the nearest frame in the same interval is. Each frame stands for the
        median time between frames.

    Raises
    ------
    InputError
        If there is no unit, or no frame in the intervals.

    Examples
    --------
    >>> import numpy as np, pynapple as nap
    >>> from tripartite.analysis.binning import MapGrid
    >>> position = nap.Tsd(t=np.arange(0, 10, 0.1), d=np.arange(100.0))
    >>> spikes = nap.TsGroup({7: nap.Ts(t=[2.0, 2.1, 2.2, 8.0])})
    >>> grid = MapGrid(edges=np.linspace(0, 100, 6), sigma=0, min_occupancy=0)
    >>> maps = compute_rate_maps(spikes, position, position.time_support, grid=grid)
    >>> maps.rate
    array([[0. , 1.5, 0. , 0. , 0.5]])
    """
    frames = bin_frames(spikes, position, intervals, grid)
    counts, occupancy = frames.count_spikes(frames.bins), frames.occupancy
    rate = smooth_rate(counts, occupancy, grid)
    used = find_used_bins(occupancy, grid)
    n_frames_used = int(np.sum(used[frames.bins] & (frames.bins >= 0)))
    n_spikes = np.array([len(times) for times in spikes.restrict(intervals).values()])
    return RateMaps(
        units=frames.units,
        grid=grid,
        rate=rate,
        counts=counts,
        occupancy=occupancy,
        information=compute_information(rate, occupancy),
        n_spikes_excluded=n_spikes - counts[:, used].sum(axis=1),
        n_frames_excluded=len(frames.bins) - n_frames_used,
        n_bins_excluded=int(np.sum(~used)),
    )
