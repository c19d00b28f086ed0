"""Networks of neurons and astrocytes: tripartite beside NEST and the limits of the machine.

``python -m benchmarks networks`` runs the example network (8000 excitatory and 2000 inhibitory
neurons, 10000 astrocytes, 18 million connections, 1.1 s in steps of 0.1 ms), smaller and larger
ones, and networks that lack most parts, from which the costs of single operations follow. Every
measurement is a process of its own, with compiled kernels cached; wall time, CPU time and peak
memory are those of the whole process. The tables are Markdown.

NEST needs no library of ours, so any interpreter that has it will do:

    python3.11 -m venv nest-env && nest-env/bin/pip install nest-simulator==3.10.0
    python -m benchmarks networks --nest-python nest-env/bin/python --out docs/networks_speed.md
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

WORKERS = Path(__file__).with_name("_networks_workers.py")
P = 0.1
STEPS_PER_SECOND = 10_000
NOISE_HZ = 2000.0

# Floating-point operations of one step: six evaluations of the right-hand side (exp: 20, division:
# 8), and 25 multiplications and additions for each state variable, of which there are 6 and 3.
NEURON_FLOPS = 6 * 55 + 50 * 6
ASTROCYTE_FLOPS = 6 * 60 + 50 * 3 + 25
POISSON_FLOPS = 30  # one uniform number and its comparison, for each neuron and step

COSTS = {
    # operation: networks with and without it, how often it happens in a simulated second
    "neuron, one step": ("neurons", None, lambda n, _: n * STEPS_PER_SECOND),
    "Poisson input of 2 kHz, one neuron and step": (
        "input",
        "neurons",
        lambda n, _: n * STEPS_PER_SECOND,
    ),
    "astrocyte with its current, one step": (
        "astrocytes",
        None,
        lambda n, _: n * STEPS_PER_SECOND,
    ),
    "spike through one plastic synapse": (
        "wired",
        "unwired",
        lambda _, run: 1000 * run["n_spikes"],
    ),
    "slow inward current through one connection, one step": (
        "sic",
        "both",
        lambda n, _: 100 * n * STEPS_PER_SECOND,
    ),
}

Numbers = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How much is measured, and with what."""

    scale: float = 1.0
    scales: tuple[float, ...] = (0.1, 0.3, 1.0, 3.0)
    threads: tuple[int, ...] = (1, 2)
    repeats: int = 3
    ms: float = 1100.0
    cost_nodes: int = 10_000
    cost_ms: float = 1000.0
    nest_python: str | None = os.environ.get("NEST_PYTHON")
    out: Path | None = None

    @classmethod
    def quick(cls) -> Settings:
        """Return settings that only show that everything runs."""
        small = {"scale": 0.02, "scales": (0.02,), "ms": 120.0, "cost_nodes": 256, "cost_ms": 50.0}
        return cls(**small, repeats=1)


def run(settings: Settings) -> str:
    """Measure, print the tables, write them if asked to, and return them."""
    machine = _machine()
    print(machine, end="\n\n")
    nest = _find_nest(settings)
    sections = []
    for measured in (_compile_time, _example, _scaling, _costs):
        lines = list(measured(settings, nest))
        print("\n".join(lines), end="\n\n", flush=True)
        sections.append("\n".join(lines))
    tables = "\n\n".join([machine, *sections]) + "\n"
    if settings.out is not None:
        beside = settings.out.with_suffix(".part")
        beside.write_text(tables)
        os.replace(beside, settings.out)
    return tables


def _find_nest(settings: Settings) -> str | None:
    python = settings.nest_python or sys.executable
    if subprocess.run([python, "-c", "import nest"], capture_output=True, check=False).returncode:
        print(f"nest is not installed for {Path(python).name}: left out", end="\n\n")
        return None
    return python


def _compile_time(settings: Settings, nest: str | None) -> Iterator[str]:
    task = {"threads": max(settings.threads)}
    with tempfile.TemporaryDirectory() as folder:
        places = {"NUMBA_CACHE_DIR": folder}
        empty, filled = (_measure(None, "load", task, places)["seconds"] for _ in range(2))
    _measure(None, "load", task)  # so that what follows finds the cache of the library filled
    yield f"The kernels are ready after {empty:.1f} s where they must be compiled, once, and after"
    yield f"{filled:.2f} s where the cache on disk holds them."


def _example(settings: Settings, nest: str | None) -> Iterator[str]:
    simulated = f"{settings.ms / 1000:g} s simulated"
    runs = f"medians of {settings.repeats} runs{', one run of NEST' if nest else ''}"
    yield f"Example network at scale {settings.scale:g}, {simulated}: seconds, {runs},"
    yield "each run in a process of its own:\n"
    columns = "import", "kernels", "build", "simulate", "result", "**whole**", "**CPU**", "MB"
    yield from _head("system", "threads", *columns, "spikes/s", "Ca (uM)")
    done: dict[tuple[str, int], Numbers] = {}
    for threads in settings.threads:
        task = {"scale": settings.scale, "p": P, "ms": settings.ms, "threads": threads}
        systems = {"exact": (None, settings.repeats), "fast": (None, settings.repeats)}
        systems |= {"NEST": (nest, 1)} if nest else {}
        for name, (python, repeats) in systems.items():
            task["precision"] = "fast" if name == "fast" else "exact"
            runs = [_measure(python, "example", task) for _ in range(repeats)]
            done[name, threads] = _median(runs)
            yield _row(name, threads, *_example_numbers(done[name, threads]))
    if nest:
        yield from _ratios(settings, done)
    yield from _limits(settings, done["exact", min(settings.threads)])


def _example_numbers(one: Numbers) -> list[str]:
    names = ("import", "load", "build", "simulate", "result", "wall", "cpu")
    numbers = [f"{one[name]:.2f}" for name in names]
    return [*numbers, f"{one['rss_mb']:.0f}", f"{one['rate']:.2f}", f"{one['calcium']:.3f}"]


def _ratios(settings: Settings, done: dict[tuple[str, int], Numbers]) -> Iterator[str]:
    yield "\nNEST's time or memory as a multiple of ours, with the same number of threads:\n"
    columns = "build", "simulate", "simulate, CPU", "whole", "whole, CPU", "memory"
    yield from _head("system", "threads", *columns)
    keys = ("build", "simulate", "simulate_cpu", "wall", "cpu", "rss_mb")
    for threads in settings.threads:
        for name in ("exact", "fast"):
            ours, peer = done[name, threads], done["NEST", threads]
            yield _row(name, threads, *(f"{peer[key] / ours[key]:.1f}" for key in keys))


def _limits(settings: Settings, one: Numbers) -> Iterator[str]:
    """Compare the run with the operations that it cannot do without, at this machine's rates."""
    n = 10_000_000 if settings.cost_nodes >= 10_000 else 100_000
    rates = _measure(None, "rates", {"n": n}, system="limits")
    steps = settings.ms / 1000 * STEPS_PER_SECOND * 10_000 * settings.scale
    parts = {
        "neurons, steps": (steps, NEURON_FLOPS / rates["flops"]),
        "astrocytes, steps": (steps, ASTROCYTE_FLOPS / rates["flops"]),
        "Poisson numbers": (steps, POISSON_FLOPS / rates["flops"]),
        "spikes through synapses": (one["n_events"], 1 / rates["additions"]),
        "currents of astrocytes, pairs and steps": (
            one["n_sic_pairs"] * settings.ms / 1000 * STEPS_PER_SECOND,
            2 / rates["flops"],
        ),
    }
    yield "\nThe least that one core needs for the operations of this run, at the rates of simple"
    yield f"loops here ({rates['flops'] / 1e9:.0f} Gflop/s, {rates['additions'] / 1e9:.2f} billion"
    yield "additions to scattered places a second), beside the measured CPU time:\n"
    yield from _head("part", "times", "ns each", "s")
    for name, (times, each) in parts.items():
        yield _row(name, f"{times:.3g}", f"{1e9 * each:.2f}", f"{times * each:.2f}")
    least = sum(times * each for times, each in parts.values())
    yield _row("**together**", "", "", f"**{least:.2f}**")
    yield _row("**measured, exact**", "", "", f"**{one['simulate_cpu']:.2f}**")


def _scaling(settings: Settings, nest: str | None) -> Iterator[str]:
    yield f"Exact runs at other scales, {settings.ms / 1000:g} s simulated, one run each. Above"
    yield "scale 1, p is lowered, so that each neuron keeps as many inputs and memory suffices:\n"
    columns = "build", "simulate", "whole", "CPU", "MB"
    yield from _head("scale", "p", "connections", "threads", *columns)
    for scale in settings.scales:
        for threads in settings.threads:
            p = P / max(scale, 1.0)
            task = {"scale": scale, "p": p, "ms": settings.ms, "threads": threads}
            one = _measure(None, "example", {**task, "precision": "exact"})
            seconds = (f"{one[name]:.2f}" for name in ("build", "simulate", "wall", "cpu"))
            millions = f"{one['n_connections'] / 1e6:.2f} M"
            yield _row(
                f"{scale:g}", f"{p:.3g}", millions, threads, *seconds, f"{one['rss_mb']:.0f}"
            )


def _costs(settings: Settings, nest: str | None) -> Iterator[str]:
    yield "CPU time of one operation (ns, one thread), from networks with and without it:\n"
    yield from _head("operation", "exact", *(("NEST", "ratio") if nest else ()))
    # NEST is shown a shorter time, for it is slower and the time is per operation.
    systems = [(None, settings.cost_ms)] + ([(nest, settings.cost_ms / 5)] if nest else [])
    kinds = {kind for with_it, without, _ in COSTS.values() for kind in (with_it, without) if kind}
    found = []
    for python, ms in systems:
        task = {"n": settings.cost_nodes, "ms": ms}
        runs = {kind: _measure(python, "cost", {"kind": kind, **task}) for kind in sorted(kinds)}
        found.append(
            {
                name: 1e9
                * (runs[kind]["cpu"] - (runs[without]["cpu"] if without else 0.0))
                / times(settings.cost_nodes, runs[kind])
                for name, (kind, without, times) in COSTS.items()
            }
        )
    for name in COSTS:
        costs = [each[name] for each in found]
        ratio = [f"{costs[1] / costs[0]:.1f}"] if nest else []
        yield _row(name, *(f"{cost:.2f}" for cost in costs), *ratio)


def _measure(
    python: str | None,
    task: str,
    settings: Numbers,
    environment: dict[str, str] | None = None,
    system: str | None = None,
) -> Numbers:
    """Run a worker; return its numbers with those of the whole process."""
    system = system or ("nest" if python else "tripartite")
    print(f"  {system} {task} {settings} ...".ljust(100), end="\r", file=sys.stderr, flush=True)
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        began = time.perf_counter()
        worker = subprocess.Popen(
            [python or sys.executable, str(WORKERS), system, task, json.dumps(settings)],
            stdout=output,
            stderr=errors,
            env=os.environ | (environment or {}),
        )
        _, status, usage = os.wait4(worker.pid, 0)
        wall = time.perf_counter() - began
        worker.returncode = os.waitstatus_to_exitcode(status)
        for file in (output, errors):
            file.seek(0)
        if worker.returncode:
            raise SystemExit(f"{system} {task} {settings} failed:\n{errors.read()}")
        numbers = json.loads(output.read().splitlines()[-1])
    memory = {"rss_mb": usage.ru_maxrss / (1024 if sys.platform == "linux" else 2**20)}
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, **memory, **numbers}


def _median(runs: Sequence[Numbers]) -> Numbers:
    return {key: statistics.median(one[key] for one in runs) for key in runs[0]}


def _head(*columns: str) -> Iterator[str]:
    yield _row(*columns)
    yield _row("---", *(["---:"] * (len(columns) - 1)))


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


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
    return f"{model}, {os.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}."


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    usual = Settings()
    parser.add_argument("--quick", action="store_true", help="small networks, one run each")
    parser.add_argument("--nest-python", default=usual.nest_python, help="interpreter with NEST")
    parser.add_argument("--scale", type=float, help="of the example beside NEST")
    parser.add_argument("--scales", type=float, nargs="+", help="of the scaling table")
    parser.add_argument("--threads", type=int, nargs="+")
    parser.add_argument("--repeats", type=int)
    parser.add_argument("--ms", type=float, help="simulated time")
    parser.add_argument("--out", type=Path, help="file that the tables are written to")
    options = vars(parser.parse_args())
    settings = Settings.quick() if options.pop("quick") else usual
    given = {name: value for name, value in options.items() if value is not None}
    for name in {"scales", "threads"} & set(given):
        given[name] = tuple(given[name])
    run(replace(settings, **given))


if __name__ == "__main__":
    main()
