"""All connections of the session: those of the network, and those of recorders."""

from __future__ import annotations

from collections.abc import Iterator

from tripartite.networks.models.node_model import NodeModel
from tripartite.networks.projection import Projection
from tripartite.networks.pynest._kernel import kernel
from tripartite.networks.pynest.recorder_models import Recorder

#: Where connections are: in the network or among those of recorders, which call made them, and
#: which of its parts.
Where = tuple[str, int, int]


def all_parts() -> Iterator[tuple[Where, Projection]]:
    """Yield all connections, with where they are."""
    seen: dict[int, int] = {}
    for part in kernel.projections():
        seen[part.number] = seen.get(part.number, -1) + 1
        yield ("network", part.number, seen[part.number]), part
    for number, part in enumerate(kernel.links):
        yield ("links", number, 0), part


def find(where: Where) -> Projection:
    """Return connections.

    Parameters
    ----------
    where : tuple
        Where they are.
    """
    kind, number, k = where
    if kind == "links":
        return kernel.links[number]
    return [part for part in kernel.projections() if part.number == number][k]


def put(where: Where, part: Projection) -> None:
    """Exchange connections, whose values were set.

    Parameters
    ----------
    where : tuple
        Where they are.
    part : Projection
        The new ones.
    """
    kind, number, k = where
    if kind == "links":
        kernel.links[number] = part
        return
    together = [each for each in kernel.projections() if each.number == number]
    together[k] = part
    kernel.network.replace_projections({number: tuple(together)})


def rank(part: Projection) -> tuple[int, int]:
    """Return the place of connections in the order of NEST: model, then kind of nodes.

    Parameters
    ----------
    part : Projection
        Connections.
    """
    to_recorder = any(isinstance(each.model, Recorder) for each in part.post.populations)
    from_device = not isinstance(part.pre.populations[0].model, NodeModel)
    model = kernel.models.names(synapses=True).index(part.label)
    return model, 2 * from_device + to_recorder
