"""Tar headers: walked in one pass when reading, written in USTAR form.

References
----------
IEEE Std 1003.1 (POSIX), *pax*: the ustar and pax interchange formats; the GNU tar manual, *Basic
Tar Format*, for the GNU extensions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from tripartite.errors import ShardError

BLOCK = 512
RECORD = 10_240  # archives are padded to whole records, as every tar program does
MAX_FILE_BYTES = 8**11 - 1
_ZEROS = bytes(BLOCK)
_MAX_EXTENDED_HEADER = 1 << 20
_SAMPLES = b"0\0"
_FOLDER, _PAX, _PAX_GLOBAL, _GNU_NAME, _GNU_LINK = b"5", b"x", b"g", b"L", b"K"

ReadAt = Callable[[int, int], bytes]


class Member(NamedTuple):
    """A regular file in a tar archive.

    Parameters
    ----------
    name : str
        Path in the archive.
    start : int
        Where its bytes begin in the archive.
    size : int
        How many there are.
    """

    name: str
    start: int
    size: int


def walk(read_at: ReadAt, n_bytes: int, shard: str) -> Iterator[Member]:
    """Yield the regular files of an archive, every header checked.

    Parameters
    ----------
    read_at : callable
        ``read_at(start, n)`` returns bytes of the archive.
    n_bytes : int
        Length of the archive.
    shard : str
        Name of the archive in errors.

    Raises
    ------
    ShardError
        If a header is corrupt, a member is cut short, or the end mark is missing.
    """
    place, extended = 0, {}
    while True:
        header = _header_at(read_at, place, n_bytes, shard)
        if header == _ZEROS:
            return _check_end(read_at, place, n_bytes, shard)
        kind, size, name = _parse(header, shard, place)
        name = extended.get("path", name)
        start = place + BLOCK
        size = _checked_size(size, extended, start, n_bytes, (shard, name))
        place = start + size + -size % BLOCK
        if kind in (_PAX, _GNU_NAME):
            extended |= _read_extended(kind, read_at, start, size, shard)
            continue
        if kind in (_PAX_GLOBAL, _GNU_LINK):
            continue
        extended = {}
        if kind in _SAMPLES:
            yield Member(_safe(name, shard, start), start, size)
        elif kind != _FOLDER:
            raise ShardError(
                "A shard holds regular files only",
                f"tar entry type {kind!r}",
                shard=shard,
                key=name,
                offset=start,
            )


def _header_at(read_at: ReadAt, place: int, n_bytes: int, shard: str) -> bytes:
    header = read_at(place, BLOCK) if place + BLOCK <= n_bytes else b""
    if len(header) < BLOCK:
        raise ShardError(
            "A tar archive ends with a block of zeros",
            "the end of the file: it was cut off",
            "Fetch or write it again",
            shard=shard,
            offset=place,
        )
    return header


def _checked_size(
    size: int, extended: dict[str, str], start: int, n_bytes: int, member: tuple[str, str]
) -> int:
    """Return the size of a member, as its own and its extended header state it."""
    shard, name = member
    stated = int(extended.get("size", size))
    if stated != size and stated <= MAX_FILE_BYTES:
        raise ShardError(
            "An extended header gives the size of a member only where its own cannot",
            f"{stated} bytes besides {size}",
            shard=shard,
            key=name,
            offset=start - BLOCK,
        )
    if stated < 0 or start + stated > n_bytes:
        raise ShardError(
            "A member lies within its archive",
            f"{stated} bytes from byte {start} in {n_bytes}: the file was cut off",
            "Fetch or write it again",
            shard=shard,
            key=name,
            offset=start,
        )
    return stated


def _parse(header: bytes, shard: str, place: int) -> tuple[bytes, int, str]:
    try:
        total = sum(header) - sum(header[148:156]) + 8 * 32
        if total != _octal(header[148:156]):
            raise ValueError("its checksum is wrong")
        name = _text(header[:100])
        if header[257:263] == b"ustar\0" and header[345]:
            name = _text(header[345:500]) + "/" + name
        return header[156:157], _octal(header[124:136]), name
    except ValueError as error:
        raise ShardError(
            "A tar header stands here",
            f"bytes that are none ({error})",
            "The shard is damaged: fetch or write it again",
            shard=shard,
            offset=place,
        ) from error


def _octal(data: bytes) -> int:
    if data[0] & 0x80:  # GNU's binary form, for what does not fit
        return int.from_bytes(bytes([data[0] & 0x7F]) + data[1:], "big")
    digits = data.split(b"\0")[0].strip()
    if digits.strip(b"01234567"):
        raise ValueError(f"{digits!r} is no octal number")
    return int(digits or b"0", 8)


def says_size(data: bytes, size: int) -> bool:
    """Tell whether the bytes of a header's field of the size say this size."""
    try:
        # Larger sizes stand elsewhere in some archives.
        return _octal(data) == size or size > MAX_FILE_BYTES
    except ValueError:
        return False


def _text(data: bytes) -> str:
    # A long name may be cut within a letter where it stands in an extended header too.
    return data.split(b"\0")[0].decode("utf-8", "surrogateescape")


def _read_extended(
    kind: bytes, read_at: ReadAt, start: int, size: int, shard: str
) -> dict[str, str]:
    """Return what an extended header says of the next member: its name, and its size."""
    try:
        if size > _MAX_EXTENDED_HEADER:
            raise ValueError(f"it takes {size} bytes")
        data = read_at(start, size)
        if kind == _GNU_NAME:
            return {"path": _text(data)}
        records = dict(_pax_records(data))
        if any(name.startswith("GNU.sparse") for name in records):
            raise ValueError("it describes a sparse file")
        int(records.get("size", 0))
        return {name: records[name] for name in ("path", "size") if name in records}
    except ValueError as error:
        raise ShardError(
            "An extended tar header can be read",
            error,
            "Write the shard again",
            shard=shard,
            offset=start,
        ) from error


def _pax_records(data: bytes) -> Iterator[tuple[str, str]]:
    place = 0
    while place < len(data):
        space = data.index(b" ", place)
        stop = place + int(data[place:space])
        if not space < stop <= len(data) or data[stop - 1 : stop] != b"\n":
            raise ValueError("a record is not as long as it says")
        name, separator, value = data[space + 1 : stop - 1].partition(b"=")
        if not separator:
            raise ValueError("a record has no value")
        # Only names matter here; the values of other records may be in any encoding.
        yield name.decode("utf-8"), value.decode("utf-8", "surrogateescape")
        place = stop


def _safe(name: str, shard: str, place: int) -> str:
    if name.startswith("/") or "\0" in name or ".." in name.split("/"):
        raise ShardError(
            "The members of a shard have relative names without '..'",
            repr(name),
            "Do not trust this file: nobody writes such names by accident",
            shard=shard,
            offset=place,
        )
    try:
        name.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ShardError(
            "The names of members are UTF-8",
            ascii(name),
            "Write the shard again",
            shard=shard,
            offset=place,
        ) from error
    return name.removeprefix("./")


def _check_end(read_at: ReadAt, place: int, n_bytes: int, shard: str) -> None:
    # A header that was overwritten with zeros would otherwise hide all that follows it.
    while place < n_bytes:
        chunk = read_at(place, min(1 << 20, n_bytes - place))
        if not chunk or chunk.strip(b"\0"):
            raise ShardError(
                "Only zeros follow the end mark of an archive",
                "other bytes",
                "Two archives were joined, or the shard is damaged: write it again",
                shard=shard,
                offset=place,
            )
        place += len(chunk)


def ustar_header(name: str, size: int) -> bytes:
    """Return the header of a regular file, without owner or time: equal data are equal bytes.

    Parameters
    ----------
    name : str
        At most 100 bytes of UTF-8.
    size : int
        At most 8 GiB.
    """
    encoded = name.encode("utf-8")
    if len(encoded) > 100 or not 0 <= size <= MAX_FILE_BYTES:
        raise ShardError(
            "A member has a name of at most 100 bytes and at most 8 GiB", f"{name}, {size} bytes"
        )
    header = _TEMPLATE_HEAD + b"%011o\0" % size + _TEMPLATE_TAIL
    header = encoded + header[len(encoded) :]
    return header[:148] + b"%06o\0 " % sum(header) + header[156:]


def padding(size: int) -> bytes:
    """Return the zeros after a file of `size` bytes."""
    return bytes(-size % BLOCK)


def end_mark(n_bytes: int) -> bytes:
    """Return the zeros that end an archive of `n_bytes`."""
    return bytes(2 * BLOCK + -(n_bytes + 2 * BLOCK) % RECORD)


_TEMPLATE_HEAD = bytes(100) + b"0000444\0" + b"0000000\0" * 2
_TEMPLATE_TAIL = b"%011o\0" % 0 + b" " * 8 + b"0" + bytes(100) + b"ustar\00000" + bytes(247)
