"""Small networks with everything in them."""

from itertools import pairwise

import numpy as np
from cases_shared import case, edges, empty, generator, meter, recorded, spikes, variants

NEURON = ["V_m", "g_ex", "g_in", "w", "I_SIC"]
ASTROCYTE = ["IP3", "Ca_astro", "h_IP3R"]


def _lists(nest, pre, post, n, rng, weights, delays, **synapse):
    """Connect n explicit pairs, each with a weight and a delay of its own."""
    sources = rng.choice(pre.tolist(), n)
    targets = rng.choice(post.tolist(), n)
    syn_spec = {
        **{name: np.full(n, value) for name, value in synapse.items() if name != "synapse_model"},
        "synapse_model": synapse.get("synapse_model", "static_synapse"),
        "weight": np.round(rng.uniform(*weights, n), 3),
        "delay": np.round(rng.uniform(*delays, n), 1),
    }
    nest.Connect(sources, targets, "one_to_one", syn_spec)


def _drive(nest, neurons, rng, rate=25.0, duration=200.0):
    """Give every neuron a current of its own, and spikes at given times."""
    for neuron in neurons:
        params = {"amplitude": float(np.round(rng.uniform(350.0, 750.0)))}
        current = nest.Create("dc_generator", params={**params, "start": 2.0})
        nest.Connect(current, neuron, syn_spec={"delay": 0.5})
        times = np.round(np.sort(rng.uniform(1.0, duration, int(rate * duration / 1000.0))), 1)
        generator(nest, times, neuron, weight=25.0, delay=0.6)


def _watched(nest, neurons, astrocytes, duration, interval=2.0):
    traces = meter(nest, neurons[::3], NEURON, interval=interval)
    state = meter(nest, astrocytes, ASTROCYTE, interval=interval)
    recorder = spikes(nest, neurons)
    nest.Simulate(duration)
    return recorded(traces=traces, state=state, spikes=recorder)


@variants(
    static={"synapse": "static_synapse"},
    plastic={"synapse": "tsodyks_synapse", "U": 0.4, "tau_rec": 90.0, "tau_fac": 20.0},
    delays_of_one_step={"synapse": "static_synapse", "delays": (0.1, 0.2)},
    long_delays={"synapse": "tsodyks_synapse", "U": 0.3, "delays": (1.0, 5.0)},
)
def everything_together(nest, synapse, delays=(0.3, 4.0), **plasticity):
    empty(nest)
    rng = np.random.default_rng(11)
    params = {"tau_syn_ex": 2.0, "tau_syn_in": 4.0, "t_ref": 1.2}
    excitatory = nest.Create("aeif_cond_alpha_astro", 9, params=params)
    inhibitory = nest.Create("aeif_cond_alpha_astro", 3, params=params)
    neurons = excitatory + inhibitory
    astrocytes = nest.Create(
        "astrocyte_lr_1994",
        4,
        params={"delta_IP3": 0.1, "IP3": [0.4, 0.9, 1.2, 0.6], "Ca_astro": 0.15},
    )
    _drive(nest, neurons, rng)
    synapse = {"synapse_model": synapse, **plasticity}
    _lists(nest, excitatory, neurons, 40, rng, (1.0, 9.0), delays, **synapse)
    _lists(nest, inhibitory, neurons, 15, rng, (-20.0, -2.0), delays, **synapse)
    _lists(nest, excitatory, astrocytes, 20, rng, (0.5, 2.0), delays, **synapse)
    _lists(nest, astrocytes, neurons, 25, rng, (0.5, 4.0), delays, synapse_model="sic_connection")
    return _watched(nest, neurons, astrocytes, 200.0)


@variants(a_fifth={"resolution": 0.2}, a_half={"resolution": 0.5}, one={"resolution": 1.0})
def everything_together_at_resolution(nest, resolution):
    empty(nest, resolution)
    neurons = nest.Create("aeif_cond_alpha_astro", 4, params={"tau_syn_ex": 2.0})
    neurons.set(I_e=[500.0, 650.0, 800.0, 950.0])
    astrocytes = nest.Create("astrocyte_lr_1994", 2, params={"delta_IP3": 0.2, "IP3": 0.7})
    plastic = {"synapse_model": "tsodyks_synapse", "U": 0.4, "tau_rec": 50.0, "weight": 20.0}
    nest.Connect(neurons, neurons, {"rule": "all_to_all", "allow_autapses": False}, plastic)
    nest.Connect(neurons[:2], astrocytes, "one_to_one", {"delay": 3.0})
    sic = {"synapse_model": "sic_connection", "delay": 2.0, "weight": 3.0}
    nest.Connect(astrocytes, neurons, syn_spec=sic)
    return _watched(nest, neurons, astrocytes, 80.0)


@variants(
    one_astrocyte_for_each_neuron={"n_astrocytes": 6},
    one_astrocyte_for_three_neurons={"n_astrocytes": 2},
    plastic={"n_astrocytes": 3, "plastic": True},
)
def tripartite_blocks(nest, n_astrocytes, plastic=False):
    empty(nest)
    pre = nest.Create("aeif_cond_alpha_astro", 4, params={"I_e": [600.0, 750.0, 900.0, 1050.0]})
    post = nest.Create("aeif_cond_alpha_astro", 6, params={"I_e": 300.0, "tau_syn_ex": 1.0})
    astrocytes = nest.Create("astrocyte_lr_1994", n_astrocytes, params={"delta_IP3": 0.2})
    spec = {"synapse_model": "tsodyks_synapse", "tau_rec": 60.0} if plastic else {}
    nest.TripartiteConnect(
        pre,
        post,
        astrocytes,
        conn_spec={"rule": "pairwise_bernoulli", "p": 1.0},
        third_factor_conn_spec={
            "rule": "third_factor_bernoulli_with_pool",
            "p": 1.0,
            "pool_size": 1,
            "pool_type": "block",
        },
        syn_specs={
            "primary": {**spec, "weight": 15.0, "delay": 1.2},
            "third_in": {**spec, "weight": 0.8, "delay": 2.0},
            "third_out": {"synapse_model": "sic_connection", "weight": 1.5, "delay": 0.9},
        },
    )
    made = edges(nest)
    return _watched(nest, pre + post, astrocytes, 120.0) | made


@variants(
    all_to_all={"conn_spec": {"rule": "all_to_all", "allow_autapses": False}},
    one_to_one={"conn_spec": {"rule": "one_to_one"}},
)
def tripartite_within_one_population(nest, conn_spec):
    empty(nest)
    neurons = nest.Create("aeif_cond_alpha_astro", 4, params={"I_e": [500.0, 650.0, 800.0, 950.0]})
    astrocytes = nest.Create("astrocyte_lr_1994", 4, params={"delta_IP3": 0.3, "IP3": 0.5})
    pool = {"rule": "third_factor_bernoulli_with_pool", "pool_size": 1, "pool_type": "block"}
    syn_specs = {"third_out": {"synapse_model": "sic_connection", "weight": 2.0}}
    nest.TripartiteConnect(neurons, neurons, astrocytes, conn_spec, pool, syn_specs)
    made = edges(nest)
    return _watched(nest, neurons, astrocytes, 100.0) | made


@case
def integrate_and_fire_network(nest):
    empty(nest)
    rng = np.random.default_rng(5)
    neurons = nest.Create("iaf_cond_alpha", 10, params={"tau_syn_ex": 1.0, "t_ref": 1.5})
    neurons.set(I_e=list(np.round(rng.uniform(200.0, 500.0, 10))))
    _lists(nest, neurons[:8], neurons, 40, rng, (5.0, 40.0), (0.2, 3.0))
    plastic = {"synapse_model": "tsodyks_synapse", "U": 0.6, "tau_rec": 40.0}
    _lists(nest, neurons[8:], neurons, 12, rng, (-60.0, -10.0), (0.2, 3.0), **plastic)
    traces = meter(nest, neurons[::3], ["V_m", "g_ex", "g_in"], interval=2.0)
    recorder = spikes(nest, neurons)
    nest.Simulate(200.0)
    return recorded(traces=traces, spikes=recorder)


@case
def mixed_models_in_a_loop(nest):
    empty(nest)
    adex = nest.Create("aeif_cond_alpha", 3, params={"I_e": [550.0, 700.0, 0.0]})
    astro = nest.Create("aeif_cond_alpha_astro", 3, params={"tau_syn_in": 3.0})
    leaky = nest.Create("iaf_cond_alpha", 3, params={"tau_syn_ex": 1.0})
    parrots = nest.Create("parrot_neuron", 3)
    glia = nest.Create("astrocyte_lr_1994", 3, params={"delta_IP3": 0.3, "IP3": 0.8})
    ring = [adex, astro, leaky, parrots, adex]
    for i, (pre, post) in enumerate(pairwise(ring)):
        syn_spec = {"weight": 30.0 + 10.0 * i, "delay": 0.4 + 0.7 * i}
        nest.Connect(pre, post, "all_to_all", syn_spec)
    nest.Connect(parrots, glia, "one_to_one", {"delay": 1.1})
    sic = {"synapse_model": "sic_connection", "delay": 3.2, "weight": 8.0}
    nest.Connect(glia, astro, "one_to_one", sic)
    neurons = adex + astro + leaky
    traces = meter(nest, neurons, ["V_m"], interval=2.0)
    current = meter(nest, astro, ["I_SIC"], interval=1.0)
    recorder = spikes(nest, neurons + parrots)
    nest.Simulate(150.0)
    return recorded(traces=traces, current=current, spikes=recorder)


@case
def more_neurons_than_fit_in_a_block(nest):
    empty(nest)
    n = 150
    params = {"I_e": list(np.linspace(400.0, 2500.0, n)), "t_ref": [0.0, 1.0, 2.5] * (n // 3)}
    neurons = nest.Create("aeif_cond_alpha", n, params=params)
    neurons.set(tau_syn_ex=1.0)
    ring = np.array(neurons.tolist())
    syn_spec = {"weight": np.linspace(-20.0, 30.0, n), "delay": np.resize([0.5, 1.1, 2.0], n)}
    nest.Connect(ring, np.roll(ring, 1), "one_to_one", syn_spec)
    traces = meter(nest, neurons[::49], ["V_m", "w"], interval=1.0)
    recorder = spikes(nest, neurons)
    nest.Simulate(50.0)
    return recorded(traces=traces, spikes=recorder)


@case
def more_astrocytes_than_fit_in_a_block(nest):
    empty(nest)
    n = 130
    params = {"IP3": list(np.linspace(0.0, 2.0, n)), "delta_IP3": 0.05}
    astrocytes = nest.Create("astrocyte_lr_1994", n, params=params)
    neurons = nest.Create("aeif_cond_alpha_astro", n, params={"I_e": 600.0})
    sic = {"synapse_model": "sic_connection", "delay": np.resize([0.4, 1.0, 3.0], n)}
    sic["weight"] = np.full(n, 25.0)
    nest.Connect(astrocytes, neurons, "one_to_one", sic)
    nest.Connect(neurons, astrocytes, "one_to_one", {"delay": 1.5, "weight": 2.0})
    state = meter(nest, astrocytes[::43], ["IP3", "Ca_astro", "h_IP3R"], interval=2.0)
    recorder = spikes(nest, neurons)
    nest.Simulate(150.0)
    return recorded(state=state, spikes=recorder)


@case
def autapses_and_repeated_connections(nest):
    empty(nest)
    neurons = nest.Create("aeif_cond_alpha", 2, params={"I_e": [700.0, 300.0]})
    syn_spec = {"weight": [[10.0, -5.0], [60.0, 8.0]], "delay": [[0.5, 2.0], [1.0, 0.3]]}
    nest.Connect(neurons, neurons, "all_to_all", syn_spec)
    nest.Connect(neurons, neurons, "all_to_all", syn_spec)
    nest.Connect(
        [1, 1, 1], [2, 2, 1], "one_to_one", {"weight": [5.0, 6.0, 7.0], "delay": [1.0] * 3}
    )
    traces = meter(nest, neurons, ["V_m", "g_ex", "g_in"], interval=1.0)
    recorder = spikes(nest, neurons)
    nest.Simulate(60.0)
    return recorded(traces=traces, spikes=recorder) | edges(nest, source=neurons, target=neurons)
