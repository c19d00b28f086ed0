"""Astrocytes alone: free, driven by spikes and by currents."""

import numpy as np
from cases_shared import case, empty, generator, meter, recorded, variants

STATE = ["IP3", "Ca_astro", "h_IP3R"]


@variants(
    default={},
    no_calcium={"Ca_astro": 0.0},
    all_calcium_in_the_cytosol={"Ca_astro": 2.0},
    more_calcium_than_there_is={"Ca_astro": 3.0, "IP3": 1.0, "h_IP3R": 1.0},
    much_ip3={"IP3": 5.0},
    no_ip3={"IP3": 0.0, "IP3_0": 0.0},
    closed={"h_IP3R": 0.0},
    open={"IP3": 1.0, "Ca_astro": 1.0, "h_IP3R": 1.0},
    no_leak={"rate_L": 0.0, "IP3": 0.6},
    no_pump={"rate_SERCA": 0.0, "IP3": 0.6},
    no_release={"rate_IP3R": 0.0, "IP3": 0.6},
    no_inhibition={"k_IP3R": 0.0, "Kd_inh": 0.0, "IP3": 0.6},
    affinities={"Kd_IP3_1": 0.2, "Kd_IP3_2": 0.5, "Kd_act": 0.03, "Kd_inh": 0.7, "IP3": 0.4},
    other_pump={"Km_SERCA": 0.3, "rate_SERCA": 0.004, "IP3": 0.8},
    other_volumes={"ratio_ER_cyt": 0.5, "Ca_tot": 1.2, "IP3": 0.8},
    fast_ip3={"tau_IP3": 3.0, "IP3": 2.0, "IP3_0": 0.7},
    ip3_from_baseline={"IP3_0": 0.6, "tau_IP3": 100.0},
    tiny_calcium={"Ca_tot": 1e-3, "Ca_astro": 1e-4},
    fast_release={"rate_IP3R": 3.0, "IP3": 1.0},
    very_fast_everything={"rate_IP3R": 60.0, "k_IP3R": 0.5, "rate_SERCA": 2.0, "IP3": 1.0},
)
def astrocyte_free(nest, **parameters):
    empty(nest)
    astrocyte = nest.Create("astrocyte_lr_1994", params=parameters)
    multimeter = meter(nest, astrocyte, STATE, interval=2.0)
    nest.Simulate(300.0)
    return recorded(state=multimeter)


@variants(
    a_twentieth={"resolution": 0.05},
    a_fifth={"resolution": 0.2},
    one={"resolution": 1.0},
    one_with_fast_release={"resolution": 1.0, "rate_IP3R": 6.0, "k_IP3R": 0.02},
    a_fortieth_with_fast_release={"resolution": 0.025, "rate_IP3R": 60.0},
)
def astrocyte_resolution(nest, resolution, **parameters):
    empty(nest, resolution)
    params = {"IP3": 1.0, "delta_IP3": 0.05, **parameters}
    astrocyte = nest.Create("astrocyte_lr_1994", params=params)
    generator(nest, [10.0, 25.0, 26.0], astrocyte, weight=1.5)
    multimeter = meter(nest, astrocyte, STATE, interval=1.0)
    nest.Simulate(100.0)
    return recorded(state=multimeter)


@variants(
    weight_one={"weight": 1.0},
    weight_five={"weight": 5.0},
    small_weight={"weight": 0.05},
    no_weight={"weight": 0.0},
    hard={"weight": 50.0, "delta_IP3": 0.5},
    no_effect={"weight": 1.0, "delta_IP3": 0.0},
    quickly_forgotten={"weight": 1.0, "delta_IP3": 0.5, "tau_IP3": 2.0},
)
def astrocyte_under_spikes(nest, weight, **parameters):
    empty(nest)
    params = {"delta_IP3": 0.02, **parameters}
    astrocyte = nest.Create("astrocyte_lr_1994", params=params)
    generator(nest, np.round(np.arange(5.0, 180.0, 7.3), 1), astrocyte, weight)
    multimeter = meter(nest, astrocyte, STATE, interval=1.0)
    nest.Simulate(250.0)
    return recorded(state=multimeter)


@case
def astrocyte_several_spikes_in_a_step(nest):
    empty(nest)
    astrocyte = nest.Create("astrocyte_lr_1994", params={"delta_IP3": 0.1})
    generator(nest, [3.0, 3.0, 9.0, 20.0], astrocyte, weight=0.7, delay=0.4)
    generator(nest, [3.2, 9.0, 12.0], astrocyte, delay=0.2, spike_multiplicities=[2, 5, 0])
    generator(nest, [2.8, 9.0], astrocyte, weight=2.0, delay=0.6, spike_weights=[0.5, 3.0])
    multimeter = meter(nest, astrocyte, STATE, interval=0.2, delay=0.1)
    nest.Simulate(30.0)
    return recorded(state=multimeter)


@variants(**{f"{delay:g}_ms".replace(".", "_"): {"delay": delay} for delay in (0.1, 0.7, 2.0, 5.0)})
def astrocyte_spike_delay(nest, delay):
    empty(nest)
    astrocyte = nest.Create("astrocyte_lr_1994", params={"delta_IP3": 0.1})
    generator(nest, [1.0, 4.4, 11.1], astrocyte, delay=delay)
    multimeter = meter(nest, astrocyte, ["IP3", "Ca_astro"], interval=0.1, delay=0.3)
    nest.Simulate(20.0)
    return recorded(state=multimeter)


@variants(
    weak={"amplitude": 1e-4},
    to_the_ceiling={"amplitude": 0.02},
    to_the_floor={"amplitude": -0.01},
    weighted={"amplitude": 1e-3, "weight": 2.5},
    inverted={"amplitude": 1e-3, "weight": -2.0},
    late={"amplitude": 1e-3, "delay": 4.2},
)
def astrocyte_under_a_current(nest, amplitude, weight=1.0, delay=1.0):
    empty(nest)
    astrocyte = nest.Create("astrocyte_lr_1994", params={"IP3": 0.4})
    params = {"amplitude": amplitude, "start": 10.0, "stop": 150.0}
    current = nest.Create("dc_generator", params=params)
    nest.Connect(current, astrocyte, syn_spec={"weight": weight, "delay": delay})
    multimeter = meter(nest, astrocyte, STATE, interval=1.0)
    nest.Simulate(200.0)
    return recorded(state=multimeter)


@case
def astrocyte_under_several_currents(nest):
    empty(nest)
    astrocytes = nest.Create("astrocyte_lr_1994", 3)
    steps = nest.Create(
        "step_current_generator",
        params={
            "amplitude_times": [5.0, 20.0, 40.0, 60.1],
            "amplitude_values": [2e-3, -4e-3, 0.03, 0.0],
        },
    )
    wave = nest.Create(
        "ac_generator",
        params={"amplitude": 2e-3, "offset": 1e-3, "frequency": 30.0, "phase": 45.0},
    )
    nest.Connect(steps, astrocytes, syn_spec={"delay": 0.5})
    nest.Connect(wave, astrocytes[1:], syn_spec={"delay": 2.0, "weight": 0.5})
    generator(nest, [10.0, 30.0], astrocytes[2], weight=300.0)
    multimeter = meter(nest, astrocytes, STATE, interval=1.0, delay=0.5)
    nest.Simulate(90.0)
    return recorded(state=multimeter)
