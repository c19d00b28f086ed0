"""Names of streams of random numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from tripartite.errors import InputError
from tripartite.kernels.random import split_seed

if TYPE_CHECKING:
    from tripartite.kernels.random import Stream


class Purpose(IntEnum):
    """What random numbers are drawn for.

    The numbers of the names are part of what a seed means: they never change.
    """

    CONNECTIONS = 0
    THIRD_CHOICE = 1
    THIRD_POOLS = 2
    VALUES = 3
    POISSON = 4
    NOISE = 5


@dataclass(frozen=True)
class RandomStream:
    """The name of a stream of random numbers.

    Streams of different names are independent, and the numbers of one do not depend on how many
    were drawn from another.

    Parameters
    ----------
    seed : int
        Seed of the network, from 0 to 2**64 - 1.
    purpose : Purpose
        What the numbers are drawn for.
    index : int, optional
        Which connection or population or parameter they are drawn for, from 0 to 2**32 - 1.

    Raises
    ------
    InputError
        If the seed or the index is out of its range.

    Examples
    --------
    >>> stream = RandomStream(seed=7, purpose=Purpose.CONNECTIONS, index=2)
    >>> [int(word) for word in stream.words]
    [2, 0, 7, 0]
    """

    seed: int
    purpose: Purpose
    index: int = 0

    def __post_init__(self) -> None:
        for name, value, bits in (("seed", self.seed, 64), ("index", self.index, 32)):
            if not 0 <= value < 1 << bits:
                raise InputError(
                    f"The {name} of a random stream must be from 0 to 2**{bits} - 1",
                    got=value,
                    do="Pass a small whole number, e.g. 1",
                )

    @property
    def words(self) -> Stream:
        """Index, purpose and the two words of the key, as the kernels take them."""
        return (np.uint64(self.index), np.uint64(self.purpose), *split_seed(self.seed))

    def for_purpose(self, purpose: Purpose) -> RandomStream:
        """Return the stream of the same seed and index that serves another purpose.

        Parameters
        ----------
        purpose : Purpose
            What its numbers are drawn for.
        """
        return replace(self, purpose=purpose)
