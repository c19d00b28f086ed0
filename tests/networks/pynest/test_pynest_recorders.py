"""What devices record, and when."""

import math

import numpy as np
import pytest


@pytest.fixture
def relay(nest):
    """Parrots that spike 1 ms after the times that they are given."""

    def make(*trains):
        parrots = nest.Create("parrot_neuron", len(trains))
        generators = nest.Create(
            "spike_generator", len(trains), [{"spike_times": t} for t in trains]
        )
        nest.Connect(generators, parrots, "one_to_one")
        return parrots

    return make


def recorded(recorder):
    events = recorder.events
    return sorted(zip(events["times"].round(3).tolist(), events["senders"].tolist(), strict=True))


def test_spikes_are_recorded_with_sender_and_time(nest, relay):
    parrots, recorder = relay([1.0, 5.0], [2.0]), nest.Create("spike_recorder")
    nest.Connect(parrots, recorder)
    nest.Simulate(10.0)
    assert recorded(recorder) == [(2.0, 1), (3.0, 2), (6.0, 1)]
    assert recorder.n_events == 3
    assert recorder.events["senders"].dtype == np.int64
    assert recorder.get("events", "times").tolist() == [2.0, 3.0, 6.0]
    assert set(recorder.get("events", ["times", "senders"])) == {"times", "senders"}
    assert nest.GetStatus(recorder, "events")[0]["senders"].tolist() == [1, 2, 1]


def test_each_recorder_hears_its_own_nodes_in_its_own_time(nest, relay):
    parrots = relay([1.0, 2.0, 3.0, 4.0], [2.5])
    of_one, of_both = nest.Create("spike_recorder", 2)
    nest.Connect(parrots[0], of_one)
    nest.Connect(parrots, of_both)
    of_both.set(origin=1.0, start=1.0, stop=3.0)
    nest.Simulate(10.0)
    assert recorded(of_one) == [(2.0, 1), (3.0, 1), (4.0, 1), (5.0, 1)]
    assert recorded(of_both) == [(3.0, 1), (3.5, 2), (4.0, 1)]
    assert (of_one + of_both).n_events == (4, 3)
    assert [len(times) for times in (of_one + of_both).get("events", "times")] == [4, 3]


def test_a_recorder_that_is_connected_later_records_from_then_on(nest, relay):
    parrots, recorder = relay([1.0, 11.0]), nest.Create("spike_recorder")
    nest.Simulate(10.0)
    nest.Connect(parrots, recorder)
    assert recorder.events["times"].size == 0
    nest.Simulate(10.0)
    assert recorded(recorder) == [(12.0, 1)]


def test_recorders_are_emptied_by_setting_n_events_to_zero(nest, relay):
    parrots, recorder = relay([1.0, 11.0]), nest.Create("spike_recorder")
    nest.Connect(parrots, recorder)
    nest.Simulate(10.0)
    recorder.n_events = 0
    assert recorder.n_events == 0
    nest.Simulate(10.0)
    assert recorded(recorder) == [(12.0, 1)]
    with pytest.raises(nest.NESTErrors.BadProperty):
        recorder.n_events = 3


def test_times_come_in_steps_when_asked_for(nest, relay):
    parrots = relay([1.0])
    recorder = nest.Create("spike_recorder", params={"time_in_steps": True})
    nest.Connect(parrots, recorder)
    nest.Simulate(10.0)
    assert recorder.events["times"].tolist() == [20]
    assert recorder.events["times"].dtype == np.int64
    assert recorder.events["offsets"].tolist() == [0.0]
    with pytest.raises(nest.NESTErrors.BadProperty):
        recorder.time_in_steps = False


def free_decay(t_ms, start=-60.0, rest=-70.0, tau_ms=250.0 / 16.6667):
    return rest + (start - rest) * np.exp(-t_ms / tau_ms)


def test_multimeters_sample_state_variables_up_to_the_end_of_the_run(nest):
    neurons = nest.Create("iaf_cond_alpha", 2, {"V_m": [-60.0, -70.0]})
    meter = nest.Create("multimeter", params={"record_from": ["V_m", "g_ex"], "interval": 0.5})
    nest.Connect(meter, neurons)
    nest.Simulate(5.0)
    events = meter.events
    times = np.arange(1, 11) * 0.5
    assert events["times"].tolist() == np.repeat(times, 2).tolist()
    assert events["senders"].tolist() == [1, 2] * 10
    np.testing.assert_allclose(events["V_m"][::2], free_decay(times), atol=1e-3)
    np.testing.assert_allclose(events["V_m"][1::2], -70.0, atol=1e-9)
    assert not events["g_ex"].any()
    assert meter.n_events == 20


@pytest.mark.parametrize(
    ("settings", "times"),
    [
        ({}, [1.0, 2.0, 3.0, 4.0]),
        ({"interval": 2.0}, [2.0, 4.0]),
        ({"interval": 2.0, "offset": 0.5}, [0.5, 2.5]),
        ({"start": 1.0, "stop": 3.0}, [2.0, 3.0]),
        ({"origin": 1.0, "start": 1.0}, [3.0, 4.0]),
    ],
)
def test_samples_are_taken_on_their_grid_within_the_window(nest, settings, times):
    meter = nest.Create("voltmeter", params=settings)
    nest.Connect(meter, nest.Create("iaf_cond_alpha"))
    nest.Simulate(1.5)
    nest.Simulate(2.5)
    assert meter.events["times"].tolist() == times


def test_a_meter_of_several_populations_keeps_them_apart(nest):
    neurons, others = nest.Create("iaf_cond_alpha", 2), nest.Create("aeif_cond_alpha", 1)
    meter = nest.Create("voltmeter")
    nest.Connect(meter, neurons[1])
    nest.Connect(meter, neurons[0] + others)
    nest.Simulate(2.0)
    by_node = dict(zip(meter.events["senders"].tolist(), meter.events["V_m"], strict=False))
    assert by_node == {1: -70.0, 2: -70.0, 3: pytest.approx(-70.6, abs=1e-3)}
    with pytest.raises(nest.NESTErrors.IllegalConnection, match="once"):
        nest.Connect(meter, neurons)


def test_what_a_meter_records_is_fixed_once_it_is_connected(nest):
    meter = nest.Create("multimeter")
    neuron = nest.Create("iaf_cond_alpha")
    with pytest.raises(nest.NESTErrors.IllegalConnection, match="record_from"):
        nest.Connect(meter, neuron)
    meter.record_from = ["V_m"]
    nest.Connect(meter, neuron)
    for name, value in {"record_from": ["g_ex"], "interval": 2.0, "offset": 1.0}.items():
        with pytest.raises(nest.NESTErrors.BadProperty, match=name):
            meter.set({name: value})
    meter.stop = 2.0
    nest.Simulate(5.0)
    assert meter.events["times"].tolist() == [1.0, 2.0]


def test_files_hold_what_was_recorded_and_are_not_overwritten(nest, relay, tmp_path):
    nest.set(data_path=str(tmp_path), data_prefix="run_")
    parrots = relay([1.0, 11.0])
    recorder = nest.Create("spike_recorder", params={"record_to": "ascii", "label": "parrots"})
    meter = nest.Create("voltmeter", params={"record_to": "ascii", "interval": 5.0})
    nest.Connect(parrots, recorder)
    nest.Connect(meter, nest.Create("iaf_cond_alpha"))
    nest.Simulate(10.0)
    nest.Simulate(10.0)
    path = tmp_path / "run_parrots-3-0.dat"
    assert recorder.filenames == (str(path),)
    assert recorder.n_events == 2
    assert path.read_text("utf-8").splitlines()[2:] == ["sender\ttime_ms", "1\t2.000", "1\t12.000"]
    lines = (tmp_path / "run_voltmeter-4-0.dat").read_text("utf-8").splitlines()[2:]
    assert lines[0] == "sender\ttime_ms\tV_m"
    assert lines[1] == "5\t5.000\t-70.000"
    assert recorder.events["times"].size == 0

    nest.ResetKernel()
    nest.set(data_path=str(tmp_path), data_prefix="run_")
    parrots = nest.Create("parrot_neuron", 2)
    again = nest.Create("spike_recorder", params={"record_to": "ascii", "label": "parrots"})
    nest.Connect(parrots, again)
    with pytest.raises(OSError, match="overwrite_files"):
        nest.Simulate(1.0)
    nest.overwrite_files = True
    nest.Simulate(1.0)
    assert len(path.read_text("utf-8").splitlines()) == 3


def test_weights_are_recorded_as_spikes_carry_them(nest, relay):
    parrots = relay([4.0, 24.0], [9.0])
    neurons = nest.Create("iaf_cond_alpha", 2)
    recorder = nest.Create("weight_recorder")
    nest.CopyModel("static_synapse", "seen", {"weight_recorder": recorder, "weight": 3.0})
    nest.CopyModel("tsodyks_synapse", "plastic", {"weight_recorder": recorder, "weight": 10.0})
    nest.Connect(parrots[1], neurons, syn_spec="seen")
    nest.Connect(parrots[0], neurons[0], syn_spec="plastic")
    nest.Connect(parrots, neurons)
    nest.Simulate(50.0)
    events = recorder.events
    rows = list(zip(events["times"], events["senders"], events["targets"], strict=True))
    assert rows == [(5.0, 1, 5), (10.0, 2, 5), (10.0, 2, 6), (25.0, 1, 5)]
    # U = 0.5, of which half of the resources are released; they come back by way of y and z
    first, interval, tau_psc, tau_rec = 0.5, 20.0, 3.0, 800.0
    y = first * math.exp(-interval / tau_psc)
    z = (
        tau_rec
        / (tau_rec - tau_psc)
        * first
        * (math.exp(-interval / tau_rec) - math.exp(-interval / tau_psc))
    )
    expected = [10 * first, 3.0, 3.0, 10 * first * (1 - y - z)]
    np.testing.assert_allclose(events["weights"], expected, rtol=1e-12)


def test_weights_follow_what_is_set_between_runs(nest, relay):
    parrots = relay([4.0, 14.0, 24.0])
    neuron, recorder = nest.Create("iaf_cond_alpha"), nest.Create("weight_recorder")
    nest.SetDefaults("tsodyks_synapse", {"weight_recorder": recorder})
    nest.Connect(parrots, neuron, syn_spec={"synapse_model": "tsodyks_synapse", "U": 0.2})
    nest.Simulate(10.0)
    nest.GetConnections(synapse_model="tsodyks_synapse").weight = 7.0
    nest.Simulate(10.0)
    nest.GetConnections(synapse_model="tsodyks_synapse").set(x=1.0, y=0.0, u=0.0)
    nest.Simulate(10.0)
    weights = recorder.events["weights"]
    assert weights[0] == pytest.approx(0.2)
    assert 0.5 < weights[1] / 7.0 / 0.2 < 1.0
    assert weights[2] == pytest.approx(7.0 * 0.2)


def test_weights_are_recorded_of_chosen_ends(nest, relay):
    parrots = relay([4.0], [4.0])
    neurons = nest.Create("iaf_cond_alpha", 2)
    recorder = nest.Create("weight_recorder", params={"targets": neurons[0], "senders": [2]})
    nest.CopyModel("static_synapse", "seen", {"weight_recorder": recorder})
    nest.Connect(parrots, neurons, syn_spec="seen")
    nest.Simulate(10.0)
    assert recorder.events["senders"].tolist() == [2]
    assert recorder.events["targets"].tolist() == [neurons[0].global_id]


def test_weight_recorders_are_named_by_models_not_connected(nest):
    neurons, recorder = nest.Create("iaf_cond_alpha", 2), nest.Create("weight_recorder")
    with pytest.raises(nest.NESTErrors.IllegalConnection, match="CopyModel"):
        nest.Connect(neurons, recorder)
    for wrong in (neurons, neurons[0], 5):
        with pytest.raises(nest.NESTErrors.BadProperty, match="weight_recorder"):
            nest.Connect(neurons, neurons, syn_spec={"weight_recorder": wrong})
    assert nest.num_connections == 0


@pytest.mark.parametrize(
    ("setting", "value"),
    [("start", 0.05), ("stop", -1.0), ("interval", 0.0), ("interval", 0.25), ("offset", 0.05)],
)
def test_times_of_recorders_lie_on_the_grid(nest, setting, value):
    meter = nest.Create("multimeter", params={"record_from": ["V_m"]})
    with pytest.raises(nest.NESTErrors.BadProperty):
        meter.set({setting: value})
