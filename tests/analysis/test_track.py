import numpy as np
import pynapple as nap
import pytest

from tripartite.analysis.track import fit_track, linearise
from tripartite.errors import InputError


def frames(x, y):
    t = np.arange(len(x)) / 60
    return nap.TsdFrame(t=t, d=np.column_stack([x, y]), columns=["x", "y"])


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
