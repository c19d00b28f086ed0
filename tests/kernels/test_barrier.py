"""Threads that wait for one another."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numba import njit

from tripartite.kernels.barrier import wait_for_all


@njit(nogil=True)
def take_turns(thread, n_threads, n_rounds, counter, rounds):
    """Write down the round and count the others that are not in it; pass the barrier twice."""
    wrong = 0
    for k in range(1, n_rounds + 1):
        rounds[thread] = k
        wait_for_all(counter, n_threads)
        for other in range(n_threads):
            wrong += rounds[other] != k
        wait_for_all(counter, n_threads)
    return wrong


@pytest.mark.parametrize("n_threads", [1, 2, 3, 8])
def test_nobody_passes_before_all_have_come(n_threads):
    counter, rounds = np.zeros(1, np.int64), np.zeros(n_threads, np.int64)
    take_turns(0, 1, 1, np.zeros(1, np.int64), np.zeros(1, np.int64))
    n_rounds = 300
    with ThreadPoolExecutor(n_threads) as pool:
        runs = [
            pool.submit(take_turns, k, n_threads, n_rounds, counter, rounds)
            for k in range(n_threads)
        ]
        assert sum(run.result(timeout=60) for run in runs) == 0
    assert counter[0] == (2 * n_rounds * n_threads if n_threads > 1 else 0)


def test_one_that_waits_lets_python_run():
    counter, rounds = np.zeros(1, np.int64), np.zeros(2, np.int64)
    take_turns(0, 1, 1, np.zeros(1, np.int64), np.zeros(1, np.int64))
    waiting = threading.Thread(target=take_turns, args=(1, 2, 1, counter, rounds))
    waiting.start()
    waiting.join(0.05)
    assert waiting.is_alive()
    assert take_turns(0, 2, 1, counter, rounds) == 0
    waiting.join(10)
    assert not waiting.is_alive()
