"""Schemas: what the fields of a sample hold, for people and as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from typing import Any

import numpy as np

from tripartite.streams.samples.annotations import record_kind_of
from tripartite.streams.samples.array_kind import Array, ArrayKind
from tripartite.streams.samples.kinds import AnyKind, Kind, ListKind, MapKind, ScalarKind
from tripartite.streams.samples.record_kind import Field, RecordKind


@dataclass(frozen=True)
class Schema:
    """The fields of a sample type.

    Parameters
    ----------
    name : str
        Name of the type.
    fields : tuple of Field
        Its fields, in order.

    Examples
    --------
    >>> from tripartite.streams import packable
    >>> @packable
    ... class Trace:
    ...     animal: str
    ...     rate: float = 10.0
    >>> print(schema_of(Trace))
    Trace
      animal  str
      rate    float  (default 10.0)
    """

    name: str
    fields: tuple[Field, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the fields."""
        return tuple(f.name for f in self.fields)

    def __getitem__(self, name: str) -> Field:
        return {f.name: f for f in self.fields}[name]

    def __str__(self) -> str:
        width = max((len(name) for name in self.names), default=0)
        lines = [f"  {f.name:<{width}}  {f.kind.describe()}{_default_text(f)}" for f in self.fields]
        return "\n".join([self.name, *lines])

    def __repr__(self) -> str:
        return str(self)

    def to_json_schema(self) -> dict[str, Any]:
        """Return the schema as JSON Schema (draft 2020-12)."""
        record = RecordKind(object, self.fields).json_schema() | {"title": self.name}
        return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | record


def schema_of(sample_type: type) -> Schema:
    """Return the schema of a sample type.

    Parameters
    ----------
    sample_type : type
        A dataclass with storable fields.

    Raises
    ------
    SchemaError
        If it is no such class.
    """
    fields = record_kind_of(sample_type).fields
    return Schema(sample_type.__name__, fields)


def infer_schema(sample: Any) -> Schema:
    """Return the schema that a schema-free sample shows.

    Parameters
    ----------
    sample : mapping
        One sample.
    """
    if is_dataclass(sample):
        return schema_of(type(sample))
    values = sample if isinstance(sample, Mapping) else {"value": sample}
    fields = (Field(name, _kind_of_value(value)) for name, value in values.items())
    return Schema(type(sample).__name__, tuple(fields))


def _kind_of_value(value: Any) -> Kind:
    if isinstance(value, np.ndarray):
        return ArrayKind(
            promise=Array(value.dtype.str if value.dtype.names is None else None, value.shape)
        )
    if isinstance(value, (bool, int, float, str, bytes, type(None))):
        return ScalarKind(type(value))
    if isinstance(value, Mapping):
        return MapKind(AnyKind())
    return ListKind(AnyKind()) if isinstance(value, list) else AnyKind()


def _default_text(f: Field) -> str:
    return "" if f.default is None else f"  (default {f.default()!r})"
