"""``tripartite network``: simulate networks of neurons and astrocytes."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from tripartite.networks import Network
    from tripartite.workflows.network_sweep import PointResult

app = typer.Typer(no_args_is_help=True, help="Simulate networks of neurons and astrocytes.")

EXAMPLE = "astrocyte-brunel"

Out = Annotated[Path, typer.Option(metavar="DIR", help="Folder of what is written.")]
Precision = Annotated[
    str, typer.Option(help="exact: adaptive steps as NEST takes them; fast: fixed steps.")
]


@app.command()
def run(
    network: Annotated[
        str, typer.Argument(metavar="NETWORK", help=f"{EXAMPLE}, or a file my_network.py.")
    ],
    *,
    duration: Annotated[
        float | None, typer.Option(help="Simulated time that is measured (s); 1 if not given.")
    ] = None,
    warm_up: Annotated[
        float | None,
        typer.Option(help="Simulated time before it (s): recorded, but left out of the numbers."),
    ] = None,
    out: Out = Path("network-run"),
    seed: Annotated[int | None, typer.Option(help="Seed of connections and input.")] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="They do not change the result.")
    ] = None,
    precision: Precision = "exact",
    engine: Annotated[str, typer.Option(help="kernel: ours; nest: NEST, if installed.")] = "kernel",
    record_to: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Stream spikes and traces to this folder meanwhile."),
    ] = None,
    scale: Annotated[
        float | None, typer.Option(help=f"{EXAMPLE}: factor on the number of nodes.")
    ] = None,
    p: Annotated[
        float | None, typer.Option("--p", help=f"{EXAMPLE}: connection probability.")
    ] = None,
    pool_size: Annotated[
        int | None, typer.Option(help=f"{EXAMPLE}: astrocytes that can act on a neuron.")
    ] = None,
    w_a2n: Annotated[
        float | None, typer.Option(help=f"{EXAMPLE}: weight of the slow inward current.")
    ] = None,
) -> None:
    """Simulate a network; write the recording, tables, figures and a report.

    A file describes a network if it defines network(), which returns a tripartite.networks.Network,
    and, if --seed is given, takes seed=. It may also define duration and warm_up, in seconds.
    """
    from tripartite.app.report import write_report
    from tripartite.core.checks import check_option
    from tripartite.workflows.network_run import RECORDING, RunSettings, run_network

    check_option(precision, ("exact", "fast"), name="--precision")
    check_option(engine, ("kernel", "nest"), name="--engine")
    options = {"scale": scale, "p": p, "pool_size": pool_size, "w_a2n": w_a2n}
    name, described, times = _describe(network, seed, options)
    settings = RunSettings(
        duration=duration if duration is not None else times.get("duration", 1.0),
        warm_up=warm_up if warm_up is not None else times.get("warm_up", 0.0),
        engine=cast(Any, engine),
        precision=cast(Any, precision),
        n_threads=threads,
        record_to=record_to,
    )
    with _stopped_by_ctrl_c(record_to or out / RECORDING, resumes=record_to is not None):
        section = run_network(
            described, settings, out, name=name, report=_console().print, progress=True
        )
    for finding in section.findings:
        typer.echo(f"{finding.name}: {finding.value} {finding.unit}")
    path = write_report([section], out / "report.html", title=f"A run of {name}")
    typer.echo(f"Report: {path}")


@app.command()
def sweep(
    *,
    w_a2n: Annotated[
        str, typer.Option(metavar="W,W,...", help="Weights of the slow inward current.")
    ] = "0,0.01,0.02,0.05",
    pool_size: Annotated[
        str, typer.Option(metavar="N,N,...", help="Astrocytes that can act on a neuron.")
    ] = "1,10,100",
    seeds: Annotated[str, typer.Option(metavar="N,N,...", help="Seeds of each point.")] = "1,2,3",
    scale: Annotated[float, typer.Option(help="Factor on the number of nodes.")] = 0.1,
    p: Annotated[float, typer.Option("--p", help="Connection probability.")] = 1.0,
    duration: Annotated[float, typer.Option(help="Simulated time that is measured (s).")] = 1.0,
    warm_up: Annotated[float, typer.Option(help="Simulated time before it (s).")] = 0.1,
    precision: Precision = "exact",
    out: Out = Path("network-sweep"),
    workers: Annotated[int, typer.Option(min=1, help="Processes on this machine.")] = 1,
    scheduler: Annotated[
        str | None, typer.Option(metavar="URL", help="Dask scheduler to use, tcp://...")
    ] = None,
) -> None:
    """Study rate and slow inward current over two parameters of astrocyte-brunel.

    Each finished point is saved, so that the same command goes on where it was stopped.
    """
    from tripartite.core.checks import check_option
    from tripartite.workflows.executors import open_executor
    from tripartite.workflows.network_sweep import (
        SweepSettings,
        load_sweep,
        make_points,
        run_sweep,
        write_sweep,
    )

    check_option(precision, ("exact", "fast"), name="--precision")
    points = make_points(
        _read_list("--w-a2n", w_a2n, float),
        _read_list("--pool-size", pool_size, int),
        _read_list("--seeds", seeds, int),
    )
    settings = SweepSettings(
        scale=scale, p=p, duration=duration, warm_up=warm_up, precision=cast(Any, precision)
    )
    with (
        _stopped_by_ctrl_c(out, resumes=True),
        open_executor(n_workers=workers, scheduler=scheduler) as executor,
        _show_points(len(points)) as report,
    ):
        for result in run_sweep(points, settings, out, executor=executor):
            report(result)
    for name, about in write_sweep(load_sweep(out), out).items():
        typer.echo(f"{(out / name).resolve()}: {about}")


def _describe(
    network: str, seed: int | None, options: dict[str, float | int | None]
) -> tuple[str, Network, dict[str, float]]:
    """Return the name of a network, the network, and the times that belong to it."""
    from tripartite.errors import InputError

    given = {name: value for name, value in options.items() if value is not None}
    if network == EXAMPLE:
        from tripartite.workflows.astrocyte_brunel import WARM_UP, astrocyte_brunel

        if seed is not None:
            given["seed"] = seed
        return EXAMPLE, astrocyte_brunel(**cast(Any, given)), {"warm_up": WARM_UP}
    from tripartite.workflows.network_scripts import read_network_script

    if given:
        flags = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise InputError(
            f"Options of {EXAMPLE} must not be given with a file",
            got=flags,
            do="Write the values into the file",
        )
    script = read_network_script(Path(network), seed=seed)
    times = {"duration": script.duration, "warm_up": script.warm_up}
    return Path(network).stem, script.network, {k: v for k, v in times.items() if v is not None}


def _read_list(option: str, text: str, kind: Callable[[str], Any]) -> list[Any]:
    from tripartite.errors import InputError

    try:
        return [kind(part) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise InputError(f"{option} must be numbers with commas between them", got=text) from error


@contextmanager
def _stopped_by_ctrl_c(kept: Path, *, resumes: bool) -> Iterator[None]:
    """Say, when the user stops the command, where finished parts are and how to go on."""
    from tripartite.networks.interruption import RunInterrupted

    try:
        yield
    except KeyboardInterrupt as stop:
        message = "Stopped."
        if resumes:
            again = shlex.join(["tripartite", *sys.argv[1:]])
            message = f"Stopped; what was finished is kept in {kept}. To go on:\n  {again}"
        elif isinstance(stop, RunInterrupted):
            message = f"Stopped; what was recorded until then is in {kept}."
        _console().print(message)
        raise typer.Exit(130) from None


@contextmanager
def _show_points(n_points: int) -> Iterator[Callable[[PointResult], None]]:
    """Show how many points of a study are finished."""
    console = _console()
    if not console.is_terminal:
        yield lambda result: console.print(_point_text(result))
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("points", total=n_points)
        yield lambda result: progress.update(task, advance=1, description=_point_text(result))


def _point_text(result: PointResult) -> str:
    point = result.point
    return (
        f"w_a2n {point.w_a2n:g}, pool of {point.pool_size}, seed {point.seed}: "
        f"{result.rate:.2f} Hz, {result.sic:.1f} pA"
    )


def _console() -> Console:
    from rich.console import Console

    return Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
