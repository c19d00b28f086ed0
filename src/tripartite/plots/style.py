"""One look for all figures: sizes, colours for colour-blind readers too, files that are whole."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from tripartite.files import write_whole

BLACK = "#000000"
GREY = "#7F7F7F"
LIGHT_GREY = "#D0D0D0"
ORANGE = "#E69F00"
SKY_BLUE = "#56B4E9"
GREEN = "#009E73"
BLUE = "#0072B2"
VERMILION = "#D55E00"
PURPLE = "#CC79A7"
"""Colours of Okabe & Ito (2008), Color Universal Design."""

CYCLE = (BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY_BLUE, BLACK)
WIDTH = 7.2
"""Width of a full-page figure (inches)."""

STYLE: dict[Any, Any] = {
    "axes.prop_cycle": cycler(color=CYCLE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 9,
    "axes.labelsize": 9,
    "figure.constrained_layout.use": True,
    "font.family": ["DejaVu Sans"],  # comes with matplotlib, so figures look alike everywhere
    "font.size": 9,
    "image.cmap": "viridis",
    "legend.fontsize": 8,
    "legend.frameon": False,
    "lines.linewidth": 1.2,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
}


@contextmanager
def drawing(
    path: Path,
    *,
    n_rows: int = 1,
    n_columns: int = 1,
    width: float = WIDTH,
    height: float = 3.0,
    dpi: int = 150,
    **subplots: Any,
) -> Iterator[tuple[Figure, Any]]:
    """Give a figure with its axes to draw on, and write it to a PNG file when that is done.

    Parameters
    ----------
    path : Path
        PNG file to write, whole or not at all.
    n_rows, n_columns : int
        Grid of axes.
    width, height : float
        Size of the figure (inches).
    dpi : int
        Pixels per inch.
    **subplots
        Passed to `matplotlib.figure.Figure.subplots`: `sharex`, `width_ratios`, ...

    Yields
    ------
    figure : Figure
        Independent of pyplot, so nothing needs to be closed.
    axes : Axes or ndarray of Axes
        As `Figure.subplots` returns them.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height))
        yield figure, figure.subplots(n_rows, n_columns, **subplots)
        image = io.BytesIO()
        # Without the version of matplotlib in it, the same data give the same bytes.
        figure.savefig(image, format="png", dpi=dpi, metadata={"Software": None})
        write_whole(path, image.getvalue())


def label_panels(axes: Any, letters: str = "abcdefghijklmnopqrstuvwxyz") -> None:
    """Write a bold letter at the upper left of each axis.

    Parameters
    ----------
    axes : iterable of Axes
        In reading order.
    letters : str
        One letter per axis, from the left.
    """
    for ax, letter in zip(axes, letters, strict=False):
        ax.set_title(letter, loc="left", fontweight="bold")


def state_n(ax: Axes, text: str) -> None:
    """Write a small note at the upper right of an axis.

    Parameters
    ----------
    ax : Axes
        Where to write.
    text : str
        Such as the number of events.
    """
    ax.text(0.98, 0.97, text, transform=ax.transAxes, ha="right", va="top", fontsize=8, color=GREY)


def plain_log_ticks(ax: Axes) -> None:
    """Label a logarithmic x axis with plain numbers: 1, 2, 5, 10, 20, ...

    Parameters
    ----------
    ax : Axes
        Whose x axis is logarithmic.
    """
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_locator(NullLocator())
