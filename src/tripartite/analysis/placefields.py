"""Place fields in rate maps, and how stable the maps are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import pynapple as nap
from numpy.typing import NDArray

from tripartite.analysis.binning import MapGrid
from tripartite.analysis.traces import find_stretches
from tripartite.analysis.tuning import RateMaps, compute_rate_maps
from tripartite.core.checks import check_option
from tripartite.errors import InputError


@dataclass(frozen=True, kw_only=True)
class PlaceFields:
    """Stretches of the track where units fire, one entry per field.

    Parameters
    ----------
    units : ndarray of shape (n_fields,)
        Label of the unit that has the field.
    start, end : ndarray of shape (n_fields,)
        Outer edges of the first and last bin (unit of the position).
    peak_position : ndarray of shape (n_fields,)
        Centre of the bin with the highest rate (unit of the position).
    peak_rate : ndarray of shape (n_fields,)
        Rate there (Hz).
    cut : ndarray of bool of shape (n_fields,)
        Whether the field reaches the end of the map or a bin without a rate: its true width is not
        known.
    n_low, n_narrow : int
        Stretches left out because their peak is too low, or because they are too narrow.
    """

    units: NDArray
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    peak_position: NDArray[np.float64]
    peak_rate: NDArray[np.float64]
    cut: NDArray[np.bool_]
    n_low: int
    n_narrow: int

    @property
    def width(self) -> NDArray[np.float64]:
        """Width of each field (unit of the position)."""
        return self.end - self.start

    def to_frame(self) -> pd.DataFrame:
        """Return one row per field."""
        names = ("start", "end", "width", "peak_position", "peak_rate", "cut")
        return pd.DataFrame({"unit": self.units, **{name: getattr(self, name) for name in names}})


@dataclass(frozen=True, kw_only=True)
class MapStability:
    """How alike the rate maps of two parts of a session are.

    Parameters
    ----------
    units : ndarray of shape (n_units,)
        Labels of the units.
    correlation : ndarray of shape (n_units,)
        Pearson correlation of the two maps over the bins that both have; NaN where a map is flat or
        fewer than three bins are shared.
    n_bins : int
        Bins that both maps have.
    split : str
        ``"odd-even"`` or ``"halves"``.
    """

    units: NDArray
    correlation: NDArray[np.float64]
    n_bins: int
    split: str

    def to_frame(self) -> pd.DataFrame:
        """Return one row per unit."""
        return pd.DataFrame({"unit": self.units, "correlation": self.correlation})


def find_fields(
    maps: RateMaps, *, fraction: float = 0.2, min_peak: float = 1.0, min_width: float = 0.0
) -> PlaceFields:
    """Return the place fields: neighbouring bins with a rate above a share of the peak.

    Parameters
    ----------
    maps : RateMaps
        Rate maps.
    fraction : float
        Share of the highest rate of the unit that every bin of a field reaches, between 0 and 1.
    min_peak : float
        Lowest peak rate of a field (Hz).
    min_width : float
        Smallest width of a field (unit of the position).

    Returns
    -------
    PlaceFields
        In the order of the units, each unit's from the first to the last along the track.

    Raises
    ------
    InputError
        If `fraction` is not between 0 and 1.

    Examples
    --------
    >>> import numpy as np, pynapple as nap
    >>> from tripartite.analysis.tuning import compute_rate_maps
    >>> position = nap.Tsd(t=np.arange(0, 10, 0.1), d=np.arange(100.0))
    >>> spikes = nap.TsGroup({7: nap.Ts(t=np.linspace(2, 4, 20))})
    >>> grid = MapGrid(edges=np.linspace(0, 100, 6), sigma=0, min_occupancy=0)
    >>> maps = compute_rate_maps(spikes, position, position.time_support, grid=grid)
    >>> find_fields(maps).to_frame()
       unit  start   end  width  peak_position  peak_rate    cut
    0     7   20.0  40.0   20.0           30.0        ...  False
    """
    if not 0 < fraction < 1:
        raise InputError("fraction must lie between 0 and 1", got=fraction)
    rows, excluded = [], dict.fromkeys(("n_low", "n_narrow"), 0)
    edges = maps.grid.edges
    for unit, rate in zip(maps.units, maps.rate, strict=True):
        for first, last, cut in _find_candidates(rate, fraction):
            peak = first + int(np.argmax(rate[first:last]))
            if rate[peak] < min_peak:
                excluded["n_low"] += 1
            elif edges[last] - edges[first] < min_width:
                excluded["n_narrow"] += 1
            else:
                place = maps.grid.centres[peak]
                rows.append((unit, edges[first], edges[last], place, rate[peak], cut))
    columns = list(zip(*rows, strict=True)) or [()] * 6
    return PlaceFields(
        units=np.array(columns[0], dtype=maps.units.dtype),
        start=np.array(columns[1], dtype=np.float64),
        end=np.array(columns[2], dtype=np.float64),
        peak_position=np.array(columns[3], dtype=np.float64),
        peak_rate=np.array(columns[4], dtype=np.float64),
        cut=np.array(columns[5], dtype=bool),
        **excluded,
    )


def compute_extent(maps: RateMaps, *, fraction: float = 0.2) -> NDArray[np.float64]:
    """Return the share of the visited track where each unit fires.

    Parameters
    ----------
    maps : RateMaps
        Rate maps.
    fraction : float
        Share of the highest rate of the unit that counts as firing.

    Returns
    -------
    ndarray of shape (n_units,)
        Between 0 and 1: small for a place cell, near 1 for an interneuron; NaN for a silent unit.

    Examples
    --------
    >>> import numpy as np, pynapple as nap
    >>> from tripartite.analysis.tuning import compute_rate_maps
    >>> position = nap.Tsd(t=np.arange(0, 10, 0.1), d=np.arange(100.0))
    >>> spikes = nap.TsGroup({7: nap.Ts(t=np.linspace(2, 4, 20))})
    >>> grid = MapGrid(edges=np.linspace(0, 100, 6), sigma=0, min_occupancy=0)
    >>> compute_extent(compute_rate_maps(spikes, position, position.time_support, grid=grid))
    array([0.2])
    """
    known = ~np.isnan(maps.rate)
    peak = np.max(maps.rate, axis=1, keepdims=True, where=known, initial=0.0)
    n_firing = np.sum(np.where(known, maps.rate, -1.0) >= fraction * peak, axis=1)
    extent = np.full(len(peak), np.nan)
    return np.divide(n_firing, known.sum(axis=1), out=extent, where=peak[:, 0] > 0)


def compute_stability(
    spikes: nap.TsGroup,
    position: nap.Tsd,
    intervals: nap.IntervalSet,
    *,
    grid: MapGrid,
    split: Literal["odd-even", "halves"] = "odd-even",
) -> MapStability:
    """Return how alike the rate maps of two parts of the intervals are.

    Parameters
    ----------
    spikes, position, intervals, grid
        As in `compute_rate_maps`.
    split : {"odd-even", "halves"}
        Compare every other interval with the rest, or the earlier half of them with the later.

    Returns
    -------
    MapStability
        One correlation per unit.

    Raises
    ------
    InputError
        If there are fewer than two intervals.

    Examples
    --------
    >>> import numpy as np, pynapple as nap
    >>> position = nap.Tsd(t=np.arange(0, 20, 0.1), d=np.tile(np.arange(100.0), 2))
    >>> spikes = nap.TsGroup({7: nap.Ts(t=[2.0, 2.5, 12.0, 12.5])})
    >>> grid = MapGrid(edges=np.linspace(0, 100, 6), sigma=0, min_occupancy=0)
    >>> laps = nap.IntervalSet([0, 10], [9.95, 19.95])
    >>> compute_stability(spikes, position, laps, grid=grid).correlation
    array([1.])
    """
    check_option(split, ("odd-even", "halves"), name="split")
    if len(intervals) < 2:
        raise InputError("Two intervals are needed to compare them", got=len(intervals))
    order = np.arange(len(intervals))
    second = order % 2 == 1 if split == "odd-even" else order >= len(order) // 2
    bounds = intervals.values
    parts = [
        compute_rate_maps(spikes, position, nap.IntervalSet(bounds[part]), grid=grid)
        for part in (~second, second)
    ]
    both = ~np.isnan(parts[0].rate[0]) & ~np.isnan(parts[1].rate[0])
    first, last = (_centre(part.rate[:, both]) for part in parts)
    spread = np.sqrt(np.sum(first**2, axis=1) * np.sum(last**2, axis=1))
    enough = (spread > 0) & (both.sum() > 2)
    correlation = np.full(len(spread), np.nan)
    np.divide(np.sum(first * last, axis=1), spread, out=correlation, where=enough)
    return MapStability(
        units=parts[0].units, correlation=correlation, n_bins=int(both.sum()), split=split
    )


def _centre(rate: NDArray[np.float64]) -> NDArray[np.float64]:
    return rate - rate.sum(axis=1, keepdims=True) / max(rate.shape[1], 1)


def _find_candidates(rate: NDArray[np.float64], fraction: float) -> Iterator[tuple[int, int, bool]]:
    """Yield the bins of each candidate: first, one past last, whether its end is out of sight."""
    known = np.r_[np.nan, rate, np.nan]
    high = np.where(np.isnan(rate), -np.inf, rate)
    if high.max() > 0:
        for first, last in find_stretches(high >= fraction * high.max()):
            yield int(first), int(last), bool(np.isnan(known[[first, last + 1]]).any())
