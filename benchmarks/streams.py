"""Streaming datasets: tripartite beside atdata, webdataset and the limits of the machine.

``python -m benchmarks.streams`` writes 20,000 samples (256 x 256 uint8 and a dict) to 10 shards
with each system, then reads them in order, shuffled, and at random, with a warm page cache. Every
measurement is a process of its own; the systems take turns, and the ratio is that of the medians.

atdata needs Python 3.12. To measure it from here, install it beside the library's own environment
and name that interpreter:

    python3.12 -m venv atdata-env && atdata-env/bin/pip install atdata==0.7.0b1
    python -m benchmarks.streams --atdata-python atdata-env/bin/python
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

WORKERS = Path(__file__).with_name("_streams_workers.py")
TASKS = {
    # task: what is measured, target as a ratio to atdata
    "write": ("write", 2.2),
    "open": ("open without an index", None),
    "ordered": ("ordered, batches of 32", 10.0),
    "shuffled": ("shuffled, batches of 32", 10.0),
    "select": ("64 random samples", 1000.0),
}


@dataclass(frozen=True)
class Settings:
    """How much is measured, and with what."""

    n_samples: int = 20_000
    n_shards: int = 10
    repeats: int = 5
    atdata_python: str | None = os.environ.get("ATDATA_PYTHON")

    @classmethod
    def quick(cls) -> Settings:
        """Return settings that only show that everything runs."""
        return cls(n_samples=400, n_shards=2, repeats=1)


def run(settings: Settings) -> dict[str, dict[str, dict[str, float]]]:
    """Measure, print the tables, and return the medians by task and system."""
    systems = _find_systems(settings)
    folder = Path(tempfile.mkdtemp(prefix="streams-benchmark-"))
    try:
        print(_machine(), end="\n\n")
        limits = _measure(sys.executable, "limits", "read", folder, settings)
        print(f"{'limit: sequential read':45s} {limits['read']:12,.0f} samples/s")
        print(f"{'limit: copy in memory':45s} {limits['copy']:12,.0f} samples/s\n")
        results = {task: _take_turns(task, systems, folder, settings) for task in TASKS}
    finally:
        shutil.rmtree(folder)
    _print_table(results)
    return results


def _find_systems(settings: Settings) -> dict[str, str]:
    """Return the interpreter for each system that is installed."""
    systems = {"tripartite": sys.executable}
    for name, python in (
        ("atdata", settings.atdata_python or sys.executable),
        ("webdataset", sys.executable),
    ):
        found = subprocess.run([python, "-c", f"import {name}"], capture_output=True, check=False)
        if found.returncode == 0:
            systems[name] = python
        else:
            print(f"{name} is not installed for {Path(python).name}: left out")
    return systems


def _take_turns(
    task: str, systems: dict[str, str], folder: Path, settings: Settings
) -> dict[str, dict[str, float]]:
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in systems}
    for _ in range(settings.repeats):
        for name, python in systems.items():
            if task in ("open", "select") and name == "webdataset":
                continue  # it has neither
            print(f"  {task}: {name} ...", end="\r", file=sys.stderr)
            runs[name].append(_measure(python, name, task, folder, settings))
    return {
        name: {key: statistics.median(run[key] for run in done) for key in done[0]}
        for name, done in runs.items()
        if done
    }


def _measure(
    python: str, system: str, task: str, folder: Path, settings: Settings
) -> dict[str, float]:
    arguments = [
        system,
        task,
        str(folder / system),
        str(settings.n_samples),
        str(settings.n_shards),
    ]
    done = subprocess.run(
        [python, str(WORKERS), *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{system} {task} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def _print_table(results: dict[str, dict[str, dict[str, float]]]) -> None:
    columns = ("samples/s", "CPU us", "peak MB", "ratio", "by CPU", "target")
    print(f"{'':45s} " + " ".join(f"{name:>10s}" for name in columns))
    for task, systems in results.items():
        title, target = TASKS[task]
        for name, row in systems.items():
            line = f"{name + ': ' + title:45s} "
            if task == "open":
                print(line + f"{row['seconds']:8.3f} s")
                continue
            line += f"{row['rate']:10,.0f} {row['cpu_us']:10.1f} {row['peak_mb']:10.0f}"
            if name == "tripartite" and "atdata" in systems:
                peer = systems["atdata"]
                ratios = (row["rate"] / peer["rate"], peer["cpu_us"] / row["cpu_us"], target or 0)
                line += " ".join(["", *(f"{ratio:10,.1f}" for ratio in ratios)])
            print(line)


def _machine() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    load = os.getloadavg()[0]
    return f"{model}, {os.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small data, one repeat")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--atdata-python", default=Settings.atdata_python)
    options = parser.parse_args()
    if options.quick:
        run(Settings.quick())
    else:
        run(Settings(repeats=options.repeats, atdata_python=options.atdata_python))


if __name__ == "__main__":
    main()
