"""``tripartite data``: look at, check, index and convert shards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.console import Console

app = typer.Typer(no_args_is_help=True, help="Look at, check, index and convert shards.")

Urls = Annotated[
    list[str],
    typer.Argument(
        metavar="URL...", help="Files, folders, globs, braces x-{000..009}.tar, or URLs."
    ),
]
Limit = Annotated[int, typer.Option(min=1, help="How many samples to look at.")]


@app.command()
def inspect(urls: Urls, limit: Limit = 1000) -> None:
    """Show shards, counts, sizes, and the fields of the samples with dtypes and shapes."""
    import numpy as np
    from rich.filesize import decimal

    from tripartite.streams import Dataset
    from tripartite.streams.shards.inspection import summarise_fields, summarise_shards

    shards = list(_with_progress("Reading shards", summarise_shards(urls)))
    folder = shards[0].shard.rpartition("/")[0] + "/"
    rows = [
        (
            s.shard.removeprefix(folder),
            s.n_samples,
            decimal(s.n_bytes),
            s.form,
            "yes" if s.has_checksums else "no",
            s.n_ignored,
        )
        for s in shards
    ]
    typer.echo(f"In {folder}")
    _print_table("Shards", ("shard", "samples", "size", "form", "checksums", "other members"), rows)
    n_samples = sum(s.n_samples for s in shards)
    typer.echo(
        f"{_n(len(shards), 'shard')}, {_n(n_samples, 'sample')}, "
        f"{decimal(sum(s.n_bytes for s in shards))}\n"
    )
    n_seen = min(limit, n_samples)
    # Spread evenly, so that what differs between the shards shows.
    spread = np.linspace(0, n_samples - 1, n_seen).astype(int).tolist() if n_seen else []
    dataset = Dataset(urls)
    fields = summarise_fields(dataset[i] for i in _with_progress("Reading samples", spread))
    _print_table(
        f"Fields of {n_seen} of {n_samples} samples",
        ("field", "holds (how often)", "shape"),
        [(f.name, ", ".join(f"{k} ({n})" for k, n in f.kinds.items()), f.shape) for f in fields],
    )


@app.command()
def preview(urls: Urls, limit: Limit = 5) -> None:
    """Print the first samples."""
    from tripartite.streams import Dataset

    dataset = Dataset(urls)
    samples = dataset.head(limit)
    for i, (key, sample) in enumerate(zip(dataset.keys(), samples, strict=False)):
        typer.echo(f"[{i}] {key}")
        for name, value in sample.items():
            typer.echo(f"  {name}: {_value_text(value)}")


@app.command()
def verify(
    urls: Urls,
    sha256: Annotated[
        Path | None,
        typer.Option("--sha256", help="File of checksums, as sha256sum writes it."),
    ] = None,
) -> None:
    """Decode every sample; list each bad one with shard, key and byte offset.

    The exit code is 1 if anything is wrong.
    """
    from tripartite.streams.shards.shard import ShardOptions
    from tripartite.streams.shards.verification import verify

    options = ShardOptions(checksums=_read_checksums(sha256) if sha256 else {})
    n_samples = n_problems = n_without = n_shards = 0
    for report in _with_progress("Verifying shards", verify(urls, options=options)):
        n_shards += 1
        n_samples += report.n_samples
        n_problems += len(report.problems)
        n_without += report.n_samples > 0 and not report.has_checksums
        for problem in report.problems:
            typer.echo(f"BAD {problem}")
    typer.echo(f"{_n(n_shards, 'shard')}, {_n(n_samples, 'sample')}, {_n(n_problems, 'problem')}")
    if n_without:
        typer.echo(
            f"Without checksums: {_n(n_without, 'shard')}. "
            "A changed value in an array would not show there."
            + ("" if n_problems else " `tripartite data index` notes checksums from now on.")
        )
    if n_problems:
        raise typer.Exit(1)


@app.command()
def index(
    urls: Urls,
    *,
    accept_changes: Annotated[
        bool, typer.Option("--accept-changes", help="Samples were changed on purpose.")
    ] = False,
) -> None:
    """Write the index of each local shard anew, with a checksum of every sample."""
    from tripartite.streams.shards.indexing import index_shards

    for shard, made in _with_progress(
        "Indexing shards", index_shards(urls, accept_changes=accept_changes)
    ):
        typer.echo(f"{shard}: {_n(len(made), 'sample')}")


@app.command()
def convert(
    urls: Urls,
    out: Annotated[Path, typer.Option("--out", "-o", help="A name that ends with .tar.")],
    *,
    layout: Annotated[str, typer.Option(help="How arrays are written: npy or compact.")] = "npy",
    maxcount: Annotated[int | None, typer.Option(min=1, help="Most samples in a shard.")] = None,
    maxsize: Annotated[int | None, typer.Option(min=1, help="Most bytes in a shard.")] = None,
    overwrite: Annotated[bool, typer.Option(help="Replace what is there.")] = False,
) -> None:
    """Write shards anew: from any readable layout to indexed shards of one member a sample."""
    from tripartite.errors import InputError
    from tripartite.streams.conversion import convert

    if layout not in ("npy", "compact"):
        raise InputError("--layout is npy or compact", layout)
    with _show_count("Converting samples") as report:
        dataset = convert(
            urls,
            out,
            layout="npy" if layout == "npy" else "compact",
            maxcount=maxcount,
            maxsize=maxsize,
            overwrite=overwrite,
            report=report,
        )
    typer.echo(f"{len(dataset)} samples in {len(dataset.shards)} shards, {dataset.shards[0]} ...")


def _read_checksums(path: Path) -> dict[str, str]:
    from tripartite.errors import FileFormatError

    checksums = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        digest, _, name = line.partition(" ")
        if len(digest) != 64 or not name.strip():
            raise FileFormatError(
                "A line is a SHA-256 and a name", f"{path}, line {number}: {line[:80]}"
            )
        checksums[name.strip().lstrip("*").rpartition("/")[2]] = digest
    return checksums


def _n(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' * (count != 1)}"


def _value_text(value: Any) -> str:
    if hasattr(value, "dtype"):
        return f"{value.dtype} array {value.shape}"
    text = repr(value)
    return text if len(text) <= 200 else text[:197] + "..."


def _print_table(title: str, header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name in header:
        is_number = bool(rows) and isinstance(rows[0][header.index(name)], int)
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(str, row))
    _console(stderr=False).print(table)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    console = Console(stderr=stderr, markup=False, highlight=False)
    if not console.is_terminal:
        console.width = 160  # tables that go to a file are not folded to 80 columns
    return console


def _with_progress(what: str, items: Iterable[Any]) -> Iterator[Any]:
    with _show_count(what) as report:
        for n_done, item in enumerate(items, start=1):
            report(n_done)
            yield item


@contextmanager
def _show_count(what: str) -> Iterator[Callable[[int], None]]:
    console = _console(stderr=True)
    if not console.is_terminal:
        yield lambda n_done: None
        return
    with console.status(what) as status:
        yield lambda n_done: status.update(f"{what}: {n_done}")
