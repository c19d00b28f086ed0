"""NWB files to recordings."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from hdmf.common import DynamicTable, VectorIndex
from pynwb import NWBHDF5IO, TimeSeries

from tripartite.core._nwb_foreign import list_rest, read_foreign, read_times
from tripartite.core._nwb_write import FORMAT, LAYOUT
from tripartite.core._tree import TreePath, decode
from tripartite.core.provenance import Provenance
from tripartite.errors import FileFormatError, InputError, TripartiteError

Arrays = dict[TreePath, np.ndarray]


def read_nwb(path: Path) -> dict[str, Any]:
    """Return the parts of a recording that an NWB file holds.

    Parameters
    ----------
    path : Path
        File to read.

    Returns
    -------
    dict of str to object
        The arguments of `Recording`.

    Raises
    ------
    InputError
        If there is no such file.
    FileFormatError
        If it is not an NWB file, or is broken.
    """
    if not path.is_file():
        raise InputError("path must be an existing file", got=path)
    try:
        with NWBHDF5IO(path=path, mode="r") as io:
            file = _open(io)
            return _read_own(file) if LAYOUT in file.scratch else read_foreign(file, path)
    except TripartiteError:
        raise
    except Exception as error:  # a broken file can fail anywhere in HDF5, hdmf and pynwb
        raise FileFormatError(
            "An NWB file must be whole and follow the schema that it names",
            got=f"{path.name}, which fails with {type(error).__name__}: {error}",
            do="Fetch or write it again",
        ) from error


def _open(io: Any) -> Any:
    with warnings.catch_warnings():
        # What pynwb says of outdated words in a file concerns those who wrote it.
        warnings.simplefilter("ignore")
        return io.read()


def _read_own(file: Any) -> dict[str, Any]:
    layout = json.loads(file.scratch[LAYOUT].data)
    if layout["format"] != FORMAT:
        raise FileFormatError(
            f"The layout of the recording must be of format {FORMAT}",
            got=layout["format"],
            do="Read the file with the version of tripartite that wrote it",
        )
    arrays = _gather_series(file) | _gather_tables(file)
    for i, place in enumerate(layout["arrays"]):
        values = file.scratch[f"{LAYOUT}_{i}"].data
        # pynwb unpacks an array of one value.
        arrays[tuple(place)] = np.asarray(values if np.isscalar(values) else values[:])
    parts = decode(layout["recording"], arrays)
    names = {"units", "trials", "subject", *parts["signals"], *parts["events"], *parts["intervals"]}
    added = list_rest(file, lambda each: each.name in names or each.name.startswith(LAYOUT))
    if added:  # by another program, since the file was written
        parts["metadata"]["not_read"] = added
    return {**parts, "provenance": Provenance(**parts["provenance"])}


def _gather_series(file: Any) -> Arrays:
    arrays: Arrays = {}
    for part in {"signals", "events"} & set(file.processing):
        for name, each in file.processing[part].data_interfaces.items():
            if isinstance(each, TimeSeries):
                arrays[(part, name, "t")] = read_times(each)
                arrays[(part, name, "d")] = each.data[:]
            elif isinstance(each, DynamicTable):
                keys = {f"{name}_times": "t", f"{name}_labels": "d"}
                arrays |= {
                    (part, name, keys[column]): each[column].data[:] for column in each.colnames
                }
    return arrays


def _gather_tables(file: Any) -> Arrays:
    arrays: Arrays = {}
    if file.units is not None:
        spike_times = file.units["spike_times"]
        arrays |= _gather_columns(file.units, ("spikes", "metadata"))
        arrays[("spikes", "index")] = file.units.id[:]
        arrays[("spikes", "ends")] = spike_times.data[:]
        arrays[("spikes", "t")] = spike_times.target.data[:]
    for name, table in file.intervals.items():
        if name == "trials":
            columns = _gather_columns(table, ("trials", "columns"))
            columns[("trials", "index")] = table.id[:]
        else:
            columns = _gather_columns(table, ("intervals", name, "metadata"))
        place, end = (
            (("trials", "columns"), "stop") if name == "trials" else (("intervals", name), "end")
        )
        columns[(*place, "start")] = table["start_time"].data[:]
        columns[(*place, end)] = table["stop_time"].data[:]
        arrays |= columns
    return arrays


def _gather_columns(table: Any, place: TreePath) -> Arrays:
    columns = {name: table[name] for name in table.colnames}
    return {
        (*place, name): column.data[:]
        for name, column in columns.items()
        if not isinstance(column, VectorIndex)
    }
