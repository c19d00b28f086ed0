"""The engine against the definition, which knows every node and every connection by itself."""

import numpy as np
import pytest
from random_networks import draw_network
from reference_network import ReferenceNetwork

from tripartite import networks as tn

N_STEPS = 500


def run(net, n_steps, **options):
    """Spikes as (step, id), and the samples of each probe: (n_times, n_nodes, n_variables)."""
    chunks = list(tn.Simulation(net, **options).run(n_steps))
    ids = np.concatenate([chunk.spike_ids for chunk in chunks])
    steps = np.concatenate([chunk.spike_steps for chunk in chunks])
    samples = [
        np.concatenate([chunk.samples[k][1] for chunk in chunks]) for k in range(len(net.probes))
    ]
    return list(zip(steps.tolist(), ids.tolist(), strict=True)), samples


def run_by_definition(net, n_steps):
    reference = ReferenceNetwork(net)
    samples = [[] for _ in net.probes]
    for state in reference.run(n_steps):
        for rows, probe in zip(samples, net.probes, strict=True):
            nodes = [state.nodes[node] for node in probe.nodes.ids.tolist()]
            rows.append([[node.value(name) for name in probe.variables] for node in nodes])
    return reference.spikes, [np.array(rows) for rows in samples]


def off_by(found, expected):
    return np.abs(found - expected) / (1.0 + np.abs(expected))


def has_upstroke(nodes):
    """Whether the last digits of the potential decide about the substeps of an upstroke."""
    return getattr(nodes.model, "Delta_T_mV", 0.0) > 0


SEEDS = range(1, 9)


@pytest.mark.parametrize(("seed", "resolution_ms"), [*((k, 0.1) for k in SEEDS), (9, 0.05)])
def test_a_network_does_what_its_definition_says(seed, resolution_ms):
    net = draw_network(seed, resolution_ms)
    n_steps = 500 if resolution_ms == 0.1 else 700
    spikes, samples = run(net, n_steps)
    expected_spikes, expected = run_by_definition(net, n_steps)
    assert spikes == expected_spikes
    assert len(spikes) > 50
    for found, values, probe in zip(samples, expected, net.probes, strict=True):
        off = off_by(found, values).reshape(-1, len(probe.variables))
        # The size of a substep comes from the last digits of an error, and an exponential follows.
        assert off.max() < (1e-3 if has_upstroke(probe.nodes) else 1e-8), probe
        assert np.quantile(off, 0.8, axis=0).max() < 1e-9, probe


def test_the_networks_that_are_drawn_hold_all_there_is():
    networks = [draw_network(seed) for seed in SEEDS]
    parts = [part for net in networks for part in net.projections()]
    pairs = [np.stack(part.ids(), axis=1) for part in parts]
    models = {type(each.model) for net in networks for each in net.populations}
    assert {tn.AdEx, tn.AdExAstro, tn.IafCondAlpha, tn.IafCondAlphaAstro, tn.LiRinzel} <= models
    assert {part.synapse for part in parts} == {tn.Static, tn.Tsodyks, tn.Sic}
    assert any(part.edges.copies is not None for part in parts if part.role == "third_in")
    assert any(part.edges.copies is not None for part in parts if part.role == "third_out")
    assert any((pair[:, 0] == pair[:, 1]).any() for pair in pairs)
    assert any(len(np.unique(pair, axis=0)) < len(pair) for pair in pairs)
    delays = np.concatenate([part.value("delay") for part in parts])
    assert (delays.min(), delays.max() > 3.5) == (0.1, True)
    for name in ("weight", "delay", "U", "tau_rec", "x"):
        assert any(np.ndim(part.values.get(name, 0.0)) for part in parts), name
    assert {part.pools is None for part in parts if part.role == "third_out"} == {True, False}
