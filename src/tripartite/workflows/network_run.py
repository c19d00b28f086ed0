"""One run of a network, from end to end: simulate, keep the recording, measure, draw."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from tripartite import networks as tn
from tripartite.core.checks import check_type
from tripartite.core.environment import describe_environment
from tripartite.core.section import Section
from tripartite.errors import InputError
from tripartite.files import make_folder
from tripartite.networks.interruption import RunInterrupted
from tripartite.workflows.network_summary import draw_network, find_activity, measure_network
from tripartite.workflows.tables import write_tables

RECORDING, SAVED = "recording.nwb", "section.json"


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """For how long a network runs, and how.

    Parameters
    ----------
    duration : float
        Simulated time that is measured (s).
    warm_up : float
        Simulated time before it, which is recorded and drawn but left out of the numbers (s).
    engine, precision, n_threads, record_to
        As in `tripartite.networks.simulate`.
    """

    duration: float
    warm_up: float = 0.0
    engine: Literal["kernel", "nest"] = "kernel"
    precision: Literal["exact", "fast"] = "exact"
    n_threads: int | None = None
    record_to: Path | None = None

    def __post_init__(self) -> None:
        if not (0 < self.duration < np.inf and 0 <= self.warm_up < np.inf):
            raise InputError(
                "duration must be above 0 s and warm_up at least 0 s",
                got=f"duration {self.duration} and warm_up {self.warm_up}",
            )
        if self.engine == "nest" and self.precision != "exact":
            raise InputError(
                "precision must be 'exact' for engine 'nest', whose steps are its own",
                got=repr(self.precision),
            )


def run_network(
    network: tn.Network,
    settings: RunSettings,
    out: Path,
    *,
    name: str = "network",
    report: Callable[[str], None] = lambda message: None,
    progress: bool = False,
) -> Section:
    """Return what a network did, after writing recording, tables and figures into a folder.

    Parameters
    ----------
    network : Network
        What to run.
    settings : RunSettings
        For how long, and how.
    out : Path
        Folder; it is made if it does not exist.
    name : str
        What the network is called.
    report : callable
        Told what is being done.
    progress : bool
        Show the simulated time, if there is a terminal.

    Returns
    -------
    Section
        Paths are relative to `out`. It is saved there as ``section.json``.

    Raises
    ------
    InputError
        If the network records nothing, or a setting does not hold.
    RunInterrupted
        If Ctrl-C is pressed, after the recording until then was written.
    """
    check_type(network, tn.Network, name="network")
    make_folder(out)
    (out / SAVED).unlink(missing_ok=True)  # what is rewritten is not finished
    start = time.perf_counter()
    report("simulating")
    try:
        recording = tn.simulate(
            network,
            settings.warm_up + settings.duration,
            engine=settings.engine,
            precision=settings.precision,
            n_threads=settings.n_threads,
            record_to=settings.record_to,
            progress=progress,
        )
    except RunInterrupted as stop:
        if settings.record_to is None:
            stop.recording.to_nwb(out / RECORDING, overwrite=True)
        raise
    report("writing the recording")
    recording.to_nwb(out / RECORDING, overwrite=True)
    report("measuring and drawing")
    activity = measure_network(recording, warm_up=settings.warm_up)
    section = Section(
        name=name,
        title="What the network did",
        question=describe_network(network, settings),
        findings=find_activity(activity),
        figures=draw_network(out, recording, activity),
        outputs={
            RECORDING: "spikes, variables, connections and parameters, for any program that reads "
            "NWB",
            **write_tables(out, activity.to_tables()),
        },
        parameters={
            **asdict(settings),
            "record_to": str(settings.record_to or ""),
            "seed": network.seed,
            **describe_connections(network),
        },
        seconds=time.perf_counter() - start,
        environment=describe_environment(),
    )
    section.save(out / SAVED)
    return section


def describe_network(network: tn.Network, settings: RunSettings) -> str:
    """Return what was simulated, in two sentences.

    Parameters
    ----------
    network : Network
        What was run.
    settings : RunSettings
        How.
    """
    nodes = ", ".join(
        f"{each.size} {each.name} ({each.model.model_name})" for each in network.populations
    )
    n_connections = sum(part.n_connections for part in network.projections())
    before = f", after {settings.warm_up:g} s of warm-up," if settings.warm_up else ""
    return (
        f"A network of {nodes} with {n_connections} connections ran for "
        f"{settings.duration:g} s{before} in steps of {network.resolution_ms:g} ms "
        f"({settings.engine} engine"
        + (f", {settings.precision} steps" if settings.engine == "kernel" else "")
        + "). All times of the recording count from the start of the warm-up."
        * bool(settings.warm_up)
    )


def describe_connections(network: tn.Network) -> dict[str, str]:
    """Return by which rules the populations of a network are connected.

    Parameters
    ----------
    network : Network
        Any network.

    Examples
    --------
    >>> net = tn.Network()
    >>> cells = net.population("cells", tn.AdEx(), 2)
    >>> _ = net.connect(cells, cells, tn.OneToOne())
    >>> describe_connections(net)
    {'cells to cells': 'OneToOne(autapses=True), static_synapse'}
    """
    described = {}
    for each in network.connections:
        ends = [" + ".join(n.name for n in nodes.populations) for nodes in (each.pre, each.post)]
        parts = [repr(each.rule), each.synapse.model_name]
        if each.third is not None:
            third = " + ".join(nodes.name for nodes in each.third.nodes.populations)
            parts.append(f"third: {third}, {each.third.rule!r}")
        name = " to ".join(ends)
        described[name if name not in described else f"{name} ({each.number})"] = ", ".join(parts)
    return described
