"""Shards: the samples of one archive, by position, every byte checked as far as it can be."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import xxhash

from tripartite.errors import (
    FileFormatError,
    InputError,
    RemoteError,
    RemoteShardError,
    SampleError,
    SchemaError,
    ShardError,
    TripartiteError,
)
from tripartite.files import write_whole
from tripartite.streams.samples.codec import PACKED
from tripartite.streams.shards.cache import remove_entry
from tripartite.streams.shards.compressed import decompress, is_compressed
from tripartite.streams.shards.index import ShardIndex, build_index
from tripartite.streams.shards.local import LocalFile, ShardFile
from tripartite.streams.shards.remote import RemoteFile
from tripartite.streams.shards.servers import Remote, is_remote
from tripartite.streams.shards.sidecar import (
    SUFFIX,
    adopt_hashes,
    decode_sidecar,
    encode_sidecar,
    knows_rest,
    load_sidecar,
    save_sidecar,
)
from tripartite.streams.shards.tar import BLOCK, says_size


@dataclass(frozen=True, kw_only=True)
class ShardOptions:
    """How shards are opened.

    Parameters
    ----------
    remote : Remote
        How remote ones are read.
    checksums : mapping of str to str
        SHA-256 (hexadecimal) by URL or by file name, checked when a shard is opened.
    tolerant : bool
        Keep what comes before the damage in a damaged shard, instead of raising.
    believes_sidecars : bool
        False walks every local shard, and takes only checksums from its sidecar.
    """

    remote: Remote = field(default_factory=Remote)
    checksums: Mapping[str, str] = field(default_factory=dict)
    tolerant: bool = False
    believes_sidecars: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.checksums, Mapping):
            raise InputError(
                "checksums= is a mapping of names of shards to their SHA-256",
                repr(self.checksums),
                'Pass e.g. {"frames-000000.tar": "9f86d0..."}',
            )

    def refuse_unused(self, names: Iterable[str]) -> None:
        """Raise if a known checksum is of none of these shards: it would never be checked."""
        known = {part for name in names for part in (name, name.rpartition("/")[2])}
        unused = [name for name in self.checksums if name not in known]
        if unused:
            raise InputError(
                "Each name in checksums= is a shard of the dataset",
                f"{len(unused)} others: {', '.join(map(repr, unused[:5]))}",
                "Use the URL or the file name of a shard, see Dataset.shards",
            )

    def checksum(self, name: str) -> str | None:
        """Return the known SHA-256 of a shard, None if it is not known."""
        known = self.checksums.get(name) or self.checksums.get(name.rpartition("/")[2])
        return known.removeprefix("sha256:").lower() if known else None


Data = memoryview | dict[str, memoryview]
_digest = xxhash.xxh3_64_intdigest


class Shard:
    """The samples of one archive.

    Parameters
    ----------
    file : ShardFile
        The archive.
    index : ShardIndex
        Where its samples lie.
    problem : ShardError, optional
        The damage that hides the rest of the archive.
    """

    def __init__(
        self, file: ShardFile, index: ShardIndex, problem: ShardError | None = None
    ) -> None:
        self.name = file.name
        self.index = index
        self.problem = problem
        self._file = file
        # Looked up once: these are asked for every sample.
        self._view, self._start, self._size = file.view, index.start.item, index.size.item
        self._hash = None if index.hashes is None else index.hashes.item
        self._is_packed = index.extensions == (PACKED,) and len(index) == len(index.start)

    def __len__(self) -> int:
        return len(self.index)

    def check_unchanged(self) -> None:
        """Raise if the file was changed since it was opened."""
        self._file.check_unchanged()

    def read(self, row: int) -> Data:
        """Return the bytes of a sample, after checking them as far as that is possible.

        Parameters
        ----------
        row : int
            Position in the shard.

        Returns
        -------
        memoryview or dict of str to memoryview
            A view of the packed sample, or the members by extension where there is more than that
            one.

        Raises
        ------
        ShardError
            If the bytes do not have their checksum, or do not lie where the index says.
        """
        if self._is_packed:
            return self._read_member(row)
        index = self.index
        members = {
            index.extensions[index.extension.item(i)]: self._read_member(i)
            for i in range(index.first.item(row), index.first.item(row + 1))
        }
        return members[PACKED] if list(members) == [PACKED] else members

    def _read_member(self, member: int) -> memoryview:
        start, size = self._start(member), self._size(member)
        data = self._view(start, size)
        expected = self._hash(member) if self._hash is not None else 0
        if expected:
            if _digest(data) != expected and not self._mends(start, size, expected):
                raise self._wrong_hash(start)
        elif not self.index.trusted:
            stated = bytes(self._view(start - BLOCK + 124, 12))
            if stated != b"%011o\0" % size and not says_size(stated, size):
                raise self._moved(start)
        return data

    def _mends(self, start: int, size: int, expected: int) -> bool:
        """Fetch bytes again, in case that the cache and not the shard is damaged."""
        file = self._file
        if not isinstance(file, RemoteFile) or not file.forget(start, size):
            return False
        return _digest(self._view(start, size)) == expected

    def _wrong_hash(self, start: int) -> ShardError:
        return ShardError(
            "A sample has the checksum that was noted when it was written",
            "another one: the bytes were damaged, or the shard was changed after it was indexed",
            "Fetch the shard again; if it was changed on purpose, run: tripartite data index "
            "--accept-changes SHARD",
            shard=self.name,
            key=self.key_at(start),
            offset=start,
        )

    def _moved(self, start: int) -> ShardError:
        return ShardError(
            "A sample lies where the index says",
            "no tar header of its size there",
            "Run: tripartite data index SHARD",
            shard=self.name,
            key=self.key_at(start),
            offset=start,
        )

    def key_at(self, start: int) -> str | None:
        """Return the key of the sample with a member that begins at this byte."""
        member = int(self.index.start.searchsorted(start))
        row = int(self.index.first.searchsorted(member, side="right")) - 1
        return self.index.keys[row] if 0 <= row < len(self) else None

    def locate(self, error: Exception, row: int) -> ShardError:
        """Return an error of a sample with its shard, key and offset."""
        if isinstance(error, ShardError) and error.shard is not None:
            return error
        kind = ShardError
        if isinstance(error, (SchemaError, RemoteError)):
            kind = SampleError if isinstance(error, SchemaError) else RemoteShardError
        must, got, do = (
            (error.must, error.got, error.do)
            if isinstance(error, TripartiteError)
            else ("A sample can be decoded", repr(error), None)
        )
        notes = "; ".join(getattr(error, "__notes__", ()))
        located = kind(
            must,
            f"{got} ({notes})" if notes else got,
            do,
            shard=self.name,
            key=self.index.keys[row],
            offset=int(self.index.start[self.index.first[row]]),
        )
        located.__cause__ = error
        return located


def open_shard(name: str, options: ShardOptions) -> Shard:
    """Open a shard: local, remote or compressed.

    Parameters
    ----------
    name : str
        Path or URL.
    options : ShardOptions
        How to open it.

    Raises
    ------
    ShardError
        If it is missing, damaged, or does not have its known checksum.
    RemoteError
        If a server does not give it.
    """
    file: ShardFile
    if is_remote(name):
        file = RemoteFile(name, options.remote)
        if is_compressed(name) or options.checksum(name):
            path = str(file.fetch_all())
            try:
                _check_sha256(path, name, options)
            except ShardError:
                remove_entry(file.folder)  # or the damage would be read from the cache for ever
                raise
            file = LocalFile(str(decompress(path, name)) if is_compressed(name) else path, name)
            return _open_cached(file, options)
        return _open_remote(file, options)
    path = name.removeprefix("file://")
    if os.path.exists(path) and not os.path.isfile(path):
        # Opening a pipe would wait for somebody to write into it.
        raise ShardError("A shard is a regular file", "a folder, pipe or device", shard=name)
    _check_sha256(path, name, options)
    if is_compressed(name):
        return _open_cached(LocalFile(str(decompress(path, name)), name), options)
    return _open_local(LocalFile(path, name), path, options)


def _open_local(file: LocalFile, path: str, options: ShardOptions) -> Shard:
    index, current = load_sidecar(path, file.n_bytes, file.mtime_ns)
    if index is not None and current and options.believes_sidecars:
        return Shard(file, index)
    walked, problem = _walk(file, options)
    if problem is not None and options.believes_sidecars and knows_rest(index, walked):
        return Shard(file, index)
    walked = adopt_hashes(walked, index)
    if problem is None and not current:
        save_sidecar(walked, path)
    return Shard(file, walked, problem)


def _open_cached(file: LocalFile, options: ShardOptions) -> Shard:
    return Shard(file, *_walk(file, options))


def _open_remote(file: RemoteFile, options: ShardOptions) -> Shard:
    kept = file.folder / "index"
    for data in (kept.read_bytes() if kept.exists() else None, file.fetch_beside(SUFFIX)):
        try:
            index = decode_sidecar(data)[0] if data else None
        except FileFormatError:
            continue
        if index is not None and index.n_bytes == file.n_bytes:
            return Shard(file, index)
    walked, problem = _walk(file, options)
    if problem is None and file.folder.exists():
        write_whole(kept, encode_sidecar(walked, 0))
    return Shard(file, walked, problem)


def _walk(file: ShardFile, options: ShardOptions) -> tuple[ShardIndex, ShardError | None]:
    index, problem = build_index(file)
    if problem is not None and not options.tolerant:
        raise problem
    return index, problem


def _check_sha256(path: str, name: str, options: ShardOptions) -> None:
    expected = options.checksum(name)
    if expected is None:
        return
    if len(expected) != 64:
        raise InputError("A checksum is a SHA-256 in hexadecimal, 64 digits", repr(expected))
    try:
        with open(path, "rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ShardError("The shard is a file that can be read", error, shard=name) from error
    if found != expected:
        raise ShardError(
            f"The shard has the SHA-256 {expected}",
            found,
            "Fetch it again: it is damaged",
            shard=name,
        )
