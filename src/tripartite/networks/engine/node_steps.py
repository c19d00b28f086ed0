"""One step of all nodes of a block, exact as NEST does it, or fast.

The exact step tries one Runge-Kutta-Fehlberg step for all lanes at once. Where its error passes
the test, which is nearly everywhere, adaptive integration would have taken that very step. The few
lanes that fail the test, carry on a smaller substep or spike are done again, one by one.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from tripartite.kernels.alpha_function import Factors, conductance_stages
from tripartite.kernels.elementary import log
from tripartite.kernels.lanes import get, load, put, store
from tripartite.kernels.runge_kutta import (
    midpoint_step,
    rk4_step,
    rkf45_driven_step,
    rkf45_step,
    rkf45_substep,
)
from tripartite.networks.engine.rows import (
    AFTER,
    CONSTANTS,
    EVENTS,
    EXCITATION,
    EXCITED,
    INHIBITED,
    INHIBITION,
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

AdExState, AdExMembrane, AdExConstants = adex.State, adex.Membrane, adex.Constants
IafState, IafMembrane, IafConstants = iaf.State, iaf.Membrane, iaf.Constants
AstroState, AstroConstants = li_rinzel.State, li_rinzel.Constants

_adex_step, _adex_substep = rkf45_driven_step(adex.membrane_slopes), rkf45_substep(adex.slopes)
_iaf_step, _iaf_substep = rkf45_driven_step(iaf.membrane_slopes), rkf45_substep(iaf.slopes)
_astro_step, _astro_substep = rkf45_step(li_rinzel.slopes), rkf45_substep(li_rinzel.slopes)
_adex_fixed, _iaf_fixed = rk4_step(adex.slopes), rk4_step(iaf.slopes)
_astro_fixed = midpoint_step(li_rinzel.slopes)

adex_slopes, iaf_slopes, astro_slopes = adex.slopes, iaf.slopes, li_rinzel.slopes

_NO_ADEX = AdExState(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
_NO_IAF = IafState(0.0, 0.0, 0.0, 0.0, 0.0)
_NO_ADEX_MEMBRANE, _NO_IAF_MEMBRANE = AdExMembrane(0.0, 0.0), IafMembrane(0.0)
_NO_ASTRO = AstroState(0.0, 0.0, 0.0)

# Errors that NEST tolerates in a substep; adaptive neurons have a parameter for it.
_IAF_ERROR = 1e-3
_ASTRO_ERROR = 1e-3
# A substep is accepted where its error is at most so many times what is tolerated.
_ACCEPTED = 1.1
# An adaptive neuron beyond these has left all physiology (mV, pA).
_LEAST_V, _MOST_W = -1000.0, 1e6
_MOST_V = 1e300
# A neuron without refractory time that spikes more often in one step has run away.
MOST_SPIKES_IN_A_STEP = 1000

# Adaptive steps of a node that needs more than so many within one step of the grid have stalled.
MOST_SUBSTEPS = 20_000

#: What `step_block` returns instead of a number of spikes.
UNSTABLE, RUNAWAY, STALLED = -1, -2, -4

_E = math.e


@njit(fastmath={"contract", "nsz"}, error_model="numpy", forceinline=True)
def _largest(a: float, b: float, c: float) -> float:
    return max(max(abs(a), abs(b)), abs(c))


@njit(fastmath={"contract", "nsz"}, error_model="numpy", forceinline=True)
def stages_of(g_ex: float, dg_ex: float, ex: Any, g_in: float, dg_in: float, inh: Any) -> Any:
    """Return both conductances at the six stages of a step."""
    a, b = conductance_stages(g_ex, dg_ex, ex), conductance_stages(g_in, dg_in, inh)
    return (
        (a[0], b[0]),
        (a[1], b[1]),
        (a[2], b[2]),
        (a[3], b[3]),
        (a[4], b[4]),
        (a[5], b[5]),
    )


@njit(fastmath={"contract", "nsz"}, error_model="numpy", forceinline=True)
def error_of(g: float, dg: float, f: Any) -> float:
    """Return the larger of the errors of a conductance and its slope in a step."""
    return max(abs(f.error * dg), abs(f.error * g + f.derror * dg))


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def try_adex(w: np.ndarray, n: int, h: float) -> int:
    """Try one step of adaptive neurons; return how many must be done again."""
    again = 0
    for j in range(n):
        state = load(AdExState, w, STATE, j)
        constants = load(AdExConstants, w, CONSTANTS, j)
        inputs = load(Inputs, w, INPUTS, j)
        ex, inh = load(Factors, w, EXCITATION, j), load(Factors, w, INHIBITION, j)
        drives = stages_of(state.g_ex, state.dg_ex, ex, state.g_in, state.dg_in, inh)
        membrane = AdExMembrane(state.V_m, state.w)
        after, error = _adex_step(membrane, _NO_ADEX_MEMBRANE, drives, inputs, constants, h)
        # The tolerance is at least its absolute part: passing that passes the whole test.
        worst = max(abs(error.V_m), abs(error.w))
        worst = max(worst, error_of(state.g_ex, state.dg_ex, ex))
        worst = max(worst, error_of(state.g_in, state.dg_in, inh))
        good = worst <= _ACCEPTED * constants.tolerance and get(w, SUBSTEP, j) >= h
        calm = after.V_m < constants.spike_at or inputs.refractory > 0.0
        sane = after.V_m > _LEAST_V and abs(after.w) < _MOST_W
        event = 0.0 if good and calm and sane else 1.0
        put(w, EVENTS, j, event)
        store(
            w,
            AFTER,
            j,
            AdExState(
                constants.V_reset if inputs.refractory > 0.0 else after.V_m,
                ex.result * state.dg_ex,
                ex.result * state.g_ex + ex.dresult * state.dg_ex,
                inh.result * state.dg_in,
                inh.result * state.g_in + inh.dresult * state.dg_in,
                after.w,
            ),
        )
        again += 0 if event == 0.0 else 1
    return again


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def redo_adex(w: np.ndarray, j: int, h: float) -> int:
    """Integrate one adaptive neuron adaptively over a step; return its spikes or a failure."""
    state = load(AdExState, w, STATE, j)
    c = load(AdExConstants, w, CONSTANTS, j)
    inputs = load(Inputs, w, INPUTS, j)
    resting, substep = inputs.refractory, get(w, SUBSTEP, j)
    now, spikes, substeps = 0.0, 0, 0
    acting = Inputs(inputs.stimulus, inputs.sic, resting)
    slope = adex_slopes(state, acting, c)
    while now < h:
        state, slope, now, substep = _adex_substep(
            state, slope, _NO_ADEX, acting, c, now, h, substep, c.tolerance, c.tolerance
        )
        V, adaptation, substeps = state.V_m, state.w, substeps + 1
        if substeps > MOST_SUBSTEPS:
            return STALLED
        if not (V >= _LEAST_V and abs(adaptation) <= _MOST_W):
            return UNSTABLE
        if resting > 0.0:
            V = c.V_reset
        elif c.spike_at <= V:
            V = c.V_reset
            adaptation += c.b
            resting = c.refractory_steps + 1.0 if c.refractory_steps > 0.0 else 0.0
            spikes, substeps = spikes + 1, 0
            if spikes > MOST_SPIKES_IN_A_STEP:
                return RUNAWAY
        if state.V_m != V or adaptation != state.w:
            state = AdExState(V, state.dg_ex, state.g_ex, state.dg_in, state.g_in, adaptation)
            acting = Inputs(inputs.stimulus, inputs.sic, resting)
            slope = adex_slopes(state, acting, c)
    store(w, AFTER, j, state)
    put(w, REFRACTORY, j, resting)
    put(w, SUBSTEP, j, substep)
    return spikes


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def fast_adex(w: np.ndarray, n: int, h: float) -> int:
    """Take one fixed step of adaptive neurons; return how many spike or are unstable."""
    some = 0
    for j in range(n):
        state = load(AdExState, w, STATE, j)
        c = load(AdExConstants, w, CONSTANTS, j)
        inputs = load(Inputs, w, INPUTS, j)
        after = _adex_fixed(state, inputs, c, h)
        resting = inputs.refractory
        spiking = after.V_m >= c.spike_at and resting <= 0.0
        V = c.V_reset if spiking or resting > 0.0 else after.V_m
        adaptation = after.w + c.b if spiking else after.w
        rest = c.refractory_steps + 1.0 if c.refractory_steps > 0.0 else 0.0
        put(w, REFRACTORY, j, rest if spiking else resting)
        sane = after.V_m > _LEAST_V and abs(after.w) < _MOST_W
        event = 1.0 if spiking else 0.0
        put(w, EVENTS, j, event if sane else float(UNSTABLE))
        store(
            w,
            AFTER,
            j,
            AdExState(V, after.dg_ex, after.g_ex, after.dg_in, after.g_in, adaptation),
        )
        some += 1 if spiking or not sane else 0
    return some


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def finish_adex(w: np.ndarray, arriving: np.ndarray, steps: int, lag: int, n: int) -> None:
    """End a step of adaptive neurons: count down the rest, take in what arrives."""
    for j in range(n):
        after = load(AdExState, w, AFTER, j)
        c = load(AdExConstants, w, CONSTANTS, j)
        resting = get(w, REFRACTORY, j)
        put(w, REFRACTORY, j, resting - 1.0 if resting > 0.0 else 0.0)
        store(
            w,
            STATE,
            j,
            AdExState(
                after.V_m,
                after.dg_ex + get(arriving, EXCITED * steps + lag, j) * (_E * c.per_tau_ex),
                after.g_ex,
                after.dg_in + get(arriving, INHIBITED * steps + lag, j) * (_E * c.per_tau_in),
                after.g_in,
                after.w,
            ),
        )
        put(w, STIMULUS, j, get(arriving, NEXT_STIMULUS * steps + lag, j))
        put(w, SIC, j, get(arriving, NEXT_SIC * steps + lag, j))


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def try_iaf(w: np.ndarray, n: int, h: float) -> int:
    """Try one step of leaky neurons; return how many must be done again."""
    again = 0
    for j in range(n):
        state = load(IafState, w, STATE, j)
        constants = load(IafConstants, w, CONSTANTS, j)
        inputs = load(Inputs, w, INPUTS, j)
        ex, inh = load(Factors, w, EXCITATION, j), load(Factors, w, INHIBITION, j)
        drives = stages_of(state.g_ex, state.dg_ex, ex, state.g_in, state.dg_in, inh)
        membrane = IafMembrane(state.V_m)
        after, error = _iaf_step(membrane, _NO_IAF_MEMBRANE, drives, inputs, constants, h)
        worst = max(abs(error.V_m), error_of(state.g_ex, state.dg_ex, ex))
        worst = max(worst, error_of(state.g_in, state.dg_in, inh))
        good = worst <= _ACCEPTED * _IAF_ERROR and get(w, SUBSTEP, j) >= h
        event = 0.0 if good else 1.0
        put(w, EVENTS, j, event)
        store(
            w,
            AFTER,
            j,
            IafState(
                after.V_m,
                ex.result * state.dg_ex,
                ex.result * state.g_ex + ex.dresult * state.dg_ex,
                inh.result * state.dg_in,
                inh.result * state.g_in + inh.dresult * state.dg_in,
            ),
        )
        again += 0 if event == 0.0 else 1
    return again


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def redo_iaf(w: np.ndarray, j: int, h: float) -> int:
    """Integrate one leaky neuron adaptively over a step; return 0 or a failure."""
    state = load(IafState, w, STATE, j)
    c = load(IafConstants, w, CONSTANTS, j)
    inputs = load(Inputs, w, INPUTS, j)
    now, substep, substeps = 0.0, get(w, SUBSTEP, j), 0
    slope = iaf_slopes(state, inputs, c)
    while now < h:
        state, slope, now, substep = _iaf_substep(
            state, slope, _NO_IAF, inputs, c, now, h, substep, _IAF_ERROR, 0.0
        )
        substeps += 1
        if substeps > MOST_SUBSTEPS:
            return STALLED
    store(w, AFTER, j, state)
    put(w, SUBSTEP, j, substep)
    return 0


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def fast_iaf(w: np.ndarray, n: int, h: float) -> None:
    """Take one fixed step of leaky neurons."""
    for j in range(n):
        state = load(IafState, w, STATE, j)
        c = load(IafConstants, w, CONSTANTS, j)
        inputs = load(Inputs, w, INPUTS, j)
        store(w, AFTER, j, _iaf_fixed(state, inputs, c, h))


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def finish_iaf(w: np.ndarray, arriving: np.ndarray, steps: int, lag: int, n: int) -> int:
    """End a step of leaky neurons; return the number of spikes."""
    spikes = 0
    for j in range(n):
        after = load(IafState, w, AFTER, j)
        c = load(IafConstants, w, CONSTANTS, j)
        resting = get(w, REFRACTORY, j)
        spiking = after.V_m >= c.V_th and resting <= 0.0
        event = 1.0 if spiking else 0.0
        put(w, EVENTS, j, event)
        counted = resting - 1.0 if resting > 0.0 else 0.0
        put(w, REFRACTORY, j, c.refractory_steps if spiking else counted)
        # A choice between two loaded numbers would become one load of a chosen address, which is
        # not vectorised; the smaller of two is a number.
        V = min(after.V_m, _MOST_V)
        V = c.V_reset if spiking or resting > 0.0 else V
        store(
            w,
            STATE,
            j,
            IafState(
                V,
                after.dg_ex + get(arriving, EXCITED * steps + lag, j) * (_E * c.per_tau_ex),
                after.g_ex,
                after.dg_in + get(arriving, INHIBITED * steps + lag, j) * (_E * c.per_tau_in),
                after.g_in,
            ),
        )
        put(w, STIMULUS, j, get(arriving, NEXT_STIMULUS * steps + lag, j))
        put(w, SIC, j, get(arriving, NEXT_SIC * steps + lag, j))
        spikes += 1 if spiking else 0
    return spikes


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def try_astro(w: np.ndarray, n: int, h: float) -> int:
    """Try one step of astrocytes; return how many must be done again."""
    again = 0
    for j in range(n):
        state = load(AstroState, w, STATE, j)
        constants = load(AstroConstants, w, CONSTANTS, j)
        inputs = load(Inputs, w, INPUTS, j)
        after, error = _astro_step(state, _NO_ASTRO, inputs, constants, h)
        worst = _largest(error.IP3, error.Ca_astro, error.h_IP3R)
        good = worst <= _ACCEPTED * _ASTRO_ERROR and get(w, SUBSTEP, j) >= h
        event = 0.0 if good else 1.0
        put(w, EVENTS, j, event)
        store(w, AFTER, j, after)
        again += 0 if event == 0.0 else 1
    return again


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def redo_astro(w: np.ndarray, j: int, h: float) -> int:
    """Integrate one astrocyte adaptively over a step; return 0 or a failure."""
    state = load(AstroState, w, STATE, j)
    c = load(AstroConstants, w, CONSTANTS, j)
    inputs = load(Inputs, w, INPUTS, j)
    now, substep, substeps = 0.0, get(w, SUBSTEP, j), 0
    slope = astro_slopes(state, inputs, c)
    while now < h:
        state, slope, now, substep = _astro_substep(
            state, slope, _NO_ASTRO, inputs, c, now, h, substep, _ASTRO_ERROR, 0.0
        )
        substeps += 1
        if substeps > MOST_SUBSTEPS:
            return STALLED
    store(w, AFTER, j, state)
    put(w, SUBSTEP, j, substep)
    return 0


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def fast_astro(w: np.ndarray, n: int, h: float) -> None:
    """Take one fixed step of astrocytes, whose state hardly changes in it."""
    for j in range(n):
        state = load(AstroState, w, STATE, j)
        c = load(AstroConstants, w, CONSTANTS, j)
        inputs = load(Inputs, w, INPUTS, j)
        store(w, AFTER, j, _astro_fixed(state, inputs, c, h))


@njit(fastmath={"contract", "nsz"}, error_model="numpy")
def finish_astro(w: np.ndarray, arriving: np.ndarray, steps: int, lag: int, n: int) -> int:
    """End a step of astrocytes: take in what arrives; return how many send a current."""
    sending = 0
    for j in range(n):
        after = load(AstroState, w, AFTER, j)
        c = load(AstroConstants, w, CONSTANTS, j)
        calcium = min(max(after.Ca_astro, 0.0), c.Ca_tot)
        ip3 = after.IP3 + c.delta_IP3 * get(arriving, EXCITED * steps + lag, j)
        store(w, STATE, j, AstroState(ip3, calcium, after.h_IP3R))
        put(w, STIMULUS, j, get(arriving, NEXT_STIMULUS * steps + lag, j))
        sending += 1 if (calcium - c.SIC_th) * 1000.0 > 1.0 else 0
    if sending == 0:
        for j in range(n):
            put(w, SIC, j, 0.0)
        return 0
    for j in range(n):
        c = load(AstroConstants, w, CONSTANTS, j)
        above = (get(w, STATE + 1, j) - c.SIC_th) * 1000.0
        put(w, SIC, j, c.SIC_scale * log(max(above, 1.0)))
    return sending
