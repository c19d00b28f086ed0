import numpy as np
import pynapple as nap
import pytest

from tripartite.analysis.population import (
    compute_population_rates,
    compute_state_rates,
    count_whole_bins,
)
from tripartite.errors import InputError

SESSION = nap.IntervalSet(0, 100)


@pytest.fixture
def spikes():
    random = np.random.default_rng(0)
    trains = {u: nap.Ts(np.sort(random.uniform(0, 100, 60 * u))) for u in (1, 3)}
    trains[7] = nap.Ts(t=[], time_support=SESSION)
    return nap.TsGroup(trains, time_support=SESSION)


def test_counts_are_those_of_a_histogram_and_partial_bins_are_left_out(spikes):
    intervals = nap.IntervalSet([0, 50], [10.7, 55])
    counts = count_whole_bins(spikes, intervals, 2.0)
    edges = [np.arange(0, 10.5, 2), np.arange(50, 54.5, 2)]
    for column, train in zip(counts.values.T, spikes.values(), strict=True):
        expected = np.concatenate([np.histogram(train.t, each)[0] for each in edges])
        np.testing.assert_array_equal(column, expected)


def test_z_scores_have_mean_nought_and_deviation_one(spikes):
    result = compute_population_rates(spikes, SESSION, bin_size=2.5)
    np.testing.assert_allclose(result.zscored.values[:, :2].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(result.zscored.values[:, :2].std(axis=0), 1)
    assert np.isnan(result.zscored.values[:, 2]).all()
    assert result.n_constant == 1
    assert result.to_frame().shape == (40, 3)


def test_mean_rates_are_spikes_over_the_time_recorded(spikes):
    states = {"early": nap.IntervalSet(0, 25), "late": nap.IntervalSet(90, 500)}
    result = compute_state_rates(spikes, states)
    np.testing.assert_allclose(result.duration, [25, 10])
    for row, train in zip(result.n_spikes, spikes.values(), strict=True):
        assert row.tolist() == [np.sum(train.t <= 25), np.sum(train.t >= 90)]
    np.testing.assert_allclose(result.rate, result.n_spikes / [25, 10])
    assert list(result.to_frame()["rate_late"]) == list(result.rate[:, 1])


def test_a_state_that_never_was_has_no_rate(spikes):
    result = compute_state_rates(spikes, {"never": nap.IntervalSet(200, 300)})
    assert np.isnan(result.rate).all()


@pytest.mark.parametrize(("bin_size", "end"), [(0, 10), (-1, 10), (np.nan, 10), (20, 10)])
def test_a_bin_must_fit(spikes, bin_size, end):
    with pytest.raises(InputError):
        count_whole_bins(spikes, nap.IntervalSet(0, end), bin_size)
