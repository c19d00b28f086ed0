"""What all stimulating devices have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from tripartite.errors import InputError
from tripartite.networks.parameters import Floats, Model, parameter


@dataclass(frozen=True, kw_only=True)
class Device(Model):
    """Base of the stimulating devices, which are active between two times."""

    origin_ms: float = parameter(0.0, "Time that the others count from.", "ms")
    start_ms: float = parameter(0.0, "Start of the activity.", "ms")
    stop_ms: float = parameter(np.inf, "End of the activity.", "ms", finite=False)

    #: Random spikes with a rate, spikes at given times, one current, or a current for each target.
    gives: ClassVar[Literal["rate", "spikes", "current", "noise"]] = "current"

    def check(self) -> None:
        """Raise an `InputError` unless the end is not before the start."""
        super().check()
        if self.stop_ms < self.start_ms:
            raise InputError(
                "stop_ms must not be before start_ms",
                got=f"start_ms {self.start_ms:g} and stop_ms {self.stop_ms:g}",
            )

    def window(self, resolution_ms: float) -> tuple[float, float]:
        """Return the start and the end of the activity in steps.

        Parameters
        ----------
        resolution_ms : float
            Step of the grid (ms).
        """
        start = np.rint((self.origin_ms + self.start_ms) / resolution_ms)
        stop = (self.origin_ms + self.stop_ms) / resolution_ms
        return float(start), float(np.rint(stop)) if np.isfinite(stop) else np.inf

    def active(self, steps: Floats, resolution_ms: float) -> np.ndarray:
        """Return whether the device is active in the steps that begin at grid points.

        Parameters
        ----------
        steps : ndarray
            Grid points.
        resolution_ms : float
            Step of the grid (ms).
        """
        start, stop = self.window(resolution_ms)
        return (steps >= start) & (steps < stop)
