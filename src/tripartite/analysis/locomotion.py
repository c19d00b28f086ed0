"""Where an animal is on its track, how fast it moves, and when it runs or rests.

Every function works within the intervals of the time support, so that a gap in the tracking never
becomes a movement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pynapple as nap
from numpy.typing import ArrayLike, NDArray

from tripartite.analysis.smoothing import smooth_in_time
from tripartite.analysis.traces import Signal, find_runs, find_stretches, replace_values
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


def compute_velocity(position: Signal, *, sigma: float) -> Signal:
    """Return the rate of change of a position.

    Parameters
    ----------
    position : Tsd or TsdFrame
        Position in any unit of length.
    sigma : float
        Standard deviation of the Gaussian that smooths the velocity (s).

    Returns
    -------
    Tsd or TsdFrame
        Velocity (unit of `position` per second), by central differences; NaN in an interval of one
        frame.

    Examples
    --------
    >>> import numpy as np, pynapple as nap
    >>> compute_velocity(nap.Tsd(t=np.arange(4.0), d=np.array([0.0, 2, 4, 6])), sigma=0).values
    array([2., 2., 2., 2.])
    """
    velocity = np.full(position.shape, np.nan)
    times, values = position.index.values, position.values
    for first, last in find_runs(position):
        if last - first > 1:
            velocity[first:last] = np.gradient(values[first:last], times[first:last], axis=0)
    # Smoothed positions would halve the speed at the ends of an interval.
    return smooth_in_time(replace_values(position, velocity), sigma)


def compute_speed(position: nap.TsdFrame, *, sigma: float) -> nap.Tsd:
    """Return how fast an animal moves in the plane.

    Parameters
    ----------
    position : TsdFrame of shape (n_frames, 2)
        Columns x and y in any unit of length.
    sigma : float
        Standard deviation of the Gaussian that smooths the velocity (s).

    Returns
    -------
    Tsd of shape (n_frames,)
        Speed (unit of `position` per second).

    Examples
    --------
    >>> import numpy as np, pynapple as nap
    >>> t = np.arange(3.0)
    >>> compute_speed(nap.TsdFrame(t=t, d=np.c_[3 * t, 4 * t], columns=["x", "y"]), sigma=0).values
    array([5., 5., 5.])
    """
    velocity = compute_velocity(position, sigma=sigma)
    return nap.Tsd(
        t=position.index.values,
        d=np.linalg.norm(velocity.values, axis=1),
        time_support=position.time_support,
    )


def find_speed_intervals(
    speed: nap.Tsd,
    *,
    above: float = -np.inf,
    below: float = np.inf,
    min_duration: float = 0.0,
    merge_gap: float = 0.0,
) -> nap.IntervalSet:
    """Return when the speed stays between two bounds.

    Parameters
    ----------
    speed : Tsd
        Speed or velocity; NaN is between no bounds.
    above, below : float
        Lowest speed that counts and lowest that no longer does (unit of `speed`).
    min_duration : float
        Shorter intervals are left out (s), after merging.
    merge_gap : float
        Intervals that are at most this far apart become one (s), within a stretch of tracking.

    Returns
    -------
    IntervalSet
        From the first to the last frame of each stretch; a lone frame has no duration and is left
        out.

    Raises
    ------
    InputError
        If the bounds are not in order or a duration is negative.

    Examples
    --------
    >>> import numpy as np, pynapple as nap
    >>> speed = nap.Tsd(t=np.arange(8.0), d=np.array([0.0, 5, 5, 0, 5, 5, 5, 0]))
    >>> find_speed_intervals(speed, above=1, min_duration=1.5).values
    array([[4., 6.]])
    """
    if not above < below:
        raise InputError("above must be lower than below", got=(above, below))
    if not (min_duration >= 0 and merge_gap >= 0):
        raise InputError("durations must not be negative", got=(min_duration, merge_gap))
    times = speed.index.values
    inside = (speed.values >= above) & (speed.values < below)
    starts, ends = [], []
    for first, last in find_runs(speed):
        edges = find_stretches(inside[first:last]) + first
        begin, end = times[edges[:, 0]], times[edges[:, 1] - 1]
        apart = begin[1:] - end[:-1] > merge_gap
        starts.append(begin[np.r_[True, apart][: len(begin)]])
        ends.append(end[np.r_[apart, True][-len(end) :]] if len(end) else end)
    start, end = np.concatenate([[], *starts]), np.concatenate([[], *ends])
    long = (end - start > 0) & (end - start >= min_duration)
    return nap.IntervalSet(start[long], end[long])


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


def find_travel(
    position: nap.Tsd, *, min_speed: float, sigma: float, min_duration: float
) -> dict[str, nap.IntervalSet]:
    """Return when the animal runs along the track, by direction.

    Parameters
    ----------
    position : Tsd
        Position along the track, as in `LinearPosition`.
    min_speed : float
        Lowest speed along the track (unit of `position` per second).
    sigma : float
        Standard deviation of the Gaussian that smooths the velocity (s).
    min_duration : float
        Shorter runs are left out (s).

    Returns
    -------
    dict of str to IntervalSet
        ``outbound`` (position grows) and ``inbound`` (position falls).

    Examples
    --------
    >>> import numpy as np, pynapple as nap
    >>> there_and_back = nap.Tsd(t=np.arange(7.0), d=np.array([0.0, 1, 2, 3, 2, 1, 0]))
    >>> travel = find_travel(there_and_back, min_speed=0.5, sigma=0, min_duration=0)
    >>> travel["outbound"].values, travel["inbound"].values
    (array([[0., 2.]]), array([[4., 6.]]))
    """
    if not min_speed > 0:
        raise InputError("min_speed must be positive", got=min_speed)
    velocity = compute_velocity(position, sigma=sigma)
    return {
        name: find_speed_intervals(sign * velocity, above=min_speed, min_duration=min_duration)
        for name, sign in (("outbound", 1.0), ("inbound", -1.0))
    }
