"""Inspection: what shards and fields hold, measured on the samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from tripartite.streams.samples.codec import PACKED
from tripartite.streams.shards.servers import Remote
from tripartite.streams.shards.shard import ShardOptions, open_shard
from tripartite.streams.shards.sources import Source, find_shards


@dataclass(frozen=True)
class ShardSummary:
    """What a shard holds.

    Parameters
    ----------
    shard : str
        Path or URL.
    n_samples : int
        Samples in it.
    n_bytes : int
        Its length.
    form : str
        ``"packed"`` (one msgpack member a sample) or the extensions of its members.
    n_ignored : int
        Members that belong to no sample.
    has_checksums : bool
        True if each sample is compared with a checksum when it is read.
    """

    shard: str
    n_samples: int
    n_bytes: int
    form: str
    n_ignored: int
    has_checksums: bool


@dataclass(frozen=True)
class FieldSummary:
    """What a field holds.

    Parameters
    ----------
    name : str
        Name of the field.
    kinds : mapping of str to int
        What the values were (``"uint8 array"``, ``"str"``, ``"None"``, ...), and how often.
    shape : str
        Shape of the arrays, ``"(256, 81..645)"`` where an axis varies; empty without arrays.
    """

    name: str
    kinds: Mapping[str, int]
    shape: str


def summarise_shards(source: Source, remote: Remote | None = None) -> Iterator[ShardSummary]:
    """Yield what each shard holds.

    Parameters
    ----------
    source : str, path, or iterable of them
        See `tripartite.streams.shards.sources.find_shards`.
    remote : Remote, optional
        How remote shards are read.
    """
    options = ShardOptions(remote=remote or Remote())
    for name in find_shards(source, options.remote):
        index = open_shard(name, options).index
        is_packed = index.extensions in ((), (PACKED,))
        yield ShardSummary(
            shard=name,
            n_samples=len(index),
            n_bytes=index.n_bytes,
            form="packed" if is_packed else ", ".join(index.extensions),
            n_ignored=index.n_ignored,
            has_checksums=index.hashes is not None,
        )


def summarise_fields(samples: Iterable[Any]) -> list[FieldSummary]:
    """Return what the fields of some samples hold.

    Parameters
    ----------
    samples : iterable of dataclass instances or mappings
        The samples.
    """
    kinds: dict[str, Counter[str]] = {}
    shapes: dict[str, set[tuple[int, ...]]] = {}
    for sample in samples:
        for name, value in _items(sample):
            kinds.setdefault(name, Counter())[_kind_text(value)] += 1
            if isinstance(value, np.ndarray):
                shapes.setdefault(name, set()).add(value.shape)
    return [
        FieldSummary(name, dict(seen.most_common()), _shape_text(shapes.get(name, set())))
        for name, seen in kinds.items()
    ]


def _items(sample: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(sample, Mapping):
        return sample.items()
    if is_dataclass(sample):
        return ((f.name, getattr(sample, f.name)) for f in fields(sample))
    return [("value", sample)]


def _kind_text(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype} array"
    return "None" if value is None else type(value).__name__


def _shape_text(shapes: set[tuple[int, ...]]) -> str:
    if len({len(shape) for shape in shapes}) != 1:
        return f"{len(shapes)} shapes" if shapes else ""
    axes = [
        f"{min(n)}" if min(n) == max(n) else f"{min(n)}..{max(n)}"
        for n in zip(*shapes, strict=True)
    ]
    return f"({', '.join(axes)})"
