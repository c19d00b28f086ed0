"""Place fields and population activity of one session on a linear track, from end to end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
import pynapple as nap

from tripartite.analysis.binning import MapGrid
from tripartite.analysis.locomotion import compute_speed, find_speed_intervals, find_travel
from tripartite.analysis.placefields import (
    MapStability,
    PlaceFields,
    compute_extent,
    compute_stability,
    find_fields,
)
from tripartite.analysis.population import StateRates, compute_state_rates
from tripartite.analysis.significance import InformationTest, shuffle_information
from tripartite.analysis.synchrony import (
    SynchronyEvents,
    count_synchrony_by_chance,
    find_synchrony,
)
from tripartite.analysis.track import LinearPosition, fit_track, linearise
from tripartite.analysis.tuning import RateMaps, compute_rate_maps
from tripartite.core.recording import Recording
from tripartite.errors import InputError


@dataclass(frozen=True, kw_only=True)
class TrackSettings:
    """Settings of the analysis; lengths are in the unit of the position of the recording.

    Parameters
    ----------
    run_speed : float
        Lowest speed along the track of a run (unit per second).
    rest_speed : float
        Speed below which the animal rests (unit per second).
    min_run, min_rest : float
        Shortest run and rest (s).
    speed_sigma : float
        Smoothing of the position before its speed is taken (s).
    max_offset : float
        Farthest from the track that counts as on it.
    n_bins : int
        Number of bins along the track.
    sigma_bins : float
        Smoothing of the rate maps (bins).
    min_occupancy : float
        Shortest time in a bin that has a rate (s).
    alpha : float
        A place cell has a p-value below this.
    min_peak : float
        And a field with at least this peak (Hz).
    max_extent : float
        And fires above a fifth of its peak on no more than this share of the track.
    n_shuffles, seed : int
        Shifts of the spikes.
    """

    run_speed: float
    rest_speed: float
    max_offset: float
    min_run: float = 0.5
    min_rest: float = 60.0
    speed_sigma: float = 0.25
    n_bins: int = 40
    sigma_bins: float = 1.0
    min_occupancy: float = 0.2
    alpha: float = 0.01
    min_peak: float = 1.0
    max_extent: float = 0.5
    n_shuffles: int = 1000
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class DirectionResult:
    """Rate maps of the runs in one direction, and what was made of them.

    Parameters
    ----------
    runs : IntervalSet
        The runs.
    maps : RateMaps
        Rate along the track.
    test : InformationTest
        Significance of the information.
    stability : MapStability
        Odd runs against even runs.
    fields : PlaceFields
        Fields of all units.
    place_cells : ndarray of shape (n_place_cells,)
        Labels of the place cells.
    """

    runs: nap.IntervalSet
    maps: RateMaps
    test: InformationTest
    stability: MapStability
    fields: PlaceFields
    place_cells: np.ndarray

    def to_frame(self) -> pd.DataFrame:
        """Return one row per unit."""
        frame = self.maps.to_frame().merge(self.test.to_frame().drop(columns="information"))
        frame = frame.merge(self.stability.to_frame())
        return frame.assign(place_cell=frame["unit"].isin(self.place_cells.tolist()))


@dataclass(frozen=True, kw_only=True)
class TrackSession:
    """What was found in a session.

    Parameters
    ----------
    linear : LinearPosition
        Position along the track.
    rest : IntervalSet
        When the animal rested.
    directions : dict of str to DirectionResult
        ``outbound`` and ``inbound``.
    states : StateRates
        Rates in ``run`` and ``rest``.
    synchrony : SynchronyEvents
        Moments of synchrony in rest.
    synchrony_by_chance : ndarray of shape (n_shuffles,)
        How many independent units give.
    settings : TrackSettings
        Settings.
    """

    linear: LinearPosition
    rest: nap.IntervalSet
    directions: dict[str, DirectionResult]
    states: StateRates
    synchrony: SynchronyEvents
    synchrony_by_chance: np.ndarray
    settings: TrackSettings

    def to_frame(self) -> pd.DataFrame:
        """Return one row per unit and direction."""
        frames = [each.to_frame().assign(direction=d) for d, each in self.directions.items()]
        return pd.concat(frames, ignore_index=True)


def analyse_linear_track(recording: Recording, settings: TrackSettings) -> TrackSession:
    """Return place fields and population activity of a session on a linear track.

    Parameters
    ----------
    recording : Recording
        With units, and the signal ``position`` (x, y).
    settings : TrackSettings
        Settings.

    Returns
    -------
    TrackSession
        The results.

    Raises
    ------
    InputError
        If there are no units or no position, or the animal never runs both ways or never rests.
    """
    position, spikes = recording.signals.get("position"), recording.spikes
    if not isinstance(position, nap.TsdFrame) or spikes is None:
        raise InputError("The recording must hold units and a signal position (x, y)", recording)
    speed = compute_speed(position, sigma=settings.speed_sigma)
    rest = find_speed_intervals(
        speed, below=settings.rest_speed, min_duration=settings.min_rest, merge_gap=1.0
    ).intersect(spikes.time_support)
    moving = find_speed_intervals(speed, above=settings.run_speed, min_duration=settings.min_run)
    if not len(rest) or not len(moving):
        raise InputError(
            "The animal must run and rest",
            got=f"{len(moving)} runs and {len(rest)} rests",
            do="Choose run_speed, rest_speed, min_run and min_rest to fit the session",
        )
    linear = linearise(
        position,
        fit_track(cast("nap.TsdFrame", position.restrict(moving))),
        max_offset=settings.max_offset,
        unit=str(recording.metadata.get("position_unit", "px")),
    )
    travel = find_travel(
        linear.position,
        min_speed=settings.run_speed,
        sigma=settings.speed_sigma,
        min_duration=settings.min_run,
    )
    return TrackSession(
        linear=linear,
        rest=rest,
        directions={
            name: _analyse_direction(spikes, linear, runs.intersect(spikes.time_support), settings)
            for name, runs in travel.items()
        },
        states=compute_state_rates(
            spikes, {"run": travel["outbound"].union(travel["inbound"]), "rest": rest}
        ),
        synchrony=find_synchrony(spikes, rest),
        synchrony_by_chance=count_synchrony_by_chance(spikes, rest, seed=settings.seed),
        settings=settings,
    )


def _analyse_direction(
    spikes: nap.TsGroup, linear: LinearPosition, runs: nap.IntervalSet, settings: TrackSettings
) -> DirectionResult:
    edges = np.linspace(0.0, linear.length, settings.n_bins + 1)
    grid = MapGrid(
        edges=edges,
        sigma=settings.sigma_bins * float(edges[1]),
        min_occupancy=settings.min_occupancy,
    )
    maps = compute_rate_maps(spikes, linear.position, runs, grid=grid)
    test = shuffle_information(
        spikes, linear.position, runs, grid=grid, n_shuffles=settings.n_shuffles, seed=settings.seed
    )
    fields = find_fields(maps, min_peak=settings.min_peak)
    chosen = (test.p_value < settings.alpha) & (compute_extent(maps) <= settings.max_extent)
    return DirectionResult(
        runs=runs,
        maps=maps,
        test=test,
        stability=compute_stability(spikes, linear.position, runs, grid=grid),
        fields=fields,
        place_cells=maps.units[chosen & np.isin(maps.units, fields.units)],
    )
