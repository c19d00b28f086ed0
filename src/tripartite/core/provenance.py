"""How a record came to be."""

from __future__ import annotations

import hashlib
import json
import platform
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from tripartite._version import __version__
from tripartite.core._tree import decode, encode
from tripartite.core.checks import check_type
from tripartite.errors import FileFormatError, InputError


@dataclass(frozen=True, kw_only=True, eq=False)
class Provenance:
    """Versions, settings, seed and inputs that a record was made with.

    Parameters
    ----------
    tripartite, python, numpy : str
        Versions.
    created : datetime
        When the record was made, with its time zone (UTC).
    parameters : mapping of str to object
        Every setting by its name: numbers, strings, dates, arrays, and lists and mappings of them.
    seed : int, optional
        Seed of the random numbers, if there were any.
    inputs : mapping of str to str
        SHA-256 digest of each file that was read, in hexadecimal, by its name.

    Examples
    --------
    >>> from tripartite.core.provenance import Provenance
    >>> made = Provenance.collect(parameters={"rate": 30.0}, seed=1)
    >>> made.seed, dict(made.parameters)
    (1, {'rate': 30.0})
    """

    tripartite: str = __version__
    python: str = field(default_factory=platform.python_version)
    numpy: str = np.__version__
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    parameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.created.tzinfo is None:
            raise InputError(
                "created must have a time zone", got=self.created, do="Pass datetime.now(UTC)"
            )
        if self.seed is not None:
            check_type(
                self.seed, (int, np.integer), name="seed", do="Pass the number, not the generator"
            )
            object.__setattr__(self, "seed", int(self.seed))
        for name in ("parameters", "inputs"):
            value = getattr(self, name)
            check_type(value, Mapping, name=name)
            encode(dict(value), (name,))  # tells now, not when it is saved, what cannot be kept
            object.__setattr__(self, name, MappingProxyType(dict(value)))

    @classmethod
    def collect(
        cls,
        *,
        parameters: Mapping[str, Any] | None = None,
        seed: int | None = None,
        inputs: Iterable[str | Path] = (),
    ) -> Provenance:
        """Return the provenance of something made here and now.

        Parameters
        ----------
        parameters : mapping of str to object, optional
            Every setting by its name.
        seed : int, optional
            Seed of the random numbers.
        inputs : iterable of path-like
            Files that are read. They go by their names, or by their paths where names are equal.

        Raises
        ------
        InputError
            If an input is not a file, or a parameter cannot be kept as text.
        """
        paths = [Path(path) for path in inputs]
        names = Counter(path.name for path in paths)
        digests = {
            path.name if names[path.name] == 1 else path.as_posix(): _digest(path) for path in paths
        }
        return cls(parameters=parameters or {}, seed=seed, inputs=digests)

    def to_json(self) -> str:
        """Return the provenance as JSON text."""
        return json.dumps(encode(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> Provenance:
        """Return the provenance that `to_json` wrote.

        Parameters
        ----------
        text : str
            JSON text.

        Raises
        ------
        FileFormatError
            If the text is not a provenance.
        """
        try:
            return cls(**decode(json.loads(text), {}))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise FileFormatError(
                "A saved provenance must be JSON as to_json writes it", error
            ) from error

    def __str__(self) -> str:
        n_inputs = len(self.inputs)
        parts = [
            f"tripartite {self.tripartite}, Python {self.python}, numpy {self.numpy}",
            self.created.strftime("%Y-%m-%d %H:%M %Z"),
            *([f"seed {self.seed}"] if self.seed is not None else []),
            *([f"{n_inputs} input{'s' if n_inputs > 1 else ''}"] if n_inputs else []),
        ]
        return ", ".join(parts)

    def __reduce__(self) -> tuple[Any, ...]:
        # Read-only mappings cannot be pickled, and records travel between processes.
        return Provenance.from_json, (self.to_json(),)


def _digest(path: Path) -> str:
    if not path.is_file():
        raise InputError("Each input must be a file", got=path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
