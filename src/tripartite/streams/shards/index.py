"""The index of a shard: where each sample lies, so that any of them is read without the others."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from tripartite.errors import ShardError
from tripartite.streams.samples.codec import PACKED
from tripartite.streams.shards.local import ShardFile
from tripartite.streams.shards.tar import Member, walk


@dataclass(frozen=True, eq=False)
class ShardIndex:
    """Where the samples of a shard lie.

    Parameters
    ----------
    n_bytes : int
        Length of the shard.
    first : ndarray of int64, shape (n_samples + 1,)
        Sample ``i`` has the members ``first[i]`` to ``first[i + 1] - 1``.
    start, size : ndarray of int64, shape (n_members,)
        Where each member's bytes begin, and how many there are.
    extension : ndarray of uint16, shape (n_members,)
        Which of `extensions` each member has.
    extensions : tuple of str
        Ends of file names, after the first dot.
    packed_keys : bytes
        Keys of the samples, a msgpack array: text objects would take more memory than all else.
    hashes : ndarray of uint64, shape (n_members,), optional
        XXH3 of each member's bytes, 0 where it is not known.
    n_ignored : int
        Members that belong to no sample: names without an extension, or that begin with ``__``.
    trusted : bool
        False if the index was read from a file, and is to be checked against each sample's header.
    """

    n_bytes: int
    first: NDArray[np.int64]
    start: NDArray[np.int64]
    size: NDArray[np.int64]
    extension: NDArray[np.uint16]
    extensions: tuple[str, ...]
    packed_keys: bytes
    hashes: NDArray[np.uint64] | None = None
    n_ignored: int = 0
    trusted: bool = True

    def __len__(self) -> int:
        return len(self.first) - 1

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the samples; only those of the shards used last are kept as text objects."""
        return _unpacked(self.packed_keys)

    def samples(self) -> Iterator[tuple[str, slice, tuple[tuple[str, int], ...]]]:
        """Yield the key of each sample, which members it has, and their extensions and sizes."""
        names = [self.extensions[code] for code in self.extension.tolist()]
        members = list(zip(names, self.size.tolist(), strict=True))
        places = itertools.starmap(slice, itertools.pairwise(self.first.tolist()))
        for key, place in zip(self.keys, places, strict=True):
            yield key, place, tuple(members[place])


@lru_cache(maxsize=8)
def _unpacked(keys: bytes) -> tuple[str, ...]:
    return msgspec.msgpack.decode(keys, type=tuple[str, ...])


def build_index(file: ShardFile) -> tuple[ShardIndex, ShardError | None]:
    """Return the index of a shard, and the error that ended the walk before the shard's end.

    Parameters
    ----------
    file : ShardFile
        The shard.
    """
    builder = IndexBuilder()
    problem = None
    try:
        for member in walk(lambda start, n: bytes(file.view(start, n)), file.n_bytes, file.name):
            builder.add(member)
    except ShardError as error:
        problem = error
        builder.drop_unfinished()
    return builder.finish(file.n_bytes), problem


def split_name(name: str) -> tuple[str, str]:
    """Return the key of a member and its extension, by WebDataset's rule.

    The key is the folder and the base name up to its first dot; a name without either part belongs
    to no sample.
    """
    folder, slash, base = name.rpartition("/")
    stem, _, extension = base.partition(".")
    return (folder + slash + stem, extension) if stem else ("", "")


class IndexBuilder:
    """Collects members, in the order of the shard, into samples."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._first: list[int] = []
        self._start: list[int] = []
        self._size: list[int] = []
        self._extension: list[int] = []
        self._known: dict[str, int] = {}
        self._in_sample: set[int] = set()
        self._hashes: list[int] = []
        self._n_ignored = 0

    def add(self, member: Member, hash_of_bytes: int | None = None) -> None:
        """Add the next member: to the last sample if it has the same key, else to a new one."""
        key, extension = split_name(member.name)
        if not key or not extension or member.name.startswith("__"):
            self._n_ignored += 1
            return
        code = self._known.setdefault(extension, len(self._known))
        if code > 65_535:
            raise ShardError("A shard has at most 65,536 kinds of members", extension, key=key)
        # Keys repeat in real shards: an extension seen twice is the next sample.
        if not self._keys or self._keys[-1] != key or code in self._in_sample:
            self._keys.append(key)
            self._first.append(len(self._start))
            self._in_sample = set()
        self._in_sample.add(code)
        self._start.append(member.start)
        self._size.append(member.size)
        self._extension.append(code)
        if hash_of_bytes is not None:
            self._hashes.append(hash_of_bytes)

    def drop_unfinished(self) -> None:
        """Forget the last sample unless it is whole: damage may hide the rest of its members."""
        if self._first and self._in_sample != {self._known.get(PACKED)}:
            first = self._first.pop()
            self._keys.pop()
            for values in (self._start, self._size, self._extension, self._hashes):
                del values[first:]

    def finish(self, n_bytes: int) -> ShardIndex:
        """Return the index of a shard that is `n_bytes` long."""
        return ShardIndex(
            n_bytes=n_bytes,
            first=_int64([*self._first, len(self._start)]),
            start=_int64(self._start),
            size=_int64(self._size),
            extension=np.array(self._extension, np.uint16),
            extensions=tuple(self._known),
            packed_keys=msgspec.msgpack.encode(self._keys),
            hashes=np.array(self._hashes, np.uint64) if self._hashes else None,
            n_ignored=self._n_ignored,
        )


def _int64(values: Iterable[int]) -> NDArray[np.int64]:
    return np.array(list(values), np.int64)
