"""Lens laws, checked on samples."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tripartite.errors import InputError, LensLawError
from tripartite.streams.lenses import Lens


def check_lens_laws(lens: Lens[Any, Any], samples: Iterable[Any]) -> int:
    """Check GetPut, PutGet and PutPut of a lens on samples.

    The view of each sample is put into the next one, so two different samples say more than one.

    Parameters
    ----------
    lens : Lens
        A lens with a putter.
    samples : iterable
        Samples of its source type.

    Returns
    -------
    int
        How many comparisons were made.

    Raises
    ------
    LensLawError
        If a law does not hold; the message names the law, the sample and the first field that
        differs.
    LensError
        If the lens has no putter.
    InputError
        If there are no samples.

    Examples
    --------
    >>> halves = Lens(int, int, lambda s: s // 2, lambda v, s: 2 * v + s % 2)
    >>> check_lens_laws(halves, [4, 7])
    6
    """
    sources = list(samples)
    untouched = copy.deepcopy(sources)
    if not sources:
        raise InputError("The laws of a lens are checked on at least one sample", "none")
    views = [lens.get(source) for source in sources]
    n_checks = 0
    for i, source in enumerate(sources):
        _compare(lens, "GetPut", i, lens.put(views[i], source), source)
        # Views of other samples, where there are any: a sample's own, put back, changes nothing.
        first, second = views[i - 1], views[(i - 2) % len(views)]
        put = lens.put(first, source)
        _compare(lens, "PutGet", i, lens.get(put), first)
        _compare(lens, "PutPut", i, lens.put(second, put), lens.put(second, source))
        n_checks += 3
    for i, (source, before) in enumerate(zip(sources, untouched, strict=True)):
        _compare(lens, "Leaving its arguments as they are", i, source, before)
    return n_checks


def _compare(lens: Lens[Any, Any], law: str, i: int, found: Any, expected: Any) -> None:
    where = first_difference(found, expected)
    if where is not None:
        raise LensLawError(
            f"{law} holds for {lens!r}",
            f"sample {i} differs{where}",
            "See tripartite.streams.lenses for the laws",
        )


def first_difference(a: Any, b: Any, where: str = "") -> str | None:
    """Return where two values differ first, None if they are equal: arrays by value, NaN to NaN.

    Parameters
    ----------
    a, b : object
        Values of samples.
    where : str
        What to say before the place.
    """
    if dataclasses.is_dataclass(a) and type(a) is type(b):
        names = [f.name for f in dataclasses.fields(a)]
        pairs = [(f" in field {name!r}", getattr(a, name), getattr(b, name)) for name in names]
    elif isinstance(a, Mapping) and isinstance(b, Mapping) and a.keys() == b.keys():
        pairs = [(f" at {key!r}", a[key], b[key]) for key in a]
    elif isinstance(a, (list, tuple)) and type(a) is type(b) and len(a) == len(b):
        pairs = [(f" at item {i}", x, y) for i, (x, y) in enumerate(zip(a, b, strict=True))]
    elif isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        same = a.dtype == b.dtype and a.shape == b.shape and _same_elements(a, b)
        return None if same else where or " in its array"
    else:
        both_nan = isinstance(a, float) and isinstance(b, float) and a != a and b != b
        return (
            None if both_nan or (type(a) is type(b) and bool(a == b)) else where or " in its value"
        )
    differences = (first_difference(x, y, where + place) for place, x, y in pairs)
    return next((place for place in differences if place is not None), None)


def _same_elements(a: np.ndarray, b: np.ndarray) -> bool:
    if a.dtype.names:
        return all(_same_elements(a[name], b[name]) for name in a.dtype.names)
    return np.array_equal(a, b, equal_nan=a.dtype.kind in "fcmM")
