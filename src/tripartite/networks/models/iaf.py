"""Leaky integrate-and-fire neurons with alpha-shaped conductances.

References
----------
Meffin H, Burkitt AN, Grayden DB (2004). An analytical model for the 'large, fluctuating synaptic
conductance state' typical of neocortical neurons in vivo. J Comput Neurosci 16:159-175.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numba import njit

from tripartite.errors import InputError
from tripartite.networks.models.adex import steps_of
from tripartite.networks.models.node_model import NodeModel
from tripartite.networks.parameters import Floats, parameter, state

State = namedtuple("State", "V_m dg_ex g_ex dg_in g_in")
Constants = namedtuple(
    "Constants",
    "per_C_m g_L E_L V_th V_reset E_ex E_in I_e per_tau_ex per_tau_in refractory_steps",
)


#: The part of the state that is not linear.
Membrane = namedtuple("Membrane", "V_m")


@njit(fastmath={"contract", "nsz"}, error_model="numpy", forceinline=True)
def membrane_slopes(state: Any, conductances: Any, inputs: Any, constants: Any) -> Any:
    """Return the time derivative of `Membrane` for known conductances; see `NodeModel`."""
    c = constants
    g_ex, g_in = conductances
    resting = inputs.refractory > 0.0
    v = c.V_reset if resting else min(state.V_m, c.V_th)
    synaptic = g_ex * (v - c.E_ex) + g_in * (v - c.E_in)
    total = (c.I_e + inputs.stimulus + inputs.sic) - c.g_L * (v - c.E_L) - synaptic
    return Membrane(0.0 if resting else total * c.per_C_m)


@njit(fastmath={"contract", "nsz"}, error_model="numpy", forceinline=True)
def slopes(state: Any, inputs: Any, constants: Any) -> Any:
    """Return the time derivative of the whole state (per ms); see `NodeModel`."""
    c = constants
    membrane = membrane_slopes(Membrane(state.V_m), (state.g_ex, state.g_in), inputs, c)
    return State(
        membrane.V_m,
        -state.dg_ex * c.per_tau_ex,
        state.dg_ex - state.g_ex * c.per_tau_ex,
        -state.dg_in * c.per_tau_in,
        state.dg_in - state.g_in * c.per_tau_in,
    )


@dataclass(frozen=True, kw_only=True)
class IafCondAlpha(NodeModel):
    """Leaky integrate-and-fire neuron (``iaf_cond_alpha`` of NEST).

    Examples
    --------
    >>> IafCondAlpha().t_ref_ms
    2.0
    """

    C_m_pF: float = parameter(250.0, "Capacitance of the membrane.", "pF", above=0)
    g_L_nS: float = parameter(16.6667, "Leak conductance.", "nS")
    E_L_mV: float = parameter(-70.0, "Reversal potential of the leak.", "mV")
    V_th_mV: float = parameter(-55.0, "Potential at which a spike is counted.", "mV")
    V_reset_mV: float = parameter(-60.0, "Potential after a spike.", "mV")
    t_ref_ms: float = parameter(2.0, "Refractory time.", "ms", at_least=0)
    E_ex_mV: float = parameter(0.0, "Reversal potential of excitation.", "mV")
    E_in_mV: float = parameter(-85.0, "Reversal potential of inhibition.", "mV")
    tau_syn_ex_ms: float = parameter(0.2, "Time to the peak of excitation.", "ms", above=0)
    tau_syn_in_ms: float = parameter(2.0, "Time to the peak of inhibition.", "ms", above=0)
    I_e_pA: float = parameter(0.0, "Constant input current.", "pA")
    V_m_mV: float = state(-70.0, "Membrane potential.", "mV")
    dg_ex: float = state(0.0, "Slope of the excitatory conductance (nS/ms).")
    g_ex_nS: float = state(0.0, "Excitatory conductance.", "nS")
    dg_in: float = state(0.0, "Slope of the inhibitory conductance (nS/ms).")
    g_in_nS: float = state(0.0, "Inhibitory conductance.", "nS")

    model_name: ClassVar[str] = "iaf_cond_alpha"
    kind: ClassVar[str] = "iaf"
    State: ClassVar[Any] = State
    Constants: ClassVar[Any] = Constants
    recordables: ClassVar[tuple[str, ...]] = ("V_m", "g_ex", "g_in", "t_ref_remaining")

    def check_together(self, values: Mapping[str, Floats]) -> None:
        """Raise an error unless the reset lies below the threshold; see `Model.check_together`."""
        if np.any(values["V_reset"] >= values["V_th"]):
            raise InputError(
                "V_reset must be below V_th",
                got=f"V_reset {np.max(values['V_reset']):g} mV and V_th"
                f" {np.min(values['V_th']):g} mV",
            )

    @classmethod
    def constants(cls, values: Mapping[str, Any], resolution_ms: float) -> Mapping[str, Any]:
        """Return the numbers of `Constants`; see `NodeModel.constants`."""
        same = {name: values[name] for name in Constants._fields if name in values}
        return same | {
            "per_C_m": 1.0 / np.asarray(values["C_m"]),
            "per_tau_ex": 1.0 / np.asarray(values["tau_syn_ex"]),
            "per_tau_in": 1.0 / np.asarray(values["tau_syn_in"]),
            "refractory_steps": steps_of(values["t_ref"], resolution_ms),
        }


@dataclass(frozen=True, kw_only=True)
class IafCondAlphaAstro(IafCondAlpha):
    """`IafCondAlpha` that receives the slow inward current of astrocytes; NEST has none."""

    model_name: ClassVar[str] = "iaf_cond_alpha_astro"
    receives_sic: ClassVar[bool] = True
    recordables: ClassVar[tuple[str, ...]] = (*IafCondAlpha.recordables, "I_SIC")
