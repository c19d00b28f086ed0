"""How much is told."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from tripartite.networks.pynest._kernel import kernel
from tripartite.networks.pynest.errors import BadProperty, did_you_mean


class VerbosityLevel(IntEnum):
    """How much is told; this library tells what it has to say by errors."""

    ALL = 0
    DEBUG = 5
    STATUS = 7
    INFO = 10
    PROGRESS = 15
    DEPRECATED = 18
    WARNING = 20
    ERROR = 30
    FATAL = 40
    QUIET = 100


def set_verbosity(level: Any) -> None:
    """Set how much is told.

    Parameters
    ----------
    level : str, int or VerbosityLevel
        Level, such as ``"M_ERROR"``.
    """
    if isinstance(level, str):
        names = VerbosityLevel.__members__
        name = level.removeprefix("M_")
        if name not in names:
            raise BadProperty("The level must be known", repr(level), did_you_mean(name, names))
        level = names[name]
    kernel.settings["verbosity"] = VerbosityLevel(level)


def get_verbosity() -> int:
    """Return how much is told."""
    return int(kernel.settings["verbosity"])
