"""What a run recorded to disk: its samples, read back whole or piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tripartite.core.recording import Recording
from tripartite.errors import FileFormatError, InputError
from tripartite.networks.network import Network, Probe
from tripartite.networks.nodes import Nodes, Population
from tripartite.networks.parameters import Model
from tripartite.networks.results import recording_of
from tripartite.networks.time_grid import TimeGrid
from tripartite.streams import Array, Dataset, packable

S = TypeVar("S", "SpikeSample", "TraceSample")

#: Shard that says what was run.
NETWORK = "network.tar"


@packable
@dataclass(frozen=True, kw_only=True, eq=False)
class SpikeSample:
    """Spikes of a stretch of time.

    Parameters
    ----------
    start, stop : float
        The stretch is after `start` and up to `stop` (s).
    times : ndarray of shape (n_spikes,)
        Times of the spikes (s), ascending.
    nodes : int64 ndarray of shape (n_spikes,)
        Ids of the nodes.
    """

    start: float
    stop: float
    times: Annotated[NDArray, Array("float64", ("spikes",), unit="s")]
    nodes: Annotated[NDArray, Array("int64", ("spikes",))]


@packable
@dataclass(frozen=True, kw_only=True, eq=False)
class TraceSample:
    """State variables of some nodes in a stretch of time.

    Parameters
    ----------
    start, stop : float
        The stretch is after `start` and up to `stop` (s).
    times : ndarray of shape (n_times,)
        Times of the samples (s).
    nodes : int64 ndarray of shape (n_nodes,)
        Ids of the nodes.
    variables : list of str
        Names of the variables.
    values : ndarray of shape (n_times, n_nodes, n_variables)
        Values, in the units of NEST.
    """

    start: float
    stop: float
    times: Annotated[NDArray, Array("float64", ("times",), unit="s")]
    nodes: Annotated[NDArray, Array("int64", ("nodes",))]
    variables: list[str]
    values: Annotated[NDArray, Array("float64", ("times", "nodes", "variables"))]


@packable
@dataclass(frozen=True, kw_only=True, eq=False)
class NetworkSample:
    """What was run, and what of it is recorded.

    Parameters
    ----------
    resolution_ms : float
        Step of the time grid (ms).
    precision : str
        Precision of the engine.
    identity : dict
        What tells the run from others.
    truth : dict
        Populations, connections and seed, as in the record of the run.
    probes : list of dict
        Each `Probe`, its nodes as indices by the names of their populations.
    spikes_of : list of dict
        Nodes whose spikes are recorded, likewise.
    """

    resolution_ms: float
    precision: str
    identity: dict[str, Any]
    truth: dict[str, Any]
    probes: list[dict[str, Any]]
    spikes_of: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What was recorded to a folder, as `recording_of` takes it.

    Parameters
    ----------
    folder : Path
        Folder of a run.
    network : Network
        The network that was run, as far as its nodes and what is recorded of them.
    n_steps : int
        How much of the run is taken.
    """

    folder: Path
    network: Network
    n_steps: int

    def spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and steps of all spikes, ordered by step, then id."""
        samples = list(self._read("spikes", SpikeSample))
        ids = [sample.nodes for sample in samples]
        steps = _steps([sample.times for sample in samples], self.network.grid)
        taken = steps <= self.n_steps
        return np.concatenate(ids)[taken], steps[taken]

    def samples(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the steps and the values of a probe.

        Parameters
        ----------
        number : int
            Which probe of the network.
        """
        samples = list(self._read(f"traces-{number}", TraceSample))
        steps = _steps([sample.times for sample in samples], self.network.grid)
        n_taken = int(np.searchsorted(steps, self.n_steps, side="right"))
        return steps[:n_taken], np.concatenate([sample.values for sample in samples])[:n_taken]

    def _read(self, kind: str, sample_type: type[S]) -> Iterator[S]:
        spikes = _spike_shards(self.folder)
        wanted = [self.folder / kind / s.name for s in spikes if int(s.stem) < self.n_steps]
        stop = 0.0
        for shard, sample in zip(wanted, Dataset(wanted, sample_type, copy=False), strict=True):
            if sample.start != stop:
                raise FileFormatError(
                    "Stretches of time must follow one another",
                    got=f"{shard} after {stop:g} s",
                    do="Put back the shards that are missing, or record to another folder",
                )
            stop = sample.stop
            yield sample


def read_recorded(folder: str | Path, duration: float | None = None) -> Recording:
    """Return what a run recorded to a folder, also one that was ended early or still runs.

    Parameters
    ----------
    folder : path-like
        What `simulate` got as `record_to`.
    duration : float, optional
        How much of the run is read, from its begin (s); by default all.

    Returns
    -------
    Recording
        The same as `simulate` returns.

    Raises
    ------
    InputError
        If nothing was recorded there, or less than `duration`.
    FileFormatError
        If shards are missing or broken.

    Examples
    --------
    >>> import tempfile
    >>> import tripartite as tp
    >>> from tripartite import networks as tn
    >>> net = tn.Network(seed=1)
    >>> neurons = net.population("neurons", tn.AdEx(I_e_pA=700.0), 2)
    >>> folder = tempfile.TemporaryDirectory()
    >>> _ = tn.simulate(net, 0.1, record_to=folder.name)
    >>> read_recorded(folder.name, duration=0.05)
    <Recording: simulated, 0 to 0.05 s, 2 units>
    >>> tp.load_dataset(f"{folder.name}/spikes", tn.SpikeSample)[0].nodes[:4]
    array([1, 2, 1, 2])
    >>> folder.cleanup()
    """
    folder = Path(folder)
    if not (folder / NETWORK).exists():
        raise InputError("A folder must hold what a run recorded", got=folder)
    stored = read_network(folder)
    network = _network_of(stored)
    n_recorded = recorded_steps(folder, network.grid)
    n_steps = n_recorded
    if duration is not None:
        n_steps = network.grid.steps(duration * 1000.0, name="duration", least=1)
    if not 0 < n_steps <= n_recorded:
        wanted = "something" if duration is None else f"{duration:g} s"
        raise InputError(
            f"A run must have recorded {wanted} to be read",
            got=f"{network.grid.seconds(n_recorded):g} s in {folder}",
            do="Run it on, with simulate(..., record_to=...)",
        )
    recorded = Recorded(folder=folder, network=network, n_steps=n_steps)
    recording = recording_of(
        network, recorded, n_steps, engine="kernel", precision=stored.precision
    )
    return replace(recording, truth=stored.truth)


def recorded_steps(folder: Path, grid: TimeGrid) -> int:
    """Return how many steps of a run were recorded.

    Parameters
    ----------
    folder : Path
        Folder of a run.
    grid : TimeGrid
        Time grid of the network.
    """
    shards = _spike_shards(folder)
    return int(_steps([Dataset(shards[-1], SpikeSample)[0].stop], grid)[0]) if shards else 0


def read_network(folder: Path) -> NetworkSample:
    """Return what was run.

    Parameters
    ----------
    folder : Path
        Folder of a run.
    """
    return Dataset(folder / NETWORK, NetworkSample)[0]


def _network_of(stored: NetworkSample) -> Network:
    """Return the nodes of a network, without their models, and what is recorded of them."""
    network = Network(stored.truth["seed"], stored.resolution_ms)
    for number, (name, about) in enumerate(stored.truth["populations"].items()):
        size, first_id = about["size"], about["first_id"]
        network.populations.append(
            Population(number=number, name=name, model=Model(), size=size, first_id=first_id)
        )
    populations = {each.name: each for each in network.populations}

    def nodes(chosen: dict[str, np.ndarray]) -> Nodes:
        return Nodes(tuple((populations[name], indices) for name, indices in chosen.items()))

    for chosen in stored.spikes_of:
        network.record_spikes(nodes(chosen))
    for probe in stored.probes:
        own = {"nodes": nodes(probe["nodes"]), "variables": tuple(probe["variables"])}
        network.probes.append(Probe(**{**probe, **own}))
    return network


def _spike_shards(folder: Path) -> list[Path]:
    return sorted((folder / "spikes").glob("*.tar"))


def _steps(times: list[Any], grid: TimeGrid) -> np.ndarray:
    """Return the steps that times (s) in pieces were made of."""
    seconds = np.concatenate([np.empty(0), *map(np.atleast_1d, times)])
    return np.rint(seconds * 1000.0 / grid.resolution_ms).astype(np.int64)
