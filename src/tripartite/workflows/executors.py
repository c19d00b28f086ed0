"""Where independent jobs run: in this process, in several, or on a Dask cluster."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

from tripartite.errors import InputError, MissingExtraError, RemoteError, TripartiteError

Job = TypeVar("Job")
Result = TypeVar("Result")


class SerialExecutor(Executor):
    """Runs each job at once, in this process.

    Examples
    --------
    >>> SerialExecutor().submit(pow, 2, 10).result()
    1024
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Return a future that is done.

        Parameters
        ----------
        fn : callable
            What to run.
        *args, **kwargs : object
            Its arguments.
        """
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # belongs to whoever asks for the result
            future.set_exception(error)
        return future


@contextmanager
def open_executor(*, n_workers: int = 1, scheduler: str | None = None) -> Iterator[Executor]:
    """Give an executor with the interface of `concurrent.futures`.

    When the block ends with an error, or with Ctrl-C, jobs that have not started are cancelled.

    Parameters
    ----------
    n_workers : int
        Processes on this machine; 1 stays in this process.
    scheduler : str, optional
        Address of a Dask scheduler, such as ``tcp://10.0.0.1:8786``, which is used instead.

    Yields
    ------
    Executor
        Where to submit jobs.

    Raises
    ------
    InputError
        If there is no worker.
    MissingExtraError
        If a scheduler is given and Dask is not installed.
    RemoteError
        If the scheduler does not answer.
    """
    if n_workers < 1:
        raise InputError("There must be at least one worker", got=n_workers)
    if scheduler is not None:
        with _connect_dask(scheduler) as executor:
            yield executor
    elif n_workers == 1:
        yield SerialExecutor()
    else:
        # Started anew rather than forked, for compiled code may hold locks; and stopped by Ctrl-C
        # without a traceback of their own.
        executor = ProcessPoolExecutor(
            n_workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=signal.signal,
            initargs=(signal.SIGINT, signal.SIG_DFL),
        )
        try:
            yield executor
        finally:
            executor.shutdown(wait=False, cancel_futures=True)


def run_jobs(
    executor: Executor, function: Callable[[Job], Result], jobs: Iterable[Job]
) -> Iterator[tuple[Job, Result]]:
    """Yield each job with its result, as they finish.

    Parameters
    ----------
    executor : Executor
        Where to run.
    function : callable
        What to run for each job; other processes must be able to import it.
    jobs : iterable
        Its arguments.

    Raises
    ------
    TripartiteError
        If a worker dies. Errors of the function come as they are.

    Examples
    --------
    >>> list(run_jobs(SerialExecutor(), abs, [-1, 2]))
    [(-1, 1), (2, 2)]
    """
    waiting = iter(jobs)
    running: dict[Future[Result], Job] = {}
    n_most = 1 if isinstance(executor, SerialExecutor) else None
    try:
        while True:
            for job in islice(waiting, n_most):
                running[executor.submit(function, job)] = job
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                job = running.pop(future)
                yield job, future.result()
    except BrokenProcessPool as error:
        raise TripartiteError(
            "Each worker must live until its job is done",
            got="one that was stopped, perhaps because memory ran out",
            do="Use fewer workers",
        ) from error
    finally:
        for future in running:
            future.cancel()


@contextmanager
def _connect_dask(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise MissingExtraError("distributed", "dask") from error
    try:
        client = Client(address)
    except (OSError, ValueError) as error:
        raise RemoteError(
            "The Dask scheduler must answer",
            got=f"{address}: {error}",
            do="Start it: dask scheduler",
        ) from error
    with client:
        # The same simulation twice is a test, not a repetition that may be left out.
        yield client.get_executor(pure=False)
