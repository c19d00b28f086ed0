"""Ten neurons drive ten others, with five astrocytes between them: spikes, calcium, current.

Each astrocyte belongs to two target neurons: it makes IP3 of half of the connections to them, and
returns a slow inward current. Run it with ``python examples/astrocyte_small_network.py``. It writes
a figure to the folder ``astrocyte-small-network``.
"""

from pathlib import Path

from tripartite import networks as tn
from tripartite.analysis.network_activity import average_nodes
from tripartite.plots.networks import plot_network_dynamics, plot_spike_raster
from tripartite.plots.style import drawing

OUT = Path("astrocyte-small-network")


def main() -> None:
    OUT.mkdir(exist_ok=True)
    net = tn.Network(seed=1)
    neuron = tn.AdExAstro(tau_syn_ex_ms=2.0, I_e_pA=tn.Normal(1000.0, 100.0))
    pre = net.population("pre", neuron, 10)
    post = net.population("post", neuron, 10)
    astro = net.population("astro", tn.LiRinzel(IP3_uM=0.4, delta_IP3_uM=0.2), 5)
    pools = tn.ThirdFactorPool(p=0.5, pool_size=1, pool_type="block")
    third = tn.ThirdFactor(astro, pools, third_in=tn.Tsodyks(), third_out=tn.Sic())
    net.connect(pre, post, tn.AllToAll(), tn.Tsodyks(), third=third)
    net.record(astro, "IP3", "Ca_astro")
    net.record(post, "I_SIC")
    for part in net.projections():
        print(f"{part.role}: {part.n_connections} connections")

    recording = tn.simulate(net, duration=1.0)

    averages = {name: average_nodes(recording, name) for name in ("IP3", "Ca_astro", "I_SIC")}
    with drawing(OUT / "dynamics.png", n_rows=4, height=6.0, sharex=True) as (_, axes):
        plot_network_dynamics(averages, axes[1:])
        plot_spike_raster(recording.spikes, axes[0])
        axes[0].label_outer()
    sic = averages["I_SIC"]
    print(recording)
    print(f"the slow inward current starts after {sic.time[sic.mean > 0].min():.3f} s")
    print(f"figure: {(OUT / 'dynamics.png').resolve()}")


if __name__ == "__main__":
    main()
