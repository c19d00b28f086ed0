"""What names shards: paths, folders, globs, braces, lists."""

import os
import time
from pathlib import Path

import pytest
from shard_samples import Number, numbers, write_numbers

import tripartite as tp
from tripartite.errors import InputError, ShardError
from tripartite.streams.shards.sources import expand_braces, find_shards


@pytest.fixture
def shards(tmp_path):
    return write_numbers(tmp_path, 12, maxcount=3).shards


def names_of(source):
    return [Path(name).name for name in find_shards(source)]


ALL = [f"numbers-{i:06d}.tar" for i in range(4)]


@pytest.mark.usefixtures("shards")
def test_every_way_to_name_shards_finds_them_in_order(tmp_path):
    sources = [
        tmp_path,
        str(tmp_path) + "/",
        tmp_path / "numbers.tar",
        tmp_path / "*.tar",
        tmp_path / "numbers-00000[0-3].tar",
        tmp_path / "**" / "*.tar",
        tmp_path / "numbers-{000000..000003}.tar",
        tmp_path / "{numbers-000000,numbers-000001,numbers-000002,numbers-000003}.tar",
        tmp_path / "numbers-00000{0..1,}{,..}.tar"
        if False
        else tmp_path / "numbers-{000000,000001,000002,000003}.tar",
        [tmp_path / name for name in ALL],
        (str(tmp_path / name) for name in ALL),
        [tmp_path / "numbers-{000000..000001}.tar", str(tmp_path / "numbers-{000002..000003}.tar")],
        f"file://{tmp_path}/numbers-{{000000..000003}}.tar",
        f"file://{tmp_path}/*.tar",
        f"file://{tmp_path}",
    ]
    for source in sources:
        assert names_of(source) == ALL, source


@pytest.mark.usefixtures("shards")
def test_relative_paths_are_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for source in ("numbers.tar", ".", "*.tar", "./numbers-{000000..000003}.tar"):
        assert names_of(source) == ALL
    assert numbers(tp.Dataset[Number]("numbers.tar").ordered()) == list(range(12))


def test_a_list_keeps_its_order_and_repetitions(shards):
    names = [shards[2], shards[0], shards[2]]
    assert find_shards(names) == tuple(names)
    assert numbers(tp.Dataset[Number](names).ordered()) == [6, 7, 8, 0, 1, 2, 6, 7, 8]


def test_sidecars_and_hidden_files_are_no_shards(shards, tmp_path):
    (tmp_path / ".hidden.tar").write_bytes(b"")
    (tmp_path / "notes.txt").write_bytes(b"")
    assert names_of(tmp_path) == ALL
    assert Path(shards[0] + ".idx").exists()


@pytest.mark.parametrize("folder", ["a{b}c", "a[b]c", "a{1,2}", "a*", "a?b", "a b%20ü"])
def test_names_with_letters_of_patterns_are_found_as_they_are(folder, tmp_path):
    dataset = write_numbers(tmp_path / folder, 4, maxcount=2)
    for source in (tmp_path / folder, tmp_path / folder / "numbers.tar", dataset.shards[0]):
        assert numbers(tp.Dataset[Number](source).ordered())[:2] == [0, 1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", ["x"]),
        ("x-{08..11}", ["x-08", "x-09", "x-10", "x-11"]),
        ("{0..0}", ["0"]),
        ("{9..11}", ["9", "10", "11"]),
        ("{a,b}", ["a", "b"]),
        ("{a,}", ["a", ""]),
        ("{a,b}{0..1}", ["a0", "a1", "b0", "b1"]),
    ],
)
def test_braces_expand_as_in_a_shell(text, expected):
    assert sorted(expand_braces(text)) == sorted(expected)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "{a}",
        "{x{1,2},y}",
        "{a,b",
        "a,b}",
        "{1..}",
        "{5..3}",
        "{a..c}",
        "{0..999999999}",
        "{0..99999999999999999999999}",
    ],
)
def test_odd_braces_are_refused(text, tmp_path):
    with pytest.raises(InputError, match=r"[Bb]races|range"):
        tp.load_dataset(tmp_path / f"x-{text}.tar")


@pytest.mark.parametrize(
    "text",
    [
        "{0..999999}{0..999999}.tar",
        "{0..9}" * 30 + ".tar",
        "{a,b}" * 2000 + ".tar",
        "{" * 5000 + "}" * 5000 + ".tar",
        "{0..999}{0..1000}.tar",
    ],
    ids=lambda t: t[:30],
)
def test_braces_that_name_too_many_shards_are_refused_at_once(text, tmp_path):
    begin = time.monotonic()
    with pytest.raises(InputError):
        tp.load_dataset(str(tmp_path) + "/" + text)
    assert time.monotonic() - begin < 5


def test_many_missing_shards_are_told_at_once(tmp_path):
    for i in range(200):
        (tmp_path / f"other-{i}.tar").touch()
    begin = time.monotonic()
    with pytest.raises(ShardError, match="20000 of 20000 missing"):
        tp.load_dataset(tmp_path / "x-{00000..19999}.tar")
    assert time.monotonic() - begin < 3


@pytest.mark.parametrize("source", [3, None, 1.5, object(), [1], [None]], ids=str)
def test_what_is_no_path_is_refused(source):
    with pytest.raises(InputError, match="path"):
        tp.load_dataset(source)


def test_sources_without_shards_are_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    for source in (tmp_path / "empty", tmp_path / "*.tar", []):
        with pytest.raises(InputError, match="at least one shard"):
            tp.load_dataset(source)
    for source in (tmp_path / "nothing.tar", "", os.fspath(tmp_path / "no" / "folder.tar")):
        with pytest.raises(ShardError, match="missing"):
            tp.load_dataset(source)


def test_bytes_are_no_path(shards):
    with pytest.raises(InputError):
        tp.load_dataset(shards[0].encode())
