"""Streams: one pass after another over a dataset, in an order that can be resumed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

import numpy as np
import xxhash
from numpy.typing import NDArray

from tripartite.errors import InputError, SchemaError
from tripartite.streams.order import Order, Part, current_worker, warn_if_empty
from tripartite.streams.reading import Reader, lazily
from tripartite.streams.samples.batches import Ragged, can_travel

T = TypeVar("T")


class Stream(Generic[T]):
    """Samples or batches in order, or shuffled; each pass is the next epoch.

    Made by `Dataset.ordered` and `Dataset.shuffled`. Works as the dataset of a torch
    ``DataLoader`` with ``batch_size=None`` and any number of workers (import torch first): they
    take batches in turn, so that the same batches come in the same order with any number of them
    (with a filter, the same samples). Worker processes do not know how many passes there were
    before; call `set_epoch` before each pass then, and do not keep the workers between passes.

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
        is_count = isinstance(batch_size, (int, np.integer)) and not isinstance(batch_size, bool)
        if batch_size is not None and not (is_count and batch_size >= 1):
            raise InputError("batch_size is at least 1, or None for single samples", batch_size)
        if ragged not in ("list", "pad"):
            raise InputError('ragged is "list" or "pad"', repr(ragged))
        self._reader = reader
        self._order = order
        self._batch_size = None if batch_size is None else int(batch_size)
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

    def state(self, n_items: int | None = None) -> dict[str, Any]:
        """Return where the stream stands, as plain values fit for JSON.

        Parameters
        ----------
        n_items : int, optional
            How many samples or batches were taken, where a loader with worker processes took them:
            the workers do not tell this process. Not for filtered streams.
        """
        order = self._order
        if n_items is not None:
            if any(step.changes_count for step in self._reader.steps):
                raise InputError("The items of a filtered stream do not tell how many were read")
            order = self._next.at(position=self._next.position + n_items * (self._batch_size or 1))
        return {
            "version": 1,
            "order": order.to_state(),
            "batch_size": self._batch_size,
            "ragged": self._ragged,
        } | identify(self._reader)

    def __iter__(self) -> Iterator[T]:
        order = self._order = self._next
        self._next = order.at(epoch=order.epoch + 1, position=0)
        in_worker = current_worker() is not None
        for n_done, item in self._read(order):
            if in_worker and not can_travel(type(item)):
                raise _cannot_travel(type(item))
            self._order = order.at(position=order.position + n_done)
            yield item
        self._reader.shards.skipped.warn_of_new()

    def _read(self, order: Order) -> Iterator[tuple[int, Any]]:
        positions = self._positions(order, current_worker())
        if self._batch_size is None:
            yield from self._reader.samples(positions)
        else:
            yield from self._reader.batches(positions, self._batch_size, self._ragged)

    def _positions(self, order: Order, worker: Part | None) -> Iterable[NDArray[np.int64]]:
        shards, block = self._reader.shards, self._batch_size or 1
        if worker is None and order.part == Part() and not order.shuffled:
            # The first samples of many remote shards shall not wait for the last shard's index.
            return lazily(shards, order.position)
        worker, n_samples = worker or Part(), len(shards)
        warn_if_empty(order, worker, block, n_samples)
        return [order.positions(n_samples, worker, block)]


def _cannot_travel(cls: type) -> SchemaError:
    # torch would print a traceback and wait for ever.
    return SchemaError(
        "The samples that a worker process sends are of a class that can be imported",
        f"{cls.__qualname__} of {cls.__module__}",
        "Define the class at the top of a module, or read batches",
    )


def identify(reader: Reader) -> dict[str, Any]:
    """Return what a state must share with the dataset that resumes it."""
    text = "\n".join(name.rpartition("/")[2] for name in reader.shards.names)
    return {
        "shards": xxhash.xxh3_64_hexdigest(text.encode()),
        "n_samples": reader.shards.count_cheaply(),
        "steps": [type(step).__name__ for step in reader.steps],
    }


def _register_with_torch() -> None:
    # torch's loader asks isinstance(dataset, IterableDataset); torch is not imported to answer it.
    torch_data = sys.modules.get("torch.utils.data")
    if torch_data is not None:
        torch_data.IterableDataset.register(Stream)
