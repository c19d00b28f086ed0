"""Spikes at given times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from tripartite.errors import InputError
from tripartite.networks.devices.device import Device
from tripartite.networks.parameters import Floats, series
from tripartite.networks.time_grid import TimeGrid


@dataclass(frozen=True, kw_only=True)
class SpikeTimes(Device):
    """Spikes at given times (``spike_generator`` of NEST).

    Examples
    --------
    >>> SpikeTimes(spike_times_ms=[1.0, 2.5]).spikes(0.1)
    (array([10, 25]), array([1., 1.]))
    """

    spike_times_ms: tuple[float, ...] = series("Times of the spikes.", "ms", above=0)
    spike_weights: tuple[float, ...] = series("Factors on the weights of connections.")
    spike_multiplicities: tuple[float, ...] = series("Numbers of equal spikes.", at_least=0)

    model_name: ClassVar[str] = "spike_generator"
    gives: ClassVar[Literal["spikes"]] = "spikes"

    def check(self) -> None:
        """Raise an `InputError` unless times ascend and other lists are as long, or empty."""
        super().check()
        if np.any(np.diff(self.spike_times_ms) < 0):
            raise InputError("spike_times_ms must ascend", got=list(self.spike_times_ms))
        for name in ("spike_weights", "spike_multiplicities"):
            values = getattr(self, name)
            if values and len(values) != len(self.spike_times_ms):
                raise InputError(
                    f"{name} must have one number for each of the {len(self.spike_times_ms)} times",
                    got=len(values),
                    do="Leave it out for ones",
                )
        if any(number != int(number) for number in self.spike_multiplicities):
            raise InputError(
                "spike_multiplicities must be whole numbers", got=list(self.spike_multiplicities)
            )

    def spikes(self, resolution_ms: float) -> tuple[NDArray[np.int64], Floats]:
        """Return the steps of the spikes, and the factor on the weight of connections.

        Parameters
        ----------
        resolution_ms : float
            Step of the grid (ms).

        Returns
        -------
        steps : int64 ndarray
            Steps, while the device is active; equal spikes are repeated.
        weights : ndarray
            Factors on the weights of connections.
        """
        times = np.asarray(self.spike_times_ms) + self.origin_ms
        steps = np.atleast_1d(TimeGrid(resolution_ms).steps(times, name="spike_times_ms"))
        weights = np.array(self.spike_weights or np.ones(len(steps)))
        copies = np.array(self.spike_multiplicities or np.ones(len(steps)), dtype=np.int64)
        start, stop = self.window(resolution_ms)
        copies[(steps <= start) | (steps > stop)] = 0
        return np.repeat(steps, copies), np.repeat(weights, copies)
