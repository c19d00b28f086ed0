"""Random numbers that are a function of a counter, so that no order of drawing changes them.

Philox4x32-10 scrambles a counter of four 32-bit words under a key of two. Everything random in a
network is drawn at a counter that says what is drawn (see `Stream`), which makes it the same for
any number of threads and lets a loop over lanes draw in vector instructions.

References
----------
Salmon JK, Moraes MA, Dror RO, Shaw DE (2011). Parallel random numbers: as easy as 1, 2, 3. SC'11.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numba import njit

from tripartite.kernels.compiling import compiled

# Words of 32 bits are kept in 64: the product of two is then one instruction of the vector units.
Word: TypeAlias = np.uint64
Words: TypeAlias = tuple[Word, Word, Word, Word]
# What is drawn (index, purpose) under which key (k0, k1).
Stream: TypeAlias = Words

_WORD = np.uint64(0xFFFFFFFF)
_BITS = np.uint64(32)
_MULTIPLIER_0, _MULTIPLIER_1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL_0, _WEYL_1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_DROPPED_HIGH, _DROPPED_LOW = np.uint64(5), np.uint64(6)


@njit(forceinline=True)
def philox(c0: Word, c1: Word, c2: Word, c3: Word, k0: Word, k1: Word) -> Words:
    """Return four random words of 32 bits, each in 64 bits.

    Parameters
    ----------
    c0, c1, c2, c3 : uint64
        Counter, of which the low 32 bits count.
    k0, k1 : uint64
        Key, of which the low 32 bits count.

    Examples
    --------
    >>> zero = np.uint64(0)
    >>> [hex(word) for word in philox(zero, zero, zero, zero, zero, zero)]
    ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """
    c0, c1, c2, c3 = c0 & _WORD, c1 & _WORD, c2 & _WORD, c3 & _WORD
    for _ in range(10):
        p0, p1 = _MULTIPLIER_0 * c0, _MULTIPLIER_1 * c2
        c0, c1, c2, c3 = (
            (p1 >> _BITS) ^ c1 ^ (k0 & _WORD),
            p1 & _WORD,
            (p0 >> _BITS) ^ c3 ^ (k1 & _WORD),
            p0 & _WORD,
        )
        k0, k1 = k0 + _WEYL_0, k1 + _WEYL_1
    return c0, c1, c2, c3


@njit(forceinline=True)
def uniform53(high: Word, low: Word) -> float:
    """Return a multiple of 2**-53 in [0, 1), made of two random words.

    Parameters
    ----------
    high, low : uint64
        Words of 32 bits, as `philox` returns them.

    Examples
    --------
    >>> float(uniform53(np.uint64(1 << 31), np.uint64(0)))
    0.5
    """
    # Half words fit the signed integers, from which every vector unit makes doubles.
    upper = np.float64(np.int64(high >> _DROPPED_HIGH))
    return (upper * 67108864.0 + np.float64(np.int64(low >> _DROPPED_LOW))) * 2.0**-53


@njit(forceinline=True)
def uniform_pair(stream: Stream, item: int, ordinal: int) -> tuple[float, float]:
    """Return two independent uniform numbers in [0, 1).

    Parameters
    ----------
    stream : tuple of uint64
        Index, purpose and the two words of the key.
    item : int
        What the numbers are for, for instance a source or target.
    ordinal : int
        Which pair of numbers of that item.
    """
    r0, r1, r2, r3 = philox(
        np.uint64(ordinal), np.uint64(item), stream[0], stream[1], stream[2], stream[3]
    )
    return uniform53(r0, r1), uniform53(r2, r3)


@compiled
def fill_uniform(stream: Stream, item: int, out: np.ndarray) -> None:
    """Fill an array with the uniform numbers of an item, in [0, 1).

    Parameters
    ----------
    stream : tuple of uint64
        Index, purpose and the two words of the key.
    item : int
        What the numbers are for.
    out : float64 ndarray of shape (n,)
        Is filled: elements ``2 * i`` and ``2 * i + 1`` with the pair of ordinal ``i``.
    """
    for i in range(out.size // 2):
        out[2 * i], out[2 * i + 1] = uniform_pair(stream, item, i)
    if out.size % 2:
        out[-1] = uniform_pair(stream, item, out.size // 2)[0]


def split_seed(seed: int) -> tuple[Word, Word]:
    """Return the two words of the key that a seed stands for.

    Parameters
    ----------
    seed : int
        From 0 to 2**64 - 1.

    Examples
    --------
    >>> [int(word) for word in split_seed(5 + (7 << 32))]
    [5, 7]
    """
    return np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32)
