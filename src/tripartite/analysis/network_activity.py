"""What a network does: rates of its populations, and means of state variables over nodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pynapple as nap
from numpy.typing import NDArray

from tripartite.core.checks import check_option
from tripartite.core.recording import Recording
from tripartite.errors import InputError

# Times of simulations lie on the edges of bins; this share of a bin is more than rounding moves
# them and less than a step of any time grid.
_ROUNDING = 1e-6


@dataclass(frozen=True, kw_only=True)
class GroupRates:
    """Mean rate of the units of each group in bins of time.

    Parameters
    ----------
    rate : TsdFrame of shape (n_bins, n_groups)
        Spikes per unit and second (Hz); times are the centres of the bins.
    n_units : ndarray of shape (n_groups,)
        Units of each group, silent ones too.
    bin_size : float
        Size of the bins (s).
    n_left_out : int
        Spikes after the last whole bin.
    """

    rate: nap.TsdFrame
    n_units: NDArray[np.int64]
    bin_size: float
    n_left_out: int

    def to_frame(self) -> pd.DataFrame:
        """Return the rates (Hz), one row per bin, indexed by the time of its centre (s)."""
        return self.rate.as_dataframe()


@dataclass(frozen=True, kw_only=True)
class GroupFiring:
    """How fast and how regularly the units of each group fire.

    Parameters
    ----------
    groups : tuple of str
        Names of the groups.
    n_units, n_spikes : ndarray of shape (n_groups,)
        Units and their spikes in the window.
    rate, rate_sd : ndarray of shape (n_groups,)
        Mean and standard deviation over units of their rate (Hz).
    cv : ndarray of shape (n_groups,)
        Mean over units of the coefficient of variation of the intervals between spikes.
    n_cv : ndarray of shape (n_groups,)
        Units with at least two such intervals, which alone have one.
    window : (float, float)
        Start and end (s).
    """

    groups: tuple[str, ...]
    n_units: NDArray[np.int64]
    n_spikes: NDArray[np.int64]
    rate: NDArray[np.float64]
    rate_sd: NDArray[np.float64]
    cv: NDArray[np.float64]
    n_cv: NDArray[np.int64]
    window: tuple[float, float]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per group."""
        names = ("n_units", "n_spikes", "rate", "rate_sd", "cv", "n_cv")
        return pd.DataFrame({"group": self.groups, **{name: getattr(self, name) for name in names}})


@dataclass(frozen=True, kw_only=True)
class NodeAverage:
    """Mean over nodes of a state variable.

    Parameters
    ----------
    variable, unit : str
        Name of the variable, and its unit.
    time : ndarray of shape (n_times,)
        Times (s).
    mean, sd : ndarray of shape (n_times,)
        Mean and standard deviation over nodes.
    node_means : ndarray of shape (n_nodes,)
        Mean over time of each node.
    """

    variable: str
    unit: str
    time: NDArray[np.float64]
    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    node_means: NDArray[np.float64]

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_means)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per time (s): mean and standard deviation."""
        return pd.DataFrame({"time": self.time, "mean": self.mean, "sd": self.sd})


def compute_group_rates(
    spikes: nap.TsGroup, *, bin_size: float, by: str = "population"
) -> GroupRates:
    """Return the mean rate of the units of each group in bins of time.

    Parameters
    ----------
    spikes : TsGroup
        Units, with a metadata column that names their groups.
    bin_size : float
        Size of the bins (s). A spike on the edge of two bins counts for the later one, that at the
        end of the recording for the last one.
    by : str
        Name of the column.

    Returns
    -------
    GroupRates
        Bins start with the time support; what is left of it after the last whole bin is left out.

    Raises
    ------
    InputError
        If there is no such column or no unit, the time support has gaps, or no bin fits into it.

    Examples
    --------
    >>> import pynapple as nap
    >>> trains = {1: nap.Ts(t=[0.1, 0.2, 1.5]), 2: nap.Ts(t=[0.5, 0.9])}
    >>> kind = {"population": ["exc", "exc"]}
    >>> spikes = nap.TsGroup(trains, time_support=nap.IntervalSet(0, 2), metadata=kind)
    >>> compute_group_rates(spikes, bin_size=1.0).rate.values.ravel()
    array([2. , 0.5])
    """
    support = spikes.time_support
    n_bins = int((support.end[0] - support.start[0]) / bin_size + _ROUNDING) if bin_size > 0 else 0
    if len(support) != 1 or n_bins < 1:
        raise InputError(
            "Rates need one stretch of time that holds at least one bin",
            got=f"{len(support)} stretches, {support.tot_length():.3g} s, bins of {bin_size} s",
        )
    groups = _group(spikes, by)
    merged = [np.concatenate(trains) - support.start[0] for trains in groups.values()]
    counts = [_count(times, bin_size, n_bins) for times in merged]
    n_units = np.array([len(trains) for trains in groups.values()])
    centres = support.start[0] + bin_size * (np.arange(n_bins) + 0.5)
    return GroupRates(
        rate=nap.TsdFrame(
            t=centres,
            d=np.column_stack(counts) / (bin_size * n_units),
            columns=list(groups),
            time_support=support,
        ),
        n_units=n_units,
        bin_size=bin_size,
        n_left_out=sum(map(len, merged)) - int(np.sum(counts)),
    )


def summarise_groups(
    spikes: nap.TsGroup, *, window: tuple[float, float], by: str = "population"
) -> GroupFiring:
    """Return how fast and how regularly the units of each group fire.

    Parameters
    ----------
    spikes : TsGroup
        Units, with a metadata column that names their groups.
    window : (float, float)
        Start and end (s); a spike at the start is outside, one at the end inside.
    by : str
        Name of the column.

    Raises
    ------
    InputError
        If there is no such column or no unit, or the window does not end after it starts.

    Examples
    --------
    >>> import pynapple as nap
    >>> trains = {1: nap.Ts(t=[0.1, 0.2, 0.3]), 2: nap.Ts(t=[0.5, 0.9])}
    >>> spikes = nap.TsGroup(trains, metadata={"population": ["exc", "exc"]})
    >>> summarise_groups(spikes, window=(0, 1)).to_frame()[["group", "rate", "n_cv"]]
      group  rate  n_cv
    0   exc   2.5     1
    """
    start, end = window
    if not end > start:
        raise InputError("window must end after it starts", got=window, do="Pass (start, end) in s")
    rows = []
    for name, trains in _group(spikes, by).items():
        inside = [train[(train > start) & (train <= end)] for train in trains]
        n_spikes = np.array([len(train) for train in inside])
        gaps = [np.diff(train) for train in inside if len(train) >= 3]
        cvs = [each.std() / each.mean() for each in gaps if each.mean() > 0]
        rates = n_spikes / (end - start)
        cv = np.mean(cvs) if cvs else np.nan
        rows.append((name, len(trains), n_spikes.sum(), rates.mean(), _sd(rates), cv, len(cvs)))
    groups, *numbers = zip(*rows, strict=True)
    names = ("n_units", "n_spikes", "rate", "rate_sd", "cv", "n_cv")
    named = {name: np.array(column) for name, column in zip(names, numbers, strict=True)}
    return GroupFiring(groups=groups, window=(start, end), **named)


def list_variables(recording: Recording) -> tuple[str, ...]:
    """Return the names of the state variables that a simulation recorded.

    Parameters
    ----------
    recording : Recording
        Each signal is called ``<population>_<variable>``; ``metadata["populations"]`` names the
        populations, which otherwise end at the first underscore.

    Examples
    --------
    >>> import numpy as np, pynapple as nap
    >>> from tripartite.core.recording import Recording
    >>> flat = nap.TsdFrame(t=np.arange(2.0), d=np.zeros((2, 1)))
    >>> list_variables(Recording(source="simulated", signals={"exc_V_m": flat, "exc_I_SIC": flat}))
    ('V_m', 'I_SIC')
    """
    return tuple(_find_signals(recording))


def average_nodes(
    recording: Recording, variable: str, *, window: tuple[float, float] | None = None
) -> NodeAverage:
    """Return the mean over nodes of a state variable, over time.

    Parameters
    ----------
    recording : Recording
        Of a simulation: each signal is called ``<population>_<variable>``, one column per node.
    variable : str
        Name of the variable: ``IP3``, ``Ca_astro``, ``I_SIC``, ``V_m``, ... All populations that it
        was recorded in are taken together.
    window : (float, float), optional
        Times to look at (s), both ends included; by default all.

    Raises
    ------
    InputError
        If the variable was not recorded, at differing times, or not in the window.

    Examples
    --------
    >>> import numpy as np, pynapple as nap
    >>> from tripartite.core.recording import Recording
    >>> ip3 = nap.TsdFrame(t=np.arange(3.0), d=np.array([[0.1, 0.3], [0.2, 0.4], [0.5, 0.5]]))
    >>> recording = Recording(source="simulated", signals={"astro_IP3": ip3})
    >>> average_nodes(recording, "IP3").mean
    array([0.2, 0.3, 0.5])
    """
    found = _find_signals(recording).get(variable)
    if not found:
        raise InputError(
            f"The variable {variable!r} must have been recorded",
            got=f"a recording of {', '.join(list_variables(recording)) or 'no variable'}",
            do=f"Add it before the simulation: network.record(nodes, {variable!r})",
        )
    times = [each.index.values for each in found.values()]
    if not all(np.array_equal(times[0], each) for each in times[1:]):
        raise InputError(f"Populations must record {variable} at the same times", got=list(found))
    values = np.concatenate([each.values.reshape(len(times[0]), -1) for each in found.values()], 1)
    low, high = window or (-np.inf, np.inf)
    chosen = (times[0] >= low) & (times[0] <= high)
    if not chosen.any():
        raise InputError(f"{variable} must have samples in the window", got=window)
    values = values[chosen]
    return NodeAverage(
        variable=variable,
        unit=str(recording.metadata.get(f"{next(iter(found))}_unit", "")),
        time=times[0][chosen],
        mean=values.mean(axis=1),
        sd=_sd(values, axis=1),
        node_means=values.mean(axis=0),
    )


def _find_signals(recording: Recording) -> dict[str, dict[str, nap.TsdFrame]]:
    """Return the signals of each variable, by their names."""
    populations = sorted(recording.metadata.get("populations", ()), key=len, reverse=True)
    found: dict[str, dict[str, nap.TsdFrame]] = {}
    for name, signal in recording.signals.items():
        if isinstance(signal, nap.TsdFrame):
            known = (each for each in populations if name.startswith(f"{each}_"))
            variable = name[len(next(known, name.partition("_")[0])) + 1 :]
            found.setdefault(variable, {})[name] = signal
    return found


def _group(spikes: nap.TsGroup, by: str) -> dict[str, list[NDArray[np.float64]]]:
    """Return the spike times of the units of each group, groups in order of appearance."""
    check_option(by, list(spikes.metadata.columns), name="by")
    if not len(spikes):
        raise InputError("There must be at least one unit", got="none")
    groups: dict[str, list[NDArray[np.float64]]] = {}
    for unit, name in zip(spikes.keys(), spikes.metadata[by].astype(str), strict=True):
        train: nap.Ts = spikes[unit]  # pyright: ignore[reportAssignmentType]
        groups.setdefault(name, []).append(train.index.values)
    return groups


def _count(since_start: NDArray[np.float64], bin_size: float, n_bins: int) -> NDArray[np.int64]:
    places = np.floor(since_start / bin_size + _ROUNDING).astype(np.int64)
    places[(places == n_bins) & (since_start <= n_bins * bin_size * (1 + _ROUNDING))] -= 1
    return np.bincount(places[places < n_bins], minlength=n_bins)


def _sd(values: NDArray[np.float64], axis: int = 0) -> NDArray[np.float64]:
    """Return the standard deviation over a sample, NaN for a sample of one."""
    if values.shape[axis] < 2:
        return np.full(np.delete(values.shape, axis), np.nan)
    return values.std(axis=axis, ddof=1)
