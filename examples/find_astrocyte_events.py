"""Can astrocyte events be trusted? Simulate some, stream them, find them, compare with the truth.

Run it with ``python examples/find_astrocyte_events.py``. It writes the shards and a figure to the
folder ``astrocyte-events`` and takes a few seconds.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import tripartite as tp
from tripartite.analysis.baseline import delta_f_over_f
from tripartite.analysis.transients import detect_transients
from tripartite.plots.style import drawing
from tripartite.plots.transients import plot_transients
from tripartite.testing.synthetic.astrocytes import simulate_astrocytes

RATE = 4.0  # Hz
OUT = Path("astrocyte-events")


@tp.packable
class Trace:
    """The fluorescence of one astrocyte."""

    fluorescence: NDArray[np.float64]
    cell: int


def main() -> None:
    truth = simulate_astrocytes(n_traces=20, n_events=5, rate=RATE, noise=0.05, seed=0)
    cells = enumerate(truth.fluorescence.values.T)
    samples = (Trace(fluorescence=values, cell=cell) for cell, values in cells)
    dataset = tp.write_samples(samples, OUT / "traces.tar", maxcount=10, overwrite=True)
    print(dataset)

    streamed = [sample.fluorescence for sample in dataset.ordered(batch_size=None)]
    traces = [delta_f_over_f(values, percentile=20) for values in streamed]
    events = detect_transients(traces, rate=RATE)

    found = [
        np.abs(events.peak[events.trace == cell] - peak).min(initial=np.inf) < truth.rise_constant
        for cell, peak in zip(truth.trace, truth.peak, strict=True)
    ]
    print(f"{sum(found)} of {len(found)} true events found, {len(events.peak)} events detected")
    print(
        f"decay constant: true {truth.decay_constant} s, "
        f"median of those found {np.nanmedian(events.decay_time):.1f} s"
    )

    with drawing(OUT / "first_cell.png", height=2.2) as (_, ax):
        time = np.arange(len(traces[0])) / RATE
        plot_transients(events, ax, time=time, values=traces[0])
        ax.set(xlabel="time (s)", ylabel="ΔF/F0 (%)")
    print(f"figure: {(OUT / 'first_cell.png').resolve()}")


if __name__ == "__main__":
    main()
