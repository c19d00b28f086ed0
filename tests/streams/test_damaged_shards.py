"""Damaged and hostile shards: refused with shard, key and offset, or skipped and counted."""

import io
import itertools
import os
import pickle
import re
import stat
import struct
import subprocess
import sys
import tarfile
import textwrap
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from shard_samples import Frame, Number, assert_same, make_frames, numbers, tar_bytes, write_numbers

import tripartite as tp
from tripartite.errors import (
    FileFormatError,
    InputError,
    MissingExtraError,
    ShardError,
    TripartiteError,
)

BLOCK = 512


def write_bytes(path, data):
    path.write_bytes(data)
    return path


@pytest.fixture
def good(tmp_path):
    """The bytes of a shard of 8 frames, and its samples."""
    dataset = tp.write_samples(make_frames(8), tmp_path / "good.tar")
    return Path(dataset.shards[0]).read_bytes(), make_frames(8)


def offsets_of(data):
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return [(m.offset, m.offset_data, m.size) for m in archive]


# Cut shards.


def test_a_shard_cut_anywhere_before_its_end_mark_is_refused(good, tmp_path):
    data, _ = good
    end = offsets_of(data)[-1][1] + 1024
    places = {0, 1, 100, 511, 512, 513, 1024, 4000, end - 1, end - 512, end - 513}
    places |= {p + d for o in offsets_of(data) for p in o[:2] for d in (-1, 0, 1)} - {-1}
    for place in sorted(p for p in places if p < len(data)):
        path = write_bytes(tmp_path / f"cut{place}.tar", data[:place])
        with pytest.raises(ShardError, match=rf"cut{place}\.tar") as caught:
            list(tp.Dataset(path, Frame))
        assert caught.value.shard == str(path)
        assert place == 0 or caught.value.offset <= place + 511


def test_what_comes_before_a_cut_is_read_where_damage_is_skipped(good, tmp_path):
    data, frames = good
    for k, (start, _, _) in enumerate(offsets_of(data)):
        for place in (start + 1, start + 520):
            path = write_bytes(tmp_path / f"cut{place}.tar", data[:place])
            dataset = tp.Dataset(path, Frame, on_error="skip")
            with pytest.warns(UserWarning, match="skipped: 1"):
                assert_same(list(dataset), frames[:k])
            assert (dataset.n_skipped, dataset.skipped[0].shard) == (1, str(path))
            assert len(dataset) == k


@pytest.mark.usefixtures("good")
def test_a_cut_shard_of_which_the_sidecar_is_whole_is_refused(tmp_path):
    os.truncate(tmp_path / "good.tar", 5000)
    with pytest.raises(ShardError, match="cut off"):
        tp.Dataset(tmp_path / "good.tar", Frame)[0]


# Corrupt headers.


def test_a_corrupt_header_is_refused_at_its_place(good, tmp_path):
    data, _ = good
    for k, (start, _, _) in enumerate(offsets_of(data)):
        for place in (0, 50, 100, 125, 150, 156, 260, 400, 511):
            broken = bytearray(data)
            broken[start + place] ^= 0x41
            path = write_bytes(tmp_path / "broken.tar", broken)
            with pytest.raises(ShardError) as caught:
                list(tp.Dataset(path, Frame))
            assert caught.value.offset == start
            dataset = tp.Dataset(path, Frame, on_error="skip")
            with pytest.warns(UserWarning, match=f"byte {start}"):
                assert len(list(dataset)) == k


@pytest.mark.usefixtures("good")
def test_a_corrupt_header_hides_nothing_where_checksums_are_known(tmp_path):
    path, frames = tmp_path / "good.tar", make_frames(8)
    broken = bytearray(path.read_bytes())
    broken[offsets_of(broken)[3][0] + 150] ^= 0x41
    path.write_bytes(broken)
    with pytest.raises(ShardError, match="tar header"):
        list(tp.Dataset(path, Frame))
    assert_same(list(tp.Dataset(path, Frame, on_error="skip")), frames)


@pytest.mark.usefixtures("good")
def test_a_destroyed_stretch_costs_only_the_samples_in_it(tmp_path):
    path, frames = tmp_path / "good.tar", make_frames(8)
    data = bytearray(path.read_bytes())
    places = offsets_of(data)
    start, stop = places[3][0], places[5][1] + 10
    path.write_bytes(data[:start] + b"\xaa" * (stop - start) + data[stop:])
    dataset = tp.Dataset(path, Frame, on_error="skip")
    with pytest.warns(UserWarning, match="skipped: 3"):
        assert_same(list(dataset), frames[:3] + frames[6:])
    assert [s.offset for s in dataset.skipped] == [p[1] for p in places[3:6]]
    assert all("checksum" in s.reason for s in dataset.skipped)


def test_a_sidecar_of_another_shard_does_not_lead_past_damage(good, tmp_path):
    data, frames = good
    tp.write_samples(({**vars(f)} for f in frames[::-1]), tmp_path / "other.tar", layout="npy")
    broken = bytearray(data)
    broken[offsets_of(data)[3][0] + 150] ^= 0x41
    path = write_bytes(tmp_path / "other.tar", broken)
    dataset = tp.Dataset(path, Frame, on_error="skip")
    with pytest.warns(UserWarning, match="skipped"):
        assert len(list(dataset)) <= 3


def test_what_is_lost_behind_damage_is_said(good, tmp_path):
    data, _ = good
    broken = bytearray(data)
    place = offsets_of(data)[3][0]
    broken[place] ^= 0x41
    path = write_bytes(tmp_path / "broken.tar", broken)
    dataset = tp.Dataset(path, Frame, on_error="skip")
    with pytest.warns(UserWarning, match=rf"byte {place}\].*rest of the shard is left out"):
        list(dataset)


def test_a_header_of_zeros_does_not_hide_what_follows(good, tmp_path):
    data, _ = good
    start = offsets_of(data)[3][0]
    path = write_bytes(tmp_path / "z.tar", data[:start] + bytes(512) + data[start + 512 :])
    with pytest.raises(ShardError, match="end mark"):
        list(tp.Dataset(path, Frame))


def test_joined_archives_are_refused(good, tmp_path):
    data, _ = good
    with pytest.raises(ShardError, match="joined"):
        list(tp.Dataset(write_bytes(tmp_path / "j.tar", data + data), Frame))


def with_checksum(header):
    header = bytearray(header)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def header(name=b"a.msgpack", size=b"00000000001\0", kind=b"0", prefix=b""):
    block = bytearray(512)
    block[: len(name)] = name
    block[100:108] = b"0000444\0"
    block[124:136] = size.ljust(12, b"\0")
    block[156:157] = kind
    block[257:265] = b"ustar\x0000"
    block[345 : 345 + len(prefix)] = prefix
    return with_checksum(block)


END = bytes(1024)


@pytest.mark.parametrize(
    "size",
    [
        b"77777777777\0",
        b"\xff" * 12,
        b"\x80" + b"\xff" * 11,
        b"\x80" + bytes(7) + struct.pack(">I", 2**31),
        b"-0000000001\0",
        b"0x000000001\0",
        b"00000000009\0",
        "²".encode().ljust(11, b"0") + b"\0",
    ],
    ids=str,
)
def test_a_size_that_cannot_be_is_refused(size, tmp_path):
    path = write_bytes(tmp_path / "a.tar", header(size=size) + bytes(512) + END)
    with pytest.raises(ShardError):
        list(tp.load_dataset(path))


OUTSIDE = ["../a.msgpack", "x/../../a.msgpack", "x/../a.msgpack", "/etc/a.msgpack", "//a.msgpack"]
OUTSIDE += ["..", "x/.."]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        *itertools.product(OUTSIDE, [tarfile.USTAR_FORMAT, tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]),
        ("a\0b.msgpack", tarfile.PAX_FORMAT),  # in the other forms a zero ends the name
    ],
)
def test_names_that_lead_out_of_the_archive_are_refused(name, form, tmp_path):
    info = tarfile.TarInfo("long" * 60 if form == tarfile.PAX_FORMAT else name)
    if form == tarfile.PAX_FORMAT:
        info.pax_headers = {"path": name}
    info.size = 1
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        archive.addfile(info, io.BytesIO(b"x"))
    path = write_bytes(tmp_path / "a.tar", buffer.getvalue())
    with pytest.raises(ShardError, match=r"relative names|tar"):
        list(tp.load_dataset(path))
    assert not list(tmp_path.parent.rglob("a.msgpack"))


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, b"S", b"Z"]
)
def test_links_devices_and_sparse_files_are_refused(kind, tmp_path):
    link = header(b"a.msgpack", b"00000000000\0", kind)
    with pytest.raises(ShardError, match="regular files only"):
        list(tp.load_dataset(write_bytes(tmp_path / "a.tar", link + END)))


def pax(records, name=b"a.msgpack", size=b"00000000001\0"):
    extended = header(b"PaxHeader", b"%011o\0" % len(records), b"x")
    padded = records + bytes(-len(records) % 512)
    return extended + padded + header(name, size) + b"\1" + bytes(511) + END


@pytest.mark.parametrize(
    "records",
    [
        b"99 path=a\n",
        b"6 path=\n",
        b"x path=a.msgpack\n",
        b"-5 path=a\n",
        b"0 path=a\n",
        b"9 path=a",
        b"12 path\xff=ab\n",
        b"14 size=9e999\n",
        b"11 size=-1\n",
        b"20 size=99999999999\n",
        b"12 size=abc\n",
        b"22 GNU.sparse.major=1\n",
        b"17 path=a\xff.msgp\n\n",
        b"20 path=\xff\xfe.msgpack\n",
        b"\xff" * 100,
        b"9" * 5000 + b" path=a\n",
    ],
    ids=lambda r: str(r[:30]),
)
def test_extended_headers_that_lie_are_refused(records, tmp_path):
    with pytest.raises(ShardError):
        list(tp.load_dataset(write_bytes(tmp_path / "a.tar", pax(records))))


def test_an_extended_header_at_the_very_end_is_refused(tmp_path):
    for kind in (b"x", b"L", b"g", b"K"):
        data = header(b"PaxHeader", b"%011o\0" % 20, kind) + b"20 path=abcdefgh.tx\n".ljust(
            512, b"\0"
        )
        path = write_bytes(tmp_path / "a.tar", data)
        with pytest.raises(ShardError, match="cut off"):
            list(tp.load_dataset(path))


def test_extended_headers_cost_linear_time(tmp_path):
    many = b"8 a=bcd\n" * 8000
    data = b"".join(pax(many, b"%d.msgpack" % i)[:-1024] for i in range(40)) + END
    begin = time.monotonic()
    assert len(tp.load_dataset(write_bytes(tmp_path / "a.tar", data))) == 40
    assert time.monotonic() - begin < 1


@pytest.mark.parametrize("content", [b"", b"x", b"text " * 500, bytes(10_000), os.urandom(20_000)])
def test_what_is_no_archive_is_refused(content, tmp_path):
    path = write_bytes(tmp_path / "a.tar", content)
    if content == bytes(10_000):
        assert len(tp.load_dataset(path)) == 0  # an empty archive
        return
    with pytest.raises(ShardError) as caught:
        list(tp.load_dataset(path))
    assert caught.value.shard == str(path)


def test_an_empty_archive_has_no_samples_and_no_trouble(tmp_path):
    path = write_bytes(tmp_path / "a.tar", tar_bytes({}))
    dataset = tp.load_dataset(path)
    assert (len(dataset), list(dataset), dataset[:], dataset.keys()) == (0, [], [], [])
    assert list(dataset.shuffled(3)) == []
    assert dataset.schema.names == ()


def test_what_is_no_file_is_refused_and_nothing_hangs(tmp_path):
    (tmp_path / "folder.tar").mkdir()
    os.mkfifo(tmp_path / "pipe.tar")
    (tmp_path / "device.tar").symlink_to("/dev/zero")
    (tmp_path / "loop.tar").symlink_to("loop.tar")
    for name in ("folder", "pipe", "device", "loop"):
        path = tmp_path / f"{name}.tar"
        with pytest.raises((ShardError, InputError)):
            list(tp.Dataset([path], Frame))


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_an_error(tmp_path):
    path = Path(write_numbers(tmp_path, 2).shards[0])
    path.chmod(0)
    with pytest.raises(ShardError, match="Permission"):
        list(tp.Dataset(path, Number))
    path.chmod(stat.S_IRUSR)


# Damaged samples.


def shard_of(tmp_path, *payloads, name="a.tar"):
    members = {f"{i:03d}.msgpack": payload for i, payload in enumerate(payloads)}
    return write_bytes(tmp_path / name, tar_bytes(members))


def npy(shape, descr="'<f8'", version=b"\1\0", data=b"", fields=None):
    text = fields or f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"
    text = text.encode() + b"\n"
    length = len(text).to_bytes(2 if version == b"\1\0" else 4, "little")
    return b"\x93NUMPY" + version + length + text + data


def compact(dtype, shape, data=b""):
    text = dtype.encode()
    return bytes([len(text)]) + text + struct.pack(f"<B{len(shape)}q", len(shape), *shape) + data


def sample_of(array):
    return b"\x82\xa5image\xc6" + struct.pack(">I", len(array)) + array + b"\xa8metadata\xc0"


BAD_ARRAYS = {
    "too short": npy((2,), data=bytes(15)),
    "too long": npy((2,), data=bytes(17)),
    "huge": npy((10**12,), data=bytes(16)),
    "huge in all axes": npy((2**62, 2**62, 2**62), data=bytes(16)),
    "hollow": npy((0, 2**62)),
    "hollow and beyond": npy((0, 10**40)),
    "hollow with giant elements": npy((0,), "'<U500000000'"),
    "elements of no bytes": npy((10**15,), "'|V0'"),
    "negative": npy((-1, -2), data=bytes(16)),
    "many axes": npy((1,) * 70, data=bytes(8)),
    "objects": npy((1,), "'|O'", data=bytes(8)),
    "hidden objects": npy((1,), "[('a', '<f4'), ('b', '|O')]", data=bytes(12)),
    "nested objects": npy((1,), "[('a', [('b', 'O', (2,))])]", data=bytes(16)),
    "a pickle": b"\x80\x04\x95" + bytes(20),
    "npy of a pickle": npy((1,), "'|O'", data=b"\x80\x04K\x01."),
    "unknown version": npy((1,), version=b"\4\0", data=bytes(8)),
    "no dtype": npy((1,), "'nothing'", data=bytes(8)),
    "a call": npy("__import__('os').system('touch PWNED')", data=bytes(8)),
    "code as dtype": npy((1,), "__import__('os').getpid()", data=bytes(8)),
    "float shape": npy("(1.5,)", data=bytes(8)),
    "bool shape": npy("(True,)", data=bytes(8)),
    "list shape": npy("[1]", data=bytes(8)),
    "more fields": npy(
        None, fields="{'descr':'<f8','fortran_order':False,'shape':(1,),'x':1}", data=bytes(8)
    ),
    "no fields": npy(None, fields="{}", data=bytes(8)),
    "no dict": npy(None, fields="[1]", data=bytes(8)),
    "odd order": npy(None, fields="{'descr':'<f8','fortran_order':1,'shape':(1,)}", data=bytes(8)),
    "brackets": npy(None, fields="(" * 5000, version=b"\2\0"),
    "minus signs": npy(None, fields="-" * 60000 + "1", version=b"\2\0"),
    "endless header": b"\x93NUMPY\2\0\xff\xff\xff\xff",
    "header past the end": b"\x93NUMPY\1\0\xff\xff{",
    "magic alone": b"\x93NUMPY",
    "nothing": b"",
    "one byte": b"\3",
    "compact too short": compact("<f8", (2,), bytes(15)),
    "compact too long": compact("<f8", (2,), bytes(17)),
    "compact huge": compact("<f8", (2**60,), bytes(16)),
    "compact overflow": compact("<f8", (2**62, 2**62, 4), b""),
    "compact negative": compact("<f8", (-1,), bytes(8)),
    "compact objects": compact("|O", (1,), bytes(8)),
    "compact structure": compact("f4,O", (1,), bytes(12)),
    "compact no dtype": compact("zz", (1,), bytes(8)),
    "compact empty dtype": compact("", (1,), bytes(8)),
    "compact not ascii": b"\2\xff\xfe\1" + bytes(16),
    "compact many axes": compact("|u1", (1,) * 200, b"\0"),
}


@pytest.mark.parametrize("array", BAD_ARRAYS.values(), ids=BAD_ARRAYS)
@pytest.mark.parametrize("batch_size", [None, 2])
def test_arrays_that_lie_are_refused_with_key_and_offset(array, batch_size, tmp_path):
    good = tp.pack(make_frames(1)[0])
    path = shard_of(tmp_path, good, sample_of(array), good)
    with pytest.raises(ShardError) as caught:
        list(tp.Dataset(path, Frame).ordered(batch_size))
    assert (caught.value.shard, caught.value.key) == (str(path), "001")
    assert caught.value.offset % 512 == 0
    assert "image" in str(caught.value)
    dataset = tp.Dataset(path, Frame, on_error="skip")
    with pytest.warns(UserWarning, match="skipped: 1.*key '001'"):
        read = list(dataset.ordered(batch_size))
    assert sum(1 if batch_size is None else len(b) for b in read) == 2
    assert (dataset.n_skipped, dataset.skipped[0].key) == (1, "001")
    assert not Path("PWNED").exists()


@pytest.mark.parametrize(
    "array",
    [a for a in BAD_ARRAYS.values() if a.startswith(b"\x93NUMPY")],
    ids=lambda a: str(a[10:40]),
)
def test_a_damaged_npy_array_is_no_plain_bytes_where_no_type_is_declared(array, tmp_path):
    path = shard_of(tmp_path, sample_of(array))
    with pytest.raises(ShardError, match="000"):
        tp.load_dataset(path)[0]


DEEP = 100_000
BAD_PAYLOADS = {
    "nothing": b"",
    "not msgpack": b"\xc1",
    "text": b"hello world",
    "a list": b"\x93\1\2\3",
    "a number": b"\1",
    "zeros": bytes(100),
    "cut": tp.pack(Number(5))[:-1],
    "trailing": tp.pack(Number(5)) + b"\0",
    "text keys": b"\x81\1\2",
    "invalid utf-8 key": b"\x81\xa2\xff\xfe\1",
    "list of 4 billion": b"\x81\xa1i\xdd\xff\xff\xff\xff",
    "map of 4 billion": b"\x81\xa1i\xdf\xff\xff\xff\xff",
    "outer map of 4 billion": b"\xdf\xff\xff\xff\xff",
    "lists of 4 billion": b"\x81\xa1i" + b"\xdd\xff\xff\xff\xff" * 1000,
    "text of 4 billion": b"\x81\xa1i\xdb\xff\xff\xff\xff",
    "binary of 4 billion": b"\x81\xa1i\xc6\xff\xff\xff\xff",
    "extension of 4 billion": b"\x81\xa1i\xc9\xff\xff\xff\xff\x4e",
    "deep lists": b"\x81\xa1i" + b"\x91" * DEEP + b"\xc0",
    "deep maps": b"\x81\xa1i" + b"\x81\xa1a" * DEEP + b"\xc0",
    "unknown extension": b"\x81\xa1i\xd4\x05\x00",
    "damaged array extension": b"\x81\xa1i\xd4\x4e\x00",
    "a damaged timestamp": b"\x81\xa1i\xd5\xff\x00\x00",
}


@pytest.mark.parametrize("payload", BAD_PAYLOADS.values(), ids=BAD_PAYLOADS)
@pytest.mark.parametrize("sample_type", [Number, tp.DictSample])
def test_payloads_that_are_no_samples_are_refused(payload, sample_type, tmp_path):
    path = shard_of(tmp_path, tp.pack(Number(1)), payload)
    for batch_size in (None, 2):
        with pytest.raises(ShardError) as caught:
            list(tp.Dataset(path, sample_type).ordered(batch_size))
        assert (caught.value.shard, caught.value.key) == (str(path), "001")
    with pytest.raises(ShardError):
        tp.Dataset(path, sample_type)[1]
    with pytest.raises(ShardError):
        tp.Dataset(path, sample_type, on_error="skip")[1]  # asked for by position
    with pytest.raises(ShardError):
        tp.Dataset(path, sample_type, on_error="skip")[:]
    with pytest.raises((FileFormatError, TripartiteError)):
        tp.unpack(sample_type, payload)


def test_text_that_is_not_utf8_is_refused(tmp_path):
    named = tp.packable(type("Named", (), {"__annotations__": {"name": str}}))
    path = shard_of(tmp_path, b"\x81\xa4name\xa2\xff\xfe")
    for sample_type in (named, tp.DictSample):
        with pytest.raises(ShardError, match="000"):
            tp.Dataset(path, sample_type)[0]


# Damaged members of plain WebDataset samples.


def npz_bytes(**arrays):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def zip_of(name, data, **options):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        archive.writestr(name, data)
    return buffer.getvalue()


def encrypted_zip():
    data = bytearray(zip_of("a.npy", npy((1,), data=bytes(8))))
    for signature, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(signature) + place] |= 1
    return bytes(data)


def method_zip(method):
    data = bytearray(zip_of("a.npy", npy((1,), data=bytes(8))))
    for signature, place in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        data[data.index(signature) + place] = method
    return bytes(data)


BAD_MEMBERS = {
    "npy cut": ("npy", npy((2,), data=bytes(15))),
    "npy objects": ("npy", npy((1,), "'|O'", data=bytes(8))),
    "npy pickle": ("npy", b"\x80\x04K\x01."),
    "npz empty": ("npz", b""),
    "npz cut": ("npz", npz_bytes(a=np.zeros(1000))[:-30]),
    "npz flipped": (
        "npz",
        npz_bytes(a=np.arange(1000))[:200] + b"\xff" * 20 + npz_bytes(a=np.arange(1000))[220:],
    ),
    "npz objects": ("npz", zip_of("a.npy", npy((1,), "'|O'", data=bytes(8)))),
    "npz huge shape": ("npz", zip_of("a.npy", npy((10**12,), data=bytes(8)))),
    "npz no array": ("npz", zip_of("a.npy", b"text")),
    "npz encrypted": ("npz", encrypted_zip()),
    "npz bzip2": ("npz", method_zip(12)),
    "npz unknown method": ("npz", method_zip(99)),
    "npz bomb": (
        "npz",
        zip_of("a.npy", npy((1 << 29,), "'|u1'", data=bytes(1 << 29)), compresslevel=1),
    ),
    "json cut": ("json", b'{"a": 1'),
    "json deep": ("json", b"[" * 100_000),
    "json digits": ("json", b"9" * 10_000),
    "json not utf-8": ("json", b'"\xff"'),
    "msgpack bomb": ("mp", b"\xdd\xff\xff\xff\xff"),
    "msgpack deep": ("mp", b"\x91" * 100_000),
    "class": ("cls", b"one"),
    "class digits": ("cls", b"9" * 10_000),
    "text": ("txt", b"\xff\xfe"),
}


@pytest.mark.parametrize(("extension", "data"), BAD_MEMBERS.values(), ids=BAD_MEMBERS)
def test_members_that_are_not_what_their_name_says_are_refused(extension, data, tmp_path):
    path = write_bytes(tmp_path / "a.tar", tar_bytes({"k.x.txt": b"fine", f"k.{extension}": data}))
    with pytest.raises(ShardError, match=re.escape(extension)) as caught:
        tp.load_dataset(path)[0]
    assert (caught.value.shard, caught.value.key) == (str(path), "k")


def test_pickles_and_images_stay_bytes(tmp_path):
    members = {"k.pyd": b"\x80\x04K\x01.", "k.pickle": b"\x80\x04K\x01.", "k.jpg": b"\xff\xd8"}
    members |= {"k.pth": b"PK", "k.pkl": b"\x80\x04K\x01."}
    path = write_bytes(tmp_path / "a.tar", tar_bytes(members))
    assert dict(tp.load_dataset(path)[0]) == {k[2:]: v for k, v in members.items()}


def test_an_npz_member_is_a_dict_of_its_arrays(tmp_path):
    arrays = {"a": np.arange(5), "b": np.zeros((2, 3), ">f4"), "c": np.zeros(100_000)}
    path = write_bytes(tmp_path / "a.tar", tar_bytes({"k.npz": npz_bytes(**arrays)}))
    assert_same(tp.load_dataset(path)[0]["npz"], arrays)


def run_limited(code, n_bytes=1500 << 20):
    """Run Python code in a process of its own that may take so much memory."""
    program = f"import resource\nresource.setrlimit(resource.RLIMIT_AS, ({n_bytes}, {n_bytes}))\n"
    done = subprocess.run(
        [sys.executable, "-c", program + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_no_payload_takes_more_memory_than_the_shard_holds(tmp_path):
    payloads = [*BAD_PAYLOADS.values(), *map(sample_of, BAD_ARRAYS.values())]
    path = shard_of(tmp_path, *payloads)
    out = run_limited(f"""
        import warnings, resource
        import tripartite as tp
        from tripartite.streams import Dataset
        warnings.simplefilter("ignore")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for batch_size in (None, 4):
            dataset = tp.load_dataset({str(path)!r}, on_error="skip")
            for _ in dataset.ordered(batch_size):
                pass
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print(dataset.n_skipped, grown)
        """)
    n_skipped, grown = map(int, out.split())
    assert n_skipped > 30
    assert grown < 100_000  # kB


def test_one_large_array_among_small_ones_takes_no_room_for_many(tmp_path):
    arrays = [np.ones(60_000_000, "u1"), *(np.ones(i, "u1") for i in range(200))]
    path = tp.write_samples(
        ({"image": a, "metadata": None} for a in arrays), tmp_path / "a.tar"
    ).shards[0]
    code = f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from shard_samples import Frame
        import tripartite as tp
        (batch,) = tp.Dataset({path!r}, Frame).ordered(201)
        assert [len(a) for a in batch.image] == [60_000_000, *range(200)]
        """
    run_limited(code)


# Bit flips.


@pytest.mark.parametrize("layout", ["npy", "compact"])
def test_a_flipped_bit_anywhere_is_found_by_the_checksums(layout, tmp_path):
    dataset = tp.write_samples(make_frames(3), tmp_path / "a.tar", layout=layout)
    path, frames = Path(dataset.shards[0]), make_frames(3)
    data = path.read_bytes()
    used = offsets_of(data)[-1][1] + 512
    state = path.stat()
    for place in range(0, used, 37):
        broken = bytearray(data)
        broken[place] ^= 1 << (place % 8)
        path.write_bytes(broken)
        if place % 2:  # as a failing disk would leave it
            os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
        try:
            read = [tp.Dataset(path, Frame)[i] for i in range(3)]
        except ShardError:
            continue
        assert_same(read, frames)


# Keys.


def test_keys_are_asked_for_again_without_reading_all_of_them(tmp_path):
    rows = ({"i": i} for i in range(100_000))
    dataset = tp.write_samples(rows, tmp_path / "a.tar", maxcount=100_000)
    key = dataset.keys()[70_000]
    assert dataset.get(key).i == 70_000
    begin = time.monotonic()
    for _ in range(200):  # each unpacked all keys once, in several ms
        dataset.get(key)
    assert time.monotonic() - begin < 0.3


# While it is read.


def test_a_shard_that_is_cut_while_it_is_open_is_an_error_and_not_the_end(tmp_path):
    path = Path(tp.write_samples(make_frames(300, (64, 64)), tmp_path / "a.tar").shards[0])
    code = f"""
        import os, sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        import tripartite as tp
        from shard_samples import Frame
        from tripartite.errors import ShardError
        readers = {{
            "one": lambda d: iter(d.ordered()),
            "batched": lambda d: iter(d.ordered(4)),
            "shuffled": lambda d: iter(d.shuffled(4)),
            "by position": lambda d: (d[i] for i in range(300)),
        }}
        data = open({str(path)!r}, "rb").read()
        for name, make in readers.items():
            open({str(path)!r}, "wb").write(data)
            reader = make(tp.Dataset({str(path)!r}, Frame))
            next(reader)
            os.truncate({str(path)!r}, 5000)
            try:
                list(reader)
            except ShardError as error:
                assert "bytes long while it is open" in str(error), error
            else:
                raise AssertionError(name)
        """
    run_limited(code, 4 << 30)


def test_a_shard_that_is_replaced_while_it_is_open_is_read_to_its_end(tmp_path):
    dataset = write_numbers(tmp_path, 20)
    reader = iter(dataset.ordered())
    next(reader)
    write_numbers(tmp_path, 10, overwrite=True)
    assert numbers(reader) == list(range(1, 20))
    assert numbers(tp.Dataset[Number](dataset.shards).ordered()) == list(range(10))


# Errors between processes.


@pytest.mark.parametrize(
    "error",
    [
        InputError("a window ends after it starts", 3),
        MissingExtraError("torch", "ml"),
        ShardError("a shard is whole", "half", shard="a.tar", key="k", offset=512),
    ],
    ids=lambda e: type(e).__name__,
)
def test_an_error_keeps_its_notes_between_processes(error):
    assert not hasattr(pickle.loads(pickle.dumps(error)), "__notes__")
    error.add_note("while mapping")
    error.add_note("in worker 2")
    back = pickle.loads(pickle.dumps(error))
    assert (type(back), str(back)) == (type(error), str(error))
    assert back.__notes__ == ["while mapping", "in worker 2"]


# What is skipped.


def test_what_is_skipped_is_counted_once_however_often_it_is_read(tmp_path):
    payloads = [b"\xc1" if i % 4 == 1 else tp.pack(Number(i)) for i in range(12)]
    dataset = tp.Dataset(shard_of(tmp_path, *payloads), Number, on_error="skip")
    expected = [i for i in range(12) if i % 4 != 1]
    for _ in range(2):
        for stream in (dataset.ordered(), dataset.shuffled(seed=1)):
            if dataset.n_skipped:
                assert sorted(numbers(stream)) == expected
            else:
                with pytest.warns(UserWarning, match=r"skipped: 3.*Dataset.skipped"):
                    assert numbers(stream) == expected
    assert dataset.n_skipped == 3
    assert {s.key for s in dataset.skipped} == {"001", "005", "009"}
    assert all(s.offset % 512 == 0 and "msgpack" in s.reason for s in dataset.skipped)


def test_batches_are_filled_in_spite_of_what_is_skipped(tmp_path):
    payloads = [b"\xc1" if i % 3 == 0 else tp.pack(Number(i)) for i in range(12)]
    dataset = tp.Dataset(shard_of(tmp_path, *payloads), Number, on_error="skip")
    with pytest.warns(UserWarning, match="skipped: 4"):
        assert [b.i for b in dataset.ordered(3)] == [[1, 2, 4], [5, 7, 8], [10, 11]]


def test_a_missing_shard_of_a_pattern_is_named_before_anything_is_read(tmp_path):
    dataset = write_numbers(tmp_path, 12, maxcount=3)
    Path(dataset.shards[2]).unlink()
    pattern = str(tmp_path / "numbers-{000000..000003}.tar")
    with pytest.raises(ShardError, match=r"1 of 4 missing: .*numbers-000002\.tar") as caught:
        tp.Dataset(pattern, Number)
    assert caught.value.shard == dataset.shards[2]
    tolerant = tp.Dataset(pattern, Number, on_error="skip")
    with pytest.warns(UserWarning, match="numbers-000002"):
        assert numbers(tolerant.ordered()) == [0, 1, 2, 3, 4, 5, 9, 10, 11]
    assert tolerant.n_skipped == 1


def test_a_damaged_shard_does_not_hide_the_next(tmp_path):
    dataset = write_numbers(tmp_path, 12, maxcount=3)
    Path(dataset.shards[1]).write_bytes(b"rubbish" * 1000)
    tolerant = tp.Dataset(dataset.shards, Number, on_error="skip")
    with pytest.warns(UserWarning, match="skipped: 1"):
        assert sorted(numbers(tolerant.shuffled(seed=2))) == [0, 1, 2, 6, 7, 8, 9, 10, 11]
    with pytest.raises(ShardError, match="numbers-000001"):
        list(tp.Dataset(dataset.shards, Number))


def test_more_damage_than_is_remembered_is_counted(tmp_path):
    payloads = [b"\xc1"] * 1500 + [tp.pack(Number(1))]
    dataset = tp.Dataset(shard_of(tmp_path, *payloads), Number, on_error="skip")
    with pytest.warns(UserWarning, match="skipped: 1500"):
        assert numbers(dataset.ordered()) == [1]
    assert numbers(dataset.ordered()) == [1]
    assert (dataset.n_skipped, len(dataset.skipped)) == (1500, 1000)
