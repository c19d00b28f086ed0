"""Detect calcium transients in baseline-normalised traces, and measure their kinetics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
import pynapple as nap
from numpy.typing import ArrayLike, NDArray
from scipy.special import owens_t

from tripartite.analysis.baseline import difference_noise
from tripartite.analysis.smoothing import gaussian_kernel
from tripartite.analysis.traces import Trace, as_list, unpack
from tripartite.analysis.transient_kinetics import (
    Piece,
    Strip,
    find_candidates,
    measure_kinetics,
)
from tripartite.errors import InputError

_MIN_SAMPLES = 10  # fewer do not tell the noise


@dataclass(frozen=True, kw_only=True)
class Transients:
    """Transients of one or more traces, in the order of traces and time.

    All times are in `time_unit`, amplitudes in the unit of the trace (dF/F0, or z).

    Parameters
    ----------
    trace : ndarray of int, shape (n_events,)
        Index of the trace that the event is on.
    onset, peak, offset : ndarray of shape (n_events,)
        Time at which the smoothed trace rises above the low threshold, is largest in `zscore`, and
        falls below the low threshold. For an event that is cut, the first or the last sample.
    duration : ndarray of shape (n_events,)
        `offset` minus `onset`.
    amplitude : ndarray of shape (n_events,)
        Height of the smoothed trace at the peak.
    zscore : ndarray of shape (n_events,)
        The same in standard deviations of the smoothed noise.
    area : ndarray of shape (n_events,)
        Sum of the smoothed trace over the event times the sampling interval.
    rise_time : ndarray of shape (n_events,)
        Time from 10 to 90 % of the amplitude.
    half_width : ndarray of shape (n_events,)
        Time above half of the amplitude, around the peak.
    decay_time : ndarray of shape (n_events,)
        Time constant of an exponential fitted to the decay.
    cut_start, cut_end : ndarray of bool, shape (n_events,)
        Whether the recording begins, ends, or has a gap or a missing sample within the event. What
        then cannot be measured is NaN.
    noise : ndarray of shape (n_traces,)
        Standard deviation of the noise of each trace, before smoothing.
    n_samples : int
        Samples that were searched, without missing ones.
    n_excluded : dict of str to int
        What was left out, by reason.
    time_unit : str
        ``"s"``, or ``"sample"`` where no sampling rate is known.
    parameters : dict of str to float
        Settings of the detection.
    """

    trace: NDArray[np.intp]
    onset: NDArray[np.float64]
    peak: NDArray[np.float64]
    offset: NDArray[np.float64]
    duration: NDArray[np.float64]
    amplitude: NDArray[np.float64]
    zscore: NDArray[np.float64]
    area: NDArray[np.float64]
    rise_time: NDArray[np.float64]
    half_width: NDArray[np.float64]
    decay_time: NDArray[np.float64]
    cut_start: NDArray[np.bool_]
    cut_end: NDArray[np.bool_]
    noise: NDArray[np.float64]
    n_samples: int
    n_excluded: dict[str, int]
    time_unit: str
    parameters: dict[str, float]

    def __len__(self) -> int:
        return len(self.trace)

    def __repr__(self) -> str:
        return (
            f"Transients: {len(self)} events on {len(np.unique(self.trace))} of "
            f"{len(self.noise)} traces, time in {self.time_unit}, excluded {self.n_excluded}"
        )

    @property
    def expected_false_events(self) -> float:
        """Events that white noise alone would give in as many samples; see `false_event_rate`."""
        rate = false_event_rate(
            self.parameters["threshold"], sigma_samples=self.parameters["sigma_samples"]
        )
        return rate * self.n_samples

    def to_frame(self) -> pd.DataFrame:
        """Return one row per event, with the measures as columns."""
        measures = [field.name for field in fields(self)][:13]
        return pd.DataFrame({name: getattr(self, name) for name in measures})


def false_event_rate(threshold: float, *, sigma_samples: float = 2.0) -> float:
    """Return how often smoothed white noise crosses a threshold upwards.

    Parameters
    ----------
    threshold : float
        Standard deviations of the smoothed noise.
    sigma_samples : float
        Standard deviation of the Gaussian kernel (samples); 0 for none.

    Returns
    -------
    float
        Expected crossings, so false events, per sample.

    Notes
    -----
    Two neighbours of the smoothed noise are jointly normal with the correlation r of the kernel
    with itself one sample apart, so P(below, then above) = 2 T(threshold, sqrt((1 - r) / (1 + r)))
    with Owen's T function. For wide kernels this becomes Rice's formula. The rate holds for
    known noise and level. Estimated from few samples they are uncertain, and false events more
    frequent: at a threshold of 4, with 81 samples 9 times (an event in every 76th trace), with 300
    samples 2.5 times, and from 1000 samples on as often as this says.

    References
    ----------
    Owen (1956), Ann. Math. Stat. 27, 1075-1090. Rice (1945), Bell Syst. Tech. J. 24, 46-156.

    Examples
    --------
    >>> f"{false_event_rate(4.0):.1e}"
    '1.7e-05'
    """
    kernel = gaussian_kernel(sigma_samples)
    correlation = np.sum(kernel[1:] * kernel[:-1]) / np.sum(kernel**2)
    return float(2 * owens_t(threshold, np.sqrt((1 - correlation) / (1 + correlation))))


def detect_transients(
    trace: Trace | Sequence[Trace],
    *,
    threshold: float = 4.0,
    low_threshold: float = 1.0,
    sigma_samples: float = 2.0,
    min_duration: float = 0.0,
    noise: ArrayLike | None = None,
    rate: float | None = None,
) -> Transients:
    """Return the transients of traces that are zero where they are quiet.

    An event is a stretch in which the smoothed trace stays above `low_threshold` and reaches
    `threshold` at least once. Dips of up to 4 `sigma_samples` belong to it.

    Parameters
    ----------
    trace : Tsd, TsdFrame, ndarray of shape (n_times,) or (n_times, n_traces), or a list of these
        dF/F0 or z-scores; NaN marks missing samples. A list may hold traces of unequal length.
        Missing samples and gaps end an event; nothing is interpolated across them.
    threshold, low_threshold : float
        Standard deviations of the smoothed noise. `false_event_rate` says what a threshold costs.
    sigma_samples : float
        Standard deviation of the Gaussian kernel that smooths the trace (samples); 0 for none. It
        should be shorter than the rise of an event.
    min_duration : float
        Events shorter than this are left out and counted (s; samples without a rate).
    noise : array-like of shape () or (n_traces,), optional
        Standard deviation of the noise before smoothing. Default: `difference_noise`. Give your own
        where the noise is not white.
    rate : float, optional
        Sampling rate of arrays (Hz). Without it, all times are in samples.

    Returns
    -------
    Transients
        The events and their kinetics.

    Raises
    ------
    InputError
        If a trace never falls to zero, so was not normalised, or an argument does not hold.

    Notes
    -----
    The smoothed value at each sample is the kernel-weighted mean of the samples that exist, and is
    divided by the standard deviation that this mean has in white noise, so that the threshold means
    the same beside edges and missing samples.

    The noise comes from differences because slow events fill short recordings; see
    `difference_noise`. The decay constant is the slope of log(trace) on time, weighted by the
    square of the trace (the variance of a logarithm), from 80 to 20 % of the amplitude or to the
    low threshold. It is NaN with fewer than 4 samples, if the trace does not fall to half the
    amplitude, or if the constant is more than 3 times as long as the stretch that was fitted.
    Smoothing broadens: an instant rise takes 2.6 `sigma_samples`.

    Events that overlap so that the trace stays above the low threshold count as one. Dips as short
    as the kernel do not part events, because the noise in them is not independent and would cut
    slow tails to pieces. A measure whose level is only reached within a neighbouring event is NaN.

    References
    ----------
    Canny (1986), IEEE Trans. Pattern Anal. 8, 679-698, for the two thresholds.

    Examples
    --------
    >>> time = np.arange(300.0)
    >>> decay = np.where(time < 100, 0, 10 * np.exp(-(time - 100) / 40))
    >>> noisy = decay + np.random.default_rng(0).normal(scale=0.1, size=300)
    >>> events = detect_transients(noisy)
    >>> events
    Transients: 1 events on 1 of 1 traces, time in sample, excluded {...}
    >>> events.decay_time.round(), events.peak
    (array([40.]), array([104.]))
    """
    if not threshold >= low_threshold > 0:
        raise InputError(
            "threshold must be at least low_threshold, and that positive",
            got=(threshold, low_threshold),
        )
    if not min_duration >= 0:
        raise InputError("min_duration must not be negative", got=min_duration)
    traces = as_list(trace)
    pieces, n_traces, time_unit = _cut_into_pieces(traces, rate)
    sd = _noise(traces, noise, n_traces)
    short, silent = _too_short(pieces, n_traces), ~(sd > 0)
    strip = Strip.build(
        pieces, np.where(short | silent, np.nan, sd), gaussian_kernel(sigma_samples)
    )
    starts, stops = find_candidates(strip.z, low_threshold, 4 * sigma_samples)
    largest = np.maximum.reduceat(strip.z, np.stack([starts, stops], 1).ravel())[::2]
    found = np.flatnonzero(largest >= threshold)
    events = measure_kinetics(strip, starts[found], stops[found], low_threshold)
    kept = events["duration"] >= min_duration
    return Transients(
        **{name: values[kept] for name, values in events.items()},
        noise=sd,
        n_samples=int(np.isfinite(strip.z).sum()),
        n_excluded={
            "event shorter than min_duration": int((~kept).sum()),
            f"trace with fewer than {_MIN_SAMPLES} samples": int(short.sum()),
            "trace without noise": int((~short & silent).sum()),
        },
        time_unit=time_unit,
        parameters={
            "threshold": threshold,
            "low_threshold": low_threshold,
            "sigma_samples": sigma_samples,
            "min_duration": min_duration,
        },
    )


def _cut_into_pieces(traces: list[Trace], rate: float | None) -> tuple[list[Piece], int, str]:
    """Return (index of the trace, time, values) of every stretch without a gap."""
    pieces: list[Piece] = []
    n_traces = 0
    for one in traces:
        values, time, breaks = unpack(one, rate)
        _check_normalised(values, n_traces)
        for column in values.T:
            segments = zip(np.split(time, breaks), np.split(column, breaks), strict=True)
            pieces += [(n_traces, *segment) for segment in segments]
            n_traces += 1
    timed = [rate is not None or isinstance(one, (nap.Tsd, nap.TsdFrame)) for one in traces]
    units = {"s" if has_seconds else "sample" for has_seconds in timed} or {"sample"}
    if len(units) > 1:
        raise InputError("traces must all be pynapple objects or all be arrays")
    return pieces, n_traces, units.pop()


def _check_normalised(values: NDArray[np.float64], first: int) -> None:
    lowest = np.fmin.reduce(values, axis=0, initial=np.inf)
    wrong = np.flatnonzero((lowest > 0) & np.isfinite(lowest))
    if wrong.size:
        raise InputError(
            "a trace must be normalised, so that it is zero where it is quiet",
            got=f"trace {first + wrong[0]}, which never falls below {lowest[wrong[0]]:.4g}",
            do="Pass delta_f_over_f(trace) or robust_zscore(trace)",
        )


def _noise(traces: list[Trace], noise: ArrayLike | None, n_traces: int) -> NDArray[np.float64]:
    if noise is None:
        return np.concatenate([np.empty(0), *(np.atleast_1d(difference_noise(x)) for x in traces)])
    sd = np.asarray(noise, dtype=np.float64)
    if sd.ndim > 1 or (sd.ndim == 1 and len(sd) != n_traces) or not np.all(sd > 0):
        raise InputError(
            "noise must be positive, one value or one per trace",
            got=f"shape {sd.shape} for {n_traces} traces",
        )
    return np.broadcast_to(sd, n_traces).astype(np.float64)


def _too_short(pieces: list[Piece], n_traces: int) -> NDArray[np.bool_]:
    n_samples = np.zeros(n_traces, dtype=np.intp)
    for number, _, values in pieces:
        n_samples[number] += np.isfinite(values).sum()
    return n_samples < _MIN_SAMPLES
