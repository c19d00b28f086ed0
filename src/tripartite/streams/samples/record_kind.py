"""Records in samples: a dataclass as named fields, each of its own kind."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field
from functools import cached_property
from typing import Any

import msgspec

from tripartite.errors import FileFormatError, SchemaError
from tripartite.streams.samples.kinds import Kind, Parts, container_head, pack_field


@dataclass(frozen=True)
class Field:
    """A named value in a record.

    Parameters
    ----------
    name : str
        Name of the field.
    kind : Kind
        What it holds.
    default : callable, optional
        Makes the value of a stored sample that lacks the field; None where it must be there.
    """

    name: str
    kind: Kind
    default: Callable[[], Any] | None = None

    @property
    def required(self) -> bool:
        """True if a stored sample must have this field."""
        return self.default is None


@dataclass(frozen=True)
class RecordKind:
    """A dataclass whose fields are of known kinds."""

    type: type
    fields: tuple[Field, ...]
    _structs: dict[bool, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def wire_types(self) -> tuple[type, ...]:
        return (msgspec.Struct,)

    @cached_property
    def checks_itself(self) -> bool:
        """True if the dataclass checks or changes its values when it is made."""
        return getattr(self.type, "__post_init__", None) is not None

    def wire(self, *, strict: bool) -> Any:
        """Return a struct with these fields; a missing optional field stays unset."""
        if strict not in self._structs:
            fields = [
                (f.name, f.kind.wire(strict=strict))
                if f.required
                else (f.name, f.kind.wire(strict=strict) | msgspec.UnsetType, msgspec.UNSET)
                for f in self.fields
            ]
            self._structs[strict] = msgspec.defstruct(
                self.type.__name__, fields, kw_only=True, forbid_unknown_fields=strict, gc=False
            )
        return self._structs[strict]

    def accepts(self, value: Any) -> bool:
        return isinstance(value, self.type)

    def pack(self, out: Parts, value: Any, name: str) -> None:
        if not self.accepts(value):
            raise SchemaError(f"{name!r} is a {self.type.__name__}", type(value).__name__)
        out.add_raw(container_head(len(self.fields), is_map=True))
        for f in self.fields:
            out.add_value(f.name)
            pack_field(f.kind, out, getattr(value, f.name), f.name)

    def pack_mapping(self, out: Parts, values: Mapping[str, Any], *, strict: bool) -> None:
        """Append the record with these values, checked like those of a sample."""
        unknown = [key for key in values if key not in {f.name for f in self.fields}]
        missing = [f.name for f in self.fields if f.required and f.name not in values]
        if missing or (unknown and strict):
            raise SchemaError(
                f"{self.type.__name__} has the fields {', '.join(f.name for f in self.fields)}",
                f"{'without ' + ', '.join(missing) if missing else 'also ' + ', '.join(unknown)}",
                None if missing else 'Pass extra="ignore" to read the others only',
            )
        present = [f for f in self.fields if f.name in values]
        out.add_raw(container_head(len(present), is_map=True))
        for f in present:
            out.add_value(f.name)
            pack_field(f.kind, out, values[f.name], f.name)

    def unpack(self, value: Any, *, copy: bool) -> Any:
        values: dict[str, Any] = {}
        for f in self.fields:
            item = getattr(value, f.name)
            if item is not msgspec.UNSET:
                values[f.name] = self._unpack_field(f, item, copy=copy)
        return self.build(values)

    def _unpack_field(self, f: Field, item: Any, *, copy: bool) -> Any:
        try:
            return f.kind.unpack(item, copy=copy)
        except (FileFormatError, SchemaError) as error:
            error.add_note(f"in field {f.name!r} of {self.type.__name__}")
            raise

    def build(self, values: dict[str, Any]) -> Any:
        """Return the user's record; what its own checks say becomes an error of the sample."""
        try:
            return self.type(**values)
        except Exception as error:
            raise SchemaError(
                f"{self.type.__name__} takes the stored values", repr(error)
            ) from error

    def describe(self) -> str:
        return self.type.__name__

    def json_schema(self) -> dict[str, Any]:
        properties = {f.name: f.kind.json_schema() for f in self.fields}
        for f in self.fields:
            default = f.default() if f.default else MISSING
            if isinstance(default, (bool, int, float, str, type(None))):
                properties[f.name] = properties[f.name] | {"default": default}
        return {
            "title": self.type.__name__,
            "type": "object",
            "properties": properties,
            "required": [f.name for f in self.fields if f.required],
            "additionalProperties": False,
        }


def default_of(f: dataclasses.Field[Any]) -> Callable[[], Any] | None:
    """Return what makes the default of a dataclass field, None where there is no default."""
    if f.default_factory is not MISSING:
        return f.default_factory
    return None if f.default is MISSING else lambda: f.default
