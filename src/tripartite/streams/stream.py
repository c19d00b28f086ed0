"""Streams: one pass after another over a dataset, in an order that can be resumed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

import xxhash

from tripartite.errors import InputError, SchemaError
from tripartite.streams.order import Order, Part, current_worker, warn_if_empty
from tripartite.streams.reading import Reader, lazily
from tripartite.streams.samples.batches import Ragged, can_travel

T = TypeVar("T")


class Stream(Generic[T]):
    """Samples or batches in order, or shuffled; each pass is the next epoch.

    Made by `Dataset.ordered` and `Dataset.shuffled`. Works as the dataset of a torch
    ``DataLoader`` with ``batch_size=None`` and any number of workers: they divide the samples among
    them. Worker processes do not know how many passes there were before; call `set_epoch` before
    each pass then.

    Parameters
    ----------
    reader : Reader
        What reads.
    order : Order
        In which order, from where on.
    batch_size : int or None
        Samples in a batch; None for single samples.
    ragged : {"list", "pad"}
        What becomes of arrays of different shapes in a batch.
    """

    def __init__(
        self, reader: Reader, order: Order, batch_size: int | None, ragged: Ragged
    ) -> None:
        is_count = isinstance(batch_size, int) and not isinstance(batch_size, bool)
        if batch_size is not None and not (is_count and batch_size >= 1):
            raise InputError("batch_size is at least 1, or None for single samples", batch_size)
        if ragged not in ("list", "pad"):
            raise InputError('ragged is "list" or "pad"', repr(ragged))
        self._reader = reader
        self._order = order
        self._batch_size = batch_size
        self._ragged: Ragged = ragged
        self._next = order
        _register_with_torch()

    def set_epoch(self, epoch: int) -> None:
        """Make the next pass that of an epoch, from its beginning.

        Parameters
        ----------
        epoch : int
            At least 0.
        """
        self._next = self._next.at(epoch=epoch, position=0)

    def state(self) -> dict[str, Any]:
        """Return where the stream stands, as plain values fit for JSON."""
        return {
            "version": 1,
            "order": self._order.to_state(),
            "batch_size": self._batch_size,
            "ragged": self._ragged,
            "shards": fingerprint(self._reader.shards.names),
        }

    def __iter__(self) -> Iterator[T]:
        order = self._order = self._next
        self._next = order.at(epoch=order.epoch + 1, position=0)
        in_worker = current_worker() != Part()
        for n_done, item in self._read(order):
            if in_worker and not can_travel(type(item)):
                raise _cannot_travel(type(item))
            self._order = order.at(position=order.position + n_done)
            yield item
        self._reader.shards.skipped.warn_of_new()

    def _read(self, order: Order) -> Iterator[tuple[int, Any]]:
        reader, worker = self._reader, current_worker()
        if (
            order.shuffled
            or worker != Part()
            or order.part != Part()
            or self._batch_size is not None
        ):
            n_samples = len(reader.shards)
            positions = order.positions(n_samples, worker)
            warn_if_empty(order, worker, n_samples)
            if self._batch_size is not None:
                yield from reader.batches(positions, self._batch_size, self._ragged)
            else:
                yield from reader.samples(positions)
            return
        # The first samples of many remote shards shall not wait for the last shard's index.
        behind = 0
        for positions in lazily(reader.shards, order.position):
            for n_done, sample in reader.samples(positions):
                yield behind + n_done, sample
            behind += len(positions)


def _cannot_travel(cls: type) -> SchemaError:
    # torch would print a traceback and wait for ever.
    return SchemaError(
        "The samples that a worker process sends are of a class that can be imported",
        f"{cls.__qualname__} of {cls.__module__}",
        "Define the class at the top of a module, or read batches",
    )


def fingerprint(names: tuple[str, ...]) -> str:
    """Return a digest of the file names of shards, which says whether a state belongs to them."""
    text = "\n".join(name.rpartition("/")[2] for name in names)
    return xxhash.xxh3_64_hexdigest(text.encode())


def _register_with_torch() -> None:
    # torch's loader asks isinstance(dataset, IterableDataset); torch is not imported to answer it.
    torch_data = sys.modules.get("torch.utils.data")
    if torch_data is not None:
        torch_data.IterableDataset.register(Stream)
