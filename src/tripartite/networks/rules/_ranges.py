"""Work on a range, shared by threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def work_on_ranges(work: Callable[[int, int], T], n: int, n_threads: int) -> list[T]:
    """Return what the work on each part of ``range(n)`` gives, one part a thread.

    Parameters
    ----------
    work : callable
        Takes begin and end of a part.
    n : int
        Length of the whole range.
    n_threads : int
        Threads, at least one.
    """
    n_parts = max(1, min(n, n_threads))
    ends = [n * part // n_parts for part in range(n_parts + 1)]
    if n_parts == 1:
        return [work(0, n)]
    with ThreadPoolExecutor(n_parts) as threads:
        return list(threads.map(work, ends[:-1], ends[1:]))
