"""Draw what networks of neurons and astrocytes do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pynapple as nap
import xarray as xr
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from tripartite.analysis.network_activity import GroupRates, NodeAverage
from tripartite.plots import style

VARIABLE_COLORS = {"IP3": style.PURPLE, "Ca_astro": style.GREEN, "I_SIC": style.VERMILION}
VARIABLE_LABELS = {
    "IP3": "IP$_3$ (µM)",
    "Ca_astro": "calcium (µM)",
    "I_SIC": "slow inward\ncurrent (pA)",
    "V_m": "potential (mV)",
}
# More spikes than this hide one another when each is larger than a pixel.
_MOST_TICKS = 100_000
_HEADROOM = 0.2  # for the note above the data


def plot_raster(
    times: ArrayLike,
    rows: ArrayLike,
    ax: Axes,
    *,
    color: str = style.BLACK,
    n_rows: int | None = None,
) -> None:
    """Draw a mark for each spike.

    Marks are ticks up to a hundred thousand spikes, pixels from there on. They are one raster image
    in vector files too, so that a million of them stay small and fast.

    Parameters
    ----------
    times, rows : array_like of shape (n_spikes,)
        Time and row (or number of the sender) of each spike.
    ax : Axes
        Where to draw; limits and labels are left to the caller.
    color : str
        Colour of the marks.
    n_rows : int, optional
        Rows of the whole axis, by which marks are sized; by default the span of `rows`.
    """
    rows = np.asarray(rows)
    n_rows = n_rows or int(np.ptp(rows) + 1 if rows.size else 1)
    height = ax.get_window_extent().height * 72 / ax.figure.dpi
    size = float(np.clip(1.4 * height / n_rows, 2.0, 8.0))
    marks: dict[str, Any] = {"marker": ","}
    if rows.size <= _MOST_TICKS:
        marks = {"marker": "|", "markersize": size, "markeredgewidth": 0.9}
    ax.plot(times, rows, linestyle="none", color=color, rasterized=True, **marks)


def plot_spike_raster(
    spikes: nap.TsGroup,
    ax: Axes,
    *,
    by: str = "population",
    colors: Sequence[str] = style.CYCLE,
) -> None:
    """Draw the spikes of each unit in a row, groups one above the other in their colours.

    Parameters
    ----------
    spikes : TsGroup
        Units, with a metadata column that names their groups.
    ax : Axes
        Where to draw; time is in seconds.
    by : str
        Name of the column.
    colors : sequence of str
        One colour per group, repeated if there are more groups.
    """
    labels = spikes.metadata[by].astype(str).to_numpy()
    times = [train.index.values for train in spikes.values()]
    ticks, first = {}, 0
    for number, name in enumerate(dict.fromkeys(labels)):
        trains = [times[place] for place in np.flatnonzero(labels == name)]
        rows = np.repeat(first + np.arange(len(trains)), [len(train) for train in trains])
        color = colors[number % len(colors)]
        plot_raster(np.concatenate(trains), rows, ax, color=color, n_rows=len(labels))
        ticks[f"{name}\nn = {len(trains)}"] = first + (len(trains) - 1) / 2
        first += len(trains)
        if first < len(labels):
            ax.axhline(first - 0.5, color=style.LIGHT_GREY, linewidth=0.6, zorder=0)
    ax.set_yticks(list(ticks.values()), list(ticks))
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(-0.5, len(labels) - 0.5)
    ax.set_xlim(spikes.time_support.start[0], spikes.time_support.end[-1])
    ax.set_xlabel("time (s)")


def plot_rate_histogram(
    centres: ArrayLike, rate: ArrayLike, ax: Axes, *, color: str = style.BLACK, label: str = ""
) -> None:
    """Draw rates in bins as a staircase.

    Parameters
    ----------
    centres : array_like of shape (n_bins,)
        Centres of bins of equal size.
    rate : array_like of shape (n_bins,)
        Rate in each bin (Hz).
    ax : Axes
        Where to draw; the label of time is left to the caller.
    color : str
        Colour of the line.
    label : str
        Entry in the legend; none if empty.
    """
    centres, rate = np.asarray(centres, dtype=float), np.asarray(rate, dtype=float)
    half = (centres[1] - centres[0]) / 2 if len(centres) > 1 else 0.5
    edges = np.append(centres - half, centres[-1] + half)
    ax.stairs(rate, edges, color=color, linewidth=0.9, label=label or None)
    ax.set_ylabel("rate (Hz)")


def plot_group_rates(result: GroupRates, ax: Axes, *, colors: Sequence[str] = style.CYCLE) -> None:
    """Draw the mean rate of each group over time.

    Parameters
    ----------
    result : GroupRates
        Rates in bins.
    ax : Axes
        Where to draw; time is in seconds.
    colors : sequence of str
        One colour per group, repeated if there are more groups.
    """
    for number, name in enumerate(result.rate.columns):
        rates, color = result.rate.values[:, number], colors[number % len(colors)]
        plot_rate_histogram(result.rate.index.values, rates, ax, color=color, label=str(name))
    ax.margins(y=_HEADROOM)
    style.state_n(ax, f"bins of {1000 * result.bin_size:g} ms")
    ax.set_xlabel("time (s)")


def plot_node_average(result: NodeAverage, ax: Axes) -> None:
    """Draw the mean over nodes of a state variable over time, with a band of one SD.

    Parameters
    ----------
    result : NodeAverage
        Mean and standard deviation.
    ax : Axes
        Where to draw; time is in seconds.
    """
    color = VARIABLE_COLORS.get(result.variable, style.BLUE)
    low, high = result.mean - result.sd, result.mean + result.sd
    ax.fill_between(result.time, low, high, color=color, alpha=0.25, linewidth=0)
    ax.plot(result.time, result.mean, color=color)
    unit = f" ({result.unit})" if result.unit else ""
    ax.set_ylabel(VARIABLE_LABELS.get(result.variable, result.variable + unit))
    ax.margins(y=_HEADROOM)
    style.state_n(ax, f"mean ± SD, n = {result.n_nodes}")
    ax.set_xlabel("time (s)")


def plot_network_dynamics(results: Mapping[str, NodeAverage], axes: Sequence[Axes]) -> None:
    """Draw state variables below one another over the same time.

    Parameters
    ----------
    results : mapping of str to NodeAverage
        Averages, from top to bottom.
    axes : sequence of Axes
        One for each.
    """
    for result, ax in zip(results.values(), axes, strict=True):
        plot_node_average(result, ax)
        ax.set_xlim(result.time[0], result.time[-1])
        ax.label_outer()


def plot_parameter_grid(values: xr.DataArray, ax: Axes, *, label: str) -> None:
    """Draw a number for each pair of parameter values as a coloured table.

    Parameters
    ----------
    values : DataArray of shape (n_rows, n_columns)
        Numbers, with the parameter values as coordinates; NaN where there is none.
    ax : Axes
        Where to draw.
    label : str
        What the numbers are, with their unit, for the colour bar.
    """
    rows, columns = values.dims
    drawn = ax.imshow(values.values, origin="lower", aspect="auto")
    middle = np.nanmean(drawn.get_clim())
    for (row, column), number in np.ndenumerate(values.values):
        color = "white" if number <= middle else "black"
        text = f"{number:#.3g}".rstrip(".") if np.isfinite(number) else "none"
        ax.text(column, row, text, ha="center", va="center", fontsize=7, color=color)
    for axis, name in ((ax.xaxis, columns), (ax.yaxis, rows)):
        numbers = values[name].values
        axis.set_ticks(np.arange(len(numbers)), [f"{number:g}" for number in numbers])
        axis.set_label_text(values[name].attrs.get("long_name", str(name)))
    ax.set_facecolor(style.LIGHT_GREY)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    ax.figure.colorbar(drawn, ax=ax, label=label, pad=0.02)


def plot_pairs(
    values: NDArray[np.float64],
    ax: Axes,
    *,
    names: tuple[str, str],
    colors: Sequence[str] = (style.GREY, style.VERMILION),
) -> None:
    """Draw pairs of numbers as points joined by lines.

    Parameters
    ----------
    values : ndarray of shape (n_pairs, 2)
        Numbers.
    ax : Axes
        Where to draw; labels are left to the caller.
    names : (str, str)
        What the two sides are.
    colors : (str, str)
        Colours of the two sides.
    """
    ax.plot([0, 1], values.T, color=style.LIGHT_GREY, zorder=1)
    for side, color in enumerate(colors):
        ax.plot(np.full(len(values), side), values[:, side], "o", color=color, markersize=4)
    ax.set_xticks([0, 1], names)
    ax.set_xlim(-0.4, 1.4)
    ax.margins(y=_HEADROOM)
    style.state_n(ax, f"n = {len(values)}")


def plot_differences(
    time: NDArray[np.float64],
    values: NDArray[np.float64],
    ax: Axes,
    *,
    color: str = style.VERMILION,
) -> None:
    """Draw differences over time, each and their mean.

    Parameters
    ----------
    time : ndarray of shape (n_times,)
        Times (s).
    values : ndarray of shape (n_times, n_pairs)
        Differences.
    ax : Axes
        Where to draw; labels are left to the caller.
    color : str
        Colour of the mean.
    """
    ax.axhline(0, color=style.GREY, linewidth=0.8, linestyle=":")
    ax.plot(time, values, color=style.LIGHT_GREY, linewidth=0.8)
    ax.plot(time, values.mean(axis=1), color=color, linewidth=1.8)
    ax.margins(y=_HEADROOM)
    style.state_n(ax, f"n = {values.shape[1]}")
