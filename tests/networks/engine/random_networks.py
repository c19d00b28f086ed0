"""Small networks in which models, rules and values are drawn, for the engine and its reference."""

import numpy as np

from tripartite import networks as tn

RULES = [
    tn.AllToAll(),
    tn.PairwiseBernoulli(p=0.4),
    tn.PairwiseBernoulli(p=0.6, autapses=False),
    tn.FixedIndegree(3),
    tn.FixedOutdegree(4),
    tn.FixedTotalNumber(15),
    tn.PairwisePoisson(mean=0.7),
]


def pick(rng, options):
    return options[rng.integers(len(options))]


def draw_neurons(net, rng):
    """One to three populations of neurons; excited enough to spike, each with rest."""
    alike = {"tau_syn_ex_ms": pick(rng, [0.5, 2.0]), "t_ref_ms": pick(rng, [0.5, 1.25, 2.0])}
    kinds = {
        "astro_adex": tn.AdExAstro(I_e_pA=tn.Uniform(300.0, 900.0), **alike),
        "adex": tn.AdEx(I_e_pA=700.0, V_m_mV=tn.Normal(-65.0, 3.0), Delta_T_mV=1.5, **alike),
        "sharp": tn.AdEx(I_e_pA=800.0, Delta_T_mV=0.0, w_pA=tn.Uniform(0.0, 9.0), **alike),
        "astro_iaf": tn.IafCondAlphaAstro(I_e_pA=tn.Uniform(200.0, 400.0), **alike),
        "iaf": tn.IafCondAlpha(I_e_pA=300.0, g_ex_nS=2.0, g_L_nS=tn.Uniform(14.0, 18.0), **alike),
    }
    chosen = rng.choice(list(kinds), size=rng.integers(1, 4), replace=False).tolist()
    chosen = sorted({*chosen, "astro_adex"})
    return [net.population(name, kinds[name], int(rng.integers(2, 5))) for name in chosen]


def draw_synapse(rng, weight, longest_ms=4.0):
    """A synapse of either kind, with values that are the same or differ between connections."""
    delay = pick(rng, [0.1 * int(rng.integers(1, 41)), tn.Uniform(0.1, longest_ms)])
    weight = pick(rng, [weight, tn.Uniform(*sorted([0.5 * weight, 1.5 * weight]))])
    if rng.random() < 0.3:
        return tn.Static(weight=weight, delay_ms=delay)
    return tn.Tsodyks(
        weight=weight,
        delay_ms=delay,
        U=pick(rng, [0.5, tn.Uniform(0.1, 0.9)]),
        tau_rec_ms=pick(rng, [100.0, tn.Uniform(20.0, 300.0)]),
        tau_fac_ms=pick(rng, [0.0, 50.0]),
        x=pick(rng, [1.0, tn.Uniform(0.3, 0.9)]),
    )


def draw_third(net, rng, neurons):
    """Astrocytes with some calcium, pools of either type, copies and currents."""
    n_post = sum(len(each) for each in neurons)
    options = [
        (int(rng.integers(2, 6)), None, "random"),
        (4, 2, "random"),
        (n_post, 1, "block"),
        (2 * n_post, 2, "block"),
    ]
    n, pool_size, pool_type = pick(rng, options)
    model = tn.LiRinzel(
        Ca_astro_uM=tn.Uniform(0.15, 0.3), delta_IP3_uM=0.02, IP3_uM=tn.Uniform(0.1, 1.2)
    )
    astro = net.population("astro", model, n)
    rule = tn.ThirdFactorPool(p=pick(rng, [0.4, 1.0]), pool_size=pool_size, pool_type=pool_type)
    out = tn.Sic(weight=pick(rng, [2.0, tn.Uniform(1.0, 4.0)]), delay_ms=pick(rng, [0.1, 0.9, 3.0]))
    return astro, tn.ThirdFactor(astro, rule, third_in=draw_synapse(rng, 1.0), third_out=out)


def draw_devices(net, rng, targets, astro):
    """Spike generators with weights and multiplicities, by way of parrots too, and currents."""
    times = np.unique(rng.integers(1, 500, 12)) / 10
    spikes = tn.SpikeTimes(
        spike_times_ms=times,
        spike_weights=rng.uniform(0.5, 2.0, times.size),
        spike_multiplicities=rng.integers(0, 3, times.size),
        stop_ms=45.0,
    )
    source = net.population("spikes", spikes, 2)
    parrots = net.population("parrots", tn.Parrot(), 3)
    delay = tn.Uniform(0.1, 2.0)
    net.connect(source, targets + parrots, tn.FixedTotalNumber(20), tn.Static(weight=12.0))
    net.connect(parrots, targets, tn.FixedOutdegree(3), draw_synapse(rng, 20.0))
    net.connect(parrots, astro, synapse=tn.Static(weight=0.5, delay_ms=delay))
    net.connect(parrots, parrots, tn.OneToOne(), tn.Static(weight=-1.0, delay_ms=30.0))
    currents = [
        tn.DirectCurrent(amplitude_pA=150.0, start_ms=5.0, stop_ms=30.0, origin_ms=2.0),
        tn.StepCurrent(
            amplitude_times_ms=[3.0, 9.5, 20.0], amplitude_values_pA=[80.0, -60.0, 30.0]
        ),
        tn.AlternatingCurrent(amplitude_pA=90.0, offset_pA=10.0, frequency=70.0, phase_deg=40.0),
    ]
    for k, model in enumerate(currents):
        each = tn.Static(weight=tn.Uniform(0.5, 1.5), delay_ms=pick(rng, [0.1, 1.3]))
        device = net.population(f"current{k}", model)
        net.connect(device, targets, tn.PairwiseBernoulli(p=0.6), each)
    flow = net.population("flow", tn.DirectCurrent(amplitude_pA=1e-4, start_ms=4.0))
    net.connect(flow, astro)


def draw_network(seed, resolution_ms=0.1):
    """A network of 10 to 40 nodes without random input."""
    rng = np.random.default_rng(seed)
    net = tn.Network(seed=seed, resolution_ms=resolution_ms)
    neurons = draw_neurons(net, rng)
    targets = neurons[0]
    for each in neurons[1:]:
        targets = targets + each
    takers = [each for each in neurons if each.model.receives_sic]
    post = takers[0] if len(takers) == 1 else takers[0] + takers[1]
    astro, third = draw_third(net, rng, takers)
    net.connect(targets, post, pick(rng, RULES), draw_synapse(rng, 15.0), third=third)
    for weight in (25.0, -20.0):
        net.connect(pick(rng, neurons), targets, pick(rng, RULES), draw_synapse(rng, weight))
    net.connect(astro[:2], post[1:], synapse=tn.Sic(weight=0.5, delay_ms=0.4))
    draw_devices(net, rng, targets, astro)
    for each in neurons:
        net.record(each, *each.model.recordables, interval_ms=resolution_ms)
    net.record(astro, *astro.model.recordables, interval_ms=resolution_ms)
    return net
