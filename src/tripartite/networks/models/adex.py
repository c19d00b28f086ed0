"""Adaptive exponential integrate-and-fire neurons with alpha-shaped conductances.

References
----------
Brette R, Gerstner W (2005). Adaptive exponential integrate-and-fire model as an effective
description of neuronal activity. J Neurophysiol 94:3637-3642.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numba import njit

from tripartite.errors import InputError
from tripartite.kernels.elementary import exp
from tripartite.networks.models.node_model import NodeModel
from tripartite.networks.parameters import Floats, parameter, state

State = namedtuple("State", "V_m dg_ex g_ex dg_in g_in w")
Constants = namedtuple(
    "Constants",
    "per_C_m g_L E_L V_th V_peak V_reset E_ex E_in I_e a b slope_per_C_m per_Delta_T spike_at"
    " per_tau_ex per_tau_in per_tau_w refractory_steps tolerance",
)

# Beyond this, exp() of the right-hand side would overflow within a trial step.
_MOST_EXPONENT = float(np.log(np.finfo(float).max / 1e20))


#: The part of the state that is not linear: potential and adaptation.
Membrane = namedtuple("Membrane", "V_m w")


@njit(fastmath={"contract", "nsz"}, error_model="numpy", forceinline=True)
def membrane_slopes(state: Any, conductances: Any, inputs: Any, constants: Any) -> Any:
    """Return the time derivative of `Membrane` for known conductances; see `NodeModel`."""
    c = constants
    g_ex, g_in = conductances
    resting = inputs.refractory > 0.0
    v = c.V_reset if resting else min(state.V_m, c.V_peak)
    synaptic = g_ex * (v - c.E_ex) + g_in * (v - c.E_in)
    others = (c.I_e + inputs.stimulus + inputs.sic) - state.w - c.g_L * (v - c.E_L) - synaptic
    # The exponential is waited for longest: as little as possible follows it.
    dV = others * c.per_C_m + c.slope_per_C_m * exp((v - c.V_th) * c.per_Delta_T)
    return Membrane(0.0 if resting else dV, (c.a * (v - c.E_L) - state.w) * c.per_tau_w)


@njit(fastmath={"contract", "nsz"}, error_model="numpy", forceinline=True)
def slopes(state: Any, inputs: Any, constants: Any) -> Any:
    """Return the time derivative of the whole state (per ms); see `NodeModel`."""
    c = constants
    conductances = state.g_ex, state.g_in
    membrane = membrane_slopes(Membrane(state.V_m, state.w), conductances, inputs, c)
    return State(
        membrane.V_m,
        -state.dg_ex * c.per_tau_ex,
        state.dg_ex - state.g_ex * c.per_tau_ex,
        -state.dg_in * c.per_tau_in,
        state.dg_in - state.g_in * c.per_tau_in,
        membrane.w,
    )


@dataclass(frozen=True, kw_only=True)
class AdEx(NodeModel):
    """Adaptive exponential integrate-and-fire neuron (``aeif_cond_alpha`` of NEST).

    Examples
    --------
    >>> AdEx(I_e_pA=500.0).V_th_mV
    -50.4
    """

    C_m_pF: float = parameter(281.0, "Capacitance of the membrane.", "pF", above=0)
    g_L_nS: float = parameter(30.0, "Leak conductance.", "nS")
    E_L_mV: float = parameter(-70.6, "Reversal potential of the leak.", "mV")
    V_th_mV: float = parameter(-50.4, "Potential at which the exponential current starts.", "mV")
    Delta_T_mV: float = parameter(2.0, "Steepness of the exponential current.", "mV", at_least=0)
    V_peak_mV: float = parameter(0.0, "Potential at which a spike is counted.", "mV")
    V_reset_mV: float = parameter(-60.0, "Potential after a spike.", "mV")
    t_ref_ms: float = parameter(0.0, "Refractory time.", "ms", at_least=0)
    a_nS: float = parameter(4.0, "Adaptation below threshold.", "nS")
    b_pA: float = parameter(80.5, "Adaptation that each spike adds.", "pA")
    tau_w_ms: float = parameter(144.0, "Time constant of the adaptation.", "ms", above=0)
    E_ex_mV: float = parameter(0.0, "Reversal potential of excitation.", "mV")
    E_in_mV: float = parameter(-85.0, "Reversal potential of inhibition.", "mV")
    tau_syn_ex_ms: float = parameter(0.2, "Time to the peak of excitation.", "ms", above=0)
    tau_syn_in_ms: float = parameter(2.0, "Time to the peak of inhibition.", "ms", above=0)
    I_e_pA: float = parameter(0.0, "Constant input current.", "pA")
    gsl_error_tol: float = parameter(1e-6, "Error tolerated in a step of the integrator.", above=0)
    V_m_mV: float = state(-70.6, "Membrane potential.", "mV")
    dg_ex: float = state(0.0, "Slope of the excitatory conductance (nS/ms).")
    g_ex_nS: float = state(0.0, "Excitatory conductance.", "nS", at_least=0)
    dg_in: float = state(0.0, "Slope of the inhibitory conductance (nS/ms).")
    g_in_nS: float = state(0.0, "Inhibitory conductance.", "nS", at_least=0)
    w_pA: float = state(0.0, "Adaptation current.", "pA")

    model_name: ClassVar[str] = "aeif_cond_alpha"
    kind: ClassVar[str] = "adex"
    State: ClassVar[Any] = State
    Constants: ClassVar[Any] = Constants
    recordables: ClassVar[tuple[str, ...]] = ("V_m", "g_ex", "g_in", "w")

    def check_together(self, values: Mapping[str, Floats]) -> None:
        """Raise an error unless the potentials are in order; see `Model.check_together`."""
        peak, threshold, steepness = values["V_peak"], values["V_th"], values["Delta_T"]
        if np.any(values["V_reset"] >= peak):
            raise InputError(
                "V_reset must be below V_peak",
                got=f"V_reset {np.max(values['V_reset']):g} mV and V_peak {np.min(peak):g} mV",
            )
        if np.any(peak < threshold):
            raise InputError(
                "V_peak must not be below V_th",
                got=f"V_peak {np.min(peak):g} mV and V_th {np.max(threshold):g} mV",
            )
        steep = (steepness > 0) & (peak - threshold >= _MOST_EXPONENT * steepness)
        if np.any(steep):
            raise InputError(
                f"(V_peak - V_th) / Delta_T must be below {_MOST_EXPONENT:.0f}, or the exponential"
                " current overflows",
                got=f"V_peak {np.max(peak):g}, V_th {np.min(threshold):g} and Delta_T"
                f" {np.min(steepness):g} mV",
                do="Raise Delta_T_mV, or set it to 0 for a neuron without that current",
            )

    @classmethod
    def constants(cls, values: Mapping[str, Any], resolution_ms: float) -> Mapping[str, Any]:
        """Return the numbers of `Constants`; see `NodeModel.constants`."""
        steepness = np.asarray(values["Delta_T"])
        sharp = steepness == 0
        with np.errstate(divide="ignore"):
            per_steepness = np.where(sharp, 0.0, 1.0 / steepness)
        same = {name: values[name] for name in Constants._fields if name in values}
        return same | {
            "per_C_m": 1.0 / np.asarray(values["C_m"]),
            "slope_per_C_m": np.asarray(values["g_L"]) * steepness / np.asarray(values["C_m"]),
            "per_Delta_T": per_steepness,
            "spike_at": np.where(sharp, values["V_th"], values["V_peak"]),
            "per_tau_ex": 1.0 / np.asarray(values["tau_syn_ex"]),
            "per_tau_in": 1.0 / np.asarray(values["tau_syn_in"]),
            "per_tau_w": 1.0 / np.asarray(values["tau_w"]),
            "refractory_steps": steps_of(values["t_ref"], resolution_ms),
            "tolerance": values["gsl_error_tol"],
        }


@dataclass(frozen=True, kw_only=True)
class AdExAstro(AdEx):
    """`AdEx` that receives the slow inward current of astrocytes (``aeif_cond_alpha_astro``)."""

    model_name: ClassVar[str] = "aeif_cond_alpha_astro"
    receives_sic: ClassVar[bool] = True
    recordables: ClassVar[tuple[str, ...]] = (*AdEx.recordables, "I_SIC")


def steps_of(duration_ms: Any, resolution_ms: float) -> Floats:
    """Return durations as whole steps of the grid, rounded up.

    Durations are first rounded to 0.001 ms, as NEST does.

    Parameters
    ----------
    duration_ms : float or ndarray
        Durations (ms).
    resolution_ms : float
        Step of the grid (ms).
    """
    microseconds = np.floor(1000.0 * np.asarray(duration_ms) + 0.5)
    return np.ceil(microseconds / np.rint(1000.0 * resolution_ms))
