"""The face for those who come from NEST: scripts run when only their import line changes.

::

    import tripartite.networks.pynest as nest

Functions, collections, names of models and parameters, units (ms, mV, pA, nS) and defaults are
those of PyNEST 3.10; ``TripartiteConnect`` also understands the spelling of 3.7. Behind them stand
a `tripartite.networks.Network` and its kernel engine. Attributes of the kernel are attributes of
this module, to be read and set: ``nest.resolution = 0.1``. What is not supported raises an error
that names it. What differs from NEST:

- Results do not depend on ``local_num_threads``; random numbers are others than those of NEST.
- Multimeters give the last samples of a run at once, ordered by time, then by node.
- Delays must lie on the grid of time; NEST rounds them.
- ``Connect`` refuses negative weights onto astrocytes; NEST stops when the first spike arrives.
- A failed ``Simulate`` leaves the kernel ready for another one.
- New connections may have shorter or longer delays than earlier ones, also after ``Simulate``.
"""

from __future__ import annotations

import sys

from tripartite.networks.pynest import errors as NESTErrors, random  # noqa: N812 - the name in NEST
from tripartite.networks.pynest._module import FaceModule
from tripartite.networks.pynest.connecting import Connect
from tripartite.networks.pynest.creating import CopyModel, Create, GetDefaults, SetDefaults
from tripartite.networks.pynest.errors import NESTError
from tripartite.networks.pynest.kernel_attributes import (
    GetKernelStatus,
    SetKernelStatus,
)
from tripartite.networks.pynest.node_collection import NodeCollection
from tripartite.networks.pynest.parameter import Parameter
from tripartite.networks.pynest.processes import (
    GetLocalNodeCollection,
    Models,
    NumProcesses,
    Rank,
    SyncProcesses,
)
from tripartite.networks.pynest.running import (
    Cleanup,
    Prepare,
    ResetKernel,
    Run,
    RunManager,
    Simulate,
)
from tripartite.networks.pynest.status import GetNodes, GetStatus, SetStatus
from tripartite.networks.pynest.synapse_collection import GetConnections, SynapseCollection
from tripartite.networks.pynest.tripartite_connecting import TripartiteConnect
from tripartite.networks.pynest.verbosity_level import VerbosityLevel, get_verbosity, set_verbosity

#: The version of NEST whose names and meanings are followed.
__version__ = "3.10.0"

__all__ = [
    "Cleanup",
    "Connect",
    "CopyModel",
    "Create",
    "GetConnections",
    "GetDefaults",
    "GetKernelStatus",
    "GetLocalNodeCollection",
    "GetNodes",
    "GetStatus",
    "Models",
    "NESTError",
    "NESTErrors",
    "NodeCollection",
    "NumProcesses",
    "Parameter",
    "Prepare",
    "Rank",
    "ResetKernel",
    "Run",
    "RunManager",
    "SetDefaults",
    "SetKernelStatus",
    "SetStatus",
    "Simulate",
    "SynapseCollection",
    "SyncProcesses",
    "TripartiteConnect",
    "VerbosityLevel",
    "get_verbosity",
    "random",
    "set_verbosity",
]

sys.modules[__name__].__class__ = FaceModule
