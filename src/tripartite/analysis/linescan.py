"""Ratio of two channels along the lines of a line scan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from tripartite.errors import InputError


@dataclass(frozen=True, kw_only=True)
class LineScanRatio:
    """Brightness of two channels on the scanned structure, and their ratio, line by line.

    Parameters
    ----------
    time : ndarray of shape (n_lines,)
        Time of each line, in `time_unit`.
    green, red : ndarray of shape (n_lines,)
        Mean over the pixels of the mask, background subtracted (counts).
    ratio : ndarray of shape (n_lines,)
        `green` divided by `red`.
    mask : ndarray of bool, shape (n_pixels,)
        Pixels that were averaged.
    background : tuple of float
        What was subtracted from green and red (counts).
    time_unit : str
        ``"s"``, or ``"line"`` where the line rate is not known.
    """

    time: NDArray[np.float64]
    green: NDArray[np.float64]
    red: NDArray[np.float64]
    ratio: NDArray[np.float64]
    mask: NDArray[np.bool_]
    background: tuple[float, float]
    time_unit: str

    def to_frame(self) -> pd.DataFrame:
        """Return one row per line."""
        columns = {"time": self.time, "green": self.green, "red": self.red, "ratio": self.ratio}
        return pd.DataFrame(columns)


def line_scan_ratio(
    green: ArrayLike,
    red: ArrayLike,
    *,
    mask: ArrayLike | None = None,
    background: tuple[float, float] = (0.0, 0.0),
    rate: float | None = None,
) -> LineScanRatio:
    """Return the ratio of the mean green to the mean red brightness of each line.

    Parameters
    ----------
    green, red : array-like of shape (n_lines, n_pixels)
        Counts of the calcium indicator and of the dye that fills the cell.
    mask : array-like of bool, shape (n_pixels,), optional
        Pixels on the structure. Default: all.
    background : tuple of float
        Counts in green and in red that no dye caused, such as those of `dark_background`. Default:
        nothing is subtracted.
    rate : float, optional
        Lines per second (Hz). Without it, time is in lines.

    Returns
    -------
    LineScanRatio
        Both channels and their ratio.

    Raises
    ------
    InputError
        If the shapes differ, the mask is empty, or the red channel is not above its background in
        some line.

    Notes
    -----
    The ratio of means is taken, not the mean of ratios, which is biased and noisy where pixels hold
    few photons. An offset that is left in both channels pulls the ratio towards that of the
    offsets and makes transients look smaller; background taken too high does the opposite. Where
    no dark frame was recorded the truth lies between the two, so report both.

    References
    ----------
    Yasuda et al. (2004), Sci. STKE 2004, pl5, for the ratio of a calcium indicator to a dye.

    Examples
    --------
    >>> line_scan_ratio([[10, 30], [30, 50]], [[40, 40], [40, 40]]).ratio
    array([0.5, 1. ])
    """
    green, red = _check_channels(green, red)
    if rate is not None and not rate > 0:
        raise InputError("rate must be positive", got=rate)
    chosen = np.ones(green.shape[1], bool) if mask is None else np.asarray(mask, dtype=bool)
    if chosen.shape != green.shape[1:] or not chosen.any():
        raise InputError(
            f"mask must choose at least one of {green.shape[1]} pixels",
            got=f"shape {chosen.shape}, {int(chosen.sum())} chosen",
        )
    bright_green = green[:, chosen].mean(axis=1) - background[0]
    bright_red = red[:, chosen].mean(axis=1) - background[1]
    if np.any(bright_red <= 0):
        raise InputError(
            "red must be above its background in every line",
            got=f"line {int(np.argmin(bright_red))}: {bright_red.min():.4g} counts above",
            do="Choose a smaller background, or a mask on the structure",
        )
    return LineScanRatio(
        time=np.arange(len(green)) / (rate or 1.0),
        green=bright_green,
        red=bright_red,
        ratio=bright_green / bright_red,
        mask=chosen,
        background=(float(background[0]), float(background[1])),
        time_unit="s" if rate else "line",
    )


def structure_mask(red: ArrayLike) -> NDArray[np.bool_]:
    """Return the pixels on which the scanned structure lies.

    Parameters
    ----------
    red : array-like of shape (n_lines, n_pixels)
        Counts of the dye that fills the cell.

    Returns
    -------
    ndarray of bool, shape (n_pixels,)
        True where the mean over lines is above the threshold that best parts pixels in two classes.

    Raises
    ------
    InputError
        If `red` has not two axes or all pixels are equally bright.

    References
    ----------
    Otsu (1979), IEEE Trans. Syst. Man Cybern. 9, 62-66; here over the pixels themselves, with no
    histogram.

    Examples
    --------
    >>> structure_mask([[1, 9, 10, 2], [2, 9, 10, 1]])
    array([False,  True,  True, False])
    """
    profile = _check_channels(red, red)[0].mean(axis=0)
    ordered = np.sort(profile)
    if not ordered[-1] > ordered[0]:
        raise InputError("red must have a structure that is brighter than the rest of the line")
    n_below = np.arange(1, len(ordered))
    below = np.cumsum(ordered)[:-1]
    above = ordered.sum() - below
    n_above = len(ordered) - n_below
    between = n_below * n_above * (above / n_above - below / n_below) ** 2
    return profile > ordered[np.argmax(between)]


def dark_background(
    green: ArrayLike, red: ArrayLike, *, percentile: float = 10.0
) -> tuple[float, float]:
    """Return the brightness of the darkest pixels of a line scan in each channel.

    Parameters
    ----------
    green, red : array-like of shape (n_lines, n_pixels)
        Counts of both channels.
    percentile : float
        Part of the pixels, darkest in red, that are averaged over all lines (0 to 100).

    Returns
    -------
    tuple of float
        Mean counts of green and of red in these pixels: the detector's offset with the light that
        scatters into them, so an upper bound of the offset.

    Raises
    ------
    InputError
        If the shapes differ or the percentile is out of range.

    Examples
    --------
    >>> dark_background([[5, 50, 60]], [[7, 90, 80]], percentile=30)
    (5.0, 7.0)
    """
    green, red = _check_channels(green, red)
    if not 0 < percentile <= 100:
        raise InputError("percentile must lie between 0 and 100", got=percentile)
    profile = red.mean(axis=0)
    dark = profile <= np.percentile(profile, percentile)
    return float(green[:, dark].mean()), float(red[:, dark].mean())


def _check_channels(
    green: ArrayLike, red: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    channels = np.asarray(green, dtype=np.float64), np.asarray(red, dtype=np.float64)
    shapes = [channel.shape for channel in channels]
    if shapes[0] != shapes[1] or len(shapes[0]) != 2 or 0 in shapes[0]:
        raise InputError(
            "green and red must both have the shape (n_lines, n_pixels)",
            got=" and ".join(map(str, shapes)),
        )
    return channels
