"""Own exp and log against those of the C library."""

import math

import numpy as np
import pytest
from hypothesis import example, given, strategies as st
from numba import njit

from tripartite.kernels.elementary import exp, log

# Units in the last place.
EXP_WITHIN, LOG_WITHIN = 2, 3


@njit
def exp_of(numbers):
    return np.array([exp(x) for x in numbers])


@njit
def log_of(numbers):
    return np.array([log(x) for x in numbers])


@given(st.floats(-708.0, 709.0))
@example(0.0)
@example(-708.0)
@example(709.0)
@example(math.log(2) / 2)
def test_exp_is_that_of_math_within_2_units_in_the_last_place(x):
    expected = math.exp(x)
    assert abs(exp_of(np.array([x]))[0] - expected) <= EXP_WITHIN * math.ulp(expected)


@given(st.floats(2.3e-308, 1.7e308))
@example(1.0)
@example(math.sqrt(0.5))
@example(math.nextafter(1.0, 0.0))
@example(math.nextafter(1.0, 2.0))
def test_log_is_that_of_math_within_3_units_in_the_last_place(x):
    expected = math.log(x)
    assert abs(log_of(np.array([x]))[0] - expected) <= LOG_WITHIN * math.ulp(expected)


@pytest.mark.parametrize("spread", [1e-3, 1.0, 30.0])
def test_both_hold_for_very_many_numbers(spread):
    x = np.random.default_rng(1).normal(0.0, spread, 300_000)
    e, logs = np.exp(x), np.log(np.exp(x))
    assert (np.abs(exp_of(x) - e) <= EXP_WITHIN * np.spacing(e)).all()
    assert (np.abs(log_of(e) - logs) <= LOG_WITHIN * np.spacing(np.abs(logs))).all()


@pytest.mark.parametrize(("x", "end"), [(-1e4, -708.0), (1e4, 709.0), (np.inf, 709.0)])
def test_exp_stays_at_the_value_of_the_end_beyond_its_range(x, end):
    assert exp_of(np.array([x]))[0] == pytest.approx(math.exp(end), rel=1e-15)


def test_the_easy_values_are_exact():
    assert exp_of(np.zeros(1))[0] == 1.0
    assert log_of(np.ones(1))[0] == 0.0
    powers = 2.0 ** np.arange(-1000, 1000, 37)
    assert np.array_equal(log_of(powers), np.log(powers))
