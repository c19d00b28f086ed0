"""Random values of parameters: ``nest.random``."""

from __future__ import annotations

from typing import Any

from tripartite.networks.distributions import Lognormal, Normal, Uniform
from tripartite.networks.pynest.errors import BadProperty, UnknownAttribute, raises
from tripartite.networks.pynest.parameter import Parameter, parameter_of


@raises(BadProperty)
def uniform(min: float = 0.0, max: float = 1.0) -> Parameter:  # noqa: A002 - names of NEST
    """Return uniformly distributed values.

    Parameters
    ----------
    min, max : float
        Bounds.

    Examples
    --------
    >>> import tripartite.networks.pynest as nest
    >>> nest.ResetKernel()
    >>> neurons = nest.Create("iaf_cond_alpha", 5, {"V_m": nest.random.uniform(-70.0, -60.0)})
    >>> all(-70.0 <= V_m < -60.0 for V_m in neurons.V_m)
    True
    """
    return parameter_of(Uniform(min, max))


@raises(BadProperty)
def normal(mean: float = 0.0, std: float = 1.0) -> Parameter:
    """Return normally distributed values.

    Parameters
    ----------
    mean, std : float
        Mean and standard deviation.
    """
    return parameter_of(Normal(mean, std))


@raises(BadProperty)
def lognormal(mean: float = 0.0, std: float = 1.0) -> Parameter:
    """Return values whose logarithms are normally distributed.

    Parameters
    ----------
    mean, std : float
        Mean and standard deviation of the logarithms.
    """
    return parameter_of(Lognormal(mean, std))


def __getattr__(name: str) -> Any:
    if name in ("exponential", "uniform_int"):
        raise UnknownAttribute("A distribution of NEST must be supported", got=f"random.{name}")
    raise AttributeError(name)
