"""Shards of other programs are read, and other programs read ours."""

import gzip
import importlib.util
import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest
import zstandard
from shard_samples import Case, Number, assert_same, make_frames, tar_bytes, write_numbers

import tripartite as tp
from tripartite.errors import SchemaError, ShardError

CASES = Path(__file__).parents[3] / "shared" / "cases" / "datasets"
needs_cases = pytest.mark.skipif(
    not CASES.is_dir(), reason="the shards that other systems wrote are not beside this checkout"
)
ATDATA = "atdata"


def copied(name, folder):
    """Copy a reference shard: an index is written beside it."""
    return (folder / name).write_bytes((CASES / name).read_bytes()) and str(folder / name)


def expected_arrays():
    with np.load(CASES / "arrays_expected.npz", allow_pickle=False) as arrays:
        return dict(arrays)


@needs_cases
@pytest.mark.parametrize("name", ["arrays_v013.tar", "arrays_v070.tar"])
@pytest.mark.parametrize("sample_type", [Case, tp.DictSample])
class TestAtdataShards:
    def check(self, i, sample, truth):
        expected = truth[sample.name]
        for array in (sample.arr, sample.opt if i % 2 == 0 else sample.arr):
            assert (array.dtype, array.shape) == (expected.dtype, expected.shape)
            assert array.tobytes() == expected.tobytes()
        assert i % 2 == 0 or sample.opt is None

    def test_every_sample_comes_in_order(self, name, sample_type, tmp_path):
        dataset, truth = tp.Dataset(copied(name, tmp_path), sample_type), expected_arrays()
        assert len(dataset) == len(truth) == 34
        for i, sample in enumerate(dataset.ordered()):
            self.check(i, sample, truth)

    def test_every_sample_is_found_by_position_and_key(self, name, sample_type, tmp_path):
        dataset, truth = tp.Dataset(copied(name, tmp_path), sample_type), expected_arrays()
        for i, key in enumerate(dataset.keys()):
            self.check(i, dataset[i], truth)
            self.check(i, dataset.get(key), truth)
            assert key == f"{i:06d}-{dataset[i].name}"

    @pytest.mark.parametrize("batch_size", [1, 5, 34])
    def test_every_sample_is_in_a_batch(self, name, sample_type, batch_size, tmp_path):
        dataset, truth = tp.Dataset(copied(name, tmp_path), sample_type), expected_arrays()
        samples = [s for batch in dataset.ordered(batch_size) for s in batch.samples]
        for i, sample in enumerate(samples):
            self.check(i, sample, truth)

    def test_views_of_the_shard_hold_the_same(self, name, sample_type, tmp_path):
        dataset, truth = (
            tp.Dataset(copied(name, tmp_path), sample_type, copy=False),
            expected_arrays(),
        )
        for i, sample in enumerate(dataset):
            self.check(i, sample, truth)


def test_views_are_read_only_and_copies_are_not(tmp_path):
    dataset = tp.write_samples(make_frames(3), tmp_path / "a.tar")
    assert dataset[0].image.flags.writeable
    view = tp.Dataset(dataset.shards, type(dataset[0]), copy=False)[0].image
    assert not view.flags.writeable
    np.testing.assert_array_equal(view, dataset[0].image)


@needs_cases
class TestPlainWebDataset:
    def test_members_are_decoded_by_their_names(self, tmp_path):
        path = copied("plain_webdataset.tar", tmp_path)
        dataset = tp.load_dataset(path)
        with tarfile.open(path) as archive:
            members = {m.name: archive.extractfile(m).read() for m in archive if m.isfile()}
        seen = {}
        for key, sample in zip(dataset.keys(), dataset, strict=True):
            for name, value in sample.items():
                data = members[f"{key}.{name}"]
                seen[f"{key}.{name}"] = value
                if name.endswith("npy"):
                    assert_same(value, np.load(io.BytesIO(data)))
                elif name == "cls":
                    assert value == int(data)
                elif name == "txt":
                    assert value == data.decode()
        readable = {n for n in members if not n.rpartition("/")[2].startswith(".")}
        assert seen.keys() <= readable
        assert len(seen) >= 10

    def test_samples_keep_their_own_members(self, tmp_path):
        dataset = tp.load_dataset(copied("plain_webdataset.tar", tmp_path))
        for i, sample in enumerate(dataset):
            assert_same(dict(sample), dict(dataset[i]))
            assert_same(dict(sample), dict(dataset[:][i]))

    def test_a_dataclass_names_the_members_that_it_wants(self, tmp_path):
        @tp.packable
        class Shot:
            cls: int
            image: np.ndarray | None = None
            meta: dict | None = None
            raw: bytes | None = None

        path = copied("plain_webdataset.tar", tmp_path)
        free = tp.load_dataset(path)
        shots = list(tp.Dataset(path, Shot, extra="ignore"))
        for sample, shot in zip(free, shots, strict=True):
            assert shot.cls == sample["cls"]
            assert (shot.image is None) == ("image.npy" not in sample)
            assert shot.image is None or shot.image.tobytes() == sample["image.npy"].tobytes()
            assert (shot.meta, shot.raw) == (sample.get("meta.json"), sample.get("raw.bin"))


def member(value):
    return tp.pack({"x": value})


FORMATS = {"ustar": tarfile.USTAR_FORMAT, "pax": tarfile.PAX_FORMAT, "gnu": tarfile.GNU_FORMAT}


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
def test_headers_of_every_form_are_read(form, tmp_path):
    names = [f"{i:03d}" for i in range(5)] + ["folder/µ-ü", "a" * 80 + "/" + "b" * 60]
    names += [] if form == tarfile.USTAR_FORMAT else ["c" * 300, "d" * 90 + "/" + "é" * 200]
    path = tmp_path / "a.tar"
    path.write_bytes(tar_bytes({f"{n}.msgpack": member(i) for i, n in enumerate(names)}, form))
    dataset = tp.load_dataset(path)
    assert dataset.keys() == names
    assert [s.x for s in dataset] == list(range(len(names)))
    assert [s.x for s in tp.load_dataset(path)] == list(range(len(names)))  # now by the index


def test_pax_records_of_time_owner_and_comment_are_passed_over(tmp_path):
    buffer = io.BytesIO()
    with tarfile.open(
        fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"comment": "µ"}
    ) as archive:
        for i in range(3):
            info = tarfile.TarInfo(f"{i}.msgpack")
            info.size, info.mtime, info.uname = len(member(i)), 1.5 + i, "ü"
            info.pax_headers = {"SCHILY.xattr.user.x": "a=b\nc"}
            archive.addfile(info, io.BytesIO(member(i)))
    (tmp_path / "a.tar").write_bytes(buffer.getvalue())
    assert [s.x for s in tp.load_dataset(tmp_path / "a.tar")] == [0, 1, 2]


def test_folders_and_names_without_a_key_belong_to_no_sample(tmp_path):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name in ("__index__.json", "README", "._0.msgpack", "./folder/0.msgpack", "1.msgpack"):
            info = tarfile.TarInfo(name)
            info.size = len(member(name))
            archive.addfile(info, io.BytesIO(member(name)))
    (tmp_path / "a.tar").write_bytes(buffer.getvalue())
    dataset = tp.load_dataset(tmp_path / "a.tar")
    assert dataset.keys() == ["folder/0", "1"]


def test_members_with_one_key_are_one_sample_and_a_repeated_extension_begins_the_next(tmp_path):
    members = [("a.cls", b"1"), ("a.txt", b"x"), ("a.cls", b"2"), ("b.cls", b"3"), ("a.cls", b"4")]
    (tmp_path / "a.tar").write_bytes(tar_bytes(members))
    dataset = tp.load_dataset(tmp_path / "a.tar")
    assert [dict(s) for s in dataset] == [
        {"cls": 1, "txt": "x"},
        {"cls": 2},
        {"cls": 3},
        {"cls": 4},
    ]
    assert dataset.keys() == ["a", "a", "b", "a"]


def test_two_members_for_one_field_are_an_error(tmp_path):
    @tp.packable
    class Image:
        image: np.ndarray

    npy = io.BytesIO()
    np.save(npy, np.zeros(2))
    members = {"a.image.npy": npy.getvalue(), "a.image.left.npy": npy.getvalue()}
    (tmp_path / "a.tar").write_bytes(tar_bytes(members))
    assert set(tp.load_dataset(tmp_path / "a.tar")[0]) == {"image.npy", "image.left.npy"}
    with pytest.raises(SchemaError, match="image"):
        tp.Dataset(tmp_path / "a.tar", Image)[0]


def test_an_archive_of_old_unix_is_read(tmp_path):
    """Before POSIX, headers had no magic and files the type NUL."""
    data = bytearray(tar_bytes({"a.msgpack": member(1)}))
    data[156] = 0
    data[257:265] = bytes(8)
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    (tmp_path / "a.tar").write_bytes(data)
    assert tp.load_dataset(tmp_path / "a.tar")[0].x == 1


# What we write.


def test_equal_samples_give_equal_shards(tmp_path):
    for folder in ("one", "two"):
        tp.write_samples(make_frames(7), tmp_path / folder / "a.tar", maxcount=3)
    one, two = (sorted((tmp_path / f).glob("a-*.tar")) for f in ("one", "two"))
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]
    assert [p.name for p in one] == [f"a-{i:06d}.tar" for i in range(3)]


def test_our_shards_are_what_tarfile_writes_in_ustar_form(tmp_path):
    dataset = tp.write_samples(
        make_frames(5), tmp_path / "a.tar", key=lambda s: f"k{s.metadata['i']}"
    )
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for i, frame in enumerate(make_frames(5)):
            info = tarfile.TarInfo(f"k{i}.msgpack")
            info.size, info.mode = len(tp.pack(frame)), 0o444
            archive.addfile(info, io.BytesIO(tp.pack(frame)))
    ours, theirs = Path(dataset.shards[0]).read_bytes(), bytearray(buffer.getvalue())
    assert tarfile.BLOCKSIZE * 20 == tarfile.RECORDSIZE
    assert len(ours) % tarfile.RECORDSIZE == 0
    assert ours == theirs


def test_tarfile_reads_our_shards(tmp_path):
    dataset = tp.write_samples(make_frames(5), tmp_path / "a.tar")
    with tarfile.open(dataset.shards[0]) as archive:
        members = archive.getmembers()
        assert [m.name for m in members] == [f"{i:09d}.msgpack" for i in range(5)]
        assert {(m.mtime, m.mode, m.uid, m.type, m.pax_headers == {}) for m in members} == {
            (0, 0o444, 0, tarfile.REGTYPE, True)
        }
        for member_, frame in zip(members, make_frames(5), strict=True):
            assert archive.extractfile(member_).read() == tp.pack(frame)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # webdataset leaves files open
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("layout", ["npy", "compact"])
def test_webdataset_reads_our_shards(layout, tmp_path):
    webdataset = pytest.importorskip("webdataset")
    dataset = tp.write_samples(make_frames(5), tmp_path / "a.tar", layout=layout)
    read = list(webdataset.WebDataset(dataset.shards[0], shardshuffle=False))
    assert [sample["__key__"] for sample in read] == [f"{i:09d}" for i in range(5)]
    assert [sample["msgpack"] for sample in read] == [tp.pack(f, layout) for f in make_frames(5)]


def test_we_read_what_webdataset_writes(tmp_path):
    webdataset = pytest.importorskip("webdataset")
    with webdataset.TarWriter(str(tmp_path / "a.tar")) as writer:
        for i, frame in enumerate(make_frames(4)):
            writer.write({"__key__": f"k/{i}", "image.npy": frame.image, "meta.json": {"i": i}})
    dataset = tp.load_dataset(tmp_path / "a.tar")
    assert dataset.keys() == [f"k/{i}" for i in range(4)]
    for i, (sample, frame) in enumerate(zip(dataset, make_frames(4), strict=True)):
        np.testing.assert_array_equal(sample.image, frame.image)
        assert sample.meta == {"i": i}


READ_WITH_ATDATA = """
import sys, numpy as np, atdata
from numpy.typing import NDArray

@atdata.packable
class Case:
    name: str
    arr: NDArray
    opt: NDArray | None = None

samples = list(atdata.Dataset[Case](sys.argv[1]).ordered(batch_size=None))
np.savez(sys.argv[2], **{s.name: s.arr for s in samples})
assert all((s.opt is None) == (i % 2 == 1) for i, s in enumerate(samples))
assert all(s.opt is None or s.opt.tobytes() == s.arr.tobytes() for s in samples)
"""


@pytest.mark.parametrize("layout", ["npy", "compact"])
def test_atdata_reads_our_shards(layout, tmp_path):
    python = os.environ.get("ATDATA_PYTHON", sys.executable)
    if python == sys.executable and importlib.util.find_spec(ATDATA) is None:
        pytest.skip("atdata is not installed; ATDATA_PYTHON can name a Python that has it")
    arrays = [
        np.arange(6, dtype="u1").reshape(2, 3),
        np.arange(3, dtype=">f4"),
        np.array(2.5),
        np.zeros((0, 3)),
        np.array(["2020-01-01", "NaT"], "M8[ns]"),
        np.array(["a", "µ"]),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array([(1, 2.0)], [("a", "i4"), ("b", "f8")]),
    ]
    samples = [Case(f"s{i}", a, None if i % 2 else a) for i, a in enumerate(arrays)]
    dataset = tp.write_samples(samples, tmp_path / "a.tar", layout=layout)
    out = tmp_path / "read.npz"
    done = subprocess.run(
        [python, "-c", READ_WITH_ATDATA, dataset.shards[0], str(out)],
        capture_output=True,
        text=True,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
    )
    assert done.returncode == 0, done.stderr
    with np.load(out) as read:
        for i, array in enumerate(arrays):
            assert_same(np.ascontiguousarray(array).reshape(array.shape), read[f"s{i}"])


# Compressed shards.


def compress(data, ending):
    if ending.endswith("gz"):
        return gzip.compress(data)
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


@pytest.mark.parametrize("ending", [".tar.gz", ".tgz", ".tar.zst"])
def test_compressed_shards_are_read(ending, tmp_path, cache):
    plain = write_numbers(tmp_path, 20)
    path = tmp_path / f"packed{ending}"
    path.write_bytes(compress(Path(plain.shards[0]).read_bytes(), ending))
    dataset = tp.Dataset(str(path), Number)
    assert [s.i for s in dataset] == list(range(20))
    assert dataset[7].i == 7
    assert [s.i for s in tp.Dataset(str(path), Number)] == list(range(20))
    assert len(list((cache / "shards").iterdir())) == 1


def test_a_compressed_shard_of_several_streams_is_read_whole(tmp_path):
    """pzstd and bgzip write their output as many streams, one after another."""
    data = Path(write_numbers(tmp_path, 20).shards[0]).read_bytes()
    for ending in (".tar.gz", ".tar.zst"):
        parts = (data[:5000], data[5000:5001], data[5001:])
        (tmp_path / f"p{ending}").write_bytes(b"".join(compress(p, ending) for p in parts))
        assert [s.i for s in tp.Dataset(tmp_path / f"p{ending}", Number)] == list(range(20))


@pytest.mark.parametrize("ending", [".tar.gz", ".tar.zst"])
def test_a_compressed_shard_that_changed_is_decompressed_again(ending, tmp_path):
    path = tmp_path / f"packed{ending}"
    for n in (20, 30):
        data = Path(write_numbers(tmp_path / str(n), n).shards[0]).read_bytes()
        path.write_bytes(compress(data, ending))
        assert len(tp.Dataset(str(path), Number)) == n


@pytest.mark.parametrize("ending", [".tar.gz", ".tar.zst"])
@pytest.mark.parametrize("where", [0.0, 0.3, 0.9])
def test_a_damaged_compressed_shard_is_refused(ending, where, tmp_path):
    rng = np.random.default_rng(0)
    noise = [{"x": rng.bytes(1000)} for _ in range(20)]
    data = Path(tp.write_samples(noise, tmp_path / "a.tar").shards[0]).read_bytes()
    packed = compress(data, ending)
    place = int(where * len(packed))
    cut, flipped = packed[:place], bytearray(packed)
    flipped[place : place + 20] = bytes(20)
    for i, damaged in enumerate((cut, flipped)):
        path = tmp_path / f"damaged{i}{ending}"
        path.write_bytes(damaged)
        with pytest.raises(ShardError, match=f"damaged{i}"):
            list(tp.load_dataset(str(path)))


@pytest.mark.parametrize("ending", [".tar.gz", ".tar.zst"])
def test_a_bomb_is_stopped_at_the_limit_of_the_cache(ending, tmp_path, cache, monkeypatch):
    monkeypatch.setenv("TRIPARTITE_CACHE_BYTES", str(1 << 20))
    path = tmp_path / f"bomb{ending}"
    path.write_bytes(compress(bytes(80 << 20), ending))
    with pytest.raises(ShardError, match="TRIPARTITE_CACHE_BYTES"):
        tp.load_dataset(str(path))[0]
    assert not [p for p in cache.rglob("*") if p.is_file()]
