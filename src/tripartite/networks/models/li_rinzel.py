"""Astrocytes: calcium released from stores by IP3, and the slow inward current that it causes.

References
----------
Li YX, Rinzel J (1994). Equations for InsP3 receptor-mediated [Ca2+]i oscillations derived from a
detailed kinetic model. J Theor Biol 166:461-473.
Nadkarni S, Jung P (2003). Spontaneous oscillations of dressed neurons: a new mechanism for
epilepsy? Phys Rev Lett 91:268101.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numba import njit

from tripartite.networks.models.node_model import NodeModel
from tripartite.networks.parameters import parameter, state

State = namedtuple("State", "IP3 Ca_astro h_IP3R")
Constants = namedtuple(
    "Constants",
    "Ca_tot IP3_0 Kd_IP3_1 Kd_IP3_2 Kd_act Kd_inh_k k_IP3R Km_SERCA_squared channel leak"
    " rate_SERCA per_ratio per_tau_IP3 delta_IP3 SIC_scale SIC_th",
)


@njit(fastmath={"contract", "nsz"}, error_model="numpy", forceinline=True)
def slopes(state: Any, inputs: Any, constants: Any) -> Any:
    """Return the time derivative of the state (per ms); see `NodeModel`."""
    c = constants
    calcium = min(max(state.Ca_astro, 0.0), c.Ca_tot)
    from_store = (c.Ca_tot - calcium) * c.per_ratio - calcium
    ip3_1, ip3_2 = state.IP3 + c.Kd_IP3_1, state.IP3 + c.Kd_IP3_2
    activated, pumped = calcium + c.Kd_act, c.Km_SERCA_squared + calcium * calcium
    # One division serves the four fractions of the model.
    left, right = ip3_1 * activated, ip3_2 * pumped
    per_all = 1.0 / (left * right)
    gate = (state.IP3 * state.h_IP3R) * (calcium * right) * per_all
    pump = (c.rate_SERCA * calcium) * (calcium * (left * ip3_2)) * per_all
    inactivation = (c.Kd_inh_k * ip3_1) * (left * pumped) * per_all
    return State(
        (c.IP3_0 - state.IP3) * c.per_tau_IP3,
        ((c.channel * gate) * (gate * gate) + c.leak) * from_store + (inputs.stimulus - pump),
        inactivation * (1.0 - state.h_IP3R) - c.k_IP3R * calcium * state.h_IP3R,
    )


@dataclass(frozen=True, kw_only=True)
class LiRinzel(NodeModel):
    """Astrocyte with IP3-dependent calcium dynamics (``astrocyte_lr_1994`` of NEST).

    Examples
    --------
    >>> LiRinzel(tau_IP3_ms=2.0).Ca_tot_uM
    2.0
    """

    Ca_tot_uM: float = parameter(2.0, "Calcium of the whole cell.", "uM", above=0)
    IP3_0_uM: float = parameter(0.16, "IP3 at rest.", "uM", at_least=0)
    Kd_IP3_1_uM: float = parameter(0.13, "First IP3 dissociation constant.", "uM", above=0)
    Kd_IP3_2_uM: float = parameter(0.9434, "Second IP3 dissociation constant.", "uM", above=0)
    Kd_act_uM: float = parameter(0.08234, "Dissociation constant of activation.", "uM", above=0)
    Kd_inh_uM: float = parameter(1.049, "Dissociation constant of inactivation.", "uM", at_least=0)
    Km_SERCA_uM: float = parameter(0.1, "Half-activation of the SERCA pump.", "uM", above=0)
    SIC_scale: float = parameter(1.0, "Factor on the slow inward current.", above=0)
    SIC_th_uM: float = parameter(
        0.19669, "Calcium above which that current flows.", "uM", at_least=0
    )
    delta_IP3_uM: float = parameter(0.0002, "IP3 made by a spike of weight 1.", "uM", at_least=0)
    k_IP3R_per_uM_ms: float = parameter(
        0.0002, "Rate of calcium binding for inactivation.", "1/(uM ms)", at_least=0
    )
    rate_IP3R_per_ms: float = parameter(0.006, "Release by the receptors.", "1/ms", at_least=0)
    rate_L_per_ms: float = parameter(0.00011, "Leak from the stores.", "1/ms", at_least=0)
    rate_SERCA_uM_per_ms: float = parameter(0.0009, "Greatest pumping.", "uM/ms", at_least=0)
    ratio_ER_cyt: float = parameter(0.185, "Volume of the stores over the cytosol.", above=0)
    tau_IP3_ms: float = parameter(7142.0, "Time constant of the decay of IP3.", "ms", above=0)
    IP3_uM: float = state(0.16, "IP3 of the cytosol.", "uM", at_least=0)
    Ca_astro_uM: float = state(0.073, "Calcium of the cytosol.", "uM", at_least=0)
    h_IP3R: float = state(0.793, "Receptors not inactivated (fraction).", at_least=0, at_most=1)

    model_name: ClassVar[str] = "astrocyte_lr_1994"
    kind: ClassVar[str] = "li_rinzel"
    State: ClassVar[Any] = State
    Constants: ClassVar[Any] = Constants
    recordables: ClassVar[tuple[str, ...]] = ("IP3", "Ca_astro", "h_IP3R", "SIC")
    sends_sic: ClassVar[bool] = True
    spikes: ClassVar[bool] = False
    accepts_inhibition: ClassVar[bool] = False

    @classmethod
    def constants(cls, values: Mapping[str, Any], resolution_ms: float) -> Mapping[str, Any]:
        """Return the numbers of `Constants`; see `NodeModel.constants`."""
        p = {name: np.asarray(value) for name, value in values.items()}
        same = {name: values[name] for name in Constants._fields if name in values}
        return same | {
            "Kd_inh_k": p["Kd_inh"] * p["k_IP3R"],
            "Km_SERCA_squared": p["Km_SERCA"] ** 2,
            "channel": p["ratio_ER_cyt"] * p["rate_IP3R"],
            "leak": p["ratio_ER_cyt"] * p["rate_L"],
            "per_ratio": 1.0 / p["ratio_ER_cyt"],
            "per_tau_IP3": 1.0 / p["tau_IP3"],
        }
