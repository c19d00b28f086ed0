"""From what a user names to a list of shards: paths, folders, globs, braces, URLs, lists."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from tripartite.errors import InputError, RemoteError, ShardError
from tripartite.streams.servers import Remote, is_remote, is_web, open_filesystem, with_retries

MAX_SHARDS = 1_000_000
ENDINGS = (".tar", ".tar.gz", ".tgz", ".tar.zst")
Source = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


def find_shards(
    source: Source, remote: Remote | None = None, *, tolerant: bool = False
) -> tuple[str, ...]:
    """Return the shards that a source names, in order.

    Parameters
    ----------
    source : str, path, or iterable of them
        A file, a folder (its shards, sorted), a glob, braces ``{000..009}`` or ``{a,b}``, or a URL
        (``http(s)://``, ``s3://``, ``gs://``, ``memory://``). The path that was given to
        `write_samples` finds the numbered shards that it wrote.
    remote : Remote, optional
        How remote folders are listed.
    tolerant : bool
        Leave it to the reader to miss shards that are not there.

    Raises
    ------
    ShardError
        If a local shard is missing; the message names the first few.
    InputError
        If the source is no path, or names no shard.
    """
    if isinstance(source, (str, os.PathLike)):
        names = _expand(os.fspath(source), remote or Remote())
    elif isinstance(source, Iterable):
        names = [name for item in source for name in find_shards(item, remote, tolerant=tolerant)]
    else:
        raise InputError(
            "A dataset is opened from a path, a URL, or a list of them",
            type(source).__name__,
            'E.g. "data/x-{000..009}.tar"',
        )
    if not names:
        raise InputError(
            "A source names at least one shard",
            repr(source),
            f"Shards end with {', '.join(ENDINGS)}",
        )
    missing = [
        name
        for name in names
        if not is_remote(name) and not os.path.exists(name.removeprefix("file://"))
    ]
    if missing and not tolerant:
        raise ShardError(
            "Every shard exists",
            f"{len(missing)} of {len(names)} missing: {', '.join(missing[:5])}",
            'Fetch them, or pass on_error="skip" to read the others',
            shard=missing[0],
        )
    return tuple(names)


def _expand(text: str, remote: Remote) -> list[str]:
    names: list[str] = []
    for name in expand_braces(text):
        names += _expand_one(name, remote)
        if len(names) > MAX_SHARDS:
            raise InputError(f"A dataset has at most {MAX_SHARDS} shards", text)
    return names


def _expand_one(name: str, remote: Remote) -> list[str]:
    if is_remote(name):
        return _expand_remote(name, remote)
    if os.path.isdir(name):
        return sorted(os.path.join(name, entry) for entry in os.listdir(name) if _is_shard(entry))
    if os.path.exists(name):
        return [name]
    if glob.has_magic(name):
        return sorted(path for path in glob.glob(name, recursive=True) if _is_shard(path))
    return numbered_shards(Path(name)) or [name]


def _expand_remote(name: str, remote: Remote) -> list[str]:
    if is_web(name):
        if not glob.has_magic(urlsplit(name).path):  # signatures hold any letter
            return [name]
        raise RemoteError(
            "A web server cannot be searched", name, "Name the shards with braces: x-{000..009}.tar"
        )
    if not glob.has_magic(name) and name.endswith(ENDINGS):
        return [name]
    fs, path = open_filesystem(name, remote)
    pattern = path if glob.has_magic(name) else path.rstrip("/") + "/*"
    found = with_retries(lambda: fs.glob(pattern), name, remote)
    return sorted(fs.unstrip_protocol(entry) for entry in found if _is_shard(entry))


def numbered_shards(path: Path) -> list[str]:
    """Return the shards ``stem-000000.tar``, ... that were written under a path, sorted."""
    if not path.parent.is_dir() or path.suffix != ".tar":
        return []
    pattern = re.compile(re.escape(path.stem) + r"-\d{6,}\.tar")
    return sorted(str(entry) for entry in path.parent.iterdir() if pattern.fullmatch(entry.name))


def _is_shard(name: str) -> bool:
    return name.endswith(ENDINGS) and not os.path.basename(name).startswith(".")


def expand_braces(text: str) -> Iterator[str]:
    """Yield the texts that a text with braces stands for, as a shell would.

    Parameters
    ----------
    text : str
        ``{08..11}`` counts with the width of its first number; ``{a,b}`` lists.

    Examples
    --------
    >>> list(expand_braces("x-{08..10}.tar"))
    ['x-08.tar', 'x-09.tar', 'x-10.tar']
    """
    match = re.search(r"\{([^{}]*)\}", text)
    if match is None:
        yield text
        return
    before, after = text[: match.start()], text[match.end() :]
    for option in _options(match[1], text):
        yield from expand_braces(before + option + after)


def _options(inside: str, text: str) -> Iterable[str]:
    numbers = re.fullmatch(r"(\d+)\.\.(\d+)", inside)
    if numbers is None:
        if "," not in inside:
            raise InputError("Braces hold a range {000..009} or a list {a,b}", repr(text))
        return inside.split(",")
    first, last = int(numbers[1]), int(numbers[2])
    if not first <= last < first + MAX_SHARDS:
        raise InputError(f"A range counts up, to at most {MAX_SHARDS} shards", repr(text))
    return (f"{i:0{len(numbers[1])}d}" for i in range(first, last + 1))
