"""Descriptions of networks: what they hold, and what they refuse."""

import numpy as np
import pytest

from tripartite import networks as tn
from tripartite.errors import InputError


@pytest.fixture
def net():
    return tn.Network(seed=1)


@pytest.fixture
def nodes(net):
    models = {"adex": tn.AdExAstro(), "plain": tn.AdEx(), "astro": tn.LiRinzel()}
    models |= {"parrot": tn.Parrot(), "poisson": tn.Poisson(), "times": tn.SpikeTimes()}
    return {name: net.population(name, model, 4) for name, model in models.items()}


@pytest.mark.parametrize(
    ("pre", "post", "synapse", "said"),
    [
        ("plain", "adex", tn.Sic(), "must start at astrocytes"),
        ("astro", "plain", tn.Sic(), "must end at a model that receives them"),
        ("astro", "parrot", tn.Sic(), "must end at a model that receives them"),
        ("astro", "adex", tn.Static(), "must start at astrocytes"),
        ("astro", "astro", tn.Static(), "must start at astrocytes"),
        ("plain", "poisson", tn.Static(), "must end at neurons or astrocytes"),
        ("poisson", "plain", tn.Tsodyks(), "devices must be static"),
        ("times", "plain", tn.Tsodyks(), "devices must be static"),
    ],
)
def test_ends_that_do_not_fit_the_synapse_are_refused(net, nodes, pre, post, synapse, said):
    with pytest.raises(InputError, match=said):
        net.connect(nodes[pre], nodes[post], synapse=synapse)
    assert net.connections == []


@pytest.mark.parametrize("weight", [-1.0, np.array([1.0, 1.0, -0.1, 1.0]), tn.Normal(0.0, 1.0)])
def test_astrocytes_are_not_inhibited(net, nodes, weight):
    def connect():
        net.connect(nodes["plain"], nodes["astro"], tn.OneToOne(), tn.Static(weight=weight))
        net.projections()

    with pytest.raises(InputError, match="astrocytes are not inhibited"):
        connect()


@pytest.mark.parametrize("delay_ms", [0.15, 0.05, np.array([1.0, 1.0, 0.15, 2.0])])
def test_delays_lie_on_the_grid(net, nodes, delay_ms):
    net.connect(nodes["plain"], nodes["adex"], tn.OneToOne(), tn.Static(delay_ms=delay_ms))
    with pytest.raises(InputError, match="delay_ms"):
        net.projections()


@pytest.mark.parametrize("pool", [(5, "random"), (3, "block"), (2, "block")])
def test_pools_that_cannot_be_are_refused(net, nodes, pool):
    size, pool_type = pool
    rule = tn.ThirdFactorPool(pool_size=size, pool_type=pool_type)
    net.connect(nodes["plain"], nodes["adex"], third=tn.ThirdFactor(nodes["astro"], rule))
    with pytest.raises(InputError, match=r"pool_size|Blocks"):
        net.projections()


def test_third_factors_must_be_astrocytes_and_targets_must_hear_them(net, nodes):
    with pytest.raises(InputError):
        net.connect(nodes["plain"], nodes["adex"], third=tn.ThirdFactor(nodes["plain"]))
    with pytest.raises(InputError):
        net.connect(nodes["plain"], nodes["plain"], third=tn.ThirdFactor(nodes["astro"]))


def test_names_sizes_and_kinds_are_checked(net, nodes):
    for bad in (("adex", tn.AdEx(), 1), ("new", tn.AdEx(), 0), ("new", tn.AdEx(), 1.5)):
        with pytest.raises(InputError):
            net.population(*bad)
    with pytest.raises(InputError, match="model"):
        net.population("new", "aeif_cond_alpha")
    with pytest.raises(InputError, match="seed"):
        tn.Network(seed="one")
    with pytest.raises(InputError, match="belong to the network"):
        net.connect(tn.Network(seed=1).population("other", tn.AdEx()), nodes["adex"])
    with pytest.raises(InputError, match="nodes at both ends"):
        net.connect(nodes["adex"][:0], nodes["adex"])


@pytest.mark.parametrize(
    ("name", "variables", "times"),
    [
        ("plain", ("I_SIC",), {}),
        ("astro", ("V_m",), {}),
        ("parrot", ("V_m",), {}),
        ("poisson", ("V_m",), {}),
        ("plain", (), {}),
        ("plain", ("V_m",), {"interval_ms": 0.0}),
        ("plain", ("V_m",), {"interval_ms": 0.25}),
        ("plain", ("V_m",), {"offset_ms": 0.05}),
        ("plain", ("V_m",), {"start_ms": -1.0}),
    ],
)
def test_what_cannot_be_recorded_is_refused(net, nodes, name, variables, times):
    with pytest.raises(InputError):
        net.record(nodes[name], *variables, **times)
    assert net.probes == []


def test_connections_are_drawn_once_and_by_the_seed_alone(net, nodes):
    def drawn(seed, n_threads=1):
        own = tn.Network(seed=seed)
        cells = own.population("cells", tn.AdEx(), 50)
        own.connect(
            cells, cells, tn.PairwiseBernoulli(p=0.2), tn.Static(weight=tn.Normal(2.0, 1.0))
        )
        (part,) = own.projections(n_threads=n_threads)
        return np.column_stack([*part.ids(), part.value("weight")])

    assert np.array_equal(drawn(1), drawn(1, n_threads=3))
    assert not np.array_equal(drawn(1)[:100], drawn(2)[:100])
    net.connect(nodes["plain"], nodes["adex"])
    assert net.projections()[0] is net.projections()[0]


def test_values_of_merged_connections_are_repeated(net, nodes):
    rule = tn.ThirdFactorPool(pool_size=2)
    third = tn.ThirdFactor(nodes["astro"], rule, third_out=tn.Sic(weight=0.3))
    net.connect(nodes["plain"], nodes["adex"], third=third)
    primary, third_in, third_out = net.projections()
    assert [part.role for part in (primary, third_in, third_out)] == [
        "primary",
        "third_in",
        "third_out",
    ]
    assert primary.n_connections == third_in.n_connections == third_out.n_connections == 16
    assert third_out.value("weight").tolist() == [0.3] * 16
    sources, targets = third_out.ids()
    pools = nodes["astro"].ids[third_out.pools]
    assert all(s in pools[t - 1] for s, t in zip(sources, targets, strict=True))
    assert third_out.replace(label="named").label == "named"


@pytest.mark.parametrize("name", ["", " ", "a/b", "a:b", "a\nb"])
def test_populations_have_names_that_files_can_keep(name):
    with pytest.raises(InputError, match="printable text"):
        tn.Network(seed=1).population(name, tn.AdEx())


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_seeds_beyond_64_bits_are_refused_at_once(seed):
    with pytest.raises(InputError, match="seed"):
        tn.Network(seed=seed)
