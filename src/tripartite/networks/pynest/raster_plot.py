"""Drawing spikes: ``nest.raster_plot``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from tripartite.networks.pynest.errors import BadParameter, BadType
from tripartite.networks.pynest.node_collection import NodeCollection
from tripartite.plots import style
from tripartite.plots.networks import plot_raster, plot_rate_histogram

# Height of the raster over that of the histogram below it.
_HEIGHTS = (3.5, 1.0)


def from_device(
    detec: NodeCollection,
    *,
    hist: bool = True,
    hist_binwidth: float = 5.0,
    grayscale: bool = False,
    title: str | None = None,
    xlabel: str = "Time (ms)",
) -> list[Line2D]:
    """Draw the spikes in the memory of a spike recorder.

    Parameters
    ----------
    detec : NodeCollection
        The recorder.
    hist : bool
        Whether the rate is drawn below.
    hist_binwidth : float
        Bins of the rate (ms).
    grayscale : bool
        Whether to draw without colour.
    title, xlabel : str, optional
        Title, and label of the axis of time.

    Returns
    -------
    list of Line2D
        Marks of the spikes; the figure is the current one of pyplot.

    Raises
    ------
    NESTErrors.KernelException
        If the device is not a spike recorder, or recorded nothing.
    """
    if not isinstance(detec, NodeCollection) or len(detec) != 1:
        raise BadType("A spike_recorder must be given", got=repr(detec))
    if "n_events" not in detec.get() or "record_from" in detec.get():
        raise BadType("A spike_recorder must be given", got=repr(detec))
    events = detec.events
    if not len(events["times"]):
        raise BadParameter(
            "There must be spikes to draw",
            got=f"none in the memory of device {detec.global_id}",
            do="Simulate for longer, or draw a file with from_file",
        )
    in_steps = detec.time_in_steps
    return from_data(
        np.column_stack([events["senders"], events["times"]]),
        hist=hist,
        hist_binwidth=hist_binwidth,
        grayscale=grayscale,
        title=f"Raster plot from device '{detec.global_id}'" if title is None else title,
        xlabel="Steps" if in_steps else xlabel,
    )


def from_data(
    data: Any,
    sel: Iterable[int] | None = None,
    *,
    hist: bool = True,
    hist_binwidth: float = 5.0,
    grayscale: bool = False,
    title: str | None = None,
    xlabel: str = "Time (ms)",
) -> list[Line2D]:
    """Draw spikes.

    Parameters
    ----------
    data : array_like of shape (n_spikes, 2)
        Sender and time (ms) of each spike.
    sel : iterable of int, optional
        Senders to draw; all without.
    hist, hist_binwidth, grayscale, title, xlabel
        As in `from_device`.

    Returns
    -------
    list of Line2D
        Marks of the spikes.
    """
    events = extract_events(data, sel=sel)
    if not len(events):
        raise BadParameter("There must be spikes to draw", got="none")
    senders, times = events[:, 0], events[:, 1]
    with plt.rc_context(style.STYLE):
        axes = _axes(hist)
        _draw_raster(axes[0], times, senders, style.BLACK if grayscale else style.BLUE)
        if hist:
            color = style.GREY if grayscale else style.BLUE
            _draw_rate(axes[1], times, hist_binwidth, len(np.unique(senders)), color)
        axes[-1].set_xlabel(xlabel)
        axes[0].set_title("Raster plot" if title is None else title)
    plt.draw()
    return list(axes[0].lines)


def _axes(hist: bool) -> list[Axes]:
    options: dict[str, Any] = {"gridspec_kw": {"height_ratios": _HEIGHTS}} if hist else {}
    _, axes = plt.subplots(1 + hist, 1, sharex=True, **options)
    return list(np.atleast_1d(axes))


def _draw_raster(ax: Axes, times: np.ndarray, senders: np.ndarray, color: str) -> None:
    plot_raster(times, senders, ax, color=color)
    ax.set_ylabel("Neuron ID")


def _draw_rate(ax: Axes, times: np.ndarray, bin_size: float, n_nodes: int, color: str) -> None:
    edges = np.arange(times.min() // bin_size, times.max() // bin_size + 2) * bin_size
    counts, _ = np.histogram(times, edges)
    centres = (edges[:-1] + edges[1:]) / 2
    plot_rate_histogram(centres, 1000 * counts / (bin_size * n_nodes), ax, color=color)
    ax.set_ylabel("Rate (spks/s)")
    ax.set_ylim(bottom=0)


def from_file(path: str | Path | list[str | Path], **options: Any) -> list[Line2D]:
    """Draw the spikes in files that recorders wrote.

    Parameters
    ----------
    path : str or list of str
        Files.
    **options : object
        As in `from_device`.

    Returns
    -------
    list of Line2D
        Marks of the spikes.
    """
    paths = [path] if isinstance(path, str | Path) else path
    return from_data(np.concatenate([_read(each) for each in paths]), **options)


from_file_numpy = from_file_pandas = from_file


def _read(path: str | Path) -> np.ndarray:
    lines = [line for line in Path(path).read_text("utf-8").splitlines() if line[:1].isdigit()]
    return np.array([line.split()[:2] for line in lines], dtype=float).reshape(-1, 2)


def extract_events(
    data: Any, time: float | tuple[float, float] | None = None, sel: Iterable[int] | None = None
) -> np.ndarray:
    """Return the spikes of some senders in a stretch of time.

    Parameters
    ----------
    data : array_like of shape (n_spikes, 2)
        Sender and time of each spike.
    time : float or (float, float), optional
        End, or start and end, of the stretch; the end is not part of it.
    sel : iterable of int, optional
        Senders; all without.

    Examples
    --------
    >>> import tripartite.networks.pynest as nest
    >>> nest.raster_plot.extract_events([[1, 0.5], [2, 1.5], [1, 2.5]], time=[0.0, 2.0], sel=[1])
    array([[1. , 0.5]])
    """
    events = np.asarray(data, dtype=float).reshape(-1, 2)
    if time is not None:
        start, end = np.broadcast_to(time, 2) if np.ndim(time) else (0.0, time)
        events = events[(events[:, 1] >= start) & (events[:, 1] < end)]
    return events if sel is None else events[np.isin(events[:, 0], [*sel])]
