"""Rates of all units, in bins of time and by state of the animal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pynapple as nap
from numpy.typing import NDArray

from tripartite.errors import InputError


@dataclass(frozen=True, kw_only=True)
class PopulationRates:
    """Rate of each unit in bins of time.

    Parameters
    ----------
    rate : TsdFrame of shape (n_bins, n_units)
        Rate (Hz); one column per unit.
    zscored : TsdFrame of shape (n_bins, n_units)
        Rate less its mean, over its standard deviation, both over all bins; NaN for a unit whose
        rate never changes.
    bin_size : float
        Size of the bins (s).
    n_constant : int
        Units whose rate never changes.
    """

    rate: nap.TsdFrame
    zscored: nap.TsdFrame
    bin_size: float
    n_constant: int

    def to_frame(self) -> pd.DataFrame:
        """Return the rates (Hz), one row per bin, indexed by the time of its centre (s)."""
        return self.rate.as_dataframe()


@dataclass(frozen=True, kw_only=True)
class StateRates:
    """Mean rate of each unit in several states of the animal.

    Parameters
    ----------
    units : ndarray of shape (n_units,)
        Labels of the units.
    states : tuple of str
        Names of the states.
    n_spikes : ndarray of shape (n_units, n_states)
        Spikes in each state.
    duration : ndarray of shape (n_states,)
        Time in each state while the units were recorded (s).
    """

    units: NDArray
    states: tuple[str, ...]
    n_spikes: NDArray[np.int64]
    duration: NDArray[np.float64]

    @property
    def rate(self) -> NDArray[np.float64]:
        """Mean rate of each unit in each state (Hz); NaN in a state that never was."""
        rate = np.full(self.n_spikes.shape, np.nan)
        np.divide(self.n_spikes, self.duration, out=rate, where=self.duration > 0)
        return rate

    def to_frame(self) -> pd.DataFrame:
        """Return one row per unit: spikes and rate (Hz) in each state."""
        frame = pd.DataFrame({"unit": self.units})
        for i, state in enumerate(self.states):
            frame[f"n_spikes_{state}"] = self.n_spikes[:, i]
            frame[f"rate_{state}"] = self.rate[:, i]
        return frame


def count_whole_bins(
    spikes: nap.TsGroup, intervals: nap.IntervalSet, bin_size: float
) -> nap.TsdFrame:
    """Return the number of spikes of each unit in each bin that fits into its interval.

    Parameters
    ----------
    spikes : TsGroup
        Units.
    intervals : IntervalSet
        When to look; only the time within the time support of the units counts.
    bin_size : float
        Size of the bins (s).

    Returns
    -------
    TsdFrame of shape (n_bins, n_units)
        Times are the centres of the bins. What is left of an interval after its last whole bin is
        left out: a bin that is partly outside would have too low a rate.

    Raises
    ------
    InputError
        If there is no unit, or no bin fits.

    Examples
    --------
    >>> import pynapple as nap
    >>> spikes = nap.TsGroup({0: nap.Ts(t=[0.1, 0.2, 2.2])}, time_support=nap.IntervalSet(0, 2.5))
    >>> count_whole_bins(spikes, nap.IntervalSet(0, 2.5), 1.0).values
    array([[2],
           [0]])
    """
    recorded = intervals.intersect(spikes.time_support)
    if not len(spikes) or not bin_size > 0 or not (recorded.end - recorded.start >= bin_size).any():
        raise InputError(
            "Counting needs a unit, and an interval of its recording that holds a bin",
            got=f"{len(spikes)} units, bins of {bin_size} s, "
            f"{recorded.tot_length():.3g} s in {len(recorded)} intervals",
        )
    counts: nap.TsdFrame = spikes.count(bin_size, ep=recorded)
    times = counts.index.values
    ends = recorded.end[np.searchsorted(recorded.start, times, side="right") - 1]
    whole = times + bin_size / 2 <= ends + 1e-9
    return nap.TsdFrame(
        t=times[whole], d=counts.values[whole], columns=counts.columns, time_support=recorded
    )


def compute_population_rates(
    spikes: nap.TsGroup, intervals: nap.IntervalSet, *, bin_size: float
) -> PopulationRates:
    """Return the rate of each unit in bins of time, raw and z-scored.

    Parameters
    ----------
    spikes : TsGroup
        Units.
    intervals : IntervalSet
        When to look; a bin that does not fit into its interval is left out.
    bin_size : float
        Size of the bins (s).

    Returns
    -------
    PopulationRates
        Times are the centres of the bins.

    Raises
    ------
    InputError
        If there is no unit, or no bin fits.

    Examples
    --------
    >>> import pynapple as nap
    >>> session = nap.IntervalSet(0, 2)
    >>> trains = {0: nap.Ts(t=[0.1, 0.2, 1.5]), 1: nap.Ts(t=[0.5, 0.9])}
    >>> spikes = nap.TsGroup(trains, time_support=session)
    >>> compute_population_rates(spikes, session, bin_size=1.0).rate.values
    array([[2., 2.],
           [1., 0.]])
    """
    counts = count_whole_bins(spikes, intervals, bin_size)
    rate = counts / bin_size
    spread = rate.values.std(axis=0)
    return PopulationRates(
        rate=rate,
        zscored=(rate - rate.values.mean(axis=0)) / np.where(spread > 0, spread, np.nan),
        bin_size=bin_size,
        n_constant=int(np.sum(spread == 0)),
    )


def compute_state_rates(spikes: nap.TsGroup, states: Mapping[str, nap.IntervalSet]) -> StateRates:
    """Return the mean rate of each unit in each state.

    Parameters
    ----------
    spikes : TsGroup
        Units.
    states : mapping of str to IntervalSet
        Intervals of each state; only their time within the time support of the units counts.

    Returns
    -------
    StateRates
        One row per unit, one column per state.

    Examples
    --------
    >>> import pynapple as nap
    >>> spikes = nap.TsGroup({0: nap.Ts(t=[1, 2, 3, 8])}, time_support=nap.IntervalSet(0, 10))
    >>> states = {"run": nap.IntervalSet(0, 4), "rest": nap.IntervalSet(6, 20)}
    >>> compute_state_rates(spikes, states).rate
    array([[0.75, 0.25]])
    """
    recorded = {name: each.intersect(spikes.time_support) for name, each in states.items()}
    counts = [
        [len(times) for times in spikes.restrict(each).values()] for each in recorded.values()
    ]
    return StateRates(
        units=np.array(list(spikes.keys())),
        states=tuple(states),
        n_spikes=np.array(counts, dtype=np.int64).reshape(len(states), len(spikes)).T,
        duration=np.array([each.tot_length() for each in recorded.values()], dtype=np.float64),
    )
