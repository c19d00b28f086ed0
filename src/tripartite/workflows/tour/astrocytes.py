"""Astrocyte fluorescence: from shards to events and their kinetics; and a line scan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

import tripartite as tp
from tripartite.analysis.baseline import delta_f_over_f, difference_noise
from tripartite.analysis.linescan import dark_background, line_scan_ratio, structure_mask
from tripartite.analysis.transients import Transients, detect_transients
from tripartite.core.section import Finding, Section
from tripartite.io import bundled
from tripartite.io.astrocyte_snippets import read_astrocyte_snippets
from tripartite.io.prairieview import read_line_scan
from tripartite.workflows.tables import write_tables
from tripartite.workflows.tour._astrocyte_figures import (
    ScanMeasure,
    SnippetSearch,
    draw_scan,
    draw_snippets,
)
from tripartite.workflows.tour._registry import section

RAW, SMOOTHED = "raw_astrotrace_snippets.mat", "processed_astrotracelib2.mat"
GREEN, RED = "linescan_green.tif", "linescan_red.tif"

# Events fill more than half of most snippets, so F0 is sought among the lowest tenth.
PERCENTILE, THRESHOLD, LOW_THRESHOLD, SIGMA_SAMPLES = 10.0, 4.0, 1.0, 2.0
SCAN_BASELINE, SCAN_LOW_THRESHOLD = (0.0, 199.0), 2.0
N_NOISE_RUNS, SEED = 10, 0

QUESTION = (
    "How large, fast and long are calcium transients of astrocytes, and how many would noise alone "
    "have given? Fluorescence snippets become typed shards, are streamed back, normalised to dF/F0 "
    "and searched for events that rise above the noise. The same tools measure one transient in a "
    "two-channel line scan, which is probably of a neuron: its repository describes neurons filled "
    "with a calcium indicator and a dye. Neither file holds its sampling rate, so times are in "
    "samples and lines; the authors of the snippets plot them at 20 samples per second."
)


@tp.packable
class Snippet:
    """One fluorescence snippet of an astrocyte."""

    trace: Annotated[NDArray[np.float64], tp.Array("float64", ("time",), unit="F/F0")]
    snippet_id: int
    source: str


@tp.packable
class ScanLine:
    """One line of a two-channel line scan."""

    green: Annotated[NDArray[np.uint16], tp.Array("uint16", ("pixel",), unit="counts")]
    red: Annotated[NDArray[np.uint16], tp.Array("uint16", ("pixel",), unit="counts")]
    line: int


@section("astrocytes", title="Calcium transients of astrocytes", order=10)
def run(out: Path, report: Callable[[str], None]) -> Section:
    """Find calcium transients in bundled recordings of astrocytes and in a line scan.

    Parameters
    ----------
    out : Path
        Existing folder for figures, tables and shards.
    report : callable
        Told what is being done.

    Returns
    -------
    Section
        What was asked, used and found.
    """
    report("writing snippets and scan lines as typed shards")
    snippets, lines = _write_shards(out / "shards")
    report("searching the streamed snippets for events")
    search = _search(snippets)
    report("measuring the transient of the line scan")
    scan = _measure_scan(lines)
    report("drawing")
    figures = draw_snippets(out, search) + draw_scan(out, scan)
    tables = {
        "events": (search.events.to_frame(), "every event with its kinetics, one row per event"),
        "linescan": (
            scan.plain.to_frame(),
            "green, red and their ratio, one row per scanned line",
        ),
    }
    return Section(
        name="astrocytes",
        title="Calcium transients of astrocytes",
        question=QUESTION,
        sources=tuple(bundled.source(name) for name in (RAW, SMOOTHED, GREEN, RED)),
        findings=_findings(search, scan),
        figures=figures,
        outputs={
            **write_tables(out, tables, prefix="astrocytes/"),
            "astrocytes/shards": f"the {len(snippets)} snippets and {len(lines)} lines as shards",
        },
        parameters={
            "percentile of F0": PERCENTILE,
            "baseline of the line scan (lines)": SCAN_BASELINE,
            "low threshold of the line scan (SD)": SCAN_LOW_THRESHOLD,
            "runs of simulated noise": N_NOISE_RUNS,
            "seed": SEED,
            **search.events.parameters,
        },
    )


def _write_shards(folder: Path) -> tuple[tp.Dataset[Snippet], tp.Dataset[ScanLine]]:
    """Write all samples and return datasets that stream them back."""
    folder.mkdir(exist_ok=True)
    snippets = [
        Snippet(trace=trace, snippet_id=number, source=name)
        for name in (RAW, SMOOTHED)
        for number, trace in enumerate(read_astrocyte_snippets(bundled.path(name)))
    ]
    green, red = (read_line_scan(bundled.path(name)) for name in (GREEN, RED))
    lines = [
        ScanLine(green=g, red=r, line=number)
        for number, (g, r) in enumerate(zip(green, red, strict=True))
    ]
    return (
        tp.write_samples(snippets, folder / "snippets.tar", maxcount=200, overwrite=True),
        tp.write_samples(lines, folder / "lines.tar", maxcount=500, overwrite=True),
    )


def _search(snippets: tp.Dataset[Snippet]) -> SnippetSearch:
    streamed: dict[str, list[NDArray[np.float64]]] = {RAW: [], SMOOTHED: []}
    for snippet in snippets.ordered(batch_size=None):
        streamed[snippet.source].append(snippet.trace)
    traces = [delta_f_over_f(trace, percentile=PERCENTILE) for trace in streamed[RAW]]
    events = _detect(traces)
    rng = np.random.default_rng(SEED)
    noise = [
        delta_f_over_f(1 + rng.normal(scale=sd, size=len(trace)), percentile=PERCENTILE)
        for _ in range(N_NOISE_RUNS)
        for sd, trace in zip(events.noise, traces, strict=True)
    ]
    smoothness = {
        name: float(np.median([difference_noise(x, order=2) / difference_noise(x) for x in group]))
        for name, group in streamed.items()
    }
    n_false = len(_detect(noise)) / N_NOISE_RUNS
    return SnippetSearch(traces=traces, events=events, n_false=n_false, smoothness=smoothness)


def _detect(traces: list[NDArray[np.float64]]) -> Transients:
    return detect_transients(
        traces,
        threshold=THRESHOLD,
        low_threshold=LOW_THRESHOLD,
        sigma_samples=SIGMA_SAMPLES,
    )


def _measure_scan(lines: tp.Dataset[ScanLine]) -> ScanMeasure:
    batches = list(lines.ordered(batch_size=250))
    green, red = (np.concatenate([getattr(b, name) for b in batches]) for name in ("green", "red"))
    plain = line_scan_ratio(green, red)
    masked = line_scan_ratio(
        green, red, mask=structure_mask(red), background=dark_background(green, red)
    )
    plain_event, masked_event = (
        detect_transients(
            delta_f_over_f(result.ratio, baseline=SCAN_BASELINE),
            threshold=THRESHOLD,
            low_threshold=SCAN_LOW_THRESHOLD,
            sigma_samples=SIGMA_SAMPLES,
        )
        for result in (plain, masked)
    )
    return ScanMeasure(
        green=green,
        red=red,
        plain=plain,
        masked=masked,
        plain_event=plain_event,
        masked_event=masked_event,
    )


def _findings(search: SnippetSearch, scan: ScanMeasure) -> tuple[Finding, ...]:
    return (*_snippet_findings(search), *_scan_findings(scan))


def _snippet_findings(search: SnippetSearch) -> list[Finding]:
    events, n_traces = search.events, len(search.traces)
    whole = ~(events.cut_start | events.cut_end)
    return [
        Finding(
            name="Snippets with an event",
            value=f"{len(np.unique(events.trace))} of {n_traces}",
            meaning=f"{len(events)} events, {int(whole.sum())} of them whole; a snippet is often "
            "shorter than the event in it.",
        ),
        Finding(
            name="Events that noise alone gives",
            value=f"{search.n_false:.1f} of {n_traces}",
            meaning=f"Mean of {N_NOISE_RUNS} simulations of white noise, with the length and the "
            "noise of each snippet, searched in the same way.",
        ),
        Finding(
            name="Noise at order 2 / order 1, raw and smoothed library",
            value=" and ".join(f"{value:.2f}" for value in search.smoothness.values()),
            meaning="1 for white noise. In the raw snippets differences therefore tell the noise; "
            "in the smoothed ones they do not, so those are streamed but not searched.",
        ),
        _kinetics("Amplitude", 100 * events.amplitude, "% ΔF/F0", "Height of the events."),
        _kinetics("Rise time", events.rise_time, "samples", "From 10 to 90 % of the amplitude."),
        _kinetics("Width", events.half_width, "samples", "Time above half of the amplitude."),
        _kinetics(
            "Decay constant", events.decay_time, "samples", "Of an exponential fitted to the decay."
        ),
    ]


def _kinetics(name: str, values: NDArray[np.float64], unit: str, meaning: str) -> Finding:
    known = values[np.isfinite(values)]
    low, middle, high = np.percentile(known, [25, 50, 75])
    return Finding(
        name=f"{name}, median (quartiles)",
        value=f"{middle:.3g} ({low:.3g} to {high:.3g})",
        unit=unit,
        meaning=f"{meaning} Measured in {len(known)} of {len(values)} events.",
    )


def _scan_findings(scan: ScanMeasure) -> list[Finding]:
    findings = []
    for result, event, how in (
        (scan.plain, scan.plain_event, "all pixels, nothing subtracted"),
        (scan.masked, scan.masked_event, "pixels on the structure, darkest pixels subtracted"),
    ):
        before = np.median(result.ratio[: int(SCAN_BASELINE[1]) + 1])
        peak = int(np.argmax(result.ratio))
        findings.append(
            Finding(
                name=f"Green / red of the line scan: {how}",
                value=f"{before:.3f} before, {result.ratio[peak]:.2f} at line {peak}",
                meaning=f"The transient starts at line {event.onset[0]:.0f}, rises in "
                f"{event.rise_time[0]:.0f} lines and decays with a constant of "
                f"{event.decay_time[0]:.0f}. The background that is left in makes it smaller.",
            )
        )
    return findings
