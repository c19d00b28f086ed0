"""Times on a grid."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tripartite.errors import InputError
from tripartite.networks.time_grid import TimeGrid


@given(st.integers(1, 1000), st.integers(0, 10_000_000))
def test_steps_and_times_lead_there_and_back(tics, n):
    grid = TimeGrid(tics / 1000)
    assert grid.steps(grid.times_ms(n), name="time") == n
    assert float(grid.times_ms(n)) == tics * n / 1000
    assert float(grid.seconds(n)) == tics * n / 1_000_000


def test_arrays_stay_arrays():
    found = TimeGrid(0.1).steps(np.array([[0.1, 3.0], [0.0, 1e4]]), name="times")
    assert found.tolist() == [[1, 30], [0, 100_000]]


@pytest.mark.parametrize("resolution_ms", [0.0, -0.1, 0.0001, 0.1234567, np.nan, np.inf])
def test_a_resolution_is_some_thousandths_of_a_millisecond(resolution_ms):
    with pytest.raises(InputError, match="resolution_ms"):
        TimeGrid(resolution_ms)


@pytest.mark.parametrize(("time", "got"), [(0.15, "0.15 ms"), ([0.1, 0.26], "0.26 ms")])
def test_a_time_between_grid_points_is_named(time, got):
    with pytest.raises(InputError, match=f"delay_ms must be a multiple of .*{got}"):
        TimeGrid(0.1).steps(time, name="delay_ms")


def test_a_time_below_the_least_is_named():
    with pytest.raises(InputError, match=r"delay_ms must be at least 0\.1 ms"):
        TimeGrid(0.1).steps(0.0, name="delay_ms", least=1)
