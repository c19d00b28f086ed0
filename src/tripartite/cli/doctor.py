"""``tripartite doctor``: what is installed, and whether it works."""

from __future__ import annotations

import importlib
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

EXTRAS = ("torch", "cloud", "nwb", "nest", "dask")
IMPORT_BUDGET = 0.5  # seconds; `import tripartite` takes a tenth of this on an old laptop


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line of the doctor's table.

    Parameters
    ----------
    topic : str
        Part of the table: ``machine``, ``numba``, ``downloads``, ``libraries`` or ``extras``.
    name : str
        What was looked at.
    value : str
        What was found.
    ok : bool
        False if something that is required is broken.
    do : str
        What the user can do about it, or to get more.
    """

    topic: str
    name: str
    value: str
    ok: bool = True
    do: str = ""


def doctor(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False
) -> None:
    """Show what is installed, where caches lie, and what is missing."""
    checks = [
        *check_machine(),
        *check_numba(),
        *check_caches(),
        *check_libraries(),
        *check_extras(),
    ]
    if as_json:
        typer.echo(json.dumps([asdict(check) for check in checks], indent=2))
    else:
        _print_table(checks)
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


def check_machine() -> list[Check]:
    """Return what runs this process."""
    from tripartite._version import __version__
    from tripartite.core.environment import describe_environment

    machine = describe_environment()
    seconds = _time_import()
    return [
        Check(topic="machine", name="tripartite", value=__version__),
        Check(
            topic="machine",
            name="python",
            value=f"{machine['python']} ({sys.executable})",
            ok=sys.version_info >= (3, 11),
            do="" if sys.version_info >= (3, 11) else "Install Python 3.11 or newer",
        ),
        Check(topic="machine", name="platform", value=machine["platform"]),
        Check(topic="machine", name="processors", value=machine["cores"]),
        Check(
            topic="machine",
            name="import tripartite",
            value=f"{1000 * seconds:.0f} ms",
            do="Slow: is the disk a network disk?" if seconds > IMPORT_BUDGET else "",
        ),
    ]


def check_libraries() -> list[Check]:
    """Return the libraries that must be installed, with their versions, after importing each."""
    from tripartite.core.environment import find_version, list_requirements

    checks = []
    for library in list_requirements():
        trouble = _try_import(library.replace("-", "_"))
        checks.append(
            Check(
                topic="libraries",
                name=library,
                value=trouble or find_version(library) or "present",
                ok=not trouble,
                do=f"pip install --force-reinstall {library}" if trouble else "",
            )
        )
    return checks


def check_extras() -> list[Check]:
    """Return the optional libraries: those that are installed, and how to get the others."""
    from tripartite.core.environment import find_version, list_requirements

    checks = []
    for extra in EXTRAS:
        versions = {library: find_version(library) for library in list_requirements(extra)}
        found = ", ".join(
            f"{library} {version}" for library, version in versions.items() if version
        )
        complete = all(versions.values())
        checks.append(
            Check(
                topic="extras",
                name=extra,
                value=found or "not installed",
                do="" if complete else f'pip install "tripartite[{extra}]"',
            )
        )
    return checks


def check_caches() -> list[Check]:
    """Return where downloads are kept, how large they are and whether they can be written."""
    from tripartite.streams.shards.cache import cache_folder, used_bytes

    folder = cache_folder()
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    writable = existing.is_dir() and os.access(existing, os.W_OK)
    return [
        Check(
            topic="downloads",
            name="folder",
            value=str(folder),
            ok=writable,
            do="" if writable else "Set TRIPARTITE_CACHE to a folder that can be written",
        ),
        Check(topic="downloads", name="used", value=f"{used_bytes(folder) / 1e6:.1f} MB"),
    ]


def check_numba() -> Iterator[Check]:
    """Return how many threads compiled loops use and where they are kept between runs."""
    try:
        import numba
    except ImportError as error:
        yield Check(
            topic="numba", name="import", value=str(error), ok=False, do="pip install numba"
        )
        return
    yield Check(topic="numba", name="threads", value=str(numba.get_num_threads()))
    try:
        folder = numba.njit(cache=True)(_probe).stats.cache_path
    except RuntimeError as error:  # numba found no folder that it can write
        do = "Set NUMBA_CACHE_DIR to a folder that can be written"
        yield Check(topic="numba", name="cache", value=str(error), ok=False, do=do)
    else:
        yield Check(topic="numba", name="cache", value=str(folder))


def _try_import(module: str) -> str:
    try:
        importlib.import_module(module)
    except Exception as error:  # whatever a broken library raises is what the user must know
        return f"{type(error).__name__}: {error}"
    return ""


def _probe() -> int:
    return 0


def _time_import() -> float:
    code = "import time; s = time.perf_counter(); import tripartite; print(time.perf_counter() - s)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    return float(run.stdout)


def _print_table(checks: list[Check]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True, highlight=False)
    width = max(len(check.name) for check in checks)
    for topic, members in itertools.groupby(checks, key=lambda check: check.topic):
        console.print(Text(topic.capitalize(), style="bold"))
        for check in members:
            mark, style = ("ok", "green") if check.ok else ("BROKEN", "bold red")
            if check.ok and check.do:
                mark, style = "--", "yellow"
            console.print(
                Text.assemble(f"  {check.name:{width}}  ", (f"{mark:6}", style), f"  {check.value}")
            )
            if check.do:
                console.print(Text(f"  {'':{width + 8}}  {check.do}", style="yellow"))
