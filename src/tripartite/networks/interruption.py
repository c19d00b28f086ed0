"""Ctrl-C in a run: it ends between two chunks, so that what was recorded is kept."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from tripartite.core.recording import Recording


class RunInterrupted(KeyboardInterrupt):
    """Ctrl-C ended a run; what was recorded until then is kept.

    Parameters
    ----------
    message : str
        When the run ended, and how it goes on.
    read : callable
        Returns the record of what was recorded.
    """

    def __init__(self, message: str, read: Callable[[], Recording]) -> None:
        super().__init__(message)
        self._read = read

    @cached_property
    def recording(self) -> Recording:
        """What was recorded until then."""
        return self._read()


@contextlib.contextmanager
def waiting_interrupts() -> Iterator[Callable[[], bool]]:
    """Let Ctrl-C wait until it is asked for; a second one acts at once.

    Nothing changes outside the main thread, which Ctrl-C never reaches, or where it is ignored.

    Yields
    ------
    callable
        Returns True if Ctrl-C was pressed.
    """
    pressed = threading.Event()
    previous = signal.getsignal(signal.SIGINT)

    def note(number: int, frame: Any) -> None:
        pressed.set()
        signal.signal(signal.SIGINT, previous)

    if threading.current_thread() is not threading.main_thread() or not callable(previous):
        yield pressed.is_set
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, previous)
