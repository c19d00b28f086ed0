import numpy as np
import pynapple as nap
import pytest
from hypothesis import given, strategies as st

from tripartite.analysis.network_activity import (
    average_nodes,
    compute_group_rates,
    list_variables,
    summarise_groups,
)
from tripartite.core.recording import Recording
from tripartite.errors import InputError


def make_spikes(trains, populations, end=1.0):
    support = nap.IntervalSet(0, end)
    units = {
        n: nap.Ts(t=np.asarray(t, dtype=float), time_support=support) for n, t in trains.items()
    }
    return nap.TsGroup(units, time_support=support, metadata={"population": populations})


@pytest.fixture
def spikes():
    return make_spikes(
        {1: [0.01, 0.02, 0.99], 2: [0.5], 7: [0.005, 0.015, 1.0], 9: []}, ["exc"] * 2 + ["inh"] * 2
    )


@pytest.fixture
def recording():
    times = np.arange(1, 6) / 1000
    ramp = nap.TsdFrame(t=times, d=np.outer(np.arange(5), [1.0, 3.0]), columns=[1, 2])
    flat = nap.TsdFrame(t=times, d=np.full((5, 1), 2.0), columns=[9])
    return Recording(
        source="simulated",
        signals={"exc_I_SIC": ramp, "inh_I_SIC": flat, "astro_IP3": flat},
        metadata={"exc_I_SIC_unit": "pA"},
    )


def test_a_rate_is_spikes_per_unit_and_second(spikes):
    result = compute_group_rates(spikes, bin_size=0.25)
    assert list(result.rate.columns) == ["exc", "inh"]
    np.testing.assert_allclose(result.rate.values, [[4, 4], [0, 0], [2, 0], [2, 2]])
    np.testing.assert_allclose(result.rate.index.values, [0.125, 0.375, 0.625, 0.875])
    assert result.n_units.tolist() == [2, 2]
    assert result.n_left_out == 0
    assert list(result.to_frame().columns) == ["exc", "inh"]


@given(step=st.integers(0, 9999), bin_steps=st.sampled_from([1, 7, 10, 50, 333]))
def test_a_spike_on_the_time_grid_is_in_the_bin_that_whole_numbers_say(step, bin_steps):
    spikes = make_spikes({1: [step / 10000]}, ["exc"])
    result = compute_group_rates(spikes, bin_size=bin_steps / 10000)
    expected = np.zeros(10000 // bin_steps)
    if step // bin_steps < len(expected):
        expected[step // bin_steps] = 10000 / bin_steps
    np.testing.assert_allclose(result.rate.values[:, 0], expected)
    assert result.n_left_out == (step // bin_steps >= len(expected))


def test_spikes_after_the_last_whole_bin_are_counted_as_left_out(spikes):
    assert compute_group_rates(spikes, bin_size=0.3).n_left_out == 2


@pytest.mark.parametrize("bin_size", [0, -1, np.nan, 2.0])
def test_a_bin_must_fit_into_the_recording(spikes, bin_size):
    with pytest.raises(InputError, match="at least one bin"):
        compute_group_rates(spikes, bin_size=bin_size)


def test_gaps_in_the_recording_are_refused(spikes):
    broken = spikes.restrict(nap.IntervalSet([0, 0.6], [0.5, 1.0]))
    with pytest.raises(InputError, match="one stretch"):
        compute_group_rates(broken, bin_size=0.1)


def test_a_column_that_does_not_exist_is_refused_with_the_nearest(spikes):
    with pytest.raises(InputError, match="Did you mean 'population'"):
        compute_group_rates(spikes, bin_size=0.1, by="populations")


def test_regular_and_poisson_trains_have_the_variation_that_theory_says():
    random = np.random.default_rng(3)
    poisson = {n: np.cumsum(random.exponential(0.02, 1000)) for n in range(40)}
    clock = {100: np.arange(1, 401) / 20}
    kinds = ["poisson"] * 40 + ["clock"]
    result = summarise_groups(make_spikes(poisson | clock, kinds, end=40.0), window=(0, 10))
    assert result.groups == ("poisson", "clock")
    np.testing.assert_allclose(result.cv, [1.0, 0.0], atol=0.03)
    np.testing.assert_allclose(result.rate, [50, 20], rtol=0.03)
    # Counts of a Poisson train vary as their mean.
    assert result.rate_sd[0] == pytest.approx(np.sqrt(50 / 10), rel=0.3)
    assert np.isnan(result.rate_sd[1])
    assert result.to_frame()["n_cv"].tolist() == [40, 1]


def test_a_window_takes_the_spike_at_its_end_and_not_that_at_its_start():
    result = summarise_groups(make_spikes({1: [0.1, 0.2, 0.3]}, ["exc"]), window=(0.1, 0.3))
    assert result.n_spikes.tolist() == [2]
    assert result.n_cv.tolist() == [0]
    assert np.isnan(result.cv[0])


@pytest.mark.parametrize("window", [(1, 1), (2, 1), (0, np.nan)])
def test_a_window_must_end_after_it_starts(spikes, window):
    with pytest.raises(InputError, match="end after it starts"):
        summarise_groups(spikes, window=window)


def test_the_mean_runs_over_the_nodes_of_all_populations(recording):
    result = average_nodes(recording, "I_SIC")
    k = np.arange(5)
    np.testing.assert_allclose(result.mean, (k + 3 * k + 2) / 3)
    np.testing.assert_allclose(result.sd, [np.std([x, 3 * x, 2], ddof=1) for x in k])
    np.testing.assert_allclose(result.node_means, [2, 6, 2])
    assert (result.unit, result.n_nodes) == ("pA", 3)
    assert list(result.to_frame()) == ["time", "mean", "sd"]


def test_a_window_of_times_includes_both_ends(recording):
    result = average_nodes(recording, "I_SIC", window=(0.002, 0.004))
    np.testing.assert_allclose(result.time, [0.002, 0.003, 0.004])
    np.testing.assert_allclose(result.node_means, [2, 6, 2])


def test_one_node_has_no_standard_deviation(recording):
    assert np.isnan(average_nodes(recording, "IP3").sd).all()


def test_a_variable_that_was_not_recorded_is_refused_with_those_that_were(recording):
    with pytest.raises(InputError, match=r"a recording of I_SIC, IP3.*network.record"):
        average_nodes(recording, "Ca_astro")


def test_samples_at_differing_times_are_refused(recording):
    late = nap.TsdFrame(t=np.arange(5) + 0.5, d=np.zeros((5, 1)))
    with pytest.raises(InputError, match="same times"):
        average_nodes(recording.replace(signals={**recording.signals, "x_IP3": late}), "IP3")


def test_a_window_without_samples_is_refused(recording):
    with pytest.raises(InputError, match="in the window"):
        average_nodes(recording, "IP3", window=(1, 2))


def test_names_of_populations_may_hold_underscores_and_one_another(recording):
    flat = recording.signals["astro_IP3"]
    signals = {"a_b_SIC": flat, "a_I_SIC": flat, "lone": nap.Tsd(t=flat.t, d=flat.d[:, 0])}
    named = Recording(source="simulated", signals=signals, metadata={"populations": ["a", "a_b"]})
    assert list_variables(named) == ("SIC", "I_SIC")
    assert list_variables(recording) == ("I_SIC", "IP3")
