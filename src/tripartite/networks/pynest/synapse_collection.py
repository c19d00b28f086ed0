"""Collections of connections, as scripts for NEST know them."""

# ruff: noqa: N802 - the names are those of NEST

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tripartite.networks.projection import Projection
from tripartite.networks.pynest._kernel import kernel
from tripartite.networks.pynest.connection_table import Where, all_parts, find, put, rank
from tripartite.networks.pynest.errors import (
    BadIndex,
    BadType,
    KernelException,
    UnknownKey,
    did_you_mean,
)
from tripartite.networks.pynest.models import check_names
from tripartite.networks.pynest.node_collection import NodeCollection
from tripartite.networks.pynest.synapse_values import FACTS, places_between, read, with_values
from tripartite.networks.pynest.values import given_out, is_list, merged, per_item

# Longer tables are shown by their ends.
_MOST_ROWS = 36


class _Flat(NamedTuple):
    """For each connection of a collection its part, and the place within."""

    parts: np.ndarray
    places: np.ndarray


class SynapseCollection:
    """Connections, ordered by synapse model, then by source.

    Nothing is copied until it is asked for: a collection of millions of connections is small.

    Examples
    --------
    >>> import tripartite.networks.pynest as nest
    >>> nest.ResetKernel()
    >>> neurons = nest.Create("iaf_cond_alpha", 3)
    >>> nest.Connect(neurons, neurons, "one_to_one", {"weight": [1.0, 2.0, 3.0]})
    >>> connections = nest.GetConnections(neurons[1:])
    >>> list(connections.sources()), connections.weight
    ([2, 3], [2.0, 3.0])
    >>> connections.weight = 5.0
    >>> print(nest.GetConnections())
     source   target    synapse model     weight    delay
          1        1   static_synapse          1        1
          2        2   static_synapse          5        1
          3        3   static_synapse          5        1
    """

    __slots__ = ("_chosen", "_flat", "_network", "_where")

    def __init__(self, where: Sequence[Where], chosen: Sequence[np.ndarray | None]) -> None:
        """Hold the connections at `chosen` places (None: all) of the parts at `where`."""
        for name, value in {
            "_network": kernel.network,
            "_where": tuple(where),
            "_chosen": tuple(chosen),
            "_flat": None,
        }.items():
            object.__setattr__(self, name, value)

    @classmethod
    def of(cls, where: Sequence[Where]) -> SynapseCollection:
        """Return all connections of some parts.

        Parameters
        ----------
        where : sequence
            Where they are.
        """
        return cls(where, [None] * len(where))

    def __len__(self) -> int:
        if self._flat is not None:
            return len(self._flat.places)
        parts = self._parts()
        return sum(
            part.n_connections if places is None else len(places)
            for part, places in zip(parts, self._chosen, strict=True)
        )

    def __iter__(self) -> Iterator[SynapseCollection]:
        return (self[k] for k in range(len(self)))

    def __getitem__(self, key: Any) -> SynapseCollection:
        if isinstance(key, (int, np.integer)):
            if not -len(self) <= key < len(self):
                raise BadIndex(f"The index must lie within {len(self)} connections", got=key)
            key = slice(key, key + 1 or None)
        elif not isinstance(key, slice):
            raise BadType("Indices of connections must be numbers or slices", got=repr(key))
        flat = self._order()
        some = SynapseCollection(self._where, self._chosen)
        object.__setattr__(some, "_flat", _Flat(flat.parts[key], flat.places[key]))
        return some

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SynapseCollection):
            return NotImplemented
        return len(self) == len(other) and all(
            self.get(name) == other.get(name) for name in ("source", "target", "synapse_model")
        )

    __hash__ = None  # type: ignore[assignment]

    def sources(self) -> Iterator[int]:
        """Return the ids of the sources, one after the other."""
        return iter(self._column("source"))

    def targets(self) -> Iterator[int]:
        """Return the ids of the targets, one after the other."""
        return iter(self._column("target"))

    def get(self, keys: Any = None, output: str = "") -> Any:
        """Return what the connections have.

        Parameters
        ----------
        keys : str or list of str, optional
            Names; all without.
        output : {"", "pandas", "json"}
            Form.

        Returns
        -------
        object
            For one name a list, or the value where there is one connection; else a dictionary of
            these.
        """
        if not len(self):
            return () if isinstance(keys, str) else {}
        if isinstance(keys, str) and not output:
            return self._column(keys)[0] if len(self) == 1 else self._column(keys)
        names = [keys] if isinstance(keys, str) else keys or sorted(self._known())
        if not is_list(names):
            raise BadType("Names must be passed as a word or a list", got=repr(keys))
        table = {name: self.get(name) for name in names}
        return given_out(table, self._column("source"), output) if output else table

    def set(self, params: Any = None, **named: Any) -> None:
        """Give the connections other values.

        Parameters
        ----------
        params : dict, or list of dict, optional
            Values by name, for all connections or for each: numbers, a list with one entry for each
            connection, or a `nest.random` parameter.
        **named : object
            The same.
        """
        if (params is None) == (not named):
            raise BadType("Values must be passed either as dictionary or by name")
        for part, values in merged(named or params, len(self)):
            some = self if part == slice(0, len(self)) else self[part]
            some._set(per_item(values, len(some)))

    def _set(self, values: Mapping[str, Any]) -> None:
        flat = self._order()
        for number, part in enumerate(self._parts()):
            mine = flat.parts == number
            if not mine.any():
                continue
            check_names(values, [*part.synapse.parameters()], f"parameters of {part.label}")
            places = flat.places[mine]
            new = {}
            for name, value in values.items():
                value = value[mine] if isinstance(value, np.ndarray) else value
                if isinstance(value, np.ndarray) or len(places) < part.n_connections:
                    column = read(part, name, None)
                    column[places] = value
                    value = column
                new[name] = value
            put(self._where[number], with_values(part, new))

    def _order(self) -> _Flat:
        if self._flat is None:
            parts, chosen = self._parts(), self._chosen
            pieces = [
                np.arange(part.n_connections) if places is None else places
                for part, places in zip(parts, chosen, strict=True)
            ]
            lengths = [len(places) for places in pieces]
            numbers = np.repeat(np.arange(len(parts), dtype=np.int32), lengths)
            flat = _Flat(numbers, np.concatenate([np.empty(0, dtype=np.int64), *pieces]))
            if len(parts) > 1:
                ranks = np.array([rank(part) for part in parts])[numbers]
                order = np.lexsort((self._read("source", flat), ranks[:, 1], ranks[:, 0]))
                flat = _Flat(numbers[order], flat.places[order])
            object.__setattr__(self, "_flat", flat)
            return flat
        return self._flat

    def _column(self, name: str) -> list[Any]:
        if name not in self._known():
            if not len(self):
                return []
            raise UnknownKey(
                "Connections must have what is asked for",
                repr(name),
                did_you_mean(name, self._known()),
            )
        return self._read(name, self._order()).tolist()

    def _read(self, name: str, flat: _Flat) -> np.ndarray:
        parts = self._parts()
        has = [name in FACTS or name in part.values for part in parts]
        if len(parts) == 1:
            whole = len(flat.places) == parts[0].n_connections
            return read(parts[0], name, None if whole and self._chosen[0] is None else flat.places)
        numbers = name in ("source", "target", *FACTS[3:])
        kind: Any = np.int64 if numbers else float if all(has) and name not in FACTS else object
        values = np.full(len(flat.places), None if kind is object else 0, dtype=kind)
        for number, part in enumerate(parts):
            mine = flat.parts == number
            if has[number] and mine.any():
                values[mine] = read(part, name, flat.places[mine])
        return values

    def _known(self) -> set[str]:
        return {*FACTS, *(name for part in self._parts() for name in part.values)}

    def _parts(self) -> list[Projection]:
        if self._where and self._network is not kernel.network:
            raise KernelException(
                "Connections must be of the present network",
                got="connections from before ResetKernel",
                do="Get them again",
            )
        return [find(where) for where in self._where]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        self.set({name: value})

    def __repr__(self) -> str:
        return f"<SynapseCollection: {len(self)} connection{'s' * (len(self) != 1)}>"

    def __str__(self) -> str:
        if not len(self):
            return "The synapse collection does not contain any connections."
        half = _MOST_ROWS // 2
        shown = [self] if len(self) <= _MOST_ROWS else [self[:half], self[-half:]]
        lines = [" source   target    synapse model     weight    delay"]
        names = ("source", "target", "synapse_model", "weight", "delay")
        for number, part in enumerate(shown):
            lines += ["      ⋮        ⋮                ⋮          ⋮        ⋮"] * number
            columns = (part._column(name) for name in names)
            lines += [
                f"{s:7d}  {t:7d}  {m:>15s}  {w:9.4g}  {d:7.4g}"
                for s, t, m, w, d in zip(*columns, strict=True)
            ]
        return "\n".join(lines)


def GetConnections(
    source: NodeCollection | None = None,
    target: NodeCollection | None = None,
    synapse_model: str | None = None,
    synapse_label: int | None = None,
) -> SynapseCollection:
    """Return connections.

    Parameters
    ----------
    source, target : NodeCollection, optional
        Nodes that they start and end at; any without.
    synapse_model : str, optional
        Name of their model; any without.
    synapse_label : int, optional
        Label, which no connection has here.
    """
    for name, nodes in {"source": source, "target": target}.items():
        if nodes is not None and not isinstance(nodes, NodeCollection):
            raise BadType(f"{name} must be a NodeCollection", got=type(nodes).__name__)
    if synapse_model is not None:
        kernel.models.synapse(synapse_model)
    ids = [None if nodes is None else nodes.ids for nodes in (source, target)]
    where, chosen = [], []
    for place, part in all_parts() if synapse_label is None else ():
        if synapse_model is None or part.label == synapse_model:
            places = places_between(part, *ids)
            if places is None or len(places):
                where.append(place)
                chosen.append(places)
    return SynapseCollection(where, chosen)
