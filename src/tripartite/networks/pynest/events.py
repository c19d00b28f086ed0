"""What recorders have recorded: columns of equal length, in memory or in a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import IO

import numpy as np

from tripartite.networks.pynest import errors


class Events:
    """Rows that were recorded, kept as the pieces that they came in until they are read."""

    def __init__(self) -> None:
        self.n_events = 0
        self._pieces: dict[str, list[np.ndarray]] = {}

    def append(self, columns: Mapping[str, np.ndarray]) -> None:
        """Add rows.

        Parameters
        ----------
        columns : mapping of str to ndarray of shape (n,)
            Columns by name, the same each time.
        """
        for name, values in columns.items():
            self._pieces.setdefault(name, []).append(values)
        self.n_events += len(next(iter(columns.values())))

    def clear(self) -> None:
        """Forget all rows."""
        self._pieces.clear()
        self.n_events = 0

    def read(self) -> dict[str, np.ndarray]:
        """Return all columns."""
        for name, pieces in self._pieces.items():
            self._pieces[name] = [np.concatenate(pieces)] if len(pieces) > 1 else pieces
        return {name: pieces[0] for name, pieces in self._pieces.items()}


class TextFile:
    """A file that rows are appended to as they are recorded.

    Parameters
    ----------
    path : Path
        Where it is.
    columns : list of str
        Names of the columns.
    overwrite : bool
        Whether a file that exists is replaced.
    """

    def __init__(self, path: Path, columns: list[str], *, overwrite: bool) -> None:
        if path.exists() and not overwrite:
            raise errors.IOError(
                "A recording must not overwrite a file",
                got=path,
                do="Set overwrite_files to True, or another data_path, data_prefix or label",
            )
        try:
            self._file: IO[str] = path.open("w", encoding="utf-8")
        except OSError as error:
            raise errors.IOError("The file of a recorder must be writable", got=error) from error
        self.path = path
        self._file.write("# tripartite\n# RecordingBackendASCII version: 2\n")
        self._file.write("\t".join(columns) + "\n")
        self._file.flush()

    def append(self, columns: Mapping[str, np.ndarray]) -> None:
        """Write rows.

        Parameters
        ----------
        columns : mapping of str to ndarray of shape (n,)
            Columns in the order of the file.
        """
        whole = [values.dtype.kind in "iu" for values in columns.values()]
        formats = ["%d" if each else "%.3f" for each in whole]
        np.savetxt(self._file, np.column_stack([*columns.values()]), formats, delimiter="\t")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
