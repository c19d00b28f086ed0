"""Draw line scans and the ratio of their channels."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from tripartite.analysis.linescan import LineScanRatio
from tripartite.plots import style

_UNITS = {"s": "time (s)", "line": "line"}


def plot_line_scan(image: NDArray[Any], ax: Axes, *, label: str) -> None:
    """Draw one channel of a line scan, lines from left to right.

    The colours end at the 0.5th and the 99.5th percentile of the counts.

    Parameters
    ----------
    image : ndarray of shape (n_lines, n_pixels)
        Counts.
    ax : Axes
        Where to draw.
    label : str
        What the channel shows, for the colour bar.
    """
    low, high = np.percentile(image, [0.5, 99.5])
    drawn = ax.imshow(
        np.asarray(image).T, aspect="auto", vmin=low, vmax=high, interpolation="nearest"
    )
    ax.set_ylabel("position (pixel)")
    figure = ax.figure
    figure.colorbar(drawn, ax=ax, label=label, pad=0.01, extend="both")


def plot_line_scan_ratio(
    result: LineScanRatio, ax: Axes, *, label: str | None = None, color: str = style.BLUE
) -> None:
    """Draw the ratio of the two channels line by line.

    Parameters
    ----------
    result : LineScanRatio
        The ratio.
    ax : Axes
        Where to draw.
    label : str, optional
        Entry in the legend.
    color : str
        Colour of the line.
    """
    ax.plot(result.time, result.ratio, color=color, linewidth=0.6, label=label)
    ax.set_xlim(result.time[0], result.time[-1])
    ax.set_xlabel(_UNITS[result.time_unit])
    ax.set_ylabel("green / red")
