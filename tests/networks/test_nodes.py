"""Selections of nodes."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tripartite import networks as tn
from tripartite.errors import InputError


@pytest.fixture
def nodes():
    net = tn.Network(seed=1)
    return net.population("a", tn.AdEx(), 5), net.population("b", tn.Parrot(), 4)


def test_ids_count_from_one_over_all_populations(nodes):
    a, b = nodes
    assert a.ids.tolist() == [1, 2, 3, 4, 5]
    assert b.ids.tolist() == [6, 7, 8, 9]
    assert (len(a), len(a + b)) == (5, 9)


@given(st.slices(9))
def test_a_slice_takes_the_ids_that_a_list_would_give(which):
    net = tn.Network(seed=1)
    both = net.population("a", tn.AdEx(), 5) + net.population("b", tn.Parrot(), 4)
    ids = both.ids.tolist()[which]
    if ids == sorted(ids):
        assert both[which].ids.tolist() == ids
    else:
        with pytest.raises(InputError, match="ascending"):
            both[which]


@given(st.lists(st.booleans(), min_size=9, max_size=9))
def test_a_mask_takes_what_it_marks(mask):
    net = tn.Network(seed=1)
    both = net.population("a", tn.AdEx(), 5) + net.population("b", tn.Parrot(), 4)
    assert both[np.array(mask)].ids.tolist() == both.ids[mask].tolist()


def test_iteration_gives_single_nodes_and_membership_is_by_id(nodes):
    a, b = nodes
    assert [each.ids.tolist() for each in b] == [[6], [7], [8], [9]]
    assert a[1] in a
    assert 7 in b
    assert 7 not in a
    assert b[-1] == b[3:]
    assert len({b[-1], b[3:], a[0]}) == 2


def test_sums_are_sorted_and_without_repeats(nodes):
    a, b = nodes
    assert (b + a[3:] + a[:1]).ids.tolist() == [1, 4, 5, 6, 7, 8, 9]
    assert (a[::2] + a[1::2]) == a
    with pytest.raises(InputError, match="must not share nodes"):
        a[:3] + a[2:]
    with pytest.raises(InputError):
        a + 3


def test_a_selection_of_one_model_has_it(nodes):
    a, b = nodes
    assert a[2:].model == tn.AdEx()
    with pytest.raises(InputError, match="one population"):
        _ = (a + b).model


@pytest.mark.parametrize("which", [9, [0, 12], [2, 1], [1, 1]])
def test_positions_beyond_or_out_of_order_are_refused(nodes, which):
    with pytest.raises(InputError, match="Positions must"):
        nodes[0][which]


def test_the_text_says_how_many_of_what(nodes):
    a, b = nodes
    assert repr(a[:2] + b) == "<Nodes: 2 of 'a', 4 of 'b'>"
    assert repr(a[:0]) == "<Nodes: none>"
