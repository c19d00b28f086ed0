"""Draw transients: on their traces, their kinetics, and their mean."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from tripartite.analysis.transient_average import TransientAverage
from tripartite.analysis.transients import Transients
from tripartite.core.checks import check_option
from tripartite.plots import style

_UNITS = {"s": "s", "sample": "samples"}
_MEASURES = {
    "amplitude": "amplitude (% ΔF/F0)",
    "rise_time": "10-90 % rise time ({})",
    "half_width": "width at half amplitude ({})",
    "decay_time": "decay time constant ({})",
    "duration": "duration ({})",
    "zscore": "amplitude (SD of the noise)",
}


def plot_event_bands(transients: Transients, ax: Axes, *, trace: int = 0) -> None:
    """Draw a band from onset to offset of each event of one trace.

    A band has no line at its border where the recording cuts the event.

    Parameters
    ----------
    transients : Transients
        Events of one or more traces.
    ax : Axes
        Where the trace is drawn.
    trace : int
        Its index in `transients`.
    """
    for event in np.flatnonzero(transients.trace == trace):
        onset, offset = transients.onset[event], transients.offset[event]
        ax.axvspan(onset, offset, color=style.ORANGE, alpha=0.25, linewidth=0, zorder=0)
        for place, cut in ((onset, transients.cut_start), (offset, transients.cut_end)):
            if not cut[event]:
                ax.axvline(place, color=style.ORANGE, linewidth=0.8)


def plot_transients(
    transients: Transients,
    ax: Axes,
    *,
    time: NDArray[np.float64],
    values: NDArray[np.float64],
    trace: int = 0,
) -> None:
    """Draw one trace with its events.

    Each event is a band, as `plot_event_bands` draws it, with a point at the peak.

    Parameters
    ----------
    transients : Transients
        Events of one or more traces.
    ax : Axes
        Where to draw.
    time, values : ndarray of shape (n_times,)
        The trace, as dF/F0.
    trace : int
        Its index in `transients`.
    """
    ax.axhline(0, color=style.LIGHT_GREY, linewidth=0.8, zorder=0)
    ax.plot(time, 100 * values, color=style.BLACK, linewidth=0.8)
    plot_event_bands(transients, ax, trace=trace)
    here = transients.trace == trace
    peak, amplitude = transients.peak[here], 100 * transients.amplitude[here]
    ax.plot(peak, amplitude, "o", color=style.VERMILION, markersize=4)


def plot_kinetics(transients: Transients, ax: Axes, *, measure: str, n_bins: int = 24) -> None:
    """Draw how one measure of the events is distributed, with its median.

    Parameters
    ----------
    transients : Transients
        The events.
    ax : Axes
        Where to draw.
    measure : str
        ``amplitude``, ``rise_time``, ``half_width``, ``decay_time``, ``duration`` or ``zscore``.
    n_bins : int
        Number of bins, equally wide on a logarithmic axis.

    Raises
    ------
    InputError
        If there is no such measure.
    """
    check_option(measure, _MEASURES, name="measure")
    values = getattr(transients, measure) * (100 if measure == "amplitude" else 1)
    values = values[np.isfinite(values) & (values > 0)]
    ax.set_xlabel(_MEASURES[measure].format(_UNITS[transients.time_unit]))
    ax.set_ylabel("events")
    style.state_n(ax, f"n = {len(values)} of {len(transients)}")
    if not len(values):
        return
    span = values.min() * 0.95, values.max() * 1.05
    ax.hist(values, bins=np.geomspace(*span, n_bins + 1), color=style.BLUE)
    ax.axvline(np.median(values), color=style.VERMILION)
    ax.set_xscale("log")
    ax.set_xlim(*span)
    ax.margins(y=0.2)
    ax.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    style.plain_log_ticks(ax)


def plot_transient_average(average: TransientAverage, ax: Axes, *, relative: bool = False) -> None:
    """Draw the mean of aligned events with its 95 % band.

    Parameters
    ----------
    average : TransientAverage
        The events and their mean.
    ax : Axes
        Where to draw.
    relative : bool
        Whether the events were divided by their amplitude.
    """
    scale = 1.0 if relative else 100.0
    mean, half = scale * average.mean, scale * average.half_interval
    ax.axhline(0, color=style.LIGHT_GREY, linewidth=0.8, zorder=0)
    ax.axvline(0, color=style.GREY, linewidth=0.8, linestyle=":")
    ax.fill_between(average.lag, mean - half, mean + half, color=style.SKY_BLUE, linewidth=0)
    ax.plot(average.lag, mean, color=style.BLUE, linewidth=1.8)
    _label_lags(average, ax)
    ax.margins(y=0.2)
    ax.set_ylabel("mean ΔF / peak ΔF" if relative else "mean ΔF/F0 (%)")
    lags = average.n[np.isfinite(mean)]
    span = (
        f"{lags.min()} to {lags.max()}" if len(lags) and np.ptp(lags) else f"{lags.max(initial=0)}"
    )
    style.state_n(ax, f"n = {span} events")


def plot_transient_raster(average: TransientAverage, ax: Axes, *, relative: bool = False) -> None:
    """Draw each aligned event as a row of colours, those with the largest area at the bottom.

    Parameters
    ----------
    average : TransientAverage
        The events.
    ax : Axes
        Where to draw.
    relative : bool
        Whether the events were divided by their amplitude.
    """
    scale = 1.0 if relative else 100.0
    rows = scale * average.values[np.argsort(np.nanmean(average.values, axis=1))]
    edge = (average.lag[1] - average.lag[0]) / 2
    extent = (average.lag[0] - edge, average.lag[-1] + edge, len(rows) + 0.5, 0.5)
    low, high = (-0.5, 1.5) if relative else np.nanpercentile(rows, [1, 99])
    drawn = ax.imshow(
        rows, aspect="auto", extent=extent, vmin=low, vmax=high, interpolation="nearest"
    )
    ax.axvline(0, color="white", linewidth=0.8, linestyle=":")
    _label_lags(average, ax)
    ax.set_ylabel("event")
    label = "ΔF / peak ΔF" if relative else "ΔF/F0 (%)"
    ax.figure.colorbar(drawn, ax=ax, label=label, pad=0.02, extend="both")


def _label_lags(average: TransientAverage, ax: Axes) -> None:
    ax.set_xlim(average.lag[0], average.lag[-1])
    ax.set_xlabel(f"time from {average.aligned_to} ({_UNITS[average.time_unit]})")
