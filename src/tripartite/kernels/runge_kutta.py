"""Steps of explicit Runge-Kutta methods, for any right-hand side.

A right-hand side is a compiled function ``slopes(state, inputs, constants)`` of records (see
`lanes`) that returns the time derivative of the state as a record of the same type. Each function
here makes a compiled step of it: a function that took the right-hand side as an argument could not
be cached on disk.

References
----------
Fehlberg, E. (1969). Low-order classical Runge-Kutta formulas with stepsize control. NASA TR R-315.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit

from tripartite.kernels.elementary import exp, log
from tripartite.kernels.lanes import largest_ratio, weighted

Step = Callable[..., Any]

# Below this error a substep grows by the most that is allowed, 5: (0.9 / 5) ** 6.
_GROWS_MOST = (0.9 / 5.0) ** 6

_A2 = (1 / 4,)
_A3 = (3 / 32, 9 / 32)
_A4 = (1932 / 2197, -7200 / 2197, 7296 / 2197)
_A5 = (439 / 216, -8.0, 3680 / 513, -845 / 4104)
_A6 = (-8 / 27, 2.0, -3544 / 2565, 1859 / 4104, -11 / 40)

#: Weights of the stages before in each of the stages 2 to 6 of the Runge-Kutta-Fehlberg 4(5) pair.
STAGE_WEIGHTS = (_A2, _A3, _A4, _A5, _A6)
#: Weights of the stages 1, 3, 4, 5 and 6 in the fifth-order result, and in its error.
RESULT_WEIGHTS = (16 / 135, 6656 / 12825, 28561 / 56430, -9 / 50, 2 / 55)
ERROR_WEIGHTS = (1 / 360, -128 / 4275, -2197 / 75240, 1 / 50, 2 / 55)

_INLINED = {"fastmath": {"contract", "nsz"}, "error_model": "numpy", "forceinline": True}


def rkf45_step(slopes: Step) -> Step:
    """Return a step of the embedded Runge-Kutta-Fehlberg 4(5) pair.

    Parameters
    ----------
    slopes : compiled function
        Right-hand side.

    Returns
    -------
    compiled function
        ``step(state, nothing, inputs, constants, h) -> (after, error)``: the fifth-order result,
        and its difference from the fourth-order one. `nothing` is a record of zeros.
    """

    @njit(**_INLINED)
    def step(state: Any, nothing: Any, inputs: Any, constants: Any, h: float) -> tuple[Any, Any]:
        k1 = slopes(state, inputs, constants)
        k2 = slopes(weighted(state, h, _A2, (k1,)), inputs, constants)
        k3 = slopes(weighted(state, h, _A3, (k1, k2)), inputs, constants)
        k4 = slopes(weighted(state, h, _A4, (k1, k2, k3)), inputs, constants)
        k5 = slopes(weighted(state, h, _A5, (k1, k2, k3, k4)), inputs, constants)
        k6 = slopes(weighted(state, h, _A6, (k1, k2, k3, k4, k5)), inputs, constants)
        after = weighted(state, h, RESULT_WEIGHTS, (k1, k3, k4, k5, k6))
        return after, weighted(nothing, h, ERROR_WEIGHTS, (k1, k3, k4, k5, k6))

    return step


def rkf45_driven_step(slopes: Step) -> Step:
    """Return a step of the same pair, for a state that is driven by something with known stages.

    Parameters
    ----------
    slopes : compiled function
        Right-hand side, ``slopes(state, drives, inputs, constants)``.

    Returns
    -------
    compiled function
        ``step(state, nothing, drives, inputs, constants, h) -> (after, error)``, where `drives` is
        a tuple with one entry for each of the six stages.
    """

    @njit(**_INLINED)
    def step(
        state: Any, nothing: Any, drives: Any, inputs: Any, constants: Any, h: float
    ) -> tuple[Any, Any]:
        d1, d2, d3, d4, d5, d6 = drives
        k1 = slopes(state, d1, inputs, constants)
        k2 = slopes(weighted(state, h, _A2, (k1,)), d2, inputs, constants)
        k3 = slopes(weighted(state, h, _A3, (k1, k2)), d3, inputs, constants)
        k4 = slopes(weighted(state, h, _A4, (k1, k2, k3)), d4, inputs, constants)
        k5 = slopes(weighted(state, h, _A5, (k1, k2, k3, k4)), d5, inputs, constants)
        k6 = slopes(weighted(state, h, _A6, (k1, k2, k3, k4, k5)), d6, inputs, constants)
        after = weighted(state, h, RESULT_WEIGHTS, (k1, k3, k4, k5, k6))
        return after, weighted(nothing, h, ERROR_WEIGHTS, (k1, k3, k4, k5, k6))

    return step


def rkf45_substep(slopes: Step) -> Step:
    """Return one accepted substep of adaptive integration.

    A substep is accepted where the error of each number is below 1.1 times ``absolute + relative *
    |h * slope at its end|``; else it is tried again shorter. This is the control of the GNU
    Scientific Library, on which the results depend.

    Parameters
    ----------
    slopes : compiled function
        Right-hand side.

    Returns
    -------
    compiled function
        ``substep(state, slope, nothing, inputs, constants, now, end, trial, absolute, relative) ->
        (after, slope_after, reached, next_trial)``: `slope` is that of `state`; `now` and `end` are
        times, the second not to go beyond, and `trial` is the size to try first.
    """

    @njit(fastmath={"contract", "nsz"}, error_model="numpy")
    def substep(
        state: Any,
        slope: Any,
        nothing: Any,
        inputs: Any,
        constants: Any,
        now: float,
        end: float,
        trial: float,
        absolute: float,
        relative: float,
    ) -> tuple[Any, Any, float, float]:
        remaining = end - now
        h, last = (remaining, True) if trial > remaining else (trial, False)
        while True:
            k2 = slopes(weighted(state, h, _A2, (slope,)), inputs, constants)
            k3 = slopes(weighted(state, h, _A3, (slope, k2)), inputs, constants)
            k4 = slopes(weighted(state, h, _A4, (slope, k2, k3)), inputs, constants)
            k5 = slopes(weighted(state, h, _A5, (slope, k2, k3, k4)), inputs, constants)
            k6 = slopes(weighted(state, h, _A6, (slope, k2, k3, k4, k5)), inputs, constants)
            after = weighted(state, h, RESULT_WEIGHTS, (slope, k3, k4, k5, k6))
            error = weighted(nothing, h, ERROR_WEIGHTS, (slope, k3, k4, k5, k6))
            reached = end if last else now + h
            final = slopes(after, inputs, constants)
            worst = largest_ratio(error, final, h, absolute, relative)
            if worst > 1.1:
                shorter = h * max(0.2, 0.9 * exp(-0.2 * log(worst)))
                if shorter < h and reached + shorter != reached:
                    h, last = shorter, False
                    continue
            elif worst < 0.5:
                root = 0.9 * exp(log(worst) * (-1.0 / 6.0)) if worst > _GROWS_MOST else 5.0
                return after, final, reached, h * min(max(root, 1.0), 5.0)
            return after, final, reached, h

    return substep


def rk4_step(slopes: Step) -> Step:
    """Return a step of the classical fourth-order method.

    Parameters
    ----------
    slopes : compiled function
        Right-hand side.

    Returns
    -------
    compiled function
        ``step(state, inputs, constants, h) -> after``.
    """

    @njit(**_INLINED)
    def step(state: Any, inputs: Any, constants: Any, h: float) -> Any:
        k1 = slopes(state, inputs, constants)
        k2 = slopes(weighted(state, h, (0.5,), (k1,)), inputs, constants)
        k3 = slopes(weighted(state, h, (0.5,), (k2,)), inputs, constants)
        k4 = slopes(weighted(state, h, (1.0,), (k3,)), inputs, constants)
        return weighted(state, h, (1 / 6, 1 / 3, 1 / 3, 1 / 6), (k1, k2, k3, k4))

    return step


def midpoint_step(slopes: Step) -> Step:
    """Return a step of the second-order midpoint method; as `rk4_step`.

    Parameters
    ----------
    slopes : compiled function
        Right-hand side.
    """

    @njit(**_INLINED)
    def step(state: Any, inputs: Any, constants: Any, h: float) -> Any:
        k1 = slopes(state, inputs, constants)
        k2 = slopes(weighted(state, h, (0.5,), (k1,)), inputs, constants)
        return weighted(state, h, (1.0,), (k2,))

    return step
