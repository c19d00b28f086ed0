"""Calls that NEST refuses or accepts; what is refused must be refused here, too."""

import numpy as np
from cases_shared import empty, variants

POSITIVE = {"aeif_cond_alpha": ("C_m", "tau_w", "tau_syn_ex", "tau_syn_in", "gsl_error_tol")}
POSITIVE["iaf_cond_alpha"] = ("C_m", "tau_syn_ex", "tau_syn_in")
POSITIVE["astrocyte_lr_1994"] = (
    *("Ca_tot", "Kd_IP3_1", "Kd_IP3_2", "Kd_act"),
    *("Km_SERCA", "SIC_scale", "ratio_ER_cyt", "tau_IP3"),
)
NOT_NEGATIVE = {
    "aeif_cond_alpha": ("t_ref", "Delta_T", "g_ex", "g_in"),
    "iaf_cond_alpha": ("t_ref",),
    "astrocyte_lr_1994": (
        *("Ca_astro", "IP3", "IP3_0", "h_IP3R", "Kd_inh", "SIC_th", "delta_IP3"),
        *("k_IP3R", "rate_IP3R", "rate_L", "rate_SERCA"),
    ),
    "poisson_generator": ("rate",),
    "noise_generator": ("std",),
}
OTHER = [
    ("aeif_cond_alpha", {"V_reset": 0.0}),
    ("aeif_cond_alpha", {"V_peak": -55.0}),
    ("aeif_cond_alpha", {"V_peak": -50.4}),
    ("aeif_cond_alpha", {"Delta_T": 0.05}),
    ("aeif_cond_alpha", {"V_m": 1.0}),
    ("iaf_cond_alpha", {"V_reset": -50.0}),
    ("iaf_cond_alpha", {"no_such": 1.0}),
    ("no_such_model", {}),
    ("astrocyte_lr_1994", {"h_IP3R": 1.1}),
    ("astrocyte_lr_1994", {"Ca_astro": 3.0}),
    ("spike_generator", {"spike_times": [0.0]}),
    ("spike_generator", {"spike_times": [1.05]}),
    ("spike_generator", {"spike_times": [1.05], "allow_offgrid_times": True}),
    ("spike_generator", {"spike_times": [2.0, 1.0]}),
    ("spike_generator", {"spike_times": [1.0, 1.0]}),
    ("spike_generator", {"spike_times": [1.0, 2.0], "spike_weights": [1.0]}),
    ("spike_generator", {"spike_times": [1.0, 2.0], "spike_multiplicities": [1]}),
    ("step_current_generator", {"amplitude_times": [0.0], "amplitude_values": [1.0]}),
    ("step_current_generator", {"amplitude_times": [1.05], "amplitude_values": [1.0]}),
    ("step_current_generator", {"amplitude_times": [2.0, 1.0], "amplitude_values": [1.0, 2.0]}),
    ("step_current_generator", {"amplitude_times": [2.0], "amplitude_values": [1.0, 2.0]}),
    ("step_current_generator", {"amplitude_times": [2.0]}),
    ("inhomogeneous_poisson_generator", {"rate_times": [1.05], "rate_values": [1.0]}),
    ("noise_generator", {"dt": 0.25}),
    ("noise_generator", {"std": 1.0, "std_mod": 2.0}),
    ("dc_generator", {"start": 5.03}),
    ("dc_generator", {"start": 5.0, "stop": 4.0}),
    ("multimeter", {"interval": 0.05}),
    ("multimeter", {"interval": 0.25}),
    ("multimeter", {"offset": 0.05}),
]
CREATED = [
    *((model, {name: 0.0}) for model, names in POSITIVE.items() for name in names),
    *((model, {name: -0.01}) for model, names in NOT_NEGATIVE.items() for name in names),
    *OTHER,
]
PLASTIC = [{"U": 1.5}, {"u": 1.5}, {"tau_rec": 0.0}, {"tau_psc": 0.0}, {"tau_fac": -1.0}]
CONNECTED = [
    ("iaf_cond_alpha", "iaf_cond_alpha", {"delay": 0.0}),
    ("iaf_cond_alpha", "iaf_cond_alpha", {"delay": -1.0}),
    ("iaf_cond_alpha", "iaf_cond_alpha", {"synapse_model": "no_such_synapse"}),
    ("iaf_cond_alpha", "iaf_cond_alpha", {"no_such": 1.0}),
    ("iaf_cond_alpha", "iaf_cond_alpha", {"receptor_type": 3}),
    ("iaf_cond_alpha", "iaf_cond_alpha", {"weight": [1.0, 2.0]}),
    ("astrocyte_lr_1994", "aeif_cond_alpha_astro", {}),
    ("astrocyte_lr_1994", "aeif_cond_alpha_astro", {"synapse_model": "sic_connection"}),
    ("astrocyte_lr_1994", "aeif_cond_alpha", {"synapse_model": "sic_connection"}),
    ("astrocyte_lr_1994", "astrocyte_lr_1994", {"synapse_model": "sic_connection"}),
    ("aeif_cond_alpha", "aeif_cond_alpha_astro", {"synapse_model": "sic_connection"}),
    ("astrocyte_lr_1994", "spike_recorder", {}),
    ("iaf_cond_alpha", "multimeter", {}),
    ("spike_recorder", "iaf_cond_alpha", {}),
    ("dc_generator", "parrot_neuron", {}),
    ("dc_generator", "astrocyte_lr_1994", {}),
    ("multimeter", "parrot_neuron", {}),
    ("voltmeter", "astrocyte_lr_1994", {}),
    ("iaf_cond_alpha", "spike_generator", {}),
    ("spike_generator", "iaf_cond_alpha", {"synapse_model": "tsodyks_synapse"}),
    ("parrot_neuron", "spike_recorder", {"synapse_model": "tsodyks_synapse"}),
    *(
        ("parrot_neuron", "parrot_neuron", {"synapse_model": "tsodyks_synapse", **x})
        for x in PLASTIC
    ),
]
RULES = [
    {"rule": "no_such_rule"},
    {"p": 0.5},
    {"rule": "all_to_all", "no_such": 1},
    {"rule": "pairwise_bernoulli"},
    {"rule": "pairwise_bernoulli", "p": 1.5},
    {"rule": "fixed_indegree", "indegree": -1},
    {"rule": "fixed_indegree", "indegree": 4, "allow_multapses": False},
    {"rule": "fixed_outdegree", "outdegree": 4, "allow_multapses": False},
    {"rule": "fixed_total_number", "N": -1},
    {"rule": "pairwise_poisson", "pairwise_avg_num_conns": -1.0},
    {"rule": "one_to_one"},
]
DURATIONS = [0.05, 1.03, -1.0, 0.0, 1.0]


def _refused(call, *arguments, **keywords):
    """Say whether a call raises, whatever it raises."""
    try:
        call(*arguments, **keywords)
    except Exception:
        return True
    return False


def _each(nest, calls):
    """Start each call from an empty kernel."""
    refused = []
    for call in calls:
        empty(nest)
        refused.append(_refused(call))
    return {"refused": np.array(refused, dtype=int)}


@variants(**{model: {"model": model} for model, _ in CREATED})
def nodes(nest, model):
    def simulate(params):
        nest.Create(model, params=params)
        nest.Simulate(1.0)

    calls = [params for kind, params in CREATED if kind == model]
    return _each(nest, [lambda params=params: simulate(params) for params in calls])


@variants(**{f"{i:02d}": {"i": i} for i in range(len(CONNECTED))})
def connections(nest, i):
    pre, post, syn_spec = CONNECTED[i]
    call = lambda: nest.Connect(nest.Create(pre), nest.Create(post), syn_spec=syn_spec)  # noqa: E731
    return _each(nest, [call])


@variants(**{f"{i:02d}": {"i": i} for i in range(len(RULES))})
def rules(nest, i):
    def connect():
        pre, post = nest.Create("parrot_neuron", 3), nest.Create("parrot_neuron", 2)
        nest.Connect(pre, post, RULES[i])

    return _each(nest, [connect])


@variants(all={})
def durations(nest):
    def simulate(duration):
        nest.Create("iaf_cond_alpha")
        nest.Simulate(duration)

    return _each(nest, [lambda duration=duration: simulate(duration) for duration in DURATIONS])


@variants(all={})
def a_negative_weight_onto_an_astrocyte(nest):
    def run():
        neuron = nest.Create("iaf_cond_alpha", params={"I_e": 1000.0})
        nest.Connect(neuron, nest.Create("astrocyte_lr_1994"), syn_spec={"weight": -1.0})
        nest.Simulate(50.0)

    return _each(nest, [run])


@variants(all={})
def numbers_out_of_hand(nest):
    def run(current):
        nest.Create("aeif_cond_alpha", params={"I_e": current})
        nest.Simulate(20.0)

    return _each(nest, [lambda: run(-1e9), lambda: run(1e9)])


@variants(all={})
def late_changes(nest):
    def resolution():
        nest.Create("iaf_cond_alpha")
        nest.resolution = 0.2

    def another_interval():
        multimeter = nest.Create("multimeter", params={"record_from": ["V_m"]})
        nest.Connect(multimeter, nest.Create("iaf_cond_alpha"))
        multimeter.interval = 2.0

    def unknown_recordable():
        multimeter = nest.Create("multimeter", params={"record_from": ["no_such"]})
        nest.Connect(multimeter, nest.Create("iaf_cond_alpha"))

    def overlapping_nodes():
        neurons = nest.Create("iaf_cond_alpha", 3)
        return neurons + neurons[1:]

    changes = [resolution, another_interval, unknown_recordable, overlapping_nodes]
    return _each(nest, changes)
