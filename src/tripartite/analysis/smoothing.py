"""Gaussian smoothing that never reaches across a gap."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pynapple as nap
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from tripartite.errors import InputError

Signal = TypeVar("Signal", nap.Tsd, nap.TsdFrame)


def smooth_gaussian(signal: Signal, sigma: float) -> Signal:
    """Return the signal smoothed in time, each interval of its time support by itself.

    Parameters
    ----------
    signal : Tsd or TsdFrame
        Evenly sampled within each interval; single missing samples shorten the time scale there.
    sigma : float
        Standard deviation of the Gaussian (s); 0 returns the values as they are.

    Returns
    -------
    Tsd or TsdFrame
        Same times and time support. At the ends of an interval its first and last value are
        continued.

    Raises
    ------
    InputError
        If `sigma` is negative or not finite.

    Examples
    --------
    >>> import numpy as np, pynapple as nap
    >>> step = nap.Tsd(t=np.arange(6.0), d=np.array([0.0, 0, 0, 9, 9, 9]))
    >>> smooth_gaussian(step, sigma=1.0).values.round(1)
    array([0. , 0.5, 2.7, 6.3, 8.5, 9. ])
    """
    if not 0 <= sigma < np.inf:
        raise InputError("sigma must be zero or a positive number of seconds", got=sigma)
    values = np.array(signal.values, dtype=np.float64)
    times = signal.index.values
    if sigma > 0 and len(times) > 1:
        width = sigma / float(np.median(np.diff(times)))
        for first, last in find_runs(signal):
            if last > first:
                values[first:last] = gaussian_filter1d(
                    values[first:last], width, axis=0, mode="nearest"
                )
    return replace_values(signal, values)


def find_runs(signal: nap.Ts | nap.Tsd | nap.TsdFrame) -> list[tuple[int, int]]:
    """Return, for each interval of the time support, the slice of samples that lies in it.

    Parameters
    ----------
    signal : Ts, Tsd or TsdFrame
        Any time series.

    Returns
    -------
    list of (int, int)
        First sample and one past the last, for each interval; equal if it holds no sample.

    Examples
    --------
    >>> import pynapple as nap
    >>> signal = nap.Ts(t=[0, 1, 2, 8, 9], time_support=nap.IntervalSet([0, 8], [3, 10]))
    >>> find_runs(signal)
    [(0, 3), (3, 5)]
    """
    times, support = signal.index.values, signal.time_support
    firsts = np.searchsorted(times, support.start, side="left")
    lasts = np.searchsorted(times, support.end, side="right")
    return [(int(a), int(b)) for a, b in zip(firsts, lasts, strict=True)]


def replace_values(signal: Signal, values: NDArray[np.float64]) -> Signal:
    """Return a time series of the same times, time support and columns with other values.

    Parameters
    ----------
    signal : Tsd or TsdFrame
        Where times, time support and columns come from.
    values : ndarray
        As many rows as `signal`.

    Examples
    --------
    >>> import numpy as np, pynapple as nap
    >>> replace_values(nap.Tsd(t=[0.0, 1.0], d=[5.0, 6.0]), np.array([1.0, 2.0])).values
    array([1., 2.])
    """
    times, support = signal.index.values, signal.time_support
    if isinstance(signal, nap.TsdFrame):
        return nap.TsdFrame(t=times, d=values, time_support=support, columns=signal.columns)
    return nap.Tsd(t=times, d=values, time_support=support)
