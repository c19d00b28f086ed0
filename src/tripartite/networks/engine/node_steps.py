"""One step of all nodes of a block, exact as NEST does it, or fast.

The exact step tries one Runge-Kutta-Fehlberg step for all lanes at once. Where its error passes the
test, which is nearly everywhere, adaptive integration would have taken that very step. The few lanes
that fail the test, carry on a smaller substep or spike are done again, one by one.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from tripartite.kernels.elementary import log
from tripartite.kernels.lanes import LANES, load, store
from tripartite.kernels.runge_kutta import midpoint_step, rk4_step, rkf45_step, rkf45_substep
from tripartite.networks.engine.rows import (
    AFTER,
    CONSTANTS,
    EVENTS,
    EXCITED,
    INHIBITED,
    INPUTS,
    NEXT_SIC,
    NEXT_STIMULUS,
    REFRACTORY,
    SIC,
    STATE,
    STIMULUS,
    SUBSTEP,
    Inputs,
)
from tripartite.networks.models import adex, iaf, li_rinzel

AdExState, AdExConstants, adex_slopes = adex.State, adex.Constants, adex.slopes
IafState, IafConstants, iaf_slopes = iaf.State, iaf.Constants, iaf.slopes
AstroState, AstroConstants, astro_slopes = li_rinzel.State, li_rinzel.Constants, li_rinzel.slopes

_NO_ADEX = AdExState(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
_NO_IAF = IafState(0.0, 0.0, 0.0, 0.0, 0.0)
_NO_ASTRO = AstroState(0.0, 0.0, 0.0)

# Errors that NEST tolerates in a substep; adaptive neurons have a parameter for it.
_IAF_ERROR = 1e-3
_ASTRO_ERROR = 1e-3
# A substep is accepted where its error is at most so many times what is tolerated.
_ACCEPTED = 1.1
# An adaptive neuron beyond these has left all physiology (mV, pA).
_LEAST_V, _MOST_W = -1000.0, 1e6
# A neuron without refractory time that spikes more often in one step has run away.
MOST_SPIKES_IN_A_STEP = 1000

#: What `step_block` returns instead of a number of spikes.
UNSTABLE, RUNAWAY = -1, -2

_E = math.e


@njit(fastmath={"contract", "nsz"}, error_model="numpy", forceinline=True)
def _largest(a: float, b: float, c: float) -> float:
    return max(max(abs(a), abs(b)), abs(c))


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def try_adex(w: np.ndarray, n: int, dt: float) -> float:
    """Try one step of adaptive neurons; return more than 0 if some must be done again."""
    again = 0.0
    for j in range(n):
        state = load(AdExState, w, STATE, j)
        constants = load(AdExConstants, w, CONSTANTS, j)
        inputs = load(Inputs, w, INPUTS, j)
        after, error = rkf45_step(adex_slopes, state, _NO_ADEX, inputs, constants, dt)
        # The tolerance is at least its absolute part: passing that passes the whole test.
        worst = max(_largest(error.V_m, error.w, error.dg_ex), abs(error.g_ex))
        worst = max(worst, max(abs(error.dg_in), abs(error.g_in)))
        good = worst <= _ACCEPTED * constants.tolerance and w[SUBSTEP * LANES + j] >= dt
        calm = after.V_m < constants.spike_at or inputs.refractory > 0.0
        sane = after.V_m > _LEAST_V and abs(after.w) < _MOST_W
        event = 0.0 if good and calm and sane else 1.0
        w[EVENTS * LANES + j] = event
        store(w, AFTER, j, after)
        again += event
    return again


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def redo_adex(w: np.ndarray, j: int, dt: float) -> int:
    """Integrate one adaptive neuron adaptively over a step; return its spikes or a failure."""
    state = load(AdExState, w, STATE, j)
    c = load(AdExConstants, w, CONSTANTS, j)
    inputs = load(Inputs, w, INPUTS, j)
    resting, substep = inputs.refractory, w[SUBSTEP * LANES + j]
    now, spikes = 0.0, 0
    while now < dt:
        acting = Inputs(inputs.stimulus, inputs.sic, resting)
        state, now, substep = rkf45_substep(
            adex_slopes, state, _NO_ADEX, acting, c, now, dt, substep, c.tolerance, c.tolerance
        )
        V, adaptation = state.V_m, state.w
        if not (V >= _LEAST_V and abs(adaptation) <= _MOST_W):
            return UNSTABLE
        if resting > 0.0:
            V = c.V_reset
        elif V >= c.spike_at:
            V = c.V_reset
            adaptation += c.b
            resting = c.refractory_steps + 1.0 if c.refractory_steps > 0.0 else 0.0
            spikes += 1
            if spikes > MOST_SPIKES_IN_A_STEP:
                return RUNAWAY
        state = AdExState(V, state.dg_ex, state.g_ex, state.dg_in, state.g_in, adaptation)
    store(w, AFTER, j, state)
    w[REFRACTORY * LANES + j] = resting
    w[SUBSTEP * LANES + j] = substep
    return spikes


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def fast_adex(w: np.ndarray, n: int, dt: float) -> float:
    """Take one fixed step of adaptive neurons; return more than 0 if some spike."""
    some = 0.0
    for j in range(n):
        state = load(AdExState, w, STATE, j)
        c = load(AdExConstants, w, CONSTANTS, j)
        inputs = load(Inputs, w, INPUTS, j)
        after = rk4_step(adex_slopes, state, inputs, c, dt)
        resting = inputs.refractory
        spiking = after.V_m >= c.spike_at and resting <= 0.0
        V = c.V_reset if spiking else after.V_m
        adaptation = after.w + c.b if spiking else after.w
        rest = c.refractory_steps + 1.0 if c.refractory_steps > 0.0 else 0.0
        w[REFRACTORY * LANES + j] = rest if spiking else resting
        event = 1.0 if spiking else 0.0
        w[EVENTS * LANES + j] = event
        store(
            w,
            AFTER,
            j,
            AdExState(V, after.dg_ex, after.g_ex, after.dg_in, after.g_in, adaptation),
        )
        some += event
    return some


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def finish_adex(w: np.ndarray, n: int) -> None:
    """End a step of adaptive neurons: count down the rest, take in what arrives."""
    for j in range(n):
        after = load(AdExState, w, AFTER, j)
        c = load(AdExConstants, w, CONSTANTS, j)
        resting = w[REFRACTORY * LANES + j]
        V = c.V_reset if resting > 0.0 else after.V_m
        w[REFRACTORY * LANES + j] = max(resting - 1.0, 0.0)
        store(
            w,
            STATE,
            j,
            AdExState(
                V,
                after.dg_ex + w[EXCITED * LANES + j] * (_E * c.per_tau_ex),
                after.g_ex,
                after.dg_in + w[INHIBITED * LANES + j] * (_E * c.per_tau_in),
                after.g_in,
                after.w,
            ),
        )
        w[STIMULUS * LANES + j] = w[NEXT_STIMULUS * LANES + j]
        w[SIC * LANES + j] = w[NEXT_SIC * LANES + j]


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def try_iaf(w: np.ndarray, n: int, dt: float) -> float:
    """Try one step of leaky neurons; return more than 0 if some must be done again."""
    again = 0.0
    for j in range(n):
        state = load(IafState, w, STATE, j)
        constants = load(IafConstants, w, CONSTANTS, j)
        inputs = load(Inputs, w, INPUTS, j)
        after, error = rkf45_step(iaf_slopes, state, _NO_IAF, inputs, constants, dt)
        worst = max(_largest(error.V_m, error.dg_ex, error.g_ex), abs(error.dg_in))
        worst = max(worst, abs(error.g_in))
        good = worst <= _ACCEPTED * _IAF_ERROR and w[SUBSTEP * LANES + j] >= dt
        event = 0.0 if good else 1.0
        w[EVENTS * LANES + j] = event
        store(w, AFTER, j, after)
        again += event
    return again


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def redo_iaf(w: np.ndarray, j: int, dt: float) -> None:
    """Integrate one leaky neuron adaptively over a step."""
    state = load(IafState, w, STATE, j)
    c = load(IafConstants, w, CONSTANTS, j)
    inputs = load(Inputs, w, INPUTS, j)
    now, substep = 0.0, w[SUBSTEP * LANES + j]
    while now < dt:
        state, now, substep = rkf45_substep(
            iaf_slopes, state, _NO_IAF, inputs, c, now, dt, substep, _IAF_ERROR, 0.0
        )
    store(w, AFTER, j, state)
    w[SUBSTEP * LANES + j] = substep


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def fast_iaf(w: np.ndarray, n: int, dt: float) -> None:
    """Take one fixed step of leaky neurons."""
    for j in range(n):
        state = load(IafState, w, STATE, j)
        c = load(IafConstants, w, CONSTANTS, j)
        inputs = load(Inputs, w, INPUTS, j)
        store(w, AFTER, j, rk4_step(iaf_slopes, state, inputs, c, dt))


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def finish_iaf(w: np.ndarray, n: int) -> float:
    """End a step of leaky neurons; return the number of spikes."""
    spikes = 0.0
    for j in range(n):
        after = load(IafState, w, AFTER, j)
        c = load(IafConstants, w, CONSTANTS, j)
        resting = w[REFRACTORY * LANES + j]
        spiking = after.V_m >= c.V_th and resting <= 0.0
        event = 1.0 if spiking else 0.0
        w[EVENTS * LANES + j] = event
        w[REFRACTORY * LANES + j] = c.refractory_steps if spiking else max(resting - 1.0, 0.0)
        V = c.V_reset if spiking or resting > 0.0 else after.V_m
        store(
            w,
            STATE,
            j,
            IafState(
                V,
                after.dg_ex + w[EXCITED * LANES + j] * (_E * c.per_tau_ex),
                after.g_ex,
                after.dg_in + w[INHIBITED * LANES + j] * (_E * c.per_tau_in),
                after.g_in,
            ),
        )
        w[STIMULUS * LANES + j] = w[NEXT_STIMULUS * LANES + j]
        w[SIC * LANES + j] = w[NEXT_SIC * LANES + j]
        spikes += event
    return spikes


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def try_astro(w: np.ndarray, n: int, dt: float) -> float:
    """Try one step of astrocytes; return more than 0 if some must be done again."""
    again = 0.0
    for j in range(n):
        state = load(AstroState, w, STATE, j)
        constants = load(AstroConstants, w, CONSTANTS, j)
        inputs = load(Inputs, w, INPUTS, j)
        after, error = rkf45_step(astro_slopes, state, _NO_ASTRO, inputs, constants, dt)
        worst = _largest(error.IP3, error.Ca_astro, error.h_IP3R)
        good = worst <= _ACCEPTED * _ASTRO_ERROR and w[SUBSTEP * LANES + j] >= dt
        event = 0.0 if good else 1.0
        w[EVENTS * LANES + j] = event
        store(w, AFTER, j, after)
        again += event
    return again


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def redo_astro(w: np.ndarray, j: int, dt: float) -> None:
    """Integrate one astrocyte adaptively over a step."""
    state = load(AstroState, w, STATE, j)
    c = load(AstroConstants, w, CONSTANTS, j)
    inputs = load(Inputs, w, INPUTS, j)
    now, substep = 0.0, w[SUBSTEP * LANES + j]
    while now < dt:
        state, now, substep = rkf45_substep(
            astro_slopes, state, _NO_ASTRO, inputs, c, now, dt, substep, _ASTRO_ERROR, 0.0
        )
    store(w, AFTER, j, state)
    w[SUBSTEP * LANES + j] = substep


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def fast_astro(w: np.ndarray, n: int, dt: float) -> None:
    """Take one fixed step of astrocytes, whose state hardly changes in it."""
    for j in range(n):
        state = load(AstroState, w, STATE, j)
        c = load(AstroConstants, w, CONSTANTS, j)
        inputs = load(Inputs, w, INPUTS, j)
        store(w, AFTER, j, midpoint_step(astro_slopes, state, inputs, c, dt))


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def finish_astro(w: np.ndarray, n: int) -> float:
    """End a step of astrocytes: take in what arrives; return the largest current they send."""
    most = 1.0
    for j in range(n):
        after = load(AstroState, w, AFTER, j)
        c = load(AstroConstants, w, CONSTANTS, j)
        calcium = min(max(after.Ca_astro, 0.0), c.Ca_tot)
        ip3 = after.IP3 + c.delta_IP3 * w[EXCITED * LANES + j]
        store(w, STATE, j, AstroState(ip3, calcium, after.h_IP3R))
        w[STIMULUS * LANES + j] = w[NEXT_STIMULUS * LANES + j]
        most = max(most, (calcium - c.SIC_th) * 1000.0)
    if most <= 1.0:
        for j in range(n):
            w[SIC * LANES + j] = 0.0
        return 0.0
    for j in range(n):
        c = load(AstroConstants, w, CONSTANTS, j)
        above = (w[(STATE + 1) * LANES + j] - c.SIC_th) * 1000.0
        w[SIC * LANES + j] = c.SIC_scale * log(max(above, 1.0))
    return most
