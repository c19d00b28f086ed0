"""The engine against reference cases of NEST, closed forms and other integrators."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import odeint, solve_ivp

from tripartite import networks as tn
from tripartite.networks.synapses.tsodyks import release

CASES = Path(__file__).resolve().parents[4] / "shared" / "cases" / "networks"


def load_case(name):
    if not CASES.is_dir():
        pytest.skip("the reference cases (../shared/cases/networks) are not here")
    with np.load(CASES / f"{name}.npz") as arrays:
        return dict(arrays)


def run(net, n_steps, **options):
    """Ids and steps of the spikes, and the samples of each probe by step 1, 2, ..."""
    chunks = list(tn.Simulation(net, **options).run(n_steps))
    samples = [np.concatenate([c.samples[k][1] for c in chunks]) for k in range(len(net.probes))]
    ids = np.concatenate([chunk.spike_ids for chunk in chunks])
    return ids, np.concatenate([chunk.spike_steps for chunk in chunks]), samples


def one_of_each(model, variants, *variables):
    """A network with a node for each set of parameters, under NEST's names, all recorded."""
    net = tn.Network(seed=1)
    for k, values in enumerate(variants):
        node = net.population(f"node{k}", model.from_nest(values))
        net.record(node, *variables, interval_ms=0.1)
    return net


def test_free_astrocytes_are_those_of_nest():
    case = load_case("astro_free_fine")
    variants = json.loads(str(case["variants"]))
    at = np.rint(case["t"] * 10).astype(int)
    net = one_of_each(tn.LiRinzel, variants, "IP3", "Ca_astro", "h_IP3R")
    _, _, samples = run(net, at[-1])
    for k in range(len(variants)):
        expected = np.stack([case[name][k] for name in ("IP3", "Ca", "h")], axis=1)
        assert np.abs(samples[k][at - 1, 0] - expected).max() < 1e-12


def test_driven_neurons_are_those_of_nest():
    case = load_case("neuron_dc")
    variants = json.loads(str(case["variants"]))
    net = one_of_each(tn.AdExAstro, variants, "V_m", "w")
    ids, steps, samples = run(net, int(np.rint(10 * max(case["t5"][-1], case["t"][-1]))) + 50)
    known = np.rint(case["spk_t"] * 10).astype(int)
    senders = case["spk_sender"] + 1  # counted from 0 there
    expected = sorted(zip(known.tolist(), senders.tolist(), strict=True))
    found = list(zip(steps.tolist(), ids.tolist(), strict=True))
    assert [pair for pair in found if pair[0] <= known[-1]] == expected
    for t, V, w in (("t", "V_m", "w"), ("t5", "V5", "w5")):
        at = np.rint(case[t] * 10).astype(int) - 1
        for k in range(len(variants)):
            assert np.abs(samples[k][at, 0, 0] - case[V][k]).max() < 1e-8
            assert np.abs(samples[k][at, 0, 1] - case[w][k]).max() < 1e-8


def tsodyks_variants(case):
    return list(enumerate(json.loads(str(case["params"]))))


def test_plastic_weights_are_those_of_nest():
    case = load_case("tsodyks")
    for k, values in tsodyks_variants(case):
        p = tn.Tsodyks.from_nest(values)
        state, last, weights = (p.x, p.y, p.u), 0.0, []
        for time in case["event_times"]:
            state, released = release(
                state, time - last, p.U, p.tau_psc_ms, p.tau_rec_ms, p.tau_fac_ms
            )
            weights.append(released)
            last = time
        assert weights == pytest.approx(case["eff_weight"][k], abs=1e-10)


def test_plastic_weights_are_those_of_nest_in_a_network_too():
    """A parrot between the generator and the synapse, whose weight an astrocyte's IP3 counts."""
    case = load_case("tsodyks")
    net = tn.Network(seed=1)
    times = tn.SpikeTimes(spike_times_ms=case["spike_times_generator"])
    parrot = net.population("parrot", tn.Parrot())
    net.connect(net.population("times", times), parrot)
    for k, values in tsodyks_variants(case):
        counter = tn.LiRinzel(IP3_uM=0.0, IP3_0_uM=0.0, delta_IP3_uM=1.0, tau_IP3_ms=1e15)
        node = net.population(f"counter{k}", counter)
        net.connect(parrot, node, synapse=tn.Tsodyks.from_nest(values))
        net.record(node, "IP3", interval_ms=0.1)
    steps = np.rint(case["event_times"] * 10).astype(int)
    _, _, samples = run(net, steps[-1] + 20)
    for found, expected in zip(samples, case["eff_weight"], strict=True):
        arrived = np.diff(found[:, 0, 0], prepend=0.0)[steps + 10 - 1]
        assert arrived == pytest.approx(expected, abs=1e-10)


def li_rinzel(y, _, p):
    P, C, h = y
    store = (p.Ca_tot_uM - C) / p.ratio_ER_cyt
    open_ = (P / (P + p.Kd_IP3_1_uM) * C / (C + p.Kd_act_uM) * h) ** 3
    pump = p.rate_SERCA_uM_per_ms * C**2 / (p.Km_SERCA_uM**2 + C**2)
    flow = p.ratio_ER_cyt * (store - C) * (p.rate_IP3R_per_ms * open_ + p.rate_L_per_ms) - pump
    half = p.Kd_inh_uM * (P + p.Kd_IP3_1_uM) / (P + p.Kd_IP3_2_uM)
    gate = p.k_IP3R_per_uM_ms * (half * (1 - h) - C * h)
    return [(p.IP3_0_uM - P) / p.tau_IP3_ms, flow, gate]


def test_an_astrocyte_with_one_spike_is_that_of_odeint():
    """As NEST tests its own: all of the state starts at 1, and a spike comes at 10 ms."""
    p = tn.LiRinzel(IP3_uM=1.0, Ca_astro_uM=1.0, h_IP3R=1.0)
    net = tn.Network(seed=1)
    astro = net.population("astro", p)
    spike = net.population("spike", tn.SpikeTimes(spike_times_ms=[9.0]))
    net.connect(spike, astro)
    net.record(astro, "IP3", "Ca_astro", "h_IP3R", interval_ms=0.1)
    found = run(net, 1000)[2][0][:, 0]
    tight = {"rtol": 1e-12, "atol": 1e-14}
    t = np.arange(1001) * 0.1
    before = odeint(li_rinzel, [1.0, 1.0, 1.0], t[:101], args=(p,), **tight)
    before[-1, 0] += p.delta_IP3_uM
    after = odeint(li_rinzel, before[-1], t[100:], args=(p,), **tight)
    expected = np.concatenate([before[1:], after[1:]])
    assert found == pytest.approx(expected, rel=1e-6)
    assert found[0] == pytest.approx([0.99998823867, 1.00018710530, 0.99997999845], abs=1e-9)


@pytest.mark.parametrize("delay_ms", [0.1, 1.0, 3.7])
@pytest.mark.parametrize("model", [tn.AdExAstro, tn.IafCondAlphaAstro])
def test_slow_inward_current_is_the_logarithm_of_calcium_a_delay_before(model, delay_ms):
    net = tn.Network(seed=1)
    astro = net.population("astro", tn.LiRinzel(Ca_astro_uM=0.2, IP3_uM=0.5))
    neuron = net.population("neuron", model())
    net.connect(astro, neuron, synapse=tn.Sic(weight=2.0, delay_ms=delay_ms))
    net.record(astro, "Ca_astro", "SIC", interval_ms=0.1)
    net.record(neuron, "I_SIC", interval_ms=0.1)
    _, _, (sent, received) = run(net, 400)
    lag = round(delay_ms * 10)
    current = np.log(np.maximum(1000 * sent[:, 0, 0] - 196.69, 1.0))
    assert 0 < current[0] < current[-1]
    assert sent[:, 0, 1] == pytest.approx(current, rel=1e-12)
    assert received[lag:, 0, 0] == pytest.approx(2 * current[:-lag], rel=1e-12)
    assert (received[:lag] == 0).all()


def adex_slopes(_, y, p):
    V, w = y
    spike = p.g_L_nS * p.Delta_T_mV * math.exp((V - p.V_th_mV) / p.Delta_T_mV)
    leak = p.g_L_nS * (V - p.E_L_mV)
    dV = (spike - leak - w + p.I_e_pA) / p.C_m_pF
    return [dV, (p.a_nS * (V - p.E_L_mV) - w) / p.tau_w_ms]


@pytest.mark.parametrize("current", [300.0, 450.0, 500.0])
def test_an_adaptive_neuron_below_threshold_is_that_of_lsoda(current):
    p = tn.AdEx(I_e_pA=current)
    net = tn.Network(seed=1)
    net.record(net.population("neuron", p), "V_m", "w", interval_ms=0.1)
    _, steps, (found,) = run(net, 2000)
    until = int(steps[0]) - 10 if len(steps) else 2000  # the upstroke itself amplifies all errors
    t = np.arange(1, until + 1) * 0.1
    span = (0.0, float(t[-1]))
    solved = solve_ivp(
        adex_slopes, span, [-70.6, 0.0], "LSODA", t, args=(p,), rtol=1e-10, atol=1e-12
    )
    assert found[:until, 0, 0] == pytest.approx(solved.y[0], abs=5e-4)
    assert found[:until, 0, 1] == pytest.approx(solved.y[1], abs=1e-4)


def test_an_adaptive_neuron_fires_when_lsoda_says():
    p = tn.AdEx(I_e_pA=1200.0, t_ref_ms=0.0, gsl_error_tol=1e-10)
    net = tn.Network(seed=1)
    net.population("neuron", p)
    _, steps, _ = run(net, 2000)
    crossed = lambda _, y, __: y[0] - p.V_peak_mV  # noqa: E731
    crossed.terminal, crossed.direction = True, 1
    y, now, times = [-70.6, 0.0], 0.0, []
    for _ in steps:
        solved = solve_ivp(
            adex_slopes,
            (now, now + 300.0),
            y,
            "LSODA",
            args=(p,),
            events=crossed,
            rtol=1e-10,
            atol=1e-11,
        )
        now = float(solved.t_events[0][0])
        times.append(now)
        y = [p.V_reset_mV, solved.y_events[0][0][1] + p.b_pA]
    assert np.abs(steps * 0.1 - np.array(times)).max() < 0.15
    assert len(times) > 5


def test_a_leaky_neuron_charges_exponentially_and_an_input_of_weight_1_peaks_at_1():
    p = tn.IafCondAlpha(I_e_pA=200.0, tau_syn_ex_ms=2.0, tau_syn_in_ms=3.0)
    net = tn.Network(seed=1)
    neuron = net.population("neuron", p, 2)
    net.connect(net.population("spike", tn.SpikeTimes(spike_times_ms=[9.0])), neuron[1:])
    net.record(neuron, "V_m", "g_ex", "g_in", interval_ms=0.1)
    found = run(net, 400)[2][0]
    t = np.arange(1, 401) * 0.1
    rise = 200.0 / p.g_L_nS * (1 - np.exp(-t * p.g_L_nS / p.C_m_pF))
    assert found[:, 0, 0] == pytest.approx(-70.0 + rise, abs=1e-9)
    since = np.maximum(t - 10.0, 0.0)
    alpha = since / 2.0 * np.exp(1 - since / 2.0)
    assert found[:, 1, 1] == pytest.approx(alpha, abs=1e-8)
    assert found[:, 1, 1].argmax() == 119
    assert (found[..., 2] == 0).all()
