import numpy as np
import pytest
from hypothesis import given, strategies as st
from numba import njit

from tripartite.kernels.bits import add_bit, has_bit, make_bits, take_bits


@njit
def collect(numbers, n, distinct):
    bits = make_bits(n)
    n_repeated = 0
    for number in numbers:
        n_repeated += has_bit(bits, number)
        add_bit(bits, number)
    n_distinct = take_bits(bits, distinct)
    return n_distinct, n_repeated, not bits.any()


@pytest.mark.parametrize("n", [1, 63, 64, 65, 1000])
@given(data=st.data())
def test_a_set_lists_its_numbers_once_and_in_order(n, data):
    numbers = np.array(data.draw(st.lists(st.integers(0, n - 1))), np.int32)
    distinct = np.empty(n, np.int32)
    n_distinct, n_repeated, is_empty = collect(numbers, n, distinct)
    assert distinct[:n_distinct].tolist() == sorted(set(numbers.tolist()))
    assert n_repeated == numbers.size - n_distinct
    assert is_empty
