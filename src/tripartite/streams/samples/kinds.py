"""The kinds of values that a sample can hold, each with its way to bytes and back.

A kind is one node in the tree that a sample's annotations make. It packs a value into msgpack and
names the type that the msgpack decoder shall check (its `wire` type), so that reading checks
everything at the decoder's speed and arrays arrive as views of the shard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Literal, Protocol

import msgspec
import numpy as np

from tripartite.errors import FileFormatError, SchemaError
from tripartite.streams.samples.arrays import Layout, decode_array, encode_array

ARRAY_EXTENSION = 0x4E
"""Code of the msgpack extension that marks an array inside an untyped dict or list."""

MAX_DEPTH = 100
_encode_into = msgspec.msgpack.Encoder().encode_into


class Parts:
    """Pieces of a packed sample: msgpack text, and views of the arrays between it.

    The arrays are not copied: what is written to a shard are the caller's own bytes.
    """

    __slots__ = ("_pieces", "_text", "layout")

    def __init__(self, layout: Layout) -> None:
        self.layout: Layout = layout
        self._pieces: list[Any] = []
        self._text = bytearray()

    def add_value(self, value: Any) -> None:
        """Append a value that msgpack knows."""
        _encode_into(value, self._text, -1)

    def add_raw(self, data: bytes) -> None:
        """Append bytes that are msgpack already."""
        self._text += data

    def add_array(self, array: np.ndarray) -> None:
        """Append an array as a msgpack binary."""
        header, elements = encode_array(array, self.layout)
        self._text += binary_head(len(header) + len(elements)) + header
        self._pieces += [self._text, elements]
        self._text = bytearray()

    def finish(self) -> list[Any]:
        """Return the pieces in order."""
        return [*self._pieces, self._text] if self._text else self._pieces


def binary_head(n_bytes: int) -> bytes:
    """Return what stands before a msgpack binary of `n_bytes`."""
    if n_bytes < 1 << 8:
        return b"\xc4" + n_bytes.to_bytes(1, "big")
    if n_bytes < 1 << 16:
        return b"\xc5" + n_bytes.to_bytes(2, "big")
    if n_bytes < 1 << 32:
        return b"\xc6" + n_bytes.to_bytes(4, "big")
    raise SchemaError("An array in a sample takes less than 4 GiB", f"{n_bytes} bytes", "Split it")


def container_head(n_items: int, *, is_map: bool) -> bytes:
    """Return what stands before a msgpack map or array of `n_items`."""
    if n_items < 16:
        return bytes([(0x80 if is_map else 0x90) | n_items])
    if n_items < 1 << 16:
        return (b"\xde" if is_map else b"\xdc") + n_items.to_bytes(2, "big")
    return (b"\xdf" if is_map else b"\xdd") + n_items.to_bytes(4, "big")


class Kind(Protocol):
    """What every kind can do."""

    @property
    def wire_types(self) -> tuple[type, ...]:
        """Python types in which the decoder hands such values over."""
        ...

    def wire(self, *, strict: bool) -> Any:
        """Return the type that the decoder checks; `strict` refuses unknown fields."""
        ...

    def accepts(self, value: Any) -> bool:
        """Tell whether `value` looks like this kind (the choice within a union)."""
        ...

    def pack(self, out: Parts, value: Any, name: str) -> None:
        """Append `value`, called `name` in errors."""
        ...

    def unpack(self, value: Any, *, copy: bool) -> Any:
        """Return the user's value for a decoded one."""
        ...

    def describe(self) -> str:
        """Return the kind in a few words."""
        ...

    def json_schema(self) -> dict[str, Any]:
        """Return the kind as JSON Schema."""
        ...


def _refuse(kind: Kind, value: Any, name: str) -> SchemaError:
    got = f"{type(value).__name__} {value!r}"
    return SchemaError(
        f"Field {name!r} holds {kind.describe()}", got if len(got) < 120 else got[:117] + "..."
    )


@dataclass(frozen=True)
class ScalarKind:
    """A bool, int, float, str, bytes or None."""

    type: type

    @property
    def wire_types(self) -> tuple[type, ...]:
        return (self.type, int) if self.type is float else (self.type,)

    def wire(self, *, strict: bool) -> Any:
        return self.type

    def accepts(self, value: Any) -> bool:
        # Not isinstance: a bool is no int to a scientist, and an enum would come back as text.
        return type(_plain_number(value)) in self.wire_types

    def pack(self, out: Parts, value: Any, name: str) -> None:
        if not self.accepts(value):
            raise _refuse(self, value, name)
        value = _plain_number(value)
        if self.type is int and not -(1 << 63) <= value < 1 << 64:
            raise SchemaError(
                f"Field {name!r} holds integers of at most 64 bits", value, "Store it as str"
            )
        out.add_value(value if value is None else self.type(value))

    def unpack(self, value: Any, *, copy: bool) -> Any:
        return value

    def describe(self) -> str:
        return "None" if self.type is type(None) else self.type.__name__

    def json_schema(self) -> dict[str, Any]:
        names = {
            bool: "boolean",
            int: "integer",
            float: "number",
            str: "string",
            type(None): "null",
        }
        if self.type is bytes:
            return {"type": "string", "contentEncoding": "base64"}
        return {"type": names[self.type]}


@dataclass(frozen=True)
class LiteralKind:
    """One of a few values."""

    options: tuple[Any, ...]

    @property
    def wire_types(self) -> tuple[type, ...]:
        return tuple({type(option) for option in self.options})

    def wire(self, *, strict: bool) -> Any:
        return Literal[self.options]

    def accepts(self, value: Any) -> bool:
        value = _plain_number(value)
        return any(type(value) is type(option) and value == option for option in self.options)

    def pack(self, out: Parts, value: Any, name: str) -> None:
        if not self.accepts(value):
            raise _refuse(self, value, name)
        out.add_value(_plain_number(value))

    def unpack(self, value: Any, *, copy: bool) -> Any:
        return value

    def describe(self) -> str:
        return "one of " + ", ".join(repr(option) for option in self.options)

    def json_schema(self) -> dict[str, Any]:
        return {"enum": list(self.options)}


@dataclass(frozen=True)
class ListKind:
    """A list or tuple of any length, all items of one kind."""

    item: Kind
    type: type = list

    @property
    def wire_types(self) -> tuple[type, ...]:
        return (self.type,)

    def wire(self, *, strict: bool) -> Any:
        item = self.item.wire(strict=strict)
        return tuple[item, ...] if self.type is tuple else list[item]

    def accepts(self, value: Any) -> bool:
        return isinstance(value, (list, tuple))

    def pack(self, out: Parts, value: Any, name: str) -> None:
        if not self.accepts(value):
            raise _refuse(self, value, name)
        out.add_raw(container_head(len(value), is_map=False))
        for i, item in enumerate(value):
            self.item.pack(out, item, f"{name}[{i}]")

    def unpack(self, value: Any, *, copy: bool) -> Any:
        return self.type(self.item.unpack(item, copy=copy) for item in value)

    def describe(self) -> str:
        return f"{self.type.__name__} of {self.item.describe()}"

    def json_schema(self) -> dict[str, Any]:
        return {"type": "array", "items": self.item.json_schema()}


@dataclass(frozen=True)
class TupleKind:
    """A tuple of fixed length."""

    items: tuple[Kind, ...]
    wire_types = (tuple,)

    def wire(self, *, strict: bool) -> Any:
        return tuple[tuple(item.wire(strict=strict) for item in self.items)]

    def accepts(self, value: Any) -> bool:
        return isinstance(value, (list, tuple)) and len(value) == len(self.items)

    def pack(self, out: Parts, value: Any, name: str) -> None:
        if not self.accepts(value):
            raise _refuse(self, value, name)
        out.add_raw(container_head(len(value), is_map=False))
        for i, (kind, item) in enumerate(zip(self.items, value, strict=True)):
            kind.pack(out, item, f"{name}[{i}]")

    def unpack(self, value: Any, *, copy: bool) -> Any:
        return tuple(k.unpack(item, copy=copy) for k, item in zip(self.items, value, strict=True))

    def describe(self) -> str:
        return "tuple of " + ", ".join(item.describe() for item in self.items)

    def json_schema(self) -> dict[str, Any]:
        items = [item.json_schema() for item in self.items]
        return {
            "type": "array",
            "prefixItems": items,
            "minItems": len(items),
            "maxItems": len(items),
        }


@dataclass(frozen=True)
class MapKind:
    """A dict with text keys, all values of one kind."""

    value: Kind
    wire_types = (dict,)

    def wire(self, *, strict: bool) -> Any:
        return dict[str, self.value.wire(strict=strict)]

    def accepts(self, value: Any) -> bool:
        return isinstance(value, Mapping)

    def pack(self, out: Parts, value: Any, name: str) -> None:
        if not self.accepts(value):
            raise _refuse(self, value, name)
        out.add_raw(container_head(len(value), is_map=True))
        for key, item in value.items():
            out.add_value(_text_key(key, name))
            self.value.pack(out, item, f"{name}[{key!r}]")

    def unpack(self, value: Any, *, copy: bool) -> Any:
        if isinstance(self.value, AnyKind):
            return value
        return {key: self.value.unpack(item, copy=copy) for key, item in value.items()}

    def describe(self) -> str:
        return "dict" if isinstance(self.value, AnyKind) else f"dict of {self.value.describe()}"

    def json_schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": self.value.json_schema()}


@dataclass(frozen=True)
class UnionKind:
    """One of several kinds."""

    options: tuple[Kind, ...]

    @property
    def wire_types(self) -> tuple[type, ...]:
        return tuple(t for option in self.options for t in option.wire_types)

    def wire(self, *, strict: bool) -> Any:
        return reduce(or_, (option.wire(strict=strict) for option in self.options))

    def accepts(self, value: Any) -> bool:
        return any(option.accepts(value) for option in self.options)

    def pack(self, out: Parts, value: Any, name: str) -> None:
        for option in self.options:
            if option.accepts(value):
                return option.pack(out, value, name)
        raise _refuse(self, value, name)

    def unpack(self, value: Any, *, copy: bool) -> Any:
        for option in self.options:
            if isinstance(value, option.wire_types):
                return option.unpack(value, copy=copy)
        raise FileFormatError(f"A stored value is {self.describe()}", type(value).__name__)

    def describe(self) -> str:
        return " | ".join(option.describe() for option in self.options)

    def json_schema(self) -> dict[str, Any]:
        return {"anyOf": [option.json_schema() for option in self.options]}


@dataclass(frozen=True)
class AnyKind:
    """Whatever msgpack can hold, and arrays."""

    wire_types = (object,)

    def wire(self, *, strict: bool) -> Any:
        return Any

    def accepts(self, value: Any) -> bool:
        return True

    def pack(self, out: Parts, value: Any, name: str) -> None:
        out.add_value(_plain(value, out.layout, name, MAX_DEPTH))

    def unpack(self, value: Any, *, copy: bool) -> Any:
        return value

    def describe(self) -> str:
        return "anything"

    def json_schema(self) -> dict[str, Any]:
        return {}


def read_extension(code: int, data: memoryview) -> np.ndarray:
    """Return the array in a msgpack extension (the decoder's hook)."""
    if code != ARRAY_EXTENSION:
        raise FileFormatError(
            f"The only msgpack extension in a sample is {ARRAY_EXTENSION:#x}", hex(code)
        )
    return decode_array(data)


def _plain_number(value: Any) -> Any:
    # Of times and of long doubles, item() gives numbers that mean something else, or none.
    known = isinstance(value, np.generic) and value.dtype.kind in "biufSU"
    return value.item() if known else value


def pack_field(kind: Kind, out: Parts, value: Any, name: str) -> None:
    """Append the value of a field; whatever cannot be stored is refused by the field's name."""
    try:
        kind.pack(out, value, name)
    except (UnicodeEncodeError, OverflowError) as error:
        raise SchemaError(f"Field {name!r} can be written as UTF-8 and 64 bits", error) from error
    except SchemaError as error:
        if repr(name) in error.must or f"{name}[" in error.must:
            raise
        raise SchemaError(f"Field {name!r}: {error.must}", error.got, error.do) from error


def _text_key(key: Any, name: str) -> str:
    if not isinstance(key, str):
        raise SchemaError(
            f"The keys of {name!r} are text",
            repr(key),
            "Other readers refuse other keys: use str(key)",
        )
    return key


def _plain(value: Any, layout: Layout, name: str, depth: int) -> Any:
    """Return `value` with arrays marked as such, after checking that nothing would change type."""
    value = _plain_number(value)
    if type(value) in (str, bool, float, int, bytes, type(None)):
        if isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
            raise SchemaError(
                f"{name!r} holds integers of at most 64 bits", value, "Store it as str"
            )
        return value
    if isinstance(value, np.ndarray):
        header, elements = encode_array(value, layout)
        return msgspec.msgpack.Ext(ARRAY_EXTENSION, header + bytes(elements))
    if depth == 0:
        raise SchemaError(f"{name!r} is nested at most {MAX_DEPTH} levels deep")
    if isinstance(value, Mapping):
        return {
            _text_key(key, name): _plain(item, layout, f"{name}[{key!r}]", depth - 1)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_plain(item, layout, f"{name}[{i}]", depth - 1) for i, item in enumerate(value)]
    raise SchemaError(
        f"{name!r} holds None, bool, int, float, str, bytes, arrays, lists and dicts of these",
        f"{type(value).__name__}",
        "Convert it first, e.g. a date to text with .isoformat()",
    )
