"""Parrots, generators and their windows."""

import numpy as np
from cases_shared import case, empty, generator, meter, recorded, spikes, variants

EVERY_STEP = np.round(np.arange(0.1, 20.0, 0.1), 1)
WINDOWS = {
    "always": {},
    "window": {"start": 5.0, "stop": 9.0},
    "shifted_window": {"start": 5.0, "stop": 9.0, "origin": 3.0},
    "origin": {"origin": 4.2},
    "one_step": {"start": 6.0, "stop": 6.1},
    "never": {"start": 6.0, "stop": 6.0},
    "until": {"stop": 3.3},
}


@variants(**{name: {"window": window} for name, window in WINDOWS.items()})
def spike_generator_window(nest, window):
    empty(nest)
    parrot = nest.Create("parrot_neuron")
    generator(nest, EVERY_STEP[::3], parrot, delay=0.5, **window)
    recorder = spikes(nest, parrot)
    nest.Simulate(25.0)
    return recorded(spikes=recorder)


@variants(**{name: {"window": window} for name, window in WINDOWS.items()})
def dc_window(nest, window):
    empty(nest)
    neuron = nest.Create("iaf_cond_alpha", params={"t_ref": 0.5})
    current = nest.Create("dc_generator", params={"amplitude": 300.0, **window})
    nest.Connect(current, neuron, syn_spec={"delay": 0.5})
    traces = meter(nest, neuron, ["V_m"], interval=0.1, delay=0.2)
    nest.Simulate(18.0)
    return recorded(traces=traces)


@variants(**{name: {"window": window} for name, window in WINDOWS.items()})
def ac_window(nest, window):
    empty(nest)
    neuron = nest.Create("iaf_cond_alpha")
    params = {"amplitude": 300.0, "offset": 50.0, "frequency": 90.0, "phase": 60.0}
    wave = nest.Create("ac_generator", params={**params, **window})
    nest.Connect(wave, neuron, syn_spec={"delay": 1.0})
    traces = meter(nest, neuron, ["V_m"], interval=0.2)
    nest.Simulate(20.0)
    return recorded(traces=traces)


@variants(**{name: {"window": window} for name, window in WINDOWS.items()})
def step_window(nest, window):
    empty(nest)
    neuron = nest.Create("iaf_cond_alpha")
    params = {
        "amplitude_times": [0.1, 4.0, 7.0, 8.9],
        "amplitude_values": [100.0, 400.0, -200.0, 250.0],
    }
    steps = nest.Create("step_current_generator", params={**params, **window})
    nest.Connect(steps, neuron, syn_spec={"delay": 1.0})
    traces = meter(nest, neuron, ["V_m"], interval=0.2)
    nest.Simulate(20.0)
    return recorded(traces=traces)


@case
def step_times_off_the_grid_are_rounded_up(nest):
    empty(nest)
    neuron = nest.Create("iaf_cond_alpha")
    params = {
        "allow_offgrid_times": True,
        "amplitude_times": [2.03, 5.0, 8.51],
        "amplitude_values": [300.0, 100.0, -50.0],
    }
    steps = nest.Create("step_current_generator", params=params)
    nest.Connect(steps, neuron, syn_spec={"delay": 0.1})
    traces = meter(nest, neuron, ["V_m"], interval=0.1, delay=0.1)
    nest.Simulate(12.0)
    return recorded(traces=traces)


@case
def spike_times_off_the_grid_are_rounded_up(nest):
    empty(nest)
    parrot = nest.Create("parrot_neuron")
    generator(nest, [0.05, 1.01, 1.06, 2.0004, 3.15], parrot, allow_offgrid_times=True)
    recorder = spikes(nest, parrot)
    nest.Simulate(8.0)
    return recorded(spikes=recorder)


@case
def dc_changed_between_runs(nest):
    empty(nest)
    neuron = nest.Create("iaf_cond_alpha", params={"t_ref": 0.0})
    current = nest.Create("dc_generator", params={"amplitude": 300.0})
    nest.Connect(current, neuron, syn_spec={"delay": 1.0})
    traces = meter(nest, neuron, ["V_m"], interval=0.5)
    nest.Simulate(10.0)
    current.amplitude = -200.0
    nest.Simulate(10.0)
    current.set(amplitude=600.0, stop=27.0)
    nest.Simulate(15.0)
    return recorded(traces=traces)


@case
def spike_times_replaced_between_runs(nest):
    empty(nest)
    parrot = nest.Create("parrot_neuron")
    source = generator(nest, [1.0, 8.0, 15.0], parrot)
    recorder = spikes(nest, parrot)
    nest.Simulate(10.0)
    source.spike_times = [2.0, 10.0, 10.1, 14.0]
    nest.Simulate(5.0)
    source.set(spike_times=[1.0, 2.0], origin=16.0)
    nest.Simulate(10.0)
    return recorded(spikes=recorder)


@case
def currents_of_several_generators_add_up(nest):
    empty(nest)
    neurons = nest.Create("aeif_cond_alpha", 2)
    direct = nest.Create("dc_generator", 3, params={"amplitude": [100.0, 250.0, -80.0]})
    nest.Connect(
        direct,
        neurons,
        "all_to_all",
        {"weight": [[1.0, 2.0, 3.0], [0.5, 4.0, 0.0]], "delay": [[0.1, 1.0, 5.0], [2.0, 0.3, 1.0]]},
    )
    nest.Connect(direct[:1], neurons[:1], syn_spec={"weight": 3.0, "delay": 7.0})
    traces = meter(nest, neurons, ["V_m", "w"], interval=0.5)
    nest.Simulate(40.0)
    return recorded(traces=traces)


@variants(**{f"{delay:g}_ms".replace(".", "_"): {"delay": delay} for delay in (0.1, 0.6, 1.0, 5.0)})
def parrot_chain(nest, delay):
    empty(nest)
    parrots = nest.Create("parrot_neuron", 4)
    generator(nest, [1.0, 1.1, 5.0, 5.0, 9.9], parrots[0], delay=delay)
    nest.Connect(parrots[:-1], parrots[1:], "one_to_one", {"delay": delay, "weight": -3.0})
    recorder = spikes(nest, parrots)
    nest.Simulate(40.0)
    return recorded(spikes=recorder)


@case
def parrots_keep_multiplicity(nest):
    empty(nest)
    parrots = nest.Create("parrot_neuron", 3)
    generator(nest, [1.0, 4.0, 4.0, 8.0], parrots[0], spike_multiplicities=[1, 3, 2, 0])
    nest.Connect(parrots[0], parrots[1:], syn_spec={"delay": 2.0, "weight": 0.0})
    nest.Connect(parrots[1], parrots[2], syn_spec={"delay": 0.3})
    neuron = nest.Create("iaf_cond_alpha", params={"tau_syn_ex": 1.0})
    nest.Connect(parrots, neuron, syn_spec={"weight": 5.0, "delay": 1.1})
    recorder = spikes(nest, parrots)
    traces = meter(nest, neuron, ["g_ex"], interval=0.5)
    nest.Simulate(20.0)
    return recorded(spikes=recorder, traces=traces)


@case
def a_ring_of_parrots_never_stops(nest):
    empty(nest)
    parrots = nest.Create("parrot_neuron", 5)
    nest.Connect(parrots[:-1], parrots[1:], "one_to_one", {"delay": 0.7})
    nest.Connect(parrots[4], parrots[0], syn_spec={"delay": 1.3})
    generator(nest, [1.0], parrots[0], delay=0.2)
    recorder = spikes(nest, parrots)
    nest.Simulate(50.0)
    return recorded(spikes=recorder)


@case
def spike_weights_multiply_the_connections_weight(nest):
    empty(nest)
    neurons = nest.Create("iaf_cond_alpha", 2, params={"tau_syn_ex": 1.0})
    source = generator(
        nest,
        [1.0, 4.0, 7.0, 7.0, 12.0],
        spike_weights=[1.0, 0.5, -2.0, 3.0, 0.0],
        spike_multiplicities=[1, 2, 1, 2, 5],
    )
    nest.Connect(source, neurons[:1], syn_spec={"weight": 10.0, "delay": 0.5})
    nest.Connect(source, neurons[1:], syn_spec={"weight": -4.0, "delay": 1.5})
    traces = meter(nest, neurons, ["V_m", "g_ex", "g_in"], interval=0.2, delay=0.5)
    nest.Simulate(25.0)
    return recorded(traces=traces)


@variants(**{name: {"window": window} for name, window in WINDOWS.items()})
def noise_without_deviation(nest, window):
    empty(nest)
    neuron = nest.Create("iaf_cond_alpha")
    noise = nest.Create("noise_generator", params={"mean": 300.0, "std": 0.0, "dt": 0.5, **window})
    nest.Connect(noise, neuron, syn_spec={"delay": 0.7})
    traces = meter(nest, neuron, ["V_m"], interval=0.2, delay=0.2)
    nest.Simulate(18.0)
    return recorded(traces=traces)


@case
def silent_random_generators_send_nothing(nest):
    empty(nest)
    parrots = nest.Create("parrot_neuron", 2)
    nest.Connect(nest.Create("poisson_generator"), parrots)
    params = {"rate_times": [1.0, 5.0], "rate_values": [0.0, 0.0]}
    nest.Connect(nest.Create("inhomogeneous_poisson_generator", params=params), parrots)
    generator(nest, [3.0], parrots)
    recorder = spikes(nest, parrots)
    nest.Simulate(10.0)
    return recorded(spikes=recorder)


@case
def generators_recorded_directly(nest):
    empty(nest)
    first = generator(nest, [1.0, 5.0, 9.0])
    second = generator(nest, [0.1, 5.0, 14.9], spike_multiplicities=[1, 3, 1])
    recorder = spikes(nest, first + second, delay=3.0)
    nest.Simulate(15.0)
    return recorded(spikes=recorder)


@case
def each_generator_has_its_own_target_and_times(nest):
    empty(nest)
    times = [{"spike_times": [1.0, 2.0]}, {"spike_times": [4.0]}, {"spike_times": []}]
    sources = nest.Create("spike_generator", 3, params=times)
    neurons = nest.Create("iaf_cond_alpha", 3, params={"tau_syn_ex": 1.0})
    syn_spec = {"weight": np.array([10.0, 20.0, 30.0]), "delay": np.array([0.3, 1.0, 2.0])}
    nest.Connect(sources, neurons, "one_to_one", syn_spec)
    traces = meter(nest, neurons, ["g_ex"], interval=0.5)
    nest.Simulate(15.0)
    return recorded(traces=traces)


@case
def steps_replaced_between_runs(nest):
    empty(nest)
    neuron = nest.Create("iaf_cond_alpha")
    params = {"amplitude_times": [1.0, 8.0, 15.0], "amplitude_values": [100.0, 200.0, 300.0]}
    steps = nest.Create("step_current_generator", params=params)
    nest.Connect(steps, neuron, syn_spec={"delay": 0.5})
    traces = meter(nest, neuron, ["V_m"], interval=0.5, delay=0.5)
    nest.Simulate(10.0)
    steps.set(amplitude_times=[10.5, 14.0], amplitude_values=[-100.0, 50.0])
    nest.Simulate(10.0)
    return recorded(traces=traces)
