"""NEST runs the same networks as our engine: the two are held against each other."""

import sys

import numpy as np
import pytest

from tripartite import networks as tn
from tripartite.errors import InputError, MissingExtraError, SimulationError
from tripartite.networks.nest_engine import simulate_with_nest

try:
    import nest
except ImportError:
    nest = None
needs_nest = pytest.mark.skipif(nest is None, reason="NEST is not installed (extra [nest])")
SECONDS = 0.15
STEPS = 1500


def _neurons(net):
    model = tn.AdExAstro(
        tau_syn_ex_ms=2.0,
        t_ref_ms=1.2,
        I_e_pA=tn.Uniform(400.0, 900.0),
        V_m_mV=tn.Normal(-65.0, 3.0),
    )
    leaky = tn.IafCondAlpha(tau_syn_ex_ms=1.0, g_L_nS=np.linspace(14.0, 18.0, 5))
    return (
        net.population("exc", model, 9),
        net.population("inh", model, 3),
        net.population("iaf", leaky, 5),
    )


def _drive(net, exc, inh, iaf, parrots):
    times = tn.SpikeTimes(spike_times_ms=[1.0, 5.5, 5.5, 30.0], spike_multiplicities=[1, 2, 1, 3])
    weights = tn.SpikeTimes(spike_times_ms=[4.0, 8.0, 60.0], spike_weights=[1.0, 2.5, 0.5])
    net.connect(net.population("times", times), parrots, synapse=tn.Static(delay_ms=0.5))
    each = tn.Static(weight=25.0, delay_ms=tn.Uniform(0.5, 3.0))
    net.connect(net.population("weights", weights, 2), exc[:4] + iaf, synapse=each)
    direct = tn.DirectCurrent(amplitude_pA=120.0, start_ms=10.0, stop_ms=80.0)
    net.connect(net.population("direct", direct), exc, synapse=tn.Static(delay_ms=0.5))
    step = tn.StepCurrent(amplitude_times_ms=[10.0, 20.0], amplitude_values_pA=[300.0, 50.0])
    net.connect(net.population("step", step), inh + iaf)
    wave = tn.AlternatingCurrent(amplitude_pA=100.0, frequency=20.0, phase_deg=30.0, origin_ms=3.0)
    net.connect(net.population("wave", wave), iaf)


def _everything():
    """Return a network without random input, with all models and kinds of connections."""
    net = tn.Network(seed=7)
    exc, inh, iaf = _neurons(net)
    ip3 = np.array([0.4, 0.9, 1.2, 0.6])
    astro = net.population("astro", tn.LiRinzel(delta_IP3_uM=0.1, IP3_uM=ip3, Ca_astro_uM=0.15), 4)
    parrots = net.population("parrots", tn.Parrot(), 3)
    _drive(net, exc, inh, iaf, parrots)
    third = tn.ThirdFactor(
        astro,
        tn.ThirdFactorPool(p=0.7, pool_size=2),
        third_in=tn.Tsodyks(weight=2.0, delay_ms=2.0, U=tn.Uniform(0.2, 0.6)),
        third_out=tn.Sic(weight=1.5, delay_ms=2.0),
    )
    plastic = tn.Tsodyks(
        weight=tn.Uniform(1.0, 9.0), delay_ms=tn.Uniform(0.3, 4.0), tau_fac_ms=20.0
    )
    net.connect(exc, exc + inh, tn.FixedIndegree(indegree=4), plastic, third=third)
    net.connect(
        inh, exc + inh, tn.PairwiseBernoulli(p=0.4), tn.Tsodyks(weight=-8.0, tau_psc_ms=4.0)
    )
    net.connect(parrots, exc + iaf, tn.FixedTotalNumber(n=30), tn.Static(weight=20.0, delay_ms=0.7))
    net.connect(iaf, iaf, tn.PairwisePoisson(mean=0.5), tn.Static(weight=15.0))
    net.record(exc[::2] + inh, "V_m", "g_ex", "g_in", "w", "I_SIC")
    net.record(astro, "IP3", "Ca_astro", "h_IP3R", interval_ms=0.5, offset_ms=0.3)
    net.record(iaf, "V_m", interval_ms=0.1, start_ms=5.0, stop_ms=100.0)
    net.record_spikes(exc[:3] + parrots)
    net.record_spikes(exc + inh + iaf)
    return net


def _n_spikes(recording):
    return sum(len(recording.spikes[node]) for node in recording.spikes.index)


def _assert_equal(ours, nests, tolerance=1e-8):
    np.testing.assert_array_equal(ours.spikes.index, nests.spikes.index)
    for node in ours.spikes.index:
        np.testing.assert_array_equal(ours.spikes[node].t, nests.spikes[node].t)
    assert list(ours.signals) == list(nests.signals)
    for name, signal in ours.signals.items():
        np.testing.assert_array_equal(signal.t, nests.signals[name].t)
        np.testing.assert_array_equal(signal.columns, nests.signals[name].columns)
        np.testing.assert_allclose(signal.d, nests.signals[name].d, rtol=0, atol=tolerance)


@needs_nest
@pytest.mark.parametrize("n_threads", [None, 2])
def test_networks_without_chance_agree_spike_for_spike(n_threads):
    ours = tn.simulate(_everything(), SECONDS)
    nests = simulate_with_nest(_everything(), STEPS, n_threads=n_threads)
    assert _n_spikes(ours) > 100
    assert ours.signals["exc_I_SIC"].d.max() > 1.0
    _assert_equal(ours, nests)
    assert nests.metadata["engine"] == "nest"


@needs_nest
@pytest.mark.parametrize("resolution_ms", [0.05, 0.5])
def test_engines_agree_at_other_resolutions(resolution_ms):
    def network():
        net = tn.Network(resolution_ms=resolution_ms)
        neurons = net.population("neurons", tn.AdEx(I_e_pA=np.array([600.0, 800.0, 1000.0])), 3)
        net.connect(neurons, neurons, synapse=tn.Static(weight=9.0, delay_ms=1.5))
        net.record(neurons, "V_m")
        return net

    ours = tn.simulate(network(), 0.1)
    _assert_equal(ours, simulate_with_nest(network(), round(100.0 / resolution_ms)))


@needs_nest
def test_nest_gets_each_realised_connection_in_blocks_of_any_size(monkeypatch):
    monkeypatch.setattr("tripartite.networks.nest_engine._BLOCK", 7)
    net = _everything()
    simulate_with_nest(net, 1)
    for projection in net.projections():
        pre, post = (
            nest.NodeCollection(each.ids.tolist()) for each in (projection.pre, projection.post)
        )
        found = nest.GetConnections(pre, post).get(["source", "target", "weight", "delay"])
        asked = [*projection.ids(), projection.value("weight"), projection.value("delay")]
        given = np.array(list(zip(*found.values(), strict=True)))
        wanted = np.column_stack(asked)
        rows = {tuple(np.round(row, 9)) for row in given.tolist()}
        assert {tuple(np.round(row, 9)) for row in wanted.tolist()} <= rows


def _driven(seed):
    net = tn.Network(seed=seed)
    neuron = tn.AdExAstro(tau_syn_ex_ms=2.0, tau_syn_in_ms=4.0)
    exc, inh = net.population("exc", neuron, 160), net.population("inh", neuron, 40)
    astro = net.population("astro", tn.LiRinzel(delta_IP3_uM=0.5, tau_IP3_ms=2.0), 200)
    noise = net.population("noise", tn.Poisson(rate=2000.0))
    current = net.population("current", tn.CurrentNoise(std_pA=100.0))
    net.connect(noise, exc + inh)
    net.connect(current, exc + inh)
    third = tn.ThirdFactor(astro, tn.ThirdFactorPool(p=0.5, pool_size=10))
    net.connect(exc, exc + inh, tn.PairwiseBernoulli(p=0.2), tn.Tsodyks(), third=third)
    net.connect(inh, exc + inh, tn.PairwiseBernoulli(p=0.2), tn.Tsodyks(weight=-4.0))
    net.record(exc, "V_m")
    net.record(astro, "IP3")
    return net


def _means(recording):
    return [
        _n_spikes(recording),
        recording.signals["exc_V_m"].d[100:].mean(),
        recording.signals["astro_IP3"].d[100:].mean(),
    ]


@needs_nest
@pytest.mark.parametrize("connections", ["realised", "rules"])
def test_random_networks_agree_in_rate_potential_and_ip3(connections):
    seeds = range(1, 7)
    ours = np.array([_means(tn.simulate(_driven(seed), 0.3)) for seed in seeds])
    nests = np.array(
        [_means(simulate_with_nest(_driven(seed), 3000, connections=connections)) for seed in seeds]
    )
    error = np.hypot(ours.std(0, ddof=1), nests.std(0, ddof=1)) / np.sqrt(len(seeds))
    assert np.all(np.abs(ours.mean(0) - nests.mean(0)) < 4.0 * error)
    assert np.all(error < 0.05 * np.abs(ours.mean(0)))  # so that the test can fail


@needs_nest
def test_the_truth_of_connections_that_nest_drew_is_their_rule_and_number():
    net = tn.Network(seed=3)
    pre, post = net.population("pre", tn.AdEx(), 20), net.population("post", tn.AdExAstro(), 30)
    astro = net.population("astro", tn.LiRinzel(), 10)
    weight = tn.Lognormal(0.0, 0.3)
    rules = [
        (tn.AllToAll(), 600),
        (tn.FixedIndegree(indegree=5, multapses=False), 150),
        (tn.FixedOutdegree(outdegree=5), 100),
        (tn.FixedTotalNumber(n=50), 50),
    ]
    for rule, _ in rules:
        net.connect(pre, post, rule, tn.Tsodyks(weight=weight, delay_ms=tn.Normal(2.0, 0.2)))
    net.connect(pre, pre, tn.OneToOne())
    net.connect(pre[::2], post, tn.PairwiseBernoulli(p=1.0), third=tn.ThirdFactor(astro))
    net.connect(pre, pre, tn.SymmetricPairwiseBernoulli(p=0.9, multapses=True))
    recording = simulate_with_nest(net, 10, connections="rules")
    made = recording.truth["connections"]
    numbers = [*(n for _, n in rules), 20, 300, 300, 300]
    assert [each["n_connections"] for each in made[:-1]] == numbers
    assert 600 < made[-1]["n_connections"] < 740  # 684 expected
    assert [each["role"] for each in made[5:8]] == ["primary", "third_in", "third_out"]
    assert made[1]["rule"] == repr(rules[1][0])


@needs_nest
def test_a_rate_from_time_0_on_is_what_nest_starts_with():
    def network(times, rates):
        net = tn.Network()
        parrots = net.population("parrots", tn.Parrot(), 50)
        rate = tn.InhomogeneousPoisson(rate_times_ms=times, rate_values=rates)
        net.connect(net.population("rate", rate), parrots)
        return net

    recording = simulate_with_nest(network([0.0, 20.0], [1000.0, 0.0]), 500)
    assert 850 < _n_spikes(recording) < 1150
    recording = simulate_with_nest(network([0.0, 0.1], [1000.0, 0.0]), 500)
    assert not _n_spikes(recording)


def _lone(model, **more):
    net = tn.Network()
    nodes = net.population("nodes", model, 2)
    return net, nodes


def _with_sic_recorded():
    net, nodes = _lone(tn.LiRinzel())
    net.record(nodes, "SIC")
    return net


def _with_equal_time_constants():
    net, nodes = _lone(tn.AdEx())
    net.connect(nodes, nodes, synapse=tn.Tsodyks(tau_psc_ms=5.0, tau_rec_ms=5.0))
    return net


@needs_nest
@pytest.mark.parametrize(
    ("network", "message"),
    [
        (lambda: _lone(tn.IafCondAlphaAstro())[0], "iaf_cond_alpha_astro of 'nodes'"),
        (_with_sic_recorded, "record Ca_astro of the astrocytes"),
        (_with_equal_time_constants, "tau_psc_ms must differ from tau_rec_ms"),
    ],
)
def test_what_nest_has_not_is_named(network, message):
    with pytest.raises(InputError, match=f"(?i){message}"):
        simulate_with_nest(network(), 10)


@needs_nest
def test_values_of_single_connections_need_realised_ones():
    net, nodes = _lone(tn.AdEx())
    net.connect(nodes, nodes, synapse=tn.Static(weight=np.arange(4.0)))
    with pytest.raises(InputError, match="an array for weight"):
        simulate_with_nest(net, 10, connections="rules")


@needs_nest
def test_inhibited_astrocytes_are_refused_when_nest_draws_too():
    net, nodes = _lone(tn.LiRinzel())
    neurons = net.population("neurons", tn.AdEx(), 2)
    net.connect(neurons, nodes, synapse=tn.Static(weight=-1.0))
    with pytest.raises(InputError, match="must not be negative"):
        simulate_with_nest(net, 10, connections="rules")


@needs_nest
def test_an_unstable_neuron_is_an_error_of_the_simulation():
    net, _ = _lone(tn.AdEx(I_e_pA=-1e6))
    with pytest.raises(SimulationError, match="numerical instability"):
        simulate_with_nest(net, 1000)


def test_an_unknown_way_to_connect_is_refused():
    with pytest.raises(InputError, match="connections"):
        simulate_with_nest(_lone(tn.AdEx())[0], 10, connections="edges")


def test_without_nest_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "nest", None)
    with pytest.raises(MissingExtraError, match=r"tripartite\[nest\]"):
        tn.simulate(_lone(tn.AdEx())[0], 0.1, engine="nest")
