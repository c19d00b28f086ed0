import numpy as np
import pynapple as nap
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter1d

from tripartite.analysis.locomotion import (
    compute_speed,
    compute_velocity,
    find_speed_intervals,
    find_travel,
    fit_track,
    linearise,
)
from tripartite.errors import InputError


def frames(x, y, **options):
    t = np.arange(len(x)) / 60
    return nap.TsdFrame(t=t, d=np.column_stack([x, y]), columns=["x", "y"], **options)


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


@pytest.mark.parametrize("angle", [0.0, 0.6, 1.5, 2.5])
def test_the_track_is_found_at_any_angle(angle):
    along = np.linspace(0, 100, 2001)
    noise = np.random.default_rng(0).normal(0, 0.5, (2, 2001))
    axis = np.array([np.cos(angle), np.sin(angle)])
    ends = fit_track(frames(*(along * axis[:, None] + noise)), trim=0)
    assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(100, abs=3)
    assert abs(np.dot(ends[1] - ends[0], axis)) == pytest.approx(100, abs=3)


@pytest.mark.parametrize("x", [[1.0, 1.0, 1.0], [np.nan, np.nan, 3.0]])
def test_a_track_needs_movement(x):
    with pytest.raises(InputError):
        fit_track(frames(x, x))


def test_positions_are_distances_along_a_bent_track():
    corner = [(0, 0), (3, 4), (3, 14)]
    linear = linearise(frames([0, 3, 3, 3], [0, 4, 9, 14]), corner)
    np.testing.assert_allclose(linear.position.values, [0, 5, 10, 15])
    assert linear.length == 15


def test_a_known_length_calibrates_the_track():
    linear = linearise(frames([0, 5, 10], [1, 1, 1]), [(0, 0), (10, 0)], length=150, unit="cm")
    np.testing.assert_allclose(linear.position.values, [0, 75, 150])
    np.testing.assert_allclose(linear.offset.values, 15)
    assert linear.unit == "cm"


def test_frames_off_the_track_are_counted_and_break_the_time_support():
    x = np.arange(10.0)
    y = np.zeros(10)
    y[4] = 50
    x[7] = np.nan
    linear = linearise(frames(x, y), [(0, 0), (10, 0)], max_offset=5)
    assert linear.n_frames_off_track == 2
    assert len(linear.position) == 8
    assert len(linear.position.time_support) == 3


@pytest.mark.parametrize(
    ("vertices", "options"),
    [
        ([(0, 0)], {}),
        ([0, 1], {}),
        ([(0, 0), (0, 0)], {}),
        ([(0, 0), (np.nan, 1)], {}),
        ([(0, 0), (1, 1)], {"length": 0}),
        ([(0, 0), (1, 1)], {"max_offset": -1}),
    ],
)
def test_a_track_that_is_none_is_refused(vertices, options):
    with pytest.raises(InputError):
        linearise(frames([0, 1], [0, 1]), vertices, **options)


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
