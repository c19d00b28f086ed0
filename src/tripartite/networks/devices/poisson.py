"""Random spikes with a constant rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from tripartite.networks.devices.device import Device
from tripartite.networks.parameters import Floats, parameter


@dataclass(frozen=True, kw_only=True)
class Poisson(Device):
    """Poisson spike trains, independent for each target (``poisson_generator`` of NEST).

    Examples
    --------
    >>> Poisson(rate=2000.0).rate
    2000.0
    """

    rate: float = parameter(0.0, "Mean rate of the spikes (Hz).", at_least=0)

    model_name: ClassVar[str] = "poisson_generator"
    gives: ClassVar[Literal["rate"]] = "rate"

    def rates(self, stamps: Floats, resolution_ms: float) -> Floats:
        """Return the rate of the spikes that bear each stamp.

        What is drawn in a step bears the stamp of the end of the step after it.

        Parameters
        ----------
        stamps : ndarray
            Steps of the grid.
        resolution_ms : float
            Step of the grid (ms).

        Returns
        -------
        ndarray
            Rates (Hz).
        """
        return np.where(self.active(stamps - 2, resolution_ms), self.rate, 0.0)
