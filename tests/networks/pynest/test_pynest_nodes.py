"""Creating nodes, choosing among them, asking and setting."""

import json
from pathlib import Path

import numpy as np
import pytest

DEFAULTS = json.loads((Path(__file__).parent / "nest_defaults.json").read_text("utf-8"))


@pytest.mark.parametrize("model", DEFAULTS)
def test_the_defaults_are_those_of_nest(nest, model):
    ours = nest.GetDefaults(model)
    for name, value in DEFAULTS[model].items():
        np.testing.assert_array_equal(ours[name], value, err_msg=name)


def test_ids_count_from_one_over_all_models(nest):
    neurons, recorders = nest.Create("iaf_cond_alpha", 3), nest.Create("spike_recorder", 2)
    assert neurons.tolist() == [1, 2, 3]
    assert recorders.global_id == (4, 5)
    assert neurons[1].global_id == 2
    assert nest.network_size == 5
    assert nest.GetNodes() == neurons + recorders


@pytest.mark.parametrize(
    ("key", "ids"),
    [
        (0, [1]),
        (-1, [10]),
        (slice(2, 5), [3, 4, 5]),
        (slice(None, None, 4), [1, 5, 9]),
        ([1, 3], [2, 4]),
        ((1, 3), [2, 4]),
        (np.array([0, 9]), [1, 10]),
        ([True] + [False] * 8 + [True], [1, 10]),
        ([], []),
    ],
)
def test_nodes_are_chosen_by_index_slice_list_and_mask(nest, key, ids):
    assert nest.Create("parrot_neuron", 10)[key].tolist() == ids


@pytest.mark.parametrize(
    ("key", "error"),
    [
        (10, IndexError),
        (slice(5, 100), IndexError),
        (slice(None, None, -1), IndexError),
        (slice(3, 3), "BadParameter"),
        ([3, 1], "BadProperty"),
        ([1, 1], "BadProperty"),
        ([True], IndexError),
        ("a", IndexError),
    ],
)
def test_keys_that_cannot_choose_are_refused(nest, key, error):
    with pytest.raises(getattr(nest.NESTErrors, error) if isinstance(error, str) else error):
        nest.Create("parrot_neuron", 10)[key]


def test_collections_compare_add_contain_and_convert(nest):
    a, b = nest.Create("parrot_neuron", 3), nest.Create("iaf_cond_alpha", 2)
    both = b + a
    assert both.tolist() == [1, 2, 3, 4, 5]
    assert both[:3] == a
    assert a != b
    assert 2 in a
    assert b[0] in both
    assert b[0] not in a
    assert both.index(4) == 3
    assert [node.global_id for node in b] == [4, 5]
    assert np.array(b).tolist() == [4, 5]
    assert nest.NodeCollection([2, 4]) == both[[1, 3]]
    assert len(nest.NodeCollection()) == 0
    assert not nest.NodeCollection([])


@pytest.mark.parametrize(
    ("ids", "error"), [([3, 1], "BadProperty"), ([1, 1], "BadProperty"), ([1, 9], "UnknownNode")]
)
def test_collections_of_ids_must_ascend_and_exist(nest, ids, error):
    nest.Create("parrot_neuron", 3)
    with pytest.raises(getattr(nest.NESTErrors, error)):
        nest.NodeCollection(ids)


def test_only_other_nodes_can_be_added(nest):
    nodes = nest.Create("parrot_neuron", 3)
    with pytest.raises(nest.NESTErrors.BadProperty, match="Got 1"):
        nodes + nodes[:2]
    with pytest.raises(TypeError):
        nodes + 3


def test_a_collection_shows_its_models_and_ids(nest):
    neurons = nest.Create("iaf_cond_alpha", 5)
    assert repr(neurons) == (
        "NodeCollection(metadata=None, model=iaf_cond_alpha, size=5, first=1, last=5)"
    )
    assert "first=1, last=5, step=2" in repr(neurons[::2])
    assert "first=2)" in repr(neurons[1])
    assert repr(nest.NodeCollection([])) == "NodeCollection(<empty>)"


@pytest.mark.parametrize(
    "params",
    [
        {"V_m": [-60.0, -61.0, -62.0]},
        {"V_m": np.array([-60.0, -61.0, -62.0])},
        [{"V_m": -60.0}, {"V_m": -61.0}, {"V_m": -62.0}],
        [{"V_m": -60.0, "C_m": 250.0}, {"V_m": -61.0}, {"V_m": -62.0}],
    ],
)
def test_values_are_given_to_each_node(nest, params):
    neurons = nest.Create("iaf_cond_alpha", 3, params)
    assert neurons.V_m == (-60.0, -61.0, -62.0)
    assert neurons.C_m == (250.0,) * 3
    neurons.V_m = -70.0
    neurons.set(params)
    assert neurons.get("V_m") == (-60.0, -61.0, -62.0)


def test_values_of_some_nodes_are_set_alone(nest):
    neurons = nest.Create("iaf_cond_alpha", 4)
    neurons[1:3].V_m = [-50.0, -51.0]
    neurons[0].set(V_m=-49.0)
    nest.SetStatus(neurons[3], "V_m", -48.0)
    assert neurons.V_m == (-49.0, -50.0, -51.0, -48.0)
    assert nest.GetStatus(neurons[:2], ["V_m", "C_m"]) == ((-49.0, 250.0), (-50.0, 250.0))
    assert nest.GetStatus(neurons[0])[0]["V_m"] == -49.0
    for wrong in ("high", float("nan")):
        with pytest.raises(nest.NESTErrors.BadProperty, match="V_m"):
            neurons[1].V_m = wrong


def test_what_is_asked_for_comes_as_in_nest(nest):
    neurons, astrocytes = nest.Create("iaf_cond_alpha", 2), nest.Create("astrocyte_lr_1994")
    assert neurons[0].get("C_m") == 250.0
    assert neurons.get(["C_m", "model"]) == {
        "C_m": (250.0, 250.0),
        "model": ("iaf_cond_alpha",) * 2,
    }
    assert (neurons + astrocytes).get("IP3") == (None, None, 0.16)
    assert set(neurons[0].get()) > {"V_m", "C_m", "model", "global_id", "element_type", "local"}
    assert json.loads(neurons.get(["C_m"], output="json")) == {"C_m": [250.0, 250.0]}
    frame = neurons.get(["C_m", "V_m"], output="pandas")
    assert frame.index.tolist() == [1, 2]
    assert frame["V_m"].tolist() == [-70.0, -70.0]


def test_random_values_lie_where_they_should_and_depend_on_the_seed(nest):
    def draw(seed):
        nest.ResetKernel()
        nest.rng_seed = seed
        wish = -70.0 + 5.0 * nest.random.normal() - nest.random.uniform(0.0, 2.0) / 2.0
        return np.array(nest.Create("iaf_cond_alpha", 4000, {"V_m": wish}).V_m)

    first = draw(1)
    assert np.array_equal(first, draw(1))
    assert not np.any(first == draw(2))
    # mean -70.5, sd sqrt(25 + 1/12); five standard errors
    assert abs(first.mean() + 70.5) < 5 * 5.01 / np.sqrt(4000)
    assert abs(first.std() - np.sqrt(25 + 1 / 12)) < 5 * 5.01 / np.sqrt(2 * 4000)


def test_two_draws_of_one_distribution_are_independent(nest):
    uniform = nest.random.uniform(0.0, 1.0)
    difference = nest.Create("astrocyte_lr_1994", 4000, {"IP3": (uniform - uniform) ** 2}).IP3
    assert abs(np.mean(difference) - 1 / 6) < 0.02


def test_arithmetic_of_random_values_is_that_of_numbers(nest):
    one = nest.random.uniform(0.999999, 1.000001)
    for wish, value in [(2.0 - one, 1.0), (1.0 / (one + 1.0), 0.5), (-one + 3, 2.0), (one**2, 1.0)]:
        assert (
            pytest.approx(value, abs=1e-5) == nest.Create("astrocyte_lr_1994", 1, {"IP3": wish}).IP3
        )
    with pytest.raises(TypeError):
        one + "a"


def test_each_generator_has_its_own_values(nest):
    generators = nest.Create("spike_generator", 2, [{"spike_times": [1.0]}, {"spike_times": [2.0]}])
    generators[1].spike_times = [3.0, 4.0]
    assert [times.tolist() for times in generators.spike_times] == [[1.0], [3.0, 4.0]]
    assert nest.Create("poisson_generator", 2, {"rate": [5.0, 6.0]}).rate == (5.0, 6.0)
    both = nest.Create("spike_generator", 2, {"spike_times": [1.0, 2.0]})
    assert [times.tolist() for times in both.spike_times] == [[1.0, 2.0]] * 2


@pytest.mark.parametrize(
    ("model", "params", "error"),
    [
        ("iaf_cond", {}, "UnknownModelName"),
        ("iaf_cond_alpha", {"tau_syn": 1.0}, "UnaccessedDictionaryEntry"),
        ("iaf_cond_alpha", {"tau_minus": 20.0}, "UnaccessedDictionaryEntry"),
        ("iaf_cond_alpha", {"C_m": -1.0}, "BadProperty"),
        ("iaf_cond_alpha", {"C_m": "large"}, "BadProperty"),
        ("iaf_cond_alpha", {"V_reset": -50.0}, "BadProperty"),
        ("iaf_cond_alpha", {"V_m": [1.0, 2.0]}, "BadIndex"),
        ("iaf_cond_alpha", [{}, {}], "BadType"),
        ("iaf_cond_alpha", "V_m", "BadType"),
        ("dc_generator", {"start": 5.03}, "BadProperty"),
        ("multimeter", {"record_from": "V_m"}, "TypeMismatch"),
        ("multimeter", {"interval": 0.25}, "BadProperty"),
        ("weight_recorder", {"senders": 3}, "TypeMismatch"),
        ("spike_recorder", {"record_to": "nowhere"}, "BadProperty"),
        ("spike_recorder", {"record_to": "screen"}, "NotImplemented"),
    ],
)
def test_what_cannot_be_created_is_named_and_leaves_nothing(nest, model, params, error):
    with pytest.raises(getattr(nest.NESTErrors, error)):
        nest.Create(model, 3, params)
    assert nest.network_size == 0
    assert nest.Create("parrot_neuron").global_id == 1


def test_the_nearest_name_is_offered(nest):
    with pytest.raises(nest.NESTError, match="Did you mean 'astrocyte_lr_1994'"):
        nest.Create("astrocyte_lr1994")
    neuron = nest.Create("iaf_cond_alpha")
    with pytest.raises(KeyError, match="Did you mean 'tau_syn_ex'"):
        neuron.get("tau_syn_exc")
    with pytest.raises(nest.NESTErrors.UnaccessedDictionaryEntry, match="'V_reset'"):
        neuron.V_rest = -60.0


@pytest.mark.parametrize("n", [0, -1, 2.5, "two"])
def test_nodes_come_in_whole_numbers(nest, n):
    with pytest.raises((nest.NESTError, TypeError)):
        nest.Create("parrot_neuron", n)


def test_positions_are_named_as_unsupported(nest):
    with pytest.raises(NotImplementedError, match="positions"):
        nest.Create("parrot_neuron", 2, positions=[[0.0, 0.0], [1.0, 0.0]])


def test_defaults_reach_later_nodes_and_copies_keep_theirs(nest):
    before = nest.Create("astrocyte_lr_1994")
    nest.SetDefaults("astrocyte_lr_1994", {"tau_IP3": 100.0})
    nest.CopyModel("astrocyte_lr_1994", "fast", {"tau_IP3": 2.0})
    nest.SetDefaults("astrocyte_lr_1994", "tau_IP3", 50.0)
    after, fast = nest.Create("astrocyte_lr_1994"), nest.Create("fast", 2)
    assert (before.tau_IP3, after.tau_IP3, fast.tau_IP3) == (7142.0, 50.0, (2.0, 2.0))
    assert fast[0].model == "fast"
    assert "fast" in nest.node_models
    with pytest.raises(nest.NESTErrors.NewModelNameExists):
        nest.CopyModel("parrot_neuron", "fast")
    with pytest.raises(nest.NESTErrors.UnaccessedDictionaryEntry):
        nest.SetDefaults("fast", {"tau": 1.0})
    with pytest.raises(nest.NESTErrors.UnknownModelName):
        nest.CopyModel("nothing", "something")


def test_nodes_from_before_a_reset_are_refused(nest):
    old = nest.Create("parrot_neuron", 2)
    nest.ResetKernel()
    nest.Create("parrot_neuron", 2)
    with pytest.raises(nest.NESTError, match="before ResetKernel"):
        nest.Connect(old, old)


def test_nodes_are_found_by_what_they_have(nest):
    nest.Create("parrot_neuron", 2)
    neurons = nest.Create("iaf_cond_alpha", 2, {"V_m": [-60.0, -61.0]})
    assert nest.GetNodes({"model": "iaf_cond_alpha"}) == neurons
    assert nest.GetNodes({"V_m": -61.0}) == neurons[1]
    assert nest.GetLocalNodeCollection(neurons) == neurons
