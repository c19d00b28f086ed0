"""Parameters of models: each written once, with its unit, its bounds and one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from functools import cache
from inspect import get_annotations
from typing import Any, ClassVar, Self, cast

import numpy as np
from numpy.typing import NDArray

from tripartite.core.checks import nearest_name
from tripartite.errors import InputError
from tripartite.networks.distributions import Distribution
from tripartite.networks.random_streams import Purpose, RandomStream

#: A number for all, an array with one number each, or a distribution to draw them from.
Values = Any
Floats = NDArray[np.float64]

# So many random streams belong to each owner of values.
_MOST_PARAMETERS = 64

# How a unit ends a name; seconds and Hz are the default and end none.
_ENDINGS = {
    "ms": "_ms",
    "mV": "_mV",
    "pA": "_pA",
    "pF": "_pF",
    "nS": "_nS",
    "uM": "_uM",
    "uM/ms": "_uM_per_ms",
    "1/ms": "_per_ms",
    "1/(uM ms)": "_per_uM_ms",
    "deg": "_deg",
}


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """What a model says about one of its parameters.

    Parameters
    ----------
    name, nest_name : str
        Our name, which ends in the unit, and the one that NEST uses.
    unit, doc : str
        Unit, empty for a plain number, and one sentence.
    default : object
        Value where none is given.
    role : {"constant", "state", "series"}
        Whether it stays as it is, is the initial value of a state variable, or is a list of numbers
        that belong together (times, for example).
    above, at_least, below, at_most : float, optional
        Bounds.
    finite : bool
        Whether infinity is refused.
    """

    name: str
    nest_name: str
    unit: str
    doc: str
    default: Any
    role: str = "constant"
    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None
    finite: bool = True

    def check(self, values: Any) -> None:
        """Raise an `InputError` if numbers are not finite or lie beyond the bounds.

        Parameters
        ----------
        values : float or ndarray
            Numbers in the unit of the parameter.
        """
        numbers = np.asarray(values)
        if numbers.dtype.kind not in "iufb":
            raise InputError(f"{self.name} must be {self._allowed()}", got=repr(values))
        bad = ~np.isfinite(numbers) if self.finite else np.isnan(numbers)
        if self.above is not None:
            bad |= numbers <= self.above
        if self.at_least is not None:
            bad |= numbers < self.at_least
        if self.below is not None:
            bad |= numbers >= self.below
        if self.at_most is not None:
            bad |= numbers > self.at_most
        if bad.any():
            raise InputError(f"{self.name} must be {self._allowed()}", got=numbers[bad].flat[0])

    def _allowed(self) -> str:
        words = {"above": self.above, "at least": self.at_least}
        words |= {"below": self.below, "at most": self.at_most}
        bounds = " and ".join(
            f"{word} {bound:g}" for word, bound in words.items() if bound is not None
        )
        return " ".join(part for part in ("finite numbers", bounds) if part)


def parameter(
    default: Any,
    doc: str,
    unit: str = "",
    *,
    role: str = "constant",
    above: float | None = None,
    at_least: float | None = None,
    below: float | None = None,
    at_most: float | None = None,
    finite: bool = True,
) -> Any:
    """Return a field of a `Model`; see `Parameter`."""
    said = {"doc": doc, "unit": unit, "role": role, "default": default}
    bounds = {"above": above, "at_least": at_least, "below": below, "at_most": at_most}
    return field(default=default, metadata={**said, **bounds, "finite": finite})


def state(initial: Any, doc: str, unit: str = "", **bounds: Any) -> Any:
    """Return a field that holds the initial value of a state variable; see `Parameter`."""
    return parameter(initial, doc, unit, role="state", **bounds)


def series(doc: str, unit: str = "", **bounds: Any) -> Any:
    """Return a field that holds a list of numbers, empty by default; see `Parameter`."""
    return parameter((), doc, unit, role="series", **bounds)


@dataclass(frozen=True, kw_only=True)
class Model:
    """Base of node models, synapses and devices: a frozen set of parameters.

    A value may be a number, an array with one number for each node or connection, or a
    distribution.
    """

    #: The name of the model in NEST.
    model_name: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        cls.__doc__ = _documented(cls)

    def __post_init__(self) -> None:
        for each in self.parameters().values():
            value = getattr(self, each.name)
            if each.role == "series":
                value = np.atleast_1d(np.asarray(value, dtype=float)).ravel()
                object.__setattr__(self, each.name, tuple(value.tolist()))
            if not isinstance(value, Distribution):
                each.check(value)
        self.check()

    @classmethod
    def parameters(cls) -> Mapping[str, Parameter]:
        """Return what the model says about its parameters, by their names in NEST."""
        return _parameters_of(cls)

    @classmethod
    def from_nest(cls, values: Mapping[str, Any]) -> Self:
        """Return the model with parameters under the names that NEST uses.

        Parameters
        ----------
        values : mapping of str to float, ndarray or Distribution
            Values in the units of NEST, which are ours.

        Raises
        ------
        InputError
            If a name is unknown or a value does not hold.
        """
        known = cls.parameters()
        for name in values:
            if name not in known:
                near = nearest_name(name, known)
                raise InputError(
                    f"{cls.model_name} must have a parameter of that name",
                    got=name,
                    do=f"Did you mean {near!r}" if near else f"It has {', '.join(known)}",
                )
        return cls(**{known[name].name: value for name, value in values.items()})

    def nest_values(self) -> dict[str, Any]:
        """Return all values under the names that NEST uses."""
        return {each.nest_name: getattr(self, each.name) for each in self.parameters().values()}

    def drawn(self, n: int, seed: int, owner: int) -> dict[str, float | Floats]:
        """Return the constants and initial states of `n` nodes or connections, by NEST's names.

        Parameters
        ----------
        n : int
            Number of nodes or connections.
        seed : int
            Seed of the network.
        owner : int
            Number of the population or connection, which no other has.

        Returns
        -------
        dict of str to float or ndarray of shape (n,)
            A number where all have the same.

        Raises
        ------
        InputError
            If an array has another length, or a drawn value lies beyond its bounds.
        """
        values = {}
        for k, each in enumerate(self.parameters().values()):
            if each.role != "series":
                stream = RandomStream(seed, Purpose.VALUES, _MOST_PARAMETERS * owner + k)
                values[each.nest_name] = _numbers(each, getattr(self, each.name), n, stream)
        self.check_together({name: np.asarray(value) for name, value in values.items()})
        return values

    def check(self) -> None:
        """Raise an `InputError` if plain values do not fit one another."""
        values = {
            each.nest_name: getattr(self, each.name)
            for each in self.parameters().values()
            if each.role != "series"
        }
        if not any(isinstance(value, Distribution) for value in values.values()):
            self.check_together({k: np.asarray(v, dtype=float) for k, v in values.items()})

    def check_together(self, values: Mapping[str, Floats]) -> None:
        """Raise an `InputError` if values do not fit one another; models say how.

        Parameters
        ----------
        values : mapping of str to ndarray
            Constants and initial states by NEST's names, each of shape () or (n,).
        """


def _documented(cls: type[Model]) -> str:
    """Return the docstring of a model with what its fields say of themselves."""
    said: dict[str, Any] = {}
    for each in reversed(cls.__mro__):  # the fields of a class itself are not collected yet
        said |= getattr(each, "__dataclass_fields__", {})
        said |= {name: vars(each).get(name) for name in get_annotations(each)}
    lines = []
    for name, each in said.items():
        if isinstance(each, Field) and "doc" in each.metadata:
            unit = f" ({each.metadata['unit']})" if each.metadata["unit"] else ""
            kind = "sequence of float" if each.metadata["role"] == "series" else "float"
            lines.append(f"    {name} : {kind}, default {each.metadata['default']!r}")
            lines.append(f"        {each.metadata['doc'].removesuffix('.')}{unit}.")
    summary, _, rest = (cls.__doc__ or "").partition("\n\n")
    head = "\n\n    Parameters\n    ----------\n"
    return summary + head + "\n".join(lines) + ("\n\n" + rest if rest else "\n    ")


@cache
def _parameters_of(cls: type[Model]) -> Mapping[str, Parameter]:
    known = {}
    for each in fields(cls):
        ending = _ENDINGS.get(each.metadata["unit"], "")
        nest_name = each.metadata.get("nest_name", each.name.removesuffix(ending))
        known[nest_name] = Parameter(name=each.name, nest_name=nest_name, **each.metadata)
    return known


def _numbers(each: Parameter, value: Values, n: int, stream: RandomStream) -> float | Floats:
    if isinstance(value, Distribution):
        drawn = value.draw(n, stream)
        each.check(drawn)
        return drawn
    numbers = np.asarray(value, dtype=float)
    if numbers.ndim == 0:
        return float(numbers)
    if numbers.shape != (n,):
        raise InputError(
            f"{each.name} must be a number or an array of shape ({n},)", got=numbers.shape
        )
    return cast(Floats, numbers)
