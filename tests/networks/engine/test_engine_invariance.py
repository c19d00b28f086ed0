"""What a run gives does not depend on threads, chunks or pauses; networks grow between runs."""

from itertools import pairwise

import numpy as np
import pytest

from tripartite import networks as tn
from tripartite.errors import InputError


def describe_many(seed=3):
    """More nodes than a block of 64 in each population, with all kinds of input."""
    net = tn.Network(seed=seed)
    exc = net.population("exc", tn.AdExAstro(tau_syn_ex_ms=2.0, I_e_pA=tn.Uniform(0.0, 700.0)), 200)
    inh = net.population("inh", tn.IafCondAlpha(), 70)
    astro = net.population("astro", tn.LiRinzel(Ca_astro_uM=0.21, delta_IP3_uM=0.02), 130)
    parrots = net.population("parrots", tn.Parrot(), 66)
    third = tn.ThirdFactor(
        astro,
        tn.ThirdFactorPool(p=0.5, pool_size=3),
        third_in=tn.Static(delay_ms=0.9),
        third_out=tn.Sic(weight=0.5, delay_ms=tn.Uniform(0.7, 2.0)),
    )
    plastic = tn.Tsodyks(weight=tn.Uniform(0.0, 4.0), delay_ms=tn.Uniform(0.6, 3.0))
    net.connect(exc, exc + inh[:30], tn.PairwiseBernoulli(p=0.1), plastic)
    net.connect(exc, exc, tn.FixedIndegree(10), tn.Tsodyks(U=tn.Uniform(0.2, 0.8)), third=third)
    net.connect(inh, exc, tn.FixedOutdegree(20), tn.Tsodyks(weight=-3.0, delay_ms=0.8))
    net.connect(parrots, exc + inh, tn.FixedTotalNumber(2000), tn.Static(weight=1.5))
    poisson = net.population("poisson", tn.Poisson(rate=900.0), 2)
    net.connect(poisson, exc + parrots + inh, synapse=tn.Static(weight=2.0))
    noise = net.population("noise", tn.CurrentNoise(mean_pA=20.0, std_pA=100.0))
    net.connect(noise, exc, synapse=tn.Static(delay_ms=0.7))
    net.record(exc[::3] + inh[5:], "V_m", "g_ex", interval_ms=0.5)
    net.record(astro, "IP3", "Ca_astro", "SIC", interval_ms=0.7, offset_ms=0.2, start_ms=2.0)
    return net


def joined(chunks):
    """What chunks hold together: spikes, and steps and values of all samples."""
    assert all(a.last == b.first for a, b in pairwise(chunks))
    columns = [
        np.concatenate([chunk.spike_ids for chunk in chunks]),
        np.concatenate([chunk.spike_steps for chunk in chunks]),
    ]
    for k in range(len(chunks[0].samples)):
        columns += [np.concatenate([chunk.samples[k][part] for chunk in chunks]) for part in (0, 1)]
    return columns


def run(net, *n_steps, **options):
    simulation = tn.Simulation(net, **options)
    return joined([chunk for n in n_steps for chunk in simulation.run(n)])


def assert_same(found, expected):
    for column, other in zip(found, expected, strict=True):
        assert np.array_equal(column, other)


@pytest.fixture(scope="module")
def unbroken():
    return run(describe_many(), 360, n_threads=1)


def test_there_is_something_to_compare(unbroken):
    ids, steps, *samples = unbroken
    assert len(ids) > 1000
    assert (np.diff(steps) >= 0).all()
    assert len(set(ids)) > 200
    assert samples[3][..., 2].max() > 1.0


@pytest.mark.parametrize("n_threads", [2, 3, 16])
def test_any_number_of_threads_gives_the_same_bits(unbroken, n_threads):
    assert_same(run(describe_many(), 360, n_threads=n_threads), unbroken)


@pytest.mark.parametrize("precision", ["exact", "fast"])
def test_the_fast_mode_is_as_independent_of_threads(precision):
    runs = [run(describe_many(), 120, n_threads=n, precision=precision) for n in (1, 3)]
    assert_same(*runs)


@pytest.mark.parametrize("parts", [(6,) * 60, (60, 300), (354, 6), (6, 0, 354)])
def test_runs_of_whole_slices_give_the_bits_of_one_run(unbroken, parts):
    net = describe_many()
    assert_same(run(net, *parts, n_threads=2), unbroken)


def test_the_slice_is_the_least_delay():
    simulation = tn.Simulation(describe_many())
    list(simulation.run(1))
    assert (simulation.slice_steps, simulation.delays[0]) == (6, 6)


@pytest.mark.parametrize("parts", [(1,) * 40 + (80,), (7, 31, 82), (119, 1)])
def test_runs_of_any_length_give_one_run_up_to_rounding(parts):
    found = run(describe_many(), *parts, n_threads=1)
    expected = run(describe_many(), 120, n_threads=1)
    for k in (0, 1, 2, 4):
        assert np.array_equal(found[k], expected[k])
    for k in (3, 5):
        off = np.abs(found[k] - expected[k])
        assert np.quantile(off, 0.99) < 1e-9
        assert off.max() < 1e-3  # an upstroke amplifies the last digit


def test_chunks_of_any_length_give_the_same_bits(unbroken):
    simulation = tn.Simulation(describe_many(), n_threads=1)
    simulation._chunk_steps = lambda plan: 6
    chunks = list(simulation.run(360))
    assert len(chunks) >= 60
    assert_same(joined(chunks), unbroken)


def test_an_abandoned_run_goes_on_where_its_last_chunk_ended(unbroken):
    simulation = tn.Simulation(describe_many(), n_threads=1)
    chunks = [next(simulation.run(360))]
    assert simulation.step == chunks[0].last
    chunks += simulation.run(360 - simulation.step)
    assert_same(joined(chunks), unbroken)


def describe_pair(seed=1):
    net = tn.Network(seed=seed)
    neurons = net.population("neurons", tn.AdExAstro(I_e_pA=650.0, t_ref_ms=1.0), 3)
    net.connect(neurons, neurons, synapse=tn.Static(weight=4.0))
    net.record(neurons, "V_m", interval_ms=0.1)
    return net, neurons


def test_what_is_added_between_runs_acts_from_then_on():
    net, neurons = describe_pair()
    simulation = tn.Simulation(net, n_threads=1)
    before = joined(list(simulation.run(200)))
    untouched = run(describe_pair()[0], 200, 300, n_threads=1)
    later = net.population("later", tn.IafCondAlpha(I_e_pA=400.0, V_m_mV=-58.0), 70)
    net.connect(neurons, later, synapse=tn.Static(weight=30.0))
    net.record(later, "V_m", "g_ex", interval_ms=0.1)
    chunks = list(simulation.run(300))
    ids, steps, neuron_steps, V, later_steps, values = joined(chunks)
    assert_same([before[3], V], [untouched[3][:200], untouched[3][200:]])
    assert (neuron_steps[0], later_steps[0]) == (201, 201)
    assert values[0, :, 0] == pytest.approx(-58.0, abs=0.1)
    first = steps[ids <= 3][0]
    arrived = np.flatnonzero(values[:, 0, 1])[0] + 201
    in_flight = first + 10 + 1  # conductance rises in the step after the arrival
    assert arrived <= in_flight
    assert {4, 73} <= set(ids.tolist())


def test_connections_that_are_added_leave_spikes_on_their_way():
    """A spike at 9 ms with a delay of 30 ms arrives although the network grew in between."""

    def describe():
        net = tn.Network(seed=1)
        target = net.population("target", tn.IafCondAlpha(tau_syn_ex_ms=2.0))
        source = net.population("source", tn.SpikeTimes(spike_times_ms=[9.0]))
        net.connect(source, target, synapse=tn.Static(weight=5.0, delay_ms=30.0))
        net.record(target, "V_m", "g_ex", interval_ms=0.1)
        return net, target

    expected = run(describe()[0], 600)
    for added_delay in (0.1, 50.0):
        net, target = describe()
        simulation = tn.Simulation(net)
        chunks = list(simulation.run(200))
        other = net.population("other", tn.AdEx(), 100)
        net.connect(other, target, synapse=tn.Static(delay_ms=added_delay))
        chunks += simulation.run(400)
        assert_same(joined(chunks)[2:], expected[2:])


def test_currents_of_astrocytes_on_their_way_survive_growth_too():
    def describe():
        net = tn.Network(seed=1)
        astro = net.population("astro", tn.LiRinzel(Ca_astro_uM=0.3), 2)
        neuron = net.population("neuron", tn.AdExAstro())
        net.connect(astro, neuron, synapse=tn.Sic(weight=2.0, delay_ms=5.0))
        net.record(neuron, "I_SIC", interval_ms=0.1)
        return net, astro, neuron

    expected = run(describe()[0], 300)
    for added_delay in (0.1, 12.0):
        net, _, neuron = describe()
        simulation = tn.Simulation(net)
        chunks = list(simulation.run(70))
        silent = net.population("silent", tn.LiRinzel(), 65)
        net.connect(silent, neuron, synapse=tn.Sic(delay_ms=added_delay))
        chunks += simulation.run(230)
        assert_same(joined(chunks)[2:], expected[2:])


@pytest.mark.parametrize("n", [1, 64, 65, 130])
def test_each_node_keeps_the_values_that_were_set(n):
    net = tn.Network(seed=1)
    net.population("before", tn.AdEx(), 3)
    neurons = net.population("neurons", tn.IafCondAlpha(g_L_nS=0.0), n)
    net.record(neurons, "V_m", interval_ms=0.1)
    simulation = tn.Simulation(net)
    population = neurons.populations[0]
    values = np.linspace(-80.0, -56.0, n)
    simulation.set_state(population, "V_m", values)
    assert np.array_equal(simulation.state(population, "V_m"), values)
    (chunk,) = simulation.run(5)
    assert chunk.samples[0][1][:, :, 0] == pytest.approx(np.tile(values, (5, 1)), abs=1e-12)
    simulation.set_state(population, "V_m", -50.0)
    (chunk,) = simulation.run(1)
    assert chunk.spike_ids.tolist() == neurons.ids.tolist()
    assert (simulation.state(population, "V_m") == -60.0).all()
    assert simulation.state(population, "t_ref_remaining") == pytest.approx(20.0)  # in steps


def test_the_state_of_other_nodes_stays_when_that_of_some_is_set():
    net, _ = describe_pair()
    net.population("others", tn.IafCondAlpha(V_m_mV=-66.0), 100)
    simulation = tn.Simulation(net)
    simulation.set_state(net.populations[1], "V_m", -60.0)
    assert (simulation.state(net.populations[0], "V_m") == -70.6).all()
    assert (simulation.state(net.populations[1], "V_m") == -60.0).all()


def test_plasticity_can_be_read_between_runs():
    net = tn.Network(seed=1)
    parrots = net.population("parrots", tn.Parrot(), 2)
    sink = net.population("sink", tn.IafCondAlpha(), 3)
    times = net.population("times", tn.SpikeTimes(spike_times_ms=[4.0]))
    net.connect(times, parrots[:1])
    net.connect(parrots, sink, synapse=tn.Tsodyks(U=0.4))
    simulation = tn.Simulation(net)
    list(simulation.run(100))
    values = simulation.synapse_values(net.projections()[1])
    assert values["x"] == pytest.approx([0.6] * 3 + [1.0] * 3)
    assert values["y"] == pytest.approx([0.4] * 3 + [0.0] * 3)
    assert values["u"] == pytest.approx([0.4] * 3 + [0.0] * 3)


def test_a_model_that_is_exchanged_between_runs_acts_from_then_on():
    net = tn.Network(seed=1)
    neuron = net.population("neuron", tn.IafCondAlpha(g_L_nS=0.0))
    device = net.population("device", tn.DirectCurrent(amplitude_pA=100.0))
    net.connect(device, neuron)
    net.record(neuron, "V_m", interval_ms=0.1)
    simulation = tn.Simulation(net)
    chunks = list(simulation.run(30))
    net.populations[1].model = tn.DirectCurrent(amplitude_pA=-50.0)
    chunks += simulation.run(30)
    current = np.diff(joined(chunks)[3][:, 0, 0], prepend=-70.0) * 250.0 / 0.1
    # Sent at the end of a step, it acts in the one after the delay.
    expected = np.repeat([0.0, 100.0, -50.0], [11, 30, 19])
    assert current == pytest.approx(expected, abs=1e-6)


def test_a_number_of_threads_must_be_at_least_one():
    with pytest.raises(InputError, match="n_threads must be at least 1"):
        tn.Simulation(tn.Network(seed=1), n_threads=0)
    with pytest.raises(InputError, match="precision"):
        tn.Simulation(tn.Network(seed=1), precision="double")


def test_an_empty_network_runs():
    assert [chunk.last for chunk in tn.Simulation(tn.Network(seed=1)).run(10)][-1] == 10
