"""What analyses of traces share: one form for all inputs, and smoothing that knows gaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pynapple as nap
from numpy.typing import NDArray
from scipy.ndimage import convolve1d

from tripartite.errors import InputError

Trace = nap.Tsd | nap.TsdFrame | NDArray[Any]
"""One trace or several: a pynapple object, or an array with time along the first axis."""


def unpack(
    trace: Trace, rate: float | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """Return values, times and gaps of a trace.

    Parameters
    ----------
    trace : Tsd, TsdFrame or ndarray of shape (n_times,) or (n_times, n_traces)
        One trace or several.
    rate : float, optional
        Sampling rate of an array (Hz). Without it time is counted in samples.

    Returns
    -------
    values : ndarray of shape (n_times, n_traces)
    time : ndarray of shape (n_times,)
    breaks : ndarray of shape (n_gaps,)
        Indices of the samples that follow a gap: a new epoch, or a step in time of more than one
        and a half sampling intervals.

    Raises
    ------
    InputError
        If the trace is no array of one or two axes, holds no trace or infinite values, or the rate
        is not positive or given for an object that knows its own.
    """
    values = np.asarray(trace, dtype=np.float64)
    if values.ndim not in (1, 2) or values.shape[1:] == (0,):
        raise InputError(
            "trace must have the shape (n_times,) or (n_times, n_traces)", got=values.shape
        )
    if np.isinf(values).any():
        raise InputError("trace must not be infinite", do="Mark missing samples with NaN")
    values = values.reshape(len(values), -1) if values.size else np.empty((0, 1))
    if isinstance(trace, (nap.Tsd, nap.TsdFrame)):
        if rate is not None:
            raise InputError("rate is for arrays only, pynapple objects know theirs", got=rate)
        return values, trace.t, _gaps(trace)
    if rate is not None and not rate > 0:
        raise InputError("rate must be positive", got=rate)
    return values, np.arange(len(values)) / (rate or 1.0), np.empty(0, dtype=np.intp)


def gaussian_kernel(smoothing_samples: float) -> NDArray[np.float64]:
    """Return the weights of a Gaussian, which sum to 1.

    Parameters
    ----------
    smoothing_samples : float
        Standard deviation (samples); 0 for a single weight.

    Raises
    ------
    InputError
        If it is negative.
    """
    if not smoothing_samples >= 0:
        raise InputError("smoothing_samples must not be negative", got=smoothing_samples)
    # Below a tenth of a sample the neighbours weigh less than a rounding error.
    if smoothing_samples < 0.1:
        return np.ones(1)
    radius = int(np.ceil(4 * smoothing_samples))
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / smoothing_samples) ** 2)
    return weights / weights.sum()


def smooth(
    values: NDArray[np.float64], kernel: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the weighted mean of the samples that exist around each, and its noise.

    Parameters
    ----------
    values : ndarray of shape (n_times, ...)
        Evenly sampled values; NaN marks missing samples, which stay missing.
    kernel : ndarray of odd length
        Weights.

    Returns
    -------
    smoothed : ndarray of shape (n_times, ...)
    gain : ndarray of shape (n_times, ...)
        Standard deviation of each mean, for white noise of standard deviation 1.
    """
    exists = np.isfinite(values).astype(np.float64)
    weight = np.where(exists > 0, convolve1d(exists, kernel, axis=0, mode="constant"), np.nan)
    total = convolve1d(np.where(exists > 0, values, 0.0), kernel, axis=0, mode="constant")
    return total / weight, np.sqrt(convolve1d(exists, kernel**2, axis=0, mode="constant")) / weight


def as_list(trace: Trace | Sequence[Trace]) -> list[Trace]:
    """Return the traces of a list, or a list of the one trace.

    Parameters
    ----------
    trace : Tsd, TsdFrame, ndarray, or a list or tuple of these
        What a user passed.
    """
    return list(trace) if isinstance(trace, (list, tuple)) else [cast("Trace", trace)]


def _gaps(trace: nap.Tsd | nap.TsdFrame) -> NDArray[np.intp]:
    steps = np.diff(trace.t)
    if not steps.size:
        return np.empty(0, dtype=np.intp)
    epoch = np.searchsorted(trace.time_support.start, trace.t, side="right")
    return np.flatnonzero((np.diff(epoch) > 0) | (steps > 1.5 * np.median(steps))) + 1


def restore(trace: Trace, result: NDArray[np.float64]) -> Any:
    """Return values with the shape and the type of the trace they came from.

    Parameters
    ----------
    trace : Tsd, TsdFrame or ndarray of shape (n_times,) or (n_times, n_traces)
        What `unpack` was given.
    result : ndarray of shape (n_traces,) or (n_times, n_traces)
        One value per trace, which stay an array, or one per sample.
    """
    per_sample = result.ndim == 2
    if np.ndim(trace) == 1:
        result = result[..., 0]
    if per_sample and isinstance(trace, nap.Tsd):
        return nap.Tsd(t=trace.t, d=result, time_support=trace.time_support)
    if per_sample and isinstance(trace, nap.TsdFrame):
        names: Any = trace.columns
        return nap.TsdFrame(t=trace.t, d=result, time_support=trace.time_support, columns=names)
    return result
