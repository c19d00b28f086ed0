"""Arrays in samples: what an annotation may promise about them, and the kind that keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tripartite.errors import SchemaError
from tripartite.streams.samples.arrays import (
    ArrayHeader,
    array_at,
    check_length,
    header_bytes,
    read_header,
)
from tripartite.streams.samples.kinds import Parts

_MAX_KNOWN_HEADERS = 4096


@dataclass(frozen=True)
class Array:
    """What an array in a sample promises: element type, axes and unit.

    Parameters
    ----------
    dtype : str, optional
        numpy name of the element type, e.g. ``"float32"``; any byte order fits.
    shape : tuple of str, int or None, optional
        One entry per axis: its name, its fixed length, or None for any.
    unit : str
        Unit of the elements, as it should be printed.

    Examples
    --------
    >>> from typing import Annotated
    >>> from numpy.typing import NDArray
    >>> Image = Annotated[NDArray, Array("uint8", ("y", "x"), unit="a.u.")]
    """

    dtype: str | None = None
    shape: tuple[str | int | None, ...] | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        if self.dtype is not None:
            try:
                np.dtype(self.dtype)
            except TypeError as error:
                raise SchemaError(
                    "dtype is a numpy name such as 'float32'", repr(self.dtype)
                ) from error


@dataclass(frozen=True)
class ArrayKind:
    """An array, with the promises of its annotation.

    Parameters
    ----------
    scalar_type : type
        numpy scalar type that the elements must be (``numpy.generic`` for any).
    promise : Array
        Declared axes and unit.
    """

    scalar_type: type[np.generic] = np.generic
    promise: Array = Array()
    # Headers that were found to keep the promise, so that each distinct one is checked once.
    _known: dict[bytes, ArrayHeader] = field(default_factory=dict, compare=False, repr=False)
    wire_types = (memoryview,)

    def wire(self, *, strict: bool) -> Any:
        return memoryview

    def accepts(self, value: Any) -> bool:
        return isinstance(value, np.ndarray)

    def pack(self, out: Parts, value: Any, name: str) -> None:
        if not self.accepts(value):
            raise SchemaError(
                f"Field {name!r} holds {self.describe()}",
                type(value).__name__,
                f"Pass {name}=numpy.asarray(...)",
            )
        self._check(value.dtype, value.shape, f"Field {name!r}")
        out.add_array(value)

    def unpack(self, value: Any, *, copy: bool) -> np.ndarray:
        return array_at(value, self.read_header(value), copy=copy)

    def read_header(self, buffer: memoryview) -> ArrayHeader:
        """Return the header of the array in `buffer` after checking it against the promise."""
        text = header_bytes(buffer)
        header = self._known.get(text)
        if header is None:
            header = read_header(buffer)
            self._check(header.dtype, header.shape, "A stored array")
            if len(self._known) >= _MAX_KNOWN_HEADERS:
                self._known.clear()
            self._known[text] = header
        else:
            check_length(buffer, header)
        return header

    def _check(self, dtype: np.dtype, shape: tuple[int, ...], name: str) -> None:
        promised = self.promise.dtype
        if promised is not None and dtype.newbyteorder("=") != np.dtype(promised).newbyteorder("="):
            raise SchemaError(
                f"{name} has dtype {promised}", f"dtype {dtype}", "Convert with array.astype(...)"
            )
        if not issubclass(dtype.type, self.scalar_type):
            raise SchemaError(
                f"{name} has dtype {self.scalar_type.__name__}",
                f"dtype {dtype}",
                "Convert with array.astype(...)",
            )
        axes = self.promise.shape
        if axes is not None and not _fits(shape, axes):
            raise SchemaError(f"{name} has shape ({_axes_text(axes)})", f"shape {shape}")

    def describe(self) -> str:
        dtype = self.promise.dtype or (
            "" if self.scalar_type is np.generic else self.scalar_type.__name__
        )
        axes = "" if self.promise.shape is None else f"({_axes_text(self.promise.shape)})"
        unit = f"[{self.promise.unit}]" if self.promise.unit else ""
        return " ".join(word for word in (dtype, "array", axes, unit) if word)

    def json_schema(self) -> dict[str, Any]:
        """Return the array as JSON Schema: an NPY stream in base64, with its promises beside it."""
        schema: dict[str, Any] = {
            "type": "string",
            "contentEncoding": "base64",
            "contentMediaType": "application/x-npy",
        }
        dtype = self.promise.dtype or (
            None if self.scalar_type is np.generic else self.scalar_type.__name__
        )
        promises = {
            "x-dtype": dtype,
            "x-unit": self.promise.unit or None,
            "x-shape": self.promise.shape,
        }
        return schema | {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in promises.items()
            if value is not None
        }


def _fits(shape: tuple[int, ...], axes: tuple[str | int | None, ...]) -> bool:
    if len(shape) != len(axes):
        return False
    lengths: dict[str, int] = {}
    for length, axis in zip(shape, axes, strict=True):
        if isinstance(axis, int) and length != axis:
            return False
        # An axis named twice, as in a covariance, has one length.
        if isinstance(axis, str) and lengths.setdefault(axis, length) != length:
            return False
    return True


def _axes_text(axes: tuple[str | int | None, ...]) -> str:
    return ", ".join("any" if axis is None else str(axis) for axis in axes)
