"""Drawing the connections that a description asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tripartite.errors import InputError
from tripartite.networks.distributions import Distribution
from tripartite.networks.edges import Edges
from tripartite.networks.models.node_model import NodeModel
from tripartite.networks.nodes import Nodes
from tripartite.networks.parameters import Floats
from tripartite.networks.projection import Projection, Role
from tripartite.networks.random_streams import Purpose, RandomStream
from tripartite.networks.synapses.synapse import Synapse
from tripartite.networks.time_grid import TimeGrid

if TYPE_CHECKING:
    from tripartite.networks.network import Connection

# Each connection owns the values of its primary, third_in and third_out synapses; populations own
# the numbers below.
_FIRST_OWNER = 1 << 20
_MOST_STEPS = (1 << 31) - 1
_ROLES: tuple[Role, ...] = ("primary", "third_in", "third_out")


def realise(
    connection: Connection, seed: int, grid: TimeGrid, n_threads: int = 1
) -> tuple[Projection, ...]:
    """Return the connections that were asked for: the primary ones, then those of third factors.

    Parameters
    ----------
    connection : Connection
        What was asked for.
    seed : int
        Seed of the network.
    grid : TimeGrid
        Grid that delays are rounded to.
    n_threads : int
        Threads to draw with.

    Raises
    ------
    InputError
        If the rule cannot hold, or a value does not.
    """
    pre, post, third = connection.pre, connection.post, connection.third
    stream = RandomStream(seed, Purpose.CONNECTIONS, connection.number)
    edges = connection.rule.realise(
        len(pre), len(post), selves=_selves(pre, post), stream=stream, n_threads=n_threads
    )
    draw = _Drawing(connection.number, seed, grid)
    parts = [draw.projection("primary", pre, post, edges, connection.synapse)]
    if third is not None:
        made = third.rule.realise(edges, len(third.nodes), stream=stream, n_threads=n_threads)
        parts.append(draw.projection("third_in", pre, third.nodes, made.third_in, third.third_in))
        parts.append(
            draw.projection(
                "third_out", third.nodes, post, made.third_out, third.third_out, made.pools
            )
        )
    return tuple(parts)


class _Drawing:
    """Gives edges the values of their synapses."""

    def __init__(self, number: int, seed: int, grid: TimeGrid) -> None:
        self.number, self.seed, self.grid = number, seed, grid

    def projection(
        self,
        role: Role,
        pre: Nodes,
        post: Nodes,
        edges: Edges,
        synapse: Synapse,
        pools: NDArray[np.int32] | None = None,
    ) -> Projection:
        if any(_differs(value) for value in synapse.nest_values().values()):
            edges = edges.expand()  # entries that differ cannot stand for several connections
        owner = _FIRST_OWNER + len(_ROLES) * self.number + _ROLES.index(role)
        values = synapse.drawn(edges.n_connections, self.seed, owner)
        values["delay"] = self._on_grid(synapse.delay_ms, values["delay"])
        check_weights(values["weight"], pre, post)
        return Projection(
            number=self.number,
            role=role,
            pre=pre,
            post=post,
            edges=edges,
            synapse=type(synapse),
            values=values,
            pools=pools,
        )

    def _on_grid(self, asked: Any, delays: float | Floats) -> float | Floats:
        if isinstance(asked, Distribution):
            least = self.grid.resolution_ms
            return np.maximum(np.rint(np.asarray(delays) / least), 1) * least
        steps = self.grid.steps(delays, name="delay_ms", least=1)
        if np.max(steps, initial=0) > _MOST_STEPS:
            raise InputError(
                f"delay_ms must be at most {_MOST_STEPS} steps", got=f"{np.max(delays):g} ms"
            )
        return delays


def check_weights(weights: float | Floats, pre: Nodes, post: Nodes) -> None:
    """Raise an `InputError` if inhibition ends at a model that takes none.

    Parameters
    ----------
    weights : float or ndarray
        Weights of connections.
    pre, post : Nodes
        Their sources and targets; currents may have any weight.
    """
    carried = {getattr(each.model, "gives", "spikes") for each in pre.populations}
    if carried <= {"current", "noise"} or not np.any(np.asarray(weights) < 0):
        return
    for population in post.populations:
        model = population.model
        if isinstance(model, NodeModel) and not model.accepts_inhibition:
            raise InputError(
                f"Weights onto {model.model_name} must not be negative: astrocytes are not"
                " inhibited",
                got=float(np.min(weights)),
                do="Use weights of at least 0",
            )


def check_sign(pre: Nodes, post: Nodes, synapse: Synapse) -> None:
    """Raise an `InputError` if weights that are known before any are drawn inhibit astrocytes.

    Parameters
    ----------
    pre, post : Nodes
        Sources and targets.
    synapse : Synapse
        Model of the connections.
    """
    if not isinstance(synapse.weight, Distribution):
        check_weights(synapse.weight, pre, post)


def _differs(value: Any) -> bool:
    return isinstance(value, Distribution) or np.ndim(value) > 0


def _selves(pre: Nodes, post: Nodes) -> NDArray[np.int32] | None:
    """Return the position in `post` of each node of `pre`, -1 if it is not there."""
    sources, targets = pre.ids, post.ids
    places = np.searchsorted(targets, sources)
    found = places < len(targets)
    found[found] = targets[places[found]] == sources[found]
    return np.where(found, places, -1).astype(np.int32) if found.any() else None
