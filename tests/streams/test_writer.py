"""Writing: whole shards or none, whatever happens."""

import os
import resource
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
from shard_samples import (
    Frame,
    Number,
    assert_same,
    make_frames,
    make_numbers,
    numbers,
    write_numbers,
)

import tripartite as tp
from tripartite.errors import InputError, SchemaError, WriteError

HERE = str(Path(__file__).parent)


def files(folder):
    return sorted(p.name for p in folder.iterdir() if p.name != "the cache")


def assert_only_whole_shards(folder):
    """Every shard can be read to its end, has a true sidecar, and nothing else lies there."""
    shards = [p for p in folder.iterdir() if p.suffix == ".tar"]
    for shard in shards:
        before = numbers(tp.Dataset(shard, Number))
        Path(f"{shard}.idx").unlink(missing_ok=True)
        assert numbers(tp.Dataset(shard, Number)) == before
    return sorted(p.name for p in shards)


def run(code, **options):
    program = f"import sys\nsys.path.insert(0, {HERE!r})\n" + textwrap.dedent(code)
    return subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


# What is written.


def test_one_shard_takes_the_name_and_limits_number_them(tmp_path):
    assert write_numbers(tmp_path / "one", 5).shards == (str(tmp_path / "one" / "numbers.tar"),)
    many = write_numbers(tmp_path / "many", 5, maxcount=2)
    assert [Path(p).name for p in many.shards] == [f"numbers-{i:06d}.tar" for i in range(3)]
    assert [len(tp.Dataset(p, Number)) for p in many.shards] == [2, 2, 1]
    assert numbers(many.ordered()) == list(range(5))
    exact = write_numbers(tmp_path / "exact", 4, maxcount=2)
    assert [len(tp.Dataset(p, Number)) for p in exact.shards] == [2, 2]


def test_shards_stay_below_a_size(tmp_path):
    frames = make_frames(20, (50, 50))
    dataset = tp.write_samples(frames, tmp_path / "a.tar", maxsize=20_000)
    assert_same(dataset[:], frames)
    assert len(dataset.shards) > 2
    assert all(os.path.getsize(p) <= 20_480 for p in dataset.shards)
    tiny = tp.write_samples(frames[:3], tmp_path / "b.tar", maxsize=1)
    assert len(tiny.shards) == 3  # a sample may be larger than the limit


def test_samples_are_taken_one_by_one(tmp_path):
    taken = []

    def generate():
        buffer = np.zeros(1000)
        for i in range(50):
            taken.append(i)
            buffer[:] = i  # the same memory for every sample
            yield {"x": buffer}

    dataset = tp.write_samples(generate(), tmp_path / "a.tar", maxcount=7)
    assert [s.x[0] for s in dataset] == list(range(50))
    assert taken == list(range(50))


def test_keys_are_sorted_unique_and_chosen_on_request(tmp_path):
    dataset = write_numbers(tmp_path, 12, maxcount=5)
    keys = dataset.keys()
    assert keys == sorted(set(keys))
    named = write_numbers(tmp_path / "named", 3, key=lambda s: f"day/mouse-{s.i}")
    assert named.keys() == [f"day/mouse-{i}" for i in range(3)]


@pytest.mark.parametrize(
    "key",
    [
        "",
        "a.b",
        "/a",
        "../a",
        "a/../b",
        "__a",
        "x" * 93,
        "é" * 47,
        "a\0b",
        "./a",
        3,
        None,
        "\ud800",
        "a/",
        "a\nb" * 40,
    ],
    ids=repr,
)
def test_keys_that_would_not_come_back_are_refused(key, tmp_path):
    with pytest.raises(InputError, match="key"):
        write_numbers(tmp_path, 3, key=lambda s: key)
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    "key", ["a", "a b", "é" * 46, "x" * 92, "a/b/c", "a\nb", "-", "ключ", " ", "{a}"]
)
def test_keys_come_back_as_they_are(key, tmp_path):
    assert write_numbers(tmp_path, 1, key=lambda s: key).keys() == [key]
    assert tp.load_dataset(tmp_path / "numbers.tar").get(key).i == 0


@pytest.mark.parametrize(
    "options",
    [
        {"maxcount": 0},
        {"maxcount": -1},
        {"maxsize": 0},
        {"layout": "zip"},
        {"maxcount": 2.5},
        {"maxcount": True},
        {"maxsize": "3"},
    ],
    ids=str,
)
def test_odd_arguments_are_refused_before_anything_is_written(options, tmp_path):
    with pytest.raises(InputError):
        write_numbers(tmp_path, 3, **options)
    assert files(tmp_path) == []


def test_a_name_that_is_no_shard_is_refused(tmp_path):
    for name in ("a", "a.tar.gz", "a.zip", "a.TAR"):
        with pytest.raises(InputError, match=r"\.tar"):
            tp.write_samples(make_numbers(2), tmp_path / name)


def test_no_samples_are_no_dataset_and_leave_nothing(tmp_path):
    with pytest.raises(InputError, match="at least one sample"):
        tp.write_samples([], tmp_path / "a.tar")
    assert files(tmp_path) == []


@pytest.mark.parametrize("odd", [3, "text", None, object(), Number, [1]], ids=str)
def test_what_is_no_sample_is_refused(odd, tmp_path):
    with pytest.raises(SchemaError):
        tp.write_samples([odd], tmp_path / "a.tar")
    with pytest.raises(SchemaError, match="sample 1"):
        tp.write_samples([Number(0), odd], tmp_path / "a.tar")
    assert files(tmp_path) == []


def test_samples_of_another_type_are_refused(tmp_path):
    with pytest.raises(SchemaError, match=r"here Number.*sample 1 is a Frame"):
        tp.write_samples([Number(0), make_frames(1)[0]], tmp_path / "a.tar")


# What is there already.


def test_nothing_is_overwritten_unasked(tmp_path):
    write_numbers(tmp_path, 3)
    for options in ({}, {"maxcount": 2}):
        with pytest.raises(WriteError, match="overwrite=True"):
            write_numbers(tmp_path, 5, **options)
    assert numbers(tp.Dataset(tmp_path / "numbers.tar", Number)) == [0, 1, 2]


def test_a_shorter_dataset_leaves_no_old_shard(tmp_path):
    write_numbers(tmp_path, 10, maxcount=2)
    dataset = write_numbers(tmp_path, 3, maxcount=2, overwrite=True)
    assert numbers(tp.Dataset(tmp_path / "numbers.tar", Number)) == [0, 1, 2]
    assert files(tmp_path) == [f"numbers-{i:06d}.tar{e}" for i in range(2) for e in ("", ".idx")]
    single = write_numbers(tmp_path, 1, overwrite=True)
    assert files(tmp_path) == ["numbers.tar", "numbers.tar.idx"]
    assert (len(single), len(dataset.shards)) == (1, 2)


def test_datasets_with_alike_names_leave_each_other_alone(tmp_path):
    for name in ("a.tar", "a-b.tar", "a-000001-x.tar", "ab.tar"):
        tp.write_samples(make_numbers(2), tmp_path / name)
    tp.write_samples(make_numbers(4), tmp_path / "a.tar", maxcount=1, overwrite=True)
    assert {"a-b.tar", "a-000001-x.tar", "ab.tar"} <= set(files(tmp_path))


def test_what_fails_at_its_first_sample_leaves_the_old_dataset(tmp_path):
    write_numbers(tmp_path, 3)

    def fail():
        raise RuntimeError("mine")
        yield

    for samples, error in (
        (fail(), RuntimeError),
        ([Number("text")], SchemaError),
        ([], InputError),
    ):
        with pytest.raises(error):
            tp.write_samples(samples, tmp_path / "numbers.tar", overwrite=True)
        assert numbers(tp.Dataset(tmp_path / "numbers.tar", Number)) == [0, 1, 2]


@pytest.mark.parametrize("maxcount", [None, 2])
def test_what_fails_later_leaves_the_old_dataset(maxcount, tmp_path):
    write_numbers(tmp_path, 6, maxcount=maxcount)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}

    def generate():
        yield from make_numbers(5)
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        tp.write_samples(generate(), tmp_path / "numbers.tar", maxcount=maxcount, overwrite=True)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_a_dataset_can_be_written_over_itself(tmp_path):
    old = write_numbers(tmp_path, 10, maxcount=2)
    doubled = old.map(lambda s: Number(2 * s.i))
    tp.write_samples(doubled, tmp_path / "numbers.tar", maxcount=3, overwrite=True)
    expected = [2 * i for i in range(10)]
    assert numbers(tp.Dataset(tmp_path / "numbers.tar", Number)) == expected
    assert files(tmp_path) == [f"numbers-{i:06d}.tar{e}" for i in range(4) for e in ("", ".idx")]


def test_numbers_that_are_dates_are_somebody_elses(tmp_path):
    for name in ("x-20240101.tar", "x-240101.tar"):
        tp.write_samples(make_numbers(1), tmp_path / name)
    for maxcount in (None, 1, 2):
        tp.write_samples(make_numbers(4), tmp_path / "x.tar", maxcount=maxcount, overwrite=True)
        assert {"x-20240101.tar", "x-240101.tar"} <= set(files(tmp_path))
    assert numbers(tp.Dataset(tmp_path / "x.tar", Number)) == list(range(4))


def test_what_comes_after_a_gap_in_the_numbers_is_not_removed(tmp_path):
    write_numbers(tmp_path, 6, maxcount=2)
    (tmp_path / "numbers-000001.tar").unlink()
    before = files(tmp_path)
    with pytest.raises(WriteError, match="000002"):
        write_numbers(tmp_path, 6, overwrite=True)
    assert files(tmp_path) == before


def test_of_two_writers_of_one_name_the_first_keeps_it(tmp_path):
    def generate():
        yield Number(0)
        write_numbers(tmp_path, 3)
        yield Number(7)

    with pytest.raises(WriteError, match="there already"):
        tp.write_samples(generate(), tmp_path / "numbers.tar")
    assert numbers(tp.Dataset(tmp_path / "numbers.tar", Number)) == [0, 1, 2]
    assert files(tmp_path) == ["numbers.tar", "numbers.tar.idx"]


def test_a_file_system_without_links_takes_shards(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError("no links")

    monkeypatch.setattr(os, "link", refuse)
    assert len(write_numbers(tmp_path, 5, maxcount=2).shards) == 3


def test_shards_are_written_to_local_folders_only(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for url in ("s3://bucket/a.tar", "https://x.org/a.tar", "memory://a/b.tar"):
        with pytest.raises(InputError, match="upload"):
            tp.write_samples(make_numbers(2), url)
    assert files(tmp_path) == []
    tp.write_samples(make_numbers(2), f"file://{tmp_path}/a.tar")
    assert files(tmp_path) == ["a.tar", "a.tar.idx"]


# What goes wrong.


@pytest.mark.parametrize(
    "error", [RuntimeError, KeyboardInterrupt, SystemExit, GeneratorExit, OSError]
)
@pytest.mark.parametrize("maxcount", [None, 4])
def test_a_generator_that_fails_leaves_whole_shards_only(error, maxcount, tmp_path):
    def generate():
        yield from make_numbers(10)
        raise error("mine")

    with pytest.raises(error if error is not OSError else OSError, match="mine"):
        tp.write_samples(generate(), tmp_path / "a.tar", maxcount=maxcount)
    expected = [] if maxcount is None else ["a-000000.tar", "a-000001.tar"]
    assert assert_only_whole_shards(tmp_path) == expected
    assert [name for name in files(tmp_path) if name.endswith(".part")] == []


def test_an_error_of_the_users_generator_stays_the_users(tmp_path):
    def generate():
        yield Number(0)
        Path(tmp_path, "nothing there").read_bytes()

    with pytest.raises(FileNotFoundError):
        tp.write_samples(generate(), tmp_path / "a.tar")


def test_a_sample_that_does_not_fit_leaves_whole_shards_only(tmp_path):
    with pytest.raises(SchemaError, match=r"'i'") as caught:
        tp.write_samples([*make_numbers(5), Number("text")], tmp_path / "a.tar", maxcount=2)
    assert any("sample 5" in note for note in caught.value.__notes__)
    assert assert_only_whole_shards(tmp_path) == ["a-000000.tar", "a-000001.tar"]


WRITE_MUCH = """
    import itertools, numpy as np, tripartite as tp
    from shard_samples import Number
    from tripartite.errors import WriteError

    def generate():
        for i in itertools.count():
            if i == {started}:
                print("started", flush=True)
            yield Number(i)
"""


@pytest.mark.parametrize("maxcount", [None, 100])
def test_a_full_disk_is_an_error_and_leaves_whole_shards_only(maxcount, tmp_path):
    """A limit on the size of files stands for the disk; where it can be mounted, a small one."""
    limit = 150_000
    code = (
        WRITE_MUCH.format(started=-1)
        + f"""
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
    try:
        tp.write_samples(generate(), {str(tmp_path / "a.tar")!r}, maxcount={maxcount and 400})
    except WriteError as error:
        print(type(error).__name__, error.errno, error)
    """
    )
    out, err = run(code).communicate(timeout=60)
    assert "WriteError 27" in out, err
    assert "Make room" in out
    assert assert_only_whole_shards(tmp_path) == []
    assert [name for name in files(tmp_path) if name.endswith(".part")] == []


def test_a_disk_that_is_full_to_the_last_byte_leaves_whole_shards_only(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        with pytest.raises(WriteError, match="Make room"):
            tp.write_samples((Number(i) for i in range(10**6)), disk / "a.tar", maxcount=100)
        shards = assert_only_whole_shards(disk)
        assert shards == [f"a-{i:06d}.tar" for i in range(len(shards))]
        assert shards
        assert [name for name in files(disk) if name.endswith(".part")] == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("maxcount", [None, 500])
def test_a_writer_that_is_stopped_leaves_whole_shards_only(how, maxcount, tmp_path):
    target = tmp_path / "a.tar"
    code = (
        WRITE_MUCH.format(started=1200)
        + f"    tp.write_samples(generate(), {str(target)!r}, maxcount={maxcount})"
    )
    with run(code) as writer:
        assert writer.stdout.readline() == "started\n", writer.stderr.read()
        time.sleep(0.02)
        writer.send_signal(how)
        _, err = writer.communicate(timeout=30)
    assert writer.returncode != 0
    shards = assert_only_whole_shards(tmp_path)
    assert shards == [f"a-{i:06d}.tar" for i in range(len(shards))]
    assert len(shards) >= (0 if maxcount is None else 2)
    if how == signal.SIGINT:
        assert "KeyboardInterrupt" in err
        assert [name for name in files(tmp_path) if name.endswith(".part")] == []
    # What a killed writer left is no obstacle, and no shard.
    again = tp.write_samples(make_numbers(3), target, maxcount=maxcount, overwrite=True)
    assert numbers(again.ordered()) == [0, 1, 2]
    assert numbers(tp.Dataset(tmp_path, Number)) == [0, 1, 2]


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(WriteError, match="rights"):
        write_numbers(tmp_path, 3)
    tmp_path.chmod(0o700)


def test_a_place_that_cannot_be_a_folder_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    for target in (
        tmp_path / "file" / "a.tar",
        Path("/proc/nothing/a.tar"),
        tmp_path / ("x" * 300 + ".tar"),
    ):
        with pytest.raises(WriteError) as caught:
            tp.write_samples(make_numbers(3), target)
        assert isinstance(caught.value, OSError)


def test_a_folder_in_the_place_of_a_shard_is_an_error(tmp_path):
    (tmp_path / "a.tar").mkdir()
    with pytest.raises(WriteError):
        tp.write_samples(make_numbers(3), tmp_path / "a.tar")
    with pytest.raises(WriteError):
        tp.write_samples(make_numbers(3), tmp_path / "a.tar", overwrite=True)
    assert (tmp_path / "a.tar").is_dir()


def test_shards_follow_the_users_mask(tmp_path):
    before = os.umask(0o027)
    try:
        shard = Path(write_numbers(tmp_path, 3).shards[0])
    finally:
        os.umask(before)
    assert shard.stat().st_mode & 0o777 == 0o640


def test_a_large_dataset_takes_little_memory(tmp_path):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    image = np.zeros((1000, 1000), "u1")
    tp.write_samples((Frame(image, {"i": i}) for i in range(100)), tmp_path / "a.tar")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000
