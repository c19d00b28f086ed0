"""Models by the names of NEST, their defaults, and the named variants that scripts make of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tripartite.networks.devices.alternating_current import AlternatingCurrent
from tripartite.networks.devices.current_noise import CurrentNoise
from tripartite.networks.devices.direct_current import DirectCurrent
from tripartite.networks.devices.inhomogeneous_poisson import InhomogeneousPoisson
from tripartite.networks.devices.poisson import Poisson
from tripartite.networks.devices.spike_times import SpikeTimes
from tripartite.networks.devices.step_current import StepCurrent
from tripartite.networks.distributions import Distribution
from tripartite.networks.models.adex import AdEx, AdExAstro
from tripartite.networks.models.iaf import IafCondAlpha, IafCondAlphaAstro
from tripartite.networks.models.li_rinzel import LiRinzel
from tripartite.networks.models.parrot import Parrot
from tripartite.networks.parameters import Model
from tripartite.networks.pynest.errors import (
    BadProperty,
    KernelException,
    NewModelNameExists,
    UnaccessedDictionaryEntry,
    UnknownComponent,
    UnknownModelName,
    UnknownSynapseType,
    did_you_mean,
    raised_as,
)
from tripartite.networks.pynest.recorder_models import (
    Multimeter,
    Recorder,
    SpikeRecorder,
    Voltmeter,
    WeightRecorder,
)
from tripartite.networks.synapses.sic import Sic
from tripartite.networks.synapses.static import Static
from tripartite.networks.synapses.synapse import Synapse
from tripartite.networks.synapses.tsodyks import Tsodyks

_NODES: tuple[type[Model], ...] = (
    *(AdEx, AdExAstro, IafCondAlpha, IafCondAlphaAstro, LiRinzel, Parrot),
    *(Poisson, InhomogeneousPoisson, SpikeTimes, DirectCurrent, StepCurrent),
    *(AlternatingCurrent, CurrentNoise),
    *(SpikeRecorder, Multimeter, Voltmeter, WeightRecorder),
)
_SYNAPSES: tuple[type[Model], ...] = (Sic, Static, Tsodyks)

# What all synapse models have besides the parameters of `Synapse`.
_SYNAPSE_EXTRAS: Mapping[str, Any] = {"receptor_type": 0, "weight_recorder": None}


@dataclass(frozen=True, kw_only=True)
class NamedModel:
    """A model under a name, with the defaults that were set for it.

    Parameters
    ----------
    name : str
        Name.
    cls : type of Model
        The model.
    defaults : mapping of str to object
        Values that differ from those of the model.
    """

    name: str
    cls: type[Model]
    defaults: Mapping[str, Any]

    @property
    def is_synapse(self) -> bool:
        """Whether it is a model of connections."""
        return issubclass(self.cls, Synapse)

    def known(self) -> list[str]:
        """Return the names of what can be set."""
        return [*self.cls.parameters(), *self._extras()]

    def values(self) -> dict[str, Any]:
        """Return the defaults of all that can be set."""
        plain = {each.nest_name: each.default for each in self.cls.parameters().values()}
        return {**plain, **self._extras(), **self.defaults}

    def with_defaults(self, changes: Mapping[str, Any]) -> NamedModel:
        """Return the model with other defaults.

        Parameters
        ----------
        changes : mapping of str to object
            New defaults by the names of NEST.
        """
        check_names(changes, self.known(), f"defaults of {self.name}")
        defaults = {**self.defaults, **changes}
        numbers = {k for k, each in self.cls.parameters().items() if each.role != "series"}
        for name in numbers & changes.keys():
            if np.ndim(changes[name]) and not isinstance(changes[name], Distribution):
                raise BadProperty(f"The default of {name} must be one number", got=changes[name])
        with raised_as(BadProperty, self.name):
            self.cls.from_nest({k: v for k, v in defaults.items() if k in self.cls.parameters()})
        return NamedModel(name=self.name, cls=self.cls, defaults=defaults)

    def _extras(self) -> Mapping[str, Any]:
        if self.is_synapse:
            return _SYNAPSE_EXTRAS
        if issubclass(self.cls, Recorder):
            return self.cls.extras
        roles = {each.role for each in self.cls.parameters().values() if each.unit == "ms"}
        return {"allow_offgrid_times": False} if "series" in roles else {}


class Models:
    """All models of a session, by name."""

    def __init__(self) -> None:
        both = (*_NODES, *_SYNAPSES)
        self._known = {
            cls.model_name: NamedModel(name=cls.model_name, cls=cls, defaults={}) for cls in both
        }

    def names(self, *, synapses: bool) -> list[str]:
        """Return the names of the node models or of the synapse models.

        Parameters
        ----------
        synapses : bool
            Which of the two.
        """
        return [name for name, each in self._known.items() if each.is_synapse == synapses]

    def node(self, name: Any) -> NamedModel:
        """Return a model of nodes.

        Parameters
        ----------
        name : str
            Its name.
        """
        return self._find(name, self.names(synapses=False), UnknownModelName, "node model")

    def synapse(self, name: Any) -> NamedModel:
        """Return a model of connections.

        Parameters
        ----------
        name : str
            Its name.
        """
        return self._find(name, self.names(synapses=True), UnknownSynapseType, "synapse model")

    def any(self, name: Any) -> NamedModel:
        """Return a model.

        Parameters
        ----------
        name : str
            Its name.
        """
        return self._find(name, list(self._known), UnknownComponent, "model")

    def set_defaults(self, name: str, changes: Mapping[str, Any]) -> None:
        """Change the defaults of a model.

        Parameters
        ----------
        name : str
            Its name.
        changes : mapping of str to object
            New defaults by the names of NEST.
        """
        self._known[name] = self.any(name).with_defaults(changes)

    def copy(self, name: str, new: str, changes: Mapping[str, Any]) -> None:
        """Make a variant of a model.

        Parameters
        ----------
        name, new : str
            Names of the model and of the variant.
        changes : mapping of str to object
            Defaults of the variant that differ.
        """
        if new in self._known:
            raise NewModelNameExists("The name of a copied model must be new", got=repr(new))
        original = self._find(name, list(self._known), UnknownModelName, "model")
        variant = NamedModel(name=new, cls=original.cls, defaults=original.defaults)
        self._known[new] = variant.with_defaults(changes)

    def _find(
        self, name: Any, among: Sequence[str], error: type[KernelException], what: str
    ) -> NamedModel:
        if name not in among:
            raise error(f"The {what} must be known", got=repr(name), do=did_you_mean(name, among))
        return self._known[name]


def check_names(names: Mapping[str, Any], known: Sequence[str], what: str) -> None:
    """Raise an error if a dictionary names a parameter that does not exist.

    Parameters
    ----------
    names : mapping
        The dictionary.
    known : sequence of str
        Names that exist.
    what : str
        What the parameters belong to.
    """
    for name in names:
        if name not in known:
            raise UnaccessedDictionaryEntry(
                f"The {what} must be known", got=repr(name), do=did_you_mean(name, known)
            )
