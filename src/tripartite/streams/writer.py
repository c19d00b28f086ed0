"""Writing samples to shards: deterministic bytes, each shard whole or not there at all."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, TypeVar

import xxhash

from tripartite.errors import InputError, SchemaError, WriteError
from tripartite.files import BufferedFile, new_file
from tripartite.streams.dataset import Dataset
from tripartite.streams.samples.arrays import Layout
from tripartite.streams.samples.codec import PACKED, codec_of
from tripartite.streams.samples.sample import DictSample
from tripartite.streams.shards.index import IndexBuilder, split_name
from tripartite.streams.shards.sidecar import save_sidecar, sidecar_path
from tripartite.streams.shards.sources import numbered_shards
from tripartite.streams.shards.tar import BLOCK, Member, end_mark, padding, ustar_header

T = TypeVar("T")


def write_samples(
    samples: Iterable[T],
    path: str | os.PathLike[str],
    *,
    maxcount: int | None = None,
    maxsize: int | None = None,
    layout: Layout = "npy",
    key: Callable[[T], str] | None = None,
    overwrite: bool = False,
) -> Dataset[T]:
    """Write samples to one shard, or to numbered shards, and open them.

    Equal samples give equal bytes. A shard, and the index beside it, take their names only when
    they are complete: if writing fails or is stopped, the shards before are there and whole.

    Parameters
    ----------
    samples : iterable
        Samples of one type: a dataclass, `DictSample` or dict. Read one by one.
    path : str or path
        A name that ends with ``.tar``; its folder is made. With `maxcount` or `maxsize` the shards
        are ``stem-000000.tar``, ``stem-000001.tar``, ...
    maxcount : int, optional
        Most samples in a shard.
    maxsize : int, optional
        Most bytes in a shard; a single sample may be larger.
    layout : {"npy", "compact"}
        How arrays are written: ``"npy"`` is what every reader understands, ``"compact"`` takes some
        100 bytes less for each array.
    key : callable, optional
        Gives the key of a sample: text without dots. By default samples are numbered,
        ``"000000000"``, so that keys sort and are unique.
    overwrite : bool
        Replace shards of an earlier dataset of this name. All of them: a shorter dataset leaves no
        old shard behind.

    Returns
    -------
    Dataset
        What was written.

    Raises
    ------
    SchemaError
        If a sample does not fit its type, or is of another type than the first.
    InputError
        If there are no samples, or an argument does not hold.
    WriteError
        If shards are there already, or the disk refuses.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> dataset = write_samples(({"x": i} for i in range(5)), f"{folder.name}/x.tar", maxcount=2)
    >>> len(dataset), len(dataset.shards)
    (5, 3)
    >>> folder.cleanup()
    """
    if layout not in ("npy", "compact"):
        raise InputError('layout is "npy" or "compact"', repr(layout))
    first, rest = _peek(samples)
    sample_type = type(first)
    packed = (
        (f"{i:09d}" if key is None else key(sample), _encode(sample, sample_type, i, layout))
        for i, sample in enumerate(rest)
    )
    written = write_packed(packed, Path(path), maxcount, maxsize, overwrite=overwrite)
    read_as: Any = DictSample if sample_type is dict else sample_type
    return Dataset(written, read_as)


def write_packed(
    samples: Iterable[tuple[str, list[Any]]],
    target: Path,
    maxcount: int | None,
    maxsize: int | None,
    *,
    overwrite: bool,
) -> list[str]:
    """Write packed samples to one shard or to numbered shards; return their paths.

    Parameters
    ----------
    samples : iterable of (str, list of buffers)
        Key and msgpack of each sample.
    target, maxcount, maxsize, overwrite
        As for `write_samples`.
    """
    _check_target(target, maxcount, maxsize)
    limits = None if maxcount is None and maxsize is None else (maxcount or 2**63, maxsize or 2**63)
    pairs = ((_check_key(key), pieces) for key, pieces in samples)
    # Before anything is removed: what fails at its first sample leaves all as it was.
    first = list(itertools.islice(pairs, 1))
    with _disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        _make_way(target, overwrite=overwrite)
    with ShardWriter(target, limits) as writer:
        for key, pieces in itertools.chain(first, pairs):
            # Around each, so that what the user's own files raise is not taken for ours.
            with _disk_errors(target):
                writer.add(key, pieces)
    return writer.written


class ShardWriter:
    """Writes packed samples to shards; a context manager, so that nothing half-written stays.

    Parameters
    ----------
    target : Path
        Name of the one shard, or of which the numbered shards have the stem.
    limits : tuple of int, optional
        Most samples and most bytes in a numbered shard; None for one shard.
    """

    def __init__(self, target: Path, limits: tuple[int, int] | None) -> None:
        self.written: list[str] = []
        self._target = target
        self._limits = limits
        self._open: ExitStack | None = None
        self._n_samples = 0

    def __enter__(self) -> ShardWriter:
        return self

    def __exit__(self, *exception: Any) -> None:
        if self._open is None:
            return
        if exception[0] is None:
            with _disk_errors(self._target):
                self._finish()
        else:
            self._open.__exit__(*exception)

    def add(self, key: str, pieces: list[Any]) -> None:
        """Append a sample: its key, and its msgpack in pieces."""
        size = sum(len(piece) for piece in pieces)
        if self._limits is not None and self._n_samples:
            max_samples, max_bytes = self._limits
            if self._n_samples >= max_samples or self._place + BLOCK + size > max_bytes:
                self._finish()
        if self._open is None:
            self._start()
        name = f"{key}.{PACKED}"
        digest = xxhash.xxh3_64()
        for piece in pieces:
            digest.update(piece)
        n_bytes = self._file.write([ustar_header(name, size), *pieces, padding(size)])
        self._index.add(Member(name, self._place + BLOCK, size), digest.intdigest())
        self._place += n_bytes
        self._n_samples += 1

    def _start(self) -> None:
        self._path = self._target
        if self._limits is not None:
            self._path = self._target.with_name(f"{self._target.stem}-{len(self.written):06d}.tar")
        self._open = ExitStack()
        self._file = BufferedFile(self._open.enter_context(new_file(self._path)))
        self._index = IndexBuilder()
        self._n_samples = self._place = 0

    def _finish(self) -> None:
        assert self._open is not None
        opened, self._open = self._open, None
        with opened:
            self._place += self._file.write([end_mark(self._place)])
            self._file.flush()
        save_sidecar(self._index.finish(self._place), self._path)
        self.written.append(str(self._path))


def _check_target(target: Path, maxcount: int | None, maxsize: int | None) -> None:
    if target.suffix != ".tar":
        raise InputError(
            "Samples are written to a name that ends with .tar", target, f"E.g. {target}.tar"
        )
    for name, limit in (("maxcount", maxcount), ("maxsize", maxsize)):
        if limit is not None and limit < 1:
            raise InputError(f"{name} is at least 1", limit)


def _peek(samples: Iterable[T]) -> tuple[T, Iterator[T]]:
    iterator = iter(samples)
    for first in iterator:
        return first, itertools.chain([first], iterator)
    raise InputError("A dataset has at least one sample", "none")


def _make_way(target: Path, *, overwrite: bool) -> None:
    old = numbered_shards(target) + ([str(target)] if target.exists() else [])
    if old and not overwrite:
        raise WriteError(
            "Nothing is overwritten unasked",
            f"{old[0]} is there already",
            "Pass overwrite=True, or another path",
        )
    # First, so that a write that is stopped half-way leaves no mixture of old and new shards.
    for shard in old:
        os.unlink(shard)
        sidecar_path(shard).unlink(missing_ok=True)


def _check_key(key: str) -> str:
    name = f"{key}.{PACKED}"
    if not isinstance(key, str) or split_name(name) != (key, PACKED) or not _is_safe(name):
        raise InputError(
            "A key is text of at most 92 bytes, without dots in its last part",
            repr(key),
            "Keys do not begin with '/', './' or '__', and hold no '..'",
        )
    return key


def _is_safe(name: str) -> bool:
    parts = name.split("/")
    odd = name.startswith(("/", "__", "./")) or ".." in parts or "\0" in name
    encoded = name.encode("utf-8", "replace")
    return not odd and len(encoded) <= 100 and encoded.decode("utf-8") == name


def _encode(sample: Any, sample_type: type, i: int, layout: Layout) -> list[Any]:
    if type(sample) is not sample_type:
        raise SchemaError(
            f"All samples of a dataset are of one type, here {sample_type.__name__}",
            f"sample {i} is a {type(sample).__name__}",
        )
    if not (is_dataclass(sample) or isinstance(sample, Mapping)):
        raise SchemaError(
            "A sample is a dataclass or a dict",
            type(sample).__name__,
            "Decorate its class with @tripartite.packable",
        )
    try:
        return codec_of(sample_type).encode(sample, layout)
    except SchemaError as error:
        error.add_note(f"in sample {i}")
        raise


@contextlib.contextmanager
def _disk_errors(target: Path) -> Iterator[None]:
    try:
        yield
    except WriteError:
        raise
    except OSError as error:
        raise _disk_error(error, target) from error


def _disk_error(error: OSError, target: Path) -> WriteError:
    is_full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    failed = WriteError(
        f"The folder {target.parent} takes the shards",
        error.strerror or error,
        "Make room, or write elsewhere; finished shards are whole"
        if is_full
        else "Check the folder and your rights",
    )
    failed.errno = error.errno
    return failed
