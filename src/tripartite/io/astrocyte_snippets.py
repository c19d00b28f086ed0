"""Read libraries of astrocyte fluorescence snippets from MATLAB files.

The layout is that of Schroeder et al. (2019): one cell array, each cell one trace, rows or columns.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tripartite.errors import FileFormatError, InputError
from tripartite.io.matlab import read_matlab


def read_astrocyte_snippets(
    path: str | Path, *, variable: str | None = None
) -> list[NDArray[np.float64]]:
    """Return the fluorescence snippets in a MATLAB file.

    Parameters
    ----------
    path : path-like
        A ``.mat`` file (version 5 to 7.2) that holds a cell array of one-dimensional traces.
    variable : str, optional
        Name of the cell array; not needed where the file holds only one.

    Returns
    -------
    list of ndarray of shape (n_times,)
        One trace per cell, in the units of the file (F/F0 in the published libraries), in the order
        of the file. Lengths differ. Time is in samples: the files do not hold the sampling rate.

    Raises
    ------
    InputError
        If the file holds no variable of that name, or several and none was named.
    FileFormatError
        If the file cannot be read as MATLAB, holds no cell array, or a cell is not a real
        one-dimensional trace.

    References
    ----------
    Schroeder et al. (2019), bioRxiv 798611.

    Examples
    --------
    >>> from tripartite.io import bundled
    >>> traces = read_astrocyte_snippets(bundled.path("raw_astrotrace_snippets.mat"))
    >>> len(traces), min(map(len, traces)), max(map(len, traces))
    (280, 81, 645)
    """
    cells = _cell_array(Path(path), variable)
    return [_trace(cell, number, Path(path).name) for number, cell in enumerate(cells.ravel("F"))]


def _cell_array(path: Path, variable: str | None) -> NDArray[np.object_]:
    variables = read_matlab(path)
    if variable is not None:
        if variable not in variables:
            raise InputError(
                f"{path.name} must hold the variable {variable!r}", got=sorted(variables)
            )
        variables = {variable: variables[variable]}
    arrays = {
        name: value
        for name, value in variables.items()
        if isinstance(value, np.ndarray) and value.dtype == object
    }
    if not arrays:
        raise FileFormatError(f"{path.name} must hold a cell array of traces", got=list(variables))
    if len(arrays) > 1:
        raise InputError(
            f"{path.name} holds several cell arrays, so one must be named",
            got=sorted(arrays),
            do=f"Pass variable={min(arrays)!r}",
        )
    return next(iter(arrays.values()))


def _trace(cell: object, number: int, name: str) -> NDArray[np.float64]:
    value = np.asarray(cell)
    if value.dtype.kind not in "fiu" or value.size == 0 or max(value.shape) != value.size:
        raise FileFormatError(
            f"cell {number} of {name} must be one trace of real numbers, a row or a column",
            got=f"{value.dtype} of shape {value.shape}",
        )
    return value.ravel().astype(np.float64)
