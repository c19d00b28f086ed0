"""Batches: samples side by side, one column per field."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, Literal, TypeVar

import numpy as np

from tripartite.errors import InputError
from tripartite.streams.samples.sample import DictSample

T = TypeVar("T")
Ragged = Literal["list", "pad"]


class Batch(Generic[T]):
    """Samples side by side: ``batch.<field>`` is an array or a list with one row per sample.

    Arrays of equal shape and dtype are stacked along a new first axis. All else is a list: numbers,
    text, arrays of different shapes, arrays of which some are None. With ``ragged="pad"`` such
    arrays are padded at the end of each axis (NaN for floating types, zero or empty for others),
    and ``batch.masks[field]`` is True where there are data. Arrays that no padding makes equal, of
    different dtypes or numbers of axes, stay a list. A field named like an attribute of the batch
    (``masks``, ``samples``, ...) takes its place.

    Parameters
    ----------
    sample_type : type
        Type of the samples.
    columns : mapping of str to (ndarray or list)
        One column per field.
    masks : mapping of str to ndarray of bool, optional
        Of the padded columns.
    """

    __slots__ = ("_columns", "_masks", "_sample_type")

    def __init__(
        self,
        sample_type: type[T],
        columns: Mapping[str, Any],
        masks: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        self._sample_type = sample_type
        self._columns = dict(columns)
        self._masks = dict(masks or {})

    @property
    def sample_type(self) -> type[T]:
        """Type of the samples."""
        return self._sample_type

    @property
    def columns(self) -> dict[str, Any]:
        """Columns by the name of their field."""
        return self._columns

    @property
    def masks(self) -> dict[str, np.ndarray]:
        """Where padded columns hold data, by the name of their field."""
        return self._masks

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_") and name in self._columns:
            return self._columns[name]
        return super().__getattribute__(name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        fields = ", ".join(self._columns)
        raise AttributeError(f"This batch has no field {name!r}; it has {fields}")

    def __getitem__(self, name: str) -> Any:
        return self._columns[name]

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()), ()))

    @property
    def samples(self) -> list[T]:
        """The samples, one by one (not of a padded batch: padding is not data)."""
        return self._rows()

    def _rows(self) -> list[T]:
        if self._masks:
            raise InputError("A padded batch holds no samples", do='Read with ragged="list"')
        rows = (
            # Not column[i]: a row of a stack of 0-d arrays is an array too.
            {k: c[i, ...] if isinstance(c, np.ndarray) else c[i] for k, c in self._columns.items()}
            for i in range(len(self))
        )
        if self._sample_type is DictSample:
            return [DictSample(row) for row in rows]  # type: ignore[misc]
        return [self._sample_type(**row) for row in rows]

    def __iter__(self) -> Iterator[T]:
        return iter(self._rows())

    def __repr__(self) -> str:
        columns = ", ".join(
            f"{name}={column.dtype}{list(column.shape)}"
            if isinstance(column, np.ndarray)
            else f"{name}=list[{len(column)}]"
            for name, column in self._columns.items()
        )
        return f"Batch[{self._sample_type.__name__}]({columns})"

    def __reduce__(self) -> tuple[Any, ...]:
        # A class inside a function cannot be named in another process; the columns can do without.
        sample_type = self._sample_type if can_travel(self._sample_type) else DictSample
        return Batch, (sample_type, self._columns, self._masks)


def can_travel(cls: type) -> bool:
    """Tell whether another process finds a class by its name."""
    found: Any = sys.modules.get(cls.__module__)
    for name in cls.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is cls


def collate(samples: Sequence[Any], *, ragged: Ragged = "list") -> Any:
    """Return samples as one batch; also the ``collate_fn`` of a torch ``DataLoader``.

    Parameters
    ----------
    samples : sequence
        Samples of one type. Dataclasses and mappings become a batch, bare arrays are stacked,
        tuples become a tuple of columns, anything else comes back as a list.
    ragged : {"list", "pad"}
        What becomes of arrays with different shapes.

    Returns
    -------
    Batch, ndarray, tuple or list

    Examples
    --------
    >>> collate([DictSample({"x": np.zeros(2)}), DictSample({"x": np.ones(2)})]).x.shape
    (2, 2)
    """
    first = samples[0] if len(samples) else None
    if isinstance(first, Mapping):
        names = list(dict.fromkeys(name for sample in samples for name in sample))
        rows = [[sample.get(name) for name in names] for sample in samples]
    elif dataclasses.is_dataclass(first):
        names = [f.name for f in dataclasses.fields(first)]
        rows = [[getattr(sample, name) for name in names] for sample in samples]
    elif isinstance(first, tuple) and len({len(sample) for sample in samples}) == 1:
        return tuple(stack(list(column)) for column in zip(*samples, strict=True))
    else:
        return stack(list(samples))
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    sample_type: Any = DictSample if isinstance(first, Mapping) else type(first)
    return make_batch(sample_type, {k: stack(v) for k, v in columns.items()}, ragged=ragged)


def make_batch(sample_type: type[T], columns: dict[str, Any], *, ragged: Ragged) -> Batch[T]:
    """Return a batch of columns, ragged ones padded where that is asked for."""
    masks: dict[str, np.ndarray] = {}
    if ragged == "pad":
        for name, column in columns.items():
            if isinstance(column, list) and any(isinstance(item, np.ndarray) for item in column):
                # An epoch does not end because two arrays cannot be made equal: they stay a list.
                with contextlib.suppress(InputError, MemoryError):
                    columns[name], masks[name] = pad(column)
    return Batch(sample_type, columns, masks)


def stack(items: list[Any]) -> Any:
    """Return arrays of one shape and dtype as one array, anything else as it came."""
    first = items[0] if items else None
    if isinstance(first, np.ndarray) and all(
        isinstance(item, np.ndarray) and item.shape == first.shape and item.dtype == first.dtype
        for item in items
    ):
        return np.stack(items, dtype=first.dtype)  # or it would change the byte order
    return items


def pad(items: Sequence[np.ndarray | None]) -> tuple[np.ndarray, np.ndarray]:
    """Return ragged arrays as one array, and where it holds data.

    Parameters
    ----------
    items : sequence of ndarray or None
        Arrays with the same number of axes; None becomes a row without data.

    Returns
    -------
    padded : ndarray of shape (n_items, longest, ...)
        NaN (floating types), zero or empty beyond the data.
    mask : ndarray of bool, same shape
        True where there are data.

    Raises
    ------
    InputError
        If the arrays differ in their number of axes, or have no common dtype.
    """
    arrays = [item for item in items if item is not None]
    if len({a.ndim for a in arrays}) != 1:
        raise InputError(
            "Padded arrays have the same number of axes",
            sorted({a.ndim for a in arrays}),
            'Read with ragged="list"',
        )
    if len({a.dtype.kind for a in arrays}) != 1:
        # numpy would find a common dtype for most: 2**53 + 1 becomes 2.0**53, and 1 becomes "1".
        raise InputError(
            "Padded arrays have dtypes of one kind",
            ", ".join(sorted({str(a.dtype) for a in arrays})),
            'Read with ragged="list"',
        )
    try:
        dtype = np.result_type(*(a.dtype for a in arrays))
    except TypeError as error:
        raise InputError(
            "Padded arrays have a common dtype", error, 'Read with ragged="list"'
        ) from error
    shape = (
        len(items),
        *(max(lengths) for lengths in zip(*(a.shape for a in arrays), strict=True)),
    )
    padded = np.full(shape, np.nan, dtype) if dtype.kind in "fc" else np.zeros(shape, dtype)
    mask = np.zeros(shape, bool)
    for row, item in enumerate(items):
        if item is not None:
            place = (row, *(slice(n) for n in item.shape))
            padded[place], mask[place] = item, True
    return padded, mask
