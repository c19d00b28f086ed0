"""From the values that scripts pass to one value, or one array, for some nodes or connections."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from tripartite.networks.distributions import Distribution
from tripartite.networks.pynest._kernel import kernel
from tripartite.networks.pynest.errors import BadIndex, BadType


def per_item(params: Mapping[str, Any], n: int, whole: Collection[str] = ()) -> dict[str, Any]:
    """Return values as they are, or as arrays where items differ.

    Parameters
    ----------
    params : mapping of str to object
        Values by name: numbers, lists and arrays with one entry each, or random parameters.
    n : int
        Number of nodes or connections.
    whole : collection of str
        Names of what takes a list as one value.
    """
    return {name: _per_item(name, value, n, name in whole) for name, value in params.items()}


def _per_item(name: str, value: Any, n: int, is_whole: bool) -> Any:
    if isinstance(value, Distribution):
        return value.draw(n, kernel.next_stream())
    if is_whole or isinstance(value, str) or not is_list(value):
        return value.item() if isinstance(value, np.generic) else value
    if len(value) != n:
        raise BadIndex(
            f"{name} must be one value or one for each of {n}", got=f"{len(value)} values"
        )
    numbers = np.asarray(value)
    return numbers if numbers.ndim == 1 and numbers.dtype.kind in "iufb" else _objects(value)


def _objects(values: Sequence[Any]) -> np.ndarray:
    objects = np.empty(len(values), dtype=object)
    objects[:] = [*values]
    return objects


def is_list(value: Any) -> bool:
    """Return whether a value is a list, a tuple or an array with an axis.

    Parameters
    ----------
    value : object
        Value that a script passed.
    """
    return isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim > 0)


def merged(params: Any, n: int) -> list[tuple[slice, Mapping[str, Any]]]:
    """Return what a script sets: one dictionary for all, or dictionaries for parts.

    A list of dictionaries that name the same is turned into one dictionary of lists.

    Parameters
    ----------
    params : mapping, or sequence of mapping
        What is set: for all, or for each of `n`.
    n : int
        Number of nodes or connections.
    """
    if isinstance(params, Mapping):
        return [(slice(0, n), params)]
    if not is_list(params) or not all(isinstance(each, Mapping) for each in params):
        raise BadType(
            "Parameters must be a dictionary, or a list of dictionaries", got=repr(params)
        )
    if len(params) == 1:
        return [(slice(0, n), params[0])]
    if len(params) != n:
        raise BadType(
            f"A list of dictionaries must have one for each of {n}", got=f"{len(params)} of them"
        )
    names = params[0].keys()
    plain = all(
        each.keys() == names and not any(is_list(value) for value in each.values())
        for each in params
    )
    if plain:
        return [(slice(0, n), {name: [each[name] for each in params] for name in names})]
    return [(slice(k, k + 1), each) for k, each in enumerate(params)]


def given_out(table: Mapping[str, Sequence[Any]], index: Sequence[int], output: str) -> Any:
    """Return a table in the form that a script asks for.

    Parameters
    ----------
    table : mapping of str to sequence
        Columns, or single values.
    index : sequence of int
        What the rows are named by.
    output : {"pandas", "json"}
        Form.
    """
    if output == "json":
        return json.dumps(table, default=lambda value: np.asarray(value).tolist())
    if output != "pandas":
        raise BadType("output must be 'pandas' or 'json'", got=repr(output))
    import pandas as pd

    columns = {name: values if len(index) > 1 else [values] for name, values in table.items()}
    return pd.DataFrame({k: list(v) for k, v in columns.items()}, index=list(index))
