from __future__ import annotations

import numpy as np
import pytest
import scipy.io
from damaged_files import count_refused, damage

from tripartite.errors import FileFormatError, InputError
from tripartite.io import bundled
from tripartite.io.astrocyte_snippets import read_astrocyte_snippets

RAW, SMOOTHED = "raw_astrotrace_snippets.mat", "processed_astrotracelib2.mat"


def cells(*traces):
    array = np.empty((len(traces), 1), dtype=object)
    for number, trace in enumerate(traces):
        array[number, 0] = trace
    return array


@pytest.mark.parametrize(
    ("name", "n", "shortest", "longest", "n_above"),
    [(RAW, 280, 81, 645, 69), (SMOOTHED, 218, 41, 647, 45)],
)
def test_the_published_libraries_have_the_known_sizes(name, n, shortest, longest, n_above):
    traces = read_astrocyte_snippets(bundled.path(name))
    lengths = [len(trace) for trace in traces]
    assert (len(traces), min(lengths), max(lengths)) == (n, shortest, longest)
    assert sum(trace.max() > 1.2 for trace in traces) == n_above
    assert {trace.dtype for trace in traces} == {np.dtype("float64")}
    assert all(trace.flags.c_contiguous and trace.flags.owndata for trace in traces)


def test_rows_and_columns_are_both_traces(tmp_path):
    path = tmp_path / "both.mat"
    row, column = np.arange(3.0)[None], np.arange(4.0)[:, None]
    scipy.io.savemat(path, {"snippets": cells(row, column, np.array([[7]]))})
    assert [list(t) for t in read_astrocyte_snippets(path)] == [[0, 1, 2], [0, 1, 2, 3], [7]]


@pytest.mark.parametrize(
    "cell",
    [np.ones((2, 3)), np.empty((0, 0)), np.array(["text"]), np.array([[1 + 2j]])],
    ids=["matrix", "empty", "text", "complex"],
)
def test_a_cell_that_is_no_trace_is_named(tmp_path, cell):
    path = tmp_path / "bad.mat"
    scipy.io.savemat(path, {"snippets": cells(np.ones((1, 5)), cell)})
    with pytest.raises(FileFormatError, match=r"cell 1 of bad\.mat"):
        read_astrocyte_snippets(path)


def test_a_file_without_a_cell_array_is_refused(tmp_path):
    path = tmp_path / "plain.mat"
    scipy.io.savemat(path, {"x": np.ones(3)})
    with pytest.raises(FileFormatError, match=r"cell array.*'x'"):
        read_astrocyte_snippets(path)


def test_of_several_cell_arrays_one_must_be_named(tmp_path):
    path = tmp_path / "two.mat"
    scipy.io.savemat(path, {"a": cells(np.ones((1, 2))), "b": cells(np.zeros((1, 2)))})
    with pytest.raises(InputError, match="variable='a'"):
        read_astrocyte_snippets(path)
    assert list(read_astrocyte_snippets(path, variable="b")[0]) == [0, 0]
    with pytest.raises(InputError, match="'c'"):
        read_astrocyte_snippets(path, variable="c")


@pytest.mark.parametrize("n_bytes", [0, 100, 128, 5000, 100_000])
def test_a_truncated_file_is_refused(tmp_path, n_bytes):
    path = tmp_path / "cut.mat"
    path.write_bytes(bundled.path(RAW).read_bytes()[:n_bytes])
    with pytest.raises(FileFormatError, match=r"cut\.mat"):
        read_astrocyte_snippets(path)


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_astrocyte_snippets(tmp_path / "none.mat")


def test_damaged_files_are_read_or_refused_but_never_crash(tmp_path):
    path = tmp_path / "damaged.mat"
    scipy.io.savemat(path, {"snippets": cells(np.arange(20.0)[None], np.ones((9, 1)))})

    def read(data):
        path.write_bytes(data)
        read_astrocyte_snippets(path)

    assert 100 < count_refused(read, damage(path.read_bytes(), n_copies=500)) < 500
