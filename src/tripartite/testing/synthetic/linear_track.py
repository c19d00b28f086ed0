"""A rat that runs to and fro on a linear track, then rests, with place cells of known fields."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pynapple as nap
from numpy.typing import NDArray

from tripartite.core.provenance import Provenance
from tripartite.core.recording import Recording
from tripartite.errors import InputError

_FRAME_RATE = 60.0
_VERTICES = np.array([[20.0, 30.0], [180.0, 150.0]])  # 200 cm, oblique as a camera sees it
_PAUSE = 2.0


def make_linear_track(
    *,
    n_laps: int = 20,
    n_tuned: int = 12,
    n_untuned: int = 6,
    rest_duration: float = 120.0,
    n_synchrony: int = 20,
    seed: int = 0,
) -> Recording:
    """Return a simulated session on a linear track of 200 cm.

    In a lap the animal runs there and back at 20 to 40 cm/s, and pauses for 2 s at each end. Spikes
    are Poisson. A tuned unit has one Gaussian field and fires in it in one direction; an untuned
    unit fires at one rate throughout. During rest all units fire at 0.5 Hz, and together at moments
    of synchrony.

    Parameters
    ----------
    n_laps : int
        Number of laps.
    n_tuned, n_untuned : int
        Number of units with and without a field.
    rest_duration : float
        Time at rest after the laps (s).
    n_synchrony : int
        Moments of synchrony during rest, in which each unit fires with probability 0.7.
    seed : int
        Seed of everything random.

    Returns
    -------
    Recording
        The signal ``position`` (x, y in cm), the intervals ``run`` and ``rest``, and in the truth
        ``units`` (DataFrame with ``unit``, ``tuned``, ``centre`` and ``sigma`` in cm, ``rate`` at
        the peak or throughout in Hz, ``direction``), ``linear_position`` (cm), ``vertices`` and
        ``synchrony`` (s).

    Raises
    ------
    InputError
        If there are no laps or no units, or rest is too short for its moments of synchrony.

    Examples
    --------
    >>> session = make_linear_track(n_laps=2, n_tuned=1, n_untuned=1, seed=1)
    >>> session
    <Recording: simulated, ... s, 2 units, 1 signal (position), 2 interval sets (run, rest)>
    """
    if n_laps < 1 or n_tuned + n_untuned < 1 or rest_duration < n_synchrony + 2:
        raise InputError(
            "A session needs a lap, a unit, and a second of rest for each moment of synchrony",
            got=f"{n_laps} laps, {n_tuned + n_untuned} units, {rest_duration} s for {n_synchrony}",
        )
    random = np.random.default_rng(seed)
    along, direction = _run_laps(n_laps, random)
    run_end = len(along) / _FRAME_RATE
    n_rest = round(rest_duration * _FRAME_RATE)
    along = np.concatenate([along, np.full(n_rest, along[-1])])
    direction = np.concatenate([direction, np.zeros(n_rest, dtype=np.int64)])
    times = np.arange(len(along)) / _FRAME_RATE
    session = nap.IntervalSet(0.0, len(along) / _FRAME_RATE)
    units = _draw_units(n_tuned, n_untuned, random)
    synchrony = (
        run_end
        + 1
        + (np.arange(n_synchrony) + random.random(n_synchrony) * 0.5)
        * ((rest_duration - 2) / max(n_synchrony, 1))
    )
    trains = {}
    for unit, rate in enumerate(_expected_rates(units, along, direction, times < run_end)):
        spikes = [_draw_spikes(rate, random), _draw_synchronous_spikes(synchrony, random)]
        trains[unit] = nap.Ts(np.sort(np.concatenate(spikes)), time_support=session)
    return Recording(
        source="simulated",
        spikes=nap.TsGroup(trains, time_support=session, metadata={"region": ["CA1"] * len(units)}),
        signals={"position": _place_in_plane(along, times, session, random)},
        intervals={
            "run": nap.IntervalSet(0.0, run_end),
            "rest": nap.IntervalSet(run_end, session.end[0]),
        },
        metadata={"position_unit": "cm"},
        truth={
            "units": units,
            "linear_position": nap.Tsd(t=times, d=along, time_support=session),
            "vertices": _VERTICES,
            "synchrony": synchrony,
        },
        provenance=Provenance.collect(seed=seed),
    )


def _track_length() -> float:
    return float(np.linalg.norm(np.diff(_VERTICES, axis=0)))


def _run_laps(
    n_laps: int, random: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return position along the track (cm) and direction (1, -1, 0 while pausing) per frame."""
    pause, length = np.zeros(round(_PAUSE * _FRAME_RATE)), _track_length()
    along, direction = [], []
    for sign in [1, -1] * n_laps:
        n_frames = round(length / random.uniform(20, 40) * _FRAME_RATE)
        path = np.linspace(0, length, n_frames)
        here, there = (0.0, length) if sign > 0 else (length, 0.0)
        along += [pause + here, path if sign > 0 else path[::-1], pause + there]
        direction += [pause, np.full(n_frames, sign), pause]
    return np.concatenate(along), np.concatenate(direction).astype(np.int64)


def _draw_units(n_tuned: int, n_untuned: int, random: np.random.Generator) -> pd.DataFrame:
    n_units = n_tuned + n_untuned
    tuned = np.arange(n_units) < n_tuned
    centres = _track_length() * (np.arange(n_units) + 0.5) / max(n_tuned, 1)
    return pd.DataFrame(
        {
            "unit": np.arange(n_units),
            "tuned": tuned,
            "centre": np.where(tuned, centres, np.nan),
            "sigma": np.where(tuned, random.uniform(8, 14, n_units), np.nan),
            "rate": np.where(tuned, random.uniform(10, 20, n_units), random.uniform(1, 4, n_units)),
            "direction": np.where(tuned, np.resize(["outbound", "inbound"], n_units), ""),
        }
    )


def _expected_rates(
    units: pd.DataFrame,
    along: NDArray[np.float64],
    direction: NDArray[np.int64],
    running: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Return the rate of each unit (Hz) in each frame."""
    tuned, centre, sigma, peak = (
        units[[name]].to_numpy() for name in ("tuned", "centre", "sigma", "rate")
    )
    preferred = np.where(units[["direction"]] == "outbound", 1, -1) == direction
    field = np.exp(-0.5 * ((along - centre) / sigma) ** 2) * preferred
    return np.where(running, peak * np.where(tuned, field, 1.0), 0.5)


def _draw_spikes(rate: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    frames = np.repeat(np.arange(len(rate)), random.poisson(rate / _FRAME_RATE))
    # The camera sees a frame in the middle of the time that it stands for.
    return np.clip(frames + random.uniform(-0.5, 0.5, len(frames)), 0, None) / _FRAME_RATE


def _draw_synchronous_spikes(
    moments: NDArray[np.float64], random: np.random.Generator
) -> NDArray[np.float64]:
    joined = np.repeat(moments[random.random(len(moments)) < 0.7], 2)
    return joined + random.normal(0, 0.02, len(joined))


def _place_in_plane(
    along: NDArray[np.float64],
    times: NDArray[np.float64],
    session: nap.IntervalSet,
    random: np.random.Generator,
) -> nap.TsdFrame:
    axis = (_VERTICES[1] - _VERTICES[0]) / _track_length()
    points = _VERTICES[0] + along[:, None] * axis + random.normal(0, 0.2, (len(along), 2))
    return nap.TsdFrame(t=times, d=points, columns=["x", "y"], time_support=session)
