"""Populations of nodes, and selections of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tripartite.core.checks import check_type
from tripartite.errors import InputError
from tripartite.networks.parameters import Model


@dataclass(kw_only=True, eq=False)
class Population:
    """Nodes of one model, which may be exchanged for one with other parameters between runs.

    Parameters
    ----------
    number : int
        Which population of the network it is, from 0.
    name : str
        Name.
    model : Model
        Model with its parameters.
    size : int
        Number of nodes.
    first_id : int
        Id of the first node; ids count from 1 over the whole network, as in NEST.
    """

    number: int
    name: str
    model: Model
    size: int
    first_id: int

    @property
    def ids(self) -> NDArray[np.int64]:
        """Ids of all nodes."""
        return np.arange(self.first_id, self.first_id + self.size)


@dataclass(frozen=True, eq=False)
class Nodes:
    """An ordered selection of nodes of one or more populations.

    It has a length, can be iterated (over single nodes), sliced, indexed with a list of positions
    or a mask, and added to another selection.

    Parameters
    ----------
    parts : tuple of (Population, ndarray of int)
        Populations, in the order of their ids, with the indices of the nodes within each.

    Examples
    --------
    >>> from tripartite import networks as tn
    >>> net = tn.Network(seed=1)
    >>> exc = net.population("exc", tn.AdEx(), 8)
    >>> inh = net.population("inh", tn.AdEx(), 2)
    >>> (exc[::4] + inh).ids
    array([ 1,  5,  9, 10])
    """

    parts: tuple[tuple[Population, NDArray[np.int64]], ...]

    @classmethod
    def whole(cls, population: Population) -> Nodes:
        """Return all nodes of a population.

        Parameters
        ----------
        population : Population
            Whose.
        """
        return cls(((population, np.arange(population.size)),))

    @property
    def ids(self) -> NDArray[np.int64]:
        """Id of each node."""
        return np.concatenate(
            [population.first_id + chosen for population, chosen in self.parts]
            or [np.empty(0, dtype=np.int64)]
        )

    @property
    def populations(self) -> tuple[Population, ...]:
        """The populations that the nodes belong to."""
        return tuple(population for population, _ in self.parts)

    @property
    def model(self) -> Model:
        """The model of the nodes, where they have one.

        Raises
        ------
        InputError
            If they belong to populations of several models.
        """
        models = {id(population.model): population.model for population in self.populations}
        if len(models) != 1:
            raise InputError(
                "The nodes must be of one population to have one model",
                got=[population.name for population in self.populations],
            )
        return next(iter(models.values()))

    def __len__(self) -> int:
        return sum(len(chosen) for _, chosen in self.parts)

    def __iter__(self) -> Iterator[Nodes]:
        for population, chosen in self.parts:
            for index in chosen:
                yield Nodes(((population, np.array([index])),))

    def __contains__(self, node: Any) -> bool:
        ids = node.ids if isinstance(node, Nodes) else np.atleast_1d(node)
        return bool(np.isin(ids, self.ids).all())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Nodes) and np.array_equal(self.ids, other.ids)

    def __hash__(self) -> int:
        return hash(self.ids.tobytes())

    def __getitem__(self, which: Any) -> Nodes:
        positions = np.arange(len(self))
        try:
            taken = np.atleast_1d(positions[which])
        except IndexError as error:
            raise InputError(
                f"Positions must lie within the {len(self)} nodes of the selection", got=which
            ) from error
        if np.any(np.diff(taken) <= 0):
            raise InputError(
                "Positions must be ascending and without repeats",
                got=which,
                do="Sort them; the order of nodes in a selection is that of their ids",
            )
        parts, first = [], 0
        for population, chosen in self.parts:
            inside = taken[(taken >= first) & (taken < first + len(chosen))] - first
            if inside.size:
                parts.append((population, chosen[inside]))
            first += len(chosen)
        return Nodes(tuple(parts))

    def __add__(self, other: Nodes) -> Nodes:
        check_type(other, Nodes, name="what is added to nodes")
        chosen: dict[int, tuple[Population, list[NDArray[np.int64]]]] = {}
        for population, indices in (*self.parts, *other.parts):
            chosen.setdefault(population.number, (population, []))[1].append(indices)
        parts = []
        for number in sorted(chosen):
            population, pieces = chosen[number]
            indices = np.concatenate(pieces)
            if len(np.unique(indices)) < len(indices):
                raise InputError(
                    "Selections that are added must not share nodes",
                    got=f"nodes of {population.name!r} twice",
                )
            parts.append((population, np.sort(indices)))
        return Nodes(tuple(parts))

    def __repr__(self) -> str:
        parts = [f"{len(chosen)} of {pop.name!r}" for pop, chosen in self.parts]
        return f"<Nodes: {', '.join(parts) or 'none'}>"
