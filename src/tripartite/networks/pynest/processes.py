"""What scripts that also run on several processes ask; here there is one."""

# ruff: noqa: N802 - the names are those of NEST

from __future__ import annotations

from tripartite.networks.pynest._kernel import kernel
from tripartite.networks.pynest.node_collection import NodeCollection


def Rank() -> int:
    """Return the number of this process."""
    return 0


def NumProcesses() -> int:
    """Return the number of processes."""
    return 1


def SyncProcesses() -> None:
    """Wait for the other processes, of which there are none."""


def GetLocalNodeCollection(nc: NodeCollection) -> NodeCollection:
    """Return the nodes of this process, which are all.

    Parameters
    ----------
    nc : NodeCollection
        Nodes.
    """
    return nc


def Models(mtype: str = "all", sel: str = "") -> tuple[str, ...]:
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
