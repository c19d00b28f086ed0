"""Compiling functions once, and keeping what was compiled on disk where that is possible."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

from numba import njit


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function that lets other threads run meanwhile, and keep it on disk.

    Where no folder for it can be written (a read-only system), it is compiled anew in each process.

    Parameters
    ----------
    function : callable
        Function of arrays and numbers.
    """
    try:
        return njit(nogil=True, cache=True)(function)
    except RuntimeError:  # numba finds no place that it can write to
        return njit(nogil=True)(function)


def digest_of(modules: Iterable[ModuleType]) -> int:
    """Return a number that changes with the source of any of the modules.

    What numba keeps on disk is renewed when the file of the function changes, not when those of the
    functions that it calls do. A function made inside another one that is given this number is
    renewed with all of them, as the number is part of its name in the cache.

    Parameters
    ----------
    modules : iterable of module
        Modules with compiled functions.
    """
    digest = sha256()
    for module in modules:
        digest.update(Path(str(module.__file__)).read_bytes())
    return int.from_bytes(digest.digest()[:7], "big") + 1
