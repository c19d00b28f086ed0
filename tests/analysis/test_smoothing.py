import numpy as np
import pynapple as nap
import pytest
from hypothesis import given, strategies as st
from scipy.ndimage import gaussian_filter1d

from tripartite.analysis.smoothing import gaussian_kernel, smooth, smooth_in_time, smooth_noise
from tripartite.errors import InputError


@pytest.mark.parametrize("width", [0.0, 0.3, 1.0, 2.7, 15.0])
def test_far_from_edges_smoothing_is_that_of_scipy(width):
    values = np.random.default_rng(0).normal(size=(400, 2))
    expected = gaussian_filter1d(values, width, axis=0) if width else values
    smoothed = smooth(values, gaussian_kernel(width))
    np.testing.assert_allclose(smoothed[100:-100], expected[100:-100])


def test_a_missing_sample_leaves_the_mean_of_its_neighbours():
    values = np.array([2.0, np.nan, 8.0, 5.0])
    smoothed = smooth(values, np.array([0.25, 0.5, 0.25]))
    np.testing.assert_allclose(smoothed, [2.0, np.nan, 7.0, 6.0])


@given(
    values=st.lists(st.floats(-1e6, 1e6) | st.just(np.nan), max_size=40),
    width=st.floats(0, 5),
)
def test_smoothing_keeps_constants_bounds_and_missing_samples(values, width):
    values = np.array(values, dtype=float)
    kernel = gaussian_kernel(width)
    smoothed = smooth(values, kernel)
    missing = np.isnan(values)
    np.testing.assert_array_equal(np.isnan(smoothed), missing)
    if not missing.all():
        slack = 1e-9 * (1 + np.nanmax(np.abs(values)))
        assert np.nanmin(values) - slack <= np.nanmin(smoothed)
        assert np.nanmax(smoothed) <= np.nanmax(values) + slack
        assert np.nanmax(smooth_noise(values, kernel)) <= 1 + 1e-12


def test_smoothed_noise_spreads_as_is_said_beside_edges_and_missing_samples_too():
    noise = np.random.default_rng(1).normal(size=(25, 20_000))
    noise[[3, 10, 11]] = np.nan
    kernel = gaussian_kernel(2.0)
    smoothed, spread = smooth(noise, kernel), smooth_noise(noise, kernel)[:, 0]
    np.testing.assert_allclose(smoothed.std(axis=1), spread, rtol=0.03)


def test_smoothing_leaves_constants_alone_and_never_reaches_across_a_gap():
    support = nap.IntervalSet([0, 100], [10, 110])
    t = np.r_[np.arange(0, 10, 0.1), np.arange(100, 110, 0.1)]
    signal = nap.Tsd(t=t, d=np.repeat([1.0, 5.0], 100), time_support=support)
    np.testing.assert_allclose(smooth_in_time(signal, 1.0).values, signal.values)


def test_smoothing_has_the_width_that_is_asked_for():
    t = np.arange(0, 20, 0.01)
    impulse = nap.Tsd(t=t, d=(np.arange(2000) == 1000) / 0.01)
    smoothed = smooth_in_time(impulse, 0.5).values
    expected = np.exp(-0.5 * ((t - 10) / 0.5) ** 2) / (0.5 * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(smoothed, expected, atol=2e-3)


@pytest.mark.parametrize("sigma", [-1, np.nan, np.inf])
def test_the_width_of_smoothing_must_be_a_duration(sigma):
    with pytest.raises(InputError):
        smooth_in_time(nap.Tsd(t=[0, 1], d=[0.0, 1.0]), sigma)
