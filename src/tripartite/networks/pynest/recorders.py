"""Devices that record: what each takes from a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tripartite.networks.network import Probe
from tripartite.networks.nodes import Nodes
from tripartite.networks.pynest.errors import (
    BadProperty,
    IllegalConnection,
    TypeMismatch,
    raised_as,
    unsupported,
)
from tripartite.networks.pynest.events import Events, TextFile
from tripartite.networks.pynest.models import NamedModel
from tripartite.networks.pynest.recorder_models import Multimeter, WeightRecorder
from tripartite.networks.time_grid import TimeGrid

if TYPE_CHECKING:
    from tripartite.networks.engine.chunk import Deliveries
    from tripartite.networks.network import Network

# NEST shows this where a device never stops.
_NEVER = float(np.finfo(float).max)


class RecorderNode:
    """A device that records.

    Parameters
    ----------
    named : NamedModel
        Its model.
    node_id : int
        Its id.
    grid : TimeGrid
        Grid of the network.
    """

    def __init__(self, named: NamedModel, node_id: int, grid: TimeGrid) -> None:
        self.named, self.node_id, self.grid = named, node_id, grid
        self.settings = named.values()
        self.events = Events()
        self.file: TextFile | None = None

    def set(self, changes: Mapping[str, Any]) -> None:
        """Change settings.

        Parameters
        ----------
        changes : mapping of str to object
            New values by the names of NEST.
        """
        changes = dict(changes)
        if (n_events := changes.pop("n_events", None)) is not None:
            if n_events != 0:
                raise BadProperty("n_events must be set to 0, which clears", got=n_events)
            self.events.clear()
        if not changes:
            return
        settings = {**self.settings, **changes}
        self._check(settings)
        self.settings = settings

    def _check(self, settings: Mapping[str, Any]) -> None:
        numbers = self.named.cls.parameters()
        with raised_as(BadProperty, self.named.name):
            self.named.cls.from_nest({k: v for k, v in settings.items() if k in numbers})
            for name in numbers:
                if settings[name] < _NEVER:
                    self.grid.steps(settings[name], name=name, least=int(name == "interval"))
        if settings["record_to"] == "screen":
            raise unsupported("record_to='screen'", do="Record to 'memory' or 'ascii'")
        if settings["record_to"] not in ("memory", "ascii"):
            raise BadProperty(
                "record_to must be 'memory' or 'ascii'", got=repr(settings["record_to"])
            )
        if settings["time_in_steps"] != self.settings["time_in_steps"] and self.events.n_events:
            raise BadProperty("time_in_steps must be set before anything is recorded")

    @property
    def window(self) -> tuple[float, float]:
        """The steps after which and until which it records."""
        origin, start, stop = (self.settings[k] for k in ("origin", "start", "stop"))
        end = origin + stop
        return (
            self.grid.steps(origin + start, name="start"),
            self.grid.steps(end, name="stop") if end < _NEVER else np.inf,
        )

    def read_events(self) -> dict[str, np.ndarray]:
        """Return the rows in memory, by column."""
        columns = self.events.read()
        if columns:
            return columns
        empty = np.empty(0)
        return {"senders": empty.astype(np.int64), "times": empty}

    def open_file(self, folder: Path, prefix: str, *, overwrite: bool) -> None:
        """Open the file of a recorder that writes one, unless it is open.

        Parameters
        ----------
        folder : Path
            Where.
        prefix : str
            What its name begins with.
        overwrite : bool
            Whether a file that exists is replaced.
        """
        if self.settings["record_to"] == "ascii" and self.file is None:
            name = self.settings["label"] or self.named.name
            path = folder / f"{prefix}{name}-{self.node_id}-0.dat"
            self.file = TextFile(path, self._header(), overwrite=overwrite)

    def _header(self) -> list[str]:
        times = ["time_step", "time_offset"] if self.settings["time_in_steps"] else ["time_ms"]
        return ["sender", *times]

    def keep(self, senders: np.ndarray, steps: np.ndarray, values: Mapping[str, Any]) -> None:
        """Take rows into memory or the file.

        Parameters
        ----------
        senders, steps : int64 ndarray of shape (n,)
            Ids of nodes, and stamps in steps.
        values : mapping of str to ndarray of shape (n,)
            Further columns.
        """
        if not len(senders):
            return
        in_steps = self.settings["time_in_steps"]
        times: Mapping[str, Any] = (
            {"times": steps, "offsets": np.zeros(len(steps))}
            if in_steps
            else {"times": self.grid.times_ms(steps)}
        )
        columns = {"senders": senders, **times, **values}
        if self.file is None:
            self.events.append(columns)
        else:
            self.file.append(columns)
            self.events.n_events += len(senders)


class SpikeRecorderNode(RecorderNode):
    """A device that records spikes."""

    def __init__(self, named: NamedModel, node_id: int, grid: TimeGrid) -> None:
        super().__init__(named, node_id, grid)
        # How often each node is connected to it, by id.
        self._n_connections = np.zeros(0, dtype=np.int64)

    def listen(self, ids: np.ndarray) -> None:
        """Record spikes of nodes from now on.

        Parameters
        ----------
        ids : int64 ndarray
            Their ids, repeated where they are connected several times.
        """
        counts = np.bincount(ids)
        n = max(len(counts), len(self._n_connections))
        old = self._n_connections
        self._n_connections = np.zeros(n, dtype=np.int64)
        self._n_connections[: len(old)] = old
        self._n_connections[: len(counts)] += counts

    def take_spikes(self, ids: np.ndarray, steps: np.ndarray) -> None:
        """Keep those of the spikes of a run that it listens to.

        Parameters
        ----------
        ids, steps : int64 ndarray of shape (n,)
            Ids of nodes, and stamps in steps.
        """
        start, stop = self.window
        heard = (steps > start) & (steps <= stop) & (ids < len(self._n_connections))
        ids, steps = ids[heard], steps[heard]
        times_heard = self._n_connections[ids]
        self.keep(np.repeat(ids, times_heard), np.repeat(steps, times_heard), {})


class WeightRecorderNode(RecorderNode):
    """A device that records the weights of delivered spikes."""

    def __init__(self, named: NamedModel, node_id: int, grid: TimeGrid) -> None:
        super().__init__(named, node_id, grid)
        # Numbers of the weighed connections of the network that are its own.
        self.weighed: list[int] = []

    def _check(self, settings: Mapping[str, Any]) -> None:
        for name in ("senders", "targets"):
            if settings[name] is not None and np.ndim(settings[name]) != 1:
                raise TypeMismatch(f"{name} must be nodes or a list of ids", repr(settings[name]))
        super()._check(settings)

    def take_deliveries(self, deliveries: tuple[Deliveries, ...]) -> None:
        """Keep what its connections delivered in a run.

        Parameters
        ----------
        deliveries : tuple of Deliveries
            Those of each of the weighed connections of the network.
        """
        mine = [deliveries[k] for k in self.weighed]
        if not mine:
            return
        sources, targets, steps, weights = (np.concatenate(c) for c in zip(*mine, strict=True))
        start, stop = self.window
        kept = (steps > start) & (steps <= stop)
        for name, ids in {"senders": sources, "targets": targets}.items():
            chosen = self.settings[name]
            if chosen is not None and len(chosen):
                kept &= np.isin(ids, np.asarray(chosen))
        order = np.flatnonzero(kept)
        order = order[np.argsort(steps[order], kind="stable")]
        receptors = np.zeros(len(order), dtype=np.int64)
        columns = {"weights": weights[order], "targets": targets[order], "receptors": receptors}
        self.keep(sources[order], steps[order], columns)

    def _header(self) -> list[str]:
        return [*super()._header(), "weights", "targets", "receptors"]


class MeterNode(RecorderNode):
    """A device that samples state variables."""

    def __init__(self, named: NamedModel, node_id: int, grid: TimeGrid) -> None:
        super().__init__(named, node_id, grid)
        self.probes: list[int] = []
        self._ids: list[np.ndarray] = []

    @property
    def variables(self) -> tuple[str, ...]:
        """What it records."""
        return tuple(self.settings["record_from"])

    def connect(self, network: Network, nodes: Nodes) -> None:
        """Sample nodes from now on.

        Parameters
        ----------
        network : Network
            Network that is given the probe.
        nodes : Nodes
            The nodes.
        """
        if not self.variables:
            raise IllegalConnection(
                "A multimeter must know what it records before it is connected",
                do='Set record_from, for example {"record_from": ["V_m"]}',
            )
        if any(np.isin(nodes.ids, ids).any() for ids in self._ids):
            raise IllegalConnection("Each node must be connected once to a multimeter")
        interval, offset = self.settings["interval"], self.settings["offset"]
        probe = network.record(nodes, *self.variables, interval_ms=interval, offset_ms=offset)
        network.probes[-1] = self._within_window(probe)
        self.probes.append(len(network.probes) - 1)
        self._ids.append(nodes.ids)

    def take_samples(self, samples: tuple[tuple[np.ndarray, np.ndarray], ...]) -> None:
        """Keep its samples of a run, ordered by time, then by node.

        Parameters
        ----------
        samples : tuple of (ndarray, ndarray)
            Steps and values of each probe of the network.
        """
        mine = [samples[probe] for probe in self.probes if probe < len(samples)]
        if not mine:
            return
        steps = mine[0][0]
        values = np.concatenate([each[1] for each in mine], axis=1)
        ids = np.concatenate(self._ids)
        columns = {name: values[:, :, k].ravel() for k, name in enumerate(self.variables)}
        self.keep(np.tile(ids, len(steps)), np.repeat(steps, len(ids)), columns)

    def set(self, changes: Mapping[str, Any]) -> None:
        """Change settings; what it samples stays once it is connected.

        Parameters
        ----------
        changes : mapping of str to object
            New values by the names of NEST.
        """
        frozen = changes.keys() & {"interval", "offset", "record_from"}
        if frozen and self.probes:
            raise BadProperty(
                "interval, offset and record_from must be set before a multimeter is connected",
                got=", ".join(sorted(frozen)),
            )
        super().set(changes)

    def _check(self, settings: Mapping[str, Any]) -> None:
        names = settings["record_from"]
        if isinstance(names, str) or not all(isinstance(name, str) for name in names):
            raise TypeMismatch("record_from must be a list of names", got=repr(names))
        super()._check(settings)

    def _within_window(self, probe: Probe) -> Probe:
        start, stop = self.window
        times = self.grid.times_ms
        stop_ms = float(times(stop)) if np.isfinite(stop) else np.inf
        return replace(probe, start_ms=float(times(start)), stop_ms=stop_ms)

    def update_probes(self, network: Network) -> None:
        """Give the probes of the network its window.

        Parameters
        ----------
        network : Network
            The network.
        """
        for k in self.probes:
            network.probes[k] = self._within_window(network.probes[k])

    def _header(self) -> list[str]:
        return [*super()._header(), *self.variables]


def recorder_of(named: NamedModel, node_id: int, grid: TimeGrid) -> RecorderNode:
    """Return a new recorder.

    Parameters
    ----------
    named : NamedModel
        Its model.
    node_id : int
        Its id.
    grid : TimeGrid
        Grid of the network.
    """
    if issubclass(named.cls, Multimeter):
        return MeterNode(named, node_id, grid)
    if issubclass(named.cls, WeightRecorder):
        return WeightRecorderNode(named, node_id, grid)
    return SpikeRecorderNode(named, node_id, grid)
