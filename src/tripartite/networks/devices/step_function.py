"""Values that change at given times and stay until the next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tripartite.core.checks import check_same_length
from tripartite.errors import InputError
from tripartite.networks.parameters import Floats


def check_steps(times: Sequence[float], values: Sequence[float], *names: str) -> None:
    """Raise an `InputError` unless times ascend and each has a value.

    Parameters
    ----------
    times, values : sequence of float
        Times of the changes, and values from then on.
    *names : str
        Names of the two, for the message.
    """
    check_same_length(**dict(zip(names, (times, values), strict=True)))
    if np.any(np.diff(times) <= 0):
        raise InputError(f"{names[0]} must ascend", got=list(times))


def value_at(
    steps: Floats, times_ms: Sequence[float], values: Sequence[float], resolution_ms: float
) -> Floats:
    """Return the value at grid points, 0 before the first time.

    Parameters
    ----------
    steps : ndarray
        Grid points.
    times_ms, values : sequence of float
        Times of the changes (ms), and values from then on.
    resolution_ms : float
        Step of the grid (ms).
    """
    changes = np.rint(np.asarray(times_ms, dtype=float) / resolution_ms)
    which = np.searchsorted(changes, steps, side="right")
    return np.concatenate([[0.0], np.asarray(values, dtype=float)])[which]
