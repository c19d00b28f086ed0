"""From what a user names to a list of shards: paths, folders, globs, braces, URLs, lists."""

from __future__ import annotations

import glob
import itertools
import math
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from tripartite.errors import InputError, RemoteError, ShardError
from tripartite.streams.shards.servers import (
    Remote,
    is_remote,
    is_web,
    open_filesystem,
    with_retries,
)

MAX_SHARDS = 100_000
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
    text = text.removeprefix("file://")
    # A name that is there is meant as it is, whatever letters it has.
    names = None if is_remote(text) else _find_local(text)
    if names is not None:
        return names
    return [found for name in expand_braces(text) for found in _expand_one(name, remote)]


def _expand_one(name: str, remote: Remote) -> list[str]:
    if is_remote(name):
        return _expand_remote(name, remote)
    names = _find_local(name)
    if names is not None:
        return names
    if glob.has_magic(name):
        return sorted(path for path in glob.glob(name, recursive=True) if _is_shard(path))
    return [name]


def _find_local(name: str) -> list[str] | None:
    """Return the shards of a folder, a file, or the numbered shards under a name, if it is any."""
    if os.path.isdir(name):
        return sorted(os.path.join(name, entry) for entry in os.listdir(name) if _is_shard(entry))
    if os.path.exists(name):
        return [name]
    first = f"{name.removesuffix('.tar')}-{0:06d}.tar"
    if not name.endswith(".tar") or not os.path.exists(first):
        return None
    # By number, so that one that is missing between them is missed.
    last = numbered_shards(Path(name))[-1]
    n_shards = int(last.removesuffix(".tar").rpartition("-")[2]) + 1
    return [f"{name.removesuffix('.tar')}-{i:06d}.tar" for i in range(min(n_shards, MAX_SHARDS))]


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
    """Return the shards ``stem-000000.tar``, ... that were written under a path, sorted.

    Without the first one there are none, and numbers that are too large or have other than six
    digits are somebody else's, such as dates.
    """
    if path.suffix != ".tar" or not os.path.exists(path.with_name(f"{path.stem}-{0:06d}.tar")):
        return []
    pattern = re.compile(re.escape(path.stem) + r"-0\d{5}\.tar")
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
    pieces = re.split(r"\{([^{}]*)\}", text)
    if any("{" in piece or "}" in piece for piece in pieces[::2]):
        raise InputError("Braces come in pairs, none within another", repr(text))
    options = [_options(inside, text) for inside in pieces[1::2]]
    if math.prod(map(len, options)) > MAX_SHARDS:
        raise InputError(f"Braces stand for at most {MAX_SHARDS} shards", repr(text))
    for chosen in itertools.product(*options):
        pieces[1::2] = chosen
        yield "".join(pieces)


def _options(inside: str, text: str) -> list[str]:
    numbers = re.fullmatch(r"(\d+)\.\.(\d+)", inside)
    if numbers is None:
        if "," not in inside:
            raise InputError("Braces hold a range {000..009} or a list {a,b}", repr(text))
        return inside.split(",")
    first, last = int(numbers[1]), int(numbers[2])
    if not first <= last < first + MAX_SHARDS:
        raise InputError(f"A range counts up, to at most {MAX_SHARDS} shards", repr(text))
    return [f"{i:0{len(numbers[1])}d}" for i in range(first, last + 1)]
