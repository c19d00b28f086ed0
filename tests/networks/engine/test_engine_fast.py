"""What fixed steps cost in exactness."""

import numpy as np
import pytest

from tripartite import networks as tn

CURRENTS = [600.0, 700.0, 850.0, 1000.0, 1500.0]


def run(net, n_steps, precision):
    chunks = list(tn.Simulation(net, precision=precision, n_threads=1).run(n_steps))
    samples = [np.concatenate([c.samples[k][1] for c in chunks]) for k in range(len(net.probes))]
    ids = np.concatenate([chunk.spike_ids for chunk in chunks])
    return ids, np.concatenate([chunk.spike_steps for chunk in chunks]), samples


def both(net, n_steps):
    return run(net, n_steps, "exact"), run(net, n_steps, "fast")


@pytest.mark.parametrize("t_ref_ms", [0.0, 2.0])
def test_driven_neurons_fire_as_often_and_at_nearly_the_same_times(t_ref_ms):
    net = tn.Network(seed=1)
    net.population("neurons", tn.AdEx(I_e_pA=np.array(CURRENTS), t_ref_ms=t_ref_ms), 5)
    (ids, steps, _), (fast_ids, fast_steps, _) = both(net, 6000)
    for node in range(1, 6):
        exact, fast = steps[ids == node], fast_steps[fast_ids == node]
        assert len(exact) == len(fast) > 0
        assert np.abs(exact - fast).max() <= 45  # 4.5 ms after tens of spikes
        assert abs(exact[0] - fast[0]) <= 2


def test_leaky_neurons_and_astrocytes_hardly_differ():
    net = tn.Network(seed=1)
    leaky = net.population("leaky", tn.IafCondAlpha(I_e_pA=220.0, tau_syn_ex_ms=2.0), 2)
    astro = net.population("astro", tn.LiRinzel(IP3_uM=1.0), 2)
    times = tn.SpikeTimes(spike_times_ms=np.arange(10.0, 90.0, 7.0))
    net.connect(net.population("times", times), leaky + astro, synapse=tn.Static(weight=3.0))
    net.record(leaky, "V_m", "g_ex", interval_ms=0.1)
    net.record(astro, "IP3", "Ca_astro", "h_IP3R", interval_ms=0.1)
    exact, fast = both(net, 1000)
    assert fast[2][0] == pytest.approx(exact[2][0], abs=1e-4)
    assert fast[2][1] == pytest.approx(exact[2][1], abs=1e-6)


def test_a_network_has_the_same_rates_calcium_and_conductances():
    net = tn.Network(seed=2)
    exc = net.population("exc", tn.AdExAstro(tau_syn_ex_ms=2.0), 160)
    inh = net.population("inh", tn.AdEx(tau_syn_ex_ms=2.0), 40)
    astro = net.population("astro", tn.LiRinzel(delta_IP3_uM=0.01), 80)
    third = tn.ThirdFactor(astro, tn.ThirdFactorPool(p=0.5, pool_size=4))
    plastic = tn.Tsodyks(weight=2.0, delay_ms=2.0)
    net.connect(exc, exc, tn.PairwiseBernoulli(p=0.2), plastic, third=third)
    net.connect(inh, exc, tn.PairwiseBernoulli(p=0.2), tn.Tsodyks(weight=-4.0))
    noise = net.population("noise", tn.Poisson(rate=2000.0))
    net.connect(noise, exc + inh, synapse=tn.Static(weight=2.2))
    net.record(exc, "g_ex")
    net.record(astro, "Ca_astro", "IP3")
    exact, fast = both(net, 10_000)
    rates = [len(ids) / 200 for ids, _, _ in (exact, fast)]
    assert rates[0] > 1.0
    assert rates[1] == pytest.approx(rates[0], rel=0.05)
    for one, other in zip(exact[2], fast[2], strict=True):
        assert other.mean(axis=(0, 1)) == pytest.approx(one.mean(axis=(0, 1)), rel=0.03)
