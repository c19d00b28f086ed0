"""Checkpoints: the state of a simulation in one file, which only the same network takes back."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xxhash

from tripartite.errors import FileFormatError, InputError, WriteError
from tripartite.files import new_path
from tripartite.networks.engine.simulation import Simulation
from tripartite.networks.results import truth_of

_FORMAT = "tripartite-checkpoint-1"

#: What tells one run from another: see `identity_of`.
Identity = dict[str, str | float]


def save_checkpoint(simulation: Simulation, path: str | Path) -> Path:
    """Write the state of a simulation to a file that appears only when it is whole.

    Parameters
    ----------
    simulation : Simulation
        Between two chunks, or before or after a run.
    path : path-like
        File to write (``.npz``, which numpy reads); one that is there is replaced.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    WriteError
        If the disk refuses; a file that was there is as it was.

    Examples
    --------
    >>> import tempfile
    >>> from tripartite import networks as tn
    >>> def describe():
    ...     net = tn.Network(seed=1)
    ...     net.population("neurons", tn.AdEx(I_e_pA=700.0), 2)
    ...     return net
    >>> simulation = tn.Simulation(describe())
    >>> n_chunks = len(list(simulation.run(500)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save_checkpoint(simulation, f"{folder}/state.npz")
    ...     later = tn.Simulation(describe())
    ...     load_checkpoint(later, path)
    >>> later.step
    500
    """
    return write_checkpoint(simulation, Path(path), identity_of(simulation))


def write_checkpoint(simulation: Simulation, path: Path, identity: Identity) -> Path:
    """Do as `save_checkpoint`, where the identity of the run is known already.

    Parameters
    ----------
    simulation, path
        As for `save_checkpoint`.
    identity : dict
        What `identity_of` returned.
    """
    head = json.dumps({"format": _FORMAT, "identity": identity})
    try:
        with new_path(path) as beside, beside.open("xb") as file:
            np.savez(file, allow_pickle=False, head=np.array(head), **simulation.state_arrays())
    except OSError as error:
        raise WriteError(
            "The disk must take the checkpoint",
            got=f"{path}: {error.strerror or error}",
            do="Make room or check your rights; what was written before is whole",
        ) from error
    return path


def load_checkpoint(simulation: Simulation, path: str | Path) -> None:
    """Set a simulation to the state in a file.

    Parameters
    ----------
    simulation : Simulation
        Of the network that the state was saved of: as many nodes with the same parameters, the same
        connections, seed, resolution and precision. What is recorded may be another.
    path : path-like
        What `save_checkpoint` wrote.

    Raises
    ------
    InputError
        If there is no such file, or the state is of another network.
    FileFormatError
        If the file is broken or something else.
    """
    restore_checkpoint(simulation, Path(path), identity_of(simulation))


def restore_checkpoint(simulation: Simulation, path: Path, identity: Identity) -> None:
    """Do as `load_checkpoint`, where the identity of the run is known already.

    Parameters
    ----------
    simulation, path
        As for `load_checkpoint`.
    identity : dict
        What `identity_of` returned.
    """
    if not path.exists():
        raise InputError("A checkpoint must exist", got=path)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = dict(stored)
        head = json.loads(str(arrays.pop("head")))
        is_ours = head["format"] == _FORMAT
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise _no_checkpoint(path, error) from error
    if not is_ours:
        raise _no_checkpoint(path, head["format"])
    check_identity(head["identity"], identity, path)
    simulation.restore(arrays)


def identity_of(simulation: Simulation) -> Identity:
    """Return what tells a run from others: seed, resolution, precision, and digests of the network.

    Parameters
    ----------
    simulation : Simulation
        Its connections are drawn if they are not yet.

    Returns
    -------
    dict
        ``seed``, ``resolution_ms``, ``precision``; ``populations`` and ``connections``, digests of
        all their parameters and edges.
    """
    network = simulation.network
    network.projections(n_threads=simulation.n_threads or 1)
    truth = truth_of(network)
    return {
        "seed": network.seed,
        "resolution_ms": network.resolution_ms,
        "precision": simulation.precision,
        "populations": digest_of(truth["populations"]),
        "connections": digest_of(truth["connections"]),
    }


def check_identity(found: Mapping[str, Any], wanted: Identity, path: Path) -> None:
    """Raise an `InputError` if a file or folder belongs to another run.

    Parameters
    ----------
    found, wanted : mapping
        What it belongs to, and what is to be run; see `identity_of`.
    path : Path
        What is named in the message.
    """
    differing = [
        name if isinstance(value, str) and name != "precision" else f"{name} {found.get(name)!r}"
        for name, value in wanted.items()
        if found.get(name) != value
    ]
    if differing:
        raise InputError(
            "A run must go on with the network, seed, resolution and precision it began with",
            got=f"{path}, which was made with other {', '.join(differing)}",
            do="Describe the network as it was, or record to another folder",
        )


def digest_of(value: Any) -> str:
    """Return a digest of numbers, text and arrays in lists and mappings.

    Parameters
    ----------
    value : object
        What is digested, names and order included.
    """
    digest = xxhash.xxh3_128()
    _feed(digest, value)
    return digest.hexdigest()


def _feed(digest: Any, value: Any) -> None:
    if isinstance(value, np.ndarray):
        digest.update(f"array {value.dtype.str} {value.shape} ".encode())
        digest.update(np.ascontiguousarray(value).reshape(-1).view(np.uint8))
    elif isinstance(value, Mapping):
        digest.update(f"mapping {len(value)} ".encode())
        for name, part in value.items():
            _feed(digest, name)
            _feed(digest, part)
    elif isinstance(value, list | tuple):
        digest.update(f"list {len(value)} ".encode())
        for part in value:
            _feed(digest, part)
    else:
        digest.update(f"{value!r} ".encode())


def _no_checkpoint(path: Path, got: object) -> FileFormatError:
    return FileFormatError(
        f"A checkpoint must be a whole file in the format {_FORMAT}",
        got=f"{path}: {got}",
        do="Remove it to begin anew",
    )
