"""A small network in which everything happens that a run has to keep."""

from collections.abc import Mapping

import numpy as np

from tripartite import networks as tn


def describe_lively_network(*, seed=1, weight=6.0, n_traced=10):
    """Plastic synapses, delays of many lengths, Poisson input and currents of astrocytes.

    The shortest delay is 0.7 ms, so that few durations are whole slices.
    """
    net = tn.Network(seed=seed)
    exc = net.population("exc", tn.AdExAstro(tau_syn_ex_ms=2.0), 70)
    inh = net.population("inh", tn.IafCondAlpha(), 8)
    astro = net.population("astro", tn.LiRinzel(delta_IP3_uM=0.005, SIC_th_uM=0.075), 5)
    noise = net.population("noise", tn.Poisson(rate=4000.0))
    third = tn.ThirdFactor(
        astro,
        tn.ThirdFactorPool(p=0.5, pool_size=2),
        third_in=tn.Static(delay_ms=0.9),
        third_out=tn.Sic(weight=20.0, delay_ms=1.6),
    )
    delays = tn.Uniform(0.7, 3.0)
    plastic = tn.Tsodyks(weight=tn.Normal(8.0, 1.0), delay_ms=delays, tau_rec_ms=100.0)
    net.connect(exc, exc, tn.PairwiseBernoulli(p=0.3), plastic, third=third)
    net.connect(exc, inh, tn.FixedIndegree(20), tn.Static(weight=weight, delay_ms=delays))
    net.connect(inh, exc, synapse=tn.Static(weight=-15.0, delay_ms=1.1))
    net.connect(noise, exc + inh, synapse=tn.Static(weight=4.0))
    net.record(exc[:n_traced], "V_m", "I_SIC", interval_ms=0.5)
    net.record(astro, "IP3", "Ca_astro", "SIC")
    return net


def assert_same_recording(recording, expected):
    """Two records hold the same numbers, to the last bit."""
    assert recording.metadata == expected.metadata
    assert list(recording.spikes.index) == list(expected.spikes.index)
    for node in expected.spikes.index:
        assert np.array_equal(recording.spikes[node].t, expected.spikes[node].t)
    assert list(recording.signals) == list(expected.signals)
    for name, signal in expected.signals.items():
        assert np.array_equal(recording.signals[name].t, signal.t)
        assert np.array_equal(recording.signals[name].columns, signal.columns)
        assert np.array_equal(recording.signals[name].values, signal.values)
    assert_same(recording.truth, expected.truth)


def assert_same(value, expected):
    if isinstance(expected, Mapping):
        assert list(value) == list(expected)
        for name in expected:
            assert_same(value[name], expected[name])
    elif isinstance(expected, list | tuple):
        assert len(value) == len(expected)
        for part, other in zip(value, expected, strict=True):
            assert_same(part, other)
    else:
        assert np.array_equal(value, expected)
        assert getattr(value, "dtype", None) == getattr(expected, "dtype", None)
