"""Samples of given size, one for each row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tripartite.kernels.connect_samples import draw_with_replacement, draw_without_replacement
from tripartite.networks.rules._ranges import work_on_ranges

if TYPE_CHECKING:
    from tripartite.networks.random_streams import RandomStream


def draw_samples(
    size: int,
    skipped: np.ndarray,
    n: int,
    *,
    multapses: bool,
    stream: RandomStream,
    n_threads: int,
) -> np.ndarray:
    """Return a sample for each row, ascending in the row.

    Parameters
    ----------
    size : int
        Members of a sample.
    skipped : int32 ndarray of shape (n_rows,)
        What each row must not draw; negative for nothing.
    n : int
        Each row draws from ``range(n)``.
    multapses : bool
        Whether a row may draw the same twice.
    stream : RandomStream
        Names the random numbers.
    n_threads : int
        Threads that share the work.

    Returns
    -------
    int32 ndarray of shape (n_rows, size)
    """
    samples = np.empty((skipped.size, size), np.int32)
    draw = draw_with_replacement if multapses else draw_without_replacement

    def fill(begin: int, end: int) -> None:
        draw(stream.words, begin, skipped[begin:end], n, samples[begin:end])
        if multapses:
            samples[begin:end].sort(axis=1)

    if samples.size:
        work_on_ranges(fill, skipped.size, n_threads)
    return samples
