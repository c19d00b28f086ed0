"""Samples: dataclasses that pack to bytes, and the schema-free sample."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, dataclass_transform

from tripartite.streams.samples.annotations import record_kind_of

C = TypeVar("C", bound=type)


@dataclass_transform()
def packable(cls: C) -> C:
    """Make a class a sample type: a dataclass whose fields can be stored.

    Parameters
    ----------
    cls : type
        A class with annotated fields; a class that is a dataclass already stays as it is. Arrays
        are annotated ``NDArray``, ``NDArray[np.uint8]``, ``np.ndarray``, ``Optional[...]``,
        ``... | None``, or ``Annotated[NDArray, Array(...)]``.

    Returns
    -------
    type
        The dataclass.

    Raises
    ------
    SchemaError
        If a field cannot be stored; the message names it.

    Examples
    --------
    >>> import numpy as np
    >>> from numpy.typing import NDArray
    >>> @packable
    ... class Frame:
    ...     image: NDArray[np.uint8]
    ...     metadata: dict | None = None
    >>> Frame(np.zeros((2, 2), np.uint8)).metadata is None
    True
    """
    sample_type = cls if "__dataclass_fields__" in cls.__dict__ else dataclasses.dataclass(cls)
    # Annotations may name classes that stand beside this one inside a function.
    record_kind_of(sample_type, sys._getframe(1).f_locals)
    return sample_type


class DictSample(Mapping[str, Any]):
    """A sample without a declared type: fields by name, arrays decoded.

    Fields are read as items or as attributes. In a WebDataset shard a field is named like the end
    of its file, ``"image.npy"``; the part before the dot, ``image``, finds it too.

    Parameters
    ----------
    values : mapping of str to object
        The fields.

    Examples
    --------
    >>> sample = DictSample({"image.npy": [1, 2], "cls": 3})
    >>> sample["cls"], sample.image
    (3, [1, 2])
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> Any:
        if name in self._values:
            return self._values[name]
        longer = [full for full in self._values if full.partition(".")[0] == name]
        if len(longer) == 1:
            return self._values[longer[0]]
        raise KeyError(name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            fields = ", ".join(self._values)
            raise AttributeError(f"This sample has no field {name!r}; it has {fields}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"DictSample({', '.join(f'{k}={_brief(v)}' for k, v in self._values.items())})"

    def __reduce__(self) -> tuple[Any, ...]:
        return DictSample, (self._values,)


def _brief(value: Any) -> str:
    if hasattr(value, "dtype"):
        return f"<{value.dtype} array {value.shape}>"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
