"""Writing samples to shards: deterministic bytes, each shard whole or not there at all."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import is_dataclass
from numbers import Integral
from pathlib import Path
from typing import Any, TypeVar

import xxhash

from tripartite.errors import InputError, SchemaError, WriteError
from tripartite.files import BufferedFile, new_path
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
    they are complete: if writing fails or is stopped, the shards before are there and whole. What
    is overwritten stays as it was until the last new shard is complete.

    Parameters
    ----------
    samples : iterable
        Samples of one type: a dataclass, `DictSample` or dict. Read one by one.
    path : str or path
        A local name that ends with ``.tar``; its folder is made. With `maxcount` or `maxsize`
        the shards are ``stem-000000.tar``, ``stem-000001.tar``, ...
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
        Replace shards of an earlier dataset of this name, all of them and at the end: `samples` may
        read what they replace, and a shorter dataset leaves no old shard behind.

    Returns
    -------
    Dataset
        What was written.

    Raises
    ------
    SchemaError
        If a sample does not fit its type, or is of another type than the first.
    InputError
        If there are no samples, the path is remote, or an argument does not hold.
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
    target = _local(target)
    _check_target(target, maxcount, maxsize)
    limits = None if maxcount is None and maxsize is None else (maxcount or 2**63, maxsize or 2**63)
    pairs = ((_check_key(key), pieces) for key, pieces in samples)
    # Before a folder is made: what fails at its first sample leaves all as it was.
    first = list(itertools.islice(pairs, 1))
    if not first:
        raise InputError("A dataset has at least one sample", "none")
    with _disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        old = _old_shards(target, overwrite=overwrite)
    with ExitStack() as unnamed:
        writer = ShardWriter(target, limits, unnamed, overwrite=overwrite)
        for key, pieces in itertools.chain(first, pairs):
            # Around each, so that what the user's own files raise is not taken for ours.
            with _disk_errors(target):
                writer.add(key, pieces)
        with _disk_errors(target):
            writer.finish()
            unnamed.close()
            for shard in set(old).difference(writer.written):
                os.unlink(shard)
                sidecar_path(shard).unlink(missing_ok=True)
    return writer.written


class ShardWriter:
    """Writes packed samples to shards.

    Parameters
    ----------
    target : Path
        Name of the one shard, or of which the numbered shards have the stem.
    limits : tuple of int, optional
        Most samples and most bytes in a numbered shard; None for one shard.
    unnamed : ExitStack
        Holds what has no name yet: gives it when it is closed, removes it if an error ends it.
    overwrite : bool
        Leave it to `unnamed` to name the shards together, in the place of what is there.
    """

    def __init__(
        self, target: Path, limits: tuple[int, int] | None, unnamed: ExitStack, *, overwrite: bool
    ) -> None:
        self.written: list[str] = []
        self._target = target
        self._limits = limits
        self._unnamed = unnamed
        self._overwrite = overwrite
        self._n_samples = 0

    def add(self, key: str, pieces: list[Any]) -> None:
        """Append a sample: its key, and its msgpack in pieces."""
        size = sum(len(piece) for piece in pieces)
        if self._limits is not None and self._n_samples:
            max_samples, max_bytes = self._limits
            if self._n_samples >= max_samples or self._place + BLOCK + size > max_bytes:
                self.finish()
        if not self._n_samples:
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
        path = self._target
        if self._limits is not None:
            path = path.with_name(f"{path.stem}-{len(self.written):06d}.tar")
        self._beside = self._unnamed.enter_context(_new_shard(path, overwrite=self._overwrite))
        self._raw = self._unnamed.enter_context(self._beside.open("xb", buffering=0))
        self._file = BufferedFile(self._raw.fileno())
        self._index = IndexBuilder()
        self._place = 0
        self.written.append(str(path))

    def finish(self) -> None:
        """Complete the last shard."""
        self._place += self._file.write([end_mark(self._place)])
        self._file.flush()
        self._raw.close()
        save_sidecar(self._index.finish(self._place), self._beside)
        self._n_samples = 0
        if not self._overwrite:
            self._unnamed.close()


@contextlib.contextmanager
def _new_shard(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give a free name; the shard and the sidecar there take theirs if the block ends well."""
    with ExitStack() as stack:
        beside = stack.enter_context(new_path(path))
        made = sidecar_path(beside)
        try:
            yield beside
            if not overwrite:
                _claim(path, beside)
            # An old one would take the new samples for damaged.
            sidecar_path(path).unlink(missing_ok=True)
            stack.close()
            with contextlib.suppress(FileNotFoundError):  # where it could not be written
                os.replace(made, sidecar_path(path))
        finally:
            made.unlink(missing_ok=True)


def _claim(path: Path, beside: Path) -> None:
    """Give a file a name that nobody has, also if two ask for it at the same time."""
    try:
        os.link(beside, path)
    except OSError as error:
        # Some file systems have no links: there, looking has to do.
        if isinstance(error, FileExistsError) or os.path.lexists(path):
            raise _is_there(path) from error


def _is_there(path: str | Path) -> WriteError:
    return WriteError(
        "Nothing is overwritten unasked",
        f"{path} is there already",
        "Pass overwrite=True, or another path",
    )


def _local(target: Path) -> Path:
    scheme = re.match(r"([A-Za-z][\w+.-]+):/", str(target))
    if scheme is None:
        return target
    if scheme[1] != "file":
        raise InputError(
            "Shards are written to a local folder", target, "Write them here, then upload them"
        )
    return Path(str(target).removeprefix("file:"))


def _check_target(target: Path, maxcount: int | None, maxsize: int | None) -> None:
    if target.suffix != ".tar":
        raise InputError(
            "Samples are written to a name that ends with .tar", target, f"E.g. {target}.tar"
        )
    for name, limit in (("maxcount", maxcount), ("maxsize", maxsize)):
        is_whole = isinstance(limit, Integral) and not isinstance(limit, bool)
        if limit is not None and not (is_whole and limit >= 1):
            raise InputError(f"{name} is a whole number, at least 1", repr(limit))


def _peek(samples: Iterable[T]) -> tuple[T, Iterator[T]]:
    iterator = iter(samples)
    for first in iterator:
        return first, itertools.chain([first], iterator)
    raise InputError("A dataset has at least one sample", "none")


def _old_shards(target: Path, *, overwrite: bool) -> list[str]:
    numbered = numbered_shards(target)
    old = numbered + ([str(target)] if os.path.lexists(target) else [])
    if old and not overwrite:
        raise _is_there(old[0])
    if target.is_dir():
        raise WriteError("A shard takes the place of a file", f"{target} is a folder")
    for i, shard in enumerate(numbered):
        # What comes after a gap may be somebody else's: neither removed, nor mixed with the new.
        if not shard.endswith(f"-{i:06d}.tar"):
            raise WriteError(
                "The old shards are numbered without a gap",
                f"{shard} after {i} shards",
                "Remove or rename it by hand, or pass another path",
            )
    return old


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
