from __future__ import annotations

import numpy as np
import pynapple as nap
import pytest
from hypothesis import given, strategies as st

from tripartite.analysis.baseline import (
    delta_f_over_f,
    difference_noise,
    estimate_f0,
    lower_half_noise,
    robust_zscore,
)
from tripartite.analysis.smoothing import gaussian_kernel
from tripartite.errors import InputError

RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=(20_000, 4))


@pytest.mark.parametrize("order", [1, 2, 3])
def test_differences_tell_the_noise_of_every_trace(order):
    sd = np.array([0.5, 1.0, 2.0, 10.0])
    np.testing.assert_allclose(difference_noise(NOISE * sd, order=order), sd, rtol=0.05)


def test_events_and_drift_do_not_change_the_noise():
    time = np.arange(20_000)
    slow = 50 * np.exp(-0.5 * ((time % 500 - 250) / 60) ** 2) + time / 100
    assert difference_noise(NOISE[:, 0] + slow) == pytest.approx(1.0, rel=0.15)
    assert np.std(NOISE[:, 0] + slow) > 15


def test_the_lower_half_tells_the_noise_also_of_a_smoothed_trace():
    smoothed = np.convolve(NOISE[:, 0], np.ones(9) / 9, "valid")
    events = np.where(np.arange(len(smoothed)) % 100 < 20, 5.0, 0.0)
    assert lower_half_noise(smoothed + events, level=0.0) == pytest.approx(1 / 3, rel=0.06)
    assert difference_noise(smoothed) < 0.2


@pytest.mark.parametrize("percentile", [5.0, 20.0, 50.0, 80.0])
@pytest.mark.parametrize("sigma_samples", [0.0, 2.0])
def test_f0_of_a_quiet_trace_is_its_mean_whatever_the_percentile(percentile, sigma_samples):
    f0 = estimate_f0(100 + NOISE, percentile=percentile, sigma_samples=sigma_samples)
    np.testing.assert_allclose(f0, 100, atol=0.05)


def test_f0_is_hardly_raised_by_events_that_fill_half_of_the_trace():
    events = np.where(np.arange(20_000) % 400 < 200, 50.0, 0.0)
    gain = np.sqrt(np.sum(gaussian_kernel(2.0) ** 2))
    assert 100 <= estimate_f0(100 + NOISE[:, 0] + events) <= 100 + 0.65 * gain + 0.1


def test_f0_in_a_baseline_is_the_median_there():
    trace = nap.Tsd(t=np.arange(10) / 2, d=np.arange(10.0) ** 2)
    assert estimate_f0(trace, baseline=(1.0, 2.0)) == 9.0
    assert estimate_f0(trace.values, baseline=(1.0, 2.0), rate=2.0) == 9.0
    assert estimate_f0(trace.values, baseline=(2, 4)) == 9.0


def test_a_running_f0_follows_the_drift():
    drift = np.linspace(100, 200, 5000)
    running = estimate_f0(drift + NOISE[:5000, 0], window_size=10.0, rate=10.0)
    assert np.abs(running - drift)[100:-100].max() < 1.5


def test_a_running_f0_never_reaches_across_a_gap():
    time = np.r_[np.arange(100), np.arange(200, 300)].astype(float)
    step = nap.Tsd(t=time, d=np.where(time < 150, 1.0, 9.0))
    running = estimate_f0(step, window_size=20.0)
    assert isinstance(running, nap.Tsd)
    np.testing.assert_allclose(running.values, step.values)
    assert difference_noise(step) == 0


def test_epochs_are_gaps_even_where_time_is_even():
    epochs = nap.IntervalSet([0, 50], [49.5, 99.5])
    alternating = nap.Tsd(t=np.arange(100.0), d=np.r_[np.zeros(50), np.ones(50)])
    step = nap.Tsd(t=alternating.t, d=alternating.d, time_support=epochs)
    np.testing.assert_allclose(estimate_f0(step, window_size=10.0).values, step.values)


def test_types_names_and_times_come_back():
    frame = nap.TsdFrame(t=np.arange(50) / 5, d=100 + NOISE[:50, :2], columns=["soma", "process"])
    for result in (
        delta_f_over_f(frame),
        robust_zscore(frame),
        estimate_f0(frame, window_size=4.0),
    ):
        assert isinstance(result, nap.TsdFrame)
        assert list(result.columns) == ["soma", "process"]
        np.testing.assert_array_equal(result.t, frame.t)
    assert isinstance(delta_f_over_f(frame[:, 0]), nap.Tsd)
    assert estimate_f0(frame).shape == (2,)
    assert estimate_f0(frame[:, 0]).shape == ()


def test_columns_do_not_influence_one_another():
    together = robust_zscore(100 + NOISE[:500])
    for column in range(4):
        alone = robust_zscore(100 + NOISE[:500, column])
        np.testing.assert_allclose(together[:, column], alone)


def test_missing_samples_stay_missing_and_change_little():
    trace = 100 + NOISE[:2000, 0]
    holes = trace.copy()
    holes[::7] = np.nan
    assert estimate_f0(holes) == pytest.approx(float(estimate_f0(trace)), abs=0.1)
    assert difference_noise(holes) == pytest.approx(float(difference_noise(trace)), rel=0.1)
    np.testing.assert_array_equal(np.isnan(delta_f_over_f(holes)), np.isnan(holes))


@pytest.mark.parametrize(
    ("trace", "f0", "noise"),
    [
        (np.empty(0), np.nan, np.nan),
        (np.array([5.0]), 5.0, np.nan),
        (np.full(30, 7.0), 7.0, 0.0),
        (np.full(4, np.nan), np.nan, np.nan),
    ],
    ids=["empty", "single", "constant", "missing"],
)
def test_traces_that_tell_little_give_what_they_can(trace, f0, noise):
    np.testing.assert_allclose(estimate_f0(trace), f0)
    np.testing.assert_allclose(difference_noise(trace), noise)
    assert delta_f_over_f(trace).shape == trace.shape
    assert robust_zscore(trace).shape == trace.shape
    assert np.isnan(robust_zscore(trace)).all()


def test_robust_z_of_a_baseline_is_by_median_and_mad():
    trace = RNG.normal(5, 2, size=200)
    part = trace[20:101]
    mad = np.median(np.abs(part - np.median(part)))
    expected = (trace - np.median(part)) / (1.482602218505602 * mad)
    np.testing.assert_allclose(robust_zscore(trace, baseline=(20, 100)), expected)


@given(
    scale=st.floats(1e-3, 1e6),
    percentile=st.floats(1, 99),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_unit_of_fluorescence_does_not_matter(scale, percentile, seed):
    trace = 100 + np.random.default_rng(seed).normal(size=60)
    first = delta_f_over_f(trace, percentile=percentile)
    np.testing.assert_allclose(
        delta_f_over_f(scale * trace, percentile=percentile), first, atol=1e-9
    )
    z = robust_zscore(trace, percentile=percentile)
    shifted = robust_zscore(scale * trace + 3 * scale, percentile=percentile)
    np.testing.assert_allclose(shifted, z, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("trace", "options", "match"),
    [
        (np.ones((2, 2, 2)), {}, "n_times"),
        (np.empty((5, 0)), {}, "n_times"),
        (np.array([1.0, np.inf]), {}, "infinite"),
        (np.ones(5), {"percentile": 0}, "percentile"),
        (np.ones(5), {"percentile": 100}, "percentile"),
        (np.ones(5), {"window_size": 0}, "window"),
        (np.ones(5), {"window_size": -1}, "window"),
        (np.ones(5), {"rate": 0}, "rate"),
        (np.ones(5), {"sigma_samples": -1}, "sigma"),
        (np.ones(5), {"baseline": (8, 9)}, "baseline"),
        (np.ones(5), {"baseline": (3, 1)}, "baseline"),
        (np.ones(5), {"baseline": (0, 3), "window_size": 2}, "only one"),
        (nap.Tsd(t=np.arange(5.0), d=np.ones(5)), {"rate": 2.0}, "arrays only"),
    ],
)
def test_what_does_not_hold_is_said(trace, options, match):
    with pytest.raises(InputError, match=match):
        delta_f_over_f(trace, **options)


def test_f0_that_is_not_positive_is_refused():
    with pytest.raises(InputError, match="positive"):
        delta_f_over_f(NOISE[:100, 0] - 50)
    with pytest.raises(InputError, match="order"):
        difference_noise(NOISE, order=0)
