"""Checks of arguments that write the sentences of the errors."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np

from tripartite.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sized


def nearest_name(name: object, names: Iterable[str]) -> str | None:
    """Return the one of `names` that is spelt most like `name`, or None if none is close.

    Parameters
    ----------
    name : object
        What was asked for.
    names : iterable of str
        What exists.

    Examples
    --------
    >>> from tripartite.core.checks import nearest_name
    >>> nearest_name("speeed", ["position", "speed"])
    'speed'
    """
    folded = {each.casefold(): each for each in names}
    close = get_close_matches(str(name).casefold(), folded, n=1)
    return folded[close[0]] if close else None


def check_option(value: object, options: Iterable[str], *, name: str) -> None:
    """Check that `value` is one of the words in `options`.

    Parameters
    ----------
    value : object
        What the user passed.
    options : iterable of str
        The words that are allowed.
    name : str
        Name of the argument, for the message.

    Raises
    ------
    InputError
        If it is not; the message suggests the nearest word.

    Examples
    --------
    >>> from tripartite.core.checks import check_option
    >>> check_option("gaussian", ["gaussian", "boxcar"], name="kernel")
    >>> check_option("gausian", ["gaussian", "boxcar"], name="kernel")
    Traceback (most recent call last):
    tripartite.errors.InputError: kernel must be one of 'gaussian', 'boxcar'. Got 'gausian'.
    Did you mean 'gaussian'.
    """
    options = list(options)
    if isinstance(value, str) and value in options:
        return
    nearest = nearest_name(value, options)
    if not options:
        raise InputError(f"There is no choice for {name} here", got=repr(value), do="Leave it out")
    raise InputError(
        f"{name} must be one of {', '.join(map(repr, options))}",
        got=repr(value),
        do=f"Did you mean {nearest!r}" if nearest else f"Pass for example {name}={options[0]!r}",
    )


def check_type(
    value: object, types: type | tuple[type, ...], *, name: str, do: str | None = None
) -> None:
    """Check that `value` is an instance of one of `types`.

    Parameters
    ----------
    value : object
        What the user passed.
    types : type or tuple of type
        What is allowed.
    name : str
        Name of the argument, for the message.
    do : str, optional
        What the user can do about it.

    Raises
    ------
    InputError
        If it is not.

    Examples
    --------
    >>> from tripartite.core.checks import check_type
    >>> check_type(3, str, name="session")
    Traceback (most recent call last):
    tripartite.errors.InputError: session must be a str. Got a int: 3.
    """
    if isinstance(value, types):
        return
    allowed = types if isinstance(types, tuple) else (types,)
    raise InputError(
        f"{name} must be a {' or '.join(each.__name__ for each in allowed)}",
        got=f"a {type(value).__name__}: {_brief(value)}",
        do=do,
    )


def check_shape(array: object, shape: tuple[int | str, ...], *, name: str) -> None:
    """Check that `array` has the axes of `shape`.

    Parameters
    ----------
    array : array_like
        What the user passed.
    shape : tuple of int or str
        One entry per axis: its length, or its name; axes of one name have one length.
    name : str
        Name of the argument, for the message.

    Raises
    ------
    InputError
        If the number of axes or a length differs.

    Examples
    --------
    >>> import numpy as np
    >>> from tripartite.core.checks import check_shape
    >>> check_shape(np.ones((3, 3)), ("units", "units"), name="weights")
    >>> check_shape(np.ones((3, 4)), ("units", "units"), name="weights")
    Traceback (most recent call last):
    tripartite.errors.InputError: weights must have the shape (units, units). Got (3, 4).
    """
    got = np.shape(array)  # type: ignore[arg-type]
    lengths: dict[int | str, int] = {}
    fits = len(got) == len(shape) and all(
        length == axis if isinstance(axis, int) else length == lengths.setdefault(axis, length)
        for axis, length in zip(shape, got, strict=True)
    )
    if not fits:
        axes = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
        raise InputError(f"{name} must have the shape ({axes})", got=got)


def check_same_length(**things: Sized) -> None:
    """Check that all `things` have one length.

    Parameters
    ----------
    **things : sized
        The arguments, by name.

    Raises
    ------
    InputError
        If the lengths differ.

    Examples
    --------
    >>> from tripartite.core.checks import check_same_length
    >>> check_same_length(times=[0.0, 0.1], values=[1.0])
    Traceback (most recent call last):
    tripartite.errors.InputError: times and values must have the same length. Got 2 and 1.
    """
    lengths = [len(thing) for thing in things.values()]
    if len(set(lengths)) > 1:
        raise InputError(
            f"{' and '.join(things)} must have the same length", got=" and ".join(map(str, lengths))
        )


def _brief(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."
