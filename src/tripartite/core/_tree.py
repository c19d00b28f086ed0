"""Nested values as JSON types beside named arrays, without loss and without code.

`encode` turns a value into what JSON can hold. Large arrays go into a separate mapping under their
path, so that the writer of a file chooses where each of them lives; the others stay in the text. A
dictionary with the key ``$`` says what it stands for; `decode` turns it back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from tripartite.errors import FileFormatError, InputError

TreePath = tuple[str, ...]

SMALL = 16  # an array of so few values is easier to read in the text


def encode(value: Any, path: TreePath = (), arrays: Any = None) -> Any:
    """Return `value` as JSON types; add to `arrays` what does not belong into the text.

    Numpy scalars are kept as Python numbers, paths as strings, dataclasses as dictionaries.

    Parameters
    ----------
    value : object
        Numbers, strings, dates, None, arrays, pynapple objects, DataFrames, and lists, tuples and
        mappings of them.
    path : tuple of str
        Where the value stands.
    arrays : dict, optional
        Takes the large arrays by their path; without it all stay in the text.

    Raises
    ------
    InputError
        If the value holds anything else.
    """
    if isinstance(value, np.generic) and value.dtype.kind not in "mM":
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$": "float", "value": repr(value)}
    if isinstance(value, datetime):
        return {"$": "datetime", "value": value.isoformat()}
    if isinstance(value, np.ndarray | np.generic):
        return _encode_array(np.asarray(value), path, arrays)
    if isinstance(value, list | tuple):
        items = [encode(item, (*path, str(i)), arrays) for i, item in enumerate(value)]
        return items if isinstance(value, list) else {"$": "tuple", "items": items}
    if type(value).__module__.startswith(("pynapple.", "pandas")):
        from tripartite.core._series import take_apart

        kind, parts = take_apart(value, name=_spell(path))
        return {
            "$": kind,
            **{key: encode(part, (*path, key), arrays) for key, part in parts.items()},
        }
    if is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        return _encode_mapping(value, path, arrays)
    if isinstance(value, Path):
        return str(value)
    raise InputError(
        f"{_spell(path)} must be made of numbers, strings, dates, arrays and pynapple objects, "
        "or of lists and mappings of them",
        got=f"a {type(value).__name__}",
        do="Convert it to one of these, or leave it out",
    )


def decode(tree: Any, arrays: Mapping[TreePath, np.ndarray]) -> Any:
    """Return the value that `encode` turned into `tree` and `arrays`.

    Parameters
    ----------
    tree : object
        What `encode` returned.
    arrays : mapping of tuple of str to ndarray
        The arrays that `encode` left out of the text, by their path.

    Raises
    ------
    FileFormatError
        If an array is missing, or the tree holds an unknown kind.
    """
    if isinstance(tree, list):
        return [decode(item, arrays) for item in tree]
    if not isinstance(tree, dict):
        return tree
    kind = tree.get("$")
    if kind is None:
        return {key: decode(item, arrays) for key, item in tree.items()}
    if kind == "array":
        return _decode_array(tree, arrays)
    parts = {key: decode(part, arrays) for key, part in tree.items() if key != "$"}
    if kind == "float":
        return float(parts["value"])
    if kind == "datetime":
        return datetime.fromisoformat(parts["value"])
    if kind == "tuple":
        return tuple(parts["items"])
    if kind == "mapping":
        return dict(parts["items"])
    from tripartite.core._series import put_together

    return put_together(kind, parts)


def fits_nwb(name: object) -> bool:
    """Say whether NWB allows this as the name of an object."""
    return (
        isinstance(name, str)
        and name.isprintable()
        and bool(name.strip(" ."))
        and not set(name) & set("/:")
    )


def _encode_mapping(value: Mapping[Any, Any], path: TreePath, arrays: Any) -> Any:
    if all(type(key) is str for key in value) and "$" not in value:
        return {key: encode(item, (*path, key), arrays) for key, item in value.items()}
    pairs = [list(pair) for pair in value.items()]
    items = [encode(pair, (*path, str(i)), arrays) for i, pair in enumerate(pairs)]
    return {"$": "mapping", "items": items}


def _encode_array(array: np.ndarray, path: TreePath, arrays: Any) -> Any:
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    node: dict[str, Any] = {"$": "array", "dtype": array.dtype.str, "shape": list(array.shape)}
    kind = array.dtype.kind
    if kind in "mMc":
        return {**node, "as": encode(_as_numbers(array), path, arrays)}
    # Tables and series without rows stay in the text: what checks NWB files fails on them.
    if arrays is not None and array.size and (array.size > SMALL or _has_place(path)):
        if kind in "biuf":
            arrays[path] = array
            return {**node, "path": list(path)}
        if kind in "OU" and array.ndim == 1 and _are_texts(array):
            missing = {i: text for i, text in enumerate(array) if not isinstance(text, str)}
            texts = ["" if i in missing else text for i, text in enumerate(array)]
            arrays[path] = np.array(texts, dtype=object)
            return {**node, "path": list(path), "missing": encode(missing, path)}
    if kind in "biufOU":
        return {**node, "values": encode(array.ravel().tolist(), path)}
    raise InputError(f"{_spell(path)} must have an ordinary dtype", got=array.dtype)


def _decode_array(node: dict[str, Any], arrays: Mapping[TreePath, np.ndarray]) -> np.ndarray:
    dtype, shape = np.dtype(node["dtype"]), tuple(node["shape"])
    if "as" in node:
        return np.ascontiguousarray(decode(node["as"], arrays)).view(dtype).reshape(shape)
    if "path" in node:
        path = tuple(node["path"])
        if path not in arrays:
            raise FileFormatError("Every array that the file names must be in it", got=_spell(path))
        values = np.asarray(arrays[path]).astype(dtype)
        for i, text in decode(node.get("missing", {}), arrays).items():
            values[i] = text
        return values.reshape(shape)
    values = np.empty(len(node["values"]), dtype)
    for i, item in enumerate(decode(node["values"], arrays)):
        values[i] = item  # one by one, so that lists within an object array stay lists
    return values.reshape(shape)


def _as_numbers(array: np.ndarray) -> np.ndarray:
    """Return dates as integers, and complex numbers as pairs of floats."""
    if array.dtype.kind == "c":
        return np.ascontiguousarray(array)[..., None].view(f"f{array.dtype.itemsize // 2}")
    return array.view(np.int64)


def _are_texts(array: np.ndarray) -> bool:
    """Say whether a file can hold these as strings: some text, else only missing values."""
    texts = [text for text in array if isinstance(text, str)]
    others = [text for text in array if not isinstance(text, str)]
    return bool(texts) and all(map(_fits_hdf5, texts)) and all(map(_is_missing, others))


def _fits_hdf5(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _has_place(path: TreePath) -> bool:
    """Say whether files have a table or a series for this part of a recording."""
    in_table = path[0] in ("spikes", "intervals", "trials")
    return in_table or (path[0] in ("signals", "events") and len(path) == 3)


def _spell(path: TreePath) -> str:
    return ".".join(path) or "the value"
