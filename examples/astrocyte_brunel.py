"""The network of neurons and astrocytes at a tenth of its size, from description to figures.

Run it with ``python examples/astrocyte_brunel.py``. It writes the recording, tables and figures to
the folder ``astrocyte-brunel`` and takes a few seconds.
"""

from pathlib import Path

from tripartite.workflows.astrocyte_brunel import WARM_UP, astrocyte_brunel
from tripartite.workflows.network_run import RunSettings, run_network

SCALE = 0.1


def main() -> None:
    # Fewer neurons with a higher probability: as many inputs per neuron as at full size.
    net = astrocyte_brunel(SCALE, p=0.1 / SCALE, seed=1)
    print(net)
    settings = RunSettings(duration=1.0, warm_up=WARM_UP)
    out = Path("astrocyte-brunel")
    section = run_network(net, settings, out, name="astrocyte-brunel", report=print)
    for finding in section.findings:
        print(f"{finding.name}: {finding.value} {finding.unit}")
    for figure in section.figures:
        print(f"figure: {(out / figure.path).resolve()}")


if __name__ == "__main__":
    main()
