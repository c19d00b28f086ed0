"""Connecting nodes, finding connections, asking and setting."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tripartite.networks.pynest as face


def pairs(connections):
    return list(zip(connections.sources(), connections.targets(), strict=True))


@pytest.mark.parametrize(
    ("conn_spec", "count"),
    [
        (None, 12),
        ("all_to_all", 12),
        ({"rule": "pairwise_bernoulli", "p": 1.0}, 12),
        ({"rule": "fixed_indegree", "indegree": 5}, 15),
        ({"rule": "fixed_outdegree", "outdegree": 5}, 20),
        ({"rule": "fixed_total_number", "N": 7}, 7),
        ({"rule": "pairwise_poisson", "pairwise_avg_num_conns": 0.0}, 0),
    ],
)
def test_rules_make_as_many_connections_as_they_say(nest, conn_spec, count):
    pre, post = nest.Create("parrot_neuron", 4), nest.Create("parrot_neuron", 3)
    nest.Connect(pre, post, conn_spec)
    assert nest.num_connections == len(nest.GetConnections()) == count
    assert set(pairs(nest.GetConnections())) <= {
        (s, t) for s in pre.tolist() for t in post.tolist()
    }


@pytest.mark.parametrize("autapses", [True, False])
def test_autapses_are_made_where_they_are_allowed(nest, autapses):
    nodes = nest.Create("parrot_neuron", 5)
    nest.Connect(nodes, nodes, {"rule": "all_to_all", "allow_autapses": autapses})
    assert nest.num_connections == (25 if autapses else 20)


def test_multapses_are_made_where_they_are_allowed(nest):
    nodes = nest.Create("parrot_neuron", 5)
    nest.Connect(nodes, nodes, {"rule": "fixed_indegree", "indegree": 5, "allow_multapses": False})
    assert sorted(pairs(nest.GetConnections())) == [
        (s, t) for s in range(1, 6) for t in range(1, 6)
    ]


def test_a_matrix_of_weights_has_targets_as_rows(nest):
    pre, post = nest.Create("parrot_neuron", 3), nest.Create("parrot_neuron", 2)
    weights = np.arange(6.0).reshape(2, 3)
    nest.Connect(pre, post, syn_spec={"weight": weights, "delay": weights + 1.0})
    made = nest.GetConnections()
    for source, target, weight, delay in zip(
        made.sources(), made.targets(), made.weight, made.delay, strict=True
    ):
        assert weight == weights[target - 4, source - 1] == delay - 1.0


def test_a_matrix_of_weights_stays_in_place_without_autapses(nest):
    nodes = nest.Create("parrot_neuron", 3)
    weights = np.arange(9.0).reshape(3, 3)
    nest.Connect(nodes, nodes, {"rule": "all_to_all", "allow_autapses": False}, {"weight": weights})
    made = nest.GetConnections()
    assert made.weight == [weights[t - 1, s - 1] for s, t in pairs(made)]


@pytest.mark.parametrize(
    ("conn_spec", "end"),
    [
        ({"rule": "fixed_indegree", "indegree": 2}, "target"),
        ({"rule": "fixed_outdegree", "outdegree": 2}, "source"),
    ],
)
def test_weights_of_fixed_degrees_belong_to_their_node(nest, conn_spec, end):
    nodes = nest.Create("parrot_neuron", 3)
    nest.Connect(nodes, nodes, conn_spec, {"weight": [[10.0, 11.0], [20.0, 21.0], [30.0, 31.0]]})
    made = nest.GetConnections()
    for node in (1, 2, 3):
        mine = [w for w, k in zip(made.weight, made.get(end), strict=True) if k == node]
        assert sorted(mine) == [10.0 * node, 10.0 * node + 1]


def test_lists_of_ids_may_have_any_order_and_repeats(nest):
    nest.Create("parrot_neuron", 4)
    sources, targets, weights = [3, 1, 2, 2], [1, 1, 4, 3], [1.0, 2.0, 3.0, 4.0]
    nest.Connect(sources, np.array(targets), "one_to_one", {"weight": weights, "delay": [1.0] * 4})
    made = nest.GetConnections()
    asked = zip(sources, targets, weights, strict=True)
    given = zip(made.sources(), made.targets(), made.weight, strict=True)
    assert sorted(given) == sorted(asked)
    with pytest.raises(ValueError, match="one_to_one"):
        nest.Connect(sources, targets)


@pytest.mark.parametrize(
    ("conn_spec", "weight"),
    [
        ("all_to_all", [1.0, 2.0]),
        ("all_to_all", np.ones((3, 2))),
        ("one_to_one", [1.0]),
        ({"rule": "pairwise_bernoulli", "p": 1.0}, np.ones((2, 3))),
        ({"rule": "fixed_indegree", "indegree": 2}, np.ones((3, 2))),
        ({"rule": "fixed_total_number", "N": 3}, [1.0, 2.0]),
    ],
)
def test_arrays_must_have_the_shape_of_the_rule(nest, conn_spec, weight):
    pre, post = nest.Create("parrot_neuron", 3), nest.Create("parrot_neuron", 2)
    with pytest.raises((TypeError, ValueError)):
        nest.Connect(
            pre[:2] if conn_spec == "one_to_one" else pre, post, conn_spec, {"weight": weight}
        )
    assert nest.num_connections == 0


def test_random_weights_and_delays_are_drawn_for_each_connection(nest):
    nodes = nest.Create("parrot_neuron", 50)
    drawn = {"weight": 2.0 * nest.random.uniform(1.0, 2.0), "delay": nest.random.uniform(0.5, 3.0)}
    nest.Connect(nodes, nodes, "all_to_all", drawn)
    made = nest.GetConnections()
    weights, delays = np.array(made.weight), np.array(made.delay)
    assert len(np.unique(weights)) == 2500
    assert 2.0 <= weights.min() < weights.max() < 4.0
    np.testing.assert_allclose(delays, np.rint(delays * 10) / 10, atol=1e-12)
    assert abs(delays.mean() - 1.75) < 0.1
    assert (nest.min_delay, nest.max_delay) == (delays.min(), delays.max())


@pytest.mark.parametrize(
    ("pre", "post", "arguments", "error"),
    [
        ("neuron", "neuron", ["all_to_al"], "BadProperty"),
        ("neuron", "neuron", [{"p": 0.1}], "BadProperty"),
        ("neuron", "neuron", [{"rule": "pairwise_bernoulli"}], "BadProperty"),
        ("neuron", "neuron", [{"rule": "pairwise_bernoulli", "p": 2.0}], "BadProperty"),
        ("neuron", "neuron", [{"rule": "pairwise_bernoulli", "p": "large"}], "BadProperty"),
        ("neuron", "neuron", [{"rule": "all_to_all", "q": 1}], "UnaccessedDictionaryEntry"),
        ("neuron", "neuron", [{"rule": "all_to_all", "make_symmetric": True}], "NotImplemented"),
        ("neuron", "neuron", [None, "stdp_synapse"], "UnknownSynapseType"),
        ("neuron", "neuron", [None, {"wight": 1.0}], "UnaccessedDictionaryEntry"),
        ("neuron", "neuron", [None, {"receptor_type": 1}], "UnknownReceptorType"),
        ("neuron", "neuron", [None, {"delay": 0.0}], "BadDelay"),
        ("neuron", "neuron", [None, {"delay": "long"}], "BadType"),
        ("neuron", "neuron", [None, {"weight": "heavy"}], "BadProperty"),
        ("neuron", "neuron", [None, {"delay": 1.05}], "BadDelay"),
        ("neuron", "neuron", [None, {"synapse_label": 3}], "NotImplemented"),
        ("neuron", "astrocyte", ["one_to_one"], "DimensionMismatch"),
        ("neuron", "astrocyte", [None, {"weight": -1.0}], "BadProperty"),
        ("neuron", "astrocyte", ["all_to_all", {"weight": -np.ones((2, 3))}], "BadProperty"),
        ("neuron", "neuron", [None, "sic_connection"], "IllegalConnection"),
        ("astrocyte", "neuron", [], "IllegalConnection"),
        ("astrocyte", "recorder", [], "IllegalConnection"),
        ("neuron", "generator", [], "IllegalConnection"),
        ("generator", "neuron", [None, "tsodyks_synapse"], "IllegalConnection"),
        ("generator", "recorder", [], "NotImplemented"),
        ("recorder", "neuron", [], "IllegalConnection"),
        ("neuron", "meter", [], "IllegalConnection"),
        ("meter", "astrocyte", [], "IllegalConnection"),
        ("meter", "generator", [], "IllegalConnection"),
    ],
)
def test_what_cannot_be_connected_is_named_and_leaves_nothing(nest, pre, post, arguments, error):
    nodes = {
        "neuron": nest.Create("aeif_cond_alpha_astro", 3),
        "astrocyte": nest.Create("astrocyte_lr_1994", 2),
        "generator": nest.Create("poisson_generator"),
        "recorder": nest.Create("spike_recorder"),
        "meter": nest.Create("multimeter", params={"record_from": ["V_m"]}),
    }
    with pytest.raises(getattr(nest.NESTErrors, error)):
        nest.Connect(nodes[pre], nodes[post], *arguments)
    assert nest.num_connections == 0
    nest.Connect(nodes["neuron"], nodes["neuron"])
    nest.Simulate(1.0)


def connect_tripartite(nest, spelling, pools):
    """Make a tripartite network in one of the spellings."""
    nest.ResetKernel()
    neurons, astrocytes = (
        nest.Create("aeif_cond_alpha_astro", 4),
        nest.Create("astrocyte_lr_1994", 8),
    )
    synapses = {
        "primary": {"synapse_model": "tsodyks_synapse", "weight": 2.0, "delay": 2.0},
        "third_in": {"weight": 3.0},
        "third_out": {"synapse_model": "sic_connection", "weight": 0.1},
    }
    old = {"rule": "tripartite_bernoulli_with_pool", "p_primary": 0.6, **pools}
    old["p_third_if_primary"] = 0.5
    third = {"rule": "third_factor_bernoulli_with_pool", "p": 0.5, **pools}
    nodes = (neurons, neurons, astrocytes)
    if spelling == "3.7":
        nest.TripartiteConnect(*nodes, conn_spec=old, syn_specs=synapses)
    elif spelling == "3.7 by position":
        nest.TripartiteConnect(*nodes, old, synapses)
    else:
        nest.TripartiteConnect(*nodes, {"rule": "pairwise_bernoulli", "p": 0.6}, third, synapses)
    return neurons, astrocytes


@pytest.mark.parametrize("pool_type", ["random", "block"])
def test_all_spellings_make_the_same_tripartite_network(nest, pool_type):
    pools, made = {"pool_size": 2, "pool_type": pool_type}, []
    for spelling in ("3.7", "3.7 by position", "3.8"):
        connect_tripartite(nest, spelling, pools)
        made.append(
            nest.GetConnections().get(["source", "target", "synapse_model", "weight", "delay"])
        )
    assert made[0] == made[1] == made[2]


@pytest.mark.parametrize("pool_type", ["random", "block"])
def test_third_connections_belong_to_primary_ones_and_to_pools(nest, pool_type):
    neurons, astrocytes = connect_tripartite(nest, "3.8", {"pool_size": 2, "pool_type": pool_type})
    primary = nest.GetConnections(neurons, neurons)
    third_in, third_out = nest.GetConnections(neurons, astrocytes), nest.GetConnections(astrocytes)
    assert 0 < len(third_in) == len(third_out) < len(primary) < 16
    assert len(primary) + 2 * len(third_in) == nest.num_connections
    assert set(primary.get("synapse_model")) == {"tsodyks_synapse"}
    assert [set(c.weight) for c in (primary, third_in, third_out)] == [{2.0}, {3.0}, {0.1}]
    pools = {t: {s for s, u in pairs(third_out) if u == t} for t in neurons.tolist()}
    assert all(len(pool) <= 2 for pool in pools.values())
    if pool_type == "block":
        assert all(pools[t] <= {3 + 2 * t, 4 + 2 * t} for t in pools)


def test_the_defaults_of_tripartite_connections_are_all_pairs_and_all_astrocytes(nest):
    neurons, astrocytes = (
        nest.Create("aeif_cond_alpha_astro", 4),
        nest.Create("astrocyte_lr_1994", 3),
    )
    synapses = {"third_out": "sic_connection"}
    nest.TripartiteConnect(
        neurons, neurons, astrocytes, {"rule": "tripartite_bernoulli_with_pool"}, syn_specs=synapses
    )
    assert nest.num_connections == 3 * 16
    assert set(nest.GetConnections(astrocytes).sources()) == {5, 6, 7}


@pytest.mark.parametrize(
    ("third", "synapses", "error"),
    [
        ({"pool_size": 4}, {}, "BadProperty"),
        ({"pool_size": 0}, {}, "BadProperty"),
        ({"pool_type": "blocks"}, {}, "BadProperty"),
        ({"pool_type": "block", "pool_size": 2}, {}, "BadProperty"),
        ({"p": 1.5}, {}, "BadProperty"),
        ({"q": 1.0}, {}, "UnaccessedDictionaryEntry"),
        ({"rule": "one_to_one"}, {}, "IllegalConnection"),
        ({}, {"third_out": "static_synapse"}, "IllegalConnection"),
        ({}, {"third_in": {"weight": -1.0}}, "BadProperty"),
        ({}, {"third_in": {"weight": [1.0, 2.0]}}, "BadParameter"),
        ({}, {"thirdin": "static_synapse"}, "BadProperty"),
    ],
)
def test_tripartite_connections_that_cannot_be_leave_nothing(nest, third, synapses, error):
    neurons, astrocytes = (
        nest.Create("aeif_cond_alpha_astro", 4),
        nest.Create("astrocyte_lr_1994", 3),
    )
    with pytest.raises(getattr(nest.NESTErrors, error)):
        nest.TripartiteConnect(
            *(neurons, neurons, astrocytes),
            {"rule": "pairwise_bernoulli", "p": 1.0},
            {"rule": "third_factor_bernoulli_with_pool", **third},
            {"third_out": "sic_connection", **synapses},
        )
    assert nest.num_connections == 0


@pytest.fixture
def mixed(nest):
    """Connections of several models, of nodes and devices."""
    neurons, astrocytes = (
        nest.Create("aeif_cond_alpha_astro", 4),
        nest.Create("astrocyte_lr_1994", 3),
    )
    recorder, generator = nest.Create("spike_recorder"), nest.Create("poisson_generator")
    nest.Connect(generator, neurons)
    nest.Connect(neurons, recorder)
    nest.Connect(neurons[2:], astrocytes, "all_to_all", {"weight": 2.0, "delay": 2.0})
    nest.Connect(neurons, neurons, "all_to_all", {"synapse_model": "tsodyks_synapse", "U": 0.1})
    nest.Connect(neurons[:2], astrocytes)
    nest.Connect(astrocytes, neurons, "all_to_all", "sic_connection")
    return neurons, astrocytes, recorder, generator


def test_connections_come_in_the_order_of_nest(nest, mixed):
    neurons, astrocytes, recorder, generator = (nodes.tolist() for nodes in mixed)
    expected = [(s, t) for s in astrocytes for t in neurons]
    expected += [(s, t) for s in neurons for t in astrocytes]
    expected += [(s, recorder[0]) for s in neurons]
    expected += [(generator[0], t) for t in neurons]
    expected += [(s, t) for s in neurons for t in neurons]
    assert pairs(nest.GetConnections()) == expected


def test_connections_are_found_by_ends_and_model(nest, mixed):
    neurons, astrocytes, recorder, generator = mixed
    assert len(nest.GetConnections(source=neurons[:2])) == 2 * (3 + 4 + 1)
    assert len(nest.GetConnections(target=astrocytes)) == 12
    assert pairs(nest.GetConnections(neurons[1:3], astrocytes[::2])) == [
        (2, 5),
        (2, 7),
        (3, 5),
        (3, 7),
    ]
    assert len(nest.GetConnections(synapse_model="static_synapse")) == 4 + 4 + 12
    assert len(nest.GetConnections(target=recorder)) == 4
    assert len(nest.GetConnections(generator)) == 4
    assert nest.GetDefaults("tsodyks_synapse", "num_connections") == 16
    nothing = nest.GetConnections(recorder)
    assert (len(nothing), list(nothing.sources()), nothing.get(), nothing.get("weight")) == (
        0,
        [],
        {},
        (),
    )
    assert len(nest.GetConnections(synapse_label=3)) == 0
    with pytest.raises(nest.NESTErrors.UnknownSynapseType):
        nest.GetConnections(synapse_model="stdp_synapse")
    with pytest.raises(TypeError):
        nest.GetConnections([1, 2])


def test_what_connections_have_comes_as_in_nest(nest, mixed):
    made = nest.GetConnections()
    assert made[0].get(["source", "target", "weight"]) == {"source": 5, "target": 1, "weight": 1.0}
    assert made[:2].get("weight") == [1.0, 1.0]
    assert made[-1].synapse_model == "tsodyks_synapse"
    assert set(made.U) == {None, 0.1}
    assert {"source", "target", "synapse_model", "weight", "delay", "U", "x"} <= set(made.get())
    assert [c.target for c in made[:3]] == [1, 2, 3]
    assert made[1:3].get(["weight"], output="pandas")["weight"].tolist() == [1.0, 1.0]
    assert nest.GetStatus(made[:2], ["source", "target"]) == ((5, 1), (5, 2))
    assert made == nest.GetConnections()
    assert made[:3] != made[1:4]
    for key, error in {500: IndexError, "a": TypeError}.items():
        with pytest.raises(error):
            made[key]
    with pytest.raises(KeyError, match="weight"):
        made.get("weigth")
    with pytest.raises(TypeError):
        made.get(5)


def test_connections_are_set_together_one_by_one_and_in_part(nest, mixed):
    neurons, astrocytes, *_ = mixed
    inward = nest.GetConnections(neurons, astrocytes)
    inward.weight = 5.0
    inward[3:6].set(weight=[7.0, 8.0, 9.0], delay=3.0)
    nest.SetStatus(inward[0], {"weight": 4.0})
    assert nest.GetConnections(neurons, astrocytes).weight == [
        4.0,
        5.0,
        5.0,
        7.0,
        8.0,
        9.0,
        *[5.0] * 6,
    ]
    assert inward.delay[2:4] == [1.0, 3.0]
    assert nest.max_delay == 3.0
    plastic = nest.GetConnections(neurons, neurons)
    plastic.set([{"U": 0.1 * k / 16} for k in range(16)])
    assert [0.1 * k / 16 for k in range(16)] == plastic.U
    plastic.weight = nest.random.uniform(1.0, 2.0)
    assert len(set(plastic.weight)) == 16
    assert nest.num_connections == 4 + 4 + 12 + 16 + 12


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"weight": -1.0}, "BadProperty"),
        ({"weight": [1.0, 2.0]}, "BadIndex"),
        ({"delay": 0.0}, "BadDelay"),
        ({"delay": 1.05}, "BadDelay"),
        ({"U": 0.1}, "UnaccessedDictionaryEntry"),
        ({"source": 2}, "UnaccessedDictionaryEntry"),
    ],
)
def test_connections_refuse_values_that_do_not_hold(nest, mixed, values, error):
    neurons, astrocytes, *_ = mixed
    inward = nest.GetConnections(neurons, astrocytes)
    before = inward.get()
    with pytest.raises(getattr(nest.NESTErrors, error)):
        inward.set(values)
    assert inward.get() == before


def test_merged_third_factor_connections_can_be_set_one_by_one(nest):
    neurons, astrocyte = nest.Create("aeif_cond_alpha_astro", 3), nest.Create("astrocyte_lr_1994")
    nest.TripartiteConnect(
        *(neurons, neurons, astrocyte),
        "all_to_all",
        "third_factor_bernoulli_with_pool",
        {"third_out": "sic_connection"},
    )
    inward = nest.GetConnections(neurons, astrocyte)
    assert pairs(inward) == [(s, 4) for s in (1, 1, 1, 2, 2, 2, 3, 3, 3)]
    assert pairs(nest.GetConnections(neurons[1:], astrocyte)) == pairs(inward)[3:]
    inward[4].weight = 2.5
    assert inward.weight == [1.0, 1.0, 1.0, 1.0, 2.5, 1.0, 1.0, 1.0, 1.0]
    assert nest.num_connections == 27
    nest.Simulate(1.0)


def test_variants_of_synapse_models_keep_their_names(nest):
    nodes = nest.Create("parrot_neuron", 2)
    nest.CopyModel("static_synapse", "strong", {"weight": 5.0, "delay": 2.0})
    nest.Connect(nodes, nodes, syn_spec="strong")
    nest.Connect(nodes, nodes, syn_spec={"synapse_model": "strong", "weight": 6.0})
    nest.Connect(nodes, nodes)
    strong = nest.GetConnections(synapse_model="strong")
    assert sorted(strong.weight) == [5.0] * 4 + [6.0] * 4
    assert set(strong.delay) == {2.0}
    assert len(nest.GetConnections(synapse_model="static_synapse")) == 4
    assert "strong" in nest.synapse_models
    with pytest.raises(nest.NESTErrors.BadProperty, match="one number"):
        nest.CopyModel("static_synapse", "several", {"weight": [1.0, 2.0]})


def test_defaults_of_synapses_reach_later_connections(nest):
    nodes = nest.Create("parrot_neuron", 2)
    nest.SetDefaults("static_synapse", {"weight": 3.0, "delay": 0.5})
    nest.Connect(nodes, nodes)
    assert set(nest.GetConnections().weight) == {3.0}
    assert nest.min_delay == 0.5


def test_new_connections_are_returned_when_asked_for(nest):
    nodes = nest.Create("parrot_neuron", 3)
    assert nest.Connect(nodes, nodes) is None
    made = nest.Connect(nodes, nodes, "one_to_one", {"weight": 2.0}, return_synapsecollection=True)
    assert pairs(made) == [(1, 1), (2, 2), (3, 3)]
    assert made.weight == [2.0] * 3


def test_long_tables_show_both_ends(nest):
    nodes = nest.Create("parrot_neuron", 20)
    assert "does not contain any" in str(nest.GetConnections())
    nest.Connect(nodes, nodes)
    lines = str(nest.GetConnections()).splitlines()
    assert len(lines) == 1 + 36 + 1
    assert lines[-1].split() == ["20", "20", "static_synapse", "1", "1"]
    assert repr(nest.GetConnections()) == "<SynapseCollection: 400 connections>"


def test_random_networks_depend_on_the_seed_and_not_on_the_threads(nest):
    def build(seed, n_threads):
        nest.ResetKernel()
        nest.set(rng_seed=seed, local_num_threads=n_threads)
        nodes = nest.Create("parrot_neuron", 60)
        nest.Connect(nodes, nodes, {"rule": "pairwise_bernoulli", "p": 0.2})
        return pairs(nest.GetConnections())

    assert build(1, 1) == build(1, 2)
    assert build(1, 1) != build(2, 1)


def test_connections_from_before_a_reset_are_refused(nest):
    nodes = nest.Create("parrot_neuron", 2)
    nest.Connect(nodes, nodes)
    old = nest.GetConnections()
    nest.ResetKernel()
    with pytest.raises(nest.NESTError, match="before ResetKernel"):
        old.get("weight")


@given(
    st.integers(1, 2**32 - 1),
    st.sets(st.integers(1, 9), min_size=1),
    st.sets(st.integers(1, 9), min_size=1),
)
def test_what_is_found_is_what_a_filter_of_all_leaves(seed, sources, targets):
    face.ResetKernel()
    face.rng_seed = seed
    neurons, astrocytes = (
        face.Create("aeif_cond_alpha_astro", 6),
        face.Create("astrocyte_lr_1994", 3),
    )
    face.TripartiteConnect(
        *(neurons, neurons, astrocytes),
        {"rule": "pairwise_bernoulli", "p": 0.7},
        {"rule": "third_factor_bernoulli_with_pool", "pool_size": 2},
        {"third_out": "sic_connection"},
    )
    face.Connect(neurons, neurons, {"rule": "fixed_indegree", "indegree": 2}, "tsodyks_synapse")
    every = face.GetConnections()
    assert len(every) == face.num_connections
    ends = [face.NodeCollection(sorted(ids)) for ids in (sources, targets)]
    found = face.GetConnections(*ends)
    expected = [(s, t) for s, t in pairs(every) if s in sources and t in targets]
    assert pairs(found) == expected
    assert len(found) == len(expected)
