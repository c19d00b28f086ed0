"""Drawing membrane potentials: ``nest.voltage_trace``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D

from tripartite.networks.pynest.errors import BadParameter, BadType
from tripartite.networks.pynest.node_collection import NodeCollection
from tripartite.plots import style

_PER_MS = {"ms": 1.0, "s": 0.001}
# More lines than this are not named.
_MOST_NAMED = 10


def from_device(
    detec: NodeCollection,
    neurons: Sequence[Any] | None = None,
    title: str | None = None,
    grayscale: bool = False,
    timeunit: str = "ms",
) -> list[list[Line2D]]:
    """Draw the membrane potentials in the memory of a multimeter.

    Parameters
    ----------
    detec : NodeCollection
        Multimeter or voltmeter that records V_m.
    neurons : sequence of int or of NodeCollection, optional
        Whose potentials; all without.
    title : str, optional
        Title.
    grayscale : bool
        Whether to draw without colour.
    timeunit : {"ms", "s"}
        Unit of the axis of time.

    Returns
    -------
    list of list of Line2D
        One line for each neuron.

    Raises
    ------
    NESTErrors.KernelException
        If the device does not record V_m, or recorded nothing.
    """
    meter = isinstance(detec, NodeCollection) and len(detec) == 1 and detec.get()
    if not meter or "V_m" not in meter.get("record_from", ()):
        raise BadType("A voltmeter, or a multimeter of V_m, must be given", got=repr(detec))
    if timeunit not in _PER_MS:
        raise BadParameter("timeunit must be 'ms' or 's'", got=repr(timeunit))
    events = detec.events
    if not len(events["times"]):
        raise BadParameter("There must be samples to draw", got="none", do="Simulate first")
    per_ms = _PER_MS[timeunit]
    chosen = np.unique(
        events["senders"] if neurons is None else [int(np.squeeze(each)) for each in neurons]
    )
    with plt.rc_context(style.STYLE):
        _, ax = plt.subplots()
        lines = []
        for k, node in enumerate(chosen):
            mine = events["senders"] == node
            look = _GREYS[k % len(_GREYS)] if grayscale else style.CYCLE[k % len(style.CYCLE)]
            times, potentials = events["times"][mine] * per_ms, events["V_m"][mine]
            lines.append(ax.plot(times, potentials, color=look, label=f"Neuron {node}"))
        ax.set_xlabel(f"Time ({timeunit})")
        ax.set_ylabel("Membrane potential (mV)")
        ax.set_title("Membrane potential" if title is None else title)
        if len(chosen) <= _MOST_NAMED:
            ax.legend(loc="best")
    plt.draw()
    return lines


_GREYS = (style.BLACK, style.GREY, style.LIGHT_GREY)
