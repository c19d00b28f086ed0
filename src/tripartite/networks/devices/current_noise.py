"""Random currents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from tripartite.errors import InputError
from tripartite.networks.devices.alternating_current import sine
from tripartite.networks.devices.device import Device
from tripartite.networks.parameters import Floats, parameter


@dataclass(frozen=True, kw_only=True)
class CurrentNoise(Device):
    """Gaussian current, constant over intervals (``noise_generator`` of NEST).

    Each connection has noise of its own.

    Examples
    --------
    >>> CurrentNoise(std_pA=50.0).interval_steps(0.1)
    10
    """

    mean_pA: float = parameter(0.0, "Mean.", "pA")
    std_pA: float = parameter(0.0, "Standard deviation.", "pA", at_least=0)
    std_mod_pA: float = parameter(0.0, "Modulation of the deviation.", "pA", at_least=0)
    frequency: float = parameter(0.0, "Frequency of the modulation (Hz).")
    phase_deg: float = parameter(0.0, "Phase of the modulation at time 0.", "deg")
    dt_ms: float = parameter(1.0, "Interval between changes.", "ms", above=0)

    model_name: ClassVar[str] = "noise_generator"
    gives: ClassVar[Literal["noise"]] = "noise"

    def check(self) -> None:
        """Raise an `InputError` unless the modulation is at most the deviation."""
        super().check()
        if self.std_mod_pA > self.std_pA:
            raise InputError(
                "std_mod_pA must not be above std_pA",
                got=f"{self.std_mod_pA:g} and {self.std_pA:g}",
            )

    def interval_steps(self, resolution_ms: float) -> int:
        """Return the steps between changes.

        Parameters
        ----------
        resolution_ms : float
            Step of the grid (ms).
        """
        return max(1, round(self.dt_ms / resolution_ms))

    def moments(self, steps: Floats, resolution_ms: float) -> tuple[Floats, Floats]:
        """Return mean and standard deviation of what is sent at grid points.

        Parameters
        ----------
        steps : ndarray
            Grid points.
        resolution_ms : float
            Step of the grid (ms).

        Returns
        -------
        mean, sd : ndarray
            Moments (pA), 0 where the device is not active.
        """
        active, interval = self.active(steps, resolution_ms), self.interval_steps(resolution_ms)
        start = self.window(resolution_ms)[0]
        drawn = start + (steps - start) // interval * interval
        wave = sine(drawn, resolution_ms, self.frequency, self.phase_deg)
        variance = self.std_pA**2 + self.std_mod_pA**2 * wave
        sd = np.sqrt(np.maximum(variance, 0.0))
        return np.where(active, self.mean_pA, 0.0), np.where(active, sd, 0.0)
