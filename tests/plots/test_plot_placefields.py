import numpy as np
import pynapple as nap
import pytest
from matplotlib.figure import Figure

from tripartite.analysis.binning import MapGrid
from tripartite.analysis.tuning import compute_rate_maps
from tripartite.errors import InputError
from tripartite.plots.placefields import (
    lift_pen,
    plot_occupancy,
    plot_path,
    plot_rate_map,
    plot_rate_maps,
    plot_spikes_on_position,
    plot_track,
    sort_by_peak,
)

T = np.arange(0, 20, 0.1)
POSITION = nap.Tsd(t=T, d=(T % 10) * 10, time_support=nap.IntervalSet([0, 10], [9.95, 20]))
LAPS = nap.IntervalSet([0, 10], [9.95, 19.95])


@pytest.fixture
def ax():
    return Figure().subplots()


@pytest.fixture(scope="module")
def maps():
    late, early = nap.Ts(t=[8.1, 8.2, 18.1]), nap.Ts(t=[2.0, 12.0, 12.1])
    spikes = nap.TsGroup({0: late, 1: early})
    grid = MapGrid(edges=np.linspace(0, 100, 11), sigma=0.0, min_occupancy=0.0)
    return compute_rate_maps(spikes, POSITION, LAPS, grid=grid)


def test_units_are_sorted_by_the_place_of_their_peak_and_scaled_by_it(maps, ax):
    assert sort_by_peak(maps).tolist() == [1, 0]
    plot_rate_maps(maps, ax)
    image = ax.images[0].get_array()
    assert image.max(axis=1).tolist() == [1, 1]
    assert image.argmax(axis=1).tolist() == [2, 8]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["1", "0"]
    assert ax.get_xlabel() == "position (px)"


def test_a_unit_that_is_not_there_is_an_error(maps, ax):
    with pytest.raises(InputError, match="7"):
        plot_rate_maps(maps, ax, units=[7])


def test_several_rate_maps_fit_on_one_axis_in_any_order(maps, ax):
    for label in (1, 0):
        plot_rate_map(maps, ax, label=label, color="k", unit="cm")
    highest = maps.rate.max()
    assert ax.get_ylim()[0] == 0
    assert highest < ax.get_ylim()[1] < 1.2 * highest
    assert ax.get_xlabel() == "position (cm)"


def test_occupancy_is_drawn_as_it_is(maps, ax):
    plot_occupancy(maps, ax, color="k", name="outbound")
    np.testing.assert_allclose(ax.patches[0].get_data().values, maps.occupancy)


def test_no_line_crosses_a_gap():
    times, path = lift_pen(POSITION)
    assert np.isnan(path).sum() == 1
    assert (np.diff(times) >= 0).all()
    np.testing.assert_array_equal(path[np.isfinite(path)], POSITION.values)


def test_spikes_are_drawn_where_the_animal_was(ax):
    spikes = nap.Ts(t=[2.0, 12.1, 15.0])
    runs = {"outbound": LAPS[:1], "inbound": LAPS[1:]}
    plot_spikes_on_position(POSITION, spikes, runs, ax)
    drawn = {line.get_label(): line.get_xdata() for line in ax.lines[1:]}
    np.testing.assert_allclose(drawn["outbound"], [20])
    np.testing.assert_allclose(drawn["inbound"], [21, 50])


def test_runs_are_drawn_over_the_path(ax):
    plot_path(POSITION, {"outbound": LAPS[:1]}, ax, unit="cm")
    assert [line.get_label() for line in ax.lines][1:] == ["outbound"]
    assert ax.get_ylabel() == "position (cm)"


def test_a_track_is_drawn_in_equal_units(ax):
    plane = nap.TsdFrame(t=T, d=np.column_stack([T, 2 * T]), columns=["x", "y"])
    plot_track(plane, [(0, 0), (10, 20), (20, 40)], ax, unit="px")
    assert ax.get_aspect() == 1
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x (px)", "y (px)")
