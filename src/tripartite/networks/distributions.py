"""Distributions from which parameters of nodes or connections are drawn."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tripartite.errors import InputError
from tripartite.kernels.random import fill_uniform

if TYPE_CHECKING:
    from tripartite.networks.random_streams import RandomStream


class Distribution(ABC):
    """A distribution of numbers."""

    @abstractmethod
    def draw(self, n: int, stream: RandomStream) -> np.ndarray:
        """Return independent numbers of the distribution.

        Parameters
        ----------
        n : int
            How many; more numbers begin with the fewer.
        stream : RandomStream
            Names the random numbers.

        Returns
        -------
        float64 ndarray of shape (n,)
        """


@dataclass(frozen=True)
class Uniform(Distribution):
    """Numbers of which all between two bounds are equally likely.

    Parameters
    ----------
    low, high : float, optional
        Bounds; the upper one is never drawn.

    Raises
    ------
    InputError
        If the bounds are not finite and in order.

    Examples
    --------
    >>> from tripartite.networks.random_streams import Purpose, RandomStream
    >>> numbers = Uniform(-70, -60).draw(1000, RandomStream(seed=1, purpose=Purpose.VALUES))
    >>> print(round(numbers.mean(), 1))
    -65.2
    """

    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        if not (np.isfinite([self.low, self.high]).all() and self.low < self.high):
            raise InputError(
                "The bounds of a uniform distribution must be finite, the lower one first",
                got=(self.low, self.high),
                do="Pass e.g. Uniform(-70.0, -60.0)",
            )

    def draw(self, n: int, stream: RandomStream) -> np.ndarray:
        """Return independent numbers of the distribution; see `Distribution`.

        Parameters
        ----------
        n, stream
            As in `Distribution`.
        """
        numbers = self.low + (self.high - self.low) * _draw_uniform(n, stream)
        # Rounding may reach the upper bound.
        return np.minimum(numbers, np.nextafter(self.high, self.low))


@dataclass(frozen=True)
class Normal(Distribution):
    """Normally distributed numbers.

    Parameters
    ----------
    mean, sd : float, optional
        Mean and standard deviation.

    Raises
    ------
    InputError
        If they are not finite, or `sd` is negative.

    References
    ----------
    Box GEP, Muller ME (1958). A note on the generation of random normal deviates.
    Annals of Mathematical Statistics 29:610-611.
    """

    mean: float = 0.0
    sd: float = 1.0

    def __post_init__(self) -> None:
        _check_normal(self.mean, self.sd)

    def draw(self, n: int, stream: RandomStream) -> np.ndarray:
        """Return independent numbers of the distribution; see `Distribution`.

        Parameters
        ----------
        n, stream
            As in `Distribution`.
        """
        u, v = _draw_uniform(n + n % 2, stream).reshape(-1, 2).T
        radius, angle = np.sqrt(-2 * np.log1p(-u)), 2 * np.pi * v
        pairs = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
        return self.mean + self.sd * pairs.ravel()[:n]


@dataclass(frozen=True)
class Lognormal(Distribution):
    """Numbers whose logarithm is normally distributed.

    Parameters
    ----------
    mean, sd : float, optional
        Mean and standard deviation of the logarithm.

    Raises
    ------
    InputError
        If they are not finite, or `sd` is negative.
    """

    mean: float = 0.0
    sd: float = 1.0

    def __post_init__(self) -> None:
        _check_normal(self.mean, self.sd)

    def draw(self, n: int, stream: RandomStream) -> np.ndarray:
        """Return independent numbers of the distribution; see `Distribution`.

        Parameters
        ----------
        n, stream
            As in `Distribution`.
        """
        return np.exp(Normal(self.mean, self.sd).draw(n, stream))


def _check_normal(mean: float, sd: float) -> None:
    if not (np.isfinite([mean, sd]).all() and sd >= 0):
        raise InputError(
            "Mean and sd must be finite, sd not negative",
            got=f"mean={mean}, sd={sd}",
            do="Pass e.g. Normal(1.0, 0.1)",
        )


def _draw_uniform(n: int, stream: RandomStream) -> np.ndarray:
    numbers = np.empty(n)
    fill_uniform(stream.words, 0, numbers)
    return numbers
