"""Whole scripts, in the shape that users of NEST give them."""

import random

import matplotlib.pyplot as plt
import numpy as np
import pytest


def build_brunel(nest, *, n_threads=1, seed=100):
    """A small network in the shape of the example of NEST 3.7."""
    nest.ResetKernel()
    nest.resolution = 0.1
    nest.local_num_threads = n_threads
    nest.print_time = False
    nest.overwrite_files = True
    nest.rng_seed = seed
    neuron = {"tau_syn_ex": 2.0, "tau_syn_in": 4.0}
    exc = nest.Create("aeif_cond_alpha_astro", 80, params=neuron)
    inh = nest.Create("aeif_cond_alpha_astro", 20, params=neuron)
    astro = nest.Create("astrocyte_lr_1994", 100, params={"delta_IP3": 0.5, "tau_IP3": 2.0})
    noise = nest.Create("poisson_generator", params={"rate": 2000})
    nest.Connect(noise, exc + inh, syn_spec={"weight": 3.0})
    plastic = {"synapse_model": "tsodyks_synapse", "tau_psc": 2.0, "delay": 1.0}
    nest.TripartiteConnect(
        exc,
        exc + inh,
        astro,
        conn_spec={
            "rule": "tripartite_bernoulli_with_pool",
            "p_primary": 0.5,
            "p_third_if_primary": 0.5,
            "pool_size": 10,
            "pool_type": "random",
        },
        syn_specs={
            "primary": {**plastic, "weight": 1.0},
            "third_in": {**plastic, "weight": 1.0},
            "third_out": {"synapse_model": "sic_connection", "weight": 0.5, "delay": 1.0},
        },
    )
    nest.Connect(
        inh, exc + inh, {"rule": "pairwise_bernoulli", "p": 0.5}, {**plastic, "weight": -4.0}
    )
    return exc, inh, astro


def record(nest, exc, inh, astro):
    """Recorders connected as examples do: to lists of ids, and to collections."""
    random.seed(1)
    spikes = nest.Create("spike_recorder")
    astrocytes = nest.Create("multimeter", params={"record_from": ["IP3", "Ca_astro"]})
    neurons = nest.Create("multimeter", params={"record_from": ["I_SIC"]})
    nest.Connect((exc + inh).tolist()[:50], spikes)
    sample = sorted(random.sample(astro.tolist(), 10))
    nest.Connect(astrocytes, sample[:5])
    nest.Connect(astrocytes, nest.NodeCollection(sample[5:]))
    nest.Connect(neurons, exc[:10])
    return spikes, astrocytes, neurons


def run(nest, **options):
    recorders = record(nest, *build_brunel(nest, **options))
    nest.Simulate(20.0)
    nest.Simulate(80.0)
    return recorders


def test_the_example_of_neurons_and_astrocytes_runs_and_draws(nest):
    spikes, astrocytes, neurons = run(nest)
    assert nest.biological_time == 100.0
    times, ip3 = astrocytes.events["times"], astrocytes.events["IP3"]
    means = np.array([ip3[times == t].mean() for t in np.unique(times)])
    assert means.shape == (100,)
    assert means[-1] > means[0]
    assert (neurons.events["I_SIC"] >= 0.0).all()
    assert spikes.n_events > 50
    plt.switch_backend("Agg")
    (marks,) = nest.raster_plot.from_device(spikes, hist=True, title="")
    assert len(marks.get_xdata()) == spikes.n_events
    plt.close("all")


def test_the_same_seed_gives_the_same_spikes_on_any_number_of_threads(nest):
    def spikes(**options):
        events = run(nest, **options)[0].events
        return events["times"].tolist(), events["senders"].tolist()

    one = spikes(n_threads=1)
    assert one == spikes(n_threads=2)
    assert one != spikes(n_threads=1, seed=101)


def test_runs_in_pieces_give_what_one_run_gives(nest):
    def potentials(*pieces):
        exc, *_ = build_brunel(nest)
        for piece in pieces:
            nest.Simulate(piece)
        return exc.V_m

    assert potentials(30.0) == potentials(7.3, 0.4, 22.3)


def test_state_is_read_and_set_between_runs(nest):
    astrocyte = nest.Create("astrocyte_lr_1994", 2)
    nest.Simulate(50.0)
    before = astrocyte.get(["IP3", "Ca_astro", "h_IP3R"])
    astrocyte[1].IP3 = 1.0
    assert (before["IP3"][0], 1.0) == astrocyte.IP3
    nest.Simulate(1.0)
    # dIP3/dt = (IP3_0 - IP3) / tau_IP3
    assert pytest.approx(0.16 + 0.84 * np.exp(-1.0 / 7142.0), abs=1e-9) == astrocyte[1].IP3
    assert astrocyte[0].h_IP3R == pytest.approx(before["h_IP3R"][0], abs=1e-3)


def test_parameters_that_change_between_runs_act(nest):
    neuron = nest.Create("iaf_cond_alpha")
    nest.Simulate(10.0)
    neuron.I_e = 100.0
    nest.Simulate(500.0)
    assert neuron.V_m == pytest.approx(-70.0 + 100.0 / 16.6667, abs=1e-3)


def test_nodes_and_connections_that_are_added_between_runs_act(nest):
    neuron = nest.Create("iaf_cond_alpha")
    nest.Simulate(10.0)
    current = nest.Create("dc_generator", params={"amplitude": 100.0})
    nest.Connect(current, neuron, syn_spec={"weight": 2.0, "delay": 0.5})
    other = nest.Create("iaf_cond_alpha", params={"V_m": -65.0})
    nest.Simulate(500.0)
    assert neuron.V_m == pytest.approx(-70.0 + 200.0 / 16.6667, abs=1e-3)
    assert other.V_m == pytest.approx(-70.0, abs=1e-3)


def test_the_state_of_plastic_connections_is_read_back(nest):
    generator = nest.Create("spike_generator", params={"spike_times": [1.0]})
    parrot, neuron = nest.Create("parrot_neuron"), nest.Create("iaf_cond_alpha")
    nest.Connect(generator, parrot)
    nest.Connect(parrot, neuron, syn_spec={"synapse_model": "tsodyks_synapse", "U": 0.3})
    nest.Simulate(10.0)
    connection = nest.GetConnections(parrot)
    assert connection.get(["x", "y", "u"]) == {"x": 0.7, "y": 0.3, "u": 0.3}
    connection.weight = 2.0
    assert connection.get(["x", "y", "u"]) == {"x": 0.7, "y": 0.3, "u": 0.3}


def test_setting_one_of_merged_plastic_connections_keeps_the_state_of_all(nest):
    generator = nest.Create("spike_generator", params={"spike_times": [1.0]})
    parrots = nest.Create("parrot_neuron", 2)
    neurons, astrocyte = nest.Create("aeif_cond_alpha_astro", 3), nest.Create("astrocyte_lr_1994")
    nest.Connect(generator, parrots[0])
    nest.TripartiteConnect(
        *(parrots, neurons, astrocyte),
        {"rule": "all_to_all"},
        {"rule": "third_factor_bernoulli_with_pool"},
        {"third_in": {"synapse_model": "tsodyks_synapse", "U": 0.3}, "third_out": "sic_connection"},
    )
    nest.Simulate(10.0)
    merged = nest.GetConnections(parrots, astrocyte)
    merged[1].weight = 2.0
    assert merged.weight == [1.0, 2.0, 1.0, 1.0, 1.0, 1.0]
    assert merged.x == [0.7] * 3 + [1.0] * 3
    nest.Simulate(1.0)
    assert merged.x == [0.7] * 3 + [1.0] * 3


def test_a_current_in_force_stays_until_the_first_of_new_changes(nest):
    steps = {"amplitude_times": [1.0, 6.0], "amplitude_values": [100.0, 50.0]}
    generator = nest.Create("step_current_generator", params=steps)
    neuron = nest.Create("iaf_cond_alpha", params={"C_m": 1.0})  # which follows in 0.06 ms
    nest.Connect(generator, neuron)
    nest.Simulate(10.0)
    generator.set(amplitude_times=[2.0, 14.0], amplitude_values=[200.0, 0.0])
    assert generator.amplitude_times.tolist() == [2.0, 14.0]
    nest.Simulate(4.0)
    assert neuron.V_m == pytest.approx(-70.0 + 50.0 / 16.6667, abs=1e-3)
    nest.Simulate(4.0)
    assert neuron.V_m == pytest.approx(-70.0, abs=1e-3)


def test_times_off_the_grid_are_rounded_up_where_that_is_allowed(nest):
    offgrid = {"spike_times": [1.04, 2.0], "allow_offgrid_times": True}
    generator, recorder = (
        nest.Create("spike_generator", params=offgrid),
        nest.Create("spike_recorder"),
    )
    assert generator.spike_times == pytest.approx([1.1, 2.0])
    nest.Connect(generator, recorder)
    nest.Simulate(5.0)
    assert recorder.events["times"] == pytest.approx([1.1, 2.0])
    with pytest.raises(nest.NESTErrors.BadProperty, match="spike_times"):
        generator.set(allow_offgrid_times=False, spike_times=[1.04])
