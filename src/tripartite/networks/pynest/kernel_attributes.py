"""Attributes of the kernel: ``nest.resolution`` and its like."""

# ruff: noqa: N802 - the names are those of NEST

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tripartite.errors import InputError
from tripartite.networks.pynest._kernel import kernel
from tripartite.networks.pynest.conn_specs import RULES
from tripartite.networks.pynest.errors import (
    BadProperty,
    BadType,
    KernelException,
    TypeMismatch,
    UnknownAttribute,
    UnknownKey,
    did_you_mean,
    raised_as,
    unsupported,
)
from tripartite.networks.pynest.timers import Timers
from tripartite.networks.pynest.verbosity_level import VerbosityLevel

_RNG_TYPES = ("Philox_32", "Philox_64", "Threefry_32", "Threefry_64", "mt19937", "mt19937_64")
_MOST_SEED = 2**32 - 1
_LAST_TIME_MS = 1152921504606846.8


@dataclass(frozen=True)
class Attribute:
    """An attribute of the kernel.

    Parameters
    ----------
    get : callable
        Returns its value.
    set : callable, optional
        Takes a new value; without, the attribute is read only.
    """

    get: Callable[[], Any]
    set: Callable[[Any], None] | None = None


def _setting(name: str, check: Callable[[Any], Any]) -> Attribute:
    def set_value(value: Any) -> None:
        kernel.settings[name] = check(value)

    return Attribute(lambda: kernel.settings[name], set_value)


def _whole(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeMismatch(f"{name} must be a whole number", got=repr(value))
    return int(value)


def _boolean(name: str) -> Callable[[Any], bool]:
    def check(value: Any) -> bool:
        if not isinstance(value, (bool, np.bool_)):
            raise TypeMismatch(f"{name} must be True or False", got=repr(value))
        return bool(value)

    return check


def _set_resolution(value: float) -> None:
    if kernel.groups and value != kernel.network.resolution_ms:
        raise KernelException(
            "The resolution must be set before nodes are created",
            got=f"{len(kernel.groups)} groups",
        )
    if not kernel.groups:
        with raised_as(KernelException):
            kernel.new_network(value)


def _check_threads(value: Any) -> int:
    number = _whole(value, "local_num_threads")
    if number < 1:
        raise BadProperty("local_num_threads must be at least 1", got=number)
    if kernel.groups and number != kernel.settings["local_num_threads"]:
        raise KernelException("Threads must be set before nodes are created", got=number)
    return number


def _set_seed(value: Any) -> None:
    seed = _whole(value, "rng_seed")
    if not 0 < seed <= _MOST_SEED:
        raise BadProperty("rng_seed must be from 1 to 2**32 - 1", got=seed)
    kernel.network.seed = seed


def _check_rng_type(value: Any) -> str:
    if value not in _RNG_TYPES:
        raise BadProperty(
            "rng_type must be known", got=repr(value), do=did_you_mean(value, _RNG_TYPES)
        )
    return value


def _check_data_path(value: Any) -> str:
    if value and not Path(value).is_dir():
        raise BadProperty("data_path must be a folder that exists", got=repr(value))
    return str(value)


def _set_time(value: Any) -> None:
    if value != 0.0 or kernel.step:
        raise BadProperty(
            "biological_time must not be set once there was a simulation",
            got=value,
            do="Call ResetKernel to start at 0",
        )


def _delays() -> tuple[float, float]:
    if kernel.settings["delay_bounds"] is not None:
        return kernel.settings["delay_bounds"]
    delays = [part.values["delay"] for part in kernel.all_connections() if part.n_connections]
    if not delays:
        return kernel.network.resolution_ms, kernel.network.resolution_ms
    return float(min(np.min(each) for each in delays)), float(max(np.max(each) for each in delays))


def _set_delays(value: Any) -> None:
    raise BadProperty(
        "min_delay and max_delay must be set together",
        got=value,
        do="Use nest.set(min_delay=..., max_delay=...)",
    )


ATTRIBUTES: dict[str, Attribute] = {
    "resolution": Attribute(lambda: kernel.network.resolution_ms, _set_resolution),
    "local_num_threads": _setting("local_num_threads", _check_threads),
    "total_num_virtual_procs": _setting("local_num_threads", _check_threads),
    "rng_seed": Attribute(lambda: kernel.network.seed, _set_seed),
    "rng_type": _setting("rng_type", _check_rng_type),
    "print_time": _setting("print_time", _boolean("print_time")),
    "overwrite_files": _setting("overwrite_files", _boolean("overwrite_files")),
    "data_path": _setting("data_path", _check_data_path),
    "data_prefix": _setting("data_prefix", str),
    "verbosity": _setting("verbosity", VerbosityLevel),
    "biological_time": Attribute(lambda: kernel.time_ms, _set_time),
    "min_delay": Attribute(lambda: _delays()[0], _set_delays),
    "max_delay": Attribute(lambda: _delays()[1], _set_delays),
    "num_connections": Attribute(lambda: kernel.n_connections),
    "network_size": Attribute(lambda: kernel.network.n_nodes),
    "local_spike_counter": Attribute(lambda: kernel.n_spikes),
    "prepared": Attribute(lambda: kernel.prepared),
    "node_models": Attribute(lambda: tuple(kernel.models.names(synapses=False))),
    "synapse_models": Attribute(lambda: tuple(kernel.models.names(synapses=True))),
    "connection_rules": Attribute(lambda: RULES),
    "tics_per_step": Attribute(lambda: round(1000 * kernel.network.resolution_ms)),
}
ATTRIBUTES |= {
    name: Attribute(lambda name=name: kernel.timers.seconds[name]) for name in Timers.names
}

_CONSTANTS: Mapping[str, Any] = {
    "num_processes": 1,
    "mpi_rank": 0,
    "ms_per_tic": 0.001,
    "tics_per_ms": 1000.0,
    "T_max": _LAST_TIME_MS,
    "T_min": -_LAST_TIME_MS,
    "rng_types": _RNG_TYPES,
    "recording_backends": ("ascii", "memory"),
    "stimulation_backends": (),
}
ATTRIBUTES |= {name: Attribute(lambda value=value: value) for name, value in _CONSTANTS.items()}


def _only(name: str, value: Any) -> Attribute:
    def set_value(wanted: Any) -> None:
        if wanted != value:
            raise unsupported(f"{name} = {wanted!r}", do=f"Leave it at {value!r}")

    return Attribute(lambda: value, set_value)


def _stored(name: str) -> Attribute:
    def set_value(value: Any) -> None:
        kernel.settings[name] = value

    return Attribute(lambda: kernel.settings.get(name), set_value)


# What NEST can do and this library does not.
ATTRIBUTES |= {name: _only(name, False) for name in ("use_wfr", "off_grid_spiking")}
# How NEST stores and sends things, which has no effect on results.
_STORAGE = (
    *("adaptive_target_buffers", "use_compressed_spikes", "keep_source_table"),
    *("buffer_size_spike_data", "buffer_size_target_data", "max_buffer_size_target_data"),
    *("growth_factor_buffer_spike_data", "growth_factor_buffer_target_data"),
    *("spike_buffer_grow_extra", "spike_buffer_shrink_limit", "spike_buffer_shrink_spare"),
    *("sort_connections_by_source", "dict_miss_is_error"),
)
ATTRIBUTES |= {name: _stored(name) for name in _STORAGE}


def get(name: str) -> Any:
    """Return an attribute of the kernel.

    Parameters
    ----------
    name : str
        Its name.
    """
    return ATTRIBUTES[name].get()


def put(name: str, value: Any) -> None:
    """Set an attribute of the kernel.

    Parameters
    ----------
    name : str
        Its name.
    value : object
        New value.
    """
    attribute = ATTRIBUTES[name]
    if attribute.set is None:
        raise UnknownAttribute(f"The kernel attribute {name} is read only", got=repr(value))
    attribute.set(value)


def GetKernelStatus(keys: Any = None) -> Any:
    """Return attributes of the kernel.

    Parameters
    ----------
    keys : str or list of str, optional
        Names; all without.
    """
    if keys is None:
        return {name: get(name) for name in sorted(ATTRIBUTES)}
    names = [keys] if isinstance(keys, str) else keys
    for name in names:
        if name not in ATTRIBUTES:
            raise UnknownKey(
                "The kernel attribute must be known", repr(name), did_you_mean(name, ATTRIBUTES)
            )
    values = tuple(get(name) for name in names)
    return values[0] if isinstance(keys, str) else values


def SetKernelStatus(params: Mapping[str, Any]) -> None:
    """Set attributes of the kernel.

    Parameters
    ----------
    params : dict
        Values by name.

    Examples
    --------
    >>> import tripartite.networks.pynest as nest
    >>> nest.ResetKernel()
    >>> nest.SetKernelStatus({"resolution": 0.5, "local_num_threads": 2})
    >>> nest.resolution, nest.total_num_virtual_procs
    (0.5, 2)
    """
    if not isinstance(params, Mapping):
        raise BadType("Attributes must be passed as a dictionary", got=repr(params))
    values = dict(params)
    for name in values:
        if name not in ATTRIBUTES or ATTRIBUTES[name].set is None:
            what = "is read only" if name in ATTRIBUTES else "must be known"
            raise KernelException(
                f"The kernel attribute {name} {what}", do=did_you_mean(name, ATTRIBUTES)
            )
    # The network is made anew for a resolution, and its seed kept.
    if {"min_delay", "max_delay"} <= values.keys():
        kernel.settings["delay_bounds"] = _bounds(values.pop("min_delay"), values.pop("max_delay"))
    for name, value in values.items():
        put(name, value)


def _bounds(least: float, most: float) -> tuple[float, float]:
    with raised_as(BadProperty):
        kernel.network.grid.steps([least, most], name="min_delay and max_delay", least=1)
        if least > most:
            raise InputError("min_delay must not be above max_delay", got=f"{least:g} and {most:g}")
    return float(least), float(most)
