"""Records of numbers in lanes of a workspace."""

from collections import namedtuple

import numpy as np
import pytest
from numba import njit

from tripartite.kernels.lanes import LANES, get, largest_ratio, load, put, store, weighted

Pair = namedtuple("Pair", "left right")
ROWS = 5


@njit
def move(workspace, row, lane, to):
    store(workspace, to, lane, load(Pair, workspace, row, lane))


@njit
def swap(workspace, row, lane):
    number = get(workspace, row, lane)
    put(workspace, row, lane, -number)
    return number


@njit
def summed(start, h, weights, slopes):
    return weighted(start, h, weights, slopes)


@njit
def ratio(errors, slopes, h, absolute, relative):
    return largest_ratio(errors, slopes, h, absolute, relative)


@pytest.mark.parametrize("lane", [0, 1, LANES - 1])
@pytest.mark.parametrize(("row", "to"), [(0, 3), (3, 0), (1, 2)])
def test_a_record_moves_from_row_to_row_and_nothing_else_does(row, to, lane):
    workspace = np.arange(ROWS * LANES, dtype=float)
    expected = workspace.reshape(ROWS, LANES).copy()
    expected[to : to + 2, lane] = expected[row : row + 2, lane].copy()
    move(workspace, row, lane, to)
    assert np.array_equal(workspace.reshape(ROWS, LANES), expected)


def test_one_number_of_one_lane_is_read_and_written():
    workspace = np.arange(ROWS * LANES, dtype=float)
    assert swap(workspace, 2, 7) == 2 * LANES + 7
    assert workspace[2 * LANES + 7] == -(2 * LANES + 7)
    assert (workspace < 0).sum() == 1


def test_a_weighted_sum_keeps_the_type_of_the_record():
    slopes = (Pair(1.0, 2.0), Pair(10.0, -4.0))
    result = summed(Pair(5.0, 6.0), 0.5, (2.0, 0.25), slopes)
    assert result == Pair(5.0 + 0.5 * (2.0 + 2.5), 6.0 + 0.5 * (4.0 - 1.0))
    assert type(result).__name__ == "Pair"


@pytest.mark.parametrize(
    ("errors", "expected"), [((1.0, 0.0), 1.0 / 1.2), ((-1.0, 3.0), 3.0 / 2.0), ((0.0, 0.0), 0.0)]
)
def test_the_largest_ratio_weighs_each_error_with_its_own_slope(errors, expected):
    found = ratio(Pair(*errors), Pair(2.0, -10.0), 0.1, 1.0, 1.0)
    assert found == pytest.approx(expected, rel=1e-15)
