"""Connections with short-term depression and facilitation.

References
----------
Tsodyks M, Uziel A, Markram H (2000). Synchrony generation in recurrent networks with
frequency-dependent synapses. J Neurosci 20:RC50.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numba import njit

from tripartite.errors import InputError
from tripartite.networks.parameters import Floats, parameter, state
from tripartite.networks.synapses.synapse import Synapse

# Below this relative difference of the time constants the limit of the quotient of differences is
# more exact than the quotient.
_NEARLY_EQUAL = 1e-6


@njit(error_model="numpy")
def release(
    state: tuple[float, float, float],
    interval: float,
    U: float,
    tau_psc: float,
    tau_rec: float,
    tau_fac: float,
) -> tuple[tuple[float, float, float], float]:
    """Return the state after a spike, and the part of the weight that the spike carries.

    Parameters
    ----------
    state : tuple of float
        ``(x, y, u)``: available and active resources, and use.
    interval : float
        Time since the spike before (ms).
    U, tau_psc, tau_rec, tau_fac : float
        Constants of `Tsodyks` (ms where they are times).
    """
    x, y, u = state
    p_y = math.exp(-interval / tau_psc)
    q = math.expm1(-interval / tau_rec)
    p_u = math.exp(-interval / tau_fac) if tau_fac > 0.0 else 0.0
    if abs(tau_psc - tau_rec) <= _NEARLY_EQUAL * tau_rec:
        ratio = 2.0 * interval / (tau_psc + tau_rec)
        p_xy = -math.expm1(-ratio) - ratio * math.exp(-ratio)
    else:
        p_xy = (q * tau_rec - (p_y - 1.0) * tau_psc) / (tau_psc - tau_rec)
    z = 1.0 - x - y
    u *= p_u
    x += p_xy * y - q * z
    y *= p_y
    u += U * (1.0 - u)
    released = u * x
    return (x - released, y + released, u), released


@dataclass(frozen=True, kw_only=True)
class Tsodyks(Synapse):
    """Connection with short-term plasticity (``tsodyks_synapse`` of NEST).

    Examples
    --------
    >>> Tsodyks(tau_psc_ms=2.0).tau_rec_ms
    800.0
    """

    U: float = parameter(0.5, "Use that each spike adds.", at_least=0, at_most=1)
    tau_psc_ms: float = parameter(3.0, "Time constant of the synaptic current.", "ms", above=0)
    tau_rec_ms: float = parameter(800.0, "Time constant of the recovery.", "ms", above=0)
    tau_fac_ms: float = parameter(0.0, "Time constant of the facilitation.", "ms", at_least=0)
    x: float = state(1.0, "Available resources (fraction).", at_least=0, at_most=1)
    y: float = state(0.0, "Active resources (fraction).", at_least=0, at_most=1)
    u: float = state(0.0, "Use (fraction).", at_least=0, at_most=1)

    model_name: ClassVar[str] = "tsodyks_synapse"

    def check_together(self, values: Mapping[str, Floats]) -> None:
        """Raise an error if resources sum to more than 1; see `Model.check_together`."""
        total = values["x"] + values["y"]
        if np.any(total > 1.0):
            raise InputError("x + y must be at most 1", got=np.max(total))
