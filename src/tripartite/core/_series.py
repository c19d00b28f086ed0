"""pynapple objects and tables taken apart into arrays, and put together again."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pynapple as nap

from tripartite.core.checks import check_type
from tripartite.errors import FileFormatError, InputError


def take_apart(value: Any, *, name: str) -> tuple[str, dict[str, Any]]:
    """Return the kind of a pynapple object or DataFrame, and the arrays that it is made of.

    Parameters
    ----------
    value : Ts, Tsd, TsdFrame, TsdTensor, TsGroup, IntervalSet or DataFrame
        Object to take apart.
    name : str
        Name of the object, for the message.

    Raises
    ------
    InputError
        If it is something else, or holds what arrays cannot hold.
    """
    if isinstance(value, nap.IntervalSet):
        return "IntervalSet", {
            "start": value.start,
            "end": value.end,
            "metadata": columns_of(value),
        }
    if isinstance(value, nap.TsGroup):
        return "TsGroup", _take_apart_group(value, name)
    if isinstance(value, pd.DataFrame):
        return "DataFrame", _take_apart_table(value, name)
    check_type(
        value,
        (nap.Ts, nap.Tsd, nap.TsdFrame, nap.TsdTensor),
        name=name,
        do="Pass its values as an array or a list",
    )
    parts: dict[str, Any] = {"t": value.t, "support": value.time_support.values.tolist()}
    if not isinstance(value, nap.Ts):
        parts["d"] = np.asarray(value.values)
    if isinstance(value, nap.TsdFrame):
        parts |= {"columns": value.columns.tolist() or None, "metadata": columns_of(value)}
    return type(value).__name__, parts


def put_together(kind: str, parts: dict[str, Any]) -> Any:
    """Return the object that `take_apart` took apart.

    Parameters
    ----------
    kind : str
        Class of the object.
    parts : dict
        What it is made of.

    Raises
    ------
    FileFormatError
        If the kind is unknown.
    """
    if kind == "IntervalSet":
        return nap.IntervalSet(**parts)
    if kind == "TsGroup":
        return _put_group_together(**parts)
    if kind == "DataFrame":
        return _put_table_together(**parts)
    if kind not in ("Ts", "Tsd", "TsdFrame", "TsdTensor"):
        raise FileFormatError("A stored object must be of a known kind", got=kind)
    support = np.reshape(parts.pop("support"), (-1, 2))
    if len(support):
        return getattr(nap, kind)(**parts, time_support=nap.IntervalSet(support))
    with warnings.catch_warnings():
        # Samples at a single time have no support, and pynapple keeps them only if none is passed.
        warnings.filterwarnings("ignore", "Some epochs have no duration")
        warnings.filterwarnings("ignore", "divide by zero", RuntimeWarning)
        return getattr(nap, kind)(**parts)


def columns_of(value: nap.TsGroup | nap.TsdFrame | nap.IntervalSet) -> dict[str, np.ndarray]:
    """Return the metadata columns of a pynapple object, each as one array with a row per item."""
    names = [
        name
        for name in value.metadata_columns
        if not (name == "rate" and isinstance(value, nap.TsGroup))
    ]
    return {name: _as_array(value.get_info(name)) for name in names}


def _as_array(column: Any) -> np.ndarray:
    values = column.to_numpy()
    if len(values) and all(isinstance(row, np.ndarray) for row in values):
        return np.stack(list(values))
    return values


def _take_apart_group(group: nap.TsGroup, name: str) -> dict[str, Any]:
    for unit in group.values():
        check_type(unit, nap.Ts, name=f"each unit of {name}", do="Keep marks of spikes as signals")
    trains = [unit.t for unit in group.values()]
    return {
        "index": np.asarray(group.index, dtype=np.int64),
        "t": np.concatenate([np.empty(0), *trains]),
        "ends": np.cumsum([len(train) for train in trains], dtype=np.int64),
        "support": group.time_support.values.tolist(),
        "metadata": columns_of(group),
    }


def _put_group_together(
    index: np.ndarray, t: np.ndarray, ends: np.ndarray, support: list[Any], metadata: dict[str, Any]
) -> nap.TsGroup:
    time_support = nap.IntervalSet(np.reshape(support, (-1, 2)))
    trains = np.split(t, ends[:-1]) if len(ends) else []
    units = {
        int(unit): nap.Ts(train, time_support=time_support)
        for unit, train in zip(index, trains, strict=True)
    }
    return nap.TsGroup(units, time_support=time_support, metadata=metadata)


def _take_apart_table(table: pd.DataFrame, name: str) -> dict[str, Any]:
    lost = [column for column in table if not _is_plain(table[column].dtype)]
    if lost:
        raise InputError(
            f"Columns of {name} must be numbers, booleans, strings or dates without time zone",
            got=", ".join(f"{column!r} of dtype {table[column].dtype}" for column in lost),
            do=f"Convert them first, e.g. table.astype({{{lost[0]!r}: str}})",
        )
    return {
        "columns": {column: _cells(table[column]) for column in table},
        "dtypes": {column: str(table[column].dtype) for column in table},
        "index": table.index.to_numpy(),
    }


def _put_table_together(
    columns: dict[str, np.ndarray], dtypes: dict[str, str], index: np.ndarray
) -> pd.DataFrame:
    labels = (
        pd.RangeIndex(len(index))
        if np.array_equal(index, np.arange(len(index)))
        else pd.Index(index)
    )
    series = {
        name: pd.Series(columns[name], dtype=dtype, index=labels) for name, dtype in dtypes.items()
    }
    return pd.DataFrame(series, index=labels)


def _is_plain(dtype: Any) -> bool:
    return isinstance(dtype, np.dtype | pd.StringDtype) or dtype.kind in "biuf"


def _cells(column: Any) -> np.ndarray:
    if isinstance(column.dtype, np.dtype) or not column.hasnans:
        return column.to_numpy()
    return column.to_numpy(dtype=object, na_value=None)
