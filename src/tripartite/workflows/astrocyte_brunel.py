"""The example network: excitation, inhibition, and astrocytes that listen to excitation.

References
----------
Brunel N (2000). Dynamics of sparsely connected networks of excitatory and inhibitory spiking
neurons. J Comput Neurosci 8:183-208.
"""

from __future__ import annotations

import numpy as np

from tripartite import networks as tn
from tripartite.errors import InputError

N_EXCITATORY, N_INHIBITORY, N_ASTROCYTES = 8000, 2000, 10000
WARM_UP = 0.1
"""Time before what is measured (s)."""

_EXCITATION_NS, _INHIBITION_NS = 1.0, -4.0
_TAU_EX_MS, _TAU_IN_MS = 2.0, 4.0
_DELAY_EX_MS, _DELAY_IN_MS = 2.0, 1.0


def astrocyte_brunel(
    scale: float = 1.0,
    *,
    seed: int = 1,
    p: float = 0.1,
    p_third: float = 0.5,
    pool_size: int = 10,
    w_a2n: float = 0.01,
    noise_rate: float = 2000.0,
    n_recorded: int = 100,
    n_traced: int = 50,
) -> tn.Network:
    """Return a random network of 8000 excitatory, 2000 inhibitory neurons and 10000 astrocytes.

    All neurons get independent Poisson input. Each connection from an excitatory neuron has, with
    probability `p_third`, an astrocyte of its target's pool as a third partner, which makes IP3 of
    the spikes and returns a slow inward current to the target.

    Parameters
    ----------
    scale : float
        Factor on the number of nodes of each population. The connection probability stays, so a
        neuron of a smaller network has fewer inputs; ``p=0.1 / scale`` keeps their number.
    seed : int
        Seed of connections and input.
    p : float
        Probability that one neuron is connected to another.
    p_third : float
        Probability that a connection from an excitatory neuron has an astrocyte.
    pool_size : int
        Astrocytes, chosen at random, that can act on a neuron.
    w_a2n : float
        Weight of the slow inward current (pA per unit); 0 leaves neurons without it.
    noise_rate : float
        Rate of the Poisson input of each neuron (Hz).
    n_recorded : int
        Neurons whose spikes are recorded, four fifths of them excitatory as in the network.
    n_traced : int
        Neurons whose ``I_SIC`` is recorded, and astrocytes whose ``IP3`` and ``Ca_astro`` are.

    Returns
    -------
    Network
        Populations ``exc``, ``inh``, ``astro`` and ``noise``. Recorded nodes are spread evenly.

    Raises
    ------
    InputError
        If a population would have no node, or a value is beyond its bounds.

    Examples
    --------
    >>> astrocyte_brunel(scale=0.1, p=1.0)
    <Network: 2001 nodes in 4 populations (exc 800, inh 200, astro 1000, noise 1), 3 kinds ...>
    """
    if not (np.isfinite(scale) and scale * N_INHIBITORY >= 1):
        raise InputError("scale must leave at least one node of each population", got=scale)
    net = tn.Network(seed=seed)
    neuron = tn.AdExAstro(tau_syn_ex_ms=_TAU_EX_MS, tau_syn_in_ms=_TAU_IN_MS)
    exc = net.population("exc", neuron, round(scale * N_EXCITATORY))
    inh = net.population("inh", neuron, round(scale * N_INHIBITORY))
    astrocyte = tn.LiRinzel(IP3_uM=0.4, delta_IP3_uM=0.5, tau_IP3_ms=2.0)
    astro = net.population("astro", astrocyte, round(scale * N_ASTROCYTES))
    noise = net.population("noise", tn.Poisson(rate=noise_rate))

    excitation = tn.Tsodyks(weight=_EXCITATION_NS, delay_ms=_DELAY_EX_MS, tau_psc_ms=_TAU_EX_MS)
    inhibition = tn.Tsodyks(weight=_INHIBITION_NS, delay_ms=_DELAY_IN_MS, tau_psc_ms=_TAU_IN_MS)
    third = tn.ThirdFactor(
        astro,
        tn.ThirdFactorPool(p=p_third, pool_size=pool_size),
        third_in=excitation,
        third_out=tn.Sic(weight=w_a2n),
    )
    net.connect(noise, exc + inh, synapse=tn.Static(weight=_EXCITATION_NS))
    net.connect(exc, exc + inh, tn.PairwiseBernoulli(p=p), excitation, third=third)
    net.connect(inh, exc + inh, tn.PairwiseBernoulli(p=p), inhibition)

    net.record(_spread(astro, n_traced), "IP3", "Ca_astro")
    for nodes in (exc, inh):
        share = len(nodes) / (len(exc) + len(inh))
        net.record_spikes(_spread(nodes, round(share * n_recorded)))
        net.record(_spread(nodes, round(share * n_traced)), "I_SIC")
    return net


def _spread(nodes: tn.Nodes, n: int) -> tn.Nodes:
    """Return up to `n` nodes, at least one, at equal distances."""
    n = min(max(n, 1), len(nodes))
    return nodes[np.arange(n) * len(nodes) // n]
