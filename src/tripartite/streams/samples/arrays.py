"""Arrays as bytes: the two layouts that shards hold, read without copies and checked.

- ``npy``: a complete NPY stream (numpy's own file format, versions 1.0 to 3.0). Every reader of
  such shards understands it; atdata wrote it until version 0.2.
- ``compact``: length and ASCII text of ``dtype.str``, number of dimensions (one byte), the shape
  as little-endian int64, the bytes in C order. atdata writes it since version 0.3. Structured
  dtypes have no short text, so they are stored as NPY in both layouts.

References
----------
NumPy enhancement proposal 1, *A simple file format for NumPy arrays*.
"""

from __future__ import annotations

import ast
import io
import math
import struct
import warnings
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np

from tripartite.errors import FileFormatError, SchemaError

Layout = Literal["npy", "compact"]

NPY_MAGIC = b"\x93NUMPY"
# A header longer than this is no header: the widest structured dtypes of the field take 2 kB.
MAX_HEADER_BYTES = 65_536
MAX_AXES = 31  # numpy 1 has 32, and a batch adds one


class ArrayHeader(NamedTuple):
    """What stands before the bytes of an array.

    Parameters
    ----------
    dtype : numpy.dtype
        Type of the elements.
    shape : tuple of int
        Lengths of the axes.
    fortran : bool
        True if the first axis varies fastest.
    start : int
        Where the elements begin, counted from the start of the header (bytes).
    nbytes : int
        How long the elements are (bytes).
    """

    dtype: np.dtype
    shape: tuple[int, ...]
    fortran: bool
    start: int
    nbytes: int


def read_header(buffer: memoryview) -> ArrayHeader:
    """Return the header of the array in `buffer`, after checking that the bytes fit it.

    Parameters
    ----------
    buffer : memoryview of bytes
        One whole array in either layout.

    Raises
    ------
    FileFormatError
        If the bytes are no array, hold Python objects, or are not as long as the header says.
    """
    header = _cached_header(header_bytes(buffer))
    check_length(buffer, header)
    return header


def check_length(buffer: memoryview, header: ArrayHeader) -> None:
    """Raise if the bytes after a header are not those that it promises."""
    n_bytes = len(buffer) - header.start
    if n_bytes != header.nbytes:
        raise FileFormatError(
            f"An array {header.shape} of {header.dtype} takes {header.nbytes} bytes",
            f"{n_bytes} bytes",
        )


def header_bytes(buffer: memoryview) -> bytes:
    """Return the bytes before the elements: equal bytes mean equal dtype and shape."""
    try:
        n_letters = buffer[0]
        if n_letters != 0x93:
            stop = 2 + n_letters + 8 * buffer[1 + n_letters]
        elif buffer[6] == 1:  # 0x93 begins the NPY magic, and is too large for a dtype's length
            stop = 10 + buffer[8] + 256 * buffer[9]
        else:
            stop = 12 + int.from_bytes(buffer[8:12], "little")
    except IndexError:
        raise FileFormatError("An array begins with a header", f"{len(buffer)} bytes") from None
    if stop > min(len(buffer), MAX_HEADER_BYTES):
        raise FileFormatError(
            "The header of an array lies within its bytes",
            f"a header of {stop} in {len(buffer)} bytes",
        )
    return bytes(buffer[:stop])


def decode_array(buffer: memoryview, *, copy: bool = True) -> np.ndarray:
    """Return the array in `buffer`.

    Parameters
    ----------
    buffer : memoryview of bytes
        One whole array in either layout.
    copy : bool
        False gives a view, read-only where the buffer is.
    """
    return array_at(buffer, read_header(buffer), copy=copy)


def array_at(buffer: memoryview, header: ArrayHeader, *, copy: bool) -> np.ndarray:
    """Return the array in `buffer`, of which the header is known and was checked."""
    order = "F" if header.fortran else "C"
    array = np.ndarray(header.shape, header.dtype, buffer, header.start, order=order)
    return array.copy() if copy else array


def encode_array(array: np.ndarray, layout: Layout) -> tuple[bytes, memoryview | bytes]:
    """Return the header of an array and a view of its elements in C order.

    Parameters
    ----------
    array : ndarray
        Any dtype without Python objects.
    layout : {"npy", "compact"}
        How the header is written.

    Raises
    ------
    SchemaError
        If the dtype cannot be stored.
    """
    if isinstance(array, np.ma.MaskedArray):
        raise SchemaError(
            "A stored array has no mask",
            "a masked array",
            "Store array.filled() and the mask apart",
        )
    plain = np.asarray(array, order="C")
    header = _written_header(plain.dtype, plain.shape, layout)
    # datetime64 does not give its buffer away; as bytes every dtype does.
    return header, plain.reshape(-1).view(np.uint8).data if plain.nbytes else b""


def is_array(buffer: memoryview) -> bool:
    """Tell whether the bytes are an array in either layout."""
    if buffer[: len(NPY_MAGIC)] == NPY_MAGIC:
        return True  # and damaged, if what follows is not the rest of one
    try:
        header = read_header(buffer)
    except FileFormatError:
        return False
    # Short binary strings can look like a compact header; the canonical dtype text cannot be had
    # by chance.
    return header.dtype.str.encode() == bytes(buffer[1 : 1 + buffer[0]])


@lru_cache(maxsize=4096)
def _cached_header(data: bytes) -> ArrayHeader:
    try:
        dtype, shape, fortran = (
            _npy_header(data) if data[:1] == NPY_MAGIC[:1] else _compact_header(data)
        )
        nbytes = math.prod(shape) * dtype.itemsize
    except FileFormatError:
        raise
    except Exception as error:
        # numpy and ast raise a dozen kinds of errors for garbage; to the reader all say the same.
        raise FileFormatError(
            "The header of an array names a dtype and a shape", repr(error)
        ) from error
    if dtype.hasobject:
        raise FileFormatError("A stored array holds no Python objects", f"dtype {dtype}")
    if min(shape, default=0) < 0 or len(shape) > MAX_AXES:
        raise FileFormatError(f"The shape of an array is at most {MAX_AXES} lengths >= 0", shape)
    if not _is_bounded(dtype, shape):
        # Otherwise a header of a few bytes could ask for any amount of memory.
        raise FileFormatError(
            "An array without bytes has no elements, and axes and a dtype of possible lengths",
            f"shape {shape}, dtype {dtype}",
        )
    return ArrayHeader(dtype, shape, fortran, len(data), nbytes)


def _is_bounded(dtype: np.dtype, shape: tuple[int, ...]) -> bool:
    """Tell whether an array takes little memory wherever it has no bytes to show for it."""
    if math.prod(shape) * dtype.itemsize:
        return True
    extent = math.prod(max(1, n) for n in shape)
    return 0 in shape and dtype.itemsize <= 1 << 24 and extent * dtype.itemsize < 1 << 48


def _npy_header(data: bytes) -> tuple[np.dtype, tuple[int, ...], bool]:
    version = tuple(data[6:8])
    if not data.startswith(NPY_MAGIC) or version not in {(1, 0), (2, 0), (3, 0)}:
        raise FileFormatError(
            "An NPY array begins with its magic and version 1.0, 2.0 or 3.0", data[:8]
        )
    text = data[10 if version == (1, 0) else 12 :].decode(
        "utf-8" if version == (3, 0) else "latin-1"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # garbage may warn of odd escapes before it fails
        fields = ast.literal_eval(text.strip())
        dtype = np.lib.format.descr_to_dtype(fields["descr"])
    shape, fortran = fields["shape"], fields["fortran_order"]
    if set(fields) != {"descr", "fortran_order", "shape"} or type(fortran) is not bool:
        raise FileFormatError("An NPY header has the fields descr, fortran_order and shape", fields)
    if type(shape) is not tuple or any(type(n) is not int for n in shape):
        raise FileFormatError("The shape of an array is a tuple of integers", shape)
    return dtype, shape, fortran


def _compact_header(data: bytes) -> tuple[np.dtype, tuple[int, ...], bool]:
    n_letters = data[0]
    text = data[1 : 1 + n_letters].decode("ascii")
    dtype = np.dtype(text)
    if not text or dtype.names is not None:
        raise FileFormatError("A compact array names a plain dtype", repr(text))
    n_axes = data[1 + n_letters]
    return dtype, struct.unpack(f"<{n_axes}q", data[2 + n_letters :]), False


@lru_cache(maxsize=4096)
def _written_header(dtype: np.dtype, shape: tuple[int, ...], layout: Layout) -> bytes:
    if dtype.hasobject or (dtype.names is None and np.dtype(dtype.str) != dtype):
        raise SchemaError(
            "A stored array has one of numpy's own dtypes, without Python objects",
            f"dtype {dtype}",
            "Convert it first, e.g. array.astype('float64') or array.astype('U')",
        )
    if len(shape) > MAX_AXES or not _is_bounded(dtype, shape):
        raise SchemaError(
            f"A stored array has at most {MAX_AXES} axes, and elements of at least one byte",
            f"shape {shape}, dtype {dtype}",
        )
    if layout == "compact" and dtype.names is None:
        text = dtype.str.encode("ascii")
        return bytes([len(text)]) + text + struct.pack(f"<B{len(shape)}q", len(shape), *shape)
    buffer = io.BytesIO()
    fields = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    try:
        np.lib.format.write_array_header_1_0(buffer, fields)
    except (ValueError, UnicodeEncodeError):
        # Very wide structured dtypes, or field names beyond Latin-1, need a later version.
        text = repr(fields).encode("utf-8")
        padding = -(12 + len(text) + 1) % 64
        if 12 + len(text) + padding + 1 > MAX_HEADER_BYTES:
            raise SchemaError(
                f"The header of a stored array takes at most {MAX_HEADER_BYTES} bytes",
                f"{len(text)} for a dtype of {len(dtype.names or ())} fields",
            ) from None
        length = struct.pack("<I", len(text) + padding + 1)
        return NPY_MAGIC + b"\x03\x00" + length + text + b" " * padding + b"\n"
    return buffer.getvalue()
