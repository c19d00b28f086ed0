"""What scripts that also run on several processes ask; here there is one."""

from __future__ import annotations

from tripartite.networks.pynest._kernel import kernel
from tripartite.networks.pynest.node_collection import NodeCollection


def Rank() -> int:  # noqa: N802 - the name in NEST
    """Return the number of this process."""
    return 0


def NumProcesses() -> int:  # noqa: N802 - the name in NEST
    """Return the number of processes."""
    return 1


def SyncProcesses() -> None:  # noqa: N802 - the name in NEST
    """Wait for the other processes, of which there are none."""


def GetLocalNodeCollection(nc: NodeCollection) -> NodeCollection:  # noqa: N802 - the name in NEST
    """Return the nodes of this process, which are all.

    Parameters
    ----------
    nc : NodeCollection
        Nodes.
    """
    return nc


def Models(  # noqa: N802 - the name in NEST
    mtype: str = "all", sel: str = ""
) -> tuple[str, ...]:
    """Return names of models.

    Parameters
    ----------
    mtype : {"all", "nodes", "synapses"}
        Of what.
    sel : str
        What the names contain.
    """
    kinds = {"all": (False, True), "nodes": (False,), "synapses": (True,)}[mtype]
    names = [name for kind in kinds for name in kernel.models.names(synapses=kind)]
    return tuple(sorted(name for name in names if sel in name))
