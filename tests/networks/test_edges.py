import numpy as np
import pytest

from tripartite.networks.edges import Edges


@pytest.fixture
def edges():
    return Edges(
        first=np.array([0, 2, 2, 4]),
        targets=np.array([1, 3, 0, 3], np.int32),
        n_post=5,
        copies=np.array([1, 2, 3, 1], np.uint16),
    )


def test_copies_count_as_connections(edges):
    assert edges.n_connections == 7
    sources, targets = edges.pairs()
    assert sources.tolist() == [0, 0, 0, 2, 2, 2, 2]
    assert targets.tolist() == [1, 3, 3, 0, 0, 0, 3]
    assert edges.out_degrees().tolist() == [3, 0, 4]
    assert edges.in_degrees().tolist() == [3, 1, 0, 3, 0]


def test_expanded_edges_have_an_entry_for_each_copy(edges):
    expanded = edges.expand()
    assert expanded.first.tolist() == [0, 3, 3, 7]
    assert expanded.targets.tolist() == [1, 3, 3, 0, 0, 0, 3]
    assert expanded.copies is None
    assert expanded.expand() is expanded
    assert expanded.n_connections == edges.n_connections


def test_rows_come_in_parts(edges):
    parts = Edges.from_rows(
        [np.array([2]), np.array([0, 2])],
        [edges.targets[:2], edges.targets[2:]],
        [edges.copies[:3], edges.copies[3:]],
        n_post=5,
    )
    assert parts.first.tolist() == edges.first.tolist()
    assert parts.targets.tolist() == edges.targets.tolist()
    assert parts.copies.tolist() == edges.copies.tolist()


def test_keys_come_in_any_order(edges):
    sources, targets = edges.pairs()
    keys = np.random.default_rng(0).permutation(sources * 5 + targets)
    again = Edges.from_keys(keys, 3, 5)
    assert again.first.tolist() == edges.expand().first.tolist()
    assert again.targets.tolist() == targets.tolist()
    assert again.targets.dtype == np.int32


def test_nobody_has_no_edges():
    edges = Edges.from_keys(np.empty(0, np.int64), 0, 0)
    assert (edges.n_pre, edges.n_connections) == (0, 0)
    assert edges.pairs()[0].size == edges.in_degrees().size == edges.out_degrees().size == 0
