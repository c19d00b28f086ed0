"""Collections of nodes, as scripts for NEST know them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from tripartite.networks.pynest._kernel import kernel
from tripartite.networks.pynest.errors import (
    BadIndex,
    BadParameter,
    BadProperty,
    BadType,
    KernelException,
    UnknownKey,
    UnknownNode,
)
from tripartite.networks.pynest.values import given_out, merged, per_item


class NodeCollection:
    """Nodes, in the order of their ids.

    Parameters
    ----------
    node_ids : iterable of int, optional
        Ids of nodes that exist, ascending and without repeats.

    Examples
    --------
    >>> import tripartite.networks.pynest as nest
    >>> nest.ResetKernel()
    >>> neurons = nest.Create("aeif_cond_alpha_astro", 4)
    >>> astrocytes = nest.Create("astrocyte_lr_1994", 2)
    >>> (neurons[::2] + astrocytes).tolist()
    [1, 3, 5, 6]
    >>> neurons[1].V_m = -60.0
    >>> neurons.V_m
    (-70.6, -60.0, -70.6, -70.6)
    """

    __slots__ = ("_ids", "_network")

    def __init__(self, node_ids: Iterable[int] = ()) -> None:
        if isinstance(node_ids, NodeCollection):
            node_ids = node_ids._ids
        ids = np.asarray(node_ids if isinstance(node_ids, np.ndarray) else [*node_ids])
        if ids.size and ids.dtype.kind not in "iu":
            raise BadType("Node ids must be whole numbers", got=repr(node_ids))
        if np.any(np.diff(ids) <= 0):
            raise BadProperty("Node ids must be ascending and without repeats", got=ids.tolist())
        if ids.size and (ids[0] < 1 or ids[-1] > kernel.network.n_nodes):
            raise UnknownNode(
                f"Node ids must be from 1 to {kernel.network.n_nodes}", got=f"{ids[0]} to {ids[-1]}"
            )
        object.__setattr__(self, "_ids", ids.astype(np.int64))
        object.__setattr__(self, "_network", kernel.network)

    @property
    def ids(self) -> np.ndarray:
        """Ids of the nodes, while the network exists that they belong to."""
        if len(self._ids) and self._network is not kernel.network:
            raise KernelException(
                "Nodes must be of the present network",
                got=f"{len(self._ids)} nodes from before ResetKernel",
                do="Create them again",
            )
        return self._ids

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[NodeCollection]:
        return (self._with(self._ids[k : k + 1]) for k in range(len(self)))

    def __contains__(self, node: Any) -> bool:
        ids = node._ids if isinstance(node, NodeCollection) else np.atleast_1d(node)
        return len(ids) > 0 and bool(np.isin(ids, self._ids).all())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NodeCollection):
            return NotImplemented
        return self._network is other._network and np.array_equal(self._ids, other._ids)

    __hash__ = None  # type: ignore[assignment]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self._ids, dtype=dtype)

    def __getitem__(self, key: Any) -> NodeCollection:
        if isinstance(key, slice):
            return self._with(self._ids[self._checked(key)])
        if isinstance(key, (int, np.integer)):
            if not -len(self) <= key < len(self):
                raise BadIndex(f"The index must lie within {len(self)} nodes", got=key)
            return self._with(self._ids[[key]])
        if not isinstance(key, (list, tuple, np.ndarray)):
            raise BadIndex("Indices must be a number, a slice, a list or a mask", got=repr(key))
        return self._with(self._ids[self._positions(np.asarray(key))])

    def _checked(self, key: slice) -> slice:
        if key.step is not None and key.step < 1:
            raise BadIndex("The step of a slice must be above 0", got=key.step)
        for bound in (key.start, key.stop):
            if bound is not None and not -len(self) <= bound <= len(self):
                raise BadIndex(f"Slices must lie within {len(self)} nodes", got=bound)
        start, stop, _ = key.indices(len(self))
        if start >= stop:
            raise BadParameter("A slice must end after it starts", got=f"{start} to {stop}")
        return key

    def _positions(self, key: np.ndarray) -> np.ndarray:
        if key.dtype == bool:
            if len(key) != len(self):
                raise BadIndex(f"A mask must have {len(self)} entries", got=len(key))
            return np.flatnonzero(key)
        if not key.size:
            return np.empty(0, dtype=np.int64)
        if key.dtype.kind not in "iu" or key.ndim != 1:
            raise BadIndex("A list of indices must hold whole numbers", got=key.tolist())
        if key.min() < -len(self) or key.max() >= len(self):
            raise BadIndex(f"Indices must lie within {len(self)} nodes", got=key.tolist())
        positions = np.where(key < 0, key + len(self), key)
        if np.any(np.diff(positions) <= 0):
            raise BadProperty("Indices must be ascending and without repeats", got=key.tolist())
        return positions

    def __add__(self, other: Any) -> NodeCollection:
        if not isinstance(other, NodeCollection):
            raise BadType("Only nodes can be added to nodes", got=type(other).__name__)
        both = np.sort(np.concatenate([self.ids, other.ids]))
        if np.any(np.diff(both) == 0):
            raise BadProperty(
                "Nodes that are added must not be in both",
                got=int(both[:-1][np.diff(both) == 0][0]),
            )
        return self._with(both)

    @property
    def spatial(self) -> None:
        """Positions, which nodes do not have here."""
        return None

    @property
    def global_id(self) -> int | tuple[int, ...]:
        """Ids of the nodes; a number where there is one."""
        return int(self._ids[0]) if len(self) == 1 else tuple(self._ids.tolist())

    def tolist(self) -> list[int]:
        """Return the ids."""
        return self._ids.tolist()

    def index(self, node_id: int) -> int:
        """Return the position of a node.

        Parameters
        ----------
        node_id : int
            Its id.
        """
        if node_id not in self:
            raise BadParameter("The node must be in the collection", got=node_id)
        return int(np.searchsorted(self._ids, node_id))

    def get(self, *params: Any, output: str = "") -> Any:
        """Return what the nodes have.

        Parameters
        ----------
        *params : str or list of str
            Names; all without. After a name whose value is a dictionary, names within that.
        output : {"", "pandas", "json"}
            Form.

        Returns
        -------
        object
            For one name a tuple, or the value where there is one node; else a dictionary of these.
        """
        names = params[0] if params else sorted(self._known())
        if isinstance(names, str):
            values = self._values(names)
            if len(params) > 1:
                values = [_within(each, params[1]) for each in values]
            answer = values[0] if len(self) == 1 else tuple(values)
            return given_out({names: answer}, self._ids.tolist(), output) if output else answer
        table = {name: self.get(name) for name in names}
        return given_out(table, self._ids.tolist(), output) if output else table

    def set(self, params: Any = None, **named: Any) -> None:
        """Give the nodes other values.

        Parameters
        ----------
        params : dict, or list of dict, optional
            Values by name, for all nodes or for each: numbers, a list with one entry for each node,
            or a `nest.random` parameter.
        **named : object
            The same.
        """
        if (params is None) == (not named):
            raise BadType("Values must be passed either as dictionary or by name")
        for part, values in merged(named or params, len(self)):
            ids = self.ids[part]
            groups = list(kernel.split(ids))
            whole = set().union(*(group.whole() for group, _, _ in groups))
            arrays = per_item(values, len(ids), whole)
            for group, indices, places in groups:
                here = {
                    name: value[places]
                    if isinstance(value, np.ndarray) and name not in whole
                    else value
                    for name, value in arrays.items()
                }
                group.set(indices, here)

    def _with(self, ids: np.ndarray) -> NodeCollection:
        """Return nodes of the same network whose ids are known to be good."""
        nodes = object.__new__(NodeCollection)
        object.__setattr__(nodes, "_ids", ids)
        object.__setattr__(nodes, "_network", self._network)
        return nodes

    def _known(self) -> set[str]:
        return set().union(*(group.known() for group, _, _ in kernel.split(self.ids)))

    def _values(self, name: str) -> list[Any]:
        values: list[Any] = []
        groups = list(kernel.split(self.ids))
        several = {group.named.name for group, _, _ in groups}
        anywhere = any(name in group.known() for group, _, _ in groups)
        for group, indices, _ in groups:
            if len(several) > 1 and anywhere and name not in group.known():
                values += [None] * len(indices)
            else:
                values += group.get(name, indices)
        return values

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        self.set({name: value})

    def __repr__(self) -> str:
        if not len(self):
            return "NodeCollection(<empty>)"
        parts = [
            f"model={group.named.name}, size={len(indices)}, {_span(group.first_id + indices)}"
            for group, indices, _ in kernel.split(self.ids)
        ]
        return f"NodeCollection(metadata=None, {'; '.join(parts)})"


def _within(value: Any, names: Any) -> Any:
    if not isinstance(value, Mapping):
        raise BadType("Only a dictionary, such as events, has names within", got=repr(value))
    if not isinstance(names, str):
        return {name: _within(value, name) for name in names}
    if names not in value:
        raise UnknownKey("The name must be known", got=names, do=f"Known are {', '.join(value)}")
    return value[names]


def _span(ids: np.ndarray) -> str:
    if len(ids) == 1:
        return f"first={ids[0]}"
    steps = np.unique(np.diff(ids))
    step = "" if steps[0] == 1 else f", step={steps[0]}"
    irregular = ", not evenly spaced" if len(steps) > 1 else step
    return f"first={ids[0]}, last={ids[-1]}{irregular}"
