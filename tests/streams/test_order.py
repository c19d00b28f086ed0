"""The order of samples: shuffles, parts, workers and resumption lose nothing and repeat nothing."""

import itertools
import json
import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats
from shard_samples import Number, is_odd, numbers, write_numbers

import tripartite as tp
from tripartite.errors import InputError
from tripartite.streams.order import Order, Part


def flat(stream):
    items = list(stream)
    return numbers(items if not items or isinstance(items[0], Number) else itertools.chain(*items))


@pytest.fixture
def dataset(tmp_path):
    return write_numbers(tmp_path, 23, maxcount=4)


# Shuffles.


def test_a_shuffle_is_a_permutation_that_its_seed_and_epoch_decide(dataset):
    orders = {
        (seed, epoch): tuple(flat(dataset.shuffled(seed=seed, epoch=epoch)))
        for seed in range(4)
        for epoch in range(4)
    }
    assert all(sorted(order) == list(range(23)) for order in orders.values())
    assert len(set(orders.values())) == 16
    assert orders[2, 3] == tuple(flat(dataset.shuffled(batch_size=5, seed=2, epoch=3)))


def test_each_pass_is_the_next_epoch(dataset):
    stream = dataset.shuffled(seed=5)
    passes = [flat(stream) for _ in range(3)]
    assert passes == [flat(dataset.shuffled(seed=5, epoch=e)) for e in range(3)]
    stream.set_epoch(1)
    assert flat(stream) == passes[1]
    assert flat(stream) == passes[2]


def test_an_ordered_stream_repeats_itself(dataset):
    stream = dataset.ordered(4)
    assert flat(stream) == flat(stream) == list(range(23))


def test_the_order_is_the_same_on_every_machine(dataset):
    assert flat(dataset.shuffled(seed=1))[:8] == [
        int(i) for i in np.random.Generator(np.random.PCG64([0, 1])).permutation(23)[:8]
    ]


def test_every_permutation_is_equally_likely():
    counts = dict.fromkeys(itertools.permutations(range(4)), 0)
    for seed in range(60):
        for epoch in range(80):
            order = Order(shuffled=True, seed=seed, epoch=epoch).positions(4, Part())
            counts[tuple(order.tolist())] += 1
    assert stats.chisquare(list(counts.values())).pvalue > 1e-3


def test_every_sample_is_equally_likely_at_every_place():
    counts = np.zeros((10, 10))
    for seed in range(2000):
        order = Order(shuffled=True, seed=seed).positions(10, Part())
        counts[np.arange(10), order] += 1
    assert stats.chisquare(counts, axis=None).pvalue > 1e-3


def test_a_shuffle_takes_eight_bytes_a_sample():
    n = 1_000_000
    tracemalloc.start()
    try:
        order = Order(shuffled=True, part=Part(3, 8)).positions(n, Part())
        now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(order) == n // 8
    assert peak < 20 * n
    assert now < 2 * n


def test_a_shuffled_epoch_deals_the_samples_anew_among_the_parts(dataset):
    stream = dataset.split(0, 2).shuffled(seed=0)
    assert set(flat(stream)) != set(flat(stream))


# Parts.


@given(
    n_samples=st.integers(0, 60),
    world_size=st.integers(1, 9),
    n_workers=st.integers(1, 5),
    shuffled=st.booleans(),
    seed=st.integers(0, 3),
    position=st.integers(0, 70),
)
@settings(max_examples=300)
def test_parts_and_workers_together_hold_every_sample_once(
    n_samples, world_size, n_workers, shuffled, seed, position
):
    whole = Order(shuffled=shuffled, seed=seed).positions(n_samples, Part()).tolist()
    assert sorted(whole) == list(range(n_samples))
    joined, lengths = [], []
    for rank in range(world_size):
        order = Order(shuffled=shuffled, seed=seed, part=Part(rank, world_size))
        mine = order.positions(n_samples, Part()).tolist()
        rest = [
            order.at(position=position).positions(n_samples, Part(w, n_workers)).tolist()
            for w in range(n_workers)
        ]
        # Whoever resumes, with however many workers: what was behind is left out, no more; and
        # asked in turn, the workers give the order of a single process.
        in_turn = itertools.chain(*itertools.zip_longest(*rest))
        assert [i for i in in_turn if i is not None] == mine[position:]
        joined += mine
        lengths.append(len(mine))
    assert joined == whole
    assert max(lengths) - min(lengths) <= 1


@given(
    n_samples=st.integers(1, 30),
    maxcount=st.integers(1, 31),
    world_size=st.integers(1, 6),
    batch_size=st.none() | st.integers(1, 7),
    shuffled=st.booleans(),
)
@settings(max_examples=40)
def test_any_number_of_shards_is_split_into_any_number_of_parts(
    tmp_path_factory, n_samples, maxcount, world_size, batch_size, shuffled
):
    folder = tmp_path_factory.mktemp("split")
    dataset = write_numbers(folder, n_samples, maxcount=maxcount)
    parts = [dataset.split(rank=r, world_size=world_size) for r in range(world_size)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if n_samples < world_size else "error")
        read = [flat(p.shuffled(batch_size) if shuffled else p.ordered(batch_size)) for p in parts]
    assert sorted(itertools.chain(*read)) == list(range(n_samples))
    assert [len(p) for p in parts] == [len(r) for r in read]
    if not shuffled:
        assert [numbers(p[:]) for p in parts] == read
        assert list(itertools.chain(*(p.keys() for p in parts))) == dataset.keys()


def test_a_part_is_filtered_like_the_whole(dataset):
    parts = [dataset.filter(is_odd).split(r, 3) for r in range(3)]
    assert sorted(itertools.chain(*map(numbers, parts))) == list(range(1, 23, 2))
    assert [numbers(p) for p in parts] == [
        numbers(dataset.split(r, 3).filter(is_odd)) for r in range(3)
    ]
    assert [numbers(p) for p in parts] == [numbers(p[:]) for p in parts]


@pytest.mark.parametrize(("rank", "world_size"), [(2, 2), (-1, 2), (0, 0), (0, -1)])
def test_a_part_that_does_not_exist_is_refused(dataset, rank, world_size):
    with pytest.raises(InputError, match="rank"):
        dataset.split(rank, world_size)


def test_a_part_is_not_split_again(dataset):
    with pytest.raises(InputError, match="part"):
        dataset.split(0, 2).split(0, 2)


def test_a_part_without_samples_warns(dataset):
    for stream in (dataset.split(0, 50).ordered(), dataset.split(0, 50).shuffled(4)):
        with pytest.warns(UserWarning, match="23 are split among 50 readers"):
            assert list(stream) == []


# Resumption.


VARIANTS = {
    "ordered": lambda d: d,
    "in part": lambda d: d.split(1, 3),
    "filtered": lambda d: d.filter(is_odd),
    "filtered in part": lambda d: d.filter(is_odd).split(0, 2),
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("batch_size", [None, 3])
@pytest.mark.parametrize("shuffled", [False, True])
def test_a_stream_is_resumed_anywhere_by_another_process(dataset, variant, batch_size, shuffled):
    dataset = VARIANTS[variant](dataset)

    def start():
        return (
            dataset.shuffled(batch_size, seed=7, epoch=2)
            if shuffled
            else dataset.ordered(batch_size)
        )

    whole, following = flat(start()), None
    for stop in range(len(list(start())) + 1):
        stream = start()
        before = list(itertools.islice(stream, stop))
        n_before = len(before) if batch_size is None else sum(map(len, before))
        state = json.loads(json.dumps(dataset.iterator_state()))
        again = VARIANTS[variant](tp.Dataset[Number](dataset.shards)).resume(state)
        assert flat(again) == whole[n_before:]
        # What comes after the rest of this epoch is the whole next one.
        following = following or flat(again)
        assert len(following) == len(whole)
    assert stop == len(list(start()))


def test_a_state_of_a_stream_that_was_not_begun_is_its_beginning(dataset):
    dataset.shuffled(2, seed=4, epoch=1)
    state = dataset.iterator_state()
    assert flat(dataset.resume(state)) == flat(dataset.shuffled(2, seed=4, epoch=1))


def test_a_state_can_be_taken_from_the_stream_itself(dataset):
    stream = dataset.ordered(5)
    iterator = iter(stream)
    next(iterator), next(iterator)
    assert flat(dataset.resume(stream.state())) == list(range(10, 23))


def test_without_a_stream_there_is_no_state(dataset):
    with pytest.raises(InputError, match="ordered"):
        dataset.iterator_state()
    dataset.ordered()
    with pytest.raises(InputError, match="ordered"):
        dataset.filter(is_odd).iterator_state()


def test_a_state_belongs_to_its_shards(dataset, tmp_path):
    dataset.ordered()
    other = write_numbers(tmp_path / "other", 23)
    with pytest.raises(InputError, match="other shards"):
        other.resume(dataset.iterator_state())


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.clear(),
        lambda s: s.pop("shards"),
        lambda s: s.update(version=2),
        lambda s: s.update(order=None),
        lambda s: s.update(batch_size="many"),
        lambda s: s.update(batch_size=-1),
        lambda s: s.update(ragged=0),
        lambda s: s["order"].pop("seed"),
        lambda s: s["order"].pop("part"),
        lambda s: s["order"].update(position=-1),
        lambda s: s["order"].update(position="x"),
        lambda s: s["order"].update(position=1.5),
        lambda s: s["order"].update(seed=-1),
        lambda s: s["order"].update(epoch="x"),
        lambda s: s["order"].update(part={"rank": 3, "world_size": 2}),
        lambda s: s["order"].update(part={"rank": "a", "world_size": 2}),
        lambda s: s["order"].update(odd=1),
    ],
)
def test_what_is_no_state_is_refused(dataset, change):
    dataset.shuffled(3)
    state = json.loads(json.dumps(dataset.iterator_state()))
    change(state)
    with pytest.raises(InputError):
        list(dataset.resume(state))
    with pytest.raises(InputError):
        list(dataset.resume([]))
