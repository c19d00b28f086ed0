"""Constant currents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tripartite.networks.devices.device import Device
from tripartite.networks.parameters import Floats, parameter


@dataclass(frozen=True, kw_only=True)
class DirectCurrent(Device):
    """Constant current (``dc_generator`` of NEST); onto astrocytes a flow of calcium in uM/ms.

    Examples
    --------
    >>> DirectCurrent(amplitude_pA=100.0, stop_ms=50.0).amplitudes(np.array([0, 499, 500]), 0.1)
    array([100., 100.,   0.])
    """

    amplitude_pA: float = parameter(0.0, "Current.", "pA")

    model_name: ClassVar[str] = "dc_generator"

    def amplitudes(self, steps: Floats, resolution_ms: float) -> Floats:
        """Return the current that is sent at grid points.

        Parameters
        ----------
        steps : ndarray
            Grid points.
        resolution_ms : float
            Step of the grid (ms).

        Returns
        -------
        ndarray
            Currents (pA).
        """
        return np.where(self.active(steps, resolution_ms), self.amplitude_pA, 0.0)
