"""``tripartite data`` says what is in shards, and what is wrong with them."""

import hashlib
import re
import tarfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import tripartite as tp
from tripartite.streams.shards.sidecar import sidecar_path


@tp.packable
class Frame:
    image: NDArray
    t: float
    note: str | None = None


@pytest.fixture
def shards(tmp_path):
    frames = [
        Frame(np.full((4, 3 + i % 2), i, "uint8"), 0.5 * i, None if i % 3 else "x")
        for i in range(25)
    ]
    return tp.write_samples(frames, tmp_path / "frames.tar", maxcount=10).shards


def test_inspect_shows_counts_sizes_dtypes_and_shapes(tripartite, shards, tmp_path):
    answer = tripartite("data", "inspect", tmp_path)
    assert answer.code == 0
    assert "3 shards, 25 samples" in answer.out
    assert re.search(r"frames-000002\.tar +5 ", answer.out)
    assert re.search(r"image +uint8 array \(25\) +\(4, 3\.\.4\)", answer.out)
    assert re.search(r"note +None \(16\), str \(9\)", answer.out)


def test_inspect_looks_at_samples_spread_over_all_shards(tripartite, shards):
    answer = tripartite("data", "inspect", *shards, "--limit", 2)
    assert "Fields of 2 of 25 samples" in answer.out
    assert re.search(r"image +uint8 array \(2\) +\(4, 3\)", answer.out)  # samples 0 and 24


def test_preview_prints_the_first_samples_with_their_keys(tripartite, shards):
    answer = tripartite("data", "preview", *shards, "--limit", 2)
    assert answer.out.splitlines() == [
        "[0] 000000000",
        "  image: uint8 array (4, 3)",
        "  t: 0.0",
        "  note: 'x'",
        "[1] 000000001",
        "  image: uint8 array (4, 4)",
        "  t: 0.5",
        "  note: None",
    ]


def test_verify_of_whole_shards_finds_nothing(tripartite, shards):
    answer = tripartite("data", "verify", *shards)
    assert (answer.code, answer.out.splitlines()) == (0, ["3 shards, 25 samples, 0 problems"])


def overwrite(path, place, data):
    with open(path, "r+b") as file:
        file.seek(place)
        file.write(data)


def test_verify_names_shard_key_and_offset_of_every_bad_sample(tripartite, shards):
    with tarfile.open(shards[1]) as archive:
        places = {member.name: member.offset_data for member in archive}
    for name in ("000000012.msgpack", "000000017.msgpack"):
        overwrite(shards[1], places[name] + 40, b"?")
    answer = tripartite("data", "verify", *shards)
    assert answer.code == 1
    bad = [line for line in answer.out.splitlines() if line.startswith("BAD")]
    assert len(bad) == 2
    for line, key in zip(bad, ("000000012", "000000017"), strict=True):
        assert f"shard {shards[1]}, key {key!r}, byte {places[key + '.msgpack']}" in line
    assert answer.out.splitlines()[-1] == "3 shards, 25 samples, 2 problems"


def test_verify_goes_on_after_missing_and_truncated_shards(tripartite, shards, tmp_path):
    with open(shards[0], "r+b") as file:
        file.truncate(2700)
    answer = tripartite("data", "verify", tmp_path / "frames-{000000..000003}.tar")
    assert answer.code == 1
    assert "cut off" in answer.out
    assert "no such file" in answer.out
    assert "4 shards, 17 samples, 2 problems" in answer.out  # 2 + 10 + 5


def test_verify_says_when_changed_values_could_not_be_seen(tripartite, shards):
    for shard in shards:
        sidecar_path(shard).unlink()
    assert "Without checksums: 3 shards." in tripartite("data", "verify", *shards).out


def test_an_archive_without_samples_is_a_problem(tripartite, tmp_path):
    (tmp_path / "zeros.tar").write_bytes(bytes(10240))
    answer = tripartite("data", "verify", tmp_path / "zeros.tar")
    assert answer.code == 1
    assert answer.out.splitlines()[-1] == "1 shard, 0 samples, 1 problem"


def test_verify_compares_whole_shards_with_a_list_of_checksums(tripartite, shards, tmp_path):
    digests = [hashlib.sha256(Path(shard).read_bytes()).hexdigest() for shard in shards]
    listing = tmp_path / "SHA256SUMS"
    lines = [f"{d}  {s.rpartition('/')[2]}\n" for d, s in zip(digests, shards, strict=True)]
    listing.write_text("".join(lines))
    assert tripartite("data", "verify", *shards, "--sha256", listing).code == 0
    listing.write_text("".join([*lines[:2], "0" * 64 + lines[2][64:]]))
    answer = tripartite("data", "verify", *shards, "--sha256", listing)
    assert answer.code == 1
    assert f"BAD [shard {shards[2]}] The shard has the SHA-256 000" in answer.out


def test_a_list_of_checksums_that_is_none_is_refused(tripartite, shards, tmp_path):
    listing = tmp_path / "SHA256SUMS"
    listing.write_text("hello\n")
    answer = tripartite("data", "verify", *shards, "--sha256", listing)
    assert answer.code == 1
    assert "line 1" in answer.err


def test_index_notes_checksums_for_shards_of_others(tripartite, shards):
    sidecar = sidecar_path(shards[0])
    sidecar.unlink()
    tp.load_dataset(shards[0])[0]  # an index without checksums appears
    assert "Without checksums: 1 shard." in tripartite("data", "verify", shards[0]).out
    assert tripartite("data", "index", shards[0]).out == f"{shards[0]}: 10 samples\n"
    assert "Without checksums" not in tripartite("data", "verify", shards[0]).out


@pytest.mark.parametrize("layout", ["npy", "compact"])
def test_convert_writes_what_was_read_and_keeps_the_keys(tripartite, shards, tmp_path, layout):
    out = tmp_path / "new" / "all.tar"
    answer = tripartite("data", "convert", *shards, "--out", out, "--layout", layout)
    assert answer.code == 0
    old, new = tp.Dataset[Frame](shards), tp.Dataset[Frame](out)
    assert new.keys() == old.keys()
    for a, b in zip(old, new, strict=True):
        np.testing.assert_array_equal(a.image, b.image)
        assert (a.t, a.note) == (b.t, b.note)


def test_convert_makes_fields_of_the_members_of_a_webdataset(tripartite, tmp_path):
    source = tmp_path / "plain.tar"
    np.save(tmp_path / "image.npy", np.arange(6).reshape(2, 3))
    (tmp_path / "label").write_text("7")
    with tarfile.open(source, "w") as archive:
        archive.add(tmp_path / "image.npy", "s/a.image.npy")
        archive.add(tmp_path / "label", "s/a.cls")
    assert tripartite("data", "convert", source, "--out", tmp_path / "packed.tar").code == 0

    @tp.packable
    class Labelled:
        image: NDArray
        cls: int

    (sample,) = tp.Dataset[Labelled](tmp_path / "packed.tar")
    assert (sample.image.tolist(), sample.cls) == ([[0, 1, 2], [3, 4, 5]], 7)


@pytest.mark.parametrize("command", ["inspect", "preview", "verify", "index"])
def test_every_command_says_what_is_missing(tripartite, tmp_path, command):
    answer = tripartite("data", command, tmp_path / "none.tar")
    assert answer.code == 1
    assert "none.tar" in answer.out + answer.err
    assert "Traceback" not in answer.err


def test_convert_refuses_to_overwrite_unasked(tripartite, shards, tmp_path):
    answer = tripartite("data", "convert", *shards, "--out", tmp_path / "frames.tar")
    assert answer.code == 1
    assert "overwrite" in answer.err
    assert len(tp.Dataset[Frame](shards)) == 25
