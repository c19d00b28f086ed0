"""Raster plots and voltage traces."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest


@pytest.fixture(autouse=True)
def _no_windows():
    with mpl.rc_context():
        plt.switch_backend("Agg")
        yield
        plt.close("all")


@pytest.fixture
def firing(nest):
    neurons = nest.Create("aeif_cond_alpha", 3, {"I_e": [700.0, 800.0, 900.0]})
    recorder, meter = nest.Create("spike_recorder"), nest.Create("voltmeter")
    nest.Connect(neurons, recorder)
    nest.Connect(meter, neurons)
    nest.Simulate(100.0)
    return recorder, meter


def test_each_spike_has_a_mark(nest, firing):
    recorder, _ = firing
    (marks,) = nest.raster_plot.from_device(recorder, hist=True, title="")
    assert marks.get_xdata().tolist() == recorder.events["times"].tolist()
    assert marks.get_ydata().tolist() == recorder.events["senders"].tolist()
    raster, rate = plt.gcf().axes
    assert (raster.get_ylabel(), raster.get_title()) == ("Neuron ID", "")
    assert (rate.get_xlabel(), rate.get_ylabel()) == ("Time (ms)", "Rate (spks/s)")


def test_the_histogram_shows_the_mean_rate_of_the_senders(nest):
    nest.raster_plot.from_data([[1, 1.0], [2, 2.0], [1, 4.0], [2, 12.0]], hist_binwidth=5.0)
    values, edges, _ = plt.gcf().axes[1].patches[0].get_data()
    assert edges.tolist() == [0.0, 5.0, 10.0, 15.0]
    assert values.tolist() == [300.0, 0.0, 100.0]


def test_rasters_are_drawn_without_histogram_and_of_some_senders(nest, firing):
    recorder, _ = firing
    (marks,) = nest.raster_plot.from_device(recorder, hist=False, grayscale=True)
    assert len(plt.gcf().axes) == 1
    assert plt.gca().get_title() == f"Raster plot from device '{recorder.global_id}'"
    events = recorder.events
    data = np.column_stack([events["senders"], events["times"]])
    (marks,) = nest.raster_plot.from_data(data, sel=[2], title="two", xlabel="ms")
    assert set(marks.get_ydata()) == {2}


def test_events_are_chosen_by_time_and_sender(nest):
    data = [[1, 0.5], [2, 1.5], [1, 2.5]]
    assert nest.raster_plot.extract_events(data, time=2.0).tolist() == data[:2]
    assert nest.raster_plot.extract_events(data, time=[1.5, 2.5]).tolist() == data[1:2]
    assert nest.raster_plot.extract_events(data, sel=[1]).tolist() == data[::2]


def test_rasters_are_drawn_from_files(nest, tmp_path):
    nest.set(data_path=str(tmp_path))
    neuron = nest.Create("aeif_cond_alpha", 1, {"I_e": 900.0})
    recorder = nest.Create("spike_recorder", params={"record_to": "ascii"})
    nest.Connect(neuron, recorder)
    nest.Simulate(50.0)
    (marks,) = nest.raster_plot.from_file(list(recorder.filenames))
    assert len(marks.get_xdata()) == recorder.n_events > 0


def test_potentials_are_drawn_neuron_by_neuron(nest, firing):
    _, meter = firing
    lines = nest.voltage_trace.from_device(meter, neurons=[1, 3], timeunit="s")
    events = meter.events
    assert len(lines) == 2
    assert lines[1][0].get_ydata().tolist() == events["V_m"][events["senders"] == 3].tolist()
    assert lines[0][0].get_xdata()[-1] == pytest.approx(0.1)
    assert plt.gca().get_ylabel() == "Membrane potential (mV)"
    assert len(nest.voltage_trace.from_device(meter, grayscale=True, title="all")) == 3


def test_what_cannot_be_drawn_is_named(nest, firing):
    recorder, meter = firing
    for wrong in (meter, nest.NodeCollection([1]), 5):
        with pytest.raises(TypeError, match="spike_recorder"):
            nest.raster_plot.from_device(wrong)
    for wrong in (recorder, nest.NodeCollection([1])):
        with pytest.raises(TypeError, match="voltmeter"):
            nest.voltage_trace.from_device(wrong)
    with pytest.raises(ValueError, match="spikes"):
        nest.raster_plot.from_device(nest.Create("spike_recorder"))
    with pytest.raises(ValueError, match="samples"):
        nest.voltage_trace.from_device(nest.Create("voltmeter"))
    with pytest.raises(ValueError, match="timeunit"):
        nest.voltage_trace.from_device(meter, timeunit="min")
