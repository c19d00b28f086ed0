"""The connections that a rule realised."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, kw_only=True, eq=False)
class Edges:
    """Connections between two selections of nodes, named by positions, in rows by source.

    Parameters
    ----------
    first : int64 ndarray of shape (n_pre + 1,)
        Where the entries of each source begin; the last element is the number of entries.
    targets : int32 ndarray of shape (n_entries,)
        Target of each entry, ascending within a source; repeated where there are several
        connections that were not merged.
    n_post : int
        How many targets there are to connect to.
    copies : uint16 ndarray of shape (n_entries,), optional
        How many connections each entry stands for; without, one.

    Examples
    --------
    >>> edges = Edges(
    ...     first=np.array([0, 2, 2, 3]),
    ...     targets=np.array([0, 4, 1], np.int32),
    ...     n_post=5,
    ...     copies=np.array([1, 2, 1], np.uint16),
    ... )
    >>> edges.n_connections
    4
    >>> sources, targets = edges.pairs()
    >>> print(sources, targets)
    [0 0 0 2] [0 4 4 1]
    """

    first: np.ndarray
    targets: np.ndarray
    n_post: int
    copies: np.ndarray | None = None

    @classmethod
    def from_rows(
        cls,
        degrees: Sequence[np.ndarray],
        targets: Sequence[np.ndarray],
        copies: Sequence[np.ndarray] = (),
        *,
        n_post: int,
    ) -> Edges:
        """Return the edges whose rows come in parts.

        Parameters
        ----------
        degrees : sequence of int64 ndarray
            Entries of each source, part by part.
        targets : sequence of int32 ndarray
            Target of each entry, likewise.
        copies : sequence of uint16 ndarray, optional
            Copies of each entry, likewise.
        n_post : int
            How many targets there are.
        """
        return cls(
            first=np.concatenate([[0], np.cumsum(_join(degrees))]),
            targets=_join(targets),
            n_post=n_post,
            copies=_join(copies) if copies else None,
        )

    @classmethod
    def from_keys(cls, keys: np.ndarray, n_pre: int, n_post: int) -> Edges:
        """Return the edges of pairs in any order.

        Parameters
        ----------
        keys : int64 ndarray
            ``source * n_post + target`` of each connection.
        n_pre, n_post : int
            How many sources and targets there are.
        """
        keys = np.sort(keys)
        first = np.searchsorted(keys, np.arange(n_pre + 1) * n_post)
        targets = (keys % max(n_post, 1)).astype(np.int32)
        return cls(first=first, targets=targets, n_post=n_post)

    @property
    def n_pre(self) -> int:
        """How many sources there are."""
        return self.first.size - 1

    @cached_property
    def n_connections(self) -> int:
        """How many connections there are, copies counted."""
        return self.targets.size if self.copies is None else int(self.copies.sum(dtype=np.int64))

    def expand(self) -> Edges:
        """Return the same connections with an entry for each copy."""
        if self.copies is None:
            return self
        ends = np.concatenate([[0], np.cumsum(self.copies, dtype=np.int64)])
        targets = np.repeat(self.targets, self.copies)
        return Edges(first=ends[self.first], targets=targets, n_post=self.n_post)

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Return source and target of each connection, by source.

        Returns
        -------
        sources, targets : int64 ndarray of shape (n_connections,)
        """
        edges = self.expand()
        sources = np.repeat(np.arange(self.n_pre), np.diff(edges.first))
        return sources, edges.targets.astype(np.int64)

    def in_degrees(self) -> np.ndarray:
        """Return how many connections each target has.

        Returns
        -------
        int64 ndarray of shape (n_post,)
        """
        return np.bincount(self.expand().targets, minlength=self.n_post)

    def out_degrees(self) -> np.ndarray:
        """Return how many connections each source has.

        Returns
        -------
        int64 ndarray of shape (n_pre,)
        """
        return np.diff(self.expand().first)


def _join(parts: Sequence[np.ndarray]) -> np.ndarray:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
