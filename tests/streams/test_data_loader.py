"""torch's DataLoader reads datasets with any number of workers, every sample once."""

import itertools
import warnings
from pathlib import Path

import fsspec
import numpy as np
import pytest
from shard_samples import Frame, Number, is_odd, make_frames, numbers, write_numbers

import tripartite as tp
from tripartite.testing.servers import FileServer

torch_data = pytest.importorskip("torch.utils.data", reason="the extra [torch] is not installed")
WORKERS = [0, 1, 3]


@pytest.fixture(autouse=True)
def _many_threads():
    # Forking with threads alive is what a data loader does.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "This process.*is multi-threaded")
        yield


def load(dataset, **options):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "This DataLoader will create")
        return list(torch_data.DataLoader(dataset, **options))


@pytest.mark.parametrize("n_workers", WORKERS)
@pytest.mark.parametrize("maxcount", [1, 23, 5])
def test_a_stream_of_batches_is_shared_by_workers(n_workers, maxcount, tmp_path):
    dataset = write_numbers(tmp_path, 23, maxcount=maxcount)
    for stream in (dataset.ordered(4), dataset.shuffled(4, seed=1)):
        batches = load(stream, batch_size=None, num_workers=n_workers)
        assert {type(batch) for batch in batches} == {tp.Batch}
        assert sorted(numbers(itertools.chain(*batches))) == list(range(23))


@pytest.mark.parametrize("n_workers", WORKERS)
def test_a_stream_of_samples_is_shared_by_workers(n_workers, tmp_path):
    stream = write_numbers(tmp_path, 23).filter(is_odd).shuffled(seed=1)
    assert sorted(numbers(load(stream, batch_size=None, num_workers=n_workers))) == list(
        range(1, 23, 2)
    )


@pytest.mark.parametrize("n_workers", WORKERS)
def test_a_dataset_is_read_by_position(n_workers, tmp_path):
    dataset = tp.write_samples(make_frames(11), tmp_path / "a.tar", maxcount=3)
    batches = load(dataset, batch_size=4, collate_fn=tp.collate, num_workers=n_workers)
    assert [batch.image.shape for batch in batches] == [(4, 4, 5), (4, 4, 5), (3, 4, 5)]
    images = np.concatenate([batch.image for batch in batches])
    np.testing.assert_array_equal(images, [frame.image for frame in make_frames(11)])
    shuffled = load(
        dataset, batch_size=4, shuffle=True, collate_fn=tp.collate, num_workers=n_workers
    )
    seen = [m["i"] for batch in shuffled for m in batch.metadata]
    assert sorted(seen) == list(range(11))


def test_a_filtered_part_is_read_by_position(tmp_path):
    dataset = write_numbers(tmp_path, 23).filter(is_odd).split(1, 2)
    batches = load(dataset, batch_size=3, collate_fn=tp.collate, num_workers=2)
    assert numbers(itertools.chain(*batches)) == numbers(dataset)


def test_the_epoch_of_a_loaded_stream_is_set_from_outside(tmp_path):
    dataset = write_numbers(tmp_path, 23)
    stream = dataset.shuffled(batch_size=None, seed=1)
    for epoch in (0, 1, 5):
        stream.set_epoch(epoch)
        loaded = numbers(load(stream, batch_size=None, num_workers=1))
        assert loaded == numbers(dataset.shuffled(seed=1, epoch=epoch))


def test_a_resumed_stream_is_shared_by_workers(tmp_path):
    dataset = write_numbers(tmp_path, 23)
    stream = iter(dataset.shuffled(seed=1))
    behind = numbers(itertools.islice(stream, 10))
    rest = load(dataset.resume(dataset.iterator_state()), batch_size=None, num_workers=3)
    assert sorted(behind + numbers(rest)) == list(range(23))


def test_ranks_and_workers_together_read_every_sample_once(tmp_path):
    dataset = write_numbers(tmp_path, 23)
    read = [
        numbers(load(dataset.split(rank, 2).shuffled(), batch_size=None, num_workers=2))
        for rank in range(2)
    ]
    assert sorted(itertools.chain(*read)) == list(range(23))
    assert [len(part) for part in read] == [11, 12]


def test_a_worker_without_samples_warns(tmp_path, monkeypatch):
    dataset = write_numbers(tmp_path, 2)
    state, read = torch_data._utils.worker, []
    for worker in range(3):
        told = state.WorkerInfo(id=worker, num_workers=3, seed=0, dataset=None)
        monkeypatch.setattr(state, "_worker_info", told)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            read.append((numbers(dataset.ordered()), len(caught)))
    assert sorted(itertools.chain(*(r for r, _ in read))) == [0, 1]
    assert [bool(r) for r, _ in read] == [not n for _, n in read]


def test_workers_that_fork_from_a_reading_process_read_remote_shards(tmp_path):
    frames = make_frames(20, shape=(64, 64))
    local = tp.write_samples(frames, tmp_path / "a.tar", maxcount=5)
    with FileServer(tmp_path) as server:
        names = [f"{server.url}/{name.rpartition('/')[2]}" for name in local.shards]
        dataset = tp.Dataset[Frame](names)
        np.testing.assert_array_equal(dataset[0].image, frames[0].image)  # connected before
        batches = load(dataset.ordered(4), batch_size=None, num_workers=3)
    images = np.concatenate([batch.image for batch in batches])
    assert sorted(m["i"] for batch in batches for m in batch.metadata) == list(range(20))
    assert {i.tobytes() for i in images} == {f.image.tobytes() for f in frames}


def test_workers_read_what_lies_in_memory(tmp_path):
    local = write_numbers(tmp_path, 12, maxcount=4)
    memory = fsspec.filesystem("memory")
    for name in local.shards:
        memory.pipe_file(f"/loaded/{name.rpartition('/')[2]}", Path(name).read_bytes())
    dataset = tp.Dataset[Number]("memory://loaded/*.tar")
    assert sorted(numbers(load(dataset.ordered(), batch_size=None, num_workers=3))) == list(
        range(12)
    )


@pytest.mark.parametrize("n_workers", [1, 2, 4])
@pytest.mark.parametrize("batch_size", [None, 2])
def test_any_number_of_workers_gives_the_same_batches_in_the_same_order(
    n_workers, batch_size, tmp_path
):
    dataset = write_numbers(tmp_path, 23, maxcount=6)
    for make in (dataset.ordered, dataset.split(1, 2).shuffled):
        alone = [item.i for item in make(batch_size)]
        loaded = load(make(batch_size), batch_size=None, num_workers=n_workers)
        assert [item.i for item in loaded] == alone


@pytest.mark.parametrize("n_workers", [1, 2])
def test_samples_that_cannot_be_sent_are_an_error_and_no_endless_wait(n_workers, tmp_path):
    @tp.packable
    class Local:
        i: int

    dataset = tp.write_samples([Local(i) for i in range(4)], tmp_path / "a.tar")
    with pytest.raises(tp.TripartiteError, match="can be imported"):
        load(dataset.ordered(), batch_size=None, num_workers=n_workers, timeout=20)
    (batch,) = load(dataset.ordered(4), batch_size=None, num_workers=1)
    assert batch.i == [0, 1, 2, 3]


def test_a_stream_that_workers_read_is_resumed_after_so_many_batches(tmp_path):
    dataset = write_numbers(tmp_path, 23)
    stream = dataset.shuffled(batch_size=4, seed=3)
    loader = torch_data.DataLoader(stream, batch_size=None, num_workers=2)
    behind = [i for batch in itertools.islice(loader, 3) for i in batch.i]
    rest = [i for batch in dataset.resume(stream.state(n_items=3)) for i in batch.i]
    assert behind + rest == [i for batch in dataset.shuffled(4, seed=3) for i in batch.i]
