import numpy as np
import pynapple as nap
import pytest
import xarray as xr
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from tripartite.analysis.network_activity import NodeAverage, compute_group_rates
from tripartite.plots import style
from tripartite.plots.networks import (
    plot_differences,
    plot_group_rates,
    plot_network_dynamics,
    plot_node_average,
    plot_pairs,
    plot_parameter_grid,
    plot_raster,
    plot_rate_histogram,
    plot_spike_raster,
)

SUPPORT = nap.IntervalSet(0, 1)


@pytest.fixture
def ax():
    return Figure().subplots()


@pytest.fixture(scope="module")
def spikes():
    trains = {4: [0.1, 0.2], 5: [], 9: [0.3], 12: [0.9]}
    return nap.TsGroup(
        {unit: nap.Ts(t=np.array(t), time_support=SUPPORT) for unit, t in trains.items()},
        time_support=SUPPORT,
        metadata={"population": ["inh", "exc", "exc", "inh"]},
    )


def make_average(variable="IP3", sd=0.5, n_nodes=3):
    return NodeAverage(
        variable=variable,
        unit="mV",
        time=np.array([0.0, 1.0]),
        mean=np.array([1.0, 2.0]),
        sd=np.full(2, sd),
        node_means=np.ones(n_nodes),
    )


def test_rows_are_grouped_and_coloured_by_population(spikes, ax):
    plot_spike_raster(spikes, ax)
    drawn = [line for line in ax.lines if line.get_linestyle() == "None"]
    assert [line.get_ydata().tolist() for line in drawn] == [[0, 0, 1], [3]]
    assert [line.get_xdata().tolist() for line in drawn] == [[0.1, 0.2, 0.9], [0.3]]
    assert [to_hex(line.get_color()).upper() for line in drawn] == list(style.CYCLE[:2])
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["inh\nn = 2", "exc\nn = 2"]
    assert ax.get_xlim() == (0, 1)


@pytest.mark.parametrize(("n_spikes", "marker"), [(3, "|"), (100_001, ",")])
def test_a_raster_stays_one_image_however_many_spikes_there_are(ax, n_spikes, marker):
    plot_raster(np.arange(n_spikes), np.arange(n_spikes) % 50, ax)
    assert len(ax.lines) == 1
    assert ax.lines[0].get_rasterized()
    assert ax.lines[0].get_marker() == marker


def test_a_raster_without_spikes_is_empty_and_no_error(ax):
    plot_raster([], [], ax)
    assert len(ax.lines[0].get_xdata()) == 0


def test_a_histogram_has_an_edge_half_a_bin_from_each_centre(ax):
    plot_rate_histogram([2.5, 7.5], [10.0, 20.0], ax)
    data = ax.patches[0].get_data()
    assert data.edges.tolist() == [0, 5, 10]
    assert data.values.tolist() == [10, 20]


def test_rates_of_all_groups_fit_into_the_axis(spikes, ax):
    rates = compute_group_rates(spikes, bin_size=0.5)
    plot_group_rates(rates, ax)
    np.testing.assert_allclose([p.get_data().values for p in ax.patches], rates.rate.values.T)
    assert ax.get_ylim()[0] == 0
    assert ax.get_ylim()[1] > rates.rate.values.max()
    assert ax.texts[0].get_text() == "bins of 500 ms"


def test_an_average_is_drawn_with_one_deviation_on_each_side(ax):
    plot_node_average(make_average(), ax)
    assert ax.lines[0].get_ydata().tolist() == [1, 2]
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (0.5, 2.5)
    assert ax.texts[0].get_text() == "mean ± SD, n = 3"
    assert "µM" in ax.get_ylabel()


def test_an_unknown_variable_is_labelled_by_its_name_and_unit(ax):
    plot_node_average(make_average("wiggle"), ax)
    assert ax.get_ylabel() == "wiggle (mV)"


def test_one_node_is_drawn_without_a_band(ax):
    plot_node_average(make_average(sd=np.nan, n_nodes=1), ax)
    assert ax.get_ylim()[1] < 3
    assert ax.texts[0].get_text() == "mean ± SD, n = 1"


def test_dynamics_take_one_axis_each():
    axes = Figure().subplots(2, 1)
    plot_network_dynamics({"IP3": make_average(), "I_SIC": make_average("I_SIC")}, axes)
    assert [len(each.lines) for each in axes] == [1, 1]
    assert "current" in axes[1].get_ylabel()
    with pytest.raises(ValueError, match="zip"):
        plot_network_dynamics({"IP3": make_average()}, axes)


def test_a_grid_shows_each_number_at_its_parameters(ax):
    rates = xr.DataArray(
        [[1.0, 2.5], [np.nan, 300.0]],
        dims=("pool_size", "w_a2n"),
        coords={"pool_size": [1, 10], "w_a2n": [0.0, 0.05]},
    )
    plot_parameter_grid(rates, ax, label="rate (Hz)")
    assert {t.get_position(): t.get_text() for t in ax.texts} == {
        (0, 0): "1.00", (1, 0): "2.50", (0, 1): "none", (1, 1): "300",
    }  # fmt: skip
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0", "0.05"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("w_a2n", "pool_size")


def test_pairs_are_joined_and_counted(ax):
    plot_pairs(np.array([[1.0, 2.0], [3.0, 2.5], [1.0, 1.0]]), ax, names=("off", "on"))
    assert [line.get_ydata().tolist() for line in ax.lines[:3]] == [[1, 2], [3, 2.5], [1, 1]]
    assert [line.get_xdata().tolist() for line in ax.lines[3:]] == [[0, 0, 0], [1, 1, 1]]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["off", "on"]
    assert ax.texts[0].get_text() == "n = 3"


def test_differences_are_drawn_with_their_mean_and_their_number(ax):
    plot_differences(np.array([0.0, 1.0]), np.array([[0.0, 0.0], [1.0, 3.0]]), ax)
    assert ax.lines[-1].get_ydata().tolist() == [0, 2]
    assert len(ax.lines) == 1 + 2 + 1
    assert ax.texts[0].get_text() == "n = 2"
