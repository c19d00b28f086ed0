"""Steps between a stored sample and what the user sees: filters, maps and views, in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tripartite.streams.lenses import Lens, find_lens

DROPPED = object()
"""What a step returns for a sample that goes no further."""


@dataclass(frozen=True)
class Filter:
    """Let samples pass for which a function is true."""

    keep: Callable[[Any], bool]
    changes_count = True

    def __call__(self, sample: Any) -> Any:
        return sample if self.keep(sample) else DROPPED


@dataclass(frozen=True)
class Map:
    """Replace each sample by what a function returns."""

    function: Callable[[Any], Any]
    changes_count = False

    def __call__(self, sample: Any) -> Any:
        return self.function(sample)


@dataclass(frozen=True)
class View:
    """See each sample as another type, by the lens for the type that it has."""

    view: type
    _lenses: dict[type, Lens[Any, Any]] = field(default_factory=dict, compare=False, repr=False)
    changes_count = False

    def __call__(self, sample: Any) -> Any:
        source = type(sample)
        if source not in self._lenses:
            self.prepare(source)
        return self._lenses[source].get(sample)

    def prepare(self, source: type) -> None:
        """Find the lens from a type now, so that a missing one shows before anything is read."""
        if source is not object:
            self._lenses[source] = find_lens(source, self.view)

    def __reduce__(self) -> tuple[Any, ...]:
        return View, (self.view,)


Step = Filter | Map | View


def apply(steps: Sequence[Step], sample: Any) -> Any:
    """Return what the steps make of a sample, `DROPPED` if one of them lets it go."""
    for step in steps:
        sample = step(sample)
        if sample is DROPPED:
            return DROPPED
    return sample
