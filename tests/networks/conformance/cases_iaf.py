"""Leaky integrate-and-fire neurons with alpha conductances."""

import numpy as np
from cases_shared import case, empty, generator, meter, recorded, spikes, variants

STATE = ["V_m", "g_ex", "g_in"]


def _run(nest, neurons, duration, interval=1.0, delay=1.0):
    traces = meter(nest, neurons, STATE, interval=interval, delay=delay)
    recorder = spikes(nest, neurons, delay=delay)
    nest.Simulate(duration)
    return recorded(traces=traces, spikes=recorder)


@variants(
    silent={"I_e": 200.0},
    regular={"I_e": 500.0},
    not_refractory={"I_e": 5000.0, "t_ref": 0.0},
    refractory_off_the_grid={"I_e": 900.0, "t_ref": 0.77},
    refractory_one_tic={"I_e": 900.0, "t_ref": 0.001},
    small={"I_e": 900.0, "C_m": 30.0, "g_L": 12.0},
    shifted={"I_e": 500.0, "E_L": -60.0, "V_th": -50.0, "V_reset": -70.0, "V_m": -52.0},
    starting_above_threshold={"V_m": -20.0},
    starting_with_conductances={"g_ex": 30.0, "dg_ex": 20.0, "g_in": 9.0, "dg_in": 3.0},
    starting_with_negative_conductance={"g_ex": -5.0, "dg_in": -3.0},
    no_leak={"I_e": 100.0, "g_L": 0.0},
)
def iaf_alone(nest, **parameters):
    empty(nest)
    return _run(nest, nest.Create("iaf_cond_alpha", params=parameters), 80.0)


@variants(
    a_twentieth={"resolution": 0.05},
    a_fifth={"resolution": 0.2},
    one={"resolution": 1.0},
    one_with_slow_synapses={"resolution": 1.0, "tau_syn_ex": 1.0},
)
def iaf_resolution(nest, resolution, **parameters):
    empty(nest, resolution)
    neuron = nest.Create("iaf_cond_alpha", params={"I_e": 300.0, **parameters})
    generator(nest, [5.0, 20.0, 21.0, 44.0], neuron, weight=90.0, delay=2.0)
    return _run(nest, neuron, 70.0)


@variants(
    excited={"weights": (25.0, 70.0), "delays": (0.1, 1.0)},
    inhibited={"weights": (90.0, -50.0), "delays": (1.5, 0.2)},
    beyond_the_threshold={"weights": (800.0, 2000.0), "delays": (1.0, 5.0)},
    slow_synapses={"weights": (10.0, -20.0), "delays": (0.3, 3.0), "tau_syn_ex": 5.0},
    not_refractory={"weights": (300.0, -80.0), "delays": (1.0, 1.0), "t_ref": 0.0},
)
def iaf_under_spikes(nest, weights, delays, **parameters):
    empty(nest)
    rng = np.random.default_rng(3)
    neuron = nest.Create("iaf_cond_alpha", params={"I_e": 150.0, **parameters})
    for weight, delay in zip(weights, delays, strict=True):
        times = np.round(np.sort(rng.uniform(1.0, 70.0, 40)), 1)
        generator(nest, times, neuron, weight, delay)
    return _run(nest, neuron, 80.0, 0.5, delay=0.1)


@case
def iaf_under_currents(nest):
    empty(nest)
    neurons = nest.Create("iaf_cond_alpha", 2)
    direct = nest.Create("dc_generator", params={"amplitude": 450.0, "start": 5.0, "stop": 50.0})
    wave = nest.Create(
        "ac_generator", params={"amplitude": 200.0, "frequency": 80.0, "phase": 90.0}
    )
    nest.Connect(direct, neurons, syn_spec={"delay": 0.4})
    nest.Connect(wave, neurons[1], syn_spec={"delay": 1.3, "weight": 1.5})
    return _run(nest, neurons, 80.0, 0.5, delay=0.4)


@case
def iaf_refractory_time_that_remains(nest):
    empty(nest)
    params = {"I_e": 900.0, "t_ref": [0.0, 0.77, 2.0]}
    neurons = nest.Create("iaf_cond_alpha", 3, params=params)
    traces = meter(nest, neurons, ["V_m", "t_ref_remaining"], interval=0.1)
    nest.Simulate(25.0)
    return recorded(traces=traces)
