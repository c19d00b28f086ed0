"""How do rate and slow inward current depend on two parameters? A study over several processes.

Run it with ``python examples/network_parameter_study.py``, stop it, run it again: it goes on where
it was. Each point is saved in the folder ``parameter-study``. With ``tcp://...`` as an argument,
the points run on the Dask cluster with that scheduler.
"""

import sys
from pathlib import Path

from tripartite.workflows.executors import open_executor
from tripartite.workflows.network_sweep import (
    SweepSettings,
    load_sweep,
    make_points,
    run_sweep,
    write_sweep,
)

OUT = Path("parameter-study")


def main() -> None:
    scheduler = sys.argv[1] if len(sys.argv) > 1 else None
    points = make_points(w_a2n=[0.0, 0.05], pool_sizes=[1, 10], seeds=[1])
    settings = SweepSettings(scale=0.05, p=1.0, duration=0.9)
    with open_executor(n_workers=2, scheduler=scheduler) as executor:
        for result in run_sweep(points, settings, OUT, executor=executor):
            print(f"{result.point.name}: {result.rate:.2f} Hz, {result.sic:.1f} pA")
    study = load_sweep(OUT)
    print(study.to_frame().round(3))
    for name, about in write_sweep(study, OUT).items():
        print(f"{(OUT / name).resolve()}: {about}")


if __name__ == "__main__":  # other processes import this file, too
    main()
