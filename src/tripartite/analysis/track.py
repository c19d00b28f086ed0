"""Where an animal is along its track."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pynapple as nap
from numpy.typing import ArrayLike, NDArray

from tripartite.analysis.traces import find_runs, find_stretches
from tripartite.errors import InputError


@dataclass(frozen=True, kw_only=True)
class LinearPosition:
    """Position of an animal along a track.

    Parameters
    ----------
    position : Tsd of shape (n_frames,)
        Distance from the first vertex along the track, in `unit`.
    offset : Tsd of shape (n_frames,)
        Distance from the track, in `unit`.
    vertices : ndarray of shape (n_vertices, 2)
        The track, in the unit of the camera.
    length : float
        Length of the track, in `unit`.
    unit : str
        Unit of length.
    n_frames_off_track : int
        Frames left out because they are too far from the track.
    """

    position: nap.Tsd
    offset: nap.Tsd
    vertices: NDArray[np.float64]
    length: float
    unit: str
    n_frames_off_track: int

    def to_frame(self) -> pd.DataFrame:
        """Return time (s), position and offset, one row per frame."""
        return pd.DataFrame(
            {
                "time": self.position.index.values,
                "position": self.position.values,
                "offset": self.offset.values,
            }
        )


def fit_track(position: nap.TsdFrame, *, trim: float = 0.005) -> NDArray[np.float64]:
    """Return the two ends of the straight track that an animal ran on.

    The track is the principal axis of the positions. Pass only frames on the track, such as
    ``position.restrict(running)``: frames elsewhere turn the axis.

    Parameters
    ----------
    position : TsdFrame of shape (n_frames, 2)
        Columns x and y.
    trim : float
        Share of the frames that may lie beyond each end, as a number below 0.5.

    Returns
    -------
    ndarray of shape (2, 2)
        The ends (x, y); the coordinate that changes more grows from the first to the second.

    Raises
    ------
    InputError
        If fewer than two different finite positions are left, or `trim` is out of range.

    Examples
    --------
    >>> import numpy as np, pynapple as nap
    >>> t = np.linspace(0, 1, 101)
    >>> fit_track(nap.TsdFrame(t=t, d=np.c_[10 + 30 * t, 10 + 40 * t]), trim=0).round(6)
    array([[10., 10.],
           [40., 50.]])
    """
    if not 0 <= trim < 0.5:
        raise InputError("trim must be at least 0 and below 0.5", got=trim)
    points = position.values[np.isfinite(position.values).all(axis=1)]
    if len(points) < 2 or np.ptp(points, axis=0).max() == 0:
        raise InputError(
            "A track needs frames at two different positions", got=f"{len(points)} frames"
        )
    centre = points.mean(axis=0)
    axis = np.linalg.eigh(np.cov(points.T))[1][:, -1]
    axis *= np.sign(axis[np.argmax(np.abs(axis))])
    ends = np.quantile((points - centre) @ axis, [trim, 1 - trim])
    return centre + ends[:, None] * axis


def linearise(
    position: nap.TsdFrame,
    vertices: ArrayLike,
    *,
    max_offset: float = np.inf,
    length: float | None = None,
    unit: str = "px",
) -> LinearPosition:
    """Return the position along a track: that of the nearest point on its polyline.

    Parameters
    ----------
    position : TsdFrame of shape (n_frames, 2)
        Columns x and y.
    vertices : array_like of shape (n_vertices, 2)
        The track from end to end, in the unit of `position`; `fit_track` finds a straight one.
    max_offset : float
        Frames farther from the track than this are left out, in the unit of `position`.
    length : float, optional
        True length of the track, in `unit`: the calibration where the camera has none.
    unit : str
        Unit of `length`, or of `position` without it.

    Returns
    -------
    LinearPosition
        Frames whose position is NaN count as off the track. The time support ends halfway to the
        next frame that was left out, so that no movement is seen across it.

    Raises
    ------
    InputError
        If there are fewer than two different vertices, or a length is not positive.

    Examples
    --------
    >>> import numpy as np, pynapple as nap
    >>> corner = [(0, 0), (10, 0), (10, 10)]
    >>> frames = nap.TsdFrame(t=[0.0, 1.0], d=np.array([[4.0, 1.0], [9.0, 6.0]]))
    >>> linearise(frames, corner).position.values
    array([ 4., 16.])
    """
    track = np.asarray(vertices, dtype=np.float64)
    if track.ndim != 2 or track.shape[1:] != (2,) or len(track) < 2:
        raise InputError("vertices must have the shape (n_vertices, 2)", got=track.shape)
    steps = np.linalg.norm(np.diff(track, axis=0), axis=1)
    if not (np.isfinite(steps).all() and (steps > 0).all()):
        raise InputError("Neighbouring vertices must be finite and different", got=track.tolist())
    if not max_offset > 0 or not (length is None or 0 < length < np.inf):
        raise InputError("Lengths must be positive", got=(max_offset, length))
    along, offset = _project(position.values, track, steps)
    scale = 1.0 if length is None else length / steps.sum()
    near = np.isfinite(along) & (offset <= max_offset)
    times, support = position.index.values[near], _support_where(position, near)
    return LinearPosition(
        position=nap.Tsd(t=times, d=along[near] * scale, time_support=support),
        offset=nap.Tsd(t=times, d=offset[near] * scale, time_support=support),
        vertices=track,
        length=float(steps.sum() * scale),
        unit=unit,
        n_frames_off_track=int(np.sum(~near)),
    )


def _project(
    points: NDArray[np.float64], track: NDArray[np.float64], steps: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    along = np.full(len(points), np.nan)
    offset = np.full(len(points), np.inf)
    travelled = np.r_[0.0, np.cumsum(steps)]
    for i, step in enumerate(steps):
        direction = (track[i + 1] - track[i]) / step
        local = np.clip((points - track[i]) @ direction, 0.0, step)
        distance = np.linalg.norm(points - track[i] - local[:, None] * direction, axis=1)
        nearer = distance < offset
        along[nearer], offset[nearer] = travelled[i] + local[nearer], distance[nearer]
    return along, offset


def _support_where(signal: nap.TsdFrame, mask: NDArray[np.bool_]) -> nap.IntervalSet:
    times, kept = signal.index.values, []
    for (first, last), (start, end) in zip(
        find_runs(signal), signal.time_support.values, strict=True
    ):
        frames = times[first:last]
        borders = np.r_[start, (frames[1:] + frames[:-1]) / 2, end]
        kept.append(borders[find_stretches(mask[first:last])])
    bounds = np.concatenate([np.empty((0, 2)), *kept])
    return nap.IntervalSet(bounds[:, 0], bounds[:, 1])
