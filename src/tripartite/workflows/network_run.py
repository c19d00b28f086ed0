"""One run of a network, from end to end: simulate, keep the recording, measure, draw."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from tripartite import networks as tn
from tripartite.analysis.network_activity import (
    GroupFiring,
    GroupRates,
    NodeAverage,
    average_nodes,
    compute_group_rates,
    list_variables,
    summarise_groups,
)
from tripartite.core.checks import check_type
from tripartite.core.environment import describe_environment
from tripartite.core.recording import Recording
from tripartite.core.section import Figure, Finding, Section
from tripartite.errors import InputError
from tripartite.networks.interruption import RunInterrupted
from tripartite.plots import style
from tripartite.plots.networks import plot_group_rates, plot_network_dynamics, plot_spike_raster
from tripartite.workflows.tables import write_tables

RECORDING, RASTER, DYNAMICS, SAVED = "recording.nwb", "raster.png", "dynamics.png", "section.json"
_BIN_SIZE = 0.005
_SYMBOLS = {"uM": "µM"}


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """For how long a network runs, and how.

    Parameters
    ----------
    duration : float
        Simulated time that is measured (s).
    warm_up : float
        Simulated time before it, which is recorded and drawn but left out of the numbers (s).
    engine, precision, n_threads, record_to
        As in `tripartite.networks.simulate`.
    """

    duration: float
    warm_up: float = 0.0
    engine: Literal["kernel", "nest"] = "kernel"
    precision: Literal["exact", "fast"] = "exact"
    n_threads: int | None = None
    record_to: Path | None = None

    def __post_init__(self) -> None:
        if not (0 < self.duration < np.inf and 0 <= self.warm_up < np.inf):
            raise InputError(
                "duration must be above 0 s and warm_up at least 0 s",
                got=f"duration {self.duration} and warm_up {self.warm_up}",
            )


@dataclass(frozen=True, kw_only=True)
class NetworkActivity:
    """What a network did.

    Parameters
    ----------
    rates : GroupRates, optional
        Rate of each population over time, from the start; none if no spikes were recorded.
    firing : GroupFiring, optional
        Rate and regularity of each population after the warm-up.
    averages : dict of str to NodeAverage
        State variables over time, from the start.
    settled : dict of str to NodeAverage
        The same after the warm-up.
    warm_up : float
        Time that is drawn, but left out of the numbers (s).
    """

    rates: GroupRates | None
    firing: GroupFiring | None
    averages: Mapping[str, NodeAverage]
    settled: Mapping[str, NodeAverage]
    warm_up: float

    def to_tables(self) -> dict[str, tuple[pd.DataFrame, str]]:
        """Return each table with what it holds."""
        tables = {}
        if self.rates is not None and self.firing is not None:
            tables["firing"] = (self.firing.to_frame(), "rate and regularity of each population")
            rates = self.rates.to_frame().rename_axis("time").reset_index()
            tables["rates"] = (rates, "rate (Hz) of each population over time")
        if self.averages:
            frames = [each.to_frame().assign(variable=n) for n, each in self.averages.items()]
            about = "mean and SD over nodes of each variable over time"
            tables["averages"] = (pd.concat(frames, ignore_index=True), about)
        return tables


def measure_network(recording: Recording, *, warm_up: float = 0.0) -> NetworkActivity:
    """Return what the populations of a simulated network did.

    Parameters
    ----------
    recording : Recording
        From `tripartite.networks.simulate`.
    warm_up : float
        Time at the start that is left out of the numbers (s).

    Raises
    ------
    InputError
        If nothing was recorded, or nothing after the warm-up.
    """
    variables, spikes = list_variables(recording), recording.spikes
    if not variables and not spikes:
        raise InputError("A network must record spikes or state variables", got=recording)
    window = (warm_up, float(recording.metadata["duration"]))
    return NetworkActivity(
        rates=compute_group_rates(spikes, bin_size=_BIN_SIZE) if spikes else None,
        firing=summarise_groups(spikes, window=window) if spikes else None,
        averages={name: average_nodes(recording, name) for name in variables},
        settled={name: average_nodes(recording, name, window=window) for name in variables},
        warm_up=warm_up,
    )


def draw_network(
    out: Path, recording: Recording, activity: NetworkActivity, *, prefix: str = ""
) -> tuple[Figure, ...]:
    """Draw the raster over the rates, and the state variables; return the figures.

    Parameters
    ----------
    out : Path
        Existing folder.
    recording : Recording
        From `tripartite.networks.simulate`.
    activity : NetworkActivity
        What `measure_network` made of it.
    prefix : str
        Put before the names of the files in what is returned.
    """
    figures = []
    if recording.spikes and activity.rates is not None:
        options: dict[str, Any] = {"sharex": True, "height_ratios": (3, 1)}
        with style.drawing(out / RASTER, n_rows=2, height=4.6, **options) as (_, axes):
            plot_spike_raster(recording.spikes, axes[0])
            plot_group_rates(activity.rates, axes[1])
            axes[0].label_outer()
            _shade(axes, activity.warm_up)
        figures.append(Figure(path=prefix + RASTER, **_describe_raster(activity)))
    if activity.averages:
        n = len(activity.averages)
        with style.drawing(
            out / DYNAMICS, n_rows=n, height=0.6 + 1.5 * n, sharex=True, squeeze=False
        ) as (_, axes):
            plot_network_dynamics(activity.averages, axes[:, 0])
            _shade(axes[:, 0], activity.warm_up)
        figures.append(Figure(path=prefix + DYNAMICS, **_describe_dynamics(activity)))
    return tuple(figures)


def find_activity(activity: NetworkActivity) -> tuple[Finding, ...]:
    """Return the numbers of a run, with their uncertainty and what they mean.

    Parameters
    ----------
    activity : NetworkActivity
        What `measure_network` found.
    """
    rates = [] if activity.firing is None else _rate_findings(activity.firing)
    return (*rates, *(_variable_finding(each) for each in activity.settled.values()))


def run_network(
    network: tn.Network,
    settings: RunSettings,
    out: Path,
    *,
    name: str = "network",
    report: Callable[[str], None] = lambda message: None,
    progress: bool = False,
) -> Section:
    """Return what a network did, after writing recording, tables and figures into a folder.

    Parameters
    ----------
    network : Network
        What to run.
    settings : RunSettings
        For how long, and how.
    out : Path
        Folder; it is made if it does not exist.
    name : str
        What the network is called.
    report : callable
        Told what is being done.
    progress : bool
        Show the simulated time, if there is a terminal.

    Returns
    -------
    Section
        Paths are relative to `out`. It is saved there as ``section.json``.

    Raises
    ------
    InputError
        If the network records nothing, or a setting does not hold.
    RunInterrupted
        If Ctrl-C is pressed, after the recording until then was written.
    """
    check_type(network, tn.Network, name="network")
    out.mkdir(parents=True, exist_ok=True)
    (out / SAVED).unlink(missing_ok=True)  # what is rewritten is not finished
    start = time.perf_counter()
    report("simulating")
    try:
        recording = tn.simulate(
            network,
            settings.warm_up + settings.duration,
            engine=settings.engine,
            precision=settings.precision,
            n_threads=settings.n_threads,
            record_to=settings.record_to,
            progress=progress,
        )
    except RunInterrupted as stop:
        if settings.record_to is None:
            stop.recording.to_nwb(out / RECORDING, overwrite=True)
        raise
    report("writing the recording")
    recording.to_nwb(out / RECORDING, overwrite=True)
    report("measuring and drawing")
    activity = measure_network(recording, warm_up=settings.warm_up)
    section = Section(
        name=name,
        title=f"A run of {name}",
        question=describe_network(network, settings),
        findings=find_activity(activity),
        figures=draw_network(out, recording, activity),
        outputs={
            RECORDING: "spikes, variables, connections and parameters, for any program that reads "
            "NWB",
            **write_tables(out, activity.to_tables()),
        },
        parameters={**asdict(settings), "seed": network.seed, "record_to": str(settings.record_to)},
        seconds=time.perf_counter() - start,
        environment=describe_environment(),
    )
    section.save(out / SAVED)
    return section


def describe_network(network: tn.Network, settings: RunSettings) -> str:
    """Return what was simulated, in two sentences.

    Parameters
    ----------
    network : Network
        What was run.
    settings : RunSettings
        How.
    """
    nodes = ", ".join(
        f"{each.size} {each.name} ({each.model.model_name})" for each in network.populations
    )
    n_connections = sum(part.n_connections for part in network.projections())
    before = f", after {settings.warm_up:g} s of warm-up," if settings.warm_up else ""
    return (
        f"A network of {nodes} with {n_connections} connections ran for "
        f"{settings.duration:g} s{before} in steps of {network.resolution_ms:g} ms "
        f"({settings.engine} engine"
        + (f", {settings.precision} steps" if settings.engine == "kernel" else "")
        + "). All times of the recording count from the start of the warm-up."
        * bool(settings.warm_up)
    )


def _rate_findings(firing: GroupFiring) -> list[Finding]:
    findings = []
    for row in firing.to_frame().to_dict("records"):
        regularity = (
            f"Intervals between spikes vary with a CV of {row['cv']:.2f} (mean of {row['n_cv']} "
            "nodes with at least three spikes)."
            if row["n_cv"]
            else "No node has three spikes, so that regularity is not known."
        )
        findings.append(
            Finding(
                name=f"Rate of {row['group']}",
                value=_plus_minus(row["rate"], row["rate_sd"]),
                unit="Hz",
                meaning=f"Mean ± SD over {row['n_units']} recorded nodes with {row['n_spikes']} "
                f"spikes. {regularity}",
            )
        )
    return findings


def _variable_finding(average: NodeAverage) -> Finding:
    means = average.node_means
    unit = _SYMBOLS.get(average.unit, average.unit)
    return Finding(
        name=f"{average.variable}, mean over time",
        value=_plus_minus(means.mean(), means.std(ddof=1) if len(means) > 1 else np.nan),
        unit=unit,
        meaning=f"Mean ± SD over {len(means)} recorded nodes. At the end of the run it is "
        f"{_plus_minus(average.mean[-1], average.sd[-1])} {unit}.",
    )


def _plus_minus(mean: float, sd: float) -> str:
    return f"{mean:.3g} ± {sd:.2g}" if np.isfinite(sd) else f"{mean:.3g}"


def _shade(axes: Iterable[Axes], warm_up: float) -> None:
    if warm_up:
        for ax in axes:
            ax.axvspan(0, warm_up, color=style.LIGHT_GREY, alpha=0.5, linewidth=0, zorder=0)


def _describe_raster(activity: NetworkActivity) -> dict[str, str]:
    shaded = " Grey: warm-up." if activity.warm_up else ""
    return {
        "caption": "Above: spikes of the recorded nodes, one row each, populations in colours. "
        f"Below: spikes per recorded node and second, in bins of {1000 * _BIN_SIZE:g} ms.{shaded}",
        "alt": "A raster of spikes over the rates of the populations.",
    }


def _describe_dynamics(activity: NetworkActivity) -> dict[str, str]:
    shaded = " Grey: warm-up." if activity.warm_up else ""
    return {
        "caption": "State variables over time: mean over the recorded nodes, band: one standard "
        f"deviation between nodes on each side; n: number of nodes.{shaded}",
        "alt": f"Traces of {', '.join(activity.averages)}, one panel each.",
    }
