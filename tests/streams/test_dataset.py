"""What a dataset gives: by position, by key, in part, through steps, one by one or in batches."""

import itertools
import pickle
import re
import warnings

import numpy as np
import pytest
from shard_samples import (
    Frame,
    Number,
    assert_same,
    make_frames,
    make_numbers,
    numbers,
    write_numbers,
)

import tripartite as tp
from tripartite.errors import InputError, SampleKeyError, SchemaError, ShardError

N = 23


@pytest.fixture(params=[None, 1, 4, 100], ids="maxcount={}".format)
def dataset(request, tmp_path):
    return write_numbers(tmp_path, N, maxcount=request.param)


def test_a_position_gives_its_sample(dataset):
    assert [dataset[i].i for i in range(N)] == list(range(N))
    assert [dataset[-i].i for i in range(1, N + 1)] == list(range(N))[::-1]
    assert dataset[np.int64(3)] == Number(3)


@pytest.mark.parametrize(
    "part",
    [
        slice(10, 20),
        slice(None),
        slice(None, None, -1),
        slice(-3, None),
        slice(50, 60),
        slice(5, 2),
    ],
    ids=str,
)
def test_a_slice_gives_a_list_as_of_a_list(dataset, part):
    assert numbers(dataset[part]) == list(range(N))[part]


def test_selection_keeps_the_order_asked_for(dataset):
    for wanted in ([3, 1, 2], [5, 5, 5], [-1, 0, -N], [], range(N), np.array([2, 20, 0])):
        assert numbers(dataset.select(wanted)) == [list(range(N))[i] for i in wanted]


@pytest.mark.parametrize("i", [N, -N - 1, 10**9])
def test_a_position_outside_is_an_index_error_that_names_the_range(dataset, i):
    for ask in (lambda: dataset[i], lambda: dataset.select([0, i])):
        with pytest.raises(IndexError, match=f"between -{N} and {N - 1}"):
            ask()


@pytest.mark.parametrize("i", ["a", 1.0, None, (1, 2), [1]])
def test_what_is_no_integer_is_no_position(dataset, i):
    with pytest.raises(InputError, match="integers"):
        dataset[i]
    with pytest.raises(InputError, match="integers"):
        dataset.select([i])


def test_a_dataset_knows_its_length_keys_and_first_samples(dataset):
    assert len(dataset) == N
    assert dataset.keys() == [f"{i:09d}" for i in range(N)]
    assert numbers(dataset.head()) == [0, 1, 2, 3, 4]
    assert numbers(dataset.head(2)) == [0, 1]
    assert numbers(dataset.head(100)) == list(range(N))
    assert dataset.head(0) == []


def test_a_key_gives_its_sample(dataset):
    keys = dataset.keys()
    assert [dataset.get(key).i for key in keys] == list(range(N))


def test_a_key_that_is_not_there_or_not_unique_is_an_error(tmp_path):
    dataset = write_numbers(tmp_path, 6, maxcount=2, key=lambda s: f"k{s.i % 5}")
    assert dataset.get("k1").i == 1
    with pytest.raises(SampleKeyError, match=r"2 samples with the key 'k0', at \[0, 5\]"):
        dataset.get("k0")
    with pytest.raises(SampleKeyError, match="'nothing'"):
        dataset.get("nothing")
    with pytest.raises(KeyError):
        dataset.get("k")


def test_the_type_in_brackets_and_the_argument_are_the_same(dataset):
    names = list(dataset.shards)
    assert tp.Dataset[Number](names)[1] == tp.Dataset(names, Number)[1] == Number(1)
    assert isinstance(tp.Dataset(names)[1], tp.DictSample)
    assert isinstance(tp.load_dataset(names)[1], tp.DictSample)
    assert tp.load_dataset(names, Number)[1] == Number(1)
    assert tp.Dataset[Number](names).schema.names == ("i",)


def test_a_schema_free_sample_reads_by_attribute_and_by_item(tmp_path):
    sample = tp.write_samples([{"x": np.arange(3), "get": 1, "d": {}}], tmp_path / "a.tar")[0]
    np.testing.assert_array_equal(sample.x, sample["x"])
    assert (sample["get"], sample.get("d"), sample.get("e"), len(sample)) == (1, {}, None, 3)
    with pytest.raises(AttributeError, match="no field 'y'; it has x, get, d"):
        _ = sample.y
    with pytest.raises(KeyError):
        sample["y"]
    assert "<int64 array (3,)>" in repr(sample)
    assert_same(dict(pickle.loads(pickle.dumps(sample))), dict(sample))


def test_odd_options_are_refused(dataset):
    for options in ({"extra": "no"}, {"on_error": "no"}):
        with pytest.raises(InputError, match="'no'"):
            tp.Dataset(dataset.shards, **options)
    for make in (dataset.ordered, dataset.shuffled):
        for options in ({"batch_size": 0}, {"batch_size": True}, {"ragged": "no"}):
            with pytest.raises(InputError):
                make(**options)
    for options in ({"seed": -1}, {"epoch": -1}, {"seed": True}, {"seed": None}, {"seed": 1.5}):
        with pytest.raises(InputError, match="seed"):
            dataset.shuffled(**options)


def test_a_dataset_says_what_it_is(dataset):
    text = repr(dataset.filter(bool).map(str).split(0, 2))
    assert re.search(r"Dataset\[.*\].filter\(\.\.\.\).map\(\.\.\.\).*shards?, part 0 of 2", text)


# Steps.


@tp.packable
class Half:
    i: int
    odd: bool = False


@tp.lens
def half(s: Number) -> Half:
    return Half(s.i // 2, s.i % 2 == 1)


def doubled(s):
    return type(s)(2 * s.i)


def is_even(s):
    return s.i % 2 == 0


def under_nine(s):
    return s.i < 9


STEPS = {
    "even": (lambda d: d.filter(is_even), lambda xs: [x for x in xs if is_even(x)]),
    "small": (lambda d: d.filter(under_nine), lambda xs: [x for x in xs if under_nine(x)]),
    "double": (lambda d: d.map(doubled), lambda xs: [doubled(x) for x in xs]),
    "half": (lambda d: d.as_type(Half), lambda xs: [half(x) for x in xs]),
}
ORDERS = [
    order
    for k in range(4)
    for order in itertools.permutations(STEPS, k)
    # A map without annotation says nothing of its type, and Half has no lens to Half.
]


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
@pytest.mark.parametrize("batch_size", [None, 3])
def test_steps_compose_in_the_order_written(order, batch_size, tmp_path):
    dataset, expected = write_numbers(tmp_path, N, maxcount=4), make_numbers(N)
    for name in order:
        dataset, expected = STEPS[name][0](dataset), STEPS[name][1](expected)
    streams = dataset.ordered(batch_size), dataset.shuffled(batch_size, seed=1)
    for stream in streams:
        read = list(stream)
        if batch_size is not None:
            assert [len(batch) for batch in read[:-1]] == [batch_size] * (len(read) - 1)
            read = [sample for batch in read for sample in batch]
        assert sorted(numbers(read)) == sorted(numbers(expected))
        if stream is streams[0]:
            assert read == expected
    assert len(dataset) == len(expected)
    assert dataset[:] == expected
    assert [dataset[i] for i in range(len(expected))] == expected
    assert len(dataset.keys()) == len(expected)


def test_a_step_leaves_the_dataset_before_it_alone(tmp_path):
    dataset = write_numbers(tmp_path, 4)
    dataset.filter(is_even).map(doubled)
    assert numbers(dataset) == [0, 1, 2, 3]


def test_a_filter_is_asked_once_for_each_sample(tmp_path):
    asked = []
    dataset = write_numbers(tmp_path, 6).filter(lambda s: asked.append(s.i) or s.i > 2)
    assert (len(dataset), dataset[0].i, dataset[-1].i, len(dataset)) == (3, 3, 5, 3)
    assert asked[:6] == [0, 1, 2, 3, 4, 5]
    assert asked.count(0) == 1


def test_a_key_that_the_filter_refused_is_an_error(tmp_path):
    dataset = write_numbers(tmp_path, 6).filter(is_even)
    assert dataset.keys() == [f"{i:09d}" for i in (0, 2, 4)]
    assert dataset.get("000000004").i == 4
    with pytest.raises(InputError, match="filters"):
        dataset.get("000000003")
    with pytest.raises(InputError, match="filters"):
        dataset.get("000000005")


def test_an_error_in_a_step_comes_through_and_names_the_sample(tmp_path):
    dataset = write_numbers(tmp_path, 6).map(lambda s: 1 // (s.i - 3))
    for read in (lambda: list(dataset), lambda: dataset[3], lambda: list(dataset.ordered(2))):
        with pytest.raises(ZeroDivisionError) as caught:
            read()
        assert any("000000003" in note for note in caught.value.__notes__)


def test_errors_of_the_library_in_a_step_are_not_taken_for_damage(tmp_path):
    def refuse(s):
        raise SchemaError("mine")

    dataset = write_numbers(tmp_path, 3)
    tolerant = tp.Dataset(dataset.shards, Number, on_error="skip").map(refuse)
    with pytest.raises(SchemaError, match="mine"):
        list(tolerant)


def test_a_map_may_return_anything_and_batches_stack_it(tmp_path):
    dataset = write_numbers(tmp_path, 4)
    arrays = list(dataset.map(lambda s: np.full(2, s.i)).ordered(4))
    np.testing.assert_array_equal(arrays[0], [[0, 0], [1, 1], [2, 2], [3, 3]])
    assert list(dataset.map(lambda s: s.i).ordered(2)) == [[0, 1], [2, 3]]
    assert list(dataset.map(lambda s: None).ordered(4)) == [[None] * 4]


def test_a_schema_free_dataset_becomes_typed(tmp_path):
    path = write_numbers(tmp_path, 4).shards[0]
    assert tp.load_dataset(path).as_type(Number)[2] == Number(2)
    assert tp.load_dataset(path).as_type(Number).as_type(Half)[3] == Half(1, True)


def test_a_schema_free_dataset_becomes_typed_after_a_filter(tmp_path):
    path = write_numbers(tmp_path, 4).shards[0]
    assert list(tp.load_dataset(path).filter(is_even).as_type(Number)) == [Number(0), Number(2)]


def test_a_schema_free_dataset_with_a_field_too_many_is_not_silently_cut(tmp_path):
    path = tp.write_samples([{"i": 1, "more": 2}], tmp_path / "a.tar").shards[0]
    with pytest.raises(SchemaError, match="more"):
        tp.load_dataset(path).as_type(Number)[0]
    assert tp.load_dataset(path, extra="ignore").as_type(Number)[0] == Number(1)


# Type checks of the user's own.


@tp.packable
class Positive:
    i: int

    def __post_init__(self):
        if self.i <= 0:
            raise ValueError(f"{self.i} is not positive")


@pytest.mark.parametrize("batch_size", [None, 2])
def test_what_the_sample_type_itself_refuses_is_an_error_of_that_sample(batch_size, tmp_path):
    path = write_numbers(tmp_path, 3).shards[0]
    with pytest.raises(ShardError, match="0 is not positive") as caught:
        list(tp.Dataset(path, Positive).ordered(batch_size))
    assert (caught.value.key, caught.value.offset) == ("000000000", 512)
    with pytest.raises(ShardError, match="0 is not positive"):
        tp.Dataset(path, Positive)[:]
    tolerant = tp.Dataset(path, Positive, on_error="skip")
    with pytest.warns(UserWarning, match="skipped: 1, e.g."):
        assert len(list(tolerant.ordered(batch_size))) == (2 if batch_size is None else 1)


# Processes.


def test_a_dataset_travels_to_another_process_before_and_after_it_was_read(tmp_path):
    dataset = tp.write_samples(make_frames(5), tmp_path / "a.tar", maxcount=2)
    for _ in range(2):
        there = pickle.loads(pickle.dumps(dataset))
        assert_same(there[:], make_frames(5))
        stream = dataset.shuffled(2, seed=3)
        first = next(iter(stream))
        assert_same(
            first.samples,
            next(iter(pickle.loads(pickle.dumps(dataset.shuffled(2, seed=3))))).samples,
        )
    steps = dataset.filter(has_even_index).as_type(Frame)
    assert len(steps) == 3
    assert len(pickle.loads(pickle.dumps(steps))[:]) == 3


def has_even_index(frame):
    return frame.metadata["i"] % 2 == 0


def test_errors_travel_between_processes(tmp_path):
    error = ShardError("it holds", "that", "do this", shard="s", key="k", offset=3)
    there = pickle.loads(pickle.dumps(error))
    assert (str(there), there.shard, there.key, there.offset) == (str(error), "s", "k", 3)


def test_many_shards_are_open_only_as_many_as_a_process_may(tmp_path):
    import resource

    dataset = write_numbers(tmp_path, 300, maxcount=1)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert numbers(dataset.shuffled(seed=1)) != list(range(300))
            assert sorted(numbers(dataset.shuffled(32, seed=1))[:1]) is not None
            assert numbers(dataset[:]) == list(range(300))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_threads_read_one_dataset(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    dataset = tp.Dataset[Number](write_numbers(tmp_path, 200, maxcount=7).shards)
    with ThreadPoolExecutor(8) as pool:
        assert numbers(pool.map(dataset.__getitem__, range(200))) == list(range(200))
        lists = list(pool.map(lambda seed: sorted(numbers(dataset.shuffled(seed=seed))), range(8)))
    assert lists == [list(range(200))] * 8


def test_each_rank_resumes_its_own_part_from_the_state_of_any(tmp_path):
    parts = [write_numbers(tmp_path, N).split(0, 2)]
    parts.append(tp.Dataset[Number](tmp_path).split(1, 2))
    streams = [iter(part.shuffled(seed=1)) for part in parts]
    behind = [numbers(itertools.islice(stream, 4)) for stream in streams]
    state = parts[0].iterator_state()
    rest = [numbers(part.resume(state)) for part in parts]
    assert sorted(itertools.chain(*behind, *rest)) == list(range(N))
    with pytest.raises(InputError, match="2 parts"):
        tp.Dataset[Number](tmp_path).split(0, 3).resume(state)


def test_looking_at_samples_does_not_move_the_state(dataset):
    stream = iter(dataset.shuffled(seed=1))
    behind = numbers(itertools.islice(stream, 5))
    assert len(dataset.head(3)) == 3
    assert next(iter(dataset)) == Number(0)
    assert dataset[4] == Number(4)
    assert sorted(behind + numbers(dataset.resume(dataset.iterator_state()))) == list(range(N))


@pytest.mark.parametrize(
    "change", [lambda d: d.filter(lambda s: s.i), lambda d: d.map(lambda s: s.i)]
)
def test_a_state_belongs_to_its_steps(dataset, change):
    changed = change(dataset)
    next(iter(changed.ordered()))
    with pytest.raises(InputError, match="steps"):
        dataset.resume(changed.iterator_state())


def test_a_state_belongs_to_its_samples(tmp_path):
    first = write_numbers(tmp_path, 9)
    next(iter(first.ordered()))
    second = write_numbers(tmp_path, 7, overwrite=True)
    with pytest.raises(InputError, match="n_samples"):
        second.resume(first.iterator_state())


@pytest.mark.parametrize("wanted", [[True, False], [np.True_], [1.0], ["1"]])
def test_a_mask_is_no_list_of_positions(dataset, wanted):
    with pytest.raises(InputError, match="integers"):
        dataset.select(wanted)


def test_a_batch_size_may_be_a_numpy_integer(dataset):
    assert len(next(iter(dataset.ordered(np.int64(5))))) == 5


def test_a_type_in_quotes_is_refused(tmp_path):
    write_numbers(tmp_path, 3)
    with pytest.raises(SchemaError, match="quotes"):
        list(tp.Dataset["Number"](tmp_path))


def test_a_registered_lens_from_schema_free_samples_is_used(tmp_path):
    write_numbers(tmp_path, 3)

    @tp.packable
    class Half:
        half: float

    @tp.lens
    def halve(s: tp.DictSample) -> Half:
        return Half(s.i / 2)

    try:
        assert [s.half for s in tp.load_dataset(tmp_path).as_type(Half)] == [0.0, 0.5, 1.0]
    finally:
        tp.forget_lens(tp.DictSample, Half)
