"""Closed forms of conductances against the generic step, and against the exact solution."""

from collections import namedtuple

import numpy as np
import pytest
from numba import njit

from tripartite.kernels.alpha_function import Factors, conductance_stages, factors_of
from tripartite.kernels.runge_kutta import STAGE_WEIGHTS, rkf45_step

Alpha = namedtuple("Alpha", "g dg")
NOTHING = Alpha(0.0, 0.0)


@njit(inline="always")
def slopes(state, inputs, constants):
    return Alpha(state.dg - state.g / constants, -state.dg / constants)


_step = rkf45_step(slopes)


@njit
def generic(g, dg, tau, h):
    return _step(Alpha(g, dg), NOTHING, 0.0, tau, h)


@njit
def stages(g, dg, factors):
    return conductance_stages(g, dg, factors)


STEPS = [(0.1, 0.2), (0.1, 2.0), (0.025, 10.0), (1.0, 3.0), (0.5, 0.3)]
STARTS = [(1.0, 0.0), (0.0, 1.0), (3.5, -2.0)]


@pytest.mark.parametrize(("h", "tau"), STEPS)
@pytest.mark.parametrize(("g", "dg"), STARTS)
def test_factors_are_those_of_the_generic_step(h, tau, g, dg):
    f = {name: float(value) for name, value in factors_of(h, tau).items()}
    after, error = generic(g, dg, tau, h)
    scale = abs(g) + abs(dg) * h
    assert f["result"] * g + f["dresult"] * dg == pytest.approx(after.g, abs=1e-14 * scale)
    assert f["result"] * dg == pytest.approx(after.dg, abs=1e-14 * abs(dg))
    assert f["error"] * g + f["derror"] * dg == pytest.approx(error.g, abs=1e-14 * scale)
    assert f["error"] * dg == pytest.approx(error.dg, abs=1e-14 * abs(dg))


@pytest.mark.parametrize(("h", "tau"), STEPS)
@pytest.mark.parametrize(("g", "dg"), STARTS)
def test_stages_are_those_of_the_generic_step(h, tau, g, dg):
    f = Factors(**{name: float(value) for name, value in factors_of(h, tau).items()})
    known, values = [], [g]
    matrix, state = np.array([[-1 / tau, 1.0], [0.0, -1 / tau]]), np.array([g, dg])
    known.append(matrix @ state)
    for weights in STAGE_WEIGHTS:
        at = state + h * sum(w * k for w, k in zip(weights, known, strict=True))
        values.append(at[0])
        known.append(matrix @ at)
    scale = (abs(g) + abs(dg) * h) * max(1.0, h / tau) ** 5
    assert stages(g, dg, f) == pytest.approx(values, abs=2e-14 * scale)


@pytest.mark.parametrize("tau", [2.0, np.array([0.5, 2.0, 20.0])])
def test_a_step_follows_the_alpha_function_to_sixth_order(tau):
    off = []
    for h in (0.2, 0.1):
        f, z = factors_of(h, tau), np.exp(-h / np.asarray(tau))
        off.append(np.abs(f["result"] - z) + np.abs(f["dresult"] - h * z))
    assert np.shape(off[0]) == np.shape(tau)
    assert np.log2(off[0] / off[1]) == pytest.approx(6, abs=0.4)
