from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pynapple as nap
import pytest
from scipy import stats

from tripartite.analysis.binning import MapGrid
from tripartite.analysis.significance import shuffle_information
from tripartite.errors import InputError

GRID = MapGrid(edges=np.linspace(0, 100, 21), sigma=5.0, min_occupancy=0.0)
N_LAPS = 20


def laps():
    """Twenty runs of equal length: the worst case for shifts across runs."""
    t = np.arange(0, N_LAPS * 5, 0.02)
    position = nap.Tsd(t=t, d=(t % 5) * 20)
    starts = np.arange(N_LAPS) * 5.0
    return position, nap.IntervalSet(starts, starts + 4.98)


def poisson_units(n_units, rate, seed):
    random = np.random.default_rng(seed)
    support = nap.IntervalSet(0, N_LAPS * 5)
    trains = {}
    for unit in range(n_units):
        times = np.sort(random.uniform(0, N_LAPS * 5, random.poisson(rate * N_LAPS * 5)))
        trains[unit] = nap.Ts(times, time_support=support)
    return nap.TsGroup(trains, time_support=support)


def place_cell(seed=0):
    random = np.random.default_rng(seed)
    times = np.concatenate([random.normal(5 * lap + 2.5, 0.2, 4) for lap in range(N_LAPS)])
    return nap.TsGroup({0: nap.Ts(np.sort(times))}, time_support=nap.IntervalSet(0, N_LAPS * 5))


def test_p_values_of_untuned_units_are_uniform():
    position, runs = laps()
    spikes = poisson_units(300, rate=2.0, seed=1)
    test = shuffle_information(spikes, position, runs, grid=GRID, n_shuffles=99)
    assert stats.kstest(test.p_value, "uniform").pvalue > 0.01
    assert np.mean(test.p_value <= 0.05) == pytest.approx(0.05, abs=0.035)


def test_a_place_cell_is_found_even_if_all_runs_are_alike():
    position, runs = laps()
    test = shuffle_information(place_cell(), position, runs, grid=GRID, n_shuffles=199)
    assert test.p_value.tolist() == [1 / 200]
    assert test.information[0] > test.null_mean[0] + 5 * test.null_sd[0]


def test_the_same_seed_gives_the_same_answer_on_any_number_of_threads():
    position, runs = laps()
    spikes = poisson_units(5, rate=3.0, seed=2)

    def measure(_):
        return shuffle_information(spikes, position, runs, grid=GRID, n_shuffles=50, seed=7)

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(measure, range(4)))
    for result in results:
        np.testing.assert_array_equal(result.null_mean, measure(0).null_mean)
    other = shuffle_information(spikes, position, runs, grid=GRID, n_shuffles=50, seed=8)
    assert (other.null_mean != results[0].null_mean).all()


def test_relabelling_the_units_relabels_the_answer():
    position, runs = laps()
    spikes = poisson_units(6, rate=2.0, seed=3)
    order = np.random.default_rng(0).permutation(6)
    renamed = nap.TsGroup({int(order[u]): spikes[u] for u in spikes})
    first = shuffle_information(spikes, position, runs, grid=GRID, n_shuffles=40)
    second = shuffle_information(renamed, position, runs, grid=GRID, n_shuffles=40)
    np.testing.assert_allclose(first.p_value, second.p_value[order])
    np.testing.assert_allclose(first.information, second.information[order])


def test_a_silent_unit_has_no_p_value():
    position, runs = laps()
    support = nap.IntervalSet(0, 100)
    trains = {0: nap.Ts(t=[], time_support=support), 1: nap.Ts(t=[1.0, 2.0, 3.5])}
    test = shuffle_information(
        nap.TsGroup(trains, time_support=support), position, runs, grid=GRID, n_shuffles=20
    )
    assert np.isnan(test.p_value).tolist() == [True, False]
    assert len(test.to_frame()) == 2


def test_a_test_needs_a_shuffle():
    with pytest.raises(InputError):
        shuffle_information(place_cell(), *laps(), grid=GRID, n_shuffles=0)
