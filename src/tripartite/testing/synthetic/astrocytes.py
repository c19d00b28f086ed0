"""Fluorescence of astrocytes with events whose kinetics are known exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pynapple as nap
from numpy.typing import ArrayLike, NDArray

from tripartite.errors import InputError


@dataclass(frozen=True, kw_only=True)
class SyntheticAstrocytes:
    """Simulated fluorescence and what was put into it.

    Parameters
    ----------
    fluorescence : TsdFrame of shape (n_times, n_traces)
        F in arbitrary units: ``f0 (1 + drift + events + noise)``.
    f0 : float
        Quiet level at the first sample.
    noise : float
        Standard deviation of the white noise, relative to F0.
    trace : ndarray of int, shape (n_events,)
        Trace of each event.
    onset, peak : ndarray of shape (n_events,)
        Times at which each event starts and is largest (s).
    amplitude : ndarray of shape (n_events,)
        dF/F0 at the peak.
    rise_constant, decay_constant : float
        Time constants of the kernel (s).
    """

    fluorescence: nap.TsdFrame
    f0: float
    noise: float
    trace: NDArray[np.intp]
    onset: NDArray[np.float64]
    peak: NDArray[np.float64]
    amplitude: NDArray[np.float64]
    rise_constant: float
    decay_constant: float


def event_kernel(
    time: ArrayLike, *, rise_constant: float, decay_constant: float
) -> NDArray[np.float64]:
    """Return an event of height 1 that starts at time zero.

    Parameters
    ----------
    time : array-like
        Time since the onset (s).
    rise_constant, decay_constant : float
        Time constants (s).

    Notes
    -----
    ``(1 - exp(-t / rise)) exp(-t / decay)``, largest at `time_to_peak`.

    Examples
    --------
    >>> event_kernel([-1.0, 0.0, 1.0], rise_constant=1.0, decay_constant=4.0).round(2)
    array([0.  , 0.  , 0.92])
    """

    def shape(t: NDArray[np.float64] | float) -> NDArray[np.float64]:
        return np.exp(-t / decay_constant) * -np.expm1(-t / rise_constant)

    largest = shape(time_to_peak(rise_constant=rise_constant, decay_constant=decay_constant))
    return shape(np.maximum(time, 0.0)) / largest


def time_to_peak(*, rise_constant: float, decay_constant: float) -> float:
    """Return how long after its onset `event_kernel` is largest (s).

    Parameters
    ----------
    rise_constant, decay_constant : float
        Time constants (s).
    """
    return float(rise_constant * np.log1p(decay_constant / rise_constant))


def simulate_astrocytes(
    *,
    n_traces: int = 10,
    n_events: int = 5,
    event_spacing: float = 100.0,
    rate: float = 4.0,
    amplitude: tuple[float, float] = (0.3, 0.6),
    rise_constant: float = 2.0,
    decay_constant: float = 10.0,
    noise: float = 0.02,
    drift: float = 0.0,
    f0: float = 100.0,
    seed: int | np.random.Generator = 0,
) -> SyntheticAstrocytes:
    """Return astrocyte fluorescence with events that do not overlap.

    Parameters
    ----------
    n_traces, n_events : int
        Number of traces, and of events on each.
    event_spacing : float
        Mean time between events (s). Each event starts in the middle half of its turn.
    rate : float
        Sampling rate (Hz).
    amplitude : tuple of float
        Smallest and largest dF/F0 at the peak, drawn uniformly.
    rise_constant, decay_constant : float
        Time constants of `event_kernel` (s).
    noise : float
        Standard deviation of the white noise, relative to F0.
    drift : float
        Linear change of the quiet level over the whole recording, relative to F0.
    f0 : float
        Quiet level at the first sample.
    seed : int or Generator
        Source of all randomness.

    Returns
    -------
    SyntheticAstrocytes
        The traces and their truth.

    Raises
    ------
    InputError
        If events would overlap.

    Examples
    --------
    >>> truth = simulate_astrocytes(n_traces=2, n_events=3, seed=1)
    >>> truth.fluorescence.shape, truth.onset.size
    ((1200, 2), 6)
    """
    if event_spacing / 2 < 5 * decay_constant:
        raise InputError(
            "event_spacing must be at least 10 decay constants, so that events do not overlap",
            got=event_spacing,
        )
    rng = np.random.default_rng(seed)
    time = np.arange(round(n_events * event_spacing * rate)) / rate
    shape = (n_traces, n_events)
    onset = (np.arange(n_events) + rng.uniform(0.25, 0.75, shape)) * event_spacing
    height = rng.uniform(*amplitude, shape)
    constants = {"rise_constant": rise_constant, "decay_constant": decay_constant}
    events = np.zeros((len(time), n_traces))
    for number in range(n_events):
        since = time[:, None] - onset[:, number]
        events += height[:, number] * event_kernel(since, **constants)
    slope = drift * np.linspace(0, 1, len(time))[:, None]
    values = f0 * (1 + slope + events + rng.normal(scale=noise, size=events.shape))
    return SyntheticAstrocytes(
        fluorescence=nap.TsdFrame(t=time, d=values),
        f0=f0,
        noise=noise,
        trace=np.repeat(np.arange(n_traces), n_events),
        onset=onset.ravel(),
        peak=onset.ravel() + time_to_peak(**constants),
        amplitude=height.ravel(),
        **constants,
    )
