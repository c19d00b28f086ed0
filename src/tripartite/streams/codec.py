"""Codecs: how samples of one type become bytes and come back, one by one or as batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal, Protocol

import msgspec
import numpy as np

from tripartite.errors import FileFormatError, SchemaError
from tripartite.streams.array_kind import ArrayKind
from tripartite.streams.arrays import Layout, decode_array, is_array
from tripartite.streams.batches import Batch, Ragged, collate, make_batch
from tripartite.streams.kinds import AnyKind, Parts, container_head, read_extension
from tripartite.streams.members import decode_members
from tripartite.streams.record_kind import Field, RecordKind
from tripartite.streams.samples import DictSample, kind_of_sample

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

    def decode_batch(self, payloads: Sequence[memoryview], *, ragged: Ragged) -> Batch[Any]:
        """Return several samples, their arrays written once, into the batch."""
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
    return TypedCodec(kind_of_sample(sample_type), strict=extra == "error")


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
        self._kind = kind
        self._strict = strict
        self._decoder = msgspec.msgpack.Decoder(kind.wire(strict=strict), ext_hook=read_extension)

    def encode(self, sample: Any, layout: Layout) -> list[Any]:
        out = Parts(layout)
        self._kind.pack(out, sample, self._kind.type.__name__)
        return out.finish()

    def decode(self, payload: memoryview, *, copy: bool = True) -> Any:
        return self._kind.unpack(self._read(payload), copy=copy)

    def decode_members(self, members: Members) -> Any:
        values = {name.partition(".")[0]: value for name, value in decode_members(members).items()}
        # Through the packed form, so that the values meet the same checks as stored ones.
        out = Parts("npy")
        self._kind.pack_mapping(out, values, strict=self._strict)
        return self.decode(memoryview(b"".join(out.finish())))

    def decode_batch(self, payloads: Sequence[memoryview], *, ragged: Ragged) -> Batch[Any]:
        rows = [self._read(payload) for payload in payloads]
        columns = {
            f.name: _column(f, [getattr(row, f.name) for row in rows]) for f in self._kind.fields
        }
        return make_batch(self._kind.type, columns, ragged=ragged)

    def _read(self, payload: memoryview) -> Any:
        try:
            return self._decoder.decode(payload)
        except msgspec.ValidationError as error:
            unknown = "unknown field" in str(error)
            raise SchemaError(
                f"A stored sample fits {self._kind.type.__name__}",
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
                out.add_array(value)
            else:
                AnyKind().pack(out, value, name)
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

    def decode_batch(self, payloads: Sequence[memoryview], *, ragged: Ragged) -> Batch[DictSample]:
        # Views are enough: the batch copies them.
        return collate([self.decode(payload, copy=False) for payload in payloads], ragged=ragged)


def _decode_nested(value: Any) -> Any:
    if isinstance(value, bytes):
        view = memoryview(value)
        return decode_array(view) if is_array(view) else value
    if isinstance(value, dict):
        return {key: _decode_nested(item) for key, item in value.items()}
    return [_decode_nested(item) for item in value] if isinstance(value, list) else value


def _not_msgpack(error: Exception) -> FileFormatError:
    return FileFormatError("A packed sample is one msgpack map", str(error))


def _column(f: Field, items: list[Any]) -> Any:
    if isinstance(f.kind, ArrayKind) and msgspec.UNSET not in items:
        stacked = _stack_views(f.kind, items)
        if stacked is not None:
            return stacked
    missing = f.default or (lambda: None)
    return [
        missing() if item is msgspec.UNSET else f.kind.unpack(item, copy=True) for item in items
    ]


def _stack_views(kind: ArrayKind, views: list[memoryview]) -> np.ndarray | None:
    headers = [kind.read_header(view) for view in views]
    first = headers[0]
    if any(h is not first and (h.shape, h.dtype) != (first.shape, first.dtype) for h in headers):
        return None
    out = np.empty((len(views), *first.shape), first.dtype)
    if any(h.fortran for h in headers):
        for i, view in enumerate(views):
            out[i] = decode_array(view, copy=False)
    elif first.nbytes:
        flat = out.reshape(-1).view(np.uint8).data
        stop = 0
        for view, header in zip(views, headers, strict=True):
            start, stop = stop, stop + first.nbytes
            flat[start:stop] = view[header.start :]
    return out
