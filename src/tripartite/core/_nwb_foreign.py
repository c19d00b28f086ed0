"""What a recording can hold of an NWB file that another program wrote."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pynapple as nap
from hdmf.common import DynamicTableRegion, VectorIndex
from pynwb import TimeSeries
from pynwb.behavior import SpatialSeries
from pynwb.core import MultiContainerInterface
from pynwb.epoch import TimeIntervals
from pynwb.file import Subject
from pynwb.misc import AnnotationSeries, Units

from tripartite.core._nwb_session import read_session
from tripartite.core._nwb_write import regular_times
from tripartite.core.provenance import Provenance


def read_foreign(file: Any, path: Path) -> dict[str, Any]:
    """Return units, series, events, intervals, trials and general metadata of an open file.

    Parameters
    ----------
    file : NWBFile
        The open file.
    path : Path
        Where it lies, for the provenance.

    Returns
    -------
    dict of str to object
        The arguments of `Recording`; ``metadata["not_read"]`` lists what is in none of them.
    """
    left_out: list[str] = []
    metadata = read_session(file)
    series, intervals = {}, {}
    for each in file.objects.values():
        if isinstance(each, TimeSeries):
            series[_name(each, series)] = each
        elif isinstance(each, TimeIntervals) and each.name != "trials":
            intervals[_name(each, intervals)] = each
    signals, events = _read_series(series, metadata, left_out)
    events |= _read_events_tables(file, events, left_out)
    parts = {
        "spikes": _read_units(file.units, left_out),
        "intervals": _read_intervals(intervals, left_out),
        "trials": _read_trials(file.trials, left_out),
    }
    left_out += list_rest(file, _is_readable)
    return {
        "source": "recorded",
        "signals": signals,
        "events": events,
        **parts,
        "metadata": {**metadata, "not_read": left_out} if left_out else metadata,
        "provenance": Provenance.collect(inputs=[path]),
    }


def read_times(series: Any) -> np.ndarray:
    """Return the times of a series (s)."""
    if series.rate is None:
        return np.asarray(series.timestamps[:], dtype=np.float64)
    return regular_times(series.starting_time, series.rate, len(series.data))


def _name(item: Any, taken: dict[str, Any]) -> str:
    """Return a name that no other item has: its own, or that of its container before it."""
    name = item.name
    while name in taken:
        name = f"{item.parent.name}_{name}"
    return name


def _read_series(
    series: dict[str, Any], metadata: dict[str, Any], left_out: list[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    signals, events = {}, {}
    for name, each in series.items():
        why = _why_unreadable(each)
        if why:
            left_out.append(f"{name} ({type(each).__name__}, {why})")
        elif isinstance(each, AnnotationSeries):
            events[name] = _read_annotations(each)
        else:
            signals[name] = _read_signal(each)
            metadata[f"{name}_unit"] = each.unit
    return signals, events


def _read_events_tables(file: Any, taken: dict[str, Any], left_out: list[str]) -> dict[str, nap.Ts]:
    events: dict[str, nap.Ts] = {}
    for table in filter(_is_events_table, file.objects.values()):
        events[_name(table, taken | events)] = nap.Ts(np.sort(table["timestamp"][:]))
        others = set(table.colnames) - {"timestamp"}
        left_out += [f"{table.name}.{column} (column of EventsTable)" for column in sorted(others)]
    return events


def _why_unreadable(series: Any) -> str | None:
    shape = np.shape(series.data)
    if not shape or getattr(series, "external_file", None) is not None:
        return "its values are not in the file"
    kinds = "OU" if isinstance(series, AnnotationSeries) else "biuf"
    if np.asarray(series.data[:1]).dtype.kind not in kinds:
        return "its values are of a type that it should not have"
    times = read_times(series)
    if len(times) != shape[0]:
        return f"{shape[0]} values but {len(times)} times"
    if not (np.diff(times) >= 0).all():
        return "its times are not in order"
    return None


def _read_annotations(series: Any) -> nap.Ts | nap.Tsd:
    labels = np.array(series.data[:], dtype=str)
    times = read_times(series)
    return nap.Tsd(times, labels) if len(set(labels)) > 1 else nap.Ts(times)


def _read_signal(series: Any) -> nap.Tsd | nap.TsdFrame | nap.TsdTensor:
    times, values = read_times(series), series.data[:]
    scale: Any = series.conversion
    if getattr(series, "channel_conversion", None) is not None:
        scale = scale * np.asarray(series.channel_conversion)
    # Only with scale and offset are the values in the unit of the series.
    if np.any(scale != 1) or series.offset:
        values = values * scale + series.offset
    if values.ndim == 1:
        return nap.Tsd(times, values)
    if values.ndim > 2:
        return nap.TsdTensor(times, values)
    n_columns = values.shape[1]
    is_place = isinstance(series, SpatialSeries) and n_columns in (2, 3)
    return nap.TsdFrame(times, values, columns=list("xyz")[:n_columns] if is_place else None)


def _read_units(units: Any, left_out: list[str]) -> nap.TsGroup | None:
    if units is None:
        return None
    if "spike_times" not in units.colnames:
        left_out.append("units (Units, without times of spikes)")
        return None
    trains = {
        int(unit): np.sort(train)
        for unit, train in zip(units.id[:], units["spike_times"][:], strict=True)
    }
    support = _observed(units, trains, left_out)
    columns = _read_columns(units, ("spike_times", "obs_intervals", "rate"), left_out)
    if "rate" in units.colnames:
        left_out.append("units.rate (the rate is counted from the spikes)")
    return nap.TsGroup(
        {unit: nap.Ts(train, time_support=support) for unit, train in trains.items()},
        time_support=support,
        metadata=columns,
    )


def _observed(units: Any, trains: dict[int, np.ndarray], left_out: list[str]) -> nap.IntervalSet:
    """Return when any unit was observed, or from the first to the last spike if it is not said."""
    spikes = np.sort(np.concatenate([np.empty(0), *trains.values()]))
    if "obs_intervals" in units.colnames:
        stretches = np.concatenate([np.empty((0, 2)), *units["obs_intervals"][:]])
        observed = _unite(stretches)
        if _covers(observed, spikes):
            return observed
        left_out.append("units.obs_intervals (some spikes lie outside)")
    if not spikes.size:
        return nap.IntervalSet([], [])
    # A span without duration would lose the spikes in it.
    return nap.IntervalSet(spikes[0], max(spikes[-1], spikes[0] + 1e-6))


def _covers(observed: nap.IntervalSet, times: np.ndarray) -> bool:
    if not len(observed):
        return not times.size
    before = np.searchsorted(observed.start, times, side="right") - 1
    return bool((before >= 0).all() and (times <= observed.end[before]).all())


def _unite(stretches: np.ndarray) -> nap.IntervalSet:
    """Return the intervals that cover all stretches, of which many are usually the same."""
    united: list[list[float]] = []
    for start, end in np.unique(stretches, axis=0).tolist():
        if united and start <= united[-1][1]:
            united[-1][1] = max(end, united[-1][1])
        else:
            united.append([start, end])
    return nap.IntervalSet(np.reshape(united, (-1, 2)))


def _read_intervals(tables: dict[str, Any], left_out: list[str]) -> dict[str, nap.IntervalSet]:
    intervals = {}
    for name, table in tables.items():
        start, stop = np.asarray(table["start_time"][:]), np.asarray(table["stop_time"][:])
        order = np.argsort(start, kind="stable")
        if not ((stop > start).all() and (start[order][1:] >= stop[order][:-1]).all()):
            left_out.append(f"{name} ({type(table).__name__}, with overlaps or without durations)")
            continue
        columns = _read_columns(table, ("start_time", "stop_time", "start", "end"), left_out)
        metadata = {key: column[order] for key, column in columns.items()}
        intervals[name] = nap.IntervalSet(start[order], stop[order], metadata=metadata)
    return intervals


def _read_trials(table: Any, left_out: list[str]) -> pd.DataFrame | None:
    if table is None:
        return None
    start, stop = np.asarray(table["start_time"][:]), np.asarray(table["stop_time"][:])
    if (stop < start).any():
        left_out.append("trials (TimeIntervals, some stop before they start)")
        return None
    columns = _read_columns(table, ("start_time", "stop_time", "start", "stop"), left_out)
    flat = {name: column for name, column in columns.items() if column.ndim == 1}
    left_out += [
        f"trials.{name} (several values per trial)" for name in columns.keys() - flat.keys()
    ]
    return pd.DataFrame({"start": start, "stop": stop, **flat}, index=table.id[:])


def _read_columns(table: Any, skip: tuple[str, ...], left_out: list[str]) -> dict[str, np.ndarray]:
    """Return the columns with one value or array per row, tags, and the places of electrodes."""
    columns = {}
    for name in table.colnames:
        column = table[name]
        if name in skip:
            continue
        if name == "tags":
            columns[name] = np.array([", ".join(tags) for tags in column[:]], dtype=object)
        elif name == "electrode_group":
            columns.setdefault("location", np.array([str(each.location) for each in column.data]))
        elif (
            isinstance(column, VectorIndex | DynamicTableRegion)
            or np.asarray(column.data[:]).dtype.kind not in "biufO"
        ):
            left_out.append(f"{table.name}.{name} ({type(column).__name__})")
        else:
            columns[name] = np.asarray(column.data[:])
    return columns


def list_rest(file: Any, is_known: Callable[[Any], bool]) -> list[str]:
    """Return the name and type of whatever stands by itself in a file and is not known.

    Parameters
    ----------
    file : NWBFile
        The open file.
    is_known : callable
        Says of an object whether it is read.
    """
    return [
        f"{each.name} ({type(each).__name__})"
        for each in file.objects.values()
        if not isinstance(each, MultiContainerInterface)
        and _stands_alone(each)
        and not is_known(each)
    ]


def _stands_alone(item: Any) -> bool:
    parent = item.parent
    return parent is None or (isinstance(parent, MultiContainerInterface) and _stands_alone(parent))


def _is_readable(item: Any) -> bool:
    return isinstance(item, TimeSeries | TimeIntervals | Units | Subject) or _is_events_table(item)


def _is_events_table(item: Any) -> bool:
    return type(item).__name__ == "EventsTable"  # older versions of pynwb do not have the class
