"""What every rule of connection can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tripartite.networks.edges import Edges
    from tripartite.networks.random_streams import RandomStream


@dataclass(frozen=True, kw_only=True)
class Sides:
    """The two selections of nodes that a rule connects.

    Parameters
    ----------
    n_pre, n_post : int
        How many sources and targets there are.
    selves : int32 ndarray of shape (n_pre,), optional
        Target that is the same node as each source, negative for none; without, no node is both.
    stream : RandomStream
        Names the random numbers.
    n_threads : int
        Threads that share the work.
    """

    n_pre: int
    n_post: int
    selves: np.ndarray | None
    stream: RandomStream
    n_threads: int

    def find_skipped_targets(self, autapses: bool) -> np.ndarray:
        """Return the target that each source must not reach, negative for none.

        Parameters
        ----------
        autapses : bool
            Whether nodes may be connected to themselves.
        """
        if self.selves is None or autapses:
            return np.full(self.n_pre, -1, np.int32)
        return np.ascontiguousarray(self.selves, np.int32)

    def find_skipped_sources(self, autapses: bool) -> np.ndarray:
        """Return the source that must not reach each target, negative for none.

        Parameters
        ----------
        autapses : bool
            Whether nodes may be connected to themselves.
        """
        targets = self.find_skipped_targets(autapses)
        sources = np.flatnonzero(targets >= 0)
        skipped = np.full(self.n_post, -1, np.int32)
        skipped[targets[sources]] = sources
        return skipped


class AbstractRule(ABC):
    """A rule that says which nodes are connected."""

    def realise(
        self,
        n_pre: int,
        n_post: int,
        *,
        selves: np.ndarray | None = None,
        stream: RandomStream,
        n_threads: int = 1,
    ) -> Edges:
        """Return the connections between two selections of nodes.

        Parameters
        ----------
        n_pre, n_post : int
            How many sources and targets there are.
        selves : int32 ndarray of shape (n_pre,), optional
            Target that is the same node as each source, negative for none; without, no node is
            both.
        stream : RandomStream
            Names the random numbers; rules without chance draw none.
        n_threads : int, optional
            Threads that share the work; does not change the result.

        Raises
        ------
        InputError
            If the rule cannot hold for so many sources and targets.
        """
        return self._connect(
            Sides(n_pre=n_pre, n_post=n_post, selves=selves, stream=stream, n_threads=n_threads)
        )

    @abstractmethod
    def _connect(self, sides: Sides) -> Edges: ...
