"""Remote shards: what is needed is fetched, faults are survived or told, nothing stale is read."""

import builtins
import hashlib
import os
import pickle
import sys
import time
import traceback
import warnings
from pathlib import Path

import fsspec
import numpy as np
import pytest
from shard_samples import Number, numbers, write_numbers

import tripartite as tp
from tripartite.errors import InputError, MissingExtraError, RemoteError, ShardError, WriteError
from tripartite.streams.shards.servers import plain
from tripartite.streams.shards.shard import ShardOptions
from tripartite.testing.servers import FileServer

FAST = tp.Remote(timeout=0.3, retries=2, backoff=0.001)
N, SIDE = 60, 256  # 4 MB in one shard: several blocks of the cache


def write_images(folder, seed=0, name="big.tar", **options):
    rng = np.random.default_rng(seed)
    rows = [{"i": i, "x": rng.integers(0, 255, (SIDE, SIDE), "u1")} for i in range(N)]
    return tp.write_samples(rows, folder / name, **options), rows


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "served").mkdir()
    return tmp_path / "served"


@pytest.fixture
def server(folder):
    with FileServer(folder) as server:
        yield server


@pytest.fixture
def big(folder, server):
    """The URL of a shard without a sidecar, and its samples."""
    dataset, rows = write_images(folder)
    Path(dataset.shards[0] + ".idx").unlink()
    return f"{server.url}/big.tar", rows


@pytest.fixture
def indexed(folder, server):
    """The URL of a shard with a sidecar: reading its first samples fetches no others."""
    _, rows = write_images(folder)
    return f"{server.url}/big.tar", rows


def load(url, **options):
    return tp.load_dataset(url, remote=FAST, **options)


# What is fetched.


def test_one_sample_costs_a_small_part_of_its_shard(folder, server):
    _, rows = write_images(folder)
    sample = load(f"{server.url}/big.tar")[40]
    np.testing.assert_array_equal(sample.x, rows[40]["x"])
    assert server.n_bytes("big.tar") < 2.2 * (1 << 20)
    assert (folder / "big.tar").stat().st_size > 3.9e6


def test_a_sample_of_a_shard_without_a_sidecar_costs_the_shard_at_most_once(big, server, folder):
    url, rows = big
    dataset = load(url)
    np.testing.assert_array_equal(dataset[N - 1].x, rows[N - 1]["x"])
    np.testing.assert_array_equal(dataset[0].x, rows[0]["x"])
    assert server.n_bytes("big.tar") <= (folder / "big.tar").stat().st_size + 1


def test_a_pass_over_a_shard_takes_few_requests(big, server, folder):
    url, rows = big
    for sample, row in zip(load(url), rows, strict=True):
        np.testing.assert_array_equal(sample.x, row["x"])
    assert len(server.requests) < 10
    assert server.n_bytes("big.tar") <= (folder / "big.tar").stat().st_size + 1


def test_the_first_samples_of_many_shards_open_one_of_them(folder, server):
    local = write_numbers(folder, 12, maxcount=3)
    names = [f"{server.url}/{Path(name).name}" for name in local.shards]
    assert numbers(tp.Dataset[Number](names, remote=FAST).head(2)) == [0, 1]
    assert {Path(r.path).name.removesuffix(".idx") for r in server.requests} == {
        Path(names[0]).name
    }


def test_a_second_opening_fetches_nothing_but_what_the_server_says(big, server):
    url, rows = big
    list(load(url))
    server.requests.clear()
    for sample, row in zip(load(url), rows, strict=True):
        np.testing.assert_array_equal(sample.x, row["x"])
    assert server.n_bytes("big.tar") <= 1
    server.requests.clear()
    list(load(url).shuffled(8, seed=1))
    assert server.n_bytes() <= 1


def test_braces_name_shards_of_a_server(folder, server):
    write_numbers(folder, 12, maxcount=3)
    dataset = tp.Dataset[Number](f"{server.url}/numbers-{{000000..000003}}.tar", remote=FAST)
    assert numbers(dataset.ordered()) == list(range(12))
    assert sorted(numbers(dataset.shuffled(seed=1))) == list(range(12))


def test_a_signed_url_is_asked_for_as_it_is(big, server):
    url, rows = big
    signed = url + "?X-Signature=a*b[c]%2F&n=1"
    np.testing.assert_array_equal(load(signed)[3].x, rows[3]["x"])
    assert {r.path for r in server.requests} == {"/big.tar?X-Signature=a*b[c]%2F&n=1"}


def test_a_web_server_is_not_searched(server):
    with pytest.raises(RemoteError, match=r"braces"):
        load(f"{server.url}/*.tar")


def test_compressed_remote_shards_are_read(folder, server):
    import gzip

    local = write_numbers(folder, 12)
    (folder / "n.tar.gz").write_bytes(gzip.compress(Path(local.shards[0]).read_bytes()))
    dataset = tp.Dataset[Number](f"{server.url}/n.tar.gz", remote=FAST)
    assert numbers(dataset.ordered()) == list(range(12))


# Faults.


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 503},
        {"status": 429},
        {"status": 408},
        {"stall": 5.0},
        {"missing": 1},
        {"missing": 1, "methods": ("GET",)},
        {"cut": 0},
        {"extra_length": 1},
    ],
    ids=str,
)
@pytest.mark.parametrize("when", ["opening", "reading"])
@pytest.mark.parametrize("n_times", [1, 2])
def test_a_passing_fault_is_survived(fault, when, n_times, big, server):
    url, rows = big
    dataset = load(url)
    if when == "reading":
        assert dataset.head(1)[0].i == 0
    server.behave(**fault, n_times=n_times)
    assert [s.i for s in dataset] == list(range(N))
    np.testing.assert_array_equal(dataset[N - 1].x, rows[N - 1]["x"])


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 404},
        {"status": 410},
        {"status": 401},
        {"status": 403},
        {"status": 400},
        {"status": 500},
        {"stall": 5.0},
        {"cut": 0},
        {"extra_length": 1},
    ],
    ids=str,
)
def test_a_lasting_fault_is_an_error_that_names_the_url(fault, big, server):
    url, _ = big
    server.behave(**fault)
    begin = time.monotonic()
    with pytest.raises(RemoteError, match=r"big\.tar"):
        list(load(url))
    assert time.monotonic() - begin < 3
    n_tries = len([r for r in server.requests if r.path == "/big.tar"])
    final = fault.get("status") in (400, 401, 403, 404, 410)
    assert "stall" in fault or n_tries == (1 if final else 3)


def test_the_error_of_a_missing_file_says_so(server):
    with pytest.raises(RemoteError, match=r"not found: .*nothing.tar. Check the URL"):
        list(load(f"{server.url}/nothing.tar"))


def test_a_lasting_fault_while_reading_is_an_error(indexed, server):
    url, _ = indexed
    dataset = load(url)
    dataset.head(1)
    for fault in ({"status": 500}, {"missing": 1}, {"cut": 10}, {"stall": 5.0}):
        server.behave(**fault)
        with pytest.raises(RemoteError, match="tried 3 times"):
            list(dataset)
    server.behave()
    assert len(list(dataset)) == N  # nothing wrong was kept


@pytest.mark.parametrize("way", [list, lambda d: d[N - 1]])
def test_a_fault_while_reading_is_told_with_its_sample(way, indexed, server):
    url, _ = indexed
    dataset = load(url)
    dataset.head(1)
    server.behave(status=500)
    with pytest.raises(RemoteError, match="tried 3 times") as caught:
        way(dataset)
    error = pickle.loads(pickle.dumps(caught.value))
    assert isinstance(error, ShardError)
    assert error.shard == url
    assert error.key is not None
    assert error.offset % 512 == 0
    assert isinstance(caught.value.__cause__, RemoteError)


def test_samples_that_a_server_does_not_give_are_skipped(indexed, server):
    url, rows = indexed
    dataset = load(url, on_error="skip")
    n_here = sum(1 for _ in zip(dataset.head(1), rows, strict=False))
    server.behave(status=403)
    with pytest.warns(UserWarning, match="skipped"):
        n_read = len(list(dataset))
    assert n_here <= n_read == N - dataset.n_skipped < N
    assert "403" in dataset.skipped[0].reason


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_no_error_shows_what_is_secret_in_a_request(status, big, server):
    url, _ = big
    server.behave(status=status)
    remote = tp.Remote(
        timeout=0.3, retries=0, storage={"headers": {"Authorization": "Bearer geheim"}}
    )
    with pytest.raises(RemoteError, match=r"big\.tar") as caught:
        tp.load_dataset(url + "?X-Signature=geheim", remote=remote)[0]
    shown = "".join(traceback.format_exception(caught.value))
    assert "geheim" not in str(caught.value)
    assert "Authorization" not in shown
    assert status == 404 or str(status) in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.org/b.tar", "https://a.org/b.tar"),
        ("https://a.org/b.tar?sig=x/y@z", "https://a.org/b.tar"),
        ("https://me:word@a.org/b.tar#x", "https://a.org/b.tar"),
        ("s3://bucket/a@b.tar", "s3://bucket/a@b.tar"),
    ],
)
def test_a_url_is_shown_without_its_secrets(url, shown):
    assert plain(url) == shown


def test_pauses_between_tries_grow(big, server):
    url, _ = big
    server.behave(status=503)
    begin = time.monotonic()
    with pytest.raises(RemoteError):
        list(tp.load_dataset(url, remote=tp.Remote(retries=3, backoff=0.05)))
    assert time.monotonic() - begin >= 0.05 + 0.1 + 0.2


def test_missing_remote_shards_are_skipped_and_counted(folder, server):
    local = write_numbers(folder, 12, maxcount=3)
    names = [f"{server.url}/{Path(name).name}" for name in local.shards]
    Path(local.shards[1]).unlink()
    dataset = tp.Dataset[Number](names, remote=FAST, on_error="skip")
    with pytest.warns(UserWarning, match="skipped: 1"):
        assert numbers(dataset.ordered()) == [0, 1, 2, 6, 7, 8, 9, 10, 11]
    assert dataset.n_skipped == 1
    assert dataset.skipped[0].shard == names[1]
    assert "not found" in dataset.skipped[0].reason


@pytest.mark.parametrize("says_ranges", ["bytes", "none", None])
def test_a_server_without_ranges_is_asked_for_the_whole_file_once(says_ranges, big, server, folder):
    url, rows = big
    server.behave(ranges=False, says_ranges=says_ranges)
    dataset = load(url)
    np.testing.assert_array_equal(dataset[N - 1].x, rows[N - 1]["x"])
    assert [s.i for s in dataset] == list(range(N))
    assert [s.i for s in load(url)] == list(range(N))
    size = (folder / "big.tar").stat().st_size
    # The server does not notice at once that a client needs no more.
    whole = [r for r in server.requests if r.path == "/big.tar" and r.range is None]
    assert [r.n_bytes for r in whole] == [size]


def test_a_server_that_stops_giving_ranges_is_asked_for_the_whole_file(big, server):
    url, rows = big
    dataset = load(url)
    assert dataset.head(1)[0].i == 0
    server.behave(ranges=False)
    for sample, row in zip(dataset, rows, strict=True):
        np.testing.assert_array_equal(sample.x, row["x"])


def test_a_whole_file_that_comes_short_is_fetched_again(big, server):
    url, _ = big
    for fault in ({"missing": 20_000}, {"cut": 1000}, {"extra_length": 5}):
        server.behave(ranges=False, **fault)
        with pytest.raises((RemoteError, ShardError)):
            list(load(url))
    server.behave(ranges=False)
    assert len(list(load(url))) == N


# What changes on the server.


@pytest.mark.parametrize("headers", [{}, {"etag": False}, {"etag": False, "last_modified": False}])
def test_a_new_version_is_never_read_from_the_cache(headers, folder, server):
    server.behave(**headers)
    for seed in range(3):
        dataset, rows = write_images(folder, seed, overwrite=True)
        Path(dataset.shards[0] + ".idx").unlink()
        os.utime(dataset.shards[0], (1e9 + seed, 1e9 + seed))
        for sample, row in zip(load(f"{server.url}/big.tar"), rows, strict=True):
            np.testing.assert_array_equal(sample.x, row["x"])


def test_two_versions_are_never_mixed(indexed, server, folder):
    url, rows = indexed
    dataset = load(url)
    np.testing.assert_array_equal(dataset.head(1)[0].x, rows[0]["x"])
    write_images(folder, 1, overwrite=True)
    os.utime(folder / "big.tar", (1e9, 1e9))
    with pytest.raises(RemoteError, match="new version"):
        list(dataset)
    assert len(list(load(url))) == N


# Checksums.


def test_a_known_checksum_is_checked_before_anything_is_read(big, folder, server):
    url, _ = big
    digest = hashlib.sha256((folder / "big.tar").read_bytes()).hexdigest()
    for known in ({url: digest}, {"big.tar": digest}, {"big.tar": "sha256:" + digest.upper()}):
        assert len(load(url, checksums=known)) == N
    with pytest.raises(ShardError, match="SHA-256") as caught:
        load(url, checksums={"big.tar": digest[::-1]})[0]
    assert caught.value.shard == url


def test_a_damaged_download_is_not_kept(big, folder):
    url, _ = big
    good = (folder / "big.tar").read_bytes()
    known = {"big.tar": hashlib.sha256(good).hexdigest()}
    state = (folder / "big.tar").stat()
    (folder / "big.tar").write_bytes(good[:-2000] + b"x" + good[-1999:])
    os.utime(folder / "big.tar", ns=(state.st_atime_ns, state.st_mtime_ns))
    with pytest.raises(ShardError, match="SHA-256"):
        load(url, checksums=known)[0]
    (folder / "big.tar").write_bytes(good)
    os.utime(folder / "big.tar", ns=(state.st_atime_ns, state.st_mtime_ns))
    assert len(load(url, checksums=known)) == N


@pytest.mark.parametrize("known", [{"bigg.tar": "0" * 64}, {"big.tar": "0" * 64, "x": "0" * 64}])
def test_a_checksum_of_no_shard_is_refused(known, big):
    unused = next(name for name in reversed(known))
    with pytest.raises(InputError, match=f"1 others: '{unused}'"):
        load(big[0], checksums=known)


def test_checksums_that_are_no_mapping_are_refused():
    with pytest.raises(InputError, match="mapping"):
        ShardOptions(checksums="0" * 64)


def test_a_block_that_was_damaged_in_the_cache_is_fetched_again(indexed, server, cache):
    url, rows = indexed
    list(load(url))
    (entry,) = (cache / "shards").iterdir()
    with (entry / "data").open("r+b") as file:
        file.seek(2_000_000)
        file.write(b"\xff\0" * 10)
    server.requests.clear()
    for _ in range(2):
        for sample, row in zip(load(url), rows, strict=True):
            np.testing.assert_array_equal(sample.x, row["x"])
    assert 0 < server.n_bytes("big.tar") < 2.2 * (1 << 20)


def test_a_sample_that_is_damaged_on_the_server_is_fetched_again_once(folder, server):
    write_images(folder)
    data = bytearray((folder / "big.tar").read_bytes())
    data[2_000_000] ^= 1
    (folder / "big.tar").write_bytes(data)
    dataset = load(f"{server.url}/big.tar", on_error="skip")
    with pytest.warns(UserWarning, match="skipped: 1"):
        list(dataset)
    server.requests.clear()
    assert len(list(dataset)) == N - 1
    assert server.n_bytes("big.tar") == 0


def test_the_checksums_of_a_remote_sidecar_are_used(folder, server):
    write_images(folder)
    data = bytearray((folder / "big.tar").read_bytes())
    data[2_000_000] ^= 1
    (folder / "big.tar").write_bytes(data)
    dataset = load(f"{server.url}/big.tar", on_error="skip")
    with pytest.warns(UserWarning, match="skipped: 1"):
        assert len(list(dataset)) == N - 1
    assert "checksum" in dataset.skipped[0].reason


def test_a_passing_fault_does_not_cost_the_remote_sidecar(folder, server):
    write_images(folder)
    data = bytearray((folder / "big.tar").read_bytes())
    data[2_000_000] ^= 1
    (folder / "big.tar").write_bytes(data)
    dataset = load(f"{server.url}/big.tar")
    served = server._next_behaviour

    def fail_once_for_the_sidecar(method):
        server._next_behaviour = served
        return served(method)

    server._next_behaviour = fail_once_for_the_sidecar
    with pytest.raises(ShardError, match="checksum"):
        list(dataset)


@pytest.mark.parametrize("damage", [b"", b"garbage", None])
def test_a_damaged_remote_sidecar_is_not_believed(damage, folder, server):
    _, rows = write_images(folder)
    sidecar = folder / "big.tar.idx"
    data = bytearray(sidecar.read_bytes())
    data[len(data) // 2] ^= 1
    sidecar.write_bytes(data if damage is None else damage)
    for sample, row in zip(load(f"{server.url}/big.tar"), rows, strict=True):
        np.testing.assert_array_equal(sample.x, row["x"])


# The cache.


def cached_bytes(cache):
    return sum(p.lstat().st_blocks * 512 for p in cache.rglob("*") if p.is_file())


def test_the_cache_stays_within_its_limit(folder, server, cache, monkeypatch):
    monkeypatch.setenv("TRIPARTITE_CACHE_BYTES", str(9 << 20))
    for k in range(4):
        _, rows = write_images(folder, seed=k, name=f"big{k}.tar")
        for sample, row in zip(load(f"{server.url}/big{k}.tar"), rows, strict=True):
            np.testing.assert_array_equal(sample.x, row["x"])
        assert cached_bytes(cache) <= 9 << 20


def test_a_shard_larger_than_the_cache_is_read_through_it(big, cache, monkeypatch):
    url, rows = big
    monkeypatch.setenv("TRIPARTITE_CACHE_BYTES", str(3 << 20))
    dataset = load(url)
    for sample, row in zip(dataset, rows, strict=True):
        np.testing.assert_array_equal(sample.x, row["x"])
    for i in (50, 3, 27, 59, 0):
        np.testing.assert_array_equal(dataset[i].x, rows[i]["x"])
    assert cached_bytes(cache) <= (3 << 20) + (64 << 10)


def test_what_must_be_whole_and_does_not_fit_is_refused_as_too_large(big, folder, monkeypatch):
    url, _ = big
    known = {"big.tar": hashlib.sha256((folder / "big.tar").read_bytes()).hexdigest()}
    monkeypatch.setenv("TRIPARTITE_CACHE_BYTES", str(3 << 20))
    with pytest.raises(ShardError, match="TRIPARTITE_CACHE_BYTES"):
        load(url, checksums=known)[0]


def test_a_whole_file_that_does_not_fit_is_refused_as_too_large(big, server, monkeypatch, cache):
    url, _ = big
    server.behave(ranges=False)
    monkeypatch.setenv("TRIPARTITE_CACHE_BYTES", str(3 << 20))
    with pytest.raises(ShardError, match="TRIPARTITE_CACHE_BYTES"):
        load(url)[0]
    assert cached_bytes(cache) <= 3 << 20


def test_a_cache_that_cannot_be_written_is_told_with_its_variable(big, tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("TRIPARTITE_CACHE", str(tmp_path / "file"))
    with pytest.raises(WriteError, match="Set the environment variable TRIPARTITE_CACHE"):
        load(big[0])[0]


@pytest.mark.parametrize("limit", ["many", "-1", "1.5", ""])
def test_a_limit_that_is_no_number_is_refused(limit, big, monkeypatch):
    monkeypatch.setenv("TRIPARTITE_CACHE_BYTES", limit)
    with pytest.raises(ValueError, match="TRIPARTITE_CACHE_BYTES"):
        load(big[0])[0]


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("lost", ["data", "blocks", "index", "half of data"])
def test_a_cache_that_was_cleaned_in_part_is_filled_again(lost, ranges, big, server, cache):
    url, rows = big
    server.behave(ranges=ranges)
    list(load(url))
    (entry,) = (cache / "shards").iterdir()
    if lost == "half of data":
        os.truncate(entry / "data", 2_000_000)
    else:
        (entry / lost).unlink()
    for sample, row in zip(load(url), rows, strict=True):
        np.testing.assert_array_equal(sample.x, row["x"])


def test_a_cache_that_is_removed_while_a_shard_is_open_costs_nothing(big, cache):
    import shutil

    url, rows = big
    dataset = load(url)
    iterator = iter(dataset)
    next(iterator)
    shutil.rmtree(cache)
    for sample, row in zip(iterator, rows[1:], strict=True):
        np.testing.assert_array_equal(sample.x, row["x"])


def test_forked_processes_fetch_for_themselves(big):
    url, rows = big
    dataset = load(url)
    dataset.head(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside fsspec's thread
        child = os.fork()
    if child == 0:
        good = all(np.array_equal(s.x, r["x"]) for s, r in zip(dataset, rows, strict=True))
        os._exit(0 if good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(list(dataset)) == N


# Other places.


def test_shards_in_memory_are_read(tmp_path):
    memory = fsspec.filesystem("memory")
    local = write_numbers(tmp_path, 12, maxcount=5)
    for name in local.shards:
        memory.pipe_file(f"/here/{Path(name).name}", Path(name).read_bytes())
    for source in (
        "memory://here",
        "memory://here/*.tar",
        "memory://here/numbers-{000000..000002}.tar",
    ):
        assert numbers(tp.Dataset[Number](source).ordered()) == list(range(12))
    with pytest.raises(RemoteError, match="not found"):
        tp.Dataset[Number]("memory://here/other.tar")[0]


def test_a_store_whose_library_is_missing_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def without_s3fs(name, *args, **kwargs):
        if name.partition(".")[0] == "s3fs":
            raise ModuleNotFoundError("No module named 's3fs'", name="s3fs")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_s3fs)
    for module in [name for name in sys.modules if name.partition(".")[0] == "s3fs"]:
        monkeypatch.delitem(sys.modules, module)
    with pytest.raises(MissingExtraError, match=r"'s3fs'.*tripartite\[cloud\]"):
        tp.load_dataset("s3://bucket/x.tar")[0]


def test_an_unknown_protocol_is_an_error():
    with pytest.raises(RemoteError, match="nowhere"):
        tp.load_dataset("nowhere://bucket/x.tar")[0]


def test_a_server_that_is_not_there_is_an_error():
    begin = time.monotonic()
    with pytest.raises(RemoteError, match=r"127\.0\.0\.1:9"):
        load("http://127.0.0.1:9/x.tar")[0]
    assert time.monotonic() - begin < 5
