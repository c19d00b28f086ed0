"""Mutated shards: whatever the bytes, only our errors or whole samples, in little memory."""

import contextlib
import io
import os
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from shard_samples import Case, tar_bytes

import tripartite as tp
from tripartite.errors import TripartiteError
from tripartite.streams.shards.indexing import index_shards
from tripartite.streams.shards.sidecar import sidecar_path

QUICK, LONG = 3000, 60_000
INTERESTING = [b"\0", b"\xff", b"\x80", b"\x7f", b"\xc1", b"\x90", b"\xdd\xff\xff\xff\xff"]
INTERESTING += [b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\xc9\x7f\xff\xff\xff\x4e"]
INTERESTING += [b"\x91" * 300, b"99999999", b"-1", b"(0,", b"|O8", b"'O'", b"\x93NUMPY", b"\n"]
INTERESTING += [struct.pack("<q", n) for n in (-1, 0, 2**31, 2**62, 2**63 - 1)]


@dataclass(frozen=True)
class Base:
    """A valid shard: its bytes, its sidecar, and the packed fields of its samples by key."""

    data: bytes
    sidecar: bytes
    sample_type: type
    fields: dict[str, dict[str, bytes]]


def make_samples():
    rng = np.random.default_rng(0)
    arrays = [
        rng.integers(0, 255, (4, 5), "u1"),
        np.arange(3, dtype=">f4"),
        np.array(2.5),
        np.zeros((0, 3)),
        np.array(["2020-01-01", "NaT"], "M8[ns]"),
        np.array(["a", "µ"]),
        np.array([(1, 2.0)], [("a", "i4"), ("b", "f8")]),
    ]
    return [Case(f"s{i}", a, None if i % 2 else a) for i, a in enumerate(arrays)]


def archive_bases():
    """Shards as other programs write them: PAX, GNU, several members a sample."""
    samples = make_samples()
    packed = {f"{'k' * 120}{i}.msgpack": tp.pack(s) for i, s in enumerate(samples)}
    yield tar_bytes(packed, tarfile.PAX_FORMAT), Case
    yield tar_bytes(packed, tarfile.GNU_FORMAT), Case
    plain = {}
    for i, sample in enumerate(samples[:4]):
        npy, npz = io.BytesIO(), io.BytesIO()
        np.save(npy, sample.arr)
        np.savez_compressed(npz, a=sample.arr)
        plain |= {f"d/{i}.x.npy": npy.getvalue(), f"d/{i}.z.npz": npz.getvalue()}
        plain |= {f"d/{i}.cls": b"%d" % i, f"d/{i}.json": b'{"a": [1, "b"]}', f"d/{i}.txt": b"text"}
    yield tar_bytes(plain, tarfile.PAX_FORMAT), tp.DictSample
    yield tar_bytes(plain), tp.DictSample


def make_bases(folder):
    bases = []
    for layout in ("npy", "compact"):
        dataset = tp.write_samples(make_samples(), folder / f"{layout}.tar", layout=layout)
        path = dataset.shards[0]
        bases += [read_base(path, Case), read_base(path, tp.DictSample)]
    for k, (data, sample_type) in enumerate(archive_bases()):
        path = folder / f"{k}.tar"
        path.write_bytes(data)
        list(index_shards(path))
        bases.append(read_base(path, sample_type))
    return bases


def read_base(path, sample_type):
    dataset = tp.Dataset(path, sample_type)
    fields = {key: fields_of(s) for key, s in zip(dataset.keys(), dataset.ordered(), strict=True)}
    return Base(Path(path).read_bytes(), sidecar_path(path).read_bytes(), sample_type, fields)


def fields_of(sample):
    values = dict(sample) if isinstance(sample, tp.DictSample) else vars(sample)
    return {name: tp.pack({name: value}) for name, value in values.items()}


def damage(data, rng):
    """Mutate bytes as disks, networks and programs do."""
    place, length = int(rng.integers(len(data))), int(2 ** rng.uniform(0, 12))
    piece = data[place : place + length]
    other = int(rng.integers(len(data)))
    kind = rng.integers(9)
    if kind == 0:
        data[place] ^= 1 << int(rng.integers(8))
    elif kind == 1:
        data[place : place + length] = bytes(len(piece))
    elif kind == 2:
        data[place : place + length] = rng.bytes(len(piece))
    elif kind == 3:
        del data[place : place + length]
    elif kind == 4:
        data[other:other] = piece
    elif kind == 5:
        data[other : other + length] = piece
    elif kind == 6:
        del data[place:]
    elif kind == 7:
        start, step = place // 512 * 512, 512 * int(rng.integers(1, 6))
        del data[start : start + step]
    else:
        start, step = place // 512 * 512, 512 * int(rng.integers(1, 6))
        data[other // 512 * 512 : other // 512 * 512] = data[start : start + step]
    return data


def tamper(data, rng):
    """Mutate bytes as somebody does who knows the formats."""
    headers = [i for i in range(0, len(data) - 511, 512) if data[i + 257 : i + 262] == b"ustar"]
    if headers and rng.random() < 0.5:
        start = int(rng.choice(headers))
        place, width = [(0, 100), (124, 12), (156, 1), (257, 8), (345, 155)][int(rng.integers(5))]
        value = INTERESTING[int(rng.integers(len(INTERESTING)))][:width]
        if place == 124 and rng.random() < 0.7:
            value = b"%011o\0" % int(2 ** rng.uniform(0, 33))
        if place == 156:
            value = bytes([int(rng.choice(list(b"\x00012345679xgLKSZ")))])
        place += int(rng.integers(max(1, width - len(value) + 1)))
        data[start + place : start + place + len(value)] = value
        data[start + 148 : start + 156] = b" " * 8
        data[start + 148 : start + 156] = b"%06o\0 " % sum(data[start : start + 512])
        return data
    place = int(rng.integers(512, len(data)))
    found = data.find(
        [b"\x93NUMPY", b"shape", b"descr", b"\xc4", b"\x83"][int(rng.integers(5))], place
    )
    place = min((place if found < 0 else found) + int(rng.integers(16)), len(data) - 1)
    value = INTERESTING[int(rng.integers(len(INTERESTING)))]
    data[place : place + len(value)] = value[: len(data) - place]
    return data


def read_everything(path, base, mode):
    """Read a shard in all ways; return the samples that came, with their keys."""
    dataset = tp.Dataset(path, base.sample_type, on_error=mode)
    keys, found = dataset.keys(), []
    for i, key in enumerate(keys):
        with contextlib.suppress(TripartiteError):
            found.append((key, dataset[i]))
    whole = found if mode == "skip" else found[: next_gap(found, keys)]
    for batch_size in (None, 3):
        with contextlib.suppress(TripartiteError) if mode == "raise" else contextlib.nullcontext():
            stream = dataset.ordered(batch_size)
            samples = (
                stream if batch_size is None else (s for batch in stream for s in batch.samples)
            )
            for (key, _), sample in zip(whole, samples, strict=mode == "skip"):
                found = [*found, (key, sample)]
    with contextlib.suppress(TripartiteError):
        found += zip(keys, dataset[:], strict=True)
    return found


def next_gap(found, keys):
    return next((i for i, (key, _) in enumerate(found) if key != keys[i]), len(found))


def fuzz(seeds, *, seconds=None):
    """Mutate a shard for each seed, and check what comes of reading it."""
    end = None if seconds is None else time.monotonic() + seconds
    n_read = 0
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.environ["TRIPARTITE_CACHE"] = folder
        bases = make_bases(Path(folder))
        path = Path(folder) / "mutated.tar"
        for seed in seeds:
            rng = np.random.default_rng(seed)
            base = bases[seed % len(bases)]
            data, is_tampered = bytearray(base.data), rng.random() < 0.4
            for _ in range(int(rng.integers(1, 4))):
                data = (tamper if is_tampered else damage)(data, rng) if len(data) > 512 else data
            path.write_bytes(data)
            has_sidecar = rng.random() < 0.5
            sidecar_path(path).unlink(missing_ok=True)
            if has_sidecar:
                sidecar_path(path).write_bytes(base.sidecar)
            begin, found = time.monotonic(), []
            for mode in ("raise", "skip"):
                try:
                    found = read_everything(path, base, mode)
                except TripartiteError:
                    assert mode == "raise", f"seed {seed} raised where damage is skipped"
                except Exception as error:
                    error.add_note(f"seed {seed}, mode {mode}")
                    raise
                n_read += len(found)
                if has_sidecar and not is_tampered:
                    for key, sample in found:
                        check_original(key, sample, base, seed)
            assert time.monotonic() - begin < 5, f"seed {seed} took long"
            if end is not None and time.monotonic() > end:
                break
    return n_read


def check_original(key, sample, base, seed):
    """What is read under a key that was written is what was written; names have no checksums."""
    if key in base.fields:
        assert fields_of(sample) == base.fields[key], f"seed {seed}: {key} is {sample}"


@pytest.mark.parametrize("part", range(4))
def test_mutated_shards_give_our_errors_or_what_was_written(part):
    step = QUICK // 4
    assert fuzz(range(part * step, (part + 1) * step)) > step


def run_limited(first, n, timeout):
    code = (
        f"import sys, resource\nsys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import test_fuzz_shards as t\n"
        "resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        f"n = t.fuzz(range({first}, {first + n}))\n"
        "print(n, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=timeout
    )
    assert done.returncode == 0, done.stderr[-3000:]
    n_read, grown = map(int, done.stdout.split())
    assert n_read > n
    assert grown < 150_000  # kB


def test_mutated_shards_take_little_memory():
    run_limited(QUICK, QUICK // 6, timeout=100)


@pytest.mark.slow
def test_many_mutated_shards_give_our_errors_or_what_was_written():
    run_limited(QUICK + QUICK // 6, LONG, timeout=1200)
