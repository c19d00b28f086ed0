"""What went wrong in a run, said for people."""

from __future__ import annotations

from typing import Any

from tripartite.errors import SimulationError
from tripartite.networks.engine.layout import Layout
from tripartite.networks.engine.node_steps import (
    MOST_SPIKES_IN_A_STEP,
    MOST_SUBSTEPS,
    RUNAWAY,
    STALLED,
    UNSTABLE,
)
from tripartite.networks.time_grid import TimeGrid


def failure(status: Any, layout: Layout, grid: TimeGrid) -> SimulationError:
    """Return the error that a thread told of.

    Parameters
    ----------
    status : sequence of int
        Code, lane and step.
    layout : Layout
        Where the nodes lie.
    grid : TimeGrid
        Time grid of the network.
    """
    code, _, step = (int(number) for number in status)
    node = int(layout.ids_of(status[1:2])[0])
    population = next(
        each for each in layout.populations if each.first_id <= node < each.first_id + each.size
    )
    when = f"{grid.times_ms(step):g} ms"
    who = f"node {node} of {population.name!r} at {when}"
    if code == UNSTABLE:
        return SimulationError(
            "Membrane potentials must stay above -1000 mV and adaptation below 1e6 pA",
            got=f"a neuron beyond that: {who}",
            do="Lower the input or the weights, or choose a smaller resolution",
        )
    if code == RUNAWAY:
        return SimulationError(
            f"A neuron must spike less than {MOST_SPIKES_IN_A_STEP} times within one step",
            got=f"a runaway: {who}",
            do="Set t_ref_ms above 0, or lower the input",
        )
    if code == STALLED:
        return SimulationError(
            f"The integrator must get through a step with {MOST_SUBSTEPS} substeps",
            got=f"a node that changes too fast for that: {who}",
            do="Lower the input or the weights, which may be in another unit than meant",
        )
    return SimulationError(
        "Nodes must spike less than twice per step on average",
        got=f"more spikes than can be delivered at {when}, seen by {population.name!r}",
        do="Set t_ref_ms above 0, or lower the input or the excitatory weights",
    )
