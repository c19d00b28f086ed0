"""The errors that scripts for NEST catch, which are errors of this library too.

Each bears the name of NEST and says what must hold, what came and what to do. Where PyNEST raises a
built-in error of Python, ours is one as well.
"""

# ruff: noqa: A001, N818 - the names are those of NEST

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from tripartite.core.checks import nearest_name
from tripartite.errors import InputError, SimulationError

P = ParamSpec("P")
R = TypeVar("R")


class KernelException(InputError):
    """Base of the errors below."""


#: The name under which older scripts catch all errors of NEST.
NESTError = KernelException


class BadProperty(KernelException):
    """A parameter has a value that does not hold."""


class BadParameter(KernelException):
    """An argument does not hold."""


class BadParameterValue(KernelException):
    """An argument has a value that does not hold."""


class BadDelay(BadProperty):
    """A delay does not lie on the grid of time, or is too short."""


class DimensionMismatch(KernelException):
    """Things that belong together have different sizes."""


class IllegalConnection(KernelException):
    """Nodes cannot be connected this way."""


class UnknownModelName(KernelException):
    """There is no node model of this name."""


class UnknownSynapseType(KernelException):
    """There is no synapse model of this name."""


class UnknownComponent(UnknownModelName, UnknownSynapseType):
    """There is no model of this name."""


class UnknownNode(KernelException):
    """There is no node with this id."""


class UnknownReceptorType(KernelException):
    """The target has no such receptor."""


class NewModelNameExists(KernelException):
    """The name of a copied model is taken."""


class UnaccessedDictionaryEntry(KernelException, AttributeError):
    """A dictionary names a parameter that does not exist."""


class TypeMismatch(KernelException, TypeError):
    """A value has a type that cannot be used."""


class NumericalInstability(KernelException, SimulationError):
    """A state variable left the range in which the equations hold."""


class IOError(KernelException, OSError):
    """A recording cannot be written."""


class NotImplemented(KernelException, NotImplementedError):
    """NEST has it, and this library does not."""


class UnknownKey(KernelException, KeyError, AttributeError):
    """Something was asked for a parameter that it does not have."""


class UnknownAttribute(KernelException, AttributeError):
    """There is no kernel attribute of this name, or it cannot be set."""


class BadIndex(BadParameter, IndexError):
    """An index lies outside of a collection."""


class BadType(KernelException, TypeError):
    """An argument has a type that cannot be used."""


def unsupported(what: str, do: str | None = None) -> NotImplemented:
    """Return the error for something that NEST has and this library does not.

    Parameters
    ----------
    what : str
        What was asked for.
    do : str, optional
        What helps instead.
    """
    return NotImplemented("This must be supported by tripartite.networks.pynest", what, do)


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return the advice that names what is spelt most like an unknown name.

    Parameters
    ----------
    name : object
        The unknown name.
    known : iterable of str
        The known ones.
    """
    known = sorted(known)
    near = nearest_name(name, known)
    return f"Did you mean {near!r}" if near else f"Known are {', '.join(known)}"


@contextmanager
def raised_as(kind: type[KernelException], where: str = "") -> Iterator[None]:
    """Raise errors of the network under the name of NEST.

    Parameters
    ----------
    kind : type of KernelException
        Error to raise.
    where : str, optional
        What the message starts with.
    """
    try:
        yield
    except KernelException:
        raise
    except InputError as error:
        must = f"{where}: {error.must}" if where else error.must
        raise kind(must, error.got, error.do) from error


def raises(kind: type[KernelException]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that raises errors of the network under the name of NEST.

    Parameters
    ----------
    kind : type of KernelException
        Error to raise.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def wrapped(*arguments: P.args, **options: P.kwargs) -> R:
            with raised_as(kind):
                return function(*arguments, **options)

        return wrapped

    return decorate
