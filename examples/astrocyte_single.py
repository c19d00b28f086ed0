"""How does one astrocyte answer to rare spikes? IP3 and calcium of a minute with Poisson input.

Run it with ``python examples/astrocyte_single.py``. It writes a figure to the folder
``astrocyte-single``; the first time, compiling takes up to half a minute.
"""

from pathlib import Path

from tripartite import networks as tn
from tripartite.analysis.network_activity import average_nodes
from tripartite.plots.networks import plot_network_dynamics
from tripartite.plots.style import drawing

OUT = Path("astrocyte-single")


def main() -> None:
    OUT.mkdir(exist_ok=True)
    net = tn.Network(seed=1)
    astrocyte = net.population("astrocyte", tn.LiRinzel(delta_IP3_uM=0.2))
    spikes = net.population("spikes", tn.Poisson(rate=1.0))
    net.connect(spikes, astrocyte)
    net.record(astrocyte, "IP3", "Ca_astro", interval_ms=10.0)

    recording = tn.simulate(net, duration=60.0)

    averages = {name: average_nodes(recording, name) for name in ("IP3", "Ca_astro")}
    with drawing(OUT / "dynamics.png", n_rows=2, height=3.6, sharex=True) as (_, axes):
        plot_network_dynamics(averages, axes)
    calcium = averages["Ca_astro"]
    peak = calcium.mean.argmax()
    print(recording)
    print(f"calcium peaks at {calcium.mean[peak]:.2f} uM after {calcium.time[peak]:.1f} s")
    print(f"figure: {(OUT / 'dynamics.png').resolve()}")


if __name__ == "__main__":
    main()
