"""Slow inward currents: from astrocytes to neurons, with every delay."""

from cases_shared import case, edges, empty, generator, meter, recorded, spikes, variants


def _rising(nest, n=1, **parameters):
    """Make astrocytes whose calcium crosses the threshold of the current within 100 ms."""
    params = {"IP3": 1.0, "Ca_astro": 0.15, "h_IP3R": 0.9, **parameters}
    return nest.Create("astrocyte_lr_1994", n, params=params)


@variants(
    **{
        f"{delay:g}_ms".replace(".", "_"): {"delay": delay}
        for delay in (0.1, 0.2, 0.9, 1.0, 1.1, 2.3, 5.0)
    }
)
def sic_delay(nest, delay):
    empty(nest)
    astrocyte = _rising(nest)
    neuron = nest.Create("aeif_cond_alpha_astro")
    nest.Connect(astrocyte, neuron, syn_spec={"synapse_model": "sic_connection", "delay": delay})
    state = meter(nest, astrocyte, ["Ca_astro"], interval=0.5, delay=1.0)
    current = meter(nest, neuron, ["I_SIC", "V_m"], interval=0.5, delay=1.0)
    nest.Simulate(80.0)
    return recorded(state=state, current=current)


@variants(
    a_twentieth={"resolution": 0.05},
    a_fifth={"resolution": 0.2},
    one={"resolution": 1.0},
)
def sic_resolution(nest, resolution):
    empty(nest, resolution)
    astrocyte = _rising(nest)
    neuron = nest.Create("aeif_cond_alpha_astro", params={"I_e": 560.0})
    syn_spec = {"synapse_model": "sic_connection", "delay": 2.0, "weight": 40.0}
    nest.Connect(astrocyte, neuron, syn_spec=syn_spec)
    current = meter(nest, neuron, ["I_SIC", "V_m"], interval=1.0)
    recorder = spikes(nest, neuron)
    nest.Simulate(150.0)
    return recorded(current=current, spikes=recorder)


@variants(
    scale={"SIC_scale": 3.0},
    no_threshold={"SIC_th": 0.0},
    high_threshold={"SIC_th": 0.5},
    out_of_reach={"SIC_th": 5.0},
)
def sic_of_an_astrocyte(nest, **parameters):
    empty(nest)
    astrocyte = _rising(nest, **parameters)
    neuron = nest.Create("aeif_cond_alpha_astro")
    nest.Connect(astrocyte, neuron, syn_spec={"synapse_model": "sic_connection", "weight": 2.0})
    current = meter(nest, neuron, ["I_SIC", "V_m", "w"], interval=1.0)
    nest.Simulate(150.0)
    return recorded(current=current)


@case
def sic_fades_when_calcium_is_pumped_away(nest):
    empty(nest)
    astrocyte = _rising(nest, Ca_astro=0.21, IP3=0.0, IP3_0=0.0, rate_SERCA=0.004)
    neuron = nest.Create("aeif_cond_alpha_astro")
    nest.Connect(astrocyte, neuron, syn_spec={"synapse_model": "sic_connection", "delay": 0.5})
    current = meter(nest, neuron, ["I_SIC"], interval=0.1, delay=0.5)
    nest.Simulate(30.0)
    return recorded(current=current)


@case
def sic_of_many_astrocytes_and_repeated_connections(nest):
    empty(nest)
    astrocytes = _rising(nest, 3)
    astrocytes.set([{"IP3": 0.8}, {"IP3": 1.0, "SIC_scale": 2.0}, {"IP3": 1.5, "Ca_astro": 0.3}])
    neurons = nest.Create("aeif_cond_alpha_astro", 2, params=[{"I_e": 450.0}, {"I_e": 560.0}])
    nest.Connect(
        astrocytes,
        neurons,
        "all_to_all",
        {
            "synapse_model": "sic_connection",
            "weight": [[5.0, 0.5, 8.0], [15.0, -1.0, 0.0]],
            "delay": [[0.3, 1.0, 2.2], [4.0, 0.5, 0.7]],
        },
    )
    again = {"synapse_model": "sic_connection", "weight": 0.7, "delay": 1.5}
    nest.Connect(astrocytes[:2], neurons, "one_to_one", again)
    nest.Connect(astrocytes[:2], neurons, "one_to_one", again)
    current = meter(nest, neurons, ["I_SIC", "V_m"], interval=1.0, delay=0.3)
    recorder = spikes(nest, neurons)
    nest.Simulate(200.0)
    return recorded(current=current, spikes=recorder) | edges(nest, synapse_model="sic_connection")


@case
def sic_together_with_dc_and_spikes(nest):
    empty(nest)
    astrocyte = _rising(nest, delta_IP3=0.05)
    neuron = nest.Create("aeif_cond_alpha_astro", params={"t_ref": 1.0})
    nest.Connect(
        astrocyte,
        neuron,
        syn_spec={"synapse_model": "sic_connection", "delay": 1.7, "weight": 10.0},
    )
    current = nest.Create("dc_generator", params={"amplitude": 700.0, "start": 20.0})
    nest.Connect(current, neuron, syn_spec={"delay": 0.6})
    generator(nest, [10.0, 30.0, 50.0], neuron, weight=40.0, delay=0.4)
    generator(nest, [40.0], neuron, weight=-60.0, delay=1.4)
    nest.Connect(neuron, astrocyte, syn_spec={"delay": 2.5, "weight": 1.5})
    traces = meter(nest, neuron, ["I_SIC", "V_m", "g_ex", "g_in", "w"], interval=1.0)
    state = meter(nest, astrocyte, ["IP3", "Ca_astro"], interval=1.0)
    recorder = spikes(nest, neuron)
    nest.Simulate(150.0)
    return recorded(traces=traces, state=state, spikes=recorder)
