"""The list of sections, which the modules of this folder fill."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tripartite.core.checks import check_option
from tripartite.core.section import Section
from tripartite.errors import InputError

Run = Callable[[Path, Callable[[str], None]], Section]


@dataclass(frozen=True, kw_only=True)
class TourSection:
    """A part of the tour that can be run.

    Parameters
    ----------
    name : str
        Short name, also the folder of its files.
    title : str
        Heading in the report.
    order : int
        Place in the tour; sections run from low to high.
    run : callable
        Takes the folder to write to and a function that tells the user what is being done; returns
        a `Section` whose paths are relative to the parent of that folder.
    """

    name: str
    title: str
    order: int
    run: Run


_sections: dict[str, TourSection] = {}


def section(name: str, title: str, order: int) -> Callable[[Run], Run]:
    """Return a decorator that adds a function to the tour.

    Parameters
    ----------
    name, title, order
        As in `TourSection`.

    Raises
    ------
    InputError
        If another function has this name already.
    """

    def register(run: Run) -> Run:
        known = _sections.get(name)
        if known is not None and known.run.__module__ != run.__module__:
            raise InputError(
                "Each section of the tour has a name of its own",
                got=f"{name!r} from both {known.run.__module__} and {run.__module__}",
            )
        _sections[name] = TourSection(name=name, title=title, order=order, run=run)
        return run

    return register


def find_sections() -> tuple[TourSection, ...]:
    """Return all sections of the tour in their order."""
    package = __name__.rpartition(".")[0]
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        if not module.name.startswith("_"):
            importlib.import_module(f"{package}.{module.name}")
    return tuple(sorted(_sections.values(), key=lambda part: (part.order, part.name)))


def choose_sections(names: Iterable[str] = ()) -> tuple[TourSection, ...]:
    """Return the sections with these names, all of them without names.

    Parameters
    ----------
    names : iterable of str
        Names of sections; repeats count once.

    Raises
    ------
    InputError
        If there is no section of some name.
    """
    sections, wanted = find_sections(), set(names)
    valid = [part.name for part in sections]
    for name in sorted(wanted):
        check_option(name, valid, name="section")
    return tuple(part for part in sections if not wanted or part.name in wanted)
