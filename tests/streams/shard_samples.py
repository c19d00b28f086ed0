"""Samples, and shards of them, that the tests of streams share."""

from __future__ import annotations

import dataclasses
import io
import tarfile
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

import tripartite as tp


@tp.packable
class Case:
    name: str
    arr: NDArray
    opt: NDArray | None = None


@tp.packable
class Frame:
    image: NDArray
    metadata: dict | None = None


@tp.packable
class Number:
    i: int


def make_frames(n, shape=(4, 5)):
    rng = np.random.default_rng(n)
    return [
        Frame(rng.integers(0, 255, shape).astype("u1"), {"i": i, "t": i / 10}) for i in range(n)
    ]


def make_numbers(n):
    return [Number(i) for i in range(n)]


def numbers(samples):
    return [sample.i for sample in samples]


def write_numbers(path, n, **options):
    return tp.write_samples(make_numbers(n), path / "numbers.tar", **options)


def tar_bytes(members, form=tarfile.USTAR_FORMAT):
    """Return a tar archive, as Python's own tarfile writes it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, data in members.items() if isinstance(members, Mapping) else members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def assert_same(a, b):
    """Compare two samples or values: types, dtypes, shapes, and every element."""
    if dataclasses.is_dataclass(a):
        assert type(a) is type(b)
        for f in dataclasses.fields(a):
            assert_same(getattr(a, f.name), getattr(b, f.name))
    elif isinstance(a, np.ndarray):
        assert isinstance(b, np.ndarray)
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        assert a.tobytes() == b.tobytes()
    elif isinstance(a, Mapping):
        assert list(a) == list(b)
        for key in a:
            assert_same(a[key], b[key])
    elif isinstance(a, list | tuple):
        assert type(a) is type(b)
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            assert_same(x, y)
    else:
        assert type(a) is type(b)
        assert a == b or (a != a and b != b)


def is_odd(sample):
    return sample.i % 2 == 1
