"""Compressed shards: decompressed once, in one pass, into the local cache."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tripartite.errors import ShardError
from tripartite.files import new_file, write_all
from tripartite.streams.shards import cache

_CHUNK = 1 << 20


def is_compressed(name: str) -> bool:
    """Tell whether a shard's name ends like that of a compressed archive."""
    return name.partition("?")[0].endswith((".tar.gz", ".tgz", ".tar.zst"))


def decompress(path: str, name: str) -> Path:
    """Return the decompressed copy of a shard in the cache, made if it is not there.

    Parameters
    ----------
    path : str
        Local path of the compressed shard.
    name : str
        What errors call it; its end tells the compression.

    Raises
    ------
    ShardError
        If the stream is damaged, cut short, or grows beyond the limit of the cache.
    """
    try:
        status = os.stat(path)
    except OSError as error:
        raise ShardError("The shard exists", error, "Check the path", shard=name) from error
    folder = cache.entry_folder(os.path.abspath(path), str(status.st_mtime_ns), str(status.st_size))
    target = folder / "data"
    if not target.exists():
        _copy(_opener(name), path, target, name)
    return target


def _opener(name: str) -> Callable[[str], Any]:
    if name.partition("?")[0].endswith(".zst"):
        import zstandard

        # The window bounds the memory that a stream may ask for: 128 MiB is zstd's own --long=27.
        return lambda path: zstandard.open(
            path, "rb", dctx=zstandard.ZstdDecompressor(max_window_size=1 << 27)
        )
    return lambda path: gzip.open(path, "rb")


def _copy(open_stream: Callable[[str], Any], path: str, target: Path, name: str) -> None:
    n_bytes = 0
    with new_file(target) as descriptor:
        try:
            with open_stream(path) as stream:
                while chunk := stream.read(_CHUNK):
                    n_bytes += len(chunk)
                    if n_bytes % (64 * _CHUNK) < _CHUNK and not cache.make_room(0, target.parent):
                        raise cache.refuse_too_large(name, n_bytes)
                    write_all(descriptor, chunk)
        except ShardError:
            raise
        except (OSError, EOFError, zlib.error) as error:
            raise ShardError(
                "A compressed shard is one whole stream",
                error,
                "Fetch it again",
                shard=name,
                offset=n_bytes,
            ) from error
        except Exception as error:
            if type(error).__name__ != "ZstdError":
                raise
            raise ShardError(
                "A compressed shard is one whole stream", error, "Fetch it again", shard=name
            ) from error
    if not cache.make_room(0, target.parent):
        cache.remove_entry(target.parent)
        raise cache.refuse_too_large(name, n_bytes)
