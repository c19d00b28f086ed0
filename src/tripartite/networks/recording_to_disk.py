"""Spikes and traces written to disk while a network runs, and how a run goes on there.

A folder holds ``network.tar`` (what was run), ``checkpoint.npz`` (how to go on), and the shards of
``spikes`` and of ``traces-0``, ``traces-1``, ... (one folder for each `Probe`). Each shard is a
stretch of time and is named by the step after which it begins; read them with
`tripartite.load_dataset` where they are too large for the memory.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from tripartite.errors import InputError
from tripartite.networks.checkpoint import (
    Identity,
    check_identity,
    digest_of,
    identity_of,
    restore_checkpoint,
    write_checkpoint,
)
from tripartite.networks.engine.chunk import Chunk
from tripartite.networks.engine.simulation import Simulation
from tripartite.networks.nodes import Nodes
from tripartite.networks.recorded import (
    NETWORK,
    NetworkSample,
    SpikeSample,
    TraceSample,
    read_network,
    recorded_steps,
)
from tripartite.networks.results import Collector, truth_of
from tripartite.streams import write_samples

_CHECKPOINT = "checkpoint.npz"
# Spikes and samples (bytes) that are gathered before they are written.
_MOST_BYTES = 32 << 20


class DiskRecorder:
    """Writes what a simulation gives to a folder, with checkpoints from which it goes on.

    Parameters
    ----------
    folder : path-like
        New, or the folder of a run of the same network.
    simulation : Simulation
        Before its first run.
    checkpoint_every : float
        Longest time on the clock (s) until all is written and a checkpoint made.

    Raises
    ------
    InputError
        If the folder belongs to another run.
    WriteError
        If the disk refuses.
    """

    def __init__(
        self, folder: str | Path, simulation: Simulation, checkpoint_every: float = 60.0
    ) -> None:
        if not checkpoint_every >= 0:
            raise InputError("checkpoint_every must be at least 0 s", got=checkpoint_every)
        self.folder = Path(folder)
        self._simulation = simulation
        self._checkpoint_every = checkpoint_every
        self._identity = _claim_folder(self.folder, simulation)
        self._gathered = Collector(simulation.network)
        self._n_bytes = self._last = 0
        self._saved_at = time.monotonic()

    def resume(self, n_steps: int) -> int:
        """Bring the simulation to where the run was left; return how many steps are still to run.

        What was recorded after the last checkpoint is removed, and will come again.

        Parameters
        ----------
        n_steps : int
            Length of the run from time 0.
        """
        self._last = n_steps
        if n_steps <= recorded_steps(self.folder, self._simulation.network.grid):
            return 0
        if (self.folder / _CHECKPOINT).exists():
            restore_checkpoint(self._simulation, self.folder / _CHECKPOINT, self._identity)
        # From the last to the first, spikes before traces: whenever this ends, the rest is whole.
        for shard in sorted(self.folder.glob("*/*.tar"), key=lambda path: path.name, reverse=True):
            if int(shard.stem) >= self._simulation.step:
                shard.unlink()
                shard.with_name(f"{shard.name}.idx").unlink(missing_ok=True)
        return n_steps - self._simulation.step

    def add(self, chunk: Chunk) -> None:
        """Take a chunk, and write all when there is enough of it, or the time has come.

        Parameters
        ----------
        chunk : Chunk
            What was recorded next.
        """
        self._gathered.add(chunk)
        self._n_bytes += 2 * chunk.spike_ids.nbytes + sum(v.nbytes for _, v in chunk.samples)
        waited = time.monotonic() - self._saved_at
        is_last = chunk.last + self._simulation.slice_steps > self._last
        if is_last or self._n_bytes >= _MOST_BYTES or waited >= self._checkpoint_every:
            self.save()

    def save(self) -> None:
        """Write what was gathered, then a checkpoint where the run can go on exactly."""
        self.write()
        if self._simulation.step % self._simulation.slice_steps == 0:
            write_checkpoint(self._simulation, self.folder / _CHECKPOINT, self._identity)
        self._saved_at = time.monotonic()

    def write(self) -> None:
        """Write what was gathered."""
        gathered, network = self._gathered, self._simulation.network
        # Before anything can fail: what the disk refused is not offered to it again.
        self._gathered, self._n_bytes = Collector(network), 0
        if not gathered.chunks:
            return
        first, last = gathered.chunks[0].first, gathered.chunks[-1].last
        start, stop = (float(time) for time in network.grid.seconds([first, last]))
        name = f"{first:012d}.tar"
        for number, probe in enumerate(network.probes):
            steps, values = gathered.samples(number)
            sample = TraceSample(
                start=start,
                stop=stop,
                times=network.grid.seconds(steps),
                nodes=probe.nodes.ids,
                variables=list(probe.variables),
                values=values,
            )
            write_samples([sample], self.folder / f"traces-{number}" / name)
        ids, steps = gathered.spikes()
        times = network.grid.seconds(steps)
        # Last: a stretch of time counts as recorded when its spikes are there.
        write_samples(
            [SpikeSample(start=start, stop=stop, times=times, nodes=ids)],
            self.folder / "spikes" / name,
        )


def _claim_folder(folder: Path, simulation: Simulation) -> Identity:
    """Write down what is run, or compare it with what was; return its identity."""
    network = simulation.network
    probes = [
        {**vars(probe), "nodes": _by_name(probe.nodes), "variables": list(probe.variables)}
        for probe in network.probes
    ]
    spikes_of = [_by_name(nodes) for nodes in network.recorded_spikes()]
    identity = identity_of(simulation)
    identity["what is recorded"] = digest_of([probes, spikes_of])
    if (folder / NETWORK).exists():
        check_identity(read_network(folder).identity, identity, folder)
        return identity
    sample = NetworkSample(
        resolution_ms=network.resolution_ms,
        precision=simulation.precision,
        identity=identity,
        truth=truth_of(network),
        probes=probes,
        spikes_of=spikes_of,
    )
    write_samples([sample], folder / NETWORK)
    return identity


def _by_name(nodes: Nodes) -> dict[str, np.ndarray]:
    return {population.name: chosen for population, chosen in nodes.parts}
