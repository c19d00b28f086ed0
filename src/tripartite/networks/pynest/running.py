"""Running the network: ``Simulate``, and ``Prepare``, ``Run`` and ``Cleanup``."""

# ruff: noqa: N802 - the names are those of NEST

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from tripartite.errors import SimulationError
from tripartite.networks.pynest._kernel import kernel
from tripartite.networks.pynest.errors import (
    BadParameter,
    BadType,
    KernelException,
    NumericalInstability,
    raised_as,
)


def ResetKernel() -> None:
    """Forget all nodes, connections and models, and set all defaults."""
    kernel.reset()


def Simulate(t: float) -> None:
    """Simulate the network.

    Parameters
    ----------
    t : float
        For so long (ms), a multiple of the resolution. A second call continues.

    Raises
    ------
    NESTErrors.KernelException
        If the time does not lie on the grid, or the network is already prepared.

    Examples
    --------
    >>> import tripartite.networks.pynest as nest
    >>> nest.ResetKernel()
    >>> neuron = nest.Create("aeif_cond_alpha", 1, {"I_e": 700.0})
    >>> recorder = nest.Create("spike_recorder")
    >>> nest.Connect(neuron, recorder)
    >>> nest.Simulate(50.0)
    >>> print(recorder.events["times"])
    [24.7]
    """
    with RunManager():
        Run(t)


def Prepare() -> None:
    """Make ready for calls of `Run`."""
    if kernel.prepared:
        raise KernelException("The network must be prepared once", do="Call Cleanup first")
    kernel.prepared = True


def Run(t: float) -> None:
    """Simulate between `Prepare` and `Cleanup`.

    Parameters
    ----------
    t : float
        For so long (ms), a multiple of the resolution.
    """
    if not kernel.prepared:
        raise KernelException("The network must be prepared to run", do="Call Prepare before Run")
    if not isinstance(t, (int, float, np.number)):
        raise BadType("The time to simulate must be a number (ms)", got=repr(t))
    with raised_as(BadParameter):
        n_steps = kernel.network.grid.steps(t, name="t", least=0)
    _open_files()
    with kernel.timers.add("time_simulate"), _progress(t) as tell:
        try:
            kernel.run(n_steps, tell)
        except SimulationError as error:
            raise NumericalInstability(error.must, error.got, error.do) from error


def Cleanup() -> None:
    """End what `Prepare` began."""
    kernel.prepared = False


@contextmanager
def RunManager() -> Iterator[None]:
    """Return a context in which `Run` can be called."""
    Prepare()
    try:
        yield
    finally:
        Cleanup()


def _open_files() -> None:
    folder = Path(kernel.settings["data_path"] or ".")
    for recorder in kernel.recorders():
        recorder.open_file(
            folder,
            kernel.settings["data_prefix"],
            overwrite=kernel.settings["overwrite_files"],
        )


@contextmanager
def _progress(t: float) -> Iterator[Callable[[int], None]]:
    """Return what tells how far a run is, if the script wants to know."""
    wanted, began = kernel.settings["print_time"], time.perf_counter()

    def tell(done: int) -> None:
        simulated = float(kernel.network.grid.times_ms(done))
        # Only a terminal can show how the numbers grow.
        if wanted and (sys.stderr.isatty() or simulated >= t):
            factor = simulated / (1000 * max(time.perf_counter() - began, 1e-9))
            share = f"[{simulated / t:4.0%}] {simulated:.1f} of {t:g} ms"
            sys.stderr.write(f"\r{share}, real-time factor {factor:.4g} ")
            sys.stderr.flush()

    yield tell
    if wanted:
        sys.stderr.write("\n")
