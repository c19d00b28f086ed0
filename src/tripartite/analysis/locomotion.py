"""How fast an animal moves, and so when it runs or rests.

Every function works within the intervals of the time support, so that a gap in the tracking never
becomes a movement.
"""

from __future__ import annotations

import numpy as np
import pynapple as nap

from tripartite.analysis.smoothing import smooth_in_time
from tripartite.analysis.traces import Signal, find_runs, find_stretches, replace_values
from tripartite.errors import InputError


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
