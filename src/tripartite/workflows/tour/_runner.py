"""Running sections one after another, so that what is finished is never lost."""

from __future__ import annotations

import contextlib
import os
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tripartite.core.environment import describe_environment
from tripartite.core.section import Section
from tripartite.errors import FileFormatError, InputError
from tripartite.files import write_whole
from tripartite.workflows.tour._registry import TourSection

SAVED = "section.json"
FAILED = "error.txt"


@dataclass(kw_only=True)
class Outcome:
    """What became of each section of one run.

    Parameters
    ----------
    finished : list of str
        Names of the sections whose results are saved.
    failures : dict of str to str
        Name of each section that failed, to why.
    remaining : list of str
        Names of the sections that the user's Ctrl-C left undone.
    """

    finished: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    remaining: list[str] = field(default_factory=list)


def run_sections(
    sections: Sequence[TourSection],
    folder: Path,
    *,
    report: Callable[[TourSection, str], None],
) -> Outcome:
    """Return what became of the sections, after running each into a folder of its own.

    Parameters
    ----------
    sections : sequence of TourSection
        What to run, in order.
    folder : Path
        Folder of the report; each section writes to ``folder/<name>``.
    report : callable
        Told the section and what it is doing.

    Returns
    -------
    Outcome
        A failing section does not stop the others; Ctrl-C does.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    _prepare_folder(folder)
    outcome = Outcome()
    for place, part in enumerate(sections):
        try:
            _run_section(part, folder / part.name, report)
            outcome.finished.append(part.name)
        except KeyboardInterrupt:
            outcome.remaining = [left.name for left in sections[place:]]
            break
        except Exception as error:  # one section must not cost the user the others
            outcome.failures[part.name] = f"{type(error).__name__}: {error}"
            with contextlib.suppress(OSError):  # the disk may be what failed
                write_whole(folder / part.name / FAILED, traceback.format_exc().encode())
    return outcome


def load_sections(
    folder: Path, order: Sequence[str] = ()
) -> tuple[tuple[Section, ...], dict[str, str]]:
    """Return all sections saved below a folder and, by name, why others have nothing to show.

    Parameters
    ----------
    folder : Path
        Folder of the report.
    order : sequence of str
        Names in the order of the report; sections of other names follow by name.
    """
    sections, failures = [], {}
    for path in folder.glob(f"*/{FAILED}"):
        failures[path.parent.name] = path.read_text(encoding="utf-8").strip().rpartition("\n")[2]
    for path in folder.glob(f"*/{SAVED}"):
        try:
            sections.append(Section.load(path))
        except FileFormatError as error:
            failures[path.parent.name] = str(error)
    ranks = {name: rank for rank, name in enumerate(order)}
    sections.sort(key=lambda part: (ranks.get(part.name, len(ranks)), part.name))
    return tuple(sections), failures


def _prepare_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        reason = None if os.access(folder, os.W_OK) else "not writable"
    except OSError as error:
        reason = error.strerror
    if reason is not None:
        raise InputError(
            "The folder of the report must be one that can be written",
            got=f"{folder} ({reason})",
            do="Choose another: tripartite tour --out FOLDER",
        )


def _run_section(part: TourSection, out: Path, report: Callable[[TourSection, str], None]) -> None:
    out.mkdir(exist_ok=True)
    # What is about to be rewritten is not finished until it is finished again.
    for stale in (SAVED, FAILED):
        (out / stale).unlink(missing_ok=True)
    _forget_peak_memory()
    start = time.perf_counter()
    result = part.run(out, lambda message: report(part, message))
    measured = replace(
        result,
        name=part.name,
        title=part.title,
        seconds=time.perf_counter() - start,
        peak_bytes=_measure_peak_memory(),
        environment=describe_environment(),
    )
    measured.save(out / SAVED)


def _forget_peak_memory() -> None:
    # Linux counts the peak anew after this; elsewhere the peak is that of the tour so far.
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _measure_peak_memory() -> int:
    try:
        import resource
        import sys
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
