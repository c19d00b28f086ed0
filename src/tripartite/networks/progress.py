"""How far a run is: simulated time, speed, and when it will end, on the terminal."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import timedelta

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn


@contextlib.contextmanager
def show_progress(
    duration: float, *, start: float = 0.0, console: Console | None = None
) -> Iterator[Callable[[float], None]]:
    """Show on the terminal how far a run is; show nothing where there is no terminal.

    Parameters
    ----------
    duration : float
        Simulated time at the end (s).
    start : float
        Simulated time at the begin (s), which is not 0 where a run goes on.
    console : Console, optional
        Where to show it; by default the standard error stream.

    Yields
    ------
    callable
        To be told the simulated time (s) now and then.

    Examples
    --------
    >>> with show_progress(2.0) as tell:
    ...     tell(0.5)
    """
    console = console or Console(stderr=True)
    columns = BarColumn(bar_width=20), TextColumn("{task.description}", markup=False)
    silent = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=silent) as progress:
        number = progress.add_task(describe_progress(start, duration), total=duration - start)
        (task,) = progress.tasks

        def tell(seconds: float) -> None:
            progress.update(number, completed=seconds - start)
            text = describe_progress(seconds, duration, task.speed)
            progress.update(number, description=text)

        yield tell


def describe_progress(simulated: float, duration: float, speed: float | None = None) -> str:
    """Return how far a run is, in words.

    Parameters
    ----------
    simulated, duration : float
        Simulated time now and at the end (s).
    speed : float, optional
        Simulated seconds per second of the clock, where it is known.

    Examples
    --------
    >>> describe_progress(2.5, 10.0, speed=0.05)
    '2.50 of 10 s, 0.05 x real time, 0:02:30 left'
    """
    said = [f"{simulated:.2f} of {duration:g} s"]
    if speed:
        left = timedelta(seconds=round((duration - simulated) / speed))
        said += [f"{speed:.2g} x real time", f"{left} left"]
    return ", ".join(said)
