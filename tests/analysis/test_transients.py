from __future__ import annotations

import numpy as np
import pynapple as nap
import pytest
from hypothesis import given, settings, strategies as st

from tripartite.analysis.baseline import delta_f_over_f
from tripartite.analysis.smoothing import gaussian_kernel
from tripartite.analysis.transient_average import average_transients
from tripartite.analysis.transients import detect_transients, false_event_rate
from tripartite.errors import InputError
from tripartite.testing.synthetic.astrocytes import (
    event_kernel,
    simulate_astrocytes,
    time_to_peak,
)

MEASURES = ["onset", "peak", "offset", "amplitude", "area", "rise_time", "half_width", "decay_time"]


def kernel_truth(truth):
    """Rise time, width and area of the kernel, from its own fine samples."""
    time = np.arange(0, 200, 1e-3)
    kernel = event_kernel(
        time, rise_constant=truth.rise_constant, decay_constant=truth.decay_constant
    )
    rising = np.arange(len(time)) <= kernel.argmax()
    rise = np.interp([0.1, 0.9], kernel[rising], time[rising])
    half = time[kernel >= 0.5]
    return rise[1] - rise[0], half[-1] - half[0], kernel.sum() * 1e-3


def nearest(events, truth):
    """Index of the event whose peak is nearest to each true one on the same trace."""
    distance = np.abs(events.peak[:, None] - truth.peak)
    distance[events.trace[:, None] != truth.trace] = np.inf
    return distance.argmin(axis=0)


@pytest.fixture(scope="module")
def simulated():
    truth = simulate_astrocytes(n_traces=40, seed=1)
    events = detect_transients(delta_f_over_f(truth.fluorescence))
    return truth, events, events.to_frame().iloc[nearest(events, truth)].reset_index(drop=True)


def test_every_event_is_found_once_and_hardly_another(simulated):
    truth, events, found = simulated
    assert len(set(nearest(events, truth))) == len(truth.onset)
    assert np.abs(found["peak"] - truth.peak).max() < 2.0
    assert events.expected_false_events < 2
    assert len(events) - len(found) <= 5
    assert events.time_unit == "s"


def test_times_and_heights_are_recovered(simulated):
    truth, _, events = simulated
    assert np.median(np.abs(events.onset - truth.onset)) < 1.0
    assert np.median(np.abs(events.peak - truth.peak)) < 0.5
    assert np.abs(events.peak - truth.peak).max() < 2.0
    np.testing.assert_allclose(np.median(events.amplitude / truth.amplitude), 1.0, atol=0.03)
    assert np.abs(events.amplitude / truth.amplitude - 1).max() < 0.1


def test_kinetics_are_recovered(simulated):
    truth, _, events = simulated
    rise, width, area = kernel_truth(truth)
    assert np.nanmedian(events.decay_time) == pytest.approx(truth.decay_constant, rel=0.03)
    assert np.nanstd(events.decay_time) < 0.06 * truth.decay_constant
    assert np.nanmedian(events.half_width) == pytest.approx(width, rel=0.03)
    smoothing = 2.56 * 2.0 / 4.0  # 10 to 90 % of a Gaussian step of 2 samples at 4 Hz
    assert rise < np.nanmedian(events.rise_time) < np.hypot(rise, smoothing) + 0.1
    assert np.median(events.area / truth.amplitude) == pytest.approx(area, rel=0.08)


def test_drift_is_followed_by_a_running_baseline():
    truth = simulate_astrocytes(n_traces=10, drift=0.1, seed=2)
    events = detect_transients(delta_f_over_f(truth.fluorescence, window_size=100.0))
    assert np.abs(events.peak[nearest(events, truth)] - truth.peak).max() < 2.0
    assert len(events) - len(truth.peak) <= 3


@pytest.mark.parametrize("sigma_samples", [0.0, 0.5, 2.0, 5.0])
@pytest.mark.parametrize("threshold", [2.0, 3.0])
def test_noise_crosses_as_often_as_the_formula_says(sigma_samples, threshold):
    noise = np.random.default_rng(3).normal(size=400_000)
    kernel = gaussian_kernel(sigma_samples)
    smoothed = np.convolve(noise, kernel, "valid") / np.sqrt(np.sum(kernel**2))
    crossings = np.sum((smoothed[:-1] < threshold) & (smoothed[1:] >= threshold))
    expected = false_event_rate(threshold, sigma_samples=sigma_samples) * len(smoothed)
    assert crossings == pytest.approx(expected, abs=5 * np.sqrt(expected))


def test_for_wide_kernels_the_formula_is_that_of_rice():
    width, threshold = 50.0, 3.0
    rice = np.exp(-(threshold**2) / 2) / (2 * np.pi * np.sqrt(2) * width)
    assert false_event_rate(threshold, sigma_samples=width) == pytest.approx(rice, rel=1e-3)


def test_false_events_in_noise_are_as_few_as_claimed():
    noise = 100 + np.random.default_rng(4).normal(size=(1000, 400))
    events = detect_transients(delta_f_over_f(noise), threshold=3.0)
    expected = events.expected_false_events
    assert events.n_samples == noise.size
    assert 0.85 * expected < len(events) < 1.3 * expected


def test_in_short_traces_false_events_are_as_many_as_documented():
    noise = 100 + np.random.default_rng(5).normal(size=(81, 8000))
    events = detect_transients(delta_f_over_f(noise))
    assert 7 < len(events) / events.expected_false_events < 12


def test_an_exponential_without_noise_has_its_own_constant():
    time = np.arange(400.0)
    trace = np.where(time < 50, 0.0, np.exp(-(time - 50) / 30))
    events = detect_transients(trace, noise=1e-3, sigma_samples=0)
    assert len(events) == 1
    assert events.decay_time[0] == pytest.approx(30, rel=1e-6)
    assert events.peak[0] == 50
    assert events.amplitude[0] == 1
    # It falls to one thousandth of its height after 30 ln(1000) samples.
    assert events.offset[0] == pytest.approx(50 + 30 * np.log(1000), abs=0.05)


def test_a_triangle_without_noise_has_its_own_shape():
    trace = np.interp(np.arange(100), [20, 40, 60], [0, 1, 0])
    events = detect_transients(trace, noise=0.01, low_threshold=1, sigma_samples=0, rate=2.0)
    expected = {
        "onset": 10.1, "peak": 20, "offset": 29.9, "rise_time": 8, "half_width": 10, "area": 10.0,
    }  # fmt: skip
    assert events.time_unit == "s"
    for name, value in expected.items():
        assert getattr(events, name)[0] == pytest.approx(value), name


TRIANGLE = np.interp(np.arange(100.0), [20, 40, 80], [0, 1, 0])


@pytest.mark.parametrize(
    ("trace", "cut_start", "cut_end", "known"),
    [
        (TRIANGLE, False, False, {"rise_time", "half_width", "decay_time"}),
        (TRIANGLE[45:], True, False, {"decay_time"}),
        (TRIANGLE[:48], False, True, {"rise_time"}),
        (np.r_[np.zeros(10), np.nan, TRIANGLE[35:45], np.nan], True, True, set()),
    ],
    ids=["whole", "start", "end", "both"],
)
def test_an_event_at_the_edge_is_reported_as_cut(trace, cut_start, cut_end, known):
    events = detect_transients(trace, noise=0.01, sigma_samples=0).to_frame().iloc[0]
    assert (events["cut_start"], events["cut_end"]) == (cut_start, cut_end)
    measures = events[["rise_time", "half_width", "decay_time"]].astype(float)
    assert set(measures.index[measures.notna()]) == known


def test_a_missing_sample_cuts_an_event_in_two():
    trace = np.interp(np.arange(100), [20, 40, 60], [0, 1, 0])
    trace[45] = np.nan
    events = detect_transients(trace, noise=0.01)
    np.testing.assert_array_equal(events.cut_start, [False, True])
    np.testing.assert_array_equal(events.cut_end, [True, False])
    assert events.offset[0] == 44
    assert events.onset[1] == 46


def test_a_gap_between_epochs_cuts_an_event_and_time_stays_true():
    time = np.r_[np.arange(45), np.arange(145, 200)].astype(float)
    trace = nap.Tsd(t=time, d=np.interp(np.arange(100), [20, 40, 60], [0, 1, 0]))
    events = detect_transients(trace, noise=0.01, sigma_samples=0)
    np.testing.assert_array_equal(events.cut_end, [True, False])
    assert events.offset[0] == 44
    assert events.offset[1] == pytest.approx(159.8)


def test_events_of_ragged_traces_are_those_of_each_alone(simulated):
    truth, _, _ = simulated
    traces = [
        delta_f_over_f(truth.fluorescence[:n, i]).values for i, n in enumerate((900, 40, 2000))
    ]
    together = detect_transients(traces, rate=4.0)
    for number, trace in enumerate(traces):
        alone = detect_transients(trace, rate=4.0)
        mine = together.trace == number
        for name in MEASURES:
            np.testing.assert_allclose(getattr(together, name)[mine], getattr(alone, name))


@settings(max_examples=30)
@given(scale=st.floats(1e-3, 1e3), shift=st.floats(-1e4, 1e4), seed=st.integers(0, 1000))
def test_scale_of_fluorescence_and_origin_of_time_do_not_matter(scale, shift, seed):
    truth = simulate_astrocytes(n_traces=1, n_events=2, seed=seed)
    first = detect_transients(delta_f_over_f(truth.fluorescence))
    moved = nap.TsdFrame(t=truth.fluorescence.t + shift, d=scale * truth.fluorescence.d)
    second = detect_transients(delta_f_over_f(moved))
    assert len(first) == len(second)
    for name in MEASURES:
        expected = getattr(first, name) + (shift if name in ("onset", "peak", "offset") else 0)
        np.testing.assert_allclose(getattr(second, name), expected, rtol=1e-4, atol=1e-3)


@settings(max_examples=50)
@given(
    values=st.lists(st.floats(-10, 10) | st.just(np.nan), max_size=80),
    sigma_samples=st.sampled_from([0.0, 1.0, 3.0]),
    low_threshold=st.floats(0.1, 2.0),
)
def test_events_are_ordered_apart_and_within_the_trace(values, sigma_samples, low_threshold):
    trace = np.array([-1.0, *values])
    events = detect_transients(
        trace,
        threshold=2.0,
        low_threshold=low_threshold,
        sigma_samples=sigma_samples,
        noise=1.0,
    )
    assert (events.onset <= events.peak).all()
    assert (events.peak <= events.offset).all()
    assert (events.offset[:-1] < events.onset[1:]).all()
    assert (events.zscore >= 2.0).all()
    assert (events.amplitude > 0).all()
    assert (events.onset >= 0).all()
    assert (events.offset <= len(trace) - 1).all()
    for name in ("rise_time", "half_width", "decay_time", "area"):
        known = getattr(events, name)[np.isfinite(getattr(events, name))]
        assert (known >= 0).all() or sigma_samples > 0
    assert len(events.to_frame()) == len(events)


@pytest.mark.parametrize(
    ("trace", "reason"),
    [
        (np.empty(0), "trace with fewer than 10 samples"),
        (np.array([0.0]), "trace with fewer than 10 samples"),
        (np.full(50, np.nan), "trace with fewer than 10 samples"),
        (np.zeros(50), "trace without noise"),
    ],
    ids=["empty", "single", "missing", "constant"],
)
def test_traces_that_cannot_be_searched_are_counted(trace, reason):
    events = detect_transients(trace)
    assert len(events) == 0
    assert events.n_excluded[reason] == 1
    assert sum(events.n_excluded.values()) == 1
    assert events.to_frame().shape == (0, 13)


def test_no_traces_give_no_events():
    assert len(detect_transients([])) == 0


def test_short_events_are_left_out_and_counted(simulated):
    truth, events, _ = simulated
    shortest = np.sort(events.duration)[3]
    fewer = detect_transients(delta_f_over_f(truth.fluorescence), min_duration=shortest)
    assert len(fewer) == len(events) - 3
    assert fewer.n_excluded["event shorter than min_duration"] == 3
    assert "3" in repr(fewer)


@pytest.mark.parametrize(
    ("trace", "options", "match"),
    [
        (np.array([5.0, 6.0, 5.5]), {}, "delta_f_over_f"),
        ([np.zeros(20), np.ones(20)], {}, "trace 1"),
        (np.zeros(20), {"threshold": 1.0, "low_threshold": 2.0}, "threshold"),
        (np.zeros(20), {"low_threshold": 0.0}, "threshold"),
        (np.zeros(20), {"threshold": np.nan}, "threshold"),
        (np.zeros(20), {"sigma_samples": -1.0}, "sigma"),
        (np.zeros(20), {"min_duration": -1.0}, "min_duration"),
        (np.zeros(20), {"noise": 0.0}, "noise"),
        (np.zeros((20, 2)), {"noise": [1.0, 1.0, 1.0]}, "noise"),
        (np.zeros(20), {"rate": -1.0}, "rate"),
        ([np.zeros(20), nap.Tsd(t=np.arange(20.0), d=np.zeros(20))], {}, "all"),
    ],
)
def test_what_does_not_hold_is_said(trace, options, match):
    with pytest.raises(InputError, match=match):
        detect_transients(trace, **options)


def test_the_mean_of_whole_events_is_the_kernel(simulated):
    truth, events, _ = simulated
    dff = delta_f_over_f(truth.fluorescence)
    average = average_transients(dff, events, window=(-5.0, 20.0), relative=True)
    assert average.n_excluded + len(average.values) == len(events)
    assert average.n.max() == len(average.values)
    constants = {"rise_constant": truth.rise_constant, "decay_constant": truth.decay_constant}
    kernel = event_kernel(average.lag + time_to_peak(**constants), **constants)
    later = average.lag > 2
    np.testing.assert_allclose(average.mean[later], kernel[later], atol=0.06)
    assert average.to_frame()["n"].tolist() == average.n.tolist()


def test_an_average_counts_only_what_the_recording_reaches():
    trace = np.interp(np.arange(60.0), [5, 15, 25], [0, 1, 0])
    events = detect_transients(trace, noise=0.01)
    average = average_transients(trace, events, window=(-20, 5), align_to="peak")
    np.testing.assert_array_equal(average.n, average.lag >= -15)
    assert np.isnan(average.mean[0])
    assert np.isnan(average.half_interval).all()


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"window": (1, -1)}, "window"),
        ({"window": (-1, 1), "align_to": "middle"}, "align_to"),
    ],
)
def test_a_wrong_average_is_refused(options, match):
    events = detect_transients(np.zeros(20))
    with pytest.raises(InputError, match=match):
        average_transients(np.zeros(20), events, **options)
    with pytest.raises(InputError, match="1 traces"):
        average_transients(np.zeros((20, 2)), events, window=(-1, 1))
