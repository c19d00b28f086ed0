import numpy as np
import pynapple as nap
import pytest
from hypothesis import given, strategies as st

from tripartite.analysis.binning import MapGrid
from tripartite.analysis.tuning import compute_information, compute_rate_maps
from tripartite.errors import InputError

GRID = MapGrid(edges=np.linspace(0, 100, 11), sigma=0.0, min_occupancy=0.0)


@pytest.fixture
def session():
    random = np.random.default_rng(3)
    t = np.arange(0, 200, 0.02)
    position = nap.Tsd(t=t, d=50 - 50 * np.cos(0.5 * t))
    trains = {i: nap.Ts(np.sort(random.uniform(0, 199.9, 80 * i + 1))) for i in (2, 5, 9)}
    support = nap.IntervalSet(0, 200)
    return nap.TsGroup(trains, time_support=support), position, nap.IntervalSet([10, 90], [60, 180])


def test_unsmoothed_maps_are_those_of_pynapple(session):
    spikes, position, intervals = session
    maps = compute_rate_maps(spikes, position, intervals, grid=GRID)
    theirs = nap.compute_tuning_curves(
        spikes, position, bins=[GRID.edges], epochs=intervals, return_counts=True
    )
    np.testing.assert_array_equal(maps.counts, theirs.values)
    np.testing.assert_allclose(maps.occupancy, theirs.attrs["occupancy"] * 0.02)
    bits = nap.compute_mutual_information(theirs / maps.occupancy, rates=None)["bits/spike"]
    weighted = np.sum(maps.rate * maps.occupancy, axis=1) / maps.occupancy.sum()
    bits = nap.compute_mutual_information(
        (theirs / maps.occupancy).assign_attrs(theirs.attrs), rates=weighted
    )["bits/spike"]
    np.testing.assert_allclose(maps.information, bits)


@pytest.mark.parametrize("n_bins", [1, 2, 7, 64])
def test_information_of_a_single_bin_is_the_logarithm_of_their_number(n_bins):
    rate = np.zeros(n_bins)
    rate[0] = 3.0
    assert compute_information(rate, np.full(n_bins, 2.0)) == pytest.approx(np.log2(n_bins))


def test_information_of_two_rates_has_its_closed_form():
    p, ratio = 0.25, np.array([3.0, 1 / 3])
    expected = p * 3 * np.log2(3) + (1 - p) / 3 * np.log2(1 / 3)
    assert compute_information(ratio * 7, np.array([p, 1 - p])) == pytest.approx(expected)


@given(
    st.lists(st.floats(0, 100), min_size=2, max_size=20).filter(lambda r: max(r) > 1e-3),
    st.floats(0.01, 100),
)
def test_information_is_not_negative_and_has_no_unit(rates, factor):
    rate, time = np.array(rates), np.arange(1.0, len(rates) + 1)
    bits = compute_information(rate, time)
    assert bits >= -1e-9
    assert compute_information(rate * factor, time * 3) == pytest.approx(bits, abs=1e-9)


def test_a_bin_without_a_rate_takes_no_part_in_the_information():
    rate, time = np.array([1.0, 4.0, 2.0]), np.array([1.0, 2.0, 5.0])
    with_gap = compute_information(
        np.array([1.0, np.nan, 4.0, 2.0]), np.array([1.0, 9.0, 2.0, 5.0])
    )
    assert with_gap == pytest.approx(compute_information(rate, time))


def test_rarely_visited_bins_have_no_rate_and_what_falls_there_is_counted(session):
    spikes, position, intervals = session
    fast = MapGrid(edges=GRID.edges, sigma=5.0, min_occupancy=11.0)
    maps = compute_rate_maps(spikes, position, intervals, grid=fast)
    excluded = maps.occupancy < 11.0
    assert 0 < excluded.sum() < 10
    assert maps.n_bins_excluded == excluded.sum()
    assert np.isnan(maps.rate[:, excluded]).all()
    np.testing.assert_array_equal(maps.n_spikes_excluded, maps.counts[:, excluded].sum(axis=1))
    assert maps.n_frames_excluded == round(maps.occupancy[excluded].sum() / 0.02)


def test_frames_that_are_nan_or_outside_are_counted(session):
    spikes, position, intervals = session
    values = position.values.copy()
    values[::10] = np.nan
    broken = nap.Tsd(t=position.t, d=values)
    narrow = MapGrid(edges=np.linspace(20, 100, 9), sigma=0.0, min_occupancy=0.0)
    maps = compute_rate_maps(spikes, broken, intervals, grid=narrow)
    inside = broken.restrict(intervals).values
    assert maps.n_frames_excluded == np.sum(~(inside >= 20))
    n_spikes = np.array([len(train.restrict(intervals)) for train in spikes.values()])
    np.testing.assert_array_equal(maps.counts.sum(axis=1) + maps.n_spikes_excluded, n_spikes)


def test_smoothing_a_flat_map_leaves_it_flat_up_to_its_ends():
    position = nap.Tsd(t=np.arange(0, 100, 0.01), d=np.arange(10_000) / 100)
    spikes = nap.TsGroup({0: nap.Ts(np.arange(0.05, 100, 0.1))})
    grid = MapGrid(edges=GRID.edges, sigma=20.0, min_occupancy=0.1)
    maps = compute_rate_maps(spikes, position, position.time_support, grid=grid)
    np.testing.assert_allclose(maps.rate, 10.0)
    np.testing.assert_allclose(maps.information, 0.0, atol=1e-12)


def test_a_silent_unit_has_a_map_of_zeros_and_no_information(session):
    _, position, intervals = session
    support = position.time_support
    silent = nap.TsGroup({4: nap.Ts(t=[], time_support=support)}, time_support=support)
    maps = compute_rate_maps(silent, position, intervals, grid=GRID)
    assert np.isnan(maps.information).all()
    assert (maps.rate == 0).all()
    assert maps.to_frame()["n_spikes"].tolist() == [0]


def test_maps_do_not_change_when_the_clock_is_set_forward(session):
    spikes, position, intervals = session
    later = nap.TsGroup({u: nap.Ts(train.t + 1000) for u, train in spikes.items()})
    maps = compute_rate_maps(spikes, position, intervals, grid=GRID)
    shifted = compute_rate_maps(
        later,
        nap.Tsd(t=position.t + 1000, d=position.values),
        nap.IntervalSet(intervals.values + 1000),
        grid=GRID,
    )
    np.testing.assert_array_equal(maps.counts, shifted.counts)


def test_spikes_in_an_interval_without_a_frame_are_excluded():
    support = nap.IntervalSet([0, 10], [5, 15])
    position = nap.Tsd(t=np.arange(0, 5, 0.1), d=np.arange(50.0), time_support=support)
    spikes = nap.TsGroup({0: nap.Ts(t=[1.0, 2.0, 11.0])})
    maps = compute_rate_maps(spikes, position, support, grid=GRID)
    assert maps.counts.sum() == 2
    assert maps.n_spikes_excluded.tolist() == [1]


def test_no_unit_or_no_frame_is_an_error(session):
    spikes, position, _ = session
    with pytest.raises(InputError, match="0 frames"):
        compute_rate_maps(spikes, position, nap.IntervalSet(500, 600), grid=GRID)


@pytest.mark.parametrize(
    "options",
    [
        {"edges": np.array([0.0])},
        {"edges": np.array([0.0, 1.0, 3.0])},
        {"edges": np.array([1.0, 0.0])},
        {"sigma": -1.0},
        {"min_occupancy": np.nan},
    ],
)
def test_a_grid_that_cannot_be_is_refused(options):
    with pytest.raises(InputError):
        MapGrid(**{"edges": GRID.edges, "sigma": 1.0, "min_occupancy": 0.0, **options})


def test_results_are_labelled(session):
    maps = compute_rate_maps(*session, grid=GRID)
    labelled = maps.to_xarray()
    assert labelled.dims == ("unit", "position")
    np.testing.assert_array_equal(labelled["unit"], [2, 5, 9])
