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
from tripartite.streams.samples.arrays import decode_array
from tripartite.streams.samples.kinds import read_extension

_MAX_NPZ_GROWTH = 100
_MAX_NPZ_BYTES = 1 << 28  # masks of zeros shrink a thousand-fold, but are not large


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
        except Exception as error:
            # Of damaged bytes, zip files alone raise a dozen kinds of errors.
            raise FileFormatError(
                f"Member {extension!r} holds what its name says", repr(error)
            ) from error
    return values


def _npz(data: memoryview) -> dict[str, np.ndarray]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        n_bytes = sum(entry.file_size for entry in archive.infolist())
        if n_bytes > max(_MAX_NPZ_BYTES, _MAX_NPZ_GROWTH * len(data)):
            raise FileFormatError(
                f"An npz member grows to at most {_MAX_NPZ_GROWTH} times its size",
                f"{n_bytes} bytes",
            )
        # Not numpy.load, which takes the memory that an array's own header asks for.
        return {
            entry.filename.removesuffix(".npy"): decode_array(memoryview(archive.read(entry)))
            for entry in archive.infolist()
        }


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
