"""Sets of small whole numbers as bits, which are listed in ascending order without sorting."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

_ONE = np.uint64(1)


@intrinsic
def _count_trailing_zeros(typingctx: Any, word: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], context.get_constant(types.boolean, 1))

    return types.int64(types.uint64), codegen


@njit(forceinline=True)
def make_bits(n: int) -> np.ndarray:
    """Return an empty set of numbers below `n`.

    Parameters
    ----------
    n : int
        How many numbers the set could hold.
    """
    return np.zeros((n + 63) // 64, np.uint64)


@njit(forceinline=True)
def has_bit(bits: np.ndarray, number: int) -> bool:
    """Return whether a number is in a set.

    Parameters
    ----------
    bits : uint64 ndarray
        Set, as `make_bits` returns it.
    number : int
        Number.
    """
    return (bits[number >> 6] >> np.uint64(number & 63)) & _ONE == _ONE


@njit(forceinline=True)
def add_bit(bits: np.ndarray, number: int) -> None:
    """Put a number into a set.

    Parameters
    ----------
    bits : uint64 ndarray
        Set, as `make_bits` returns it.
    number : int
        Number.
    """
    bits[number >> 6] |= _ONE << np.uint64(number & 63)


@njit(forceinline=True)
def take_bits(bits: np.ndarray, numbers: np.ndarray) -> int:
    """Empty a set into an array; return how many numbers it held.

    Parameters
    ----------
    bits : uint64 ndarray
        Set, as `make_bits` returns it.
    numbers : int32 ndarray
        Its beginning is filled with the numbers, ascending.
    """
    n = 0
    for i in range(bits.size):
        word = bits[i]
        while word:
            numbers[n] = 64 * i + _count_trailing_zeros(word)  # pyright: ignore[reportCallIssue]
            n += 1
            word &= word - _ONE
        bits[i] = 0
    return n
