import numpy as np
import pynapple as nap
import pytest

from tripartite.analysis.binning import MapGrid
from tripartite.analysis.placefields import compute_extent, compute_stability, find_fields
from tripartite.analysis.tuning import RateMaps
from tripartite.errors import InputError


def maps_of(*rates):
    rate = np.array(rates, dtype=float)
    n_units, n_bins = rate.shape
    return RateMaps(
        units=np.arange(10, 10 + n_units),
        grid=MapGrid(edges=np.arange(n_bins + 1.0), sigma=0.0, min_occupancy=0.0),
        rate=rate,
        counts=np.zeros(rate.shape, dtype=int),
        occupancy=np.ones(n_bins),
        information=np.zeros(n_units),
        n_spikes_excluded=np.zeros(n_units, dtype=int),
        n_frames_excluded=0,
        n_bins_excluded=0,
    )


@pytest.mark.parametrize("fraction", [0.1, 0.2, 0.5])
def test_the_width_of_a_gaussian_field_has_its_closed_form(fraction):
    centres = np.arange(1000) + 0.5
    fields = find_fields(
        maps_of(9 * np.exp(-0.5 * ((centres - 400.5) / 30) ** 2)), fraction=fraction
    )
    assert fields.width[0] == pytest.approx(2 * 30 * np.sqrt(2 * np.log(1 / fraction)), abs=2)
    assert fields.peak_position.tolist() == [400.5]
    assert fields.peak_rate.tolist() == [9.0]
    assert fields.cut.tolist() == [False]


def test_fields_of_several_units_come_in_order():
    fields = find_fields(maps_of([0, 9, 0, 0, 5, 5, 0], [0, 0, 3, 0, 0, 0, 0]))
    assert fields.units.tolist() == [10, 10, 11]
    assert fields.start.tolist() == [1, 4, 2]
    assert fields.end.tolist() == [2, 6, 3]
    assert len(fields.to_frame()) == 3


def test_fields_at_the_end_or_beside_an_unvisited_bin_are_marked_as_cut():
    fields = find_fields(maps_of([9, 0, 0, 9, np.nan, 0, 9, 0, 9]))
    assert fields.cut.tolist() == [True, True, False, True]


def test_low_and_narrow_stretches_are_counted():
    fields = find_fields(maps_of([0, 9, 9, 9, 0, 4, 0], [0.5, 0, 0, 0, 0, 0, 0]), min_width=2)
    assert fields.units.tolist() == [10]
    assert (fields.n_narrow, fields.n_low) == (1, 1)


@pytest.mark.parametrize("rate", [[0.0, 0.0, 0.0], [np.nan, np.nan, np.nan]])
def test_a_silent_or_unvisited_map_has_no_field(rate):
    maps = maps_of(rate)
    assert len(find_fields(maps).units) == 0
    assert np.isnan(compute_extent(maps)).all()
    assert find_fields(maps).to_frame().empty


def test_extent_is_the_share_of_the_visited_track():
    np.testing.assert_allclose(
        compute_extent(maps_of([9, 0, 0, np.nan, 3], [2, 2, 2, np.nan, 2])), [0.5, 1]
    )


@pytest.mark.parametrize("fraction", [0, 1, -0.2, np.nan])
def test_the_fraction_must_lie_between_nought_and_one(fraction):
    with pytest.raises(InputError):
        find_fields(maps_of([1, 2, 3]), fraction=fraction)


@pytest.fixture
def drifting():
    """Unit 0 keeps its field, unit 1 moves it halfway, unit 2 alternates, unit 3 is silent."""
    t = np.arange(0, 80, 0.02)
    position = nap.Tsd(t=t, d=(t % 10) * 10)
    laps = nap.IntervalSet(np.arange(8) * 10.0, np.arange(8) * 10 + 9.98)
    burst = np.linspace(0, 0.9, 10)
    places = [[2] * 8, [2] * 4 + [7] * 4, [2, 7] * 4]
    trains = {
        unit: nap.Ts(np.concatenate([10 * lap + place + burst for lap, place in enumerate(row)]))
        for unit, row in enumerate(places)
    }
    support = nap.IntervalSet(0, 80)
    trains[3] = nap.Ts(t=[], time_support=support)
    return nap.TsGroup(trains, time_support=support), position, laps


@pytest.mark.parametrize(("split", "expected"), [("odd-even", [1, 1, -1]), ("halves", [1, -1, 1])])
def test_stability_compares_the_parts_that_are_asked_for(drifting, split, expected):
    grid = MapGrid(edges=np.linspace(0, 100, 11), sigma=0.0, min_occupancy=0.0)
    stability = compute_stability(*drifting, grid=grid, split=split)
    np.testing.assert_array_equal(np.sign(stability.correlation[:3]), expected)
    assert np.isnan(stability.correlation[3])
    high = np.array(expected) == 1
    np.testing.assert_allclose(stability.correlation[:3][high], 1)


def test_stability_is_the_correlation_of_numpy(drifting):
    spikes, position, laps = drifting
    grid = MapGrid(edges=np.linspace(0, 100, 11), sigma=8.0, min_occupancy=0.1)
    result = compute_stability(spikes, position, laps, grid=grid, split="odd-even")
    from tripartite.analysis.tuning import compute_rate_maps

    odd, even = (
        compute_rate_maps(spikes, position, nap.IntervalSet(laps.values[i::2]), grid=grid).rate[2]
        for i in (1, 0)
    )
    assert result.correlation[2] == pytest.approx(np.corrcoef(odd, even)[0, 1])


def test_one_interval_cannot_be_split(drifting):
    grid = MapGrid(edges=np.linspace(0, 100, 11), sigma=0.0, min_occupancy=0.0)
    spikes, position, laps = drifting
    with pytest.raises(InputError):
        compute_stability(spikes, position, laps[:1], grid=grid)
    with pytest.raises(InputError, match="odd-even"):
        compute_stability(spikes, position, laps, grid=grid, split="thirds")
