"""Batches: what fits is stacked, what does not fit is a list, and nothing is lost."""

import dataclasses
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray
from shard_samples import assert_same

import tripartite as tp
from tripartite.errors import InputError
from tripartite.streams.samples.batches import pad, stack


@tp.packable
class Item:
    x: NDArray
    opt: NDArray | None = None
    name: str = ""
    many: list[NDArray] = dataclasses.field(default_factory=list)
    any: Any = None


def as_decoded(items, folder):
    dataset = tp.write_samples(items, folder / "a.tar", overwrite=True)
    return next(iter(dataset.ordered(len(items))))


def as_collated(items, folder):
    return tp.collate(items)


def as_mapped(items, folder):
    dataset = tp.write_samples(items, folder / "a.tar", overwrite=True).map(lambda s: s)
    return next(iter(dataset.ordered(len(items))))


def as_schema_free(items, folder):
    names = tp.write_samples(items, folder / "a.tar", overwrite=True).shards
    return next(iter(tp.load_dataset(names).ordered(len(items))))


@pytest.fixture(params=[as_decoded, as_collated, as_mapped, as_schema_free])
def make(request, tmp_path):
    return lambda items: request.param(items, tmp_path)


A = np.arange(6, dtype="f4").reshape(2, 3)


def test_arrays_of_one_shape_and_dtype_are_stacked(make):
    batch = make([Item(A + i, A - i) for i in range(3)])
    np.testing.assert_array_equal(batch.x, [A, A + 1, A + 2])
    np.testing.assert_array_equal(batch.opt, [A, A - 1, A - 2])
    assert batch.x.dtype == batch.opt.dtype == "f4"


@pytest.mark.parametrize(
    "array",
    [
        A.astype(">i2"),
        np.array(3.5),
        np.zeros((0, 2)),
        np.asfortranarray(A),
        A[:, ::-1],
        np.array(["ab", "c"]),
        np.array([b"ab", b"c"]),
        np.array(["2020-01-01", "NaT"], "M8[s]"),
        np.array([(1, 2.5)], [("a", ">i4"), ("b", "f8")]),
        np.array([True, False]),
        np.array([1 + 2j]),
    ],
    ids=lambda a: f"{a.dtype}{a.shape}",
)
def test_every_dtype_is_stacked_as_it_is(make, array):
    batch = make([Item(array), Item(array.copy())])
    assert isinstance(batch.x, np.ndarray)
    assert (batch.x.dtype, batch.x.shape) == (array.dtype, (2, *array.shape))
    assert batch.x.tobytes() == 2 * array.tobytes()
    assert_same(batch.samples[1].x, np.ascontiguousarray(array).reshape(array.shape))


@pytest.mark.parametrize(
    "arrays",
    [
        (A, A[:1]),
        (A, A[0]),
        (A, A.astype("f8")),
        (A, A.astype(">f4")),
        (np.array("a"), np.array("ab")),
        (np.array(1.0), np.array([1.0])),
        (np.zeros(0), np.zeros(1)),
        (np.zeros(2, "M8[s]"), np.zeros(2)),
    ],
    ids=str,
)
def test_arrays_that_differ_are_a_list(make, arrays):
    for order in (arrays, arrays[::-1], arrays * 2, (arrays[0], *arrays)):
        batch = make([Item(a) for a in order])
        assert_same(batch.x, list(order))
        assert_same([s.x for s in batch.samples], list(order))


def test_arrays_of_which_some_are_none_are_a_list(make):
    for order in ((A, None), (None, A), (None, None), (A, A, None)):
        assert_same(make([Item(A, a) for a in order]).opt, list(order))


def test_all_else_is_a_list(make):
    items = [Item(A, None, "a", [A], {"k": A}), Item(A, None, "bc", [], 3)]
    batch = make(items)
    assert batch.name == ["a", "bc"]
    assert_same(batch.many, [[A], []])
    assert_same(batch.any, [{"k": A}, 3])
    assert len(batch) == 2
    if batch.sample_type is Item:
        assert_same(batch.samples, items)
        assert_same(list(batch), items)


def test_a_batch_owns_its_arrays(make):
    batch = make([Item(A), Item(A)])
    batch.x[:] = 7
    assert A[0, 0] == 0


def test_fields_with_names_of_the_batch_are_items(tmp_path):
    dataset = tp.write_samples([{"samples": 1, "columns": 2, "x": 3}], tmp_path / "a.tar")
    batch = next(iter(dataset.ordered(1)))
    assert (batch["samples"], batch["columns"], batch.x) == ([1], [2], [3])
    with pytest.raises(AttributeError, match="no field 'y'; it has samples, columns, x"):
        _ = batch.y
    with pytest.raises(KeyError):
        batch["y"]


def test_schema_free_samples_with_different_fields_share_a_batch(tmp_path):
    rows = [{"a": 1}, {"b": A}, {"a": 2, "b": A}]
    dataset = tp.write_samples(rows, tmp_path / "a.tar")
    batch = next(iter(dataset.ordered(3)))
    assert_same(batch.columns, {"a": [1, None, 2], "b": [None, A, A]})
    assert_same([dict(s) for s in dataset[:]], rows)


def test_a_batch_prints_and_travels():
    batch = tp.collate([Item(A, name="a"), Item(A, name="b")])
    assert repr(batch) == (
        "Batch[Item](x=float32[2, 2, 3], opt=list[2], name=list[2], many=list[2], any=list[2])"
    )
    there = pickle.loads(pickle.dumps(batch))
    assert there.sample_type is Item
    assert_same(there.columns, batch.columns)


@pytest.mark.parametrize("items", [[], [1, 2], ["a"], [None], [A, A[:1]], [A, None]], ids=str)
def test_what_are_no_samples_comes_back_as_a_list(items):
    assert_same(tp.collate(items), items)


def test_bare_arrays_are_stacked():
    assert tp.collate([A, A]).shape == (2, 2, 3)


# Padding.


def test_ragged_arrays_are_padded_where_that_is_asked_for(tmp_path):
    items = [Item(np.ones((1, 3)), None), Item(np.ones((2, 2)), A), Item(np.ones((0, 0)), A)]
    batch = next(iter(tp.write_samples(items, tmp_path / "a.tar").ordered(3, ragged="pad")))
    nan = np.nan
    np.testing.assert_array_equal(
        batch.x, [[[1, 1, 1], [nan] * 3], [[1, 1, nan], [1, 1, nan]], [[nan] * 3] * 2]
    )
    np.testing.assert_array_equal(batch.masks["x"], ~np.isnan(batch.x))
    np.testing.assert_array_equal(batch.masks["opt"].all(axis=(1, 2)), [False, True, True])
    assert batch.name == ["", "", ""]
    assert "name" not in batch.masks
    with pytest.raises(InputError, match="padded"):
        _ = batch.samples


def test_padding_says_nothing_of_what_is_stacked():
    batch = tp.collate([Item(A), Item(A)], ragged="pad")
    assert batch.masks == {}
    assert len(batch.samples) == 2


SHAPES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=5)
PADDED = ["f4", ">f8", "i2", "u1", "?", "c8", "U3", "S2", "M8[s]", "m8[ns]"]


@given(shapes=SHAPES, dtype=st.sampled_from(PADDED), nones=st.sets(st.integers(0, 4)))
@settings(max_examples=200)
def test_what_was_padded_is_found_under_the_mask(shapes, dtype, nones):
    rng = np.random.default_rng(0)
    items = [
        None if i in nones and i else rng.integers(1, 2, shape).astype(dtype)
        for i, shape in enumerate(shapes)
    ]
    padded, mask = pad(items)
    assert padded.shape == mask.shape
    for row, row_mask, item in zip(padded, mask, items, strict=True):
        if item is None:
            assert not row_mask.any()
        else:
            assert row_mask.sum() == item.size
            np.testing.assert_array_equal(row[row_mask], item.ravel())
        rest = row[~row_mask]
        empty = np.isnan(rest) if padded.dtype.kind in "fc" else rest == np.zeros((), padded.dtype)
        assert np.all(empty | np.isnat(rest)) if padded.dtype.kind in "mM" else np.all(empty)


@pytest.mark.parametrize(
    "arrays",
    [(A, A[0]), (np.zeros(1, "M8[s]"), np.zeros(2)), (np.zeros(1, [("a", "i4")]), np.zeros(2))],
    ids=str,
)
def test_what_cannot_be_padded_stays_a_list(arrays, tmp_path):
    dataset = tp.write_samples([Item(a) for a in arrays], tmp_path / "a.tar")
    (batch,) = dataset.ordered(2, ragged="pad")
    assert batch.masks == {}
    for found, expected in zip(batch.x, arrays, strict=True):
        assert_same(found, expected)


def test_a_field_named_like_an_attribute_of_a_batch_takes_its_place(tmp_path):
    @tp.packable
    class Segmented:
        image: NDArray
        masks: NDArray
        samples: int = 3

    frames = [Segmented(np.zeros((2, 2)), np.full((2, 2), i)) for i in range(4)]
    (batch,) = tp.write_samples(frames, tmp_path / "a.tar").ordered(4)
    assert batch.masks.shape == (4, 2, 2)
    assert batch.samples == [3, 3, 3, 3]
    assert [sample.masks[0, 0] for sample in batch] == [0, 1, 2, 3]


def test_mapped_tuples_and_dicts_are_batched_by_column(tmp_path):
    dataset = tp.write_samples([Item(np.full(3, i)) for i in range(4)], tmp_path / "a.tar")
    (columns,) = dataset.map(lambda s: (s.x, s.x[0].item())).ordered(4)
    assert columns[0].shape == (4, 3)
    assert columns[1] == [0, 1, 2, 3]
    (batch,) = dataset.map(lambda s: {"double": 2 * s.x}).ordered(4)
    assert batch.double[:, 0].tolist() == [0, 2, 4, 6]


def test_a_batch_may_be_asked_for_larger_than_the_dataset(tmp_path):
    dataset = tp.write_samples((Item(np.full(3, i)) for i in range(2500)), tmp_path / "a.tar")
    (batch,) = dataset.ordered(10**12)
    np.testing.assert_array_equal(batch.x, np.arange(2500)[:, None].repeat(3, axis=1))


@pytest.mark.parametrize(
    "arrays",
    [
        (np.array([2**63 - 1]), np.array([1.5, 2.5])),
        (np.array([2**64 - 1], "u8"), np.array([-1, 1])),
        (np.array(["a"]), np.array([1, 2])),
    ],
    ids=str,
)
def test_padding_changes_no_value(arrays):
    with pytest.raises(InputError, match="dtype"):
        pad(arrays)


def test_stacking_needs_at_least_one_array():
    assert stack([]) == []
    assert tp.collate([], ragged="pad") == []
