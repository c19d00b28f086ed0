"""Checks of what rules are given."""

from __future__ import annotations

import numpy as np

from tripartite.errors import InputError


def check_probability(p: float) -> None:
    """Raise where a number is not a probability.

    Parameters
    ----------
    p : float
        Number.
    """
    if not 0 <= p <= 1:
        raise InputError(
            "A connection probability must be from 0 to 1", got=p, do="Pass e.g. p=0.1"
        )


def check_count(name: str, count: int) -> None:
    """Raise where a number of connections is not a whole number from zero.

    Parameters
    ----------
    name : str
        What is counted.
    count : int
        Number.
    """
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 0:
        raise InputError(
            f"{name} must be a whole number, zero or more", got=repr(count), do=f"Pass {name}=10"
        )


def check_degree(name: str, degree: int, skipped: np.ndarray, n: int, multapses: bool) -> None:
    """Raise where nodes are asked to draw what is not there.

    Parameters
    ----------
    name : str
        What the degree is called.
    degree : int
        How many each node draws.
    skipped : int32 ndarray
        What each node must not draw; negative for nothing.
    n : int
        From how many it draws.
    multapses : bool
        Whether it may draw the same twice.
    """
    if not skipped.size or not degree:
        return
    n_allowed = n - int((skipped >= 0).any())
    if n_allowed < (1 if multapses else degree):
        raise InputError(
            f"{name} must not exceed the number of nodes that can be connected"
            if n_allowed
            else "There must be a node that can be connected",
            got=f"{name}={degree} of {n_allowed}",
            do="Lower it, or allow multapses or autapses",
        )
