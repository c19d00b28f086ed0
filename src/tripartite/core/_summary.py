"""Recordings in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    import pynapple as nap

    from tripartite.core.recording import Recording


def describe_briefly(recording: Recording) -> str:
    """Return the record in one line."""
    parts = [recording.source, _span(recording.start, recording.end)]
    if recording.spikes is not None:
        parts.append(_count(len(recording.spikes), "unit"))
    for word, things in (
        ("signal", recording.signals),
        ("event series", recording.events),
        ("interval set", recording.intervals),
    ):
        if things:
            parts.append(f"{_count(len(things), word)} ({_join(things)})")
    if recording.trials is not None:
        parts.append(_count(len(recording.trials), "trial"))
    return f"<Recording: {', '.join(parts)}>"


def describe(recording: Recording) -> str:
    """Return the record in several lines."""
    lines = [("Recording", f"{recording.source}, {_span(recording.start, recording.end)}")]
    lines += _describe_spikes(recording.spikes)
    for name, signal in recording.signals.items():
        lines.append(
            (f"signal {name}", _describe_signal(signal, recording.metadata.get(f"{name}_unit")))
        )
    for name, events in recording.events.items():
        lines.append((f"events {name}", f"{len(events)}{_extent(events.t)}"))
    for name, intervals in recording.intervals.items():
        columns = (
            f", with {_join(intervals.metadata_columns)}" if intervals.metadata_columns else ""
        )
        lines.append(
            (
                f"intervals {name}",
                f"{len(intervals)}, {_number(intervals.tot_length())} s in all{columns}",
            )
        )
    if recording.trials is not None:
        lines.append(("trials", _describe_trials(recording.trials)))
    lines += [(name, f"{value}") for name, value in _describe_metadata(recording.metadata)]
    if recording.truth is not None:
        lines.append(("truth", _join(recording.truth) or "empty"))
    lines.append(("provenance", str(recording.provenance)))
    width = max(len(label) for label, _ in lines) + 2
    return "\n".join(f"{label:<{width}}{text}" for label, text in lines)


def _describe_spikes(spikes: nap.TsGroup | None) -> Iterator[tuple[str, str]]:
    if spikes is None:
        return
    n_spikes = sum(len(unit) for unit in spikes.values())
    rates = np.asarray(spikes.rates, dtype=float)
    yield "spikes", f"{_count(len(spikes), 'unit')}, {_count(n_spikes, 'spike')}{_mean_rate(rates)}"
    if "region" in spikes.metadata_columns:
        regions = np.asarray(spikes.get_info("region"), dtype=object)
        for region in dict.fromkeys(regions):
            chosen = np.array([each == region for each in regions])
            yield f"  {region}", f"{_count(int(chosen.sum()), 'unit')}{_mean_rate(rates[chosen])}"


def _describe_signal(signal: nap.Tsd | nap.TsdFrame | nap.TsdTensor, unit: Any) -> str:
    shape = " x ".join(map(str, signal.shape))
    parts = [f"{type(signal).__name__} {shape} {signal.dtype}"]
    parts += [str(unit)] if unit is not None else []
    steps = np.diff(signal.t)
    step = np.median(steps) if steps.size else 0.0
    if step > 0:
        regular = np.allclose(steps, step, rtol=0.01, atol=0)
        parts.append(
            f"{_number(1 / step)} Hz" if regular else f"irregular, about {_number(1 / step)} Hz"
        )
    return ", ".join(parts) + _extent(signal.t)


def _describe_trials(trials: pd.DataFrame) -> str:
    return f"{len(trials)}, with {_join(trials.columns)}"


def _describe_metadata(metadata: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in metadata.items():
        text = " ".join(str(value).split())
        yield name, text if len(text) <= 100 else text[:97] + "..."


def _mean_rate(rates: np.ndarray) -> str:
    return f", mean rate {_number(rates.mean())} Hz" if rates.size else ""


def _extent(times: np.ndarray) -> str:
    return f", {_span(times[0], times[-1])}" if len(times) else ""


def _span(start: float, end: float) -> str:
    return "no times" if np.isnan(start) else f"{_number(start)} to {_number(end)} s"


def _number(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:.1f}"


def _count(number: int, word: str) -> str:
    plural = word if number == 1 or word.endswith("series") else word + "s"
    return f"{number} {plural}"


def _join(names: Any) -> str:
    names = list(map(str, names))
    return ", ".join(names[:8]) + (f", ... ({len(names)} in all)" if len(names) > 8 else "")
