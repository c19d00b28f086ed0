"""Read tetrode sessions: sorted spikes in nested MATLAB cells, beside camera tracking.

The spikes are ``spikes{day}{epoch}{tetrode}{cell}``, each cell a struct with ``time`` and
``timerange`` in seconds; an empty cell is a cluster that was never cut. This is the layout of the
example data of nelpy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pynapple as nap
from numpy.typing import NDArray

from tripartite.core.provenance import Provenance
from tripartite.core.recording import Recording
from tripartite.errors import FileFormatError
from tripartite.io.matlab import read_matlab
from tripartite.io.video_tracking import read_video_tracking


@dataclass(frozen=True, kw_only=True)
class _Cell:
    path: tuple[int, ...]  # day, epoch, tetrode, cell, counted from 1 as MATLAB does
    times: NDArray[np.float64]
    timerange: NDArray[np.float64]


def read_tetrode_session(
    spikes_path: str | Path,
    tracking_path: str | Path,
    *,
    region: str | None = None,
    max_gap: float = 0.1,
    metadata: dict[str, Any] | None = None,
) -> Recording:
    """Return the spikes and the position of one tetrode session.

    Parameters
    ----------
    spikes_path : path-like
        MATLAB file (version 5 to 7.2), see `read_tetrode_spikes`.
    tracking_path : path-like
        Camera tracking on the clock of the spikes, see `read_video_tracking`.
    region : str, optional
        Where the units were recorded, such as ``"CA1"``; the files do not say.
    max_gap : float
        Longest time without a video frame that does not break the position (s).
    metadata : dict, optional
        What else is known of the session, such as ``subject`` (a name, or a mapping with
        ``subject_id`` and ``species``). It joins what the files say, and counts where both do.

    Returns
    -------
    Recording
        Units with the columns ``tetrode`` and ``cell`` (and ``region``), the signal ``position``
        in ``metadata["position_unit"]``, and in the metadata how much was left out and why.
        ``metadata["spike_resolution"]`` is one tick of the clock (s) that camera and spikes share.

    Raises
    ------
    FileFormatError
        If a file is not what its format asks for, or the two do not overlap in time.

    Examples
    --------
    >>> from tripartite.io import bundled
    >>> session = read_tetrode_session(
    ...     bundled.path("linear_spikes.mat"),
    ...     bundled.path("linear_trajectory.videoPositionTracking"),
    ...     region="CA1",
    ... )
    >>> len(session.spikes), sum(len(unit) for unit in session.spikes.values())
    (31, 28829)
    >>> session.metadata["n_cells_without_spikes"], session.metadata["n_frames_repeated"]
    (6, 1)
    """
    spikes, spike_counts = read_tetrode_spikes(spikes_path, region=region)
    tracking = read_video_tracking(tracking_path, max_gap=max_gap)
    position = tracking.position
    if spikes.time_support.intersect(position.time_support).tot_length() <= 0:
        raise FileFormatError(
            "Spikes and tracking must be on one clock and overlap in time",
            got=f"spikes in {_span(spikes)} s, position in {_span(position)} s",
            do="Pass the two files of one session",
        )
    return Recording(
        source="recorded",
        spikes=spikes,
        signals={"position": position},
        metadata={
            **spike_counts,
            "spike_resolution": 1 / tracking.clock_rate,
            "position_unit": tracking.unit,
            "frame_rate": tracking.frame_rate,
            "n_frames": tracking.n_frames,
            "n_frames_lost": tracking.n_frames_lost,
            "n_frames_repeated": tracking.n_frames_repeated,
            "n_position_gaps": tracking.n_gaps,
            "tracking_settings": tracking.settings,
            "tracking_fields_left_out": list(tracking.fields_left_out),
            **(metadata or {}),
        },
        provenance=Provenance.collect(
            parameters={"region": region, "max_gap": max_gap}, inputs=[spikes_path, tracking_path]
        ),
    )


def read_tetrode_spikes(
    path: str | Path, *, region: str | None = None
) -> tuple[nap.TsGroup, dict[str, int]]:
    """Return the units of one recording epoch, with the number of cells that were left out.

    Parameters
    ----------
    path : path-like
        MATLAB file with ``spikes{day}{epoch}{tetrode}{cell}``, all cells in one day and epoch.
    region : str, optional
        Where the units were recorded.

    Returns
    -------
    units : TsGroup
        Spike times (s), in the order of the file, numbered from 0, with the columns ``tetrode`` and
        ``cell`` (counted from 1, as in the file) and, if given, ``region``. The time support is the
        time range of the file.
    counts : dict of str to int
        ``n_cells_empty`` (empty cells, of a cluster or of a whole tetrode) and
        ``n_cells_without_spikes`` (clusters with a time range but without a spike).

    Raises
    ------
    FileFormatError
        If the file cannot be read as MATLAB, or a cell does not hold sorted times inside its time
        range.
    """
    path = Path(path)
    cells, n_empty = [], 0
    variables = read_matlab(path)
    if "spikes" not in variables:
        raise FileFormatError(f"{path.name} must hold the variable spikes", got=list(variables))
    for place, node in _walk(variables["spikes"], path):
        if node is None:
            n_empty += 1
        else:
            cells.append(_read_cell(place, node, path))
    firing = [cell for cell in cells if len(cell.times)]
    if not firing or len({cell.path[:-2] for cell in firing}) > 1:
        raise FileFormatError(
            f"{path.name} must hold the spikes of one day and epoch",
            got=f"{len(firing)} units in {len({cell.path[:-2] for cell in firing})} epochs",
            do="Save each epoch in a file of its own",
        )
    support = nap.IntervalSet(
        min(cell.timerange[0] for cell in firing), max(cell.timerange[1] for cell in firing)
    )
    columns = {
        "tetrode": [cell.path[-2] for cell in firing],
        "cell": [cell.path[-1] for cell in firing],
        **({} if region is None else {"region": [region] * len(firing)}),
    }
    units = nap.TsGroup(
        {i: nap.Ts(cell.times, time_support=support) for i, cell in enumerate(firing)},
        time_support=support,
        metadata=columns,
    )
    return units, {"n_cells_empty": n_empty, "n_cells_without_spikes": len(cells) - len(firing)}


def _walk(
    node: Any, path: Path, place: tuple[int, ...] = ()
) -> Iterator[tuple[tuple[int, ...], dict[str, Any] | None]]:
    """Yield the place of each cell with its struct, None for an empty one."""
    if isinstance(node, dict) and len(place) >= 2:
        yield place, node
    elif isinstance(node, np.ndarray) and node.dtype == object:
        for i, child in enumerate(node.ravel("F"), start=1):
            yield from _walk(child, path, (*place, i))
    elif isinstance(node, np.ndarray) and node.size == 0:
        yield place, None
    else:
        raise FileFormatError(
            f"{path.name} must hold nested cells that end in one struct per unit or are empty",
            got=f"a {type(node).__name__} at spikes{list(place)}",
        )


def _read_cell(place: tuple[int, ...], node: dict[str, Any], path: Path) -> _Cell:
    try:
        times = np.asarray(node["time"], dtype=np.float64).ravel()
        timerange = np.asarray(node["timerange"], dtype=np.float64).ravel()
    except (KeyError, TypeError, ValueError) as error:
        raise FileFormatError(
            f"Each unit in {path.name} must have the numbers time and timerange",
            got=f"{error} at spikes{list(place)}",
        ) from error
    bounds = np.r_[timerange[:1], times, timerange[1:]]
    if len(timerange) != 2 or not np.isfinite(bounds).all() or np.any(np.diff(bounds) < 0):
        raise FileFormatError(
            f"Spike times in {path.name} must be finite, sorted and inside their time range",
            got=f"spikes{list(place)} with {len(times)} spikes and the time range {timerange}",
        )
    return _Cell(path=place, times=times, timerange=timerange)


def _span(series: nap.TsGroup | nap.TsdFrame) -> str:
    support = series.time_support
    return f"{support.start[0]:.1f} to {support.end[-1]:.1f}"
