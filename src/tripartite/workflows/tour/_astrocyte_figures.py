"""Figures of the tour's section on astrocytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tripartite.analysis.linescan import LineScanRatio
from tripartite.analysis.transient_average import average_transients
from tripartite.analysis.transients import Transients
from tripartite.core.section import Figure
from tripartite.plots import style
from tripartite.plots.linescan import plot_line_scan, plot_line_scan_ratio
from tripartite.plots.transients import (
    plot_event_bands,
    plot_kinetics,
    plot_transient_average,
    plot_transient_raster,
    plot_transients,
)


@dataclass(frozen=True, kw_only=True)
class SnippetSearch:
    """Events of the snippets, and what noise alone gives."""

    traces: list[NDArray[np.float64]]  # dF/F0
    events: Transients
    n_false: float
    smoothness: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class ScanMeasure:
    """The line scan, its ratio in two ways, and the event in each."""

    green: NDArray[np.uint16]
    red: NDArray[np.uint16]
    plain: LineScanRatio
    masked: LineScanRatio
    plain_event: Transients
    masked_event: Transients


def draw_snippets(out: Path, search: SnippetSearch) -> tuple[Figure, ...]:
    """Draw snippets with events, kinetics and the mean event; return the figures."""
    events = search.events
    shown = np.linspace(0, len(search.traces) - 1, 24).astype(int)
    with style.drawing(out / "snippets.png", n_rows=4, n_columns=6, height=6.0) as (figure, axes):
        for ax, number in zip(axes.flat, shown, strict=True):
            trace = search.traces[number]
            plot_transients(
                events, ax, time=np.arange(float(len(trace))), values=trace, trace=number
            )
            ax.set_title(f"{number}", fontsize=7, loc="left", pad=2)
            ax.tick_params(labelsize=7)
        figure.supxlabel("time (samples)", fontsize=9)
        figure.supylabel("ΔF/F0 (%)", fontsize=9)
    measures = ("amplitude", "rise_time", "half_width", "decay_time")
    with style.drawing(out / "kinetics.png", n_rows=2, n_columns=2, height=4.6) as (_, axes):
        style.label_panels(axes.flat)
        for ax, measure in zip(axes.flat, measures, strict=True):
            plot_kinetics(events, ax, measure=measure)
    window = (-25, 40)
    with style.drawing(out / "mean_event.png", n_columns=2, height=3.0) as (_, axes):
        style.label_panels(axes)
        aligned = average_transients(search.traces, events, window=window, relative=True)
        plot_transient_raster(aligned, axes[0], relative=True)
        aligned = average_transients(
            search.traces, events, window=window, align_to="onset", relative=True
        )
        plot_transient_average(aligned, axes[1], relative=True)
    return (
        Figure(
            path="astrocytes/snippets.png",
            caption="Every twelfth snippet of the file, chosen by place and not by shape. Band: an "
            "event from onset to offset, open where the snippet cuts it; point: peak of the "
            "smoothed trace; grey line: F0. The vertical scales differ.",
            alt="24 panels of noisy traces, many with a slow hump that is marked as an event.",
        ),
        Figure(
            path="astrocytes/kinetics.png",
            caption="Distribution of (a) amplitude, (b) rise time, (c) width and (d) decay "
            "constant; red line: median. Events that are cut where the measure is taken are left "
            "out of it, so n differs, and long events are missing more often than short ones.",
            alt="Four histograms on logarithmic axes.",
        ),
        Figure(
            path="astrocytes/mean_event.png",
            caption="Events that lie whole within their snippet, each divided by the amplitude of "
            "its smoothed trace. (a) Each event aligned to its peak, smallest mean first; single "
            "samples exceed 1 at the peak, where noise helped to choose it. (b) Mean aligned to "
            "the onset, with 95 % band; it is below zero before, because an onset leaves a low.",
            alt="A bright column at the peak; the mean rises within 10 samples and decays slowly.",
        ),
    )


def draw_scan(out: Path, scan: ScanMeasure) -> tuple[Figure, ...]:
    """Draw both channels of the line scan over their ratio; return the figure."""
    ways = (
        (scan.plain, style.BLUE, "all pixels"),
        (scan.masked, style.VERMILION, "structure, background subtracted"),
    )
    with style.drawing(out / "linescan.png", n_rows=3, height=6.0, sharex=True) as (_, axes):
        style.label_panels(axes)
        plot_line_scan(scan.green, axes[0], label="green (counts)")
        plot_line_scan(scan.red, axes[1], label="red (counts)")
        for result, color, label in ways:
            plot_line_scan_ratio(result, axes[2], label=label, color=color)
        plot_event_bands(scan.plain_event, axes[2])
        axes[2].legend(loc="upper right")
    return (
        Figure(
            path="astrocytes/linescan.png",
            caption="A line scan of 1000 lines of 131 pixels, probably of a neuron, in (a) the "
            "calcium indicator and (b) the structural dye; (c) their ratio, over all pixels as "
            "recorded and over the structure with the background subtracted. Band: the event that "
            "was detected in the first; it does not end within the scan.",
            alt="Green brightens from line 230 on while red stays; the ratio rises and decays.",
        ),
    )
