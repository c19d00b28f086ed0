"""Runs that cannot go on say where and when."""

import pytest

from tripartite import networks as tn
from tripartite.errors import InputError, SimulationError


def run(net, n_steps=2000, **options):
    return list(tn.Simulation(net, **options).run(n_steps))


@pytest.mark.parametrize("n_threads", [1, 2])
def test_an_unstable_neuron_is_named_with_its_time(n_threads):
    net = tn.Network(seed=1)
    net.population("calm", tn.AdEx(), 70)
    wild = net.population("wild", tn.AdEx(), 70)
    current = tn.DirectCurrent(amplitude_pA=-1e6, start_ms=5.0)
    net.connect(net.population("pull", current), wild[2:3])
    with pytest.raises(SimulationError, match=r"node 73 of 'wild' at 6\.\d ms") as error:
        run(net, n_threads=n_threads)
    assert "above -1000 mV" in str(error.value)


def test_a_neuron_that_never_rests_and_runs_away_is_named():
    net = tn.Network(seed=1)
    neurons = net.population("neurons", tn.AdEx(b_pA=0.0, a_nS=0.0), 3)
    current = tn.DirectCurrent(amplitude_pA=5e8, start_ms=1.0)
    net.connect(net.population("push", current), neurons[1:2])
    with pytest.raises(SimulationError, match=r"node 2 of 'neurons' at 2\.\d ms") as error:
        run(net)
    assert "t_ref_ms above 0" in str(error.value)


@pytest.mark.parametrize("n_threads", [1, 2])
def test_fixed_steps_do_not_hide_an_unstable_neuron(n_threads):
    net = tn.Network(seed=1)
    net.population("calm", tn.AdEx(), 70)
    net.population("wild", tn.AdEx(I_e_pA=-1e6), 1)
    with pytest.raises(SimulationError, match=r"above -1000 mV.* node 71 of 'wild'"):
        run(net, n_threads=n_threads, precision="fast")


def test_a_step_that_takes_no_end_of_substeps_is_named():
    net = tn.Network(seed=1)
    neurons = net.population("neurons", tn.IafCondAlpha(), 3)
    push = net.population("push", tn.SpikeTimes(spike_times_ms=[1.0]))
    net.connect(push, neurons[1:2], synapse=tn.Static(weight=-1e12))
    with pytest.raises(SimulationError, match=r"20000 substeps.* node 2 of 'neurons'"):
        run(net)


def test_more_threads_than_blocks_are_not_started():
    net = tn.Network(seed=1)
    net.population("neurons", tn.AdEx(I_e_pA=700.0), 3)
    assert run(net, 100, n_threads=100_000)[-1].last == 100


def test_a_delay_that_no_memory_holds_is_refused():
    net = tn.Network(seed=1)
    neurons = net.population("neurons", tn.AdEx())
    net.connect(neurons, neurons, synapse=tn.Static(delay_ms=1e8))
    with pytest.raises(InputError, match="must fit 16 GB"):
        run(net, 10)


def test_more_spikes_than_can_be_delivered_are_an_error():
    net = tn.Network(seed=1)
    parrots = net.population("parrots", tn.Parrot(), 10)
    net.connect(net.population("flood", tn.Poisson(rate=1e7)), parrots)
    with pytest.raises(SimulationError, match="less than twice per step"):
        run(net)


def test_a_rate_beyond_all_measure_is_refused():
    net = tn.Network(seed=1)
    parrots = net.population("parrots", tn.Parrot())
    net.connect(net.population("flood", tn.Poisson(rate=1e9)), parrots)
    with pytest.raises(InputError, match="Rates of generators must be below"):
        run(net, 10)


def test_a_failure_leaves_the_chunks_before_it():
    net = tn.Network(seed=1)
    neurons = net.population("neurons", tn.AdEx(I_e_pA=700.0))
    pull = tn.DirectCurrent(amplitude_pA=-1e6, start_ms=150.0)
    net.connect(net.population("pull", pull), neurons)
    simulation = tn.Simulation(net)
    kept = list(simulation.run(1000))
    with pytest.raises(SimulationError, match=r"at 151\.\d ms"):
        kept.extend(simulation.run(2000))
    assert kept[-1].last == simulation.step < 1512
    assert sum(len(chunk.spike_ids) for chunk in kept) > 0
