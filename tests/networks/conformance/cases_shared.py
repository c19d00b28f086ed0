"""How a case is registered, starts from an empty kernel and hands over what it recorded."""

import importlib
from functools import partial
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
CASES = {}


def _register(function, name, arguments):
    module = function.__module__.removeprefix("cases_")
    CASES.setdefault(module, {})[name] = partial(function, **arguments)


def case(function):
    """Register a case under the name of its function."""
    _register(function, function.__name__, {})
    return function


def variants(**choices):
    """Register a case once per choice of its keyword arguments, as `function-choice`."""

    def register(function):
        for choice, arguments in choices.items():
            _register(function, f"{function.__name__}-{choice}", arguments)
        return function

    return register


def load():
    """Import every module of cases, and return the cases of each by name."""
    for path in sorted(HERE.glob("cases_*.py")):
        importlib.import_module(path.stem)
    return CASES


def empty(nest, resolution=0.1):
    """Start again with nothing."""
    nest.ResetKernel()
    nest.resolution = resolution


def meter(nest, nodes, variables, interval=1.0, delay=1.0, **parameters):
    """Connect a multimeter to nodes."""
    params = {"record_from": variables, "interval": interval, **parameters}
    multimeter = nest.Create("multimeter", params=params)
    nest.Connect(multimeter, nodes, syn_spec={"delay": delay})
    return multimeter


def spikes(nest, nodes, delay=1.0, **parameters):
    """Connect a spike recorder to nodes."""
    recorder = nest.Create("spike_recorder", params=parameters)
    nest.Connect(nodes, recorder, syn_spec={"delay": delay})
    return recorder


def generator(nest, times, target=None, weight=1.0, delay=1.0, **parameters):
    """Make spikes at given times (ms) and send them to a target."""
    source = nest.Create("spike_generator", params={"spike_times": list(times), **parameters})
    if target is not None:
        nest.Connect(source, target, syn_spec={"weight": weight, "delay": delay})
    return source


def relayed(nest, times, **parameters):
    """Make a parrot that repeats given spikes 0.1 ms later (or one step, if steps are longer)."""
    parrot = nest.Create("parrot_neuron")
    generator(nest, times, parrot, delay=nest.resolution, **parameters)
    return parrot


def recorded(**recorders):
    """Gather the events of recorders as arrays named `recorder/field`, ordered by sender and time.

    The order of rows is a matter of NEST's slices and says nothing about the network.
    """
    arrays = {}
    for name, recorder in recorders.items():
        events = {
            field: np.asarray(column)
            for field, column in recorder.events.items()
            if field not in ("offsets", "ports", "receptors")
        }
        keys = [events[field] for field in ("weights", "targets") if field in events]
        order = np.lexsort([*keys, np.rint(1000.0 * events["times"]), events["senders"]])
        arrays |= {f"{name}/{field}": column[order] for field, column in events.items()}
    return arrays


def edges(nest, **filters):
    """Gather the connections' sources, targets, weights and delays, ordered."""
    connections = nest.GetConnections(**filters)
    columns = [
        np.array(list(connections.sources())),
        np.array(list(connections.targets())),
        np.atleast_1d(connections.get("weight")),
        np.atleast_1d(connections.get("delay")),
    ]
    order = np.lexsort(columns[::-1])
    names = ("source_ids", "target_ids", "weight", "delay")
    return {f"edges/{name}": column[order] for name, column in zip(names, columns, strict=True)}
