"""What the engine needs to know of a model of neurons or astrocytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from tripartite.networks.parameters import Floats, Model


@dataclass(frozen=True, kw_only=True)
class NodeModel(Model):
    """Base of the models whose nodes have a state that the engine advances.

    The compiled part of a model is its right-hand side, a function ``slopes(state, inputs,
    constants)`` of three records: `State`, `Inputs` (see `engine.rows`) and `Constants`.
    """

    #: Which compiled step advances the nodes.
    kind: ClassVar[str] = ""
    #: Record types of the state variables, under the names of NEST, and of the constants.
    State: ClassVar[Any] = None
    Constants: ClassVar[Any] = None
    #: What can be recorded, under the names of NEST.
    recordables: ClassVar[tuple[str, ...]] = ()
    #: Whether slow inward currents of astrocytes may arrive, and whether they are sent.
    receives_sic: ClassVar[bool] = False
    sends_sic: ClassVar[bool] = False
    #: Whether spikes are sent, and whether negative weights may arrive.
    spikes: ClassVar[bool] = True
    accepts_inhibition: ClassVar[bool] = True

    @classmethod
    def constants(cls, values: Mapping[str, Any], resolution_ms: float) -> Mapping[str, Any]:
        """Return the numbers of `Constants`.

        Parameters
        ----------
        values : mapping of str to float or ndarray
            Parameters by the names of NEST.
        resolution_ms : float
            Step of the time grid (ms).

        Returns
        -------
        mapping of str to float or ndarray
            One entry per field of `Constants`.
        """
        raise NotImplementedError

    @classmethod
    def initial(cls, values: Mapping[str, Any]) -> Mapping[str, float | Floats]:
        """Return the initial values of the fields of `State`.

        Parameters
        ----------
        values : mapping of str to float or ndarray
            Parameters by the names of NEST.
        """
        return {name: values.get(name, 0.0) for name in cls.State._fields}
