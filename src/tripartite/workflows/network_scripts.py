"""Networks that users describe in Python files of their own."""

from __future__ import annotations

import inspect
import runpy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tripartite import networks as tn
from tripartite.core.checks import check_type
from tripartite.errors import InputError


@dataclass(frozen=True, kw_only=True)
class NetworkScript:
    """What a Python file says about a network.

    Parameters
    ----------
    network : Network
        What its function ``network()`` returned.
    duration, warm_up : float, optional
        Its variables of these names (s).
    """

    network: tn.Network
    duration: float | None = None
    warm_up: float | None = None


def read_network_script(path: Path, *, seed: int | None = None) -> NetworkScript:
    r"""Return the network that a Python file describes, after running the file.

    Parameters
    ----------
    path : Path
        File that defines the function ``network()``, which returns a `Network`, and may define
        ``duration`` and ``warm_up`` (s). Only run files that you trust.
    seed : int, optional
        Passed on as ``network(seed=...)``.

    Raises
    ------
    InputError
        If there is no such file or function, the function takes no seed, or the file fails.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> text = "from tripartite import networks as tn\ndef network(): return tn.Network(seed=7)"
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "mine.py")
    ...     _ = path.write_text(text)
    ...     read_network_script(path).network.seed
    7
    """
    if not path.is_file():
        raise InputError(
            "The network must be 'astrocyte-brunel' or a Python file",
            got=path,
            do="Pass for example my_network.py, which defines network()",
        )
    names = _run(path, lambda: runpy.run_path(str(path)))
    make = names.get("network")
    if not callable(make):
        raise InputError(
            "The file must define a function network()",
            got=path,
            do="Write: def network(seed=1): net = tn.Network(seed=seed); ...; return net",
        )
    arguments = {} if seed is None else {"seed": seed}
    if arguments and not {"seed"} & set(inspect.signature(make).parameters):
        raise InputError(
            "network() must take a seed to be given one", got=path, do="Write def network(seed=1):"
        )
    network = _run(path, lambda: make(**arguments))
    check_type(network, tn.Network, name=f"what network() of {path.name} returns")
    times = {name: names.get(name) for name in ("duration", "warm_up")}
    for name, value in times.items():
        check_type(value, (int, float, type(None)), name=f"{name} in {path.name}")
    return NetworkScript(network=network, **times)


def _run(path: Path, action: Callable[[], Any]) -> Any:
    """Return what the user's code returns, or say which line of it failed."""
    try:
        return action()
    except Exception as error:
        trace, line = error.__traceback__, None
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == str(path):
                line = trace.tb_lineno
            trace = trace.tb_next
        place = path.name if line is None else f"{path.name}, line {line}"
        raise InputError(
            "The file of the network must run without an error",
            got=f"{place}: {type(error).__name__}: {error}",
        ) from error
