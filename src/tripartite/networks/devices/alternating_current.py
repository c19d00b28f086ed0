"""Sinusoidal currents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tripartite.networks.devices.device import Device
from tripartite.networks.parameters import Floats, parameter


def sine(steps: Floats, resolution_ms: float, frequency: float, phase_deg: float) -> Floats:
    """Return a sine at grid points.

    Parameters
    ----------
    steps : ndarray
        Grid points.
    resolution_ms : float
        Step of the grid (ms).
    frequency : float
        Frequency (Hz).
    phase_deg : float
        Phase at time 0 (degrees).
    """
    seconds = np.asarray(steps) * resolution_ms / 1000.0
    return np.sin(2.0 * np.pi * frequency * seconds + np.deg2rad(phase_deg))


@dataclass(frozen=True, kw_only=True)
class AlternatingCurrent(Device):
    """Sinusoidal current (``ac_generator`` of NEST).

    Examples
    --------
    >>> wave = AlternatingCurrent(amplitude_pA=10.0, offset_pA=5.0, frequency=250.0)
    >>> wave.amplitudes(np.array([0, 10, 20, 30]), 0.1).round(6)
    array([ 5., 15.,  5., -5.])
    """

    amplitude_pA: float = parameter(0.0, "Amplitude of the sine.", "pA")
    offset_pA: float = parameter(0.0, "Constant part.", "pA")
    frequency: float = parameter(0.0, "Frequency of the sine (Hz).")
    phase_deg: float = parameter(0.0, "Phase at time 0.", "deg")

    model_name: ClassVar[str] = "ac_generator"

    def amplitudes(self, steps: Floats, resolution_ms: float) -> Floats:
        """Return the current (pA) that is sent at grid points; see `DirectCurrent.amplitudes`."""
        wave = sine(steps, resolution_ms, self.frequency, self.phase_deg)
        values = self.offset_pA + self.amplitude_pA * wave
        return np.where(self.active(steps, resolution_ms), values, 0.0)
