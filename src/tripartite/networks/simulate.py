"""Running a network and returning what was recorded."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tripartite.core.checks import check_option, check_type
from tripartite.core.recording import Recording
from tripartite.errors import InputError
from tripartite.networks.engine.chunk import Chunk
from tripartite.networks.engine.simulation import Precision, Simulation
from tripartite.networks.interruption import RunInterrupted, waiting_interrupts
from tripartite.networks.network import Network
from tripartite.networks.progress import show_progress
from tripartite.networks.recorded import Recorded, read_recorded
from tripartite.networks.recording_to_disk import DiskRecorder
from tripartite.networks.results import Collector, recording_of

Engine = Literal["kernel", "nest"]


def simulate(
    network: Network,
    duration: float,
    *,
    engine: Engine = "kernel",
    precision: Precision = "exact",
    n_threads: int | None = None,
    record_to: str | Path | None = None,
    checkpoint_every: float = 60.0,
    progress: bool = False,
    on_chunk: Callable[[Chunk], Any] | None = None,
    connections: Literal["realised", "rules"] = "realised",
) -> Recording:
    """Run a network from time 0 and return what was recorded.

    Parameters
    ----------
    network : Network
        What to run.
    duration : float
        Simulated time (s), a multiple of the resolution.
    engine : {"kernel", "nest"}
        Our own engine, or NEST (extra ``[nest]``), which can run on many machines.
    precision : {"exact", "fast"}
        For our engine: adaptive steps as NEST takes them, or fixed steps.
    n_threads : int, optional
        Threads; by default as many as there are cores, and fewer for small networks. The results of
        our engine do not depend on them; those of NEST do, so that its default is 1.
    record_to : path-like, optional
        Folder that spikes and traces are written to while the network runs. A run that was left
        there, or was shorter, goes on from its last checkpoint, and gives what an unbroken run
        gives. All is read at the end; see `simulate_to_disk` where it does not fit the memory.
    checkpoint_every : float
        With `record_to`, longest time on the clock (s) that an abrupt end can cost.
    progress : bool
        Show simulated time, speed and an estimate of the end, if there is a terminal.
    on_chunk : callable, optional
        Is called with each `Chunk` of results, about four times a second; by our engine only.
    connections : {"realised", "rules"}
        For NEST: connections as we draw them, or drawn by NEST itself by the same rules.

    Returns
    -------
    Recording
        ``spikes`` by node id, one signal ``<population>_<variable>`` for each recorded variable,
        and ``truth``: populations with their parameters, and all connections.

    Raises
    ------
    InputError
        If an argument does not hold, or `record_to` is the folder of another run.
    WriteError
        If the disk refuses; what was written before is whole.
    SimulationError
        If a neuron becomes unstable or runs away.
    RunInterrupted
        If Ctrl-C is pressed, at the end of the chunk: a `KeyboardInterrupt` whose attribute
        ``recording`` is what was recorded until then.

    Examples
    --------
    >>> from tripartite import networks as tn
    >>> net = tn.Network(seed=1)
    >>> neurons = net.population("neurons", tn.AdEx(I_e_pA=700.0), 2)
    >>> _ = net.record(neurons, "V_m")
    >>> tn.simulate(net, duration=0.1)
    <Recording: simulated, 0 to 0.1 s, 2 units, 1 signal (neurons_V_m)>
    """
    check_option(engine, ("kernel", "nest"), name="engine")
    n_steps = _n_steps(network, duration)
    if engine == "nest":
        from tripartite.networks.nest_engine import simulate_with_nest

        _check_for_nest(precision, record_to)
        return simulate_with_nest(network, n_steps, n_threads=n_threads, connections=connections)
    if record_to is not None:
        folder = simulate_to_disk(
            network,
            duration,
            record_to,
            precision=precision,
            n_threads=n_threads,
            checkpoint_every=checkpoint_every,
            progress=progress,
            on_chunk=on_chunk,
        )
        recorded = Recorded(folder=folder, network=network, n_steps=n_steps)
        return recording_of(network, recorded, n_steps, engine=engine, precision=precision)
    simulation = Simulation(network, precision=precision, n_threads=n_threads)
    collector = Collector(network)

    def read() -> Recording:
        return recording_of(network, collector, simulation.step, engine=engine, precision=precision)

    if not _run(simulation, n_steps, collector.add, progress=progress, on_chunk=on_chunk):
        kept = "what was recorded is the attribute `recording` of this error"
        raise RunInterrupted(_ended(simulation, kept), read)
    return read()


def _check_for_nest(precision: Precision, record_to: str | Path | None) -> None:
    if record_to is not None:
        raise InputError(
            'record_to must go with engine="kernel"',
            got='engine="nest"',
            do="Leave out record_to; NEST itself can record to files",
        )
    if precision != "exact":
        raise InputError('precision must be "exact" with engine="nest"', got=repr(precision))


def simulate_to_disk(
    network: Network,
    duration: float,
    folder: str | Path,
    *,
    precision: Precision = "exact",
    n_threads: int | None = None,
    checkpoint_every: float = 60.0,
    progress: bool = False,
    on_chunk: Callable[[Chunk], Any] | None = None,
) -> Path:
    """Run a network, with all that is recorded only on disk; the memory does not grow.

    Parameters
    ----------
    network, duration, precision, n_threads, checkpoint_every, progress, on_chunk
        As for `simulate`, which raises the same errors.
    folder : path-like
        As `record_to` there.

    Returns
    -------
    Path
        The folder, for `read_recorded`; ``load_dataset(folder / "spikes", tn.SpikeSample)`` and
        ``load_dataset(folder / "traces-0", tn.TraceSample)`` read it piece by piece.
    """
    folder, n_steps = Path(folder), _n_steps(network, duration)
    simulation = Simulation(network, precision=precision, n_threads=n_threads)
    recorder = DiskRecorder(folder, simulation, checkpoint_every)
    n_left = recorder.resume(n_steps)
    try:
        if not _run(simulation, n_left, recorder.add, progress=progress, on_chunk=on_chunk):
            recorder.save()
            kept = f"what was recorded is in {folder}, where the same call goes on"
            raise RunInterrupted(_ended(simulation, kept), lambda: read_recorded(folder))
    finally:
        recorder.write()
    return folder


def _run(
    simulation: Simulation,
    n_steps: int,
    keep: Callable[[Chunk], None],
    *,
    progress: bool,
    on_chunk: Callable[[Chunk], Any] | None,
) -> bool:
    """Run on and hand out each chunk; return whether nobody pressed Ctrl-C."""
    seconds = simulation.network.grid.seconds
    start, duration = (
        float(seconds(step)) for step in (simulation.step, simulation.step + n_steps)
    )
    with contextlib.ExitStack() as stack:
        pressed = stack.enter_context(waiting_interrupts())
        shown = show_progress(duration, start=start) if progress else contextlib.nullcontext()
        tell = stack.enter_context(shown)
        for chunk in simulation.run(n_steps):
            keep(chunk)
            if tell is not None:
                tell(float(seconds(chunk.last)))
            if on_chunk is not None:
                on_chunk(chunk)
            if pressed():
                break
        return not pressed()


def _n_steps(network: Network, duration: float) -> int:
    check_type(network, Network, name="network")
    check_type(duration, (int, float, np.number), name="duration", do="Pass seconds")
    return network.grid.steps(float(duration) * 1000.0, name="duration", least=1)


def _ended(simulation: Simulation, kept: str) -> str:
    reached = simulation.network.grid.seconds(simulation.step)
    return f"Ctrl-C ended the run at {reached:g} s; {kept}."
