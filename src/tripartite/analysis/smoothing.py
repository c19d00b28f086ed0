"""Gaussian smoothing that makes nothing up: neither across gaps, nor past edges, nor of NaN."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import convolve1d

from tripartite.analysis.traces import Signal, find_runs, replace_values
from tripartite.errors import InputError


def gaussian_kernel(sigma_samples: float) -> NDArray[np.float64]:
    """Return the weights of a Gaussian, out to 4 standard deviations, which sum to 1.

    Parameters
    ----------
    sigma_samples : float
        Standard deviation (samples); 0 for a single weight.

    Returns
    -------
    ndarray of odd length

    Raises
    ------
    InputError
        If it is negative or not finite.

    Examples
    --------
    >>> gaussian_kernel(0.5).round(3)
    array([0.   , 0.106, 0.787, 0.106, 0.   ])
    """
    if not 0 <= sigma_samples < np.inf:
        raise InputError("sigma of a Gaussian must be finite and not negative", got=sigma_samples)
    radius = round(4 * sigma_samples)
    if radius == 0:
        return np.ones(1)
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma_samples) ** 2)
    return weights / weights.sum()


def smooth(values: NDArray[np.float64], kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weighted mean of the samples that exist around each.

    Parameters
    ----------
    values : ndarray of shape (n_times, ...)
        Evenly sampled values; NaN marks missing samples, which stay missing.
    kernel : ndarray of odd length
        Weights, such as `gaussian_kernel`.

    Returns
    -------
    ndarray of shape (n_times, ...)
        Beside an edge or a missing sample the weights of the samples that exist are scaled up to 1.

    Examples
    --------
    >>> smooth(np.array([0.0, 0, 0, 9, 9, np.nan]), gaussian_kernel(1.0)).round(1)
    array([0.1, 0.6, 2.7, 6.1, 8.2, nan])
    """
    exists = np.isfinite(values)
    total = convolve1d(np.where(exists, values, 0.0), kernel, axis=0, mode="constant")
    return total / _weigh(exists, kernel)


def smooth_noise(values: NDArray[np.float64], kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what `smooth` makes of white noise of standard deviation 1, sample by sample.

    Parameters
    ----------
    values, kernel
        As in `smooth`.

    Returns
    -------
    ndarray of shape (n_times, ...)
        Standard deviation of each mean: more where fewer samples exist around it.

    Examples
    --------
    >>> smooth_noise(np.zeros(9), gaussian_kernel(1.0))[[0, 4]].round(2)
    array([0.67, 0.53])
    """
    exists = np.isfinite(values)
    variance = convolve1d(exists.astype(np.float64), kernel**2, axis=0, mode="constant")
    return np.sqrt(variance) / _weigh(exists, kernel)


def smooth_in_time(signal: Signal, sigma: float) -> Signal:
    """Return the signal smoothed in time, each interval of its time support by itself.

    Parameters
    ----------
    signal : Tsd or TsdFrame
        Evenly sampled within each interval; single missing samples shorten the time scale there.
        NaN marks missing values, which stay missing.
    sigma : float
        Standard deviation of the Gaussian (s); 0 returns the values as they are.

    Returns
    -------
    Tsd or TsdFrame
        Same times and time support; edges as in `smooth`.

    Raises
    ------
    InputError
        If `sigma` is negative or not finite.

    Examples
    --------
    >>> import numpy as np, pynapple as nap
    >>> step = nap.Tsd(t=np.arange(6.0), d=np.array([0.0, 0, 0, 9, 9, 9]))
    >>> smooth_in_time(step, sigma=1.0).values.round(1)
    array([0.1, 0.6, 2.7, 6.3, 8.4, 8.9])
    """
    times = signal.index.values
    period = float(np.median(np.diff(times))) if len(times) > 1 else 1.0
    kernel = gaussian_kernel(sigma / period)
    values = np.array(signal.values, dtype=np.float64)
    for first, last in find_runs(signal):
        if last > first:
            values[first:last] = smooth(values[first:last], kernel)
    return replace_values(signal, values)


def _weigh(exists: NDArray[np.bool_], kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    weight = convolve1d(exists.astype(np.float64), kernel, axis=0, mode="constant")
    return np.where(exists, weight, np.nan)
