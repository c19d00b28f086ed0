"""Adaptive exponential neurons under currents and spikes."""

import numpy as np
from cases_shared import case, empty, generator, meter, recorded, spikes, variants

BOTH = ("aeif_cond_alpha", "aeif_cond_alpha_astro")


def _run(nest, neurons, duration, interval=1.0, variables=("V_m", "w"), delay=1.0):
    traces = meter(nest, neurons, list(variables), interval=interval, delay=delay)
    recorder = spikes(nest, neurons, delay=delay)
    nest.Simulate(duration)
    return recorded(traces=traces, spikes=recorder)


@variants(
    silent={"I_e": 400.0},
    slow={"I_e": 600.0},
    regular={"I_e": 1000.0},
    fast={"I_e": 3000.0, "b": 10.0},
    inhibited={"I_e": -500.0},
    refractory={"I_e": 1500.0, "t_ref": 2.0},
    refractory_off_the_grid={"I_e": 1500.0, "t_ref": 1.234},
    refractory_less_than_a_step={"I_e": 1500.0, "t_ref": 0.04},
    refractory_one_tic={"I_e": 1500.0, "t_ref": 0.001},
    without_exponential={"I_e": 900.0, "Delta_T": 0.0},
    without_exponential_and_refractory={"I_e": 900.0, "Delta_T": 0.0, "t_ref": 1.5},
    sharp={"I_e": 700.0, "Delta_T": 0.5, "V_peak": -40.0},
    soft={"I_e": 900.0, "Delta_T": 6.0},
    high_peak={"I_e": 800.0, "V_peak": 20.0},
    peak_at_threshold={"I_e": 800.0, "V_peak": -50.4},
    loose={"I_e": 1000.0, "gsl_error_tol": 1e-2},
    tight={"I_e": 1000.0, "gsl_error_tol": 1e-10},
    bursting={"I_e": 800.0, "V_reset": -47.0, "tau_w": 120.0, "b": 40.0},
    no_adaptation={"I_e": 700.0, "a": 0.0, "b": 0.0},
    strong_adaptation={"I_e": 1500.0, "a": 20.0, "b": 200.0, "tau_w": 30.0},
    small_and_leaky={"I_e": 500.0, "C_m": 50.0, "g_L": 10.0, "E_L": -65.0, "V_m": -65.0},
    shifted_threshold={"I_e": 1000.0, "V_th": -45.0, "V_reset": -55.0, "E_L": -60.0},
    starting_above_the_peak={"I_e": 0.0, "V_m": 5.0},
    starting_above_the_threshold={"I_e": 0.0, "V_m": -40.0, "w": -50.0},
    starting_with_conductances={"g_ex": 20.0, "dg_ex": 10.0, "g_in": 5.0, "dg_in": 2.0, "w": 30.0},
    no_leak={"I_e": 100.0, "g_L": 0.0, "a": 0.0},
)
def adex_alone(nest, **parameters):
    empty(nest)
    neurons = nest.Create(BOTH[0], params=parameters) + nest.Create(BOTH[1], params=parameters)
    return _run(nest, neurons, 100.0)


@variants(
    a_fortieth={"resolution": 0.025},
    a_twentieth={"resolution": 0.05},
    a_fifth={"resolution": 0.2},
    a_half={"resolution": 0.5},
    one={"resolution": 1.0},
)
def adex_resolution(nest, resolution):
    empty(nest, resolution)
    params = {"I_e": [600.0, 1000.0], "t_ref": [0.0, 1.3], "tau_syn_ex": [0.5, 2.0]}
    neurons = nest.Create(BOTH[1], 2, params=params)
    generator(nest, [5.0, 15.0, 16.0, 25.0], neurons, weight=50.0, delay=2.0)
    return _run(nest, neurons, 30.0, variables=("V_m", "w", "g_ex"))


@variants(
    two_or_three={"I_e": 4e5},
    many={"I_e": 9e5},
    many_without_exponential={"I_e": 4e5, "Delta_T": 0.0},
    one_when_refractory={"I_e": 9e5, "t_ref": 0.1},
    a_pause_when_refractory={"I_e": 9e5, "t_ref": 0.35},
    coarse={"I_e": 2e5, "resolution": 0.5},
)
def adex_several_spikes_in_a_step(nest, resolution=0.1, **parameters):
    empty(nest, resolution)
    source = nest.Create(BOTH[0], params=parameters)
    target = nest.Create(BOTH[0], params={"tau_syn_ex": 1.0})
    nest.Connect(source, target, syn_spec={"weight": 0.3, "delay": 1.5})
    nest.Connect(source, target, syn_spec={"weight": -0.2, "delay": 0.5})
    parrot = nest.Create("parrot_neuron")
    nest.Connect(source, parrot, syn_spec={"delay": 1.0})
    repeated = spikes(nest, parrot, delay=0.5)
    traces = meter(nest, target, ["g_ex", "g_in"], interval=0.5, delay=0.5)
    recorder = spikes(nest, source + target, delay=0.5)
    nest.Simulate(5.0)
    return recorded(traces=traces, spikes=recorder, repeated=repeated)


@variants(
    dc={"model": "dc_generator", "amplitude": 900.0},
    weighted={"model": "dc_generator", "amplitude": 300.0, "weight": 3.5},
    early={"model": "dc_generator", "amplitude": 900.0, "delay": 0.1},
    late={"model": "dc_generator", "amplitude": 900.0, "delay": 5.0},
    ac={"model": "ac_generator", "amplitude": 700.0, "offset": 500.0, "frequency": 40.0},
)
def adex_under_a_generator(nest, model, weight=1.0, delay=1.0, **parameters):
    empty(nest)
    neurons = nest.Create(BOTH[0]) + nest.Create(BOTH[1], params={"t_ref": 0.5})
    current = nest.Create(model, params={"start": 5.0, "stop": 60.3, **parameters})
    nest.Connect(current, neurons, syn_spec={"weight": weight, "delay": delay})
    return _run(nest, neurons, 80.0, delay=0.1)


@case
def adex_under_steps_of_current(nest):
    empty(nest)
    neurons = nest.Create(BOTH[0], 2)
    steps = nest.Create(
        "step_current_generator",
        params={
            "amplitude_times": [0.1, 10.0, 10.1, 30.0, 60.0],
            "amplitude_values": [200.0, 2000.0, 500.0, 1200.0, -300.0],
        },
    )
    nest.Connect(steps, neurons[:1], syn_spec={"delay": 0.2})
    nest.Connect(steps, neurons[1:], syn_spec={"delay": 1.9, "weight": 0.6})
    return _run(nest, neurons, 90.0, delay=0.2)


@variants(
    **{f"{delay:g}_ms".replace(".", "_"): {"delay": delay} for delay in (0.1, 0.4, 1.0, 2.6, 5.0)}
)
def adex_spike_delay(nest, delay):
    empty(nest)
    neurons = nest.Create(BOTH[0], params={"tau_syn_ex": 1.5}) + nest.Create(BOTH[1])
    generator(nest, [2.0, 9.3, 9.4, 20.0], neurons, weight=60.0, delay=delay)
    generator(nest, [12.0, 20.1], neurons, weight=-30.0, delay=delay)
    return _run(nest, neurons, 40.0, 0.5, ("V_m", "g_ex", "g_in"), delay=1.0)


@case
def adex_under_a_barrage(nest):
    empty(nest)
    rng = np.random.default_rng(7)
    params = {
        "tau_syn_ex": [0.2, 2.0, 1.0],
        "tau_syn_in": [2.0, 4.0, 0.5],
        "t_ref": [0.0, 2.0, 0.3],
    }
    neurons = nest.Create(BOTH[1], 3, params=params)
    for weight, delay in ((12.0, 0.3), (30.0, 1.0), (-15.0, 2.1), (-4.0, 0.1)):
        times = np.round(np.sort(rng.uniform(1.0, 44.0, 35)), 1)
        generator(nest, times, neurons, weight, delay)
    return _run(nest, neurons, 45.0, variables=("V_m", "g_ex", "g_in", "w"), delay=0.1)


@case
def adex_weights_and_delays_of_each_connection(nest):
    empty(nest)
    sources = nest.Create("parrot_neuron", 3)
    neurons = nest.Create(BOTH[0], 2, params={"tau_syn_ex": 1.0, "I_e": 300.0})
    for i, times in enumerate(([1.0, 12.0], [3.0, 20.5, 20.6], [7.7])):
        generator(nest, times, sources[i], delay=0.1)
    nest.Connect(
        sources,
        neurons,
        "all_to_all",
        {
            "weight": np.array([[20.0, -10.0, 35.0], [5.0, 60.0, 0.0]]),
            "delay": np.array([[0.1, 3.3, 1.0], [5.0, 0.7, 2.0]]),
        },
    )
    return _run(nest, neurons, 40.0, 0.5, ("V_m", "g_ex", "g_in"), delay=0.1)
