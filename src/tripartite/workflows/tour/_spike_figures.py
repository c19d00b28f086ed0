"""Figures of the tour's section on spikes."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pynapple as nap
from numpy.typing import NDArray

from tripartite.analysis.population import compute_population_rates
from tripartite.core.recording import Recording
from tripartite.core.section import Figure
from tripartite.plots import style
from tripartite.plots.placefields import (
    DIRECTION_COLORS,
    find_rows,
    plot_occupancy,
    plot_path,
    plot_rate_map,
    plot_rate_maps,
    plot_spikes_on_position,
    plot_track,
    sort_by_peak,
)
from tripartite.plots.population import (
    plot_chance,
    plot_population_rates,
    plot_raster,
    plot_state_rates,
    plot_synchrony,
)
from tripartite.workflows.linear_track import TrackSession

_BIN_SIZE = 5.0


def draw_all(out: Path, recording: Recording, session: TrackSession) -> tuple[Figure, ...]:
    """Draw every figure of the section; return what they show."""
    return (
        _draw_track(out, recording, session),
        _draw_fields(out, session),
        _draw_examples(out, recording, session),
        _draw_population(out, recording, session),
        _draw_session(out, recording, session),
        _draw_states(out, session),
    )


def sort_place_cells(session: TrackSession) -> NDArray:
    """Return the place cells of either direction, by the place of their highest rate of all."""
    cells = np.unique(np.concatenate([d.place_cells for d in session.directions.values()]))
    maps = [direction.maps for direction in session.directions.values()]
    best = np.fmax(*(np.nan_to_num(each.rate[find_rows(each, cells)], nan=-1.0) for each in maps))
    return cells[np.argsort(best.argmax(axis=1), kind="stable")]


def _draw_track(out: Path, recording: Recording, session: TrackSession) -> Figure:
    linear, unit = session.linear, session.linear.unit
    position = cast("nap.TsdFrame", recording.signals["position"])
    on_track = cast("nap.TsdFrame", position.restrict(linear.position.time_support))
    with style.drawing(
        out / "track.png", n_columns=3, height=2.8, width_ratios=[1.1, 1.6, 1.2]
    ) as (
        _,
        axes,
    ):
        style.label_panels(axes)
        plot_track(on_track, linear.vertices, axes[0], unit=unit)
        runs = {name: direction.runs for name, direction in session.directions.items()}
        plot_path(linear.position, runs, axes[1], unit=unit)
        for name, direction in session.directions.items():
            color = DIRECTION_COLORS[name]
            plot_occupancy(direction.maps, axes[2], color=color, name=name, unit=unit)
        axes[2].legend()
    return Figure(
        path="spikes/track.png",
        caption="(a) Where the camera saw the rat, frames within "
        f"{session.settings.max_offset:g} {unit} of the track; arrow: the track, the principal "
        "axis "
        "of the running rat. (b) Position along it; colours: runs, by direction. (c) Time that the "
        "rat spent running in each bin; dotted: the shortest that counts.",
        alt="A straight oblique track, about forty crossings of it in sixteen minutes, and an "
        "occupancy of about three seconds per bin.",
    )


def _draw_fields(out: Path, session: TrackSession) -> Figure:
    unit = session.linear.unit
    with style.drawing(out / "place_fields.png", n_rows=2, n_columns=2, height=5.6) as (
        figure,
        axes,
    ):
        style.label_panels(axes.flat)
        for row, (order_by, chosen) in zip(axes, session.directions.items(), strict=True):
            ranked = [u for u in sort_by_peak(chosen.maps) if u in chosen.place_cells]
            for ax, (name, direction) in zip(row, session.directions.items(), strict=True):
                plot_rate_maps(direction.maps, ax, units=ranked, unit=unit)
                ax.set_title(f"{name} runs", fontsize=9)
                ax.set_ylabel(f"unit (place cells {order_by})")
        figure.colorbar(axes[0, 0].images[0], ax=axes, label="rate / peak rate", shrink=0.5)
    counts = " and ".join(f"{len(d.place_cells)} {n}" for n, d in session.directions.items())
    return Figure(
        path="spikes/place_fields.png",
        caption="Rate along the track, as a share of the peak in that direction, one row per unit. "
        "(a, b) Cells that are place cells in outbound runs, sorted by their peak there; (c, "
        "d) the "
        f"same for inbound runs ({counts}). Each order holds in one direction only: most cells "
        "change with it. The peak of a nearly silent row may be a few spikes.",
        alt="Diagonal bands of high rate where direction and order agree, scattered where not.",
    )


def _draw_examples(out: Path, recording: Recording, session: TrackSession) -> Figure:
    spikes, unit = cast("nap.TsGroup", recording.spikes), session.linear.unit
    cells = _choose_examples(session)
    runs = {name: direction.runs for name, direction in session.directions.items()}
    with style.drawing(
        out / "example_cells.png",
        n_rows=2,
        n_columns=len(cells),
        height=4.6,
        sharex=True,
        height_ratios=[2, 1],
        squeeze=False,
    ) as (figure, axes):
        for column, label in zip(axes.T, cells, strict=True):
            train = cast("nap.Ts", spikes[label])
            plot_spikes_on_position(session.linear.position, train, runs, column[0])
            column[0].set_title(f"unit {label}", fontsize=9)
            for name, direction in session.directions.items():
                color = DIRECTION_COLORS[name]
                plot_rate_map(
                    direction.maps, column[1], label=label, color=color, name=name, unit=unit
                )
        for ax in axes[:, 1:].flat:
            ax.set_ylabel("")
        handles, labels = axes[1, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper right", ncols=2)
    return Figure(
        path="spikes/example_cells.png",
        caption="The place cells with the most spikes, one per quarter of the track. Above: "
        "path of the rat (grey) and where the cell fired during runs (dots, coloured by "
        "direction). Below: rate along the track.",
        alt="Each cell fires at one place of the track, lap after lap, mostly in one direction.",
    )


def _choose_examples(session: TrackSession, n_cells: int = 4) -> list:
    """Return the place cell with most spikes in each part of the track."""
    frame = session.to_frame().query("place_cell").sort_values(by="n_spikes", ascending=False)
    frame = frame.drop_duplicates("unit")
    part = np.minimum(frame["peak_position"] / session.linear.length * n_cells, n_cells - 1)
    chosen = frame.assign(part=part.astype(int)).drop_duplicates("part")
    return chosen.sort_values("peak_position")["unit"].tolist()


def _draw_population(out: Path, recording: Recording, session: TrackSession) -> Figure:
    spikes = cast("nap.TsGroup", recording.spikes)
    cells = sort_place_cells(session)
    others = [unit for unit in spikes if unit not in cells]
    units = [*cells, *others]
    colors = [style.BLUE] * len(cells) + [style.GREY] * len(others)
    lap, nap_time = _choose_lap(session), _choose_rest(session)
    with style.drawing(
        out / "population.png",
        n_rows=2,
        n_columns=2,
        height=4.8,
        height_ratios=[1, 3],
        sharex="col",
    ) as (_, axes):
        style.label_panels(axes.flat)
        path = cast("nap.Tsd", session.linear.position.get(*lap))
        axes[0, 0].plot(path.index.values - lap[0], path.values, color=style.BLACK)
        axes[0, 0].set_ylabel(f"position ({session.linear.unit})")
        plot_synchrony(session.synchrony, axes[0, 1], window=nap_time)
        axes[0, 1].set_xlabel("")
        for column, window, title in zip(axes.T, (lap, nap_time), ("run", "rest"), strict=True):
            column[0].set_title(title, fontsize=9)
            plot_raster(spikes, column[1], window=window, units=units, colors=colors)
    return Figure(
        path="spikes/population.png",
        caption="(a, c) An outbound and the next inbound run: position, and spikes of "
        f"{len(units)} "
        f"units. Blue: the {len(cells)} place cells, by the place of their field; grey: the "
        "others. "
        "(b, d) Rest: rate of all units together, with moments of synchrony (bands) and the height "
        "that their peak needs (dotted), and the spikes. The time scales differ.",
        alt="In the run the cells fire one after another, in rest many together for a tenth of a "
        "second.",
    )


def _draw_session(out: Path, recording: Recording, session: TrackSession) -> Figure:
    spikes = cast("nap.TsGroup", recording.spikes)
    cells = sort_place_cells(session)
    units = [*cells, *(unit for unit in spikes if unit not in cells)]
    rates = compute_population_rates(spikes, spikes.time_support, bin_size=_BIN_SIZE)
    with style.drawing(out / "session.png", height=3.0) as (_, ax):
        plot_population_rates(rates, ax, units=units)
        ax.axvline(session.rest.start[0] - spikes.time_support.start[0], color=style.BLACK)
        ax.axhline(len(cells) - 0.5, color=style.BLACK, linewidth=0.8)
    return Figure(
        path="spikes/session.png",
        caption=f"Rate of each unit in bins of {_BIN_SIZE:g} s, as a z-score over the session. "
        f"Above the line: the {len(cells)} place cells, by the place of their field; below: the "
        "others. Upright line: the rat is taken off the track.",
        alt="Place cells are active in turns while the rat runs, the others mostly in rest.",
    )


def _choose_lap(session: TrackSession) -> tuple[float, float]:
    """Return the shortest window with a crossing of most of the track in each direction."""
    position = session.linear.position
    crossings = {}
    for name, direction in session.directions.items():
        crossings[name] = [
            run
            for run in direction.runs.values
            if np.ptp(cast("nap.Tsd", position.get(*run)).values) > 0.7 * session.linear.length
        ]
    pairs = [
        (first[0], last[1])
        for first in crossings["outbound"]
        for last in crossings["inbound"]
        if last[0] > first[1]
    ]
    start, end = min(pairs, key=lambda pair: pair[1] - pair[0])
    return start - 1.0, end + 1.0


def _choose_rest(session: TrackSession, duration: float = 4.0) -> tuple[float, float]:
    """Return the window with the most moments of synchrony."""
    starts = session.synchrony.start - 0.2
    n_inside = np.searchsorted(starts, starts + duration) - np.arange(len(starts))
    start = starts[int(np.argmax(n_inside))]
    return start, start + duration


def _draw_states(out: Path, session: TrackSession) -> Figure:
    events = session.synchrony
    with style.drawing(out / "run_and_rest.png", n_columns=3, height=2.6) as (_, axes):
        style.label_panels(axes)
        plot_state_rates(session.states, axes[0], highlighted=sort_place_cells(session))
        plot_chance(len(events.peak), session.synchrony_by_chance, axes[1])
        axes[2].hist(
            events.n_units, bins=np.arange(4.5, events.n_units.max() + 1), color=style.BLUE
        )
        axes[2].set_xlabel("units in an event")
        axes[2].set_ylabel("events")
        style.state_n(axes[2], f"n = {len(events.peak)}")
    return Figure(
        path="spikes/run_and_rest.png",
        caption=f"(a) Mean rate of each of the {len(session.states.units)} units in rest over "
        "that in runs; blue: place cells; dotted: "
        "equal; open: silent in one of them, drawn at the edge. (b) Number of synchrony "
        "events, and "
        "what units give that fire as they do but independently of each other within 10 s. (c) "
        "How many units "
        "take part.",
        alt="Most place cells fire more in runs, most others more in rest; there are several times "
        "more synchrony events than chance gives.",
    )
