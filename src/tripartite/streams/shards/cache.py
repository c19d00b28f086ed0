"""The local cache of remote and compressed shards: bounded, shared by processes, safe to delete."""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from pathlib import Path

import platformdirs

from tripartite.errors import InputError, ShardError, WriteError

DEFAULT_LIMIT = 10 << 30


def cache_folder() -> Path:
    """Return the folder of the cache: ``$TRIPARTITE_CACHE``, or the system's place for caches."""
    chosen = os.environ.get("TRIPARTITE_CACHE")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("tripartite"))


def cache_limit() -> int:
    """Return how many bytes the cache may take: ``$TRIPARTITE_CACHE_BYTES``, or 10 GiB."""
    text = os.environ.get("TRIPARTITE_CACHE_BYTES", str(DEFAULT_LIMIT))
    if not text.isdigit():
        raise InputError("TRIPARTITE_CACHE_BYTES is a number of bytes", repr(text))
    return int(text)


def entry_folder(*identity: str) -> Path:
    """Return the folder of the cache entry with this identity, made if it is not there."""
    digest = hashlib.sha256("\0".join(identity).encode()).hexdigest()[:32]
    folder = cache_folder() / "shards" / digest
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)  # the least recently opened entries go first
        writable = os.access(folder, os.W_OK | os.X_OK)
    except OSError as error:
        raise _unwritable(error) from error
    if not writable:
        raise _unwritable("a folder that may not be written")
    return folder


def _unwritable(got: object) -> WriteError:
    return WriteError(
        f"The cache of remote and compressed shards can be written: {cache_folder()}",
        got,
        "Set the environment variable TRIPARTITE_CACHE to a folder that you may write",
    )


def used_bytes(folder: Path) -> int:
    """Return how much of the disk the files below a folder take."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_blocks * 512
        except FileNotFoundError:  # another process made room meanwhile
            continue
    return total


def make_room(n_bytes: int, keep: Path) -> bool:
    """Remove the least recently opened entries until `n_bytes` fit; never the entry `keep`.

    Processes that still read a removed entry keep their open files.

    Returns
    -------
    bool
        False if removing all other entries is not enough.
    """
    root = cache_folder() / "shards"
    sizes = {folder: used_bytes(folder) for folder in root.iterdir() if folder.is_dir()}
    total = sum(sizes.values())
    for folder in sorted((f for f in sizes if f != keep), key=_last_opened):
        if total + n_bytes <= cache_limit():
            break
        total -= sizes[folder]
        remove_entry(folder)
    return total + n_bytes <= cache_limit()


def remove_entry(folder: Path) -> None:
    """Remove an entry; under another name first, so that nobody opens half of it."""
    doomed = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}")
    try:
        folder.rename(doomed)
    except FileNotFoundError:
        return
    shutil.rmtree(doomed, ignore_errors=True)


def refuse_too_large(shard: str, n_bytes: int) -> ShardError:
    """Return the error for a shard that does not fit into the cache."""
    return ShardError(
        f"The cache may take {cache_limit()} bytes (TRIPARTITE_CACHE_BYTES)",
        f"a shard that needs {n_bytes} or more",
        "Raise the limit, or make smaller shards",
        shard=shard,
    )


def _last_opened(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0
