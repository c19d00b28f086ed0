"""Orders of convergence, and the two forms of a step against one another and closed forms."""

import math
from collections import namedtuple

import numpy as np
import pytest
from numba import njit

from tripartite.kernels.runge_kutta import (
    midpoint_step,
    rk4_step,
    rkf45_driven_step,
    rkf45_step,
    rkf45_substep,
)

Swing = namedtuple("Swing", "x v")
Drive = namedtuple("Drive", "y")
Constants = namedtuple("Constants", "omega")
NOTHING = Swing(0.0, 0.0)
OMEGA = 1.3


@njit(inline="always")
def slopes(state, inputs, constants):
    """A pendulum that is not linear in any number."""
    return Swing(state.v, inputs - constants.omega * math.sin(state.x))


@njit(inline="always")
def driven(state, drive, inputs, constants):
    return Drive(inputs * drive[0] - constants.omega * state.y * drive[1])


_rkf45, _rk4, _midpoint = rkf45_step(slopes), rk4_step(slopes), midpoint_step(slopes)
_substep, _driven = rkf45_substep(slopes), rkf45_driven_step(driven)


@njit
def go_rkf45(state, constants, h, n):
    for _ in range(n):
        state, _ = _rkf45(state, NOTHING, 0.2, constants, h)
    return state


@njit
def go_rk4(state, constants, h, n):
    for _ in range(n):
        state = _rk4(state, 0.2, constants, h)
    return state


@njit
def go_midpoint(state, constants, h, n):
    for _ in range(n):
        state = _midpoint(state, 0.2, constants, h)
    return state


@njit
def one_error(state, constants, h):
    return _rkf45(state, NOTHING, 0.2, constants, h)


@njit
def go_adaptively(state, constants, end, trial, tolerance):
    now, n, first = 0.0, 0, trial
    slope = slopes(state, 0.2, constants)
    while now < end:
        state, slope, now, trial = _substep(
            state, slope, NOTHING, 0.2, constants, now, end, trial, tolerance, 0.0
        )
        n += 1
        first = now if n == 1 else first
    return state, n, first, trial


@njit
def one_driven(y, drives, constants, h):
    return _driven(Drive(y), Drive(0.0), drives, 1.0, constants, h)


def distance(a, b):
    return max(abs(p - q) for p, q in zip(a, b, strict=True))


START, CONSTANTS = Swing(1.0, -0.5), Constants(OMEGA)
EXACT = go_rkf45(START, CONSTANTS, 1e-3, 2000)


@pytest.mark.parametrize(("go", "order"), [(go_rkf45, 5), (go_rk4, 4), (go_midpoint, 2)])
def test_the_error_falls_with_the_order_of_the_method(go, order):
    sizes = np.array([0.1, 0.05, 0.025])
    errors = [distance(go(START, CONSTANTS, h, round(2.0 / h)), EXACT) for h in sizes]
    found = np.diff(np.log(errors)) / np.diff(np.log(sizes))
    assert found == pytest.approx(order, abs=0.25)


def test_a_small_swing_about_the_centre_is_a_cosine():
    centre = math.asin(0.2 / OMEGA)
    rate = math.sqrt(OMEGA * math.cos(centre))
    state = go_rkf45(Swing(centre + 1e-5, 0.0), CONSTANTS, 0.01, 100)
    assert state.x - centre == pytest.approx(1e-5 * math.cos(rate), abs=1e-9)


def test_the_error_is_the_difference_to_a_fourth_order_result():
    errors = [distance(one_error(START, CONSTANTS, h)[1], NOTHING) for h in (0.1, 0.05)]
    assert math.log2(errors[0] / errors[1]) == pytest.approx(5, abs=0.3)


def test_adaptive_substeps_end_where_asked_and_meet_the_tolerance():
    for tolerance in (1e-4, 1e-8, 1e-11):
        state, n, _, _ = go_adaptively(START, CONSTANTS, 2.0, 1.0, tolerance)
        assert distance(state, EXACT) < 2.0 * tolerance * max(n, 1)


def test_a_substep_that_passes_is_one_plain_step():
    state, n, reached, trial = go_adaptively(START, CONSTANTS, 0.1, 0.1, 1e-3)
    assert (n, reached) == (1, 0.1)
    assert distance(state, go_rkf45(START, CONSTANTS, 0.1, 1)) < 1e-15
    assert 0.1 < trial <= 0.5  # grows, five times at most


def test_a_substep_that_fails_shrinks_by_the_rule():
    """The first accepted size, found by repeating the rule here on errors of plain steps."""
    tolerance, h = 1e-9, 1.0
    while (q := distance(one_error(START, CONSTANTS, h)[1], NOTHING) / tolerance) > 1.1:
        h *= max(0.2, 0.9 * q**-0.2)
    _, _, first, _ = go_adaptively(START, CONSTANTS, 2.0, 1.0, tolerance)
    assert first == pytest.approx(h, rel=1e-13)


def test_a_driven_step_is_a_plain_one_of_which_the_drive_is_a_part():
    """The drive p' = q, q' = -p as plain numbers at the six stages, against all four together."""
    state, drives, h = np.array([0.7, 1.0, 0.3]), [], 0.1
    a = [
        [],
        [1 / 4],
        [3 / 32, 9 / 32],
        [1932 / 2197, -7200 / 2197, 7296 / 2197],
        [439 / 216, -8, 3680 / 513, -845 / 4104],
        [-8 / 27, 2, -3544 / 2565, 1859 / 4104, -11 / 40],
    ]

    def whole(s):
        y, p, q = s
        return np.array([p - OMEGA * y * q, q, -p])

    slopes_at = []
    for row in a:
        at = state + h * sum((w * k for w, k in zip(row, slopes_at, strict=True)), np.zeros(3))
        drives.append((float(at[1]), float(at[2])))
        slopes_at.append(whole(at))
    result = np.array([16 / 135, 0, 6656 / 12825, 28561 / 56430, -9 / 50, 2 / 55])
    error = np.array([1 / 360, 0, -128 / 4275, -2197 / 75240, 1 / 50, 2 / 55])
    after, off = one_driven(0.7, tuple(drives), CONSTANTS, h)
    assert after.y == pytest.approx(0.7 + h * (result @ np.array(slopes_at))[0], rel=1e-15)
    assert off.y == pytest.approx(h * (error @ np.array(slopes_at))[0], rel=1e-9)
