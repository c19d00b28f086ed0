"""A simulated network: neurons, the astrocytes that listen to them, and what these give back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
import pynapple as nap
from numpy.typing import NDArray

from tripartite import networks as tn
from tripartite.analysis.network_activity import compute_group_rates, summarise_groups
from tripartite.core.recording import Recording
from tripartite.core.section import Figure, Finding, Section
from tripartite.plots import style
from tripartite.plots.networks import plot_differences, plot_pairs
from tripartite.workflows.astrocyte_brunel import WARM_UP, astrocyte_brunel
from tripartite.workflows.network_summary import draw_network, find_activity, measure_network
from tripartite.workflows.tables import write_tables
from tripartite.workflows.tour._registry import section

SCALE, P, W_A2N, DURATION = 0.1, 1.0, 0.01, 1.5
SEEDS = (1, 2, 3, 4, 5)
END = WARM_UP + DURATION
LATE, BIN_SIZE = (0.6, END), 0.01

TITLE = "A network of neurons and astrocytes"
QUESTION = (
    "What do astrocytes add to a network of neurons? 800 excitatory and 200 inhibitory neurons "
    "with Poisson input drive 1000 astrocytes, in which IP3 releases calcium; above a threshold of "
    "calcium an astrocyte returns a slow inward current to neurons. This is a tenth of a network "
    "of 20000 nodes with as many inputs per neuron as there. It is simulated with and without that "
    "current, from the same seeds: same connections, same input. Nothing here was recorded."
)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Networks with the slow inward current beside the same networks without it.

    Parameters
    ----------
    example : Recording
        The first network, with the current.
    seeds : tuple of int
        Seeds.
    rate : ndarray of shape (n_seeds, 2)
        Mean rate of all neurons in the late window (Hz), without and with the current.
    time : ndarray of shape (n_times,)
        Times (s).
    extra : ndarray of shape (n_times, n_seeds)
        Spikes per neuron until each time, with the current less without it.
    differs : ndarray of shape (n_seeds,)
        Time of the first spike that the two do not share (s); infinite if there is none.
    """

    example: Recording
    seeds: tuple[int, ...]
    rate: NDArray[np.float64]
    time: NDArray[np.float64]
    extra: NDArray[np.float64]
    differs: NDArray[np.float64]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per seed."""
        return pd.DataFrame(
            {
                "seed": self.seeds,
                "rate_without": self.rate[:, 0],
                "rate_with": self.rate[:, 1],
                "first_difference": self.differs,
            }
        )


@section("network", title=TITLE, order=30)
def run(out: Path, report: Callable[[str], None]) -> Section:
    """Simulate a network of neurons and astrocytes, with and without what astrocytes give back.

    Parameters
    ----------
    out : Path
        Existing folder for figures, tables and the recording.
    report : callable
        Told what is being done.

    Returns
    -------
    Section
        What was asked, used and found.
    """
    comparison = compare_networks(SEEDS, report)
    recording = comparison.example
    report("writing the recording")
    recording.to_nwb(out / "recording.nwb", overwrite=True)
    report("drawing")
    activity = measure_network(recording, warm_up=WARM_UP)
    figures = draw_network(out, recording, activity, prefix="network/")
    tables = {
        **activity.to_tables(),
        "comparison": (comparison.to_frame(), "each network with the current and without it"),
    }
    return Section(
        name="network",
        title=TITLE,
        question=QUESTION,
        findings=(*_comparison_findings(comparison), *find_activity(activity)),
        figures=(*figures, _draw_comparison(out, comparison)),
        outputs={
            "network/recording.nwb": "the first network: spikes, variables, connections",
            **write_tables(out, tables, prefix="network/"),
        },
        parameters={
            "scale": SCALE,
            "p": P,
            "w_a2n": W_A2N,
            "warm_up": WARM_UP,
            "duration": DURATION,
            "late window (s)": list(LATE),
            "seeds": list(SEEDS),
        },
    )


def compare_networks(
    seeds: tuple[int, ...], report: Callable[[str], None], *, scale: float = SCALE
) -> Comparison:
    """Return networks with the slow inward current beside the same without it.

    Parameters
    ----------
    seeds : tuple of int
        Seed of each pair.
    report : callable
        Told which pair is simulated.
    scale : float
        As in `astrocyte_brunel`.
    """
    pairs = []
    for number, seed in enumerate(seeds, start=1):
        report(f"simulating pair {number} of {len(seeds)}")
        pairs.append([_simulate(weight, seed, scale) for weight in (0.0, W_A2N)])
    counts = [[_count_spikes(each) for each in pair] for pair in pairs]
    return Comparison(
        example=pairs[0][1],
        seeds=seeds,
        rate=np.array([[_late_rate(each) for each in pair] for pair in pairs]),
        time=np.arange(1.0, len(counts[0][0]) + 1) * BIN_SIZE,
        extra=np.column_stack([with_current - without for without, with_current in counts]),
        differs=np.array([_first_difference(*map(_spikes_of, pair)) for pair in pairs]),
    )


def _simulate(w_a2n: float, seed: int, scale: float) -> Recording:
    net = astrocyte_brunel(scale, p=P, seed=seed, w_a2n=w_a2n, n_recorded=round(scale * 10000))
    return tn.simulate(net, END)


def _spikes_of(recording: Recording) -> nap.TsGroup:
    return cast("nap.TsGroup", recording.spikes)


def _late_rate(recording: Recording) -> float:
    firing = summarise_groups(_spikes_of(recording), window=LATE)
    return float(np.average(firing.rate, weights=firing.n_units))


def _count_spikes(recording: Recording) -> NDArray[np.float64]:
    """Return the spikes per neuron until the end of each bin."""
    rates = compute_group_rates(_spikes_of(recording), bin_size=BIN_SIZE)
    return BIN_SIZE * np.average(rates.rate.values, axis=1, weights=rates.n_units).cumsum()


def _first_difference(first: nap.TsGroup, second: nap.TsGroup) -> float:
    own = [
        np.setxor1d(a.index.values, b.index.values).min(initial=np.inf)
        for a, b in zip(first.values(), second.values(), strict=True)
    ]
    return float(min(own))


def _comparison_findings(comparison: Comparison) -> list[Finding]:
    gain = comparison.rate[:, 1] - comparison.rate[:, 0]
    without, with_current = comparison.rate.mean(axis=0)
    n = len(gain)
    return [
        Finding(
            name="Change of the rate by the slow inward current",
            value=f"{gain.mean():+.2f} ± {gain.std(ddof=1):.2f}",
            unit="Hz",
            meaning=f"Mean ± SD of {n} pairs in the last {LATE[1] - LATE[0]:g} s: from "
            f"{without:.2f} to {with_current:.2f} Hz, higher in {int((gain > 0).sum())} of {n}. "
            "All neurons of the network are counted.",
        ),
        Finding(
            name="First spike that differs within a pair",
            value=f"{comparison.differs.min():.3f} to {comparison.differs.max():.3f}",
            unit="s",
            meaning="Until then the two networks of a pair have the same spikes to the last digit: "
            "seeds fix connections and input, and calcium takes that long to reach the threshold.",
        ),
    ]


def _draw_comparison(out: Path, comparison: Comparison) -> Figure:
    with style.drawing(out / "comparison.png", n_columns=2, height=2.8, width_ratios=(1, 2)) as (
        _,
        axes,
    ):
        style.label_panels(axes)
        plot_pairs(comparison.rate, axes[0], names=("without", "with"))
        axes[0].set_xlabel("slow inward current")
        axes[0].set_ylabel("rate of all neurons (Hz)")
        plot_differences(comparison.time, comparison.extra, axes[1])
        axes[1].set_xlim(0, END)
        axes[1].set_xlabel("time (s)")
        axes[1].set_ylabel("extra spikes per neuron")
    n = len(comparison.seeds)
    return Figure(
        path="network/comparison.png",
        caption="Networks with the slow inward current of astrocytes and the same networks, with "
        f"the same input, without it. (a) Mean rate in the last {LATE[1] - LATE[0]:g} s; each line "
        "is a pair. (b) Spikes per neuron since the start, with the current less without it; thin: "
        f"each of {n} pairs, thick: their mean. Jumps are bursts that come sooner or later.",
        alt=f"{n} pairs of points joined by lines; differences are zero at first, then grow.",
    )
