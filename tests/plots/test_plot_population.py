import numpy as np
import pynapple as nap
import pytest
from matplotlib.figure import Figure

from tripartite.analysis.population import compute_population_rates, compute_state_rates
from tripartite.analysis.synchrony import SynchronyCriteria, find_synchrony
from tripartite.plots.population import (
    plot_chance,
    plot_population_rates,
    plot_raster,
    plot_state_rates,
    plot_synchrony,
)

SESSION = nap.IntervalSet(0, 30)


@pytest.fixture
def ax():
    return Figure().subplots()


@pytest.fixture(scope="module")
def spikes():
    trains = {u: nap.Ts(t=[2.0 * u + 1, 15.0 + 0.005 * u, 24.0 + u]) for u in range(5)}
    return nap.TsGroup(trains, time_support=SESSION)


def test_a_raster_shows_the_spikes_of_the_window_in_the_order_asked_for(spikes, ax):
    plot_raster(spikes, ax, window=(14.0, 16.0), units=[3, 0])
    np.testing.assert_allclose(ax.collections[0].get_positions(), [1.015])
    np.testing.assert_allclose(ax.collections[1].get_positions(), [1.0])
    assert ax.get_xlim() == (0, 2)
    assert ax.get_ylabel() == "2 units"


def test_z_scores_are_drawn_with_a_line_between_intervals(spikes, ax):
    parts = nap.IntervalSet([0, 20], [10, 30])
    plot_population_rates(compute_population_rates(spikes, parts, bin_size=1.0), ax)
    assert ax.images[0].get_array().shape == (5, 20)
    assert [line.get_xdata()[0] for line in ax.lines] == [10]


def test_a_unit_that_is_silent_in_one_state_is_drawn_open_at_the_edge(spikes, ax):
    states = {"run": nap.IntervalSet(0, 4), "rest": nap.IntervalSet(5, 30)}
    plot_state_rates(compute_state_rates(spikes, states), ax, highlighted=[0])
    n_drawn = sum(len(line.get_xdata()) for line in ax.lines[1:])
    opened = [line for line in ax.lines[1:] if line.get_markerfacecolor() == "none"]
    assert n_drawn == 5
    assert sum(len(line.get_xdata()) for line in opened) == 3
    assert ax.get_xlim() == ax.get_ylim()


def test_synchrony_is_drawn_with_its_events(spikes, ax):
    events = find_synchrony(spikes, SESSION, SynchronyCriteria(min_units=4))
    assert len(events.peak) == 1
    plot_synchrony(events, ax, window=(14.0, 17.0))
    assert len(ax.patches) == 1
    assert ax.lines[0].get_xdata().max() <= 3


def test_chance_is_drawn_beside_the_data(ax):
    plot_chance(12, np.array([2, 3, 4]), ax)
    assert [len(line.get_ydata()) for line in ax.lines] == [3, 1]
    assert ax.get_ylim()[0] == 0
