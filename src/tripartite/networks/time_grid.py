"""The grid of time that everything in a network happens on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tripartite.errors import InputError

# Times are whole numbers of these (ms), as in NEST; so 0.1 ms is exact.
_TIC_MS = 0.001


@dataclass(frozen=True)
class TimeGrid:
    """Times at whole multiples of a step.

    Parameters
    ----------
    resolution_ms : float
        Step (ms), a multiple of 0.001 ms.

    Raises
    ------
    InputError
        If it is not.

    Examples
    --------
    >>> TimeGrid(0.1).steps(1.5, name="delay_ms")
    15
    """

    resolution_ms: float = 0.1

    def __post_init__(self) -> None:
        resolution = self.resolution_ms
        if not (np.isfinite(resolution) and resolution > 0) or not _whole(resolution / _TIC_MS):
            raise InputError(
                "resolution_ms must be a multiple of 0.001 ms above 0",
                got=resolution,
                do="Pass for example resolution_ms=0.1",
            )

    def steps(self, time_ms: Any, *, name: str, least: int | None = None) -> Any:
        """Return times as whole numbers of steps.

        Parameters
        ----------
        time_ms : float or ndarray
            Times (ms).
        name : str
            Name of the argument, for the message.
        least : int, optional
            Least number of steps.

        Returns
        -------
        int or int64 ndarray
            Numbers of steps, of the shape of `time_ms`.

        Raises
        ------
        InputError
            If a time does not lie on the grid, or is less than `least` steps.
        """
        exact = np.asarray(time_ms, dtype=float) / self.resolution_ms
        if not _whole(exact):
            raise InputError(
                f"{name} must be a multiple of the resolution, {self.resolution_ms:g} ms",
                got=f"{np.ravel(time_ms)[np.ravel(np.abs(exact - np.rint(exact))).argmax()]:g} ms",
            )
        steps = np.rint(exact).astype(np.int64)
        if least is not None and np.any(steps < least):
            raise InputError(
                f"{name} must be at least {least * self.resolution_ms:g} ms",
                got=f"{np.min(time_ms):g} ms",
            )
        return int(steps) if steps.ndim == 0 else steps

    def times_ms(self, steps: Any) -> NDArray[np.float64]:
        """Return the times of steps (ms).

        Parameters
        ----------
        steps : int or ndarray
            Steps.
        """
        return np.asarray(steps) * round(self.resolution_ms / _TIC_MS) / round(1 / _TIC_MS)

    def seconds(self, steps: Any) -> NDArray[np.float64]:
        """Return the times of steps (s).

        Parameters
        ----------
        steps : int or ndarray
            Steps.
        """
        return np.asarray(steps) * round(self.resolution_ms / _TIC_MS) / round(1000 / _TIC_MS)


def _whole(number: Any) -> bool:
    # A millionth of a step is far more than rounding leaves and far less than anybody means.
    return bool(np.all(np.abs(number - np.rint(number)) < 1e-6))
