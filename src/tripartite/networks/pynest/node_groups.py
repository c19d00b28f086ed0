"""Nodes of one model that were created together, and what can be asked and set of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tripartite.networks.models.adex import steps_of
from tripartite.networks.models.node_model import NodeModel
from tripartite.networks.nodes import Population
from tripartite.networks.parameters import Model
from tripartite.networks.pynest.errors import BadProperty, UnknownKey, did_you_mean, raised_as
from tripartite.networks.pynest.models import NamedModel, check_names
from tripartite.networks.pynest.recorder_models import Recorder
from tripartite.networks.pynest.recorders import MeterNode, recorder_of

if TYPE_CHECKING:
    from tripartite.networks.pynest._kernel import Kernel

Indices = np.ndarray

# Settings of recorders that take a list as one value.
_LISTS = {"record_from", "senders", "targets"}
# Times of changes, and what changes then.
_CHANGES = {"amplitude_times": "amplitude_values", "rate_times": "rate_values"}
# Devices that stop after this never stop.
_LATEST_MS = 1e15


class NodeGroup(ABC):
    """Base of the groups of nodes.

    Parameters
    ----------
    kernel : Kernel
        State of the session.
    named : NamedModel
        Model of the nodes.
    population : Population
        The nodes in the network.
    """

    element_type = "neuron"

    def __init__(self, kernel: Kernel, named: NamedModel, population: Population) -> None:
        self.kernel, self.named = kernel, named
        self.number, self.first_id, self.size = (
            population.number,
            population.first_id,
            population.size,
        )

    @property
    def population(self) -> Population:
        """The nodes in the network, as they are now."""
        return self.kernel.network.populations[self.number]

    def whole(self) -> set[str]:
        """Return the names of what takes a list as one value."""
        known = self.named.cls.parameters()
        return {name for name, each in known.items() if each.role == "series"} | _LISTS

    def settable(self) -> list[str]:
        """Return the names of what can be set."""
        return self.named.known()

    def known(self) -> list[str]:
        """Return the names of what can be asked for, in order."""
        return sorted({*self.settable(), *self._facts()})

    def get(self, name: str, indices: Indices) -> list[Any]:
        """Return what some nodes have.

        Parameters
        ----------
        name : str
            Of what.
        indices : int64 ndarray
            Which nodes of the group.
        """
        if name == "global_id":
            return (self.first_id + indices).tolist()
        facts = self._facts()
        if name in facts:
            return [facts[name]] * len(indices)
        if name not in self.settable():
            raise UnknownKey(
                f"{self.named.name} must have what is asked for",
                got=repr(name),
                do=did_you_mean(name, self.known()),
            )
        return self._get(name, indices)

    def set(self, indices: Indices, values: Mapping[str, Any]) -> None:
        """Give some nodes other values.

        Parameters
        ----------
        indices : int64 ndarray
            Which nodes of the group.
        values : mapping of str to object
            By the names of NEST: a value for all, or an array with one for each.
        """
        check_names(values, self.settable(), f"parameters of {self.named.name}")
        with raised_as(BadProperty, self.named.name):
            self._set(indices, values)

    def _facts(self) -> dict[str, Any]:
        facts = {"model": self.named.name, "element_type": self.element_type, "global_id": 0}
        return {**facts, "local": True, "frozen": False, "thread": 0, "vp": 0}

    @abstractmethod
    def _get(self, name: str, indices: Indices) -> list[Any]: ...

    @abstractmethod
    def _set(self, indices: Indices, values: Mapping[str, Any]) -> None: ...


class NeuronGroup(NodeGroup):
    """Neurons or astrocytes: nodes with a state."""

    def _facts(self) -> dict[str, Any]:
        recordables = getattr(self.named.cls, "recordables", ())
        return {**super()._facts(), "recordables": sorted(recordables)}

    def _get(self, name: str, indices: Indices) -> list[Any]:
        return self._values(name)[indices].tolist()

    def _set(self, indices: Indices, values: Mapping[str, Any]) -> None:
        model, changed = self.population.model, {}
        known = type(model).parameters()
        for name, value in values.items():
            known[name].check(value)
            if len(indices) == self.size:
                changed[name] = value
            else:
                changed[name] = self._values(name).copy()
                changed[name][indices] = value
        self.kernel.change_model(
            self.number, type(model).from_nest({**model.nest_values(), **changed})
        )
        if self.kernel.simulation is not None:
            for name in changed:
                if known[name].role == "state":
                    self.kernel.simulation.set_state(self.population, name, changed[name])

    def _values(self, name: str) -> np.ndarray:
        model = self.population.model
        simulation = self.kernel.simulation
        if simulation is not None and type(model).parameters()[name].role == "state":
            return np.asarray(simulation.state(self.population, name))
        return np.broadcast_to(np.asarray(model.nest_values()[name], dtype=float), self.size)


class StimulatorGroup(NodeGroup):
    """One stimulating device."""

    element_type = "stimulator"

    def __init__(self, kernel: Kernel, named: NamedModel, population: Population) -> None:
        super().__init__(kernel, named, population)
        self._values = named.values() | population.model.nest_values()

    def _get(self, name: str, indices: Indices) -> list[Any]:
        return [shown(self._values[name])] * len(indices)

    def _set(self, indices: Indices, values: Mapping[str, Any]) -> None:
        one = {name: value_at(value, 0, name in self.whole()) for name, value in values.items()}
        one = self._values | one
        model = type(self.population.model)
        grid = self.kernel.network.grid
        for name, each in model.parameters().items():
            if each.unit == "ms" and each.role == "series" and one["allow_offgrid_times"]:
                one[name] = grid.times_ms(steps_of(one[name], grid.resolution_ms))
            elif each.unit == "ms":
                grid.steps(np.minimum(one[name], _LATEST_MS), name=name)
        checked = model.from_nest({name: one[name] for name in model.parameters()}).nest_values()
        self.kernel.change_model(self.number, model.from_nest(self._continued(checked)))
        self._values = one | checked

    def _continued(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Let what is in force stay so until the first of new changes, as it does in NEST."""
        old, now = self.population.model.nest_values(), self.kernel.time_ms
        continued = dict(values)
        for times, levels in _CHANGES.items():
            if times in values and values[times] != old[times] and now > 0:
                past, future = np.asarray(old[times]) <= now, np.asarray(values[times]) > now
                for name in (times, levels):
                    kept, new = np.asarray(old[name])[past], np.asarray(values[name])[future]
                    continued[name] = np.concatenate([kept, new])
        return continued


class RecorderGroup(NodeGroup):
    """Devices that record."""

    element_type = "recorder"

    def __init__(self, kernel: Kernel, named: NamedModel, population: Population) -> None:
        super().__init__(kernel, named, population)
        grid = kernel.network.grid
        self.recorders = [recorder_of(named, int(node_id), grid) for node_id in population.ids]

    def settable(self) -> list[str]:
        """Return the names of what can be set."""
        return [*super().settable(), "n_events"]

    def _facts(self) -> dict[str, Any]:
        return {**super()._facts(), "events": {}, "filenames": ()}

    def get(self, name: str, indices: Indices) -> list[Any]:
        """Return what some nodes have; see `NodeGroup.get`.

        Parameters
        ----------
        name, indices
            As in `NodeGroup.get`.
        """
        chosen = [self.recorders[k] for k in indices]
        if name == "events":
            return [each.read_events() for each in chosen]
        if name == "filenames":
            return [() if each.file is None else (str(each.file.path),) for each in chosen]
        return super().get(name, indices)

    def _get(self, name: str, indices: Indices) -> list[Any]:
        chosen = [self.recorders[k] for k in indices]
        if name == "n_events":
            return [each.events.n_events for each in chosen]
        return [shown(each.settings[name]) for each in chosen]

    def _set(self, indices: Indices, values: Mapping[str, Any]) -> None:
        for k, index in enumerate(indices):
            recorder = self.recorders[index]
            recorder.set({n: value_at(v, k, n in self.whole()) for n, v in values.items()})
            if isinstance(recorder, MeterNode):
                recorder.update_probes(self.kernel.network)


def group_class(model: type[Model]) -> type[NodeGroup]:
    """Return the class of the groups of nodes of a model.

    Parameters
    ----------
    model : type of Model
        The model.
    """
    if issubclass(model, Recorder):
        return RecorderGroup
    return NeuronGroup if issubclass(model, NodeModel) else StimulatorGroup


def value_at(value: Any, position: int, is_whole: bool) -> Any:
    """Return the value of one node.

    Parameters
    ----------
    value : object
        A value for all, or an array with one for each.
    position : int
        Which node.
    is_whole : bool
        Whether a list is one value.
    """
    if is_whole or not isinstance(value, np.ndarray):
        return value
    return value[position].item() if value.dtype != object else value[position]


def shown(value: Any) -> Any:
    """Return a value as scripts for NEST expect it.

    Parameters
    ----------
    value : object
        Value of a parameter.
    """
    if isinstance(value, tuple):
        texts = any(isinstance(each, str) for each in value)
        return list(value) if texts or not value else np.array(value)
    if isinstance(value, float) and np.isinf(value):
        return float(np.finfo(float).max)
    return value
