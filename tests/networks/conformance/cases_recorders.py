"""Multimeters, spike recorders and weight recorders, and runs in pieces."""

import numpy as np
from cases_shared import case, edges, empty, generator, meter, recorded, spikes, variants


def _firing(nest, n=2):
    currents = [600.0, 900.0, 1300.0][:n]
    return nest.Create("aeif_cond_alpha", n, params={"I_e": currents})


@variants(
    every_step={"interval": 0.1},
    coarse={"interval": 2.5},
    offset={"interval": 0.5, "offset": 0.3},
    long_offset={"interval": 0.5, "offset": 7.2},
    window={"interval": 0.1, "start": 5.0, "stop": 7.0},
    window_off_the_grid={"interval": 0.5, "start": 5.2, "stop": 9.1},
    shifted_window={"interval": 0.2, "start": 5.0, "stop": 7.0, "origin": 2.5},
    offset_and_window={"interval": 0.7, "offset": 0.4, "start": 3.0, "stop": 12.0},
)
def multimeter(nest, interval, **parameters):
    empty(nest)
    neurons = _firing(nest)
    traces = meter(nest, neurons, ["V_m", "w"], interval, **parameters)
    nest.Simulate(15.0)
    nest.Simulate(5.0)
    return recorded(traces=traces)


@case
def two_multimeters_on_one_neuron(nest):
    empty(nest)
    neuron = _firing(nest, 1)
    coarse = meter(nest, neuron, ["w"], interval=2.0, delay=0.5)
    fine = meter(nest, neuron, ["V_m", "g_ex", "g_in", "w"], interval=0.5, delay=3.0)
    voltmeter = nest.Create("voltmeter", params={"interval": 1.0})
    nest.Connect(voltmeter, neuron)
    nest.Simulate(20.0)
    return recorded(coarse=coarse, fine=fine, voltmeter=voltmeter)


@case
def one_multimeter_on_different_models(nest):
    empty(nest)
    kinds = ("aeif_cond_alpha", "iaf_cond_alpha", "aeif_cond_alpha_astro")
    neurons = [nest.Create(kind, 2, params={"I_e": 700.0}) for kind in kinds]
    traces = meter(nest, neurons[0] + neurons[1] + neurons[2], ["V_m"], interval=1.0)
    nest.Simulate(30.0)
    return recorded(traces=traces)


@variants(
    always={},
    window={"start": 20.0, "stop": 60.0},
    shifted_window={"start": 20.0, "stop": 60.0, "origin": 30.0},
    until={"stop": 40.0},
    origin={"origin": 50.0},
)
def spike_recorder(nest, **parameters):
    empty(nest)
    neurons = _firing(nest)
    parrot = nest.Create("parrot_neuron")
    generator(nest, np.round(np.arange(0.5, 100.0, 0.5), 1), parrot, delay=0.5)
    recorder = spikes(nest, neurons + parrot, delay=2.0, **parameters)
    nest.Simulate(100.0)
    return recorded(spikes=recorder)


@variants(window={"start": 4.0, "stop": 12.0}, always={})
def weight_recorder(nest, **parameters):
    empty(nest)
    parrots = nest.Create("parrot_neuron", 2)
    for i, times in enumerate(([1.0, 3.9, 4.0, 4.1, 8.0], [2.0, 11.9, 12.0, 12.1])):
        generator(
            nest, times, parrots[i], delay=0.1, spike_multiplicities=[2, 1, 1, 1, 1][: len(times)]
        )
    neurons = nest.Create("iaf_cond_alpha", 2)
    weights = nest.Create("weight_recorder", params=parameters)
    nest.CopyModel("static_synapse", "seen", {"weight_recorder": weights, "delay": 2.0})
    nest.CopyModel("tsodyks_synapse", "seen_plastic", {"weight_recorder": weights, "tau_rec": 20.0})
    nest.Connect(
        parrots, neurons, syn_spec={"synapse_model": "seen", "weight": [[1.0, 2.0], [3.0, -4.0]]}
    )
    nest.Connect(parrots, neurons, "one_to_one", {"synapse_model": "seen_plastic", "weight": 5.0})
    nest.Connect(parrots, neurons, syn_spec={"weight": 9.0})
    nest.Simulate(20.0)
    return recorded(weights=weights)


@variants(
    at_once={"pieces": [60.0]},
    in_halves={"pieces": [30.0, 30.0]},
    in_steps={"pieces": [0.1] * 20 + [58.0]},
    off_the_slices={"pieces": [7.3, 12.9, 0.4, 39.4]},
    with_nothing_between={"pieces": [0.0, 20.0, 0.0, 40.0]},
)
def simulate_in_pieces(nest, pieces):
    empty(nest)
    neurons = _firing(nest, 3)
    nest.Connect(
        neurons[:2], neurons[1:], "one_to_one", {"weight": [40.0, -30.0], "delay": [1.0, 2.5]}
    )
    traces = meter(nest, neurons, ["V_m", "g_ex"], interval=1.0)
    recorder = spikes(nest, neurons)
    for piece in pieces:
        nest.Simulate(piece)
    return recorded(traces=traces, spikes=recorder) | {
        "biological_time": np.array(nest.biological_time)
    }


@variants(prepared={"manager": False}, managed={"manager": True})
def run_in_pieces(nest, manager):
    empty(nest)
    neurons = _firing(nest, 3)
    nest.Connect(neurons[:2], neurons[1:], "one_to_one", {"weight": 40.0, "delay": [1.0, 2.5]})
    traces = meter(nest, neurons, ["V_m", "g_ex"], interval=1.0)
    recorder = spikes(nest, neurons)
    if manager:
        with nest.RunManager():
            for piece in (10.0, 12.5, 17.5):
                nest.Run(piece)
    else:
        nest.Prepare()
        for piece in (10.0, 12.5, 17.5):
            nest.Run(piece)
        nest.Cleanup()
    return recorded(traces=traces, spikes=recorder)


@case
def parameters_and_states_set_between_runs(nest):
    empty(nest)
    neurons = _firing(nest, 3)
    traces = meter(nest, neurons, ["V_m", "w"], interval=1.0)
    recorder = spikes(nest, neurons)
    nest.Simulate(21.0)
    neurons.set(V_m=-65.0)
    neurons[0].I_e = 1500.0
    nest.Simulate(20.0)
    neurons[1:].set([{"w": 200.0, "t_ref": 1.5}, {"E_L": -60.0, "C_m": 150.0}])
    nest.Simulate(30.0)
    states = {f"states/{key}": np.array(neurons.get(key)) for key in ("V_m", "w")}
    return recorded(traces=traces, spikes=recorder) | states


@case
def connections_made_and_changed_between_runs(nest):
    empty(nest)
    neurons = _firing(nest, 3)
    syn_spec = {"weight": 20.0, "delay": 1.5}
    nest.Connect(neurons[0], neurons[1], syn_spec=syn_spec)
    traces = meter(nest, neurons, ["V_m", "g_ex", "g_in"], interval=1.0)
    recorder = spikes(nest, neurons)
    nest.Simulate(20.0)
    nest.Connect(neurons[0], neurons[2], syn_spec={"weight": -30.0, "delay": 1.0})
    nest.Simulate(20.0)
    nest.GetConnections(neurons[0], neurons[1]).set(weight=80.0)
    nest.Simulate(20.0)
    return recorded(traces=traces, spikes=recorder) | edges(nest, source=neurons, target=neurons)


@case
def nodes_made_between_runs(nest):
    empty(nest)
    first = _firing(nest, 1)
    recorder = spikes(nest, first)
    nest.Simulate(10.0)
    second = nest.Create("iaf_cond_alpha", params={"I_e": 600.0})
    nest.Connect(second, recorder)
    nest.Connect(first, second, syn_spec={"weight": 30.0})
    traces = meter(nest, first + second, ["V_m"], interval=1.0)
    nest.Simulate(40.0)
    return recorded(traces=traces, spikes=recorder)


@case
def recorders_emptied_between_runs(nest):
    empty(nest)
    neurons = _firing(nest)
    traces = meter(nest, neurons, ["V_m"], interval=4.0)
    recorder = spikes(nest, neurons)
    nest.Simulate(30.0)
    traces.n_events = 0
    recorder.n_events = 0
    nest.Simulate(30.0)
    return recorded(traces=traces, spikes=recorder)


@case
def defaults_and_copies_of_models(nest):
    empty(nest)
    nest.SetDefaults("iaf_cond_alpha", {"I_e": 500.0})
    first = nest.Create("iaf_cond_alpha")
    nest.SetDefaults("iaf_cond_alpha", {"I_e": 700.0})
    nest.CopyModel("iaf_cond_alpha", "quick", {"t_ref": 0.3})
    second = nest.Create("quick", 2)
    nest.CopyModel("static_synapse", "strong", {"weight": 60.0, "delay": 2.0})
    nest.SetDefaults("static_synapse", {"weight": 11.0, "delay": 0.7})
    nest.Connect(first, second, syn_spec="strong")
    nest.Connect(second, first)
    neurons = first + second
    traces = meter(nest, neurons, ["V_m", "g_ex"], interval=1.0)
    recorder = spikes(nest, neurons)
    nest.Simulate(40.0)
    return recorded(traces=traces, spikes=recorder) | edges(nest, source=neurons, target=neurons)
