"""What analyses of time series share: one form for all inputs, and where the gaps are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, cast

import numpy as np
import pynapple as nap
from numpy.typing import NDArray

from tripartite.errors import InputError

Trace = nap.Tsd | nap.TsdFrame | NDArray[Any]
"""One trace or several: a pynapple object, or an array with time along the first axis."""

Signal = TypeVar("Signal", nap.Tsd, nap.TsdFrame)


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


def as_list(trace: Trace | Sequence[Trace]) -> list[Trace]:
    """Return the traces of a list, or a list of the one trace.

    Parameters
    ----------
    trace : Tsd, TsdFrame, ndarray, or a list or tuple of these
        What a user passed.
    """
    return list(trace) if isinstance(trace, (list, tuple)) else [cast("Trace", trace)]


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
    if per_sample and isinstance(trace, (nap.Tsd, nap.TsdFrame)):
        return replace_values(cast("Any", trace), result)
    return result


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


def find_stretches(mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return where a condition holds: the first sample of each stretch, and one past its last.

    Parameters
    ----------
    mask : ndarray of bool, shape (n_times,)
        Whether it holds, sample by sample.

    Returns
    -------
    ndarray of shape (n_stretches, 2)

    Examples
    --------
    >>> find_stretches(np.array([True, False, True, True]))
    array([[0, 1],
           [2, 4]])
    """
    return np.flatnonzero(np.diff(mask, prepend=False, append=False)).reshape(-1, 2)


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


def _gaps(trace: nap.Tsd | nap.TsdFrame) -> NDArray[np.intp]:
    steps = np.diff(trace.t)
    if not steps.size:
        return np.empty(0, dtype=np.intp)
    epoch = np.searchsorted(trace.time_support.start, trace.t, side="right")
    return np.flatnonzero((np.diff(epoch) > 0) | (steps > 1.5 * np.median(steps))) + 1
