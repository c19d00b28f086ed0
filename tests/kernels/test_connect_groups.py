import itertools

import numpy as np
import pytest

from tripartite.kernels.connect_groups import count_rows, merge_rows, scatter


@pytest.fixture
def entries():
    random = np.random.default_rng(5)
    return random.integers(0, 20, 3000).astype(np.int32), random.integers(0, 90, 3000).astype(
        np.int32
    )


def test_rows_are_counted(entries):
    assert count_rows(entries[0], 25).tolist() == np.bincount(entries[0], minlength=25).tolist()


def test_entries_keep_their_order_within_a_row(entries):
    rows, columns = entries
    places = np.concatenate([[0], np.cumsum(np.bincount(rows))])
    grouped = np.empty(rows.size, np.int32)
    scatter(rows, columns, places, grouped)
    assert grouped.tolist() == columns[np.argsort(rows, kind="stable")].tolist()


def test_rows_are_merged_as_by_sorting(entries):
    rows, columns = entries
    first = np.concatenate([[0], np.cumsum(np.bincount(rows))])
    by_row = columns[np.argsort(rows, kind="stable")]
    degrees, merged, copies = merge_rows(first, by_row, 90)
    twin = [np.unique(by_row[a:b], return_counts=True) for a, b in itertools.pairwise(first)]
    assert degrees.tolist() == [distinct.size for distinct, _ in twin]
    assert merged.tolist() == np.concatenate([distinct for distinct, _ in twin]).tolist()
    assert copies.tolist() == np.concatenate([counts for _, counts in twin]).tolist()


def test_a_part_of_the_rows_can_be_merged(entries):
    first = np.array([1000, 1000, 1900])
    degrees, merged, copies = merge_rows(first, entries[1], 90)
    assert degrees.tolist() == [0, merged.size]
    assert copies.sum() == 900
