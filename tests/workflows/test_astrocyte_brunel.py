import numpy as np
import pytest

from tripartite.errors import InputError
from tripartite.workflows.astrocyte_brunel import astrocyte_brunel


def sizes_of(net):
    return {each.name: each.size for each in net.populations}


def test_the_full_network_has_the_published_size_and_parameters():
    net = astrocyte_brunel()
    assert sizes_of(net) == {"exc": 8000, "inh": 2000, "astro": 10000, "noise": 1}
    exc, inh, astro, noise = (each.model.nest_values() for each in net.populations)
    assert exc == inh
    assert (exc["tau_syn_ex"], exc["tau_syn_in"], exc["t_ref"]) == (2, 4, 0)
    assert (astro["IP3"], astro["delta_IP3"], astro["tau_IP3"]) == (0.4, 0.5, 2)
    assert noise["rate"] == 2000
    stimulus, excitation, inhibition = net.connections
    assert (stimulus.synapse.weight, stimulus.synapse.delay_ms) == (1, 1)
    assert excitation.synapse == excitation.third.third_in
    assert (excitation.synapse.weight, excitation.synapse.delay_ms) == (1, 2)
    assert (inhibition.synapse.weight, inhibition.synapse.delay_ms) == (-4, 1)
    assert (excitation.synapse.tau_psc_ms, inhibition.synapse.tau_psc_ms) == (2, 4)
    assert (excitation.third.rule.p, excitation.third.rule.pool_size) == (0.5, 10)
    assert excitation.third.third_out.weight == 0.01


def test_each_connection_is_there_as_often_as_probabilities_say():
    net = astrocyte_brunel(0.05, p=0.2, seed=4)
    noise, exc, third_in, third_out, inh = (part.n_connections for part in net.projections())
    assert noise == 500
    assert exc == pytest.approx(0.2 * 400 * 500, rel=0.03)
    assert inh == pytest.approx(0.2 * 100 * 500, rel=0.05)
    assert third_in == third_out == pytest.approx(exc / 2, rel=0.03)


def test_recorded_nodes_are_spread_over_their_populations():
    net = astrocyte_brunel(0.1, n_recorded=50, n_traced=10)
    spikes = [nodes.ids for nodes in net.recorded_spikes()]
    np.testing.assert_array_equal(spikes[0], 1 + 20 * np.arange(40))
    np.testing.assert_array_equal(spikes[1], 801 + 20 * np.arange(10))
    assert [(len(probe.nodes), probe.variables) for probe in net.probes] == [
        (10, ("IP3", "Ca_astro")), (8, ("I_SIC",)), (2, ("I_SIC",)),
    ]  # fmt: skip


def test_no_more_nodes_are_recorded_than_there_are():
    net = astrocyte_brunel(0.001, pool_size=5)
    assert sizes_of(net) == {"exc": 8, "inh": 2, "astro": 10, "noise": 1}
    assert [len(nodes) for nodes in net.recorded_spikes()] == [8, 2]


@pytest.mark.parametrize("scale", [0, -1, 0.0001, np.nan, np.inf])
def test_a_scale_that_leaves_no_nodes_is_refused(scale):
    with pytest.raises(InputError, match="scale"):
        astrocyte_brunel(scale)


def test_a_pool_larger_than_the_astrocytes_is_refused():
    with pytest.raises(InputError, match="pool"):
        astrocyte_brunel(0.001, pool_size=11).projections()
