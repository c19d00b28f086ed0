"""The commands of ``tripartite``, put together."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from tripartite._version import __version__
from tripartite.cli import DEBUG_VARIABLE, data, doctor, network, tour

app = typer.Typer(
    name="tripartite",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # `main` prints errors
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(tour.tour)
app.command()(doctor.doctor)
app.add_typer(data.app, name="data")
app.add_typer(network.app, name="network")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tripartite {__version__}")
        raise typer.Exit


@app.callback()
def set_options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", envvar=DEBUG_VARIABLE, help="Show tracebacks of errors.")
    ] = False,
) -> None:
    """Stream, predict, simulate and analyse the activity of neurons and astrocytes."""
    os.environ[DEBUG_VARIABLE] = "1" if debug else "0"
