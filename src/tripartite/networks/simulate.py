"""Running a network and returning what was recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from tripartite.core.checks import check_option, check_type
from tripartite.core.recording import Recording
from tripartite.networks.engine.simulation import Chunk, Precision, Simulation
from tripartite.networks.network import Network
from tripartite.networks.results import Collector, recording_of

if TYPE_CHECKING:
    from pathlib import Path

Engine = Literal["kernel", "nest"]


def simulate(
    network: Network,
    duration: float,
    *,
    engine: Engine = "kernel",
    precision: Precision = "exact",
    n_threads: int | None = None,
    record_to: str | Path | None = None,
    on_chunk: Callable[[Chunk], Any] | None = None,
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
        our engine do not depend on them.
    record_to : path-like, optional
        Folder that spikes and traces are written to while the network runs, as typed shards; see
        `tripartite.networks.recording_to_disk`. A run that was interrupted is resumed there.
    on_chunk : callable, optional
        Is called with each `Chunk` of results, about four times a second.

    Returns
    -------
    Recording
        ``spikes`` by node id, one signal ``<population>_<variable>`` for each recorded variable, and
        ``truth``: populations with their parameters, and all connections.

    Raises
    ------
    InputError
        If an argument does not hold.
    SimulationError
        If a neuron becomes unstable or runs away.

    Examples
    --------
    >>> from tripartite import networks as tn
    >>> net = tn.Network(seed=1)
    >>> neurons = net.population("neurons", tn.AdEx(I_e_pA=700.0), 2)
    >>> _ = net.record(neurons, "V_m")
    >>> tn.simulate(net, duration=0.1)
    <Recording: simulated, 0 to 0.1 s, 2 units, 1 signal (neurons_V_m)>
    """
    check_type(network, Network, name="network")
    check_option(engine, ("kernel", "nest"), name="engine")
    n_steps = network.grid.steps(duration * 1000.0, name="duration", least=1)
    if engine == "nest":
        from tripartite.networks.nest_engine import simulate_with_nest

        return simulate_with_nest(network, n_steps, n_threads=n_threads)
    simulation = Simulation(network, precision=precision, n_threads=n_threads)
    collector = Collector(network)
    for chunk in simulation.run(n_steps):
        collector.add(chunk)
        if on_chunk is not None:
            on_chunk(chunk)
    return recording_of(network, collector, n_steps, engine=engine, precision=precision)
