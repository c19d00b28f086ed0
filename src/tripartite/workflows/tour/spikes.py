"""Spikes: place cells of a rat on a linear track, and what they do in rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
import pynapple as nap
from scipy import stats

from tripartite.analysis.locomotion import compute_speed, find_speed_intervals
from tripartite.core.recording import Recording
from tripartite.core.section import Finding, Section
from tripartite.errors import TripartiteError
from tripartite.io import bundled
from tripartite.io.tetrode_sessions import read_tetrode_session
from tripartite.workflows.linear_track import TrackSession, TrackSettings, analyse_linear_track
from tripartite.workflows.tables import write_tables
from tripartite.workflows.tour._registry import section
from tripartite.workflows.tour._spike_figures import draw_all

SPIKES, TRACKING = "linear_spikes.mat", "linear_trajectory.videoPositionTracking"

# The track is about 420 px long, so that a run covers at least a twentieth of it per second.
SETTINGS = TrackSettings(run_speed=20.0, rest_speed=4.0, max_offset=80.0)

QUESTION = (
    "Which cells of hippocampal area CA1 fire at a place, and what do they do when the rat rests? "
    "Sorted spikes and camera tracking become one recording, which goes through an NWB file and "
    "back. Runs in each direction give the firing rate along the track; shifting the spikes within "
    "each run tells what chance would give. In rest, moments are sought at which many units fire "
    "together."
)


@section("spikes", title="Place cells of a rat on a linear track", order=20)
def run(out: Path, report: Callable[[str], None]) -> Section:
    """Find place fields and population activity in a bundled recording of rat CA1.

    Parameters
    ----------
    out : Path
        Existing folder for figures, tables and the NWB file.
    report : callable
        Told what is being done.

    Returns
    -------
    Section
        What was asked, used and found.

    Raises
    ------
    TripartiteError
        If the NWB file does not give back what was written to it.
    """
    report("reading spikes and camera tracking")
    original = read_tetrode_session(
        bundled.path(SPIKES),
        bundled.path(TRACKING),
        region="CA1",
        metadata={
            "description": "Rat on a linear track, then at rest; example data of nelpy",
            "subject": {"subject_id": "unknown", "species": "Rattus norvegicus"},
        },
    )
    report("writing the recording to an NWB file and reading it back")
    path = original.to_nwb(out / "session.nwb", overwrite=True)
    recording = Recording.from_nwb(path)
    different = find_differences(original, recording)
    if different:
        raise TripartiteError("A recording must come back from NWB as it was", got=different)
    report("mapping the rate of each unit along the track")
    session = analyse_linear_track(recording, SETTINGS)
    report("drawing")
    figures = draw_all(out, recording, session)
    tables = write_tables(out, _make_tables(recording, session), prefix="spikes/")
    return Section(
        name="spikes",
        title="Place cells of a rat on a linear track",
        question=QUESTION,
        sources=(bundled.source(SPIKES), bundled.source(TRACKING)),
        findings=(
            *_recording_findings(recording),
            *_place_findings(session),
            *_rest_findings(session),
        ),
        figures=figures,
        outputs={"spikes/session.nwb": "the recording, for any program that reads NWB", **tables},
        parameters={**asdict(SETTINGS), "synchrony": asdict(session.synchrony.criteria)},
    )


def find_differences(first: Recording, second: Recording) -> list[str]:
    """Return the names of the parts in which two recordings with units and a position differ.

    Parameters
    ----------
    first, second : Recording
        Both with units and the signal ``position``.
    """
    units = [cast("nap.TsGroup", each.spikes) for each in (first, second)]
    positions = [each.signals["position"] for each in (first, second)]
    supports = [each.time_support.values for each in (*units, *positions)]
    same = {
        "spike times": list(units[0]) == list(units[1])
        and all(
            np.array_equal(a.t, b.t) for a, b in zip(*(u.values() for u in units), strict=True)
        ),
        "columns of the units": units[0].metadata.equals(units[1].metadata),
        "position": all(
            np.array_equal(getattr(positions[0], name), getattr(positions[1], name))
            for name in ("t", "d")
        ),
        "time supports": np.array_equal(supports[0], supports[1])
        and np.array_equal(supports[2], supports[3]),
        "metadata": dict(first.metadata) == dict(second.metadata),
        "provenance": first.provenance.to_json() == second.provenance.to_json(),
    }
    return [name for name, equal in same.items() if not equal]


def _recording_findings(recording: Recording) -> list[Finding]:
    spikes, known = cast("nap.TsGroup", recording.spikes), recording.metadata
    position = cast("nap.TsdFrame", recording.signals["position"])
    still = find_speed_intervals(compute_speed(position, sigma=0.0), below=1e-9, min_duration=5.0)
    n_spikes = sum(len(train) for train in spikes.values())
    return [
        Finding(
            name="Units and spikes",
            value=f"{len(spikes)} units, {n_spikes} spikes",
            meaning=f"{known['n_cells_without_spikes']} more clusters have no spike and were left "
            f"out. The recording came back from its NWB file with the same spike times, positions, "
            "time supports, columns, metadata and provenance; this is checked in every run.",
        ),
        Finding(
            name="Video frames left out",
            value=f"{known['n_frames_repeated']} repeated, {known['n_frames_lost']} lost, "
            f"of {known['n_frames']}",
            meaning="Nothing was interpolated; the tracking breaks at "
            f"{known['n_position_gaps']} gaps of over 0.1 s, and no movement is computed "
            "across them.",
        ),
        Finding(
            name="Time with a frozen tracker",
            value=f"{still.tot_length() / 60:.1f}",
            unit="min",
            meaning="The position does not change by one pixel for 5 s or longer. No living "
            "rat is so "
            "still: it was out of sight of the camera. 'Rest' in this section is the time after it "
            "was taken off the track; whether it slept is not in the files.",
        ),
    ]


def _place_findings(session: TrackSession) -> list[Finding]:
    findings = []
    for name, result in session.directions.items():
        frame = result.to_frame()
        cells = frame.query("place_cell")
        n_tested = int(np.isfinite(result.test.p_value).sum())
        low, middle, high = np.percentile(cells["information"], [25, 50, 75])
        findings += [
            Finding(
                name=f"Place cells, {name}",
                value=f"{len(cells)} of {n_tested} units that fire",
                meaning=f"In {len(result.runs)} runs, {result.runs.tot_length():.0f} s altogether: "
                "more information than in 99 % of shifts, a peak of at least "
                f"{session.settings.min_peak:g} Hz, and less than a fifth of that rate on at least "
                "half of the track. Chance gives on average at most "
                f"{session.settings.alpha * n_tested:.1f} "
                "cells; the p-values are not corrected for the number of units.",
            ),
            Finding(
                name=f"Spatial information of place cells, {name}, median (quartiles)",
                value=f"{middle:.2f} ({low:.2f} to {high:.2f})",
                unit="bits/spike",
                meaning="How much one spike tells of the place. Too high in cells with few spikes: "
                f"the shifted spikes of the same cells give {cells['null_mean'].median():.2f}. Odd "
                f"and even runs agree with a median correlation of "
                f"{cells['correlation'].median():.2f}.",
            ),
        ]
    outbound, inbound = (set(d.place_cells.tolist()) for d in session.directions.values())
    findings.append(
        Finding(
            name="Place cells in both directions",
            value=f"{len(outbound & inbound)} of {len(outbound | inbound)}",
            meaning="On a linear track most place cells of CA1 have a field in one direction only. "
            f"Positions are in {session.linear.unit}: the camera was not calibrated, so widths of "
            "fields are not known in cm.",
        )
    )
    return findings


def _rest_findings(session: TrackSession) -> list[Finding]:
    rate, events = session.states.rate, session.synchrony
    chance = session.synchrony_by_chance
    correlation, p_value = cast("tuple[float, float]", stats.spearmanr(rate[:, 0], rate[:, 1]))
    duration = session.rest.tot_length()
    return [
        Finding(
            name="Units silent in runs that fire in rest",
            value=f"{int(np.sum((rate[:, 0] == 0) & (rate[:, 1] > 0)))} of {len(rate)}",
            meaning=f"Over all units the rates in runs and in rest have a rank correlation of "
            f"{correlation:.2f} (p = {p_value:.2g}). Runs last "
            f"{session.states.duration[0]:.0f} s and rest {session.states.duration[1]:.0f} s, so a "
            "slow unit is more easily silent in runs.",
        ),
        Finding(
            name="Synchrony events in rest",
            value=f"{len(events.peak)} ({60 * len(events.peak) / duration:.1f} per minute)",
            meaning="Units that fire as they do within 10 s, but independently of each other, give "
            f"{chance.mean():.0f} ± "
            f"{chance.std(ddof=1):.0f} (mean ± SD of {len(chance)} shifts). Left out: "
            f"{events.n_few_units} candidates with fewer than {events.criteria.min_units} units, "
            f"{events.n_short} too short, {events.n_long} too long, {events.n_cut} cut. Such "
            "events are candidates for replay; whether they replay the track is not tested here.",
        ),
    ]


def _make_tables(
    recording: Recording, session: TrackSession
) -> dict[str, tuple[pd.DataFrame, str]]:
    columns = cast("nap.TsGroup", recording.spikes).metadata.drop(columns="rate", errors="ignore")
    units = session.to_frame().merge(columns, left_on="unit", right_index=True)
    fields = [d.fields.to_frame().assign(direction=n) for n, d in session.directions.items()]
    maps = [
        d.maps.to_xarray().to_dataframe().reset_index().assign(direction=n)
        for n, d in session.directions.items()
    ]
    return {
        "units": (units, "information, p-value and stability of each unit and direction"),
        "fields": (pd.concat(fields, ignore_index=True), "every place field"),
        "rate_maps": (pd.concat(maps, ignore_index=True), "rate (Hz) in every bin of the track"),
        "states": (session.states.to_frame(), "spikes and rate of each unit in runs and in rest"),
        "synchrony": (session.synchrony.to_frame(), "every synchrony event in rest"),
    }
