"""Currents that change in steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tripartite.networks.devices.device import Device
from tripartite.networks.devices.step_function import check_steps, value_at
from tripartite.networks.parameters import Floats, series


@dataclass(frozen=True, kw_only=True)
class StepCurrent(Device):
    """Current that changes at given times (``step_current_generator`` of NEST).

    Examples
    --------
    >>> step = StepCurrent(amplitude_times_ms=[10.0, 20.0], amplitude_values_pA=[300.0, 0.0])
    >>> step.amplitudes(np.array([99, 100, 200]), 0.1)
    array([  0., 300.,   0.])
    """

    amplitude_times_ms: tuple[float, ...] = series("Times of the changes.", "ms", above=0)
    amplitude_values_pA: tuple[float, ...] = series("Currents from these times on.", "pA")

    model_name: ClassVar[str] = "step_current_generator"

    def check(self) -> None:
        """Raise an `InputError` unless each time has a current."""
        super().check()
        names = ("amplitude_times_ms", "amplitude_values_pA")
        check_steps(self.amplitude_times_ms, self.amplitude_values_pA, *names)

    def amplitudes(self, steps: Floats, resolution_ms: float) -> Floats:
        """Return the current (pA) that is sent at grid points; see `DirectCurrent.amplitudes`."""
        values = value_at(steps, self.amplitude_times_ms, self.amplitude_values_pA, resolution_ms)
        return np.where(self.active(steps, resolution_ms), values, 0.0)
