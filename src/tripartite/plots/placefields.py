"""Draw tracks, rate maps and the spikes that they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import pynapple as nap
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from tripartite.analysis.tuning import RateMaps
from tripartite.errors import InputError
from tripartite.plots import style

DIRECTION_COLORS = {"outbound": style.BLUE, "inbound": style.VERMILION}


def plot_track(position: nap.TsdFrame, vertices: ArrayLike, ax: Axes, *, unit: str) -> None:
    """Draw where a camera saw the animal, and the track that was laid through it.

    Parameters
    ----------
    position : TsdFrame of shape (n_frames, 2)
        Columns x and y.
    vertices : array_like of shape (n_vertices, 2)
        The track; an arrow head marks its end.
    ax : Axes
        Where to draw.
    unit : str
        Unit of the position.
    """
    track = np.asarray(vertices, dtype=np.float64)
    x, y = position.values.T
    ax.plot(x, y, ".", color=style.GREY, markersize=1, alpha=0.3, rasterized=True)
    ax.plot(*track[:-1].T, color=style.BLACK)
    ax.annotate("", track[-1], track[-2], arrowprops={"arrowstyle": "->", "linewidth": 1.5})
    ax.set_aspect("equal", adjustable="datalim")
    ax.set_xlabel(f"x ({unit})")
    ax.set_ylabel(f"y ({unit})")


def plot_rate_maps(
    maps: RateMaps, ax: Axes, *, units: Sequence[object] | None = None, unit: str = "px"
) -> None:
    """Draw the rate of units along the track, each as a share of its peak, one row per unit.

    Parameters
    ----------
    maps : RateMaps
        Rate maps. Bins without a rate stay white; the colours go from 0 to 1.
    ax : Axes
        Where to draw.
    units : sequence, optional
        Labels of the units from top to bottom; by default all, sorted by the place of their peak.
    unit : str
        Unit of the position.
    """
    rows = find_rows(maps, sort_by_peak(maps) if units is None else units)
    peak = np.nanmax(np.where(np.isnan(maps.rate), -1.0, maps.rate), axis=1)[rows, None]
    share = np.divide(maps.rate[rows], peak, out=np.zeros_like(maps.rate[rows]), where=peak > 0)
    left, right = maps.grid.edges[[0, -1]]
    ax.imshow(
        share,
        aspect="auto",
        vmin=0,
        vmax=1,
        extent=(left, right, len(rows) - 0.5, -0.5),
        interpolation="nearest",
    )
    ax.set_yticks(range(len(rows)), [f"{label}" for label in maps.units[rows]], fontsize=6)
    ax.set_xlabel(f"position ({unit})")
    ax.set_ylabel("unit")


def plot_rate_map(
    maps: RateMaps, ax: Axes, *, label: object, color: str, name: str = "", unit: str = "px"
) -> None:
    """Draw the rate of one unit along the track.

    Parameters
    ----------
    maps : RateMaps
        Rate maps.
    ax : Axes
        Where to draw.
    label : object
        Label of the unit.
    color : str
        Colour of the line.
    name : str
        Entry in the legend.
    unit : str
        Unit of the position.
    """
    rate = maps.rate[find_rows(maps, [label])[0]]
    ax.plot(maps.grid.centres, rate, color=color, label=name)
    ax.set_xlim(*maps.grid.edges[[0, -1]])
    tops = [np.nanmax(np.asarray(line.get_ydata()), initial=0.1) for line in ax.lines]
    ax.set_ylim(0, 1.08 * max(tops))
    ax.set_xlabel(f"position ({unit})")
    ax.set_ylabel("rate (Hz)")


def plot_occupancy(maps: RateMaps, ax: Axes, *, color: str, name: str, unit: str = "px") -> None:
    """Draw how long the animal was where, with the shortest time that counts.

    Parameters
    ----------
    maps : RateMaps
        Rate maps.
    ax : Axes
        Where to draw.
    color, name : str
        Colour of the line and its entry in the legend.
    unit : str
        Unit of the position.
    """
    ax.stairs(maps.occupancy, maps.grid.edges, color=color, label=name)
    ax.axhline(maps.grid.min_occupancy, color=style.GREY, linewidth=0.8, linestyle=":")
    ax.set_xlim(*maps.grid.edges[[0, -1]])
    ax.set_xlabel(f"position ({unit})")
    ax.set_ylabel("occupancy (s per bin)")


def plot_spikes_on_position(
    position: nap.Tsd, spikes: nap.Ts, runs: dict[str, nap.IntervalSet], ax: Axes
) -> None:
    """Draw the path of the animal over time, with a dot where the unit fired during runs.

    Parameters
    ----------
    position : Tsd
        Position along the track; time runs downwards, from its first frame.
    spikes : Ts
        One unit.
    runs : dict of str to IntervalSet
        Runs by direction, ``outbound`` or ``inbound``, which the dots are coloured by.
    ax : Axes
        Where to draw.
    """
    start = position.index.values[0]
    times, path = lift_pen(position)
    ax.plot(path, times - start, color=style.LIGHT_GREY, linewidth=0.5, zorder=1)
    for direction, intervals in runs.items():
        fired = cast("nap.Ts", spikes.restrict(intervals))
        where = cast("nap.Tsd", fired.value_from(cast("nap.Tsd", position.restrict(intervals))))
        ax.plot(
            where.values,
            where.index.values - start,
            ".",
            color=DIRECTION_COLORS[direction],
            markersize=2.5,
            label=direction,
        )
    ax.set_ylim(times[-1] - start, 0)
    ax.set_ylabel("time (s)")


def plot_path(position: nap.Tsd, runs: dict[str, nap.IntervalSet], ax: Axes, *, unit: str) -> None:
    """Draw the position along the track over time, with the runs in the colour of their direction.

    Parameters
    ----------
    position : Tsd
        Position along the track; time runs from its first frame.
    runs : dict of str to IntervalSet
        Runs by direction, ``outbound`` or ``inbound``.
    ax : Axes
        Where to draw.
    unit : str
        Unit of the position.
    """
    start = position.index.values[0]
    times, path = lift_pen(position)
    ax.plot(times - start, path, color=style.GREY, linewidth=0.6)
    for direction, intervals in runs.items():
        times, path = lift_pen(cast("nap.Tsd", position.restrict(intervals)))
        color = DIRECTION_COLORS[direction]
        ax.plot(times - start, path, color=color, linewidth=1, label=direction)
    ax.set_xlim(0, position.index.values[-1] - start)
    ax.set_xlabel("time (s)")
    ax.set_ylabel(f"position ({unit})")


def lift_pen(position: nap.Tsd) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return times and positions with a NaN before each interval, so that no line crosses a gap.

    Parameters
    ----------
    position : Tsd
        Position along the track.
    """
    gaps = np.searchsorted(position.index.values, position.time_support.start[1:])
    times = np.insert(position.index.values, gaps, position.time_support.start[1:])
    return times, np.insert(position.values, gaps, np.nan)


def sort_by_peak(maps: RateMaps) -> NDArray:
    """Return the labels of the units, sorted by the place of their highest rate.

    Parameters
    ----------
    maps : RateMaps
        Rate maps.
    """
    peaks = np.argmax(np.where(np.isnan(maps.rate), -1.0, maps.rate), axis=1)
    return maps.units[np.argsort(peaks, kind="stable")]


def find_rows(maps: RateMaps, units: Sequence[object] | NDArray) -> list[int]:
    """Return the row of each unit.

    Parameters
    ----------
    maps : RateMaps
        Rate maps.
    units : sequence
        Labels.

    Raises
    ------
    InputError
        If there is no unit of some label.
    """
    rows = {label: row for row, label in enumerate(maps.units.tolist())}
    missing = [label for label in units if label not in rows]
    if missing:
        raise InputError(
            "Each label must be that of a unit", got=missing, do=f"Units: {list(rows)}"
        )
    return [rows[label] for label in units]
