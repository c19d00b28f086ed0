"""Draw what many units do together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pynapple as nap
from matplotlib.axes import Axes
from numpy.typing import NDArray

from tripartite.analysis.population import PopulationRates, StateRates
from tripartite.analysis.synchrony import SynchronyEvents
from tripartite.plots import style


def plot_raster(
    spikes: nap.TsGroup,
    ax: Axes,
    *,
    window: tuple[float, float],
    units: Sequence[object] | NDArray | None = None,
    colors: Sequence[str] | None = None,
) -> None:
    """Draw a tick for each spike, one row per unit.

    Parameters
    ----------
    spikes : TsGroup
        Units.
    ax : Axes
        Where to draw; time is from the start of the window.
    window : (float, float)
        Start and end (s).
    units : sequence, optional
        Labels of the units from top to bottom; by default all, in their order.
    colors : sequence of str, optional
        One colour per unit.
    """
    labels = list(spikes.keys() if units is None else units)
    trains = {label: train.index.values - window[0] for label, train in spikes.items()}
    times = [trains[label] for label in labels]
    inside = [each[(each >= 0) & (each <= window[1] - window[0])] for each in times]
    ax.eventplot(inside, colors=colors or style.BLACK, linelengths=0.8, linewidths=0.6)
    ax.set_xlim(0, window[1] - window[0])
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.set_yticks([])
    ax.set_ylabel(f"{len(labels)} units")
    ax.set_xlabel("time (s)")


def plot_population_rates(
    result: PopulationRates,
    ax: Axes,
    *,
    units: Sequence[object] | NDArray | None = None,
    limit: float = 3.0,
) -> None:
    """Draw the z-scored rate of each unit over time, one row per unit.

    Parameters
    ----------
    result : PopulationRates
        Rates in bins. The intervals are drawn end to end, a white line between them.
    ax : Axes
        Where to draw.
    units : sequence, optional
        Labels of the units from top to bottom; by default all, in their order.
    limit : float
        The colours end at minus and plus this z-score.
    """
    labels = list(result.zscored.columns)
    rows = [labels.index(label) for label in (labels if units is None else units)]
    n_bins = len(result.zscored)
    drawn = ax.imshow(
        result.zscored.values[:, rows].T,
        aspect="auto",
        cmap="RdBu_r",
        vmin=-limit,
        vmax=limit,
        extent=(0, n_bins * result.bin_size, len(rows) - 0.5, -0.5),
        interpolation="nearest",
    )
    starts = np.searchsorted(result.zscored.index.values, result.zscored.time_support.start[1:])
    for start in starts:
        ax.axvline(start * result.bin_size, color="white", linewidth=0.5)
    ax.set_yticks([])
    ax.set_ylabel(f"{len(rows)} units")
    ax.set_xlabel("time (s)")
    ax.figure.colorbar(drawn, ax=ax, label="rate (z-score)", pad=0.01, extend="both")


def plot_state_rates(
    result: StateRates,
    ax: Axes,
    *,
    x: str = "run",
    y: str = "rest",
    highlighted: Sequence[object] | NDArray = (),
) -> None:
    """Draw the mean rate of each unit in one state over that in another.

    Parameters
    ----------
    result : StateRates
        Mean rates. A unit that is silent in one state is an open circle at the edge.
    ax : Axes
        Where to draw; both axes are logarithmic.
    x, y : str
        The two states.
    highlighted : sequence, optional
        Labels of units that are drawn in blue.
    """
    rates = result.rate[:, [result.states.index(x), result.states.index(y)]]
    low = rates[rates > 0].min() / 2
    shown = np.where(rates > 0, rates, low)
    silent = (rates == 0).any(axis=1)
    limits = (low * 0.8, rates.max() * 1.5)
    ax.plot(limits, limits, color=style.GREY, linewidth=0.8, linestyle=":")
    blue = np.isin(result.units, np.asarray(highlighted))
    for color, chosen in ((style.GREY, ~blue), (style.BLUE, blue)):
        for fill, subset in ((color, chosen & ~silent), ("none", chosen & silent)):
            ax.plot(*shown[subset].T, "o", color=color, markersize=4, markerfacecolor=fill)
    ax.set(xscale="log", yscale="log", xlim=limits, ylim=limits)
    ax.set_aspect("equal")
    ax.set_xlabel(f"rate in {x} (Hz)")
    ax.set_ylabel(f"rate in {y} (Hz)")


def plot_synchrony(result: SynchronyEvents, ax: Axes, *, window: tuple[float, float]) -> None:
    """Draw the rate of all units together, with the moments of synchrony.

    Parameters
    ----------
    result : SynchronyEvents
        Events: orange bands. The dotted line is the height that a peak needs.
    ax : Axes
        Where to draw; time is from the start of the window.
    window : (float, float)
        Start and end (s).
    """
    times = result.rate.index.values
    shown = (times >= window[0]) & (times <= window[1])
    for start, end in zip(result.start, result.end, strict=True):
        if end > window[0] and start < window[1]:
            ax.axvspan(
                start - window[0], end - window[0], color=style.ORANGE, alpha=0.4, linewidth=0
            )
    ax.plot(times[shown] - window[0], result.rate.values[shown], color=style.BLACK, linewidth=0.8)
    height = result.mean + result.criteria.threshold * result.sd
    ax.axhline(height, color=style.GREY, linewidth=0.8, linestyle=":")
    ax.set_xlim(0, window[1] - window[0])
    ax.set_ylim(bottom=0)
    ax.set_xlabel("time (s)")
    ax.set_ylabel("all units\n(spikes / s)")


def plot_chance(observed: float, by_chance: NDArray[np.int64], ax: Axes) -> None:
    """Draw how many events there are, and how many independent units give.

    Parameters
    ----------
    observed : float
        Number of events.
    by_chance : ndarray of shape (n_shuffles,)
        Numbers of events in shifted spikes.
    ax : Axes
        Where to draw.
    """
    jitter = np.linspace(-0.2, 0.2, len(by_chance))
    ax.plot(jitter, by_chance, "o", color=style.GREY, markersize=3)
    ax.plot([1], [observed], "D", color=style.VERMILION, markersize=6)
    ax.set_xticks([0, 1], [f"shifted\n(n = {len(by_chance)})", "recorded"])
    ax.set_xlim(-0.6, 1.6)
    ax.set_ylim(0, max(observed, by_chance.max()) * 1.1)
    ax.set_ylabel("synchrony events")
