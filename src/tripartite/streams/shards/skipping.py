"""What a tolerant dataset left out: counted, remembered, and said."""

from __future__ import annotations

import threading
import warnings
from typing import NamedTuple

from tripartite.errors import ShardError

MAX_REMEMBERED = 1000


class Skipped(NamedTuple):
    """A sample, or the rest of a shard, that could not be read.

    Parameters
    ----------
    shard : str
        Path or URL.
    key : str or None
        Key of the sample; None for a whole shard or its rest.
    offset : int or None
        Where the damage begins (bytes).
    reason : str
        What was wrong.
    """

    shard: str | None
    key: str | None
    offset: int | None
    reason: str


class SkipLog:
    """Counts what was skipped, and remembers the first thousand."""

    def __init__(self) -> None:
        self.items: dict[tuple[str | None, int | None], Skipped] = {}
        self.n_skipped = 0
        self._n_told = 0
        self._places: set[int] = set()
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[type[SkipLog], tuple[()]]:
        return SkipLog, ()  # each process counts its own

    def add(self, error: ShardError) -> None:
        """Note an error; the same place counts once, however often it is read."""
        with self._lock:
            place = (error.shard, error.offset)
            if hash(place) in self._places:
                return
            self._places.add(hash(place))
            self.n_skipped += 1
            if len(self.items) < MAX_REMEMBERED:
                self.items[place] = Skipped(error.shard, error.key, error.offset, str(error))

    def warn_of_new(self) -> None:
        """Warn of what was skipped since the last warning, by whatever call."""
        n_new, self._n_told = self.n_skipped - self._n_told, self.n_skipped
        if n_new > 0:
            last = next(reversed(self.items.values()))
            warnings.warn(
                f"Damaged samples or shards were skipped: {n_new}, e.g. {last.reason} "
                'Dataset.skipped lists them; on_error="raise" stops at the first.',
                stacklevel=4,
            )
