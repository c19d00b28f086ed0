"""Reading: from positions to samples and batches, through the steps of a dataset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tripartite.errors import FileFormatError, SchemaError
from tripartite.streams.batches import Ragged, collate
from tripartite.streams.codec import Codec
from tripartite.streams.shard_set import Raw, ShardSet
from tripartite.streams.steps import DROPPED, Step, apply

# Bytes are looked up for this many samples at once, to share the cost between them.
CHUNK = 256
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

    def samples(self, positions: NDArray[np.int64]) -> Iterator[tuple[int, Any]]:
        """Yield the samples at positions, each with the number of positions that are behind."""
        for raw in self._raws(positions):
            try:
                sample = self._decode(raw)
            except (FileFormatError, SchemaError) as error:
                self.shards.refuse(raw.shard.locate(error, raw.row))
                continue
            sample = self._apply(sample, raw) if self.steps else sample
            if sample is not DROPPED:
                yield raw.n_done, sample

    def select(self, positions: NDArray[np.int64]) -> list[Any]:
        """Return the samples at positions that all pass the filters."""
        if self.steps or not self.copy or len(positions) == 1:
            return [sample for _, sample in self.samples(positions)]
        samples: list[Any] = []
        # New memory costs more than what is copied into it: a block at a time comes back used.
        for start in range(0, len(positions), BLOCK):
            for _, batch in self.batches(positions[start : start + BLOCK], BLOCK, "list"):
                samples += batch.samples
        return samples

    def batches(
        self, positions: NDArray[np.int64], size: int, ragged: Ragged
    ) -> Iterator[tuple[int, Any]]:
        """Yield batches of samples; the last one may be smaller."""
        source = self.samples(positions) if self.steps else self._raws(positions)
        pending: list[Any] = []
        n_done = 0
        for item in source:
            n_done = item[0]
            pending.append(item)
            if len(pending) == size:
                batch = self._batch(pending, ragged)
                if batch is not None:
                    yield n_done, batch
                    pending = []
        while pending:
            batch = self._batch(pending, ragged)
            if batch is not None:
                yield n_done, batch
                return

    def _batch(self, pending: list[Any], ragged: Ragged) -> Any:
        """Return a batch of what is pending, or None after taking out what is damaged."""
        if self.steps:
            return collate([sample for _, sample in pending], ragged=ragged)
        try:
            if all(isinstance(raw.data, memoryview) for raw in pending):
                return self.codec.decode_batch([raw.data for raw in pending], ragged=ragged)
            return collate([self._decode(raw) for raw in pending], ragged=ragged)
        except (FileFormatError, SchemaError):
            n_before = len(pending)
            pending[:] = [raw for raw in pending if self._is_whole(raw)]
            if len(pending) == n_before:
                raise
            return None

    def _is_whole(self, raw: Raw) -> bool:
        try:
            self._decode(raw)
        except (FileFormatError, SchemaError) as error:
            self.shards.refuse(raw.shard.locate(error, raw.row))
            return False
        return True

    def _decode(self, raw: Raw) -> Any:
        if isinstance(raw.data, memoryview):
            return self.codec.decode(raw.data, copy=self.copy)
        return self.codec.decode_members(raw.data)

    def _apply(self, sample: Any, raw: Raw) -> Any:
        try:
            return apply(self.steps, sample)
        except Exception as error:
            key = raw.shard.index.keys[raw.row]
            error.add_note(f"while filtering or mapping sample {key!r} of {raw.shard.name}")
            raise

    def _raws(self, positions: NDArray[np.int64]) -> Iterator[Raw]:
        for start in range(0, len(positions), CHUNK):
            yield from self.shards.read(positions[start : start + CHUNK], start)


def lazily(shards: ShardSet, skip: int) -> Iterable[NDArray[np.int64]]:
    """Yield the positions of all samples by shard, opening a shard only when it is reached."""
    start = 0
    for k in range(len(shards.names)):
        stop = shards.stop_of(k)
        if stop > max(start, skip):
            yield np.arange(max(start, skip), stop)
        start = stop
