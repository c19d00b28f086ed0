"""The shards of a dataset as one long row of samples, opened when they are needed."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from tripartite.errors import RemoteError, SampleKeyError, ShardError
from tripartite.streams.shards.servers import is_remote
from tripartite.streams.shards.shard import Data, Shard, ShardOptions, open_shard
from tripartite.streams.shards.skipping import SkipLog

# Each open shard holds a file descriptor, of which a process has about a thousand.
MAX_OPEN = 128


Raw = tuple[int, Shard, int, Data]
"""How many of the wanted positions are behind, then shard, row and bytes of the last of them."""


class ShardSet:
    """All shards of a dataset.

    Parameters
    ----------
    names : sequence of str
        Paths and URLs.
    options : ShardOptions
        How they are opened; tolerant ones are skipped where they are damaged.
    skipped : SkipLog
        Where that is noted.
    """

    def __init__(self, names: Sequence[str], options: ShardOptions, skipped: SkipLog) -> None:
        options.refuse_unused(names)
        self.names = tuple(names)
        self.options = options
        self.skipped = skipped
        self._open: OrderedDict[int, Shard] = OrderedDict()
        self._stops: list[int] = []
        self._lock = threading.RLock()
        self._hashed_keys: tuple[NDArray[np.uint64], NDArray[np.int64]] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"names": self.names, "options": self.options, "skipped": self.skipped}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)

    def __len__(self) -> int:
        """Return how many samples all shards hold."""
        return self.stop_of(len(self.names) - 1)

    def stop_of(self, k: int) -> int:
        """Return how many samples shard `k` and those before it hold."""
        with self._lock:
            while len(self._stops) <= k:
                shard = self.shard(len(self._stops))
                before = self._stops[-1] if self._stops else 0
                self._stops.append(before + (0 if shard is None else len(shard)))
            return self._stops[k]

    def holds(self, position: int) -> bool:
        """Tell whether there is a sample at a position, opening no shard after it."""
        stops = self._stops
        while len(stops) < len(self.names) and (not stops or stops[-1] <= position):
            self.stop_of(len(stops))
        return 0 <= position < stops[-1]

    def count_cheaply(self) -> int | None:
        """Return how many samples there are, None if that would fetch remote shards."""
        is_known = len(self._stops) == len(self.names)
        return len(self) if is_known or not any(map(is_remote, self.names)) else None

    def shard(self, k: int) -> Shard | None:
        """Return shard `k`, None if it is missing and the set is tolerant."""
        with self._lock:
            if k in self._open:
                self._open.move_to_end(k)
                return self._open[k]
            try:
                opened = open_shard(self.names[k], self.options)
            except (ShardError, RemoteError) as error:
                if not self.options.tolerant:
                    raise
                self.skipped.add(_as_shard_error(error, self.names[k]))
                return None
            if opened.problem is not None:
                self.skipped.add(_of_the_rest(opened.problem))
            self._open[k] = opened
            if len(self._open) > MAX_OPEN:
                self._open.popitem(last=False)
            return opened

    def read(self, positions: NDArray[np.int64], n_before: int = 0) -> Iterator[Raw]:
        """Yield the bytes of samples in the order asked for, without those that are skipped.

        Each is checked when it is asked for, so that what was just checked is still in the
        processor's cache when it is decoded.

        Parameters
        ----------
        positions : ndarray of int64
            Positions in the dataset.
        n_before : int
            How many positions are behind already.
        """
        if not len(positions):
            return
        self._shard_of(int(positions.max()))
        numbers = np.searchsorted(self._stops, positions, side="right")
        rows = positions - np.array([0, *self._stops])[numbers]
        needed = set(numbers.tolist())
        # Held open together, but not more than a process may.
        shards = {k: self._open_unchanged(k) for k in needed} if len(needed) <= MAX_OPEN else {}
        for k, row in zip(numbers.tolist(), rows.tolist(), strict=True):
            n_before += 1
            shard = shards[k] if shards else self._open_unchanged(k)
            shard.check_unchanged()  # each time: the user may take hours for the sample before
            try:
                yield n_before, shard, row, shard.read(row)
            except (ShardError, RemoteError) as error:
                self.refuse(shard.locate(error, row))

    def read_one(self, position: int) -> Raw:
        """Return the bytes of one sample."""
        k = self._shard_of(position)
        shard, row = self._open_unchanged(k), position - (self._stops[k - 1] if k else 0)
        try:
            return 1, shard, row, shard.read(row)
        except RemoteError as error:
            raise shard.locate(error, row) from error

    def _open_unchanged(self, k: int) -> Shard:
        shard = self.shard(k)
        if shard is None or len(shard) < self._stops[k] - (self._stops[k - 1] if k else 0):
            raise ShardError(
                "A shard stays as it is while it is read",
                "it lost samples",
                "Open the dataset again",
                shard=self.names[k],
            )
        shard.check_unchanged()
        return shard

    def refuse(self, error: ShardError) -> None:
        """Raise an error, or note it where the set is tolerant."""
        if not self.options.tolerant:
            raise error
        self.skipped.add(error)

    def _shard_of(self, position: int) -> int:
        """Return the shard of a position, opening no shard after it."""
        while not self._stops or self._stops[-1] <= position:
            self.stop_of(len(self._stops))
        return bisect_right(self._stops, position)

    def keys(self) -> Iterator[str]:
        """Yield the keys of all samples in order."""
        for k in range(len(self.names)):
            shard = self.shard(k)
            if shard is not None:
                yield from shard.index.keys

    def find(self, key: str) -> int:
        """Return the position of the sample with a key.

        Raises
        ------
        SampleKeyError
            If no sample has it, or several do.
        """
        hashes, places = self._hash_keys()
        wanted = xxhash.xxh3_64_intdigest(key.encode())
        near = slice(
            *(int(np.searchsorted(hashes, np.uint64(wanted), side=s)) for s in ("left", "right"))
        )
        found = [int(place) for place in places[near] if self.key(int(place)) == key]
        if len(found) == 1:
            return found[0]
        if found:
            raise SampleKeyError(
                "The key of a sample is unique",
                f"{len(found)} samples with the key {key!r}, at {sorted(found)[:5]}",
                "Use the position: dataset[i]",
            )
        raise SampleKeyError("A sample has the key", repr(key), "Dataset.keys() lists the keys")

    def key(self, position: int) -> str:
        """Return the key of the sample at a position."""
        k = self._shard_of(position)
        shard = self.shard(k)
        assert shard is not None, "a shard with samples can be opened"
        return shard.index.keys[position - (self._stops[k - 1] if k else 0)]

    def _hash_keys(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        # Sixteen bytes a key; a dict of texts would take ten times as much.
        if self._hashed_keys is None:
            digest = xxhash.xxh3_64_intdigest
            hashes = np.array([digest(key.encode()) for key in self.keys()], np.uint64)
            order = np.argsort(hashes, kind="stable")
            self._hashed_keys = hashes[order], order
        return self._hashed_keys


def _of_the_rest(problem: ShardError) -> ShardError:
    """Return the damage that ended the walk of a shard, as what hides the rest of it."""
    return ShardError(
        problem.must,
        f"{problem.got}; the rest of the shard is left out",
        problem.do,
        shard=problem.shard,
        key=problem.key,
        offset=problem.offset,
    )


def _as_shard_error(error: ShardError | RemoteError, name: str) -> ShardError:
    if isinstance(error, ShardError):
        return error
    return ShardError(error.must, error.got, error.do, shard=name)
