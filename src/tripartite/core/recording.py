"""The one record of recorded, predicted and simulated activity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
import pynapple as nap

from tripartite.core import _summary
from tripartite.core._tree import fits_nwb
from tripartite.core.checks import check_option, check_type, nearest_name
from tripartite.core.provenance import Provenance
from tripartite.errors import InputError

Source = Literal["recorded", "predicted", "simulated"]

_SERIES = {
    "signals": (nap.Tsd, nap.TsdFrame, nap.TsdTensor),
    "events": (nap.Ts, nap.Tsd),
    "intervals": (nap.IntervalSet,),
}
_MAPPINGS = (*_SERIES, "metadata", "truth")


class _Table:
    """A field whose table is handed out as a copy, so that nobody changes the record."""

    def __get__(self, record: Any, owner: type | None = None) -> pd.DataFrame | None:
        table = None if record is None else record.__dict__["trials"]
        return None if table is None else table.copy()

    def __set__(self, record: Any, table: pd.DataFrame | None) -> None:
        record.__dict__["trials"] = table


_TRIALS: Any = _Table()  # stands as the default of the field, where dataclasses look for it


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Recording:
    """Activity of neurons and astrocytes, with everything that an analysis needs to know about it.

    All times are in seconds on one clock. The mappings are read-only; `replace` makes a new record.

    Parameters
    ----------
    source : {"recorded", "predicted", "simulated"}
        Where the activity comes from.
    spikes : TsGroup, optional
        Units (one `Ts` each), with metadata columns such as ``region``.
    signals : mapping of str to Tsd, TsdFrame or TsdTensor, optional
        Sampled signals, time first.
    events : mapping of str to Ts or Tsd, optional
        Times of events, with a value each if they have one.
    intervals : mapping of str to IntervalSet, optional
        Stretches of time, with metadata columns if they have any. The name ``trials`` is taken.
    trials : DataFrame, optional
        One trial per row: ``start`` and ``stop`` (s), and any other columns.
    metadata : mapping of str to object, optional
        What is known about the session: ``description``, ``session``, ``session_start_time``,
        ``subject`` (a name, or a mapping with ``subject_id``, ``species``, ``sex``, ``age``, ...),
        ``lab``, ``experimenter``, ``<signal>_unit``, ``<signal>_description`` and anything else.
    truth : mapping of str to object, optional
        What a simulation knows: arrays, numbers, strings, pynapple objects.
    provenance : Provenance, optional
        How the record was made; by default the versions in use and the time now.

    Raises
    ------
    InputError
        If a part has the wrong type, a name cannot be kept in a file, or trials lack start or stop.

    Examples
    --------
    >>> import numpy as np, pynapple as nap
    >>> from tripartite.core.recording import Recording
    >>> dff = nap.Tsd(t=np.arange(300) / 30, d=np.zeros(300))
    >>> recording = Recording(source="recorded", signals={"dff": dff})
    >>> recording
    <Recording: recorded, 0 to 9.967 s, 1 signal (dff)>
    """

    source: Source
    spikes: nap.TsGroup | None = None
    signals: Mapping[str, nap.Tsd | nap.TsdFrame | nap.TsdTensor] = field(default_factory=dict)
    events: Mapping[str, nap.Ts | nap.Tsd] = field(default_factory=dict)
    intervals: Mapping[str, nap.IntervalSet] = field(default_factory=dict)
    trials: pd.DataFrame | None = _TRIALS
    metadata: Mapping[str, Any] = field(default_factory=dict)
    truth: Mapping[str, Any] | None = None
    provenance: Provenance = field(default_factory=Provenance.collect)

    def __post_init__(self) -> None:
        check_option(self.source, get_args(Source), name="source")
        check_type(
            self.provenance, Provenance, name="provenance", do="Pass Provenance.collect(...)"
        )
        if self.spikes is not None:
            _check_spikes(self.spikes)
        for name in _MAPPINGS:
            if name != "truth" or self.truth is not None:
                value = _check_mapping(getattr(self, name), name)
                object.__setattr__(self, name, MappingProxyType(dict(value)))
        if self.trials is not None:
            _check_trials(self.trials)
            object.__setattr__(self, "trials", self.trials.copy())

    @property
    def start(self) -> float:
        """Time of the first thing that the record knows of (s); nan if it knows of none."""
        return self._span()[0]

    @property
    def end(self) -> float:
        """Time of the last thing that the record knows of (s); nan if it knows of none."""
        return self._span()[1]

    @property
    def duration(self) -> float:
        """From `start` to `end` (s), gaps included."""
        start, end = self._span()
        return end - start

    def replace(self, **changes: Any) -> Recording:
        """Return a record with some parts exchanged.

        Parameters
        ----------
        **changes : object
            Parts by name, as in `Recording`.

        Raises
        ------
        InputError
            If there is no part of that name, or it does not hold what it must.
        """
        parts = {each.name: getattr(self, each.name) for each in fields(self)}
        for name in changes:
            check_option(name, parts, name="each part to replace")
        return Recording(**{**parts, **changes})

    def summary(self) -> str:
        """Return what the record holds as text of several lines."""
        return _summary.describe(self)

    def to_nwb(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the record to an NWB file that appears only when it is whole.

        Parameters
        ----------
        path : path-like
            File to write, ending in ``.nwb``.
        overwrite : bool
            Whether a file of that name may be replaced.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        InputError
            If the file exists, its folder does not, or the record holds what no file can hold.
        """
        from tripartite.core._nwb_write import write_nwb

        return write_nwb(self, Path(path), overwrite=overwrite)

    @classmethod
    def from_nwb(cls, path: str | Path) -> Recording:
        """Return the record in an NWB file.

        What `to_nwb` wrote comes back as it was. From other files come units, time series, events,
        intervals, trials and general metadata; ``metadata["not_read"]`` lists the rest.

        Parameters
        ----------
        path : path-like
            File to read.

        Raises
        ------
        InputError
            If there is no such file.
        FileFormatError
            If it is not an NWB file, or is broken.
        """
        from tripartite.core._nwb_read import read_nwb

        return cls(**read_nwb(Path(path)))

    def __repr__(self) -> str:
        return _summary.describe_briefly(self)

    def __reduce__(self) -> tuple[Any, ...]:
        # Read-only mappings cannot be pickled, and records travel between processes.
        parts = {each.name: getattr(self, each.name) for each in fields(self)}
        plain = {k: dict(v) if isinstance(v, MappingProxyType) else v for k, v in parts.items()}
        return _rebuild, (plain,)

    def _span(self) -> tuple[float, float]:
        series = [self.spikes, *self.signals.values(), *self.events.values()]
        times = [each.time_support.values for each in series if each is not None]
        times += [each.t for each in self.events.values()]  # a single event has no support
        times += [each.values for each in self.intervals.values()]
        if self.trials is not None:
            times.append(self.trials[["start", "stop"]].to_numpy(dtype=float))
        known = np.concatenate([np.ravel(each) for each in times] or [np.empty(0)])
        known = known[np.isfinite(known)]
        return (float(known.min()), float(known.max())) if known.size else (np.nan, np.nan)


def _rebuild(parts: dict[str, Any]) -> Recording:
    return Recording(**parts)


def _check_spikes(spikes: Any) -> None:
    check_type(spikes, nap.TsGroup, name="spikes", do="Pass nap.TsGroup({0: nap.Ts(times), ...})")
    for unit, train in spikes.items():
        check_type(train, nap.Ts, name=f"unit {unit} of spikes", do="Keep marks of spikes in truth")


def _check_mapping(value: Any, name: str) -> Mapping[str, Any]:
    check_type(value, Mapping, name=name)
    for key, item in value.items():
        if name not in _SERIES:
            check_type(key, str, name=f"each name in {name}")
            continue
        if not fits_nwb(key):
            raise InputError(
                f"Each name in {name} must be printable text without '/' and ':'",
                got=repr(key),
                do="Choose a name like 'dff_soma'",
            )
        check_type(item, _SERIES[name], name=f"{name}[{key!r}]")
    if name == "intervals" and "trials" in value:
        raise InputError(
            "No interval set may be called 'trials', because the record has a table of trials",
            do="Pass the table as trials=, or choose a name like 'trial_periods'",
        )
    return value


def _check_trials(trials: Any) -> None:
    check_type(trials, pd.DataFrame, name="trials")
    names = [name for name in trials.columns if isinstance(name, str)]
    if len(set(names)) < len(trials.columns):
        raise InputError("Columns of trials must have names of their own", got=list(trials.columns))
    for name in ("start", "stop"):
        if name not in names:
            near = nearest_name(name, names)
            do = f'Rename it: trials.rename(columns={{"{near}": "{name}"}})' if near else None
            raise InputError(f"trials must have a column {name!r}, in seconds", got=names, do=do)
        if trials[name].dtype.kind not in "iuf":
            raise InputError(
                f"trials[{name!r}] must be numbers, in seconds", got=trials[name].dtype
            )
    backwards = (trials["stop"] < trials["start"]).to_numpy(dtype=bool)
    if backwards.any():
        rows = np.flatnonzero(backwards)
        raise InputError(
            "Each trial must stop after it starts",
            got=f"{len(rows)} trials that do not: {rows[:5]}",
        )
    if trials.index.dtype.kind not in "iu" or not trials.index.is_unique:
        raise InputError(
            "The index of trials must number them",
            got=f"an index of dtype {trials.index.dtype}",
            do="Pass trials.reset_index()",
        )
