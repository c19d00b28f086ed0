"""Random generators against the laws that they must follow."""

import numpy as np
import pytest
from scipy import stats

from tripartite import networks as tn

# IP3 that never decays counts the spikes that arrive, each as one more.
COUNTER = tn.LiRinzel(IP3_uM=0.0, IP3_0_uM=0.0, delta_IP3_uM=1.0, tau_IP3_ms=1e18)
# Without a leak, the potential adds up the current.
INTEGRATOR = tn.IafCondAlpha(g_L_nS=0.0, V_th_mV=1e9)


def run(net, n_steps):
    chunks = list(tn.Simulation(net, n_threads=1).run(n_steps))
    return np.concatenate([chunk.samples[0][1] for chunk in chunks])[..., 0]


def counts_of(n, n_steps, *devices, seed=1):
    """Spikes that arrive at each step at each of n nodes; of (device, synapse) in turn."""
    net = tn.Network(seed=seed)
    nodes = net.population("nodes", COUNTER, n)
    for k, (device, synapse) in enumerate(devices):
        source = device if isinstance(device, tn.Nodes) else net.population(f"source{k}", device)
        net.connect(source, nodes, synapse=synapse)
    net.record(nodes, "IP3", interval_ms=0.1)
    return np.rint(np.diff(run(net, n_steps), axis=0, prepend=0.0)).astype(int)


def currents_of(n, n_steps, device, *synapses):
    net = tn.Network(seed=1)
    nodes = net.population("nodes", INTEGRATOR, n)
    source = net.population("source", device)
    for synapse in synapses:
        net.connect(source, nodes, synapse=synapse)
    net.record(nodes, "V_m", interval_ms=0.1)
    return np.diff(run(net, n_steps), axis=0, prepend=-70.0) * 250.0 / 0.1


@pytest.mark.parametrize("mean", [0.01, 0.2, 3.0, 20.0])
def test_counts_follow_the_law_of_poisson(mean):
    counts = counts_of(300, 500, (tn.Poisson(rate=mean * 1e4), tn.Static()))[20:]
    law = stats.poisson(mean)
    edges = np.arange(law.ppf(1e-3), law.ppf(1 - 1e-3) + 1)
    expected = np.concatenate([[law.cdf(edges[0])], law.pmf(edges[1:]), [law.sf(edges[-1])]])
    which = np.clip(counts.ravel() - edges[0], 0, len(edges)).astype(int)
    observed = np.bincount(which, minlength=len(expected))
    enough = expected * counts.size > 5
    expected = np.append(expected[enough], expected[~enough].sum()) * counts.size
    observed = np.append(observed[enough], observed[~enough].sum())
    some = expected > 0.5
    statistic = ((observed - expected)[some] ** 2 / expected[some]).sum()
    assert stats.chi2(some.sum() - 1).sf(statistic) > 1e-3


@pytest.mark.parametrize("mean", [0.2, 20.0])
def test_targets_and_steps_are_independent(mean):
    counts = counts_of(130, 800, (tn.Poisson(rate=mean * 1e4), tn.Static()))[20:]
    z = (counts - mean) / np.sqrt(mean)
    n = len(z)
    between = (z.T @ z / n)[np.triu_indices(z.shape[1], 1)]
    assert np.abs(between).max() < 6 / np.sqrt(n)
    assert between.std() == pytest.approx(1 / np.sqrt(n), rel=0.05)
    for lag in (1, 2, 3):
        assert abs((z[lag:] * z[:-lag]).mean()) < 5 / np.sqrt(z.size)


def test_two_connections_from_a_generator_are_independent():
    net = tn.Network(seed=1)
    nodes = net.population("nodes", COUNTER, 100)
    source = net.population("source", tn.Poisson(rate=2e4))
    net.connect(source, nodes)
    net.connect(source, nodes, synapse=tn.Static(weight=1000.0))
    net.record(nodes, "IP3", interval_ms=0.1)
    second, first = np.divmod(np.rint(np.diff(run(net, 500), axis=0)[20:]), 1000)
    assert first.mean() == pytest.approx(2.0, abs=0.03)
    assert second.mean() == pytest.approx(2.0, abs=0.03)
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 5 / np.sqrt(first.size)


def test_seeds_give_other_spikes_and_one_seed_the_same():
    drive = (tn.Poisson(rate=5000.0), tn.Static())
    first, again, other = (counts_of(20, 200, drive, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert abs(np.corrcoef(first[20:].ravel(), other[20:].ravel())[0, 1]) < 0.1


@pytest.mark.parametrize("delay_ms", [0.1, 1.0, 2.5])
def test_spikes_bear_stamps_two_steps_after_the_start_to_one_after_the_stop(delay_ms):
    device = tn.Poisson(rate=2e5, origin_ms=1.0, start_ms=4.0, stop_ms=9.0)
    counts = counts_of(8, 300, (device, tn.Static(delay_ms=delay_ms)))
    arrived = np.flatnonzero(counts.any(axis=1)) + 1
    lag = round(delay_ms * 10)
    assert arrived.tolist() == list(range(52 + lag, 101 + lag + 1))


def test_the_rate_of_a_stamp_is_the_last_that_was_set():
    device = tn.InhomogeneousPoisson(rate_times_ms=[5.0, 11.0, 15.0], rate_values=[5e4, 0.0, 2e5])
    counts = counts_of(400, 250, (device, tn.Static(delay_ms=0.1))).mean(axis=1)
    expected = np.repeat([0.0, 5.0, 0.0, 20.0], [50, 60, 40, 100])
    assert counts == pytest.approx(expected, abs=1.5)
    assert (counts[[49, 110, 149]] == 0).all()
    assert (counts[[50, 109, 150]] > 0).all()


def test_weights_of_either_sign_reach_their_own_conductance():
    net = tn.Network(seed=1)
    nodes = net.population("nodes", tn.IafCondAlpha(tau_syn_ex_ms=2.0), 50)
    source = net.population("source", tn.Poisson(rate=1000.0))
    net.connect(source, nodes, synapse=tn.Static(weight=2.0))
    net.connect(source, nodes, synapse=tn.Static(weight=-3.0))
    net.record(nodes, "g_ex", "g_in", interval_ms=0.1)
    chunks = list(tn.Simulation(net, n_threads=1).run(3000))
    mean = np.concatenate([chunk.samples[0][1] for chunk in chunks])[300:].mean(axis=(0, 1))
    # Each spike leaves an area of weight * e * tau; there is one in a millisecond.
    assert mean == pytest.approx(np.array([2.0, 3.0]) * np.e * 2.0, rel=0.03)


def test_noise_has_its_moments_and_interval():
    device = tn.CurrentNoise(mean_pA=30.0, std_pA=50.0, dt_ms=0.5)
    currents = currents_of(200, 1011, device, tn.Static(delay_ms=1.0))
    assert currents[:10] == pytest.approx(0.0, abs=1e-6)
    held = currents[15:1010].reshape(-1, 5, 200)  # drawn at multiples of 0.5 ms
    assert np.ptp(held, axis=1).max() < 1e-6
    drawn = held[:, 0]
    assert drawn.mean() == pytest.approx(30.0, abs=4 * 50.0 / np.sqrt(drawn.size))
    assert drawn.std() == pytest.approx(50.0, rel=0.02)
    assert stats.kstest((drawn.ravel() - 30.0) / 50.0, "norm").pvalue > 1e-3
    z = (drawn - 30.0) / 50.0
    between = (z.T @ z / len(z))[np.triu_indices(200, 1)]
    assert between.std() == pytest.approx(1 / np.sqrt(len(z)), rel=0.05)
    assert abs((z[1:] * z[:-1]).mean()) < 5 / np.sqrt(z.size)


def test_each_connection_has_noise_of_its_own():
    device = tn.CurrentNoise(std_pA=50.0, dt_ms=0.1)
    currents = currents_of(200, 500, device, tn.Static(), tn.Static())[30:]
    assert currents.var() == pytest.approx(2 * 50.0**2, rel=0.03)


def test_noise_is_modulated_in_its_variance():
    device = tn.CurrentNoise(std_pA=50.0, std_mod_pA=40.0, frequency=50.0, dt_ms=0.1)
    currents = currents_of(2000, 220, device, tn.Static(delay_ms=0.1))[2:202]
    sent = np.arange(2, 202) * 0.1 + 0.1 - 0.1 - 0.1  # acts in the step after the delay
    expected = 50.0**2 + 40.0**2 * np.sin(2 * np.pi * 50.0 * sent / 1000.0)
    assert currents.var(axis=1) == pytest.approx(expected, rel=0.25)
    assert np.corrcoef(currents.var(axis=1), expected)[0, 1] > 0.98


def test_generators_beyond_a_thousand_do_not_repeat_those_of_another_connection():
    """Each generator and connection has random numbers of its own, however many there are."""
    net = tn.Network(seed=1)
    node = net.population("node", COUNTER)
    many = net.population("many", tn.Poisson(rate=0.0), 1024)
    last = net.population("last", tn.Poisson(rate=2e4))
    other = net.population("other", tn.Poisson(rate=2e4))
    net.connect(many + last, node)
    net.connect(other, node, synapse=tn.Static(weight=1000.0))
    net.record(node, "IP3", interval_ms=0.1)
    second, first = np.divmod(np.rint(np.diff(run(net, 500), axis=0)[20:, 0]), 1000)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.25
