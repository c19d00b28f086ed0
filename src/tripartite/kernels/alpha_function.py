"""What a Runge-Kutta step makes of an alpha-shaped conductance, in closed form.

A conductance ``g`` with its slope ``dg`` obeys ``dg' = -dg / tau`` and ``g' = dg - g / tau``: a
linear system, of which every stage of an explicit Runge-Kutta step of size ``h`` is a polynomial
``p`` of ``z = -h / tau``: ``g`` becomes ``p(z) g + h p'(z) dg``. With the values of the polynomials
in a table, the stages of a step cost two multiplications instead of an integration, and are the
same numbers.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np
from numba import njit
from numpy.polynomial import Polynomial

from tripartite.kernels.runge_kutta import ERROR_WEIGHTS, RESULT_WEIGHTS, STAGE_WEIGHTS

#: Factors of the stages 2 to 6 of a Runge-Kutta-Fehlberg step, of its result and of its error:
#: those of ``g``, and those of ``dg`` in ``g`` (with a "d").
Factors = namedtuple("Factors", "s2 d2 s3 d3 s4 d4 s5 d5 s6 d6 result dresult error derror")


def factors_of(h: float, tau: Any) -> dict[str, np.ndarray]:
    """Return the factors of a step.

    Parameters
    ----------
    h : float
        Size of the step.
    tau : float or ndarray
        Time constant, in the unit of `h`.

    Returns
    -------
    dict of str to ndarray
        One entry per field of `Factors`, of the shape of `tau`.

    Examples
    --------
    >>> float(factors_of(0.1, 2.0)["result"].round(6)), round(float(np.exp(-0.05)), 6)
    (0.951229, 0.951229)
    """
    z = Polynomial([0.0, 1.0])
    stages = [Polynomial([1.0])]
    for weights in STAGE_WEIGHTS:
        terms = [weight * stage for weight, stage in zip(weights, stages, strict=True)]
        stages.append(1.0 + z * sum(terms[1:], start=terms[0]))
    chosen = [stages[k] for k in (0, 2, 3, 4, 5)]
    sums = []
    for weights in (RESULT_WEIGHTS, ERROR_WEIGHTS):
        terms = [weight * stage for weight, stage in zip(weights, chosen, strict=True)]
        sums.append(z * sum(terms[1:], start=terms[0]))
    polynomials = [*stages[1:], 1.0 + sums[0], sums[1]]
    at = -h / np.asarray(tau, dtype=float)
    pairs = [(each(at), h * each.deriv()(at)) for each in polynomials]
    return dict(zip(Factors._fields, [factor for pair in pairs for factor in pair], strict=True))


@njit(fastmath={"contract", "nsz"}, forceinline=True)
def conductance_stages(g: float, dg: float, f: Any) -> Any:
    """Return a conductance at the six stages of a step.

    Parameters
    ----------
    g, dg : float
        Conductance and its slope.
    f : Factors
        Factors of the step.
    """
    return (
        g,
        f.s2 * g + f.d2 * dg,
        f.s3 * g + f.d3 * dg,
        f.s4 * g + f.d4 * dg,
        f.s5 * g + f.d5 * dg,
        f.s6 * g + f.d6 * dg,
    )
