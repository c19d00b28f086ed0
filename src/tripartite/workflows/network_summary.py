"""What a simulated network did: its numbers, its figures, its tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from tripartite.analysis.network_activity import (
    GroupFiring,
    GroupRates,
    NodeAverage,
    average_nodes,
    compute_group_rates,
    list_variables,
    summarise_groups,
)
from tripartite.core.recording import Recording
from tripartite.core.section import Figure, Finding
from tripartite.errors import InputError
from tripartite.plots import style
from tripartite.plots.networks import plot_group_rates, plot_network_dynamics, plot_spike_raster

RASTER, DYNAMICS = "raster.png", "dynamics.png"
_BIN_SIZE = 0.005
_SYMBOLS = {"uM": "µM"}


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
            axes[0, 0].set_xlim(left=0)  # the first sample is after the first interval
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
    """Return a mean with as many decimals as its standard deviation has with two digits."""
    if not (np.isfinite(sd) and sd > 0):
        return f"{mean:.3g}"
    decimals = max(0, 1 - int(np.floor(np.log10(sd))))
    return f"{mean:.{decimals}f} ± {sd:.{decimals}f}"


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
