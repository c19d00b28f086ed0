"""Indexing: sidecars with checksums, for shards that were written without them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import xxhash

from tripartite.errors import InputError, ShardError, WriteError
from tripartite.streams.shards.compressed import is_compressed
from tripartite.streams.shards.index import ShardIndex, build_index
from tripartite.streams.shards.local import LocalFile
from tripartite.streams.shards.servers import is_remote
from tripartite.streams.shards.sidecar import adopt_hashes, load_sidecar, save_sidecar, sidecar_path
from tripartite.streams.shards.sources import Source, find_shards


def index_shards(
    source: Source, *, accept_changes: bool = False
) -> Iterator[tuple[str, ShardIndex]]:
    """Write the sidecar of each local shard anew, with a checksum of every sample.

    From then on each sample is compared with its checksum when it is read.

    Parameters
    ----------
    source : str, path, or iterable of them
        See `tripartite.streams.shards.sources.find_shards`.
    accept_changes : bool
        Take samples that differ from the checksums noted before for changed on purpose.

    Yields
    ------
    shard : str
        Path of a shard, once its sidecar is written.
    index : ShardIndex
        What is in it.

    Raises
    ------
    InputError
        If a shard is remote or compressed.
    ShardError
        If a shard is damaged, or a sample does not have the checksum noted before.
    WriteError
        If its folder cannot be written.
    """
    for name in find_shards(source):
        if is_remote(name) or is_compressed(name):
            raise InputError(
                "Sidecars are written beside local, uncompressed shards",
                name,
                "Copy it here first, or run: tripartite data convert",
            )
        path = name.removeprefix("file://")
        file = LocalFile(path, name)
        index, problem = build_index(file)
        if problem is not None:
            raise problem
        places = zip(index.start.tolist(), index.size.tolist(), strict=True)
        hashes = [xxhash.xxh3_64_intdigest(file.view(start, size)) for start, size in places]
        index = replace(index, hashes=np.array(hashes, np.uint64))
        if not accept_changes:
            _check_unchanged(index, file)
        if not save_sidecar(index, path):
            raise WriteError("The folder of a shard takes its sidecar", sidecar_path(path))
        yield name, index


def _check_unchanged(index: ShardIndex, file: LocalFile) -> None:
    """Raise at the first sample that differs from what its old sidecar notes."""
    stored, _ = load_sidecar(file.name.removeprefix("file://"), file.n_bytes, file.mtime_ns)
    noted = adopt_hashes(replace(index, hashes=None), stored).hashes
    if noted is None or index.hashes is None:
        return
    changed = np.flatnonzero((noted != 0) & (noted != index.hashes))
    if len(changed):
        row = int(index.first.searchsorted(changed[0], side="right")) - 1
        raise ShardError(
            "A sample has the checksum that was noted before",
            "another one: the bytes were damaged, or changed on purpose",
            "Fetch the shard again; for a change on purpose, index with --accept-changes",
            shard=file.name,
            key=index.keys[row],
            offset=int(index.start[changed[0]]),
        )
