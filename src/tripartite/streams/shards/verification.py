"""Verification: every sample of a dataset decoded, every problem named with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tripartite.errors import FileFormatError, RemoteError, SchemaError, ShardError
from tripartite.streams.samples.codec import Codec, Extra, codec_of
from tripartite.streams.samples.sample import DictSample
from tripartite.streams.shards.shard import Shard, ShardOptions, open_shard
from tripartite.streams.shards.sources import Source, find_shards


@dataclass(frozen=True)
class ShardReport:
    """What the verification of a shard found.

    Parameters
    ----------
    shard : str
        Path or URL.
    n_samples : int
        Samples that were found in it.
    n_checked_bytes : int
        How many bytes of samples were decoded.
    has_checksums : bool
        True if each sample was compared with a checksum noted when it was written; without
        them, changed values that are still an array of the same shape cannot be seen.
    problems : tuple of ShardError
        What is wrong, with key and offset.
    """

    shard: str
    n_samples: int
    n_checked_bytes: int
    has_checksums: bool
    problems: tuple[ShardError, ...]


def verify(
    source: Source,
    sample_type: type = DictSample,
    *,
    extra: Extra = "error",
    options: ShardOptions | None = None,
) -> Iterator[ShardReport]:
    """Yield a report of each shard, after decoding all of its samples.

    Parameters
    ----------
    source : str, path, or iterable of them
        See `tripartite.streams.shards.sources.find_shards`.
    sample_type : type, optional
        Type that the samples have to fit.
    extra : {"error", "ignore"}
        What becomes of stored fields that the type does not have.
    options : ShardOptions, optional
        How shards are opened, e.g. with known checksums.
    """
    options = replace(options or ShardOptions(), tolerant=True, believes_sidecars=False)
    codec = codec_of(sample_type, extra)
    for name in find_shards(source, options.remote, tolerant=True):
        try:
            shard = open_shard(name, options)
        except (ShardError, RemoteError) as error:
            problem = (
                error
                if isinstance(error, ShardError)
                else ShardError(error.must, error.got, error.do, shard=name)
            )
            yield ShardReport(name, 0, 0, False, (problem,))
            continue
        problems = [] if shard.problem is None else [shard.problem]
        problems += _check(shard, codec)
        if not len(shard) and not problems:
            problems = [ShardError("A shard holds at least one sample", "none", shard=name)]
        n_bytes = int(shard.index.size.sum())
        has_checksums = shard.index.hashes is not None
        yield ShardReport(name, len(shard), n_bytes, has_checksums, tuple(problems))


def _check(shard: Shard, codec: Codec) -> Iterator[ShardError]:
    for row in range(len(shard)):
        try:
            data = shard.read(row)
            if isinstance(data, memoryview):
                codec.decode(data, copy=False)
            else:
                codec.decode_members(data)
        except (FileFormatError, SchemaError) as error:
            yield shard.locate(error, row)
