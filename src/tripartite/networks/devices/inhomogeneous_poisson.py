"""Random spikes with a rate that changes in steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from tripartite.networks.devices.device import Device
from tripartite.networks.devices.step_function import check_steps, value_at
from tripartite.networks.parameters import Floats, series


@dataclass(frozen=True, kw_only=True)
class InhomogeneousPoisson(Device):
    """Poisson spike trains of changing rate (``inhomogeneous_poisson_generator`` of NEST).

    Examples
    --------
    >>> InhomogeneousPoisson(rate_times_ms=[10.0, 20.0], rate_values=[100.0, 0.0]).rate_values
    (100.0, 0.0)
    """

    rate_times_ms: tuple[float, ...] = series("Times at which the rate changes.", "ms", at_least=0)
    rate_values: tuple[float, ...] = series("Rates from these times on (Hz).", at_least=0)

    model_name: ClassVar[str] = "inhomogeneous_poisson_generator"
    gives: ClassVar[Literal["rate"]] = "rate"

    def check(self) -> None:
        """Raise an `InputError` unless each time has a rate."""
        super().check()
        check_steps(self.rate_times_ms, self.rate_values, "rate_times_ms", "rate_values")

    def rates(self, stamps: Floats, resolution_ms: float) -> Floats:
        """Return the rate (Hz) of the spikes that bear each stamp; see `Poisson.rates`."""
        values = value_at(stamps, self.rate_times_ms, self.rate_values, resolution_ms)
        return np.where(self.active(stamps - 2, resolution_ms), values, 0.0)
