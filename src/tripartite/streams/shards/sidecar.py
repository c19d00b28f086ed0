"""The sidecar of a shard: its index in a file beside it, believed only as far as it can be checked.

A sidecar ``frames-000000.tar.idx`` is msgpack followed by its own XXH3. It is used as it is when
the length and the modification time of the shard are those it was made for. When they differ (a
copied file, a damaged one), the shard is walked again, and the checksums of the samples are kept
for those with the same key: bytes that changed then show as an error.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeGuard

import msgspec
import numpy as np
import xxhash

from tripartite.errors import FileFormatError
from tripartite.files import write_whole
from tripartite.streams.shards.index import ShardIndex
from tripartite.streams.shards.tar import BLOCK

SUFFIX = ".idx"
MAX_BYTES = 1 << 30
_NO_HASH = 1
"""A checksum that no bytes have, as far as anybody will ever see."""


class _Sidecar(msgspec.Struct, kw_only=True):
    format: Literal["tripartite-index-1"] = "tripartite-index-1"
    n_bytes: int
    mtime_ns: int
    extensions: list[str]
    keys: bytes
    first: bytes
    start: bytes
    size: bytes
    extension: bytes
    hashes: bytes | None
    n_ignored: int


def sidecar_path(shard: str | Path) -> Path:
    """Return where the sidecar of a local shard lies."""
    return Path(f"{shard}{SUFFIX}")


def save_sidecar(index: ShardIndex, shard: str | Path) -> bool:
    """Write the sidecar of a local shard; return False where the folder cannot be written."""
    data = encode_sidecar(index, os.stat(shard).st_mtime_ns)
    try:
        write_whole(sidecar_path(shard), data)
    except OSError:
        return False
    return True


def encode_sidecar(index: ShardIndex, mtime_ns: int) -> bytes:
    """Return an index as the bytes of a sidecar."""
    data = msgspec.msgpack.encode(
        _Sidecar(
            n_bytes=index.n_bytes,
            mtime_ns=mtime_ns,
            extensions=list(index.extensions),
            keys=index.packed_keys,
            first=index.first.astype("<i8").tobytes(),
            start=index.start.astype("<i8").tobytes(),
            size=index.size.astype("<i8").tobytes(),
            extension=index.extension.astype("<u2").tobytes(),
            hashes=None if index.hashes is None else index.hashes.astype("<u8").tobytes(),
            n_ignored=index.n_ignored,
        )
    )
    return data + xxhash.xxh3_64_digest(data)


def decode_sidecar(data: bytes) -> tuple[ShardIndex, int]:
    """Return the index in the bytes of a sidecar, and the modification time that it was made for.

    Raises
    ------
    FileFormatError
        If the bytes are no sidecar, or describe places that cannot be.
    """
    body, digest = data[:-8], data[-8:]
    if len(data) > MAX_BYTES or xxhash.xxh3_64_digest(body) != digest:
        raise FileFormatError("A sidecar ends with its own checksum", f"{len(data)} other bytes")
    try:
        stored = msgspec.msgpack.decode(body, type=_Sidecar)
        index = ShardIndex(
            n_bytes=stored.n_bytes,
            first=np.frombuffer(stored.first, "<i8"),
            start=np.frombuffer(stored.start, "<i8"),
            size=np.frombuffer(stored.size, "<i8"),
            extension=np.frombuffer(stored.extension, "<u2"),
            extensions=tuple(stored.extensions),
            packed_keys=stored.keys,
            hashes=None if stored.hashes is None else np.frombuffer(stored.hashes, "<u8"),
            n_ignored=stored.n_ignored,
            trusted=False,
        )
        n_keys = len(index.keys)
    except (msgspec.MsgspecError, ValueError) as error:
        raise FileFormatError("A sidecar is msgpack of known fields", error) from error
    if not _is_possible(index, n_keys):
        raise FileFormatError(
            "A sidecar describes samples that lie in the shard, one after another"
        )
    return index, stored.mtime_ns


def _is_possible(index: ShardIndex, n_keys: int) -> bool:
    n_members = len(index.start)
    return (
        len(index.first) == n_keys + 1
        and len(index.size) == len(index.extension) == n_members
        and (index.hashes is None or len(index.hashes) == n_members)
        and index.first[0] == 0
        and index.first[-1] == n_members
        and bool(np.all(np.diff(index.first) > 0))
        and bool(np.all((index.size >= 0) & (index.size <= index.n_bytes)))
        and bool(np.all((index.start >= BLOCK) & (index.start <= index.n_bytes)))
        and bool(np.all(index.start % BLOCK == 0))
        and bool(np.all(index.start[1:] >= index.start[:-1] + index.size[:-1]))
        and (n_members == 0 or bool(index.start[-1] + index.size[-1] <= index.n_bytes))
        and (n_members == 0 or int(index.extension.max()) < len(index.extensions))
    )


def load_sidecar(shard: str, n_bytes: int, mtime_ns: int) -> tuple[ShardIndex | None, bool]:
    """Return the index in a shard's sidecar, whatever file it was made for.

    Returns
    -------
    index : ShardIndex or None
        None if there is no sidecar, or it is damaged.
    current : bool
        True if it was made for a shard of this length and time.
    """
    try:
        path = sidecar_path(shard)
        if path.stat().st_size > MAX_BYTES:
            return None, False
        index, made_for = decode_sidecar(path.read_bytes())
    except (OSError, FileFormatError):
        return None, False
    return index, (index.n_bytes, made_for) == (n_bytes, mtime_ns)


def knows_rest(stored: ShardIndex | None, walked: ShardIndex) -> TypeGuard[ShardIndex]:
    """Tell whether a stored index leads safely past the damage where the walk of a shard ended.

    It does if it was made for a shard that is as long and begins with the same samples, and has a
    checksum of every sample: then nothing that lies elsewhere now can pass for one.
    """
    if stored is None or stored.hashes is None or stored.n_bytes != walked.n_bytes:
        return False
    places = stored.start[: len(walked.start)]
    same = np.array_equal(places, walked.start) and stored.keys[: len(walked)] == walked.keys
    return same and bool(stored.hashes.all())


def adopt_hashes(walked: ShardIndex, stored: ShardIndex | None) -> ShardIndex:
    """Return a walked index with the checksums that a stored one has for samples of the same key.

    A shard that was cut, or of which a part is destroyed, keeps the checksums of the other samples.
    A sample with other members than the stored one was changed, and is expected to fail.
    """
    if stored is None or stored.hashes is None:
        return walked
    known: dict[str, Any] = {}
    for key, place, members in stored.samples():
        # Of samples that share a key, none can be told apart.
        known[key] = None if key in known else (members, stored.hashes[place])
    hashes = np.zeros(len(walked.start), np.uint64)
    for key, place, members in walked.samples():
        expected = known.get(key)
        if expected is not None:
            hashes[place] = expected[1] if expected[0] == members else _NO_HASH
    return replace(walked, hashes=hashes) if hashes.any() else walked
