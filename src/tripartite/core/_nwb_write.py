"""Recordings to NWB files.

Units, signals, events, intervals and trials go where NWB has a place for them. A text in the
scratch says how they belong together and holds the rest, also whatever is empty; arrays that have
no place in NWB lie beside it. So other programs see what NWB can say, and `read_nwb` finds
everything.
"""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from hdmf.backends.hdf5 import H5DataIO
from hdmf.common import DynamicTable, VectorData, VectorIndex
from pynwb import NWBHDF5IO, NWBFile, TimeSeries
from pynwb.core import ScratchData
from pynwb.epoch import TimeIntervals
from pynwb.misc import Units

from tripartite.core._nwb_session import describe_session, plain_text
from tripartite.core._tree import TreePath, encode, fits_nwb
from tripartite.errors import InputError
from tripartite.files import new_path

if TYPE_CHECKING:
    import pandas as pd

    from tripartite.core.recording import Recording

LAYOUT = "tripartite"  # name of the text in the scratch
FORMAT = 1

_LARGE = 1 << 20  # bytes from which compressing is worth the time
# Columns by these names mean something else in NWB, or hide a method of its tables.
_TAKEN = {column["name"] for table in (Units, TimeIntervals) for column in table.__columns__}
_TAKEN |= {f"{name}_index" for name in _TAKEN} | set(dir(Units)) | set(dir(TimeIntervals)) | {"id"}

Arrays = dict[TreePath, np.ndarray]


def write_nwb(recording: Recording, path: Path, *, overwrite: bool) -> Path:
    """Write a recording to an NWB file that appears only when it is whole.

    Parameters
    ----------
    recording : Recording
        What to write.
    path : Path
        File to write.
    overwrite : bool
        Whether a file of that name may be replaced.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the path does not fit, or the recording holds what no file can hold.
    """
    _check_path(path, overwrite)
    file = _build(recording)
    # pynwb warns of any other ending.
    with new_path(path, ending=".nwb") as beside, NWBHDF5IO(path=beside, mode="w") as io:
        io.write(container=file)
    return path


def _check_path(path: Path, overwrite: bool) -> None:
    if path.suffix != ".nwb":
        raise InputError(
            "path must end in .nwb", got=path, do=f"Pass '{path.stem or 'recording'}.nwb'"
        )
    if not path.parent.is_dir():
        raise InputError("The folder of path must exist", got=path.parent, do="Make it first")
    if path.exists() and not overwrite:
        raise InputError(
            "path must not exist yet", got=path, do="Pass overwrite=True to replace the file"
        )


def _build(recording: Recording) -> Any:
    arrays: Arrays = {}
    parts = {each.name: getattr(recording, each.name) for each in fields(recording)}
    tree = {name: encode(part, (name,), arrays) for name, part in parts.items()}
    file: Any = NWBFile(**describe_session(recording))
    if recording.spikes is not None and ("spikes", "t") in arrays:
        file.units = _build_units(recording, arrays)
    _add_signals(file, recording, arrays)
    _add_events(file, recording, arrays)
    for name, each in recording.intervals.items():
        if len(each) == 0:
            continue
        place, bounds = ("intervals", name), (each.start, each.end)
        text = _describe(recording, name, f"Intervals {name}")
        file.add_time_intervals(_build_intervals(name, text, bounds, (*place, "metadata"), arrays))
        del arrays[(*place, "start")], arrays[(*place, "end")]
    if recording.trials is not None and len(recording.trials):
        file.trials = _build_trials(recording.trials, arrays)
    _add_scratch(file, tree, arrays)
    return file


def _add_scratch(file: Any, tree: dict[str, Any], arrays: Arrays) -> None:
    for i, (place, array) in enumerate(arrays.items()):
        description = plain_text(f"Array {'.'.join(place)} of the recording")
        data = _compress(array)
        file.add_scratch(ScratchData(name=f"{LAYOUT}_{i}", data=data, description=description))
    layout = {"format": FORMAT, "arrays": [list(place) for place in arrays], "recording": tree}
    description = "How the parts belong together, with truth, metadata and provenance (JSON)"
    file.add_scratch(json.dumps(layout), name=LAYOUT, description=description)


def _build_units(recording: Recording, arrays: Arrays) -> Any:
    spikes = recording.spikes
    assert spikes is not None
    times = _column("spike_times", "Times of spikes (s)", arrays.pop(("spikes", "t")))
    support = spikes.time_support.values
    stretches = np.tile(support, (len(spikes), 1))
    observed = _column("obs_intervals", "When each unit was observed (s)", stretches)
    ends = {
        times: arrays.pop(("spikes", "ends")),
        observed: len(support) * np.arange(1, len(spikes) + 1),
    }
    ragged = [
        VectorIndex(name=f"{column.name}_index", data=rows, target=column)
        for column, rows in ends.items()
    ]
    return Units(
        name="units",
        description=_describe(recording, "spikes", "Neurons and their spikes"),
        id=arrays.pop(("spikes", "index")),
        columns=[times, ragged[0], observed, ragged[1], *_columns(("spikes", "metadata"), arrays)],
        resolution=recording.metadata.get("spike_resolution"),
    )


def _add_signals(file: Any, recording: Recording, arrays: Arrays) -> None:
    if recording.signals:
        module = file.create_processing_module("signals", f"Signals, {recording.source}")
        for name, signal in recording.signals.items():
            if _is_numeric(arrays.get(("signals", name, "d"))):
                module.add(_build_series(recording, ("signals", name), signal, arrays))


def _add_events(file: Any, recording: Recording, arrays: Arrays) -> None:
    if recording.events:
        module = file.create_processing_module("events", f"Times of events, {recording.source}")
        for name, events in recording.events.items():
            if _is_numeric(arrays.get(("events", name, "d"))):
                module.add(_build_series(recording, ("events", name), events, arrays))
            elif len(events):
                module.add(_build_events(recording, name, arrays))


def _build_series(recording: Recording, place: TreePath, series: Any, arrays: Arrays) -> Any:
    name = place[-1]
    values = arrays.pop((*place, "d"))
    del arrays[(*place, "t")]
    columns = plain_text(", ".join(map(str, getattr(series, "columns", ()))))
    return TimeSeries(
        name=name,
        # NWB counts truth values among the numbers only as integers.
        data=_compress(values.view(np.uint8) if values.dtype.kind == "b" else values),
        unit=plain_text(recording.metadata.get(f"{name}_unit") or "not given"),
        description=_describe(recording, name, f"{place[0].capitalize()}: {name}"),
        comments=f"Columns: {columns}" if columns else "none",
        **_build_clock(series.t),
    )


def _build_clock(times: np.ndarray) -> dict[str, Any]:
    """Return start and rate if they give back every time to the last bit, else the times."""
    first_step, span = (float(times[i] - times[0]) if len(times) > 1 else 0.0 for i in (1, -1))
    if first_step > 0:
        mean = (len(times) - 1) / span
        for rate in (round(mean, 6), mean, 1 / first_step):
            if np.array_equal(regular_times(times[0], rate, len(times)), times):
                return {"starting_time": float(times[0]), "rate": rate}
    return {"timestamps": _compress(times)}


def regular_times(start: float, rate: float, n_times: int) -> np.ndarray:
    """Return the times of a series that is stored as start and rate, as pynapple reads them."""
    return start + np.arange(n_times) / rate


def _build_events(recording: Recording, name: str, arrays: Arrays) -> Any:
    # pynapple opens columns by such names; NWB's own table of events is younger than its readers.
    columns = [_column(f"{name}_times", "Times (s)", arrays.pop(("events", name, "t")))]
    if ("events", name, "d") in arrays:
        labels = arrays.pop(("events", name, "d"))
        columns.append(_column(f"{name}_labels", "What each event was", labels))
    return DynamicTable(
        name=name,
        description=_describe(recording, name, f"Events: {name}"),
        id=np.arange(len(columns[0].data)),
        columns=columns,
    )


def _build_trials(trials: pd.DataFrame, arrays: Arrays) -> Any:
    bounds = tuple(
        trials[name].to_numpy(dtype=float, na_value=np.nan) for name in ("start", "stop")
    )
    index = arrays.pop(("trials", "index"))
    for name in ("start", "stop"):
        arrays.pop(("trials", "columns", name), None)
    return _build_intervals(
        "trials", "Trials, one per row", bounds, ("trials", "columns"), arrays, index
    )


def _build_intervals(
    name: str,
    description: str,
    bounds: tuple[np.ndarray, ...],
    place: TreePath,
    arrays: Arrays,
    index: np.ndarray | None = None,
) -> Any:
    start, stop = (
        _column(f"{word}_time", f"{word.capitalize()} (s)", times)
        for word, times in zip(("start", "stop"), bounds, strict=True)
    )
    return TimeIntervals(
        name=name,
        description=description,
        id=np.arange(len(bounds[0])) if index is None else index,
        columns=[start, stop, *_columns(place, arrays)],
    )


def _columns(place: TreePath, arrays: Arrays) -> list[Any]:
    """Take the metadata columns at `place` that NWB can hold."""
    names = [path[-1] for path in arrays if path[:-1] == place]
    fit = [name for name in names if name not in _TAKEN and fits_nwb(name)]
    return [_column(name, f"Column {name}", arrays.pop((*place, name))) for name in fit]


def _column(name: str, description: str, values: np.ndarray) -> Any:
    return VectorData(name=name, description=description, data=_compress(values))


def _compress(array: np.ndarray) -> Any:
    if array.dtype.kind == "O":
        return array.tolist()
    if array.nbytes < _LARGE:
        return array
    return H5DataIO(data=array, compression="gzip", compression_opts=1, shuffle=True)


def _is_numeric(array: np.ndarray | None) -> bool:
    return array is not None and array.dtype.kind in "biuf"


def _describe(recording: Recording, name: str, default: str) -> str:
    return plain_text(recording.metadata.get(f"{name}_description") or default)
