"""Short-term plasticity."""

import numpy as np
from cases_shared import case, empty, generator, meter, recorded, relayed, spikes, variants

TRAIN = [5.0, 15.0, 25.0, 30.1, 30.2, 60.0, 60.1, 61.0, 62.0, 63.0, 200.0, 205.0, 380.0]
KINDS = {
    "default": {},
    "depressing": {"U": 0.67, "tau_rec": 450.0, "tau_fac": 0.0},
    "facilitating": {"U": 0.03, "tau_rec": 130.0, "tau_fac": 530.0},
    "both": {"U": 0.25, "tau_rec": 200.0, "tau_fac": 100.0, "tau_psc": 10.0},
    "everything_at_once": {"U": 1.0},
    "nothing": {"U": 0.0},
    "psc_near_rec": {"tau_psc": 100.0, "tau_rec": 100.001, "U": 0.4},
    "psc_longer_than_rec": {"tau_psc": 50.0, "tau_rec": 8.0, "U": 0.4},
    "slow_recovery": {"tau_rec": 1e5, "U": 0.2},
    "brief_facilitation": {"tau_fac": 0.01, "U": 0.3},
    "starting_empty": {"x": 0.0, "y": 0.3, "u": 0.9, "tau_fac": 300.0},
    "weighted": {"weight": -7.0, "U": 0.3, "delay": 3.3},
}


def _weights(nest, name="plastic", **parameters):
    """Make a plastic synapse model whose effective weights are recorded."""
    recorder = nest.Create("weight_recorder")
    nest.CopyModel("tsodyks_synapse", name, {"weight_recorder": recorder, **parameters})
    return recorder


@variants(**{name: {"synapse": synapse} for name, synapse in KINDS.items()})
def plastic_weights(nest, synapse):
    empty(nest)
    source = relayed(nest, TRAIN)
    weights = _weights(nest, **synapse)
    neuron = nest.Create("iaf_cond_alpha", params={"tau_syn_ex": 2.0})
    nest.Connect(source, neuron, syn_spec={"synapse_model": "plastic"})
    traces = meter(nest, neuron, ["g_ex", "g_in"], interval=2.0)
    nest.Simulate(400.0)
    return recorded(weights=weights, traces=traces)


@variants(
    a_fifth={"resolution": 0.2},
    one={"resolution": 1.0},
)
def plastic_resolution(nest, resolution):
    empty(nest, resolution)
    source = relayed(nest, [5.0, 15.0, 16.0, 16.0, 40.0])
    weights = _weights(nest, U=0.3, tau_fac=50.0)
    neuron = nest.Create("iaf_cond_alpha")
    nest.Connect(source, neuron, syn_spec={"synapse_model": "plastic", "weight": 20.0})
    nest.Simulate(60.0)
    return recorded(weights=weights)


@case
def plastic_with_several_spikes_in_a_step(nest):
    empty(nest)
    neuron = nest.Create("aeif_cond_alpha", params={"I_e": 6e5})
    parrot = nest.Create("parrot_neuron")
    generator(nest, [1.0, 1.0, 2.0], parrot, spike_multiplicities=[1, 2, 4], delay=0.1)
    weights = _weights(nest, tau_fac=20.0, U=0.2, tau_rec=30.0)
    target = nest.Create("iaf_cond_alpha", params={"tau_syn_ex": 1.0})
    nest.Connect(neuron + parrot, target, syn_spec={"synapse_model": "plastic", "delay": 0.7})
    traces = meter(nest, target, ["g_ex"], interval=0.2)
    nest.Simulate(5.0)
    return recorded(weights=weights, traces=traces)


@case
def plastic_parameters_of_each_connection(nest):
    empty(nest)
    sources = nest.Create("parrot_neuron", 3)
    for i in range(3):
        generator(nest, np.array(TRAIN) + i, sources[i], delay=0.1)
    weights = _weights(nest)
    neurons = nest.Create("iaf_cond_alpha", 3, params={"tau_syn_ex": 2.0})
    nest.Connect(
        sources,
        neurons,
        "one_to_one",
        {
            "synapse_model": "plastic",
            "U": np.array([0.1, 0.5, 0.9]),
            "tau_rec": np.array([100.0, 300.0, 800.0]),
            "tau_fac": np.array([200.0, 0.0, 10.0]),
            "tau_psc": np.array([2.0, 3.0, 30.0]),
            "weight": np.array([10.0, 20.0, -5.0]),
            "delay": np.array([0.1, 2.2, 5.0]),
        },
    )
    traces = meter(nest, neurons, ["g_ex", "g_in"], interval=2.0)
    nest.Simulate(250.0)
    return recorded(weights=weights, traces=traces)


@case
def plastic_targets_of_one_source_share_their_past(nest):
    empty(nest)
    sources = nest.Create("parrot_neuron", 2)
    generator(nest, TRAIN, sources[0], delay=0.1)
    generator(nest, [7.0, 30.0, 31.0, 90.0], sources[1], delay=0.1)
    weights = _weights(nest, U=0.4, tau_fac=80.0, tau_rec=150.0)
    neurons = nest.Create("iaf_cond_alpha", 3)
    nest.Connect(
        sources,
        neurons,
        "all_to_all",
        {
            "synapse_model": "plastic",
            "weight": [[1.0, 10.0], [2.0, 20.0], [-3.0, 30.0]],
            "delay": [[0.5, 1.0], [4.0, 1.0], [2.0, 3.0]],
        },
    )
    nest.Connect(sources[:1], neurons[:1], syn_spec={"synapse_model": "plastic", "U": 0.1})
    traces = meter(nest, neurons, ["g_ex", "g_in"], interval=2.0)
    nest.Simulate(250.0)
    return recorded(weights=weights, traces=traces)


@case
def plastic_state_set_between_runs(nest):
    empty(nest)
    source = relayed(nest, TRAIN)
    weights = _weights(nest, U=0.4, tau_fac=80.0, tau_rec=150.0)
    neurons = nest.Create("iaf_cond_alpha", 3)
    nest.Connect(source, neurons, syn_spec={"synapse_model": "plastic"})
    nest.Simulate(35.0)
    nest.GetConnections(source, neurons[:1]).set(U=0.9, x=0.5, y=0.1, u=0.2)
    nest.Simulate(30.0)
    nest.GetConnections(source, neurons[1]).set({"weight": 4.0, "tau_rec": 20.0})
    nest.GetConnections(source, neurons).tau_psc = [5.0, 6.0, 7.0]
    nest.Simulate(335.0)
    connections = nest.GetConnections(source)
    states = {key: np.array(connections.get(key)) for key in ("x", "y", "u")}
    return recorded(weights=weights) | {f"connections/{key}": x for key, x in states.items()}


@case
def plastic_connections_made_after_a_run(nest):
    empty(nest)
    source = relayed(nest, TRAIN)
    weights = _weights(nest, U=0.4, tau_fac=80.0, tau_rec=150.0)
    neurons = nest.Create("iaf_cond_alpha", 2)
    nest.Connect(source, neurons[:1], syn_spec={"synapse_model": "plastic"})
    nest.Simulate(40.0)
    nest.Connect(source, neurons[1:], syn_spec={"synapse_model": "plastic", "weight": 3.0})
    nest.Simulate(60.0)
    return recorded(weights=weights)


@case
def plastic_synapses_onto_astrocytes(nest):
    empty(nest)
    source = relayed(nest, TRAIN)
    astrocytes = nest.Create("astrocyte_lr_1994", 2, params={"delta_IP3": 0.1})
    for astrocyte, U in zip(astrocytes, (0.2, 0.8), strict=True):
        syn_spec = {"synapse_model": "tsodyks_synapse", "U": U, "weight": 2.0, "delay": 1.7}
        nest.Connect(source, astrocyte, syn_spec=syn_spec)
    state = meter(nest, astrocytes, ["IP3", "Ca_astro"], interval=2.0)
    nest.Simulate(250.0)
    return recorded(state=state)


@case
def plastic_synapses_between_spiking_neurons(nest):
    empty(nest)
    neurons = nest.Create("aeif_cond_alpha", 3, params={"I_e": [900.0, 400.0, 300.0]})
    weights = _weights(nest, U=0.5, tau_rec=60.0, tau_fac=10.0)
    nest.Connect(
        neurons[:2],
        neurons[1:],
        "one_to_one",
        {"synapse_model": "plastic", "weight": [120.0, 150.0], "delay": [0.8, 2.0]},
    )
    recorder = spikes(nest, neurons)
    nest.Simulate(120.0)
    return recorded(weights=weights, spikes=recorder)
