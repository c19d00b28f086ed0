"""Connections of each row that are a sample of given size from all columns."""

from __future__ import annotations

import numpy as np
from numba import njit

from tripartite.kernels.bits import add_bit, has_bit, make_bits, take_bits
from tripartite.kernels.compiling import compiled
from tripartite.kernels.random import Stream, fill_uniform, uniform_pair


@compiled
def draw_with_replacement(
    stream: Stream, begin: int, skipped: np.ndarray, n_columns: int, drawn: np.ndarray
) -> None:
    """Fill each row with columns that are drawn independently.

    Parameters
    ----------
    stream : tuple of uint64
        Names the numbers; those of a row are drawn for its number.
    begin : int
        Number of the first row.
    skipped : int32 ndarray of shape (n_rows,)
        Column of each row that is never drawn; negative for none.
    n_columns : int
        Columns to draw from; at least one that is not skipped.
    drawn : int32 ndarray of shape (n_rows, n_draws)
        Is filled.
    """
    uniforms = np.empty(drawn.shape[1])
    for row in range(skipped.size):
        skip = skipped[row]
        n_allowed = n_columns - (skip >= 0)
        fill_uniform(stream, begin + row, uniforms)
        for i in range(uniforms.size):
            column = np.int32(uniforms[i] * n_allowed)
            drawn[row, i] = column + (0 <= skip <= column)


@compiled
def draw_without_replacement(
    stream: Stream, begin: int, skipped: np.ndarray, n_columns: int, drawn: np.ndarray
) -> None:
    """Fill each row with columns that are drawn without repetition, ascending.

    Parameters
    ----------
    stream : tuple of uint64
        Names the numbers; those of a row are drawn for its number.
    begin : int
        Number of the first row.
    skipped : int32 ndarray of shape (n_rows,)
        Column of each row that is never drawn; negative for none.
    n_columns : int
        Columns to draw from; at least `n_draws` that are not skipped.
    drawn : int32 ndarray of shape (n_rows, n_draws)
        Is filled.
    """
    n_draws = drawn.shape[1]
    bits, columns = make_bits(n_columns), np.empty(n_columns, np.int32)
    for row in range(skipped.size):
        skip = skipped[row]
        n_allowed = n_columns - (skip >= 0)
        # Where most are drawn, those that are not are found faster.
        rest_is_drawn = 2 * n_draws > n_allowed
        _draw_set(
            stream, begin + row, n_allowed, bits, n_allowed - n_draws if rest_is_drawn else n_draws
        )
        if rest_is_drawn:
            _complement(bits, n_allowed)
        take_bits(bits, columns)
        for i in range(n_draws):
            drawn[row, i] = columns[i] + (0 <= skip <= columns[i])


@njit
def _draw_set(stream: Stream, row: int, n_allowed: int, bits: np.ndarray, n_wanted: int) -> None:
    ordinal = 0
    while n_wanted > 0:
        for u in uniform_pair(stream, row, ordinal):
            column = int(u * n_allowed)
            if n_wanted > 0 and not has_bit(bits, column):
                add_bit(bits, column)
                n_wanted -= 1
        ordinal += 1


@njit
def _complement(bits: np.ndarray, n_allowed: int) -> None:
    for column in range(n_allowed, 64 * bits.size):
        add_bit(bits, column)
    for i in range(bits.size):
        bits[i] = ~bits[i]


@compiled
def draw_pairs(stream: Stream, begin: int, n_rows: int, n_columns: int, pairs: np.ndarray) -> None:
    """Fill an array with pairs of a row with a column that are drawn independently.

    Parameters
    ----------
    stream : tuple of uint64
        Names the numbers.
    begin : int
        How many pairs were drawn before these.
    n_rows, n_columns : int
        What rows and columns are drawn from.
    pairs : int64 ndarray of shape (n_pairs,)
        Is filled with ``row * n_columns + column``.
    """
    for i in range(pairs.size):
        ordinal = begin + i
        u, v = uniform_pair(stream, ordinal >> 32, ordinal)
        pairs[i] = np.int64(u * n_rows) * n_columns + np.int64(v * n_columns)
