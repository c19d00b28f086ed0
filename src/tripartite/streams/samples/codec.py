"""Codecs: how samples of one type become bytes and come back, one by one or as batches."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal, Protocol

import msgspec
import numpy as np

from tripartite.errors import FileFormatError, SchemaError
from tripartite.streams.samples.annotations import record_kind_of
from tripartite.streams.samples.array_kind import ArrayKind
from tripartite.streams.samples.arrays import Layout, decode_array, is_array
from tripartite.streams.samples.batches import Batch, Ragged, collate, make_batch
from tripartite.streams.samples.columns import column_of
from tripartite.streams.samples.kinds import (
    AnyKind,
    Parts,
    container_head,
    pack_field,
    read_extension,
)
from tripartite.streams.samples.members import decode_members
from tripartite.streams.samples.record_kind import RecordKind
from tripartite.streams.samples.sample import DictSample

Extra = Literal["error", "ignore"]
Members = Mapping[str, memoryview]
PACKED = "msgpack"
"""The extension of a member that holds a whole sample."""
_BINARY = (0xC4, 0xC5, 0xC6)  # msgpack's first bytes of a binary


class Codec(Protocol):
    """What reads and writes the samples of one type."""

    def encode(self, sample: Any, layout: Layout) -> list[Any]:
        """Return the sample as msgpack, in pieces; arrays are views of the caller's."""
        ...

    def decode(self, payload: memoryview, *, copy: bool = True) -> Any:
        """Return the sample in msgpack bytes; ``copy=False`` leaves its arrays views of them."""
        ...

    def decode_members(self, members: Members) -> Any:
        """Return the sample of a plain WebDataset shard."""
        ...

    def batcher(self, n_rows: int) -> Batcher:
        """Return an empty batch with room for some samples."""
        ...


class Batcher(Protocol):
    """A batch that is being filled."""

    def add(self, data: memoryview | Members) -> None:
        """Append a sample; if that raises, the batch is as it was."""
        ...

    def finish(self, ragged: Ragged) -> Batch[Any]:
        """Return the batch."""
        ...


@lru_cache(maxsize=256)
def codec_of(sample_type: type, extra: Extra = "error") -> Codec:
    """Return the codec of a sample type.

    Parameters
    ----------
    sample_type : type
        A dataclass, or `DictSample` (or ``dict``) for samples without a declared type.
    extra : {"error", "ignore"}
        What becomes of stored fields that the type does not have.
    """
    if issubclass(sample_type, (DictSample, dict)):
        return DictCodec()
    return TypedCodec(record_kind_of(sample_type), strict=extra == "error")


class TypedCodec:
    """The codec of a dataclass.

    Parameters
    ----------
    kind : RecordKind
        The dataclass with its fields.
    strict : bool
        Refuse stored fields that the dataclass does not have.
    """

    def __init__(self, kind: RecordKind, *, strict: bool) -> None:
        self.kind = kind
        self._strict = strict
        self._decoder = msgspec.msgpack.Decoder(kind.wire(strict=strict), ext_hook=read_extension)

    def __reduce__(self) -> tuple[Any, ...]:
        # Workers of a data loader make their own: decoders do not travel.
        return codec_of, (self.kind.type, "error" if self._strict else "ignore")

    def encode(self, sample: Any, layout: Layout) -> list[Any]:
        out = Parts(layout)
        self.kind.pack(out, sample, self.kind.type.__name__)
        return out.finish()

    def decode(self, payload: memoryview, *, copy: bool = True) -> Any:
        return self.kind.unpack(self.read_wire(payload), copy=copy)

    def decode_members(self, members: Members) -> Any:
        values: dict[str, Any] = {}
        for name, value in decode_members(members).items():
            field = name.partition(".")[0]
            if field in values:
                raise SchemaError(
                    "A field is one member of a sample",
                    f"several for {field!r}: {', '.join(members)}",
                )
            values[field] = value
        # Through the packed form, so that the values meet the same checks as stored ones.
        out = Parts("npy")
        self.kind.pack_mapping(out, values, strict=self._strict)
        return self.decode(memoryview(b"".join(out.finish())))

    def batcher(self, n_rows: int) -> Batcher:
        return TypedBatcher(self, n_rows)

    def read_wire(self, payload: memoryview) -> Any:
        """Return the fields as the decoder gives them, their types checked."""
        try:
            return self._decoder.decode(payload)
        except msgspec.ValidationError as error:
            unknown = "unknown field" in str(error)
            raise SchemaError(
                f"A stored sample fits {self.kind.type.__name__}",
                error,
                'Pass extra="ignore" to leave unknown fields out' if unknown else None,
            ) from error
        except (msgspec.DecodeError, RecursionError, ValueError) as error:
            raise _not_msgpack(error) from error


class DictCodec:
    """The codec of samples without a declared type."""

    _decoder = msgspec.msgpack.Decoder(dict[str, msgspec.Raw])
    _view_decoder = msgspec.msgpack.Decoder(memoryview)
    _value_decoder = msgspec.msgpack.Decoder(ext_hook=read_extension)

    def encode(self, sample: Any, layout: Layout) -> list[Any]:
        out = Parts(layout)
        out.add_raw(container_head(len(sample), is_map=True))
        for name, value in sample.items():
            if not isinstance(name, str):
                raise SchemaError("The fields of a sample have names", repr(name))
            out.add_value(name)
            if isinstance(value, np.ndarray):
                pack_field(ArrayKind(), out, value, name)
            else:
                pack_field(AnyKind(), out, value, name)
        return out.finish()

    def decode(self, payload: memoryview, *, copy: bool = True) -> DictSample:
        try:
            fields = self._decoder.decode(payload)
            return DictSample({name: self._value(raw, copy=copy) for name, raw in fields.items()})
        except (msgspec.DecodeError, RecursionError, ValueError) as error:
            if isinstance(error, FileFormatError):
                raise
            raise _not_msgpack(error) from error

    def _value(self, raw: msgspec.Raw, *, copy: bool) -> Any:
        data = memoryview(raw)
        if data[0] not in _BINARY:
            return _decode_nested(self._value_decoder.decode(data))
        view = self._view_decoder.decode(data)
        return decode_array(view, copy=copy) if is_array(view) else bytes(view)

    def decode_members(self, members: Members) -> DictSample:
        return DictSample(decode_members(members))

    def batcher(self, n_rows: int) -> Batcher:
        return DictBatcher(self)


class TypedBatcher:
    """A batch of dataclasses that is being filled: arrays are copied once, into the batch."""

    def __init__(self, codec: TypedCodec, n_rows: int) -> None:
        self._codec = codec
        self._columns = {f.name: column_of(f, n_rows) for f in codec.kind.fields}
        self._items = list(self._columns.items())
        self._n_rows = 0

    def add(self, data: memoryview | Members) -> None:
        row = self._n_rows
        codec = self._codec
        if not isinstance(data, memoryview):
            self._put_sample(row, codec.decode_members(data))
        elif codec.kind.checks_itself:
            self._put_sample(row, codec.decode(data))
        else:
            fields, name = codec.read_wire(data), ""
            try:
                for name, column in self._items:
                    column.put(row, getattr(fields, name))
            except (FileFormatError, SchemaError) as error:
                error.add_note(f"in field {name!r} of {codec.kind.type.__name__}")
                raise
        self._n_rows = row + 1

    def _put_sample(self, row: int, sample: Any) -> None:
        for name, column in self._items:
            column.put_value(row, getattr(sample, name))

    def finish(self, ragged: Ragged) -> Batch[Any]:
        columns = {name: column.finish(self._n_rows) for name, column in self._items}
        return make_batch(self._codec.kind.type, columns, ragged=ragged)


class DictBatcher:
    """A batch of schema-free samples that is being filled."""

    def __init__(self, codec: DictCodec) -> None:
        self._codec = codec
        self._samples: list[DictSample] = []

    def add(self, data: memoryview | Members) -> None:
        # Views are enough: the batch copies them.
        decode = self._codec.decode
        is_packed = isinstance(data, memoryview)
        sample = decode(data, copy=False) if is_packed else self._codec.decode_members(data)
        self._samples.append(sample)

    def finish(self, ragged: Ragged) -> Batch[DictSample]:
        return collate(self._samples, ragged=ragged)


def _decode_nested(value: Any) -> Any:
    if isinstance(value, bytes):
        view = memoryview(value)
        return decode_array(view) if is_array(view) else value
    if isinstance(value, dict):
        return {key: _decode_nested(item) for key, item in value.items()}
    return [_decode_nested(item) for item in value] if isinstance(value, list) else value


def _not_msgpack(error: Exception) -> FileFormatError:
    return FileFormatError("A packed sample is one msgpack map", str(error))


def pack(sample: Any, layout: Layout = "npy") -> bytes:
    """Return a sample as msgpack bytes.

    Parameters
    ----------
    sample : dataclass instance or mapping
        The sample; its fields are checked against its type.
    layout : {"npy", "compact"}
        How arrays are written.

    Raises
    ------
    SchemaError
        If a field does not hold what its annotation says.
    """
    return b"".join(codec_of(type(sample)).encode(sample, layout))


def unpack(sample_type: type[Any], data: bytes) -> Any:
    """Return the sample of a type from its msgpack bytes.

    Parameters
    ----------
    sample_type : type
        A sample type, or `DictSample`.
    data : bytes
        What `pack` returned.

    Raises
    ------
    FileFormatError
        If the bytes are no sample of this type.
    """
    return codec_of(sample_type).decode(memoryview(data))
