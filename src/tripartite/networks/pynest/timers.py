"""How long scripts take to create, to connect and to simulate."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

_NAMES = ("time_construction_create", "time_construction_connect", "time_simulate")


class Timers:
    """Seconds since the last reset, by name: on the clock, and of all cores together."""

    #: Names of the timers.
    names = (*_NAMES, *(f"{name}_cpu" for name in _NAMES))

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(self.names, 0.0)

    @contextmanager
    def add(self, name: str) -> Iterator[None]:
        """Add the time that something takes to a timer.

        Parameters
        ----------
        name : str
            Name of the timer.
        """
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - wall
            self.seconds[f"{name}_cpu"] += time.process_time() - cpu
