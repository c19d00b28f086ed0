"""``tripartite tour``: the main job, on real recordings."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from tripartite.workflows.tour._registry import TourSection
    from tripartite.workflows.tour._runner import Outcome


def tour(
    *,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of the report, its figures and tables.")
    ] = Path("tour-report"),
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Run this section only; may be given several times."),
    ] = None,
) -> None:
    """Run one short analysis per science on real recordings; write an HTML report.

    With --only, the report keeps the other sections as they were saved before.
    """
    from rich.console import Console

    from tripartite.app.report import write_report
    from tripartite.workflows.tour._registry import choose_sections, find_sections
    from tripartite.workflows.tour._runner import load_sections, run_sections

    console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    chosen = choose_sections(only or ())
    with _show_progress(chosen, console) as report:
        outcome = run_sections(chosen, out, report=report)
    sections, failures = load_sections(out, [part.name for part in find_sections()])
    path = write_report(sections, out / "report.html", failures=failures | outcome.failures)
    _tell_outcome(outcome, out, console)
    typer.echo(f"Report: {path}")
    if outcome.remaining:
        raise typer.Exit(130)
    if outcome.failures:
        raise typer.Exit(1)


@contextmanager
def _show_progress(
    sections: Sequence[TourSection], console: Console
) -> Iterator[Callable[[TourSection, str], None]]:
    if not console.is_terminal:
        yield lambda part, message: console.print(f"{part.name}: {message}")
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    places = {part.name: place for place, part in enumerate(sections)}
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=len(sections))
        yield lambda part, message: progress.update(
            task, completed=places[part.name], description=f"{part.name}: {message}"
        )


def _tell_outcome(outcome: Outcome, out: Path, console: Console) -> None:
    from tripartite.workflows.tour._runner import FAILED

    for name in outcome.finished:
        console.print(f"{name}: finished")
    for name, reason in outcome.failures.items():
        details = (out / name / FAILED).resolve()
        console.print(f"{name}: FAILED. {reason} (details: {details})", style="red")
    if outcome.remaining:
        again = ["tripartite", "tour", "--out", str(out)]
        for name in outcome.remaining:
            again += ["--only", name]
        console.print(f"Stopped; what was finished is kept. To go on:\n  {shlex.join(again)}")
