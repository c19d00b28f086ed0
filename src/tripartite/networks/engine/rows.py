"""Which row of a workspace holds what (see `tripartite.kernels.lanes`)."""

from __future__ import annotations

from collections import namedtuple

from tripartite.kernels.alpha_function import Factors
from tripartite.kernels.lanes import LANES

# Kept from slice to slice: the state, what acts on it, what is left of the refractory time (steps),
# and the size of the next substep (ms).
STATE = 0
INPUTS = 6
STIMULUS, SIC, REFRACTORY, SUBSTEP = 6, 7, 8, 9
N_KEPT = 10

# Of one step: the state after it, and how many spikes it gave (1 while it waits to be done again).
AFTER = 10
EVENTS = 16

# The constants of the model, and the factors of its excitatory and inhibitory conductances.
CONSTANTS = 17
EXCITATION = CONSTANTS + 19
INHIBITION = EXCITATION + len(Factors._fields)
N_CONSTANTS = INHIBITION + len(Factors._fields) - CONSTANTS
N_ROWS = CONSTANTS + N_CONSTANTS
WORKSPACE = N_ROWS * LANES

#: What acts on a node during a step: currents of generators and astrocytes, and whether it rests.
Inputs = namedtuple("Inputs", "stimulus sic refractory")

# What arrives at the end of each step of a slice lies in a workspace of its own: as many rows for
# each of these as a slice has steps.
EXCITED, INHIBITED, NEXT_STIMULUS, NEXT_SIC = 0, 1, 2, 3
N_ARRIVING = 4
