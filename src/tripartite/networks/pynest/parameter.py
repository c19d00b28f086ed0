"""Random quantities that scripts calculate with before values are drawn from them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from tripartite.networks.distributions import Distribution
from tripartite.networks.parameters import Floats
from tripartite.networks.pynest.errors import BadType
from tripartite.networks.random_streams import RandomStream

# The streams of the distributions of one expression lie so far apart.
_STREAM_BITS = 27


class Parameter(Distribution):
    """A quantity made of distributions and numbers with ``+ - * / **`` and functions.

    Parameters
    ----------
    distributions : tuple of Distribution
        What is drawn, each by itself.
    function : callable
        Takes one array for each of them and returns the values.
    """

    def __init__(
        self, distributions: tuple[Distribution, ...], function: Callable[..., Any]
    ) -> None:
        self.distributions, self.function = distributions, function

    def draw(self, n: int, stream: RandomStream) -> Floats:
        """Return values, one for each node or connection.

        Parameters
        ----------
        n : int
            How many.
        stream : RandomStream
            Where the random numbers come from.
        """
        drawn = [
            each.draw(n, replace(stream, index=stream.index + (k << _STREAM_BITS)))
            for k, each in enumerate(self.distributions)
        ]
        return np.broadcast_to(np.asarray(self.function(*drawn), dtype=float), n).copy()

    def apply(self, function: Callable[..., Any]) -> Parameter:
        """Return a function of the quantity.

        Parameters
        ----------
        function : callable
            Takes an array and returns one.
        """
        of = self.function
        return Parameter(self.distributions, lambda *drawn: function(of(*drawn)))

    def combine(self, function: Callable[..., Any], other: Any) -> Parameter:
        """Return a function of the quantity and another one.

        Parameters
        ----------
        function : callable
            Takes two arrays and returns one.
        other : Parameter or float
            The second argument.
        """
        if isinstance(other, (int, float, np.number)):
            return self.apply(lambda drawn: function(drawn, other))
        if not isinstance(other, Parameter):
            raise BadType("Parameters must be combined with numbers or one another", repr(other))
        n, of, of_other = len(self.distributions), self.function, other.function
        both = self.distributions + other.distributions
        return Parameter(both, lambda *drawn: function(of(*drawn[:n]), of_other(*drawn[n:])))

    def __add__(self, other: Any) -> Parameter:
        return self.combine(operator.add, other)

    def __sub__(self, other: Any) -> Parameter:
        return self.combine(operator.sub, other)

    def __rsub__(self, other: Any) -> Parameter:
        return (-self).combine(operator.add, other)

    def __mul__(self, other: Any) -> Parameter:
        return self.combine(operator.mul, other)

    def __truediv__(self, other: Any) -> Parameter:
        return self.combine(operator.truediv, other)

    def __rtruediv__(self, other: Any) -> Parameter:
        return self.apply(np.reciprocal).combine(operator.mul, other)

    def __pow__(self, exponent: float) -> Parameter:
        return self.combine(operator.pow, exponent)

    def __neg__(self) -> Parameter:
        return self.apply(operator.neg)

    __radd__ = __add__
    __rmul__ = __mul__


def parameter_of(distribution: Distribution) -> Parameter:
    """Return the quantity that has a distribution.

    Parameters
    ----------
    distribution : Distribution
        Distribution of its values.
    """
    return Parameter((distribution,), lambda drawn: drawn)
