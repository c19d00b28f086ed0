"""What scripts can set of devices that record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tripartite.errors import InputError
from tripartite.networks.parameters import Model, parameter


@dataclass(frozen=True, kw_only=True)
class Recorder(Model):
    """Base of the devices that record.

    Parameters
    ----------
    origin_ms, start_ms, stop_ms : float
        What happens after ``origin_ms + start_ms`` and until ``origin_ms + stop_ms`` is recorded.
    """

    origin_ms: float = parameter(0.0, "Time that the others count from.", "ms", at_least=0)
    start_ms: float = parameter(0.0, "Start of the recording.", "ms", at_least=0)
    stop_ms: float = parameter(np.inf, "End of the recording.", "ms", at_least=0, finite=False)

    #: What can be set besides numbers, with the defaults.
    extras: ClassVar[Mapping[str, Any]] = {
        "label": "",
        "record_to": "memory",
        "time_in_steps": False,
    }

    def check(self) -> None:
        """Raise an `InputError` unless the end is not before the start."""
        super().check()
        if self.stop_ms < self.start_ms:
            raise InputError(
                "stop must not be before start",
                got=f"start {self.start_ms:g}, stop {self.stop_ms:g}",
            )


@dataclass(frozen=True, kw_only=True)
class SpikeRecorder(Recorder):
    """Records spikes (``spike_recorder`` of NEST)."""

    model_name: ClassVar[str] = "spike_recorder"


@dataclass(frozen=True, kw_only=True)
class WeightRecorder(Recorder):
    """Records the weights of delivered spikes (``weight_recorder`` of NEST)."""

    model_name: ClassVar[str] = "weight_recorder"
    extras: ClassVar[Mapping[str, Any]] = {**Recorder.extras, "senders": None, "targets": None}


@dataclass(frozen=True, kw_only=True)
class Multimeter(Recorder):
    """Records state variables (``multimeter`` of NEST).

    Parameters
    ----------
    interval_ms, offset_ms : float
        Time between samples, and time of the first one (ms).
    """

    interval_ms: float = parameter(1.0, "Time between samples.", "ms", above=0)
    offset_ms: float = parameter(0.0, "Time of the first sample.", "ms", at_least=0)

    model_name: ClassVar[str] = "multimeter"
    extras: ClassVar[Mapping[str, Any]] = {**Recorder.extras, "record_from": ()}


@dataclass(frozen=True, kw_only=True)
class Voltmeter(Multimeter):
    """Records membrane potentials (``voltmeter`` of NEST)."""

    model_name: ClassVar[str] = "voltmeter"
    extras: ClassVar[Mapping[str, Any]] = {**Multimeter.extras, "record_from": ("V_m",)}
