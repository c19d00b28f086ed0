"""Members of plain WebDataset samples: one file per field, decoded by the end of its name."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import numpy as np

from tripartite.errors import FileFormatError
from tripartite.streams.arrays import decode_array
from tripartite.streams.kinds import read_extension


def decode_members(members: Mapping[str, memoryview]) -> dict[str, Any]:
    """Return the values of a sample's members.

    Parameters
    ----------
    members : mapping of str to memoryview
        Bytes by extension: ``{"image.npy": ..., "cls": ...}``.

    Returns
    -------
    dict of str to object
        Values by extension. Images, pickles and unknown files stay bytes: nothing is executed.

    Raises
    ------
    FileFormatError
        If the bytes are not what the extension says.
    """
    values = {}
    for extension, data in members.items():
        decode = _DECODERS.get(extension.rpartition(".")[2].lower(), bytes)
        try:
            values[extension] = decode(data)
        except FileFormatError as error:
            error.add_note(f"in member {extension!r}")
            raise
        except (
            ValueError,
            KeyError,
            EOFError,
            RecursionError,
            zipfile.BadZipFile,
            msgspec.MsgspecError,
        ) as error:
            raise FileFormatError(
                f"Member {extension!r} holds what its name says", repr(error)
            ) from error
    return values


def _npz(data: memoryview) -> dict[str, np.ndarray]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            # The declared size is what numpy would allocate: refuse what cannot be true of it.
            if entry.file_size > 1032 * max(entry.compress_size, 1):
                raise FileFormatError(
                    "A zip member grows at most 1032-fold", f"{entry.filename}: {entry.file_size}"
                )
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def _text(data: memoryview) -> str:
    return bytes(data).decode("utf-8")


def _msgpack(data: memoryview) -> Any:
    return msgspec.msgpack.decode(data, ext_hook=read_extension)


_DECODERS: dict[str, Callable[[memoryview], Any]] = {
    "npy": decode_array,
    "npz": _npz,
    "json": lambda data: json.loads(_text(data)),
    "msgpack": _msgpack,
    "mp": _msgpack,
    "txt": _text,
    "text": _text,
    "cls": lambda data: int(_text(data)),
    "id": lambda data: int(_text(data)),
    "index": lambda data: int(_text(data)),
}
