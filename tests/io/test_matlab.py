import io

import numpy as np
import pytest
import scipy.io
from damaged_files import count_refused, damage

from tripartite.errors import FileFormatError
from tripartite.io import bundled
from tripartite.io.matlab import read_matlab


def objects(*items):
    array = np.empty((1, len(items)), dtype=object)
    for i, item in enumerate(items):
        array[0, i] = item
    return array


VARIABLES = {
    "numbers": np.arange(24.0).reshape(2, 3, 4),
    "complex": np.array([[1 + 2j, 3 - 1j, complex(0, np.inf)]]),
    "text": "µm and ΔF",
    "cells": objects(np.ones((2, 2)), "inside", np.empty((0, 0)), objects(np.eye(2))),
    "record": {"time": np.arange(5.0), "nested": {"deep": np.array([[3]])}},
    **{
        f"as_{kind}": np.arange(7).astype(kind).reshape(1, -1)
        for kind in ("f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")
    },
}


def mat_bytes(variables, **options):
    buffer = io.BytesIO()
    scipy.io.savemat(buffer, variables, **options)
    return buffer.getvalue()


@pytest.fixture
def write(tmp_path):
    def write(data):
        path = tmp_path / "file.mat"
        path.write_bytes(data)
        return path

    return write


def assert_equal(ours, theirs):
    if isinstance(ours, dict):
        assert tuple(ours) == theirs.dtype.names
        for name, value in ours.items():
            assert_equal(value, theirs.flat[0][name])
    elif isinstance(ours, str):
        assert ours == "".join(theirs.ravel().tolist())
    elif ours.dtype == object:
        assert ours.shape == theirs.shape
        for mine, other in zip(ours.ravel(), theirs.ravel(), strict=True):
            assert_equal(mine, other)
    else:
        # What MATLAB never filled is [] of 0 x 0; scipy makes it 1 x 0.
        assert ours.size == theirs.size == 0 or ours.shape == theirs.shape
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours.ravel(), theirs.ravel())


@pytest.mark.parametrize("compressed", [False, True])
def test_variables_are_those_that_scipy_wrote_and_reads(write, compressed):
    path = write(mat_bytes(VARIABLES, do_compression=compressed))
    expected = scipy.io.loadmat(path)
    for name, value in read_matlab(path).items():
        assert_equal(value, expected[name])
    assert set(read_matlab(path)) == set(VARIABLES)


@pytest.mark.parametrize(
    "name", ["linear_spikes.mat", "raw_astrotrace_snippets.mat", "processed_astrotracelib2.mat"]
)
def test_real_files_are_read_as_scipy_reads_them(name):
    path = bundled.path(name)
    expected = scipy.io.loadmat(path, mat_dtype=True)
    for variable, value in read_matlab(path).items():
        assert_equal(value, expected[variable])


def test_a_struct_array_is_an_array_of_dicts(write):
    array = np.array([[(1.0, 2.0), (3.0, 4.0)]], dtype=[("a", object), ("b", object)])
    records = read_matlab(write(mat_bytes({"s": array})))["s"]
    assert records.shape == (1, 2)
    assert records[0, 1]["a"].item() == 3.0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a MATLAB file" * 20,
        mat_bytes(VARIABLES)[:-9],
        mat_bytes(VARIABLES, do_compression=True)[:-9],
        mat_bytes({"s": scipy.sparse.eye(3).tocsc()}),
        b"MATLAB 7.3 MAT-file".ljust(126) + b"IM",
    ],
)
def test_a_file_of_another_kind_says_what_must_hold(write, data):
    with pytest.raises(FileFormatError, match="must"):
        read_matlab(write(data))


def test_a_small_file_that_inflates_to_a_large_one_is_refused(write):
    path = write(mat_bytes({"zeros": np.zeros(100_000)}, do_compression=True))
    assert path.stat().st_size < 2_000
    with pytest.raises(FileFormatError, match="inflated"):
        read_matlab(path, max_bytes=10_000)


def test_damaged_files_are_read_or_refused_but_never_crash(write):
    copies = damage(mat_bytes(VARIABLES), n_copies=3000)
    assert 300 < count_refused(lambda data: read_matlab(write(data)), copies) < 3000
