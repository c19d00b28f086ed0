import os
import signal
import time

import pytest

from tripartite.errors import InputError, MissingExtraError, RemoteError, TripartiteError
from tripartite.workflows.executors import SerialExecutor, open_executor, run_jobs


def square(number):
    return number * number


def fail(number):
    raise ValueError(f"no {number}")


def die(number):
    os.kill(os.getpid(), signal.SIGKILL)


def interrupt(number):
    raise KeyboardInterrupt


@pytest.fixture(scope="module")
def processes():
    with open_executor(n_workers=2) as executor:
        yield executor


def test_every_job_comes_back_with_its_result():
    with open_executor() as executor:
        assert list(run_jobs(executor, square, [3, 1, 2])) == [(3, 9), (1, 1), (2, 4)]


def test_processes_give_the_same_results_in_any_order(processes):
    assert sorted(run_jobs(processes, square, range(5))) == [(n, n * n) for n in range(5)]


def test_in_one_process_a_job_starts_only_when_the_one_before_was_taken():
    started = []
    jobs = run_jobs(SerialExecutor(), started.append, [1, 2, 3])
    next(jobs)
    assert started == [1]


def test_an_error_of_a_job_comes_as_it_is(processes):
    for executor in (SerialExecutor(), processes):
        with pytest.raises(ValueError, match="no 1"):
            list(run_jobs(executor, fail, [1]))


def test_ctrl_c_stops_at_once():
    with pytest.raises(KeyboardInterrupt):
        list(run_jobs(SerialExecutor(), interrupt, [1]))


def test_a_worker_that_dies_is_told_with_what_to_do():
    with (
        open_executor(n_workers=2) as executor,
        pytest.raises(TripartiteError, match="Use fewer workers"),
    ):
        list(run_jobs(executor, die, [1]))


def test_leaving_early_cancels_what_has_not_started():
    with open_executor(n_workers=2) as executor:
        running = [executor.submit(time.sleep, 0.3) for _ in range(20)]
    while not all(future.done() for future in running):
        time.sleep(0.01)
    assert sum(future.cancelled() for future in running) >= 10


@pytest.mark.parametrize("n_workers", [0, -1])
def test_there_must_be_a_worker(n_workers):
    with pytest.raises(InputError, match="at least one worker"), open_executor(n_workers=n_workers):
        pass


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with (
        pytest.raises(MissingExtraError, match=r"tripartite\[dask\]"),
        open_executor(scheduler="tcp://127.0.0.1:1"),
    ):
        pass


@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_runs_the_same_jobs():
    distributed = pytest.importorskip("distributed")
    options = {
        "n_workers": 1,
        "threads_per_worker": 1,
        "processes": False,
        "dashboard_address": None,
    }
    with (
        distributed.LocalCluster(**options, protocol="tcp") as cluster,
        open_executor(scheduler=cluster.scheduler_address) as executor,
    ):
        assert sorted(run_jobs(executor, square, range(3))) == [(0, 0), (1, 1), (2, 4)]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x"])
def test_a_scheduler_that_does_not_answer_is_named(address):
    dask = pytest.importorskip("dask")
    pytest.importorskip("distributed")
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "0.2s"}),
        pytest.raises(RemoteError, match=address),
        open_executor(scheduler=address),
    ):
        pass
