"""Reading: from positions to samples and batches, through the steps of a dataset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tripartite.errors import FileFormatError, SchemaError
from tripartite.streams.samples.batches import Ragged, collate
from tripartite.streams.samples.codec import Codec, DictCodec
from tripartite.streams.shards.shard import Data, Shard
from tripartite.streams.shards.shard_set import Raw, ShardSet
from tripartite.streams.steps import DROPPED, Step, apply

# Places are looked up for this many samples at once, to share the cost between them.
CHUNK = 1024
# Samples that are asked for together share the memory of their arrays in blocks of this many.
BLOCK = 64


@dataclass(frozen=True, eq=False)
class Reader:
    """Reads samples of one type from shards, through steps.

    Parameters
    ----------
    shards : ShardSet
        Where the samples are.
    codec : Codec
        How they are decoded.
    steps : tuple of Step
        What becomes of them before the user sees them.
    copy : bool
        False leaves the arrays of single samples read-only views of local shards.
    """

    shards: ShardSet
    codec: Codec
    steps: tuple[Step, ...] = ()
    copy: bool = True

    def samples(self, positions: Iterable[NDArray[np.int64]]) -> Iterator[tuple[int, Any]]:
        """Yield the samples at positions, each with the number of positions that are behind.

        Parameters
        ----------
        positions : iterable of ndarray of int64
            In pieces, so that shards are opened only when their turn comes.
        """
        for n_done, shard, row, data in self._raws(positions):
            try:
                sample = self._decode(data)
            except (FileFormatError, SchemaError) as error:
                self.shards.refuse(shard.locate(error, row))
                continue
            sample = self._apply(sample, shard, row) if self.steps else sample
            if sample is not DROPPED:
                yield n_done, sample

    def one(self, position: int) -> Any:
        """Return the sample at a position that passes the filters."""
        _, shard, row, data = self.shards.read_one(position)
        try:
            sample = self._decode(data)
        except (FileFormatError, SchemaError) as error:
            raise shard.locate(error, row) from error
        return self._apply(sample, shard, row) if self.steps else sample

    def select(self, positions: NDArray[np.int64]) -> list[Any]:
        """Return the samples at positions that all pass the filters."""
        # Batches leave out damaged samples, and give schema-free ones each other's fields.
        is_apart = self.shards.options.tolerant or isinstance(self.codec, DictCodec)
        if self.steps or not self.copy or is_apart:
            return [self.one(position) for position in positions.tolist()]
        samples: list[Any] = []
        # New memory costs more than what is copied into it: a block at a time comes back used.
        for _, batch in self.batches([positions], BLOCK, "list"):
            samples += batch.samples
        return samples

    def batches(
        self, positions: Iterable[NDArray[np.int64]], size: int, ragged: Ragged
    ) -> Iterator[tuple[int, Any]]:
        """Yield batches of samples; the last one may be smaller."""
        if self.steps:
            yield from self._batches_of_samples(positions, size, ragged)
            return
        n_done = n_rows = 0
        batcher = None
        for n_done, shard, row, data in self._raws(positions):
            if batcher is None:
                batcher = self.codec.batcher(size)
            try:
                batcher.add(data)
            except (FileFormatError, SchemaError) as error:
                self.shards.refuse(shard.locate(error, row))
                continue
            n_rows += 1
            if n_rows == size:
                yield n_done, batcher.finish(ragged)
                n_rows, batcher = 0, None
        if batcher is not None and n_rows:
            yield n_done, batcher.finish(ragged)

    def _batches_of_samples(
        self, positions: Iterable[NDArray[np.int64]], size: int, ragged: Ragged
    ) -> Iterator[tuple[int, Any]]:
        n_done, pending = 0, []
        for n_done, sample in self.samples(positions):
            pending.append(sample)
            if len(pending) == size:
                yield n_done, collate(pending, ragged=ragged)
                pending = []
        if pending:
            yield n_done, collate(pending, ragged=ragged)

    def _decode(self, data: Data) -> Any:
        if isinstance(data, memoryview):
            return self.codec.decode(data, copy=self.copy)
        return self.codec.decode_members(data)

    def _apply(self, sample: Any, shard: Shard, row: int) -> Any:
        try:
            return apply(self.steps, sample)
        except Exception as error:
            key = shard.index.keys[row]
            error.add_note(f"while filtering or mapping sample {key!r} of {shard.name}")
            raise

    def _raws(self, positions: Iterable[NDArray[np.int64]]) -> Iterator[Raw]:
        behind = 0
        for piece in positions:
            for start in range(0, len(piece), CHUNK):
                yield from self.shards.read(piece[start : start + CHUNK], behind + start)
            behind += len(piece)


def lazily(shards: ShardSet, skip: int) -> Iterable[NDArray[np.int64]]:
    """Yield the positions of all samples by shard, opening a shard only when it is reached."""
    start = 0
    for k in range(len(shards.names)):
        stop = shards.stop_of(k)
        if stop > max(start, skip):
            yield np.arange(max(start, skip), stop)
        start = stop
