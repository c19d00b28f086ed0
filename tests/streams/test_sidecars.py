"""Sidecars: an index that speeds up opening, and is believed only as far as it can be checked."""

import os
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest
import xxhash
from hypothesis import given, settings, strategies as st
from shard_samples import Frame, Number, assert_same, make_frames, numbers, tar_bytes

import tripartite as tp
from tripartite.errors import FileFormatError, ShardError
from tripartite.streams.shards.index import IndexBuilder
from tripartite.streams.shards.indexing import index_shards
from tripartite.streams.shards.sidecar import decode_sidecar, encode_sidecar
from tripartite.streams.shards.tar import Member


@pytest.fixture
def shard(tmp_path):
    return Path(tp.write_samples(make_frames(6), tmp_path / "a.tar").shards[0])


def sidecar(shard):
    return Path(f"{shard}.idx")


def read(shard):
    return list(tp.Dataset(shard, Frame))


def resealed(data, change):
    """A sidecar with some fields changed, and its own checksum right again."""
    fields = msgspec.msgpack.decode(data[:-8])
    change(fields)
    body = msgspec.msgpack.encode(fields)
    return body + xxhash.xxh3_64_digest(body)


MEMBERS = st.lists(
    st.tuples(
        st.text(st.characters(codec="utf-8", exclude_characters="./\0_"), min_size=1, max_size=8),
        st.sampled_from(["msgpack", "npy", "json", "seg.png"]),
        st.integers(0, 5000),
        st.integers(0, 2**64 - 1),
    ),
    max_size=20,
)


@given(members=MEMBERS, mtime=st.integers(0, 2**62), hashed=st.booleans())
@settings(max_examples=200)
def test_decoding_undoes_encoding(members, mtime, hashed):
    builder, place = IndexBuilder(), 0
    for key, extension, size, digest in members:
        builder.add(Member(f"{key}.{extension}", place + 512, size), digest if hashed else None)
        place += 512 + size + -size % 512
    index = builder.finish(place + 1024)
    back, made_for = decode_sidecar(encode_sidecar(index, mtime))
    assert made_for == mtime
    assert list(back.samples()) == list(index.samples())
    assert back.start.tolist() == index.start.tolist()
    assert (back.extensions, back.packed_keys) == (index.extensions, index.packed_keys)
    assert back.first.tolist() == index.first.tolist()
    assert back.keys == index.keys
    assert (back.hashes is None) == (index.hashes is None)
    assert back.hashes is None or np.array_equal(back.hashes, index.hashes)
    assert back.trusted is False


def test_a_written_shard_has_a_sidecar_with_checksums(shard):
    index, made_for = decode_sidecar(sidecar(shard).read_bytes())
    assert (index.n_bytes, made_for) == (shard.stat().st_size, shard.stat().st_mtime_ns)
    data = shard.read_bytes()
    for start, size, digest in zip(index.start, index.size, index.hashes, strict=True):
        assert xxhash.xxh3_64_intdigest(data[start : start + size]) == digest


def test_a_shard_without_a_sidecar_gets_one(shard):
    sidecar(shard).unlink()
    assert_same(read(shard), make_frames(6))
    assert sidecar(shard).exists()
    assert_same(read(shard), make_frames(6))


def test_a_folder_that_cannot_be_written_needs_no_sidecar(shard):
    sidecar(shard).unlink()
    # A folder in its place: neither read nor written, whoever runs the test.
    sidecar(shard).mkdir()
    assert_same(read(shard), make_frames(6))
    assert_same(read(shard), make_frames(6))


@pytest.mark.parametrize("kind", ["flip", "cut", "empty", "garbage"])
def test_a_damaged_sidecar_is_made_anew(kind, shard):
    data = sidecar(shard).read_bytes()
    for place in range(0, len(data), 7):
        damaged = bytearray(data)
        damaged[place] ^= 1
        damaged = {"flip": damaged, "cut": data[:place], "empty": b"", "garbage": b"\xff" * place}[
            kind
        ]
        sidecar(shard).write_bytes(damaged)
        assert_same(read(shard)[:2], make_frames(6)[:2])


IMPOSSIBLE = {
    "negative start": lambda f: f.update(start=change(f["start"], 0, -512)),
    "start in the first header": lambda f: f.update(start=change(f["start"], 0, 511)),
    "start past the end": lambda f: f.update(start=change(f["start"], -1, 2**62)),
    "starts overlap": lambda f: f.update(start=change(f["start"], 1, 513)),
    "negative size": lambda f: f.update(size=change(f["size"], 2, -1)),
    "size past the end": lambda f: f.update(size=change(f["size"], -1, 2**62)),
    "sizes overflow": lambda f: f.update(size=change(f["size"], 0, 2**63 - 1)),
    "too few sizes": lambda f: f.update(size=f["size"][:-8]),
    "half a size": lambda f: f.update(size=f["size"][:-3]),
    "too many hashes": lambda f: f.update(hashes=f["hashes"] + bytes(8)),
    "too few hashes": lambda f: f.update(hashes=f["hashes"][:-8]),
    "half a hash": lambda f: f.update(hashes=f["hashes"][:-3]),
    "start within a block": lambda f: f.update(start=change(f["start"], 3, 512 + 3 * 1024 + 8)),
    "two at one place": lambda f: f.update(start=change(f["start"], 3, 512 + 4 * 1024)),
    "first goes back": lambda f: f.update(first=change(f["first"], 1, 0)),
    "first ends early": lambda f: f.update(first=change(f["first"], -1, 3)),
    "no first": lambda f: f.update(first=b""),
    "too few keys": lambda f: f.update(keys=msgspec.msgpack.encode(["a"])),
    "keys are no text": lambda f: f.update(keys=msgspec.msgpack.encode([1] * 6)),
    "keys are no msgpack": lambda f: f.update(keys=b"\xc1"),
    "keys of 4 billion": lambda f: f.update(keys=b"\xdd\xff\xff\xff\xff"),
    "unknown extension": lambda f: f.update(extension=b"\xff\xff" * 6),
    "no extensions": lambda f: f.update(extensions=[]),
    "other format": lambda f: f.update(format="tripartite-index-9"),
    "a field less": lambda f: f.pop("start"),
    "text as start": lambda f: f.update(start="text"),
}


def change(data, i, value):
    array = np.frombuffer(data, "<i8").copy()
    array[i] = value
    return array.tobytes()


@pytest.mark.parametrize("change_fields", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_a_sidecar_that_cannot_be_true_is_not_believed(change_fields, shard):
    hostile = resealed(sidecar(shard).read_bytes(), change_fields)
    with pytest.raises(FileFormatError):
        decode_sidecar(hostile)
    sidecar(shard).write_bytes(hostile)
    assert_same(read(shard), make_frames(6))


@pytest.mark.parametrize("keep_hashes", [True, False])
@pytest.mark.parametrize("by", [512, -512])
def test_wrong_places_never_give_wrong_samples(by, keep_hashes, shard):
    def move(fields):
        fields["start"] = change(fields["start"], 3, 512 + 3 * 1024 + by)
        if not keep_hashes:
            fields["hashes"] = None

    sidecar(shard).write_bytes(resealed(sidecar(shard).read_bytes(), move))
    dataset = tp.Dataset(shard, Frame)
    for i, frame in enumerate(make_frames(6)):
        if i != 3:
            assert_same(dataset[i], frame)
    with pytest.raises(ShardError, match="data index") as caught:
        dataset[3]
    assert caught.value.key == "000000003"


@pytest.mark.parametrize("keep_time", [True, False])
def test_the_sidecar_of_another_shard_never_gives_wrong_samples(keep_time, shard, tmp_path):
    other = Path(tp.write_samples(make_frames(7)[1:], tmp_path / "b.tar").shards[0])
    assert other.stat().st_size == shard.stat().st_size
    shutil.copy(sidecar(other), sidecar(shard))
    if keep_time:
        state = other.stat()
        os.utime(shard, ns=(state.st_atime_ns, state.st_mtime_ns))
    dataset = tp.Dataset(shard, Frame)
    for i in range(6):
        with pytest.raises(ShardError, match="data index"):
            dataset[i]


def test_a_shard_that_was_copied_keeps_its_checksums(shard, tmp_path):
    (tmp_path / "copy").mkdir()
    copied = Path(shutil.copyfile(shard, tmp_path / "copy" / "a.tar"))
    shutil.copyfile(sidecar(shard), sidecar(copied))
    assert copied.stat().st_mtime_ns != shard.stat().st_mtime_ns
    data = bytearray(copied.read_bytes())
    data[600] ^= 1
    copied.write_bytes(data)
    with pytest.raises(ShardError, match="checksum") as caught:
        read(copied)
    assert (caught.value.key, caught.value.offset) == ("000000000", 512)
    assert_same(tp.Dataset(copied, Frame)[1], make_frames(6)[1])


def test_the_checksums_of_the_other_samples_still_count(shard):
    """A bit of sample 1 flips; the header of sample 4 is destroyed, or the shard ends there."""
    index, _ = decode_sidecar(sidecar(shard).read_bytes())
    data = bytearray(shard.read_bytes())
    data[index.start[4] - 500 : index.start[4] - 400] = b"\xff" * 100
    data[index.start[1] + index.size[1] - 30] ^= 1
    # The bytes of sample 4 still have their checksum, whatever its header says.
    for damaged, n_skipped, left in (
        (data, 1, (0, 2, 3, 4, 5)),
        (data[: index.start[4] + 1], 2, (0, 2, 3)),
    ):
        shard.write_bytes(damaged)
        dataset = tp.Dataset(shard, Frame, on_error="skip")
        with pytest.warns(UserWarning, match=f"skipped: {n_skipped}"):
            samples = list(dataset.ordered())
        assert_same(samples, [make_frames(6)[i] for i in left])


def test_samples_that_were_cut_out_of_a_shard_are_missing_and_never_mixed(shard):
    """From the middle of one sample to the middle of the next: an archive that looks whole."""
    index, _ = decode_sidecar(sidecar(shard).read_bytes())
    data = shard.read_bytes()
    assert index.size[2] == index.size[3]
    place = index.start[2] + index.size[2] // 2
    shard.write_bytes(data[:place] + data[place + index.start[3] - index.start[2] :])
    dataset = tp.Dataset(shard, Frame, on_error="skip")
    with pytest.warns(UserWarning, match="skipped: 1"):
        samples = list(dataset.ordered())
    assert_same(samples, [make_frames(6)[i] for i in (0, 1, 4, 5)])


def test_samples_that_moved_keep_their_checksums(shard):
    """A sample was removed from the shard by another program; then a bit of a later one flips."""
    index, _ = decode_sidecar(sidecar(shard).read_bytes())
    data = bytearray(shard.read_bytes())
    data[index.start[4] + 100] ^= 1
    del data[index.start[1] - 512 : index.start[2] - 512]
    shard.write_bytes(data)
    for _ in range(2):
        dataset = tp.Dataset(shard, Frame, on_error="skip")
        with pytest.warns(UserWarning, match="skipped: 1"):
            samples = list(dataset.ordered())
        assert_same(samples, [make_frames(6)[i] for i in (0, 2, 3, 5)])


def test_a_sample_of_another_size_than_its_sidecar_says_was_changed(shard):
    shard.write_bytes(
        tar_bytes(
            {
                "000000002.msgpack": tp.pack(Frame(np.zeros(1))),
                "x.msgpack": tp.pack(make_frames(1)[0]),
            }
        )
    )
    dataset = tp.Dataset(shard, Frame)
    with pytest.raises(ShardError, match="data index"):
        dataset[0]
    assert_same(dataset[1], make_frames(1)[0])


def test_a_sample_that_lost_a_member_was_changed(tmp_path):
    path = tmp_path / "a.tar"
    members = {f"{i}.{e}": b"%d" % i for i in range(3) for e in ("cls", "txt")}
    path.write_bytes(tar_bytes(members))
    list(index_shards(path))
    del members["1.txt"]
    path.write_bytes(tar_bytes(members))
    dataset = tp.load_dataset(path)
    assert (dict(dataset[0]), dict(dataset[2])) == ({"cls": 0, "txt": "0"}, {"cls": 2, "txt": "2"})
    with pytest.raises(ShardError, match="data index"):
        dataset[1]
    with pytest.raises(ShardError, match="accept-changes"):
        list(index_shards(path))
    list(index_shards(path, accept_changes=True))
    assert dict(tp.load_dataset(path)[1]) == {"cls": 1}


def test_samples_that_share_a_key_lose_their_checksums_only_where_they_could_be_mixed(tmp_path):
    dataset = tp.write_samples(make_frames(6), tmp_path / "a.tar", key=lambda s: "same")
    path = Path(dataset.shards[0])
    os.utime(path, (1e9, 1e9))
    assert_same(read(path), make_frames(6))


def test_a_shard_that_was_written_anew_by_another_program_is_read(shard):
    """Other keys, other lengths: nothing says that it is the same shard."""
    shard.write_bytes(tar_bytes({f"{i:x}.msgpack": tp.pack(Number(i)) for i in range(40)}))
    assert numbers(tp.Dataset(shard, Number)) == list(range(40))


def test_indexing_does_not_bless_what_was_damaged(shard):
    index, _ = decode_sidecar(sidecar(shard).read_bytes())
    data = bytearray(shard.read_bytes())
    data[index.start[2] + index.size[2] - 1] ^= 1
    shard.write_bytes(data)
    with pytest.raises(ShardError, match="accept-changes") as caught:
        list(index_shards(shard))
    place = (caught.value.shard, caught.value.key, caught.value.offset)
    assert place == (str(shard), "000000002", index.start[2])
    with pytest.raises(ShardError, match="checksum"):
        read(shard)
    list(index_shards(shard, accept_changes=True))
    assert len(read(shard)) == 6


def test_plain_shards_have_sidecars_too(tmp_path):
    members = {f"{i}.{e}": b"%d" % i for i in range(5) for e in ("cls", "txt", "id")}
    path = tmp_path / "a.tar"
    path.write_bytes(tar_bytes(members))
    for _ in range(2):
        assert [dict(s) for s in tp.load_dataset(path)] == [
            {"cls": i, "txt": str(i), "id": i} for i in range(5)
        ]
    assert sidecar(path).exists()


def test_a_sidecar_does_not_change_what_is_read_of_pax_shards(tmp_path):
    import tarfile

    path = tmp_path / "a.tar"
    members = {f"{'k' * 200}{i}.msgpack": tp.pack(Number(i)) for i in range(5)}
    path.write_bytes(tar_bytes(members, tarfile.PAX_FORMAT))
    for _ in range(2):
        dataset = tp.Dataset(path, Number)
        assert numbers(dataset.ordered()) == numbers(dataset[:]) == list(range(5))
