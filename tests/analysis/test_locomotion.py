import numpy as np
import pynapple as nap
import pytest
from hypothesis import given, strategies as st
from scipy.ndimage import gaussian_filter1d

from tripartite.analysis.locomotion import (
    compute_speed,
    compute_velocity,
    find_speed_intervals,
    find_travel,
)
from tripartite.analysis.track import linearise
from tripartite.errors import InputError


def frames(x, y):
    t = np.arange(len(x)) / 60
    return nap.TsdFrame(t=t, d=np.column_stack([x, y]), columns=["x", "y"])


@pytest.mark.parametrize("sigma", [0.0, 0.25, 2.0])
def test_speed_of_a_steady_run_is_its_length_over_its_duration_up_to_its_ends(sigma):
    t = np.arange(600) / 60
    speed = compute_speed(frames(3 * t, -4 * t), sigma=sigma)
    np.testing.assert_allclose(speed.values, 5.0)


def test_away_from_the_ends_smoothing_the_velocity_is_smoothing_the_position():
    x = np.cumsum(np.random.default_rng(0).normal(size=600))
    position = nap.Tsd(t=np.arange(600) / 60, d=x)
    velocity = compute_velocity(position, sigma=0.1).values
    smoothed = gaussian_filter1d(x, 6.0, mode="constant")
    np.testing.assert_allclose(velocity[50:-50], np.gradient(smoothed, 1 / 60)[50:-50])


def test_a_jump_across_a_gap_is_no_movement():
    t = np.r_[np.arange(0, 1, 0.1), np.arange(5, 6, 0.1)]
    x = np.repeat([0.0, 500.0], 10)
    support = nap.IntervalSet([0, 5], [0.95, 5.95])
    position = nap.TsdFrame(t=t, d=np.column_stack([x, x]), time_support=support)
    assert compute_speed(position, sigma=0.2).values.max() == pytest.approx(0)


def test_a_lone_frame_has_no_velocity():
    support = nap.IntervalSet([0, 5], [0.5, 6])
    position = nap.Tsd(t=[0.1, 5.0, 5.5], d=[1.0, 2.0, 3.0], time_support=support)
    np.testing.assert_array_equal(compute_velocity(position, sigma=0).values, [np.nan, 2, 2])


@given(st.lists(st.floats(0, 10), min_size=2, max_size=60), st.floats(0.1, 9), st.floats(0, 3))
def test_speed_intervals_hold_exactly_the_frames_between_the_bounds(values, above, min_duration):
    speed = nap.Tsd(t=np.arange(len(values), dtype=float), d=np.array(values))
    found = find_speed_intervals(speed, above=above, min_duration=min_duration)
    inside = np.array(values) >= above
    expected = []
    for i, high in enumerate(inside):
        if high and (i == 0 or not inside[i - 1]):
            expected.append([i, i])
        if high:
            expected[-1][1] = i
    expected = [run for run in expected if run[1] > run[0] and run[1] - run[0] >= min_duration]
    np.testing.assert_array_equal(found.values, np.reshape(expected, (-1, 2)))


def test_close_intervals_are_merged_but_not_across_a_gap():
    t = np.r_[np.arange(0, 10.0), np.arange(12, 20.0)]
    support = nap.IntervalSet([0, 12], [9.5, 19])
    values = np.ones(18)
    values[4] = 0
    speed = nap.Tsd(t=t, d=values, time_support=support)
    found = find_speed_intervals(speed, above=0.5, merge_gap=5)
    np.testing.assert_array_equal(found.values, [[0, 9], [12, 19]])


@pytest.mark.parametrize(
    "options", [{"above": 2, "below": 1}, {"min_duration": -1}, {"merge_gap": np.nan}]
)
def test_bounds_that_cannot_hold_are_refused(options):
    with pytest.raises(InputError):
        find_speed_intervals(nap.Tsd(t=[0, 1], d=[0.0, 1.0]), **options)


def test_directions_swap_when_the_track_is_laid_the_other_way():
    t = np.arange(0, 20, 0.05)
    x = 50 - 50 * np.cos(t)
    position = nap.TsdFrame(t=t, d=np.column_stack([x, 0 * x]))
    options = {"min_speed": 10, "sigma": 0.1, "min_duration": 0.5}
    there = find_travel(linearise(position, [(0, 0), (100, 0)]).position, **options)
    back = find_travel(linearise(position, [(100, 0), (0, 0)]).position, **options)
    np.testing.assert_allclose(there["outbound"].values, back["inbound"].values)
    np.testing.assert_allclose(there["inbound"].values, back["outbound"].values)
    assert len(there["outbound"]) == 4
