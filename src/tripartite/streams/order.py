"""The order in which samples come: shuffled by index, split by rank and worker, resumable."""

from __future__ import annotations

import sys
import warnings
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tripartite.errors import InputError


@dataclass(frozen=True)
class Part:
    """One of several equal parts of a sequence.

    Parameters
    ----------
    rank : int
        Which one.
    world_size : int
        Of how many.
    """

    rank: int = 0
    world_size: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.rank < self.world_size:
            raise InputError(
                "0 <= rank < world_size", f"rank={self.rank}, world_size={self.world_size}"
            )

    def bounds(self, n: int) -> tuple[int, int]:
        """Return where this part of `n` items begins and ends; all parts together are the whole."""
        return n * self.rank // self.world_size, n * (self.rank + 1) // self.world_size


@dataclass(frozen=True, kw_only=True)
class Order:
    """In which order a stream yields its samples, and where it stands.

    Parameters
    ----------
    shuffled : bool
        False for the order in which samples are stored.
    seed : int
        Of the shuffle.
    epoch : int
        Of the shuffle: each has an order of its own.
    part : Part
        Which part of all samples.
    position : int
        How many samples of that part are already behind.
    """

    shuffled: bool = False
    seed: int = 0
    epoch: int = 0
    part: Part = Part()
    position: int = 0

    def __post_init__(self) -> None:
        for name in ("seed", "epoch", "position"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 0:
                raise InputError("seed, epoch and position are integers >= 0", f"{name}={value!r}")
            object.__setattr__(self, name, int(value))  # numpy's integers are not fit for JSON

    def positions(self, n_samples: int, worker: Part, block: int = 1) -> NDArray[np.int64]:
        """Return the positions of the samples that are still to come.

        Workers take blocks of samples in turn. A loader that asks its workers in turn, as torch's
        does, so yields the same samples in the same order with any number of them.

        Parameters
        ----------
        n_samples : int
            In the whole dataset.
        worker : Part
            Which part of this order's part is wanted.
        block : int
            How many samples a worker reads before it is the next one's turn: those of a batch.

        Returns
        -------
        ndarray of int64
            The same on every machine: numpy's PCG64, seeded with (seed, epoch).
        """
        start, stop = self.part.bounds(n_samples)
        start = min(start + self.position, stop)
        if self.shuffled:
            # All ranks shuffle the whole, then take their part: each epoch deals them anew.
            random = np.random.Generator(np.random.PCG64([self.epoch, self.seed]))
            order = random.permutation(n_samples)[start:stop]
        else:
            order = np.arange(start, stop)
        turn = np.arange(len(order)) // block % worker.world_size
        return order[turn == worker.rank]

    def to_state(self) -> dict[str, Any]:
        """Return the order as plain numbers, fit for JSON."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Order:
        """Return the order that `to_state` described."""
        if dict(state).keys() != cls.__dataclass_fields__.keys():
            raise InputError("A state has the fields of an order", ", ".join(state))
        values: dict[str, Any] = {**state, "part": Part(**state["part"])}
        return cls(**values)

    def at(self, **changes: Any) -> Order:
        """Return the order with some values changed."""
        return replace(self, **changes)


def current_worker() -> Part | None:
    """Return which part a worker of torch's data loader reads, None in any other process."""
    torch_data = sys.modules.get("torch.utils.data")
    info = torch_data.get_worker_info() if torch_data else None
    return None if info is None else Part(info.id, info.num_workers)


def warn_if_empty(order: Order, worker: Part, block: int, n_samples: int) -> None:
    """Warn where there are fewer samples, or batches, than readers."""
    part, whole = order.part, order.at(position=0, shuffled=False)
    if n_samples and not len(whole.positions(n_samples, worker, block)):
        n_readers = part.world_size * worker.world_size
        warnings.warn(
            f"This reader has no samples: {n_samples} are split among {n_readers} readers (rank "
            f"{part.rank} of {part.world_size}, worker {worker.rank} of {worker.world_size}). Use "
            "fewer readers.",
            stacklevel=3,
        )
