"""The state behind the functions: one network, its simulation, and what scripts have set."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from tripartite.networks.engine.simulation import Simulation
from tripartite.networks.network import Network
from tripartite.networks.nodes import Nodes
from tripartite.networks.parameters import Model
from tripartite.networks.projection import Projection
from tripartite.networks.pynest.errors import UnknownNode
from tripartite.networks.pynest.models import Models, NamedModel
from tripartite.networks.pynest.node_groups import (
    NodeGroup,
    RecorderGroup,
    StimulatorGroup,
    group_class,
)
from tripartite.networks.pynest.recorders import (
    MeterNode,
    RecorderNode,
    SpikeRecorderNode,
    WeightRecorderNode,
)
from tripartite.networks.pynest.timers import Timers
from tripartite.networks.random_streams import Purpose, RandomStream

if TYPE_CHECKING:
    from tripartite.networks.engine.chunk import Chunk

# Random numbers that the face draws itself have streams apart from those of the network.
_FIRST_STREAM = 1 << 31

#: What scripts can set of the kernel, with the defaults of NEST.
SETTINGS: Mapping[str, Any] = {
    "local_num_threads": 1,
    "rng_type": "mt19937_64",
    "print_time": False,
    "overwrite_files": False,
    "data_path": "",
    "data_prefix": "",
    "verbosity": 10,
    "delay_bounds": None,
}
_DEFAULT_SEED, _DEFAULT_RESOLUTION_MS = 143202461, 0.1


class Kernel:
    """Everything that a script has made since the last reset."""

    def __init__(self) -> None:
        self.settings = dict(SETTINGS)
        self.reset()

    def reset(self) -> None:
        """Forget everything, and set all defaults."""
        for each in self.recorders() if hasattr(self, "groups") else ():
            if each.file is not None:
                each.file.close()
        self.settings = dict(SETTINGS)
        self.network = Network(seed=_DEFAULT_SEED, resolution_ms=_DEFAULT_RESOLUTION_MS)
        self.network.record_spikes(Nodes(()))  # only what has a recorder
        self.models = Models()
        self.groups: list[NodeGroup] = []
        self.links: list[Projection] = []
        self.simulation: Simulation | None = None
        self.prepared = False
        self.timers = Timers()
        self.n_spikes = 0
        self._first_ids = np.empty(0, dtype=np.int64)
        self._n_streams = 0

    def new_network(self, resolution_ms: float) -> None:
        """Start over with another resolution, before there are nodes.

        Parameters
        ----------
        resolution_ms : float
            Step of the time grid (ms).
        """
        self.network = Network(seed=self.network.seed, resolution_ms=resolution_ms)
        self.network.record_spikes(Nodes(()))

    def next_stream(self) -> RandomStream:
        """Return a stream of random numbers that nothing else has."""
        self._n_streams += 1
        return RandomStream(self.network.seed, Purpose.VALUES, _FIRST_STREAM + self._n_streams - 1)

    def add_nodes(self, named: NamedModel, n: int) -> np.ndarray:
        """Add nodes with the values of their model, and return their ids.

        Each generator is a population of its own, because populations share what lists and times
        they have.

        Parameters
        ----------
        named : NamedModel
            Model of the nodes.
        n : int
            How many.
        """
        network, kind = self.network, group_class(named.cls)
        first, alone = network.n_nodes + 1, kind is StimulatorGroup
        for _ in range(n if alone else 1):
            name = f"{named.name}_{len(self.groups) + 1}"
            added = network.population(name, named.cls(), 1 if alone else n)
            self.groups.append(kind(self, named, added.populations[0]))
        self._first_ids = np.array([each.first_id for each in self.groups])
        return np.arange(first, first + n)

    def remove_groups(self, number: int) -> None:
        """Take back nodes that turn out to be wrong.

        Parameters
        ----------
        number : int
            How many groups stay.
        """
        del self.groups[number:], self.network.populations[number:]
        self._first_ids = self._first_ids[:number]

    def change_model(self, number: int, model: Model) -> None:
        """Give a population other parameters.

        Parameters
        ----------
        number : int
            Number of the population.
        model : Model
            Model with the new parameters.
        """
        self.network.populations[number].model = model

    def split(self, ids: np.ndarray) -> Iterator[tuple[NodeGroup, np.ndarray, slice]]:
        """Yield the groups of nodes, with the indices of the nodes in each and their positions.

        Parameters
        ----------
        ids : int64 ndarray
            Ascending ids.
        """
        unknown = ids[(ids < 1) | (ids > self.network.n_nodes)]
        if len(unknown):
            raise UnknownNode("A node with this id must exist", got=int(unknown[0]))
        numbers = np.searchsorted(self._first_ids, ids, side="right") - 1
        cuts = np.flatnonzero(np.diff(numbers, prepend=-1, append=-1))
        for start, stop in pairwise(cuts):
            group = self.groups[numbers[start]]
            yield group, ids[start:stop] - group.first_id, slice(int(start), int(stop))

    def nodes(self, ids: np.ndarray) -> Nodes:
        """Return nodes as the network knows them.

        Parameters
        ----------
        ids : int64 ndarray
            Ascending ids.
        """
        return Nodes(tuple((group.population, indices) for group, indices, _ in self.split(ids)))

    def recorders(self) -> Iterator[RecorderNode]:
        """Yield all recorders."""
        for group in self.groups:
            if isinstance(group, RecorderGroup):
                yield from group.recorders

    def projections(self) -> tuple[Projection, ...]:
        """Return the connections of the network, all realised."""
        return self.network.projections(n_threads=self.n_threads)

    @property
    def n_threads(self) -> int:
        """Threads that the script asks for, and the machine has."""
        return min(self.settings["local_num_threads"], os.cpu_count() or 1)

    def all_connections(self) -> Iterator[Projection]:
        """Yield all connections, those of recorders included."""
        yield from self.projections()
        yield from self.links

    @property
    def n_connections(self) -> int:
        """Number of connections, those of recorders included."""
        return sum(each.n_connections for each in self.all_connections())

    @property
    def step(self) -> int:
        """Steps of the grid that were simulated."""
        return 0 if self.simulation is None else self.simulation.step

    @property
    def time_ms(self) -> float:
        """Time that was simulated (ms)."""
        return float(self.network.grid.times_ms(self.step))

    def run(self, n_steps: int, told: Callable[[int], None]) -> None:
        """Run on, and hand out to the recorders what they record.

        Parameters
        ----------
        n_steps : int
            Steps of the grid.
        told : callable
            Called with the steps done, now and then.
        """
        if self.simulation is None:
            self.simulation = Simulation(self.network, n_threads=self.n_threads)
        begin = self.simulation.step
        for chunk in self.simulation.run(n_steps):
            self._hand_out(chunk)
            told(chunk.last - begin)

    def _hand_out(self, chunk: Chunk) -> None:
        self.n_spikes += len(chunk.spike_ids)
        for recorder in self.recorders():
            if isinstance(recorder, MeterNode):
                recorder.take_samples(chunk.samples)
            elif isinstance(recorder, WeightRecorderNode):
                recorder.take_deliveries(chunk.deliveries)
            elif isinstance(recorder, SpikeRecorderNode):
                recorder.take_spikes(chunk.spike_ids, chunk.spike_steps)


#: The one state that the functions of the face share.
kernel = Kernel()
