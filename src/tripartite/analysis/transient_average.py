"""Average transients around their peaks or onsets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tripartite.analysis.traces import Trace, as_list, unpack
from tripartite.analysis.transients import Transients
from tripartite.core.checks import check_option
from tripartite.errors import InputError


@dataclass(frozen=True, kw_only=True)
class TransientAverage:
    """Traces around events, and their mean.

    Parameters
    ----------
    lag : ndarray of shape (n_lags,)
        Time from the moment of alignment, in `time_unit`.
    values : ndarray of shape (n_events, n_lags)
        Each event; NaN where the recording does not reach.
    mean : ndarray of shape (n_lags,)
        Mean over the events that exist at that lag.
    half_interval : ndarray of shape (n_lags,)
        1.96 standard errors of that mean; NaN with fewer than two events.
    n : ndarray of int, shape (n_lags,)
        Events that exist at that lag.
    n_excluded : int
        Events left out because they are cut by an edge or a gap.
    aligned_to : str
        ``"peak"`` or ``"onset"``.
    time_unit : str
        ``"s"`` or ``"sample"``.
    """

    lag: NDArray[np.float64]
    values: NDArray[np.float64]
    mean: NDArray[np.float64]
    half_interval: NDArray[np.float64]
    n: NDArray[np.intp]
    n_excluded: int
    aligned_to: str
    time_unit: str

    def to_frame(self) -> pd.DataFrame:
        """Return one row per lag."""
        columns = {"lag": self.lag, "mean": self.mean, "half_interval": self.half_interval}
        return pd.DataFrame({**columns, "n": self.n})


def average_transients(
    trace: Trace | Sequence[Trace],
    transients: Transients,
    *,
    window: tuple[float, float],
    align_to: Literal["peak", "onset"] = "peak",
    relative: bool = False,
    rate: float | None = None,
) -> TransientAverage:
    """Return the mean of the traces around whole events.

    Parameters
    ----------
    trace : Tsd, TsdFrame, ndarray or list of these
        What `transients` was detected on.
    transients : Transients
        The events.
    window : tuple of float
        First and last lag (s; samples without a rate), such as (-5, 20).
    align_to : {"peak", "onset"}
        What lies at lag zero.
    relative : bool
        Whether each event is divided by its amplitude first, so that shapes are averaged.
    rate : float, optional
        Sampling rate of arrays (Hz), as it was given to `detect_transients`.

    Returns
    -------
    TransientAverage
        Events that are not cut at either end, and their mean.

    Raises
    ------
    InputError
        If an argument does not hold.

    Notes
    -----
    Aligned to peaks, the sample at lag zero is too high on average: the noise helped to choose it.

    Examples
    --------
    >>> from tripartite.analysis.transients import detect_transients
    >>> from tripartite.testing.synthetic.astrocytes import simulate_astrocytes
    >>> truth = simulate_astrocytes(seed=0, n_traces=20)
    >>> trace = truth.fluorescence / truth.f0 - 1
    >>> average = average_transients(
    ...     trace, detect_transients(trace), window=(-5, 20), relative=True
    ... )
    >>> average.values.shape, float(average.mean.max().round(1))
    ((94, 101), 1.0)
    """
    if not window[0] < window[1]:
        raise InputError("window must end after it starts", got=window)
    check_option(align_to, ("peak", "onset"), name="align_to")
    columns = []
    for one in as_list(trace):
        values, time, _ = unpack(one, rate)
        columns += [(time, column) for column in values.T]
    if len(columns) != len(transients.noise):
        raise InputError(
            f"trace must hold the {len(transients.noise)} traces of the events", got=len(columns)
        )
    whole = np.flatnonzero(~(transients.cut_start | transients.cut_end))
    lag = _lags(window, columns)
    values = np.full((len(whole), len(lag)), np.nan)
    for row, event in enumerate(whole):
        time, column = columns[transients.trace[event]]
        moment = getattr(transients, align_to)[event]
        values[row] = np.interp(moment + lag, time, column, left=np.nan, right=np.nan)
    if relative:
        values /= transients.amplitude[whole, None]
    n = np.isfinite(values).sum(axis=0)
    mean = np.nansum(values, axis=0) / np.where(n > 0, n, np.nan)
    spread = np.nansum((values - mean) ** 2, axis=0) / np.where(n > 1, n - 1, np.nan)
    return TransientAverage(
        lag=lag,
        values=values,
        mean=mean,
        half_interval=1.96 * np.sqrt(spread / np.where(n > 1, n, np.nan)),
        n=n,
        n_excluded=len(transients) - len(whole),
        aligned_to=align_to,
        time_unit=transients.time_unit,
    )


def _lags(
    window: tuple[float, float], columns: list[tuple[NDArray[np.float64], NDArray[np.float64]]]
) -> NDArray[np.float64]:
    steps = [np.median(np.diff(time)) for time, _ in columns if len(time) > 1]
    interval = float(min(steps, default=1.0))
    first, last = round(window[0] / interval), round(window[1] / interval)
    return np.arange(first, last + 1, dtype=np.float64) * interval
