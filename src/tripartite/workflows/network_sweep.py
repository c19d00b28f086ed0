"""A study of the example network over two parameters, over any executor, that can be resumed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from typing import Literal, TypeVar, cast

import msgspec
import numpy as np
import pandas as pd
import pynapple as nap
import xarray as xr

from tripartite import networks as tn
from tripartite.analysis.network_activity import average_nodes, summarise_groups
from tripartite.errors import FileFormatError, InputError
from tripartite.files import make_folder, write_whole
from tripartite.plots import style
from tripartite.plots.networks import plot_parameter_grid
from tripartite.workflows.astrocyte_brunel import WARM_UP, astrocyte_brunel
from tripartite.workflows.executors import run_jobs
from tripartite.workflows.tables import write_tables

SETTINGS, POINTS, FIGURE = "settings.json", "points", "sweep.png"
T = TypeVar("T")

# What is measured, and how figures call it.
MEASURES = {
    "rate": "rate (Hz)",
    "sic": "slow inward current (pA)",
    "calcium": "calcium (µM)",
}


@dataclass(frozen=True, kw_only=True)
class SweepSettings:
    """What all points of a study have in common.

    Parameters
    ----------
    scale, p : float
        As in `astrocyte_brunel`.
    duration, warm_up : float
        Simulated time that is measured, and before it (s).
    precision : {"exact", "fast"}
        As in `tripartite.networks.simulate`.
    """

    scale: float = 0.1
    p: float = 1.0
    duration: float = 1.0
    warm_up: float = WARM_UP
    precision: Literal["exact", "fast"] = "exact"


@dataclass(frozen=True, kw_only=True)
class SweepPoint:
    """One network of a study.

    Parameters
    ----------
    w_a2n : float
        Weight of the slow inward current.
    pool_size : int
        Astrocytes that can act on a neuron.
    seed : int
        Seed of connections and input.
    """

    w_a2n: float
    pool_size: int
    seed: int

    @property
    def name(self) -> str:
        """Name of the file that keeps what was measured."""
        return f"w_a2n={self.w_a2n!r},pool_size={self.pool_size},seed={self.seed}.json"


@dataclass(frozen=True, kw_only=True)
class PointResult:
    """What was measured of one network, after the warm-up.

    Parameters
    ----------
    point : SweepPoint
        Which network.
    rate : float
        Mean rate of the recorded neurons (Hz).
    sic, calcium : float
        Mean slow inward current of neurons (pA) and mean calcium of astrocytes (µM).
    """

    point: SweepPoint
    rate: float
    sic: float
    calcium: float


@dataclass(frozen=True, kw_only=True)
class SweepResult:
    """What a study found.

    Parameters
    ----------
    points : tuple of PointResult
        Finished points.
    settings : SweepSettings
        What they have in common.
    """

    points: tuple[PointResult, ...]
    settings: SweepSettings

    def to_frame(self) -> pd.DataFrame:
        """Return one row per point, ordered by its parameters."""
        names = [each.name for each in fields(SweepPoint)]
        rows = [
            asdict(each.point) | {name: getattr(each, name) for name in MEASURES}
            for each in self.points
        ]
        frame = pd.DataFrame(rows, columns=[*names, *MEASURES])
        return frame.sort_values(names, ignore_index=True)

    def to_xarray(self) -> xr.Dataset:
        """Return each measure over ``pool_size``, ``w_a2n`` and ``seed``; NaN is missing."""
        names = ["pool_size", "w_a2n", "seed"]
        return self.to_frame().set_index(names).to_xarray()


def make_points(
    w_a2n: Sequence[float], pool_sizes: Sequence[int], seeds: Sequence[int]
) -> tuple[SweepPoint, ...]:
    """Return all combinations of parameters, each once.

    Parameters
    ----------
    w_a2n : sequence of float
        Weights.
    pool_sizes : sequence of int
        Sizes of the pools.
    seeds : sequence of int
        Seeds.

    Raises
    ------
    InputError
        If there is none.

    Examples
    --------
    >>> len(make_points([0.0, 0.01], [1, 10], [1, 2, 3]))
    12
    """
    points = dict.fromkeys(
        SweepPoint(w_a2n=float(weight), pool_size=size, seed=seed)
        for seed, weight, size in itertools.product(seeds, w_a2n, pool_sizes)
    )
    if not points:
        raise InputError("A study must have at least one weight, pool size and seed", got="none")
    return tuple(points)


def run_point(point: SweepPoint, settings: SweepSettings) -> PointResult:
    """Return what was measured of one network.

    Parameters
    ----------
    point : SweepPoint
        Which network.
    settings : SweepSettings
        How it is run; on one thread, because points run beside one another.
    """
    net = astrocyte_brunel(
        settings.scale,
        p=settings.p,
        seed=point.seed,
        pool_size=point.pool_size,
        w_a2n=point.w_a2n,
        n_recorded=1000,
        n_traced=100,
    )
    end = settings.warm_up + settings.duration
    recording = tn.simulate(net, end, precision=settings.precision, n_threads=1)
    window = (settings.warm_up, end)
    firing = summarise_groups(cast("nap.TsGroup", recording.spikes), window=window)
    sic, calcium = (
        float(average_nodes(recording, name, window=window).node_means.mean())
        for name in ("I_SIC", "Ca_astro")
    )
    rate = float(np.average(firing.rate, weights=firing.n_units))
    return PointResult(point=point, rate=rate, sic=sic, calcium=calcium)


def run_sweep(
    points: Sequence[SweepPoint], settings: SweepSettings, folder: Path, *, executor: Executor
) -> Iterator[PointResult]:
    """Yield what was measured of each point, those that are saved first.

    Each new point is saved when it is finished, so that a study that was stopped goes on when it is
    started again.

    Parameters
    ----------
    points : sequence of SweepPoint
        What to run.
    settings : SweepSettings
        How.
    folder : Path
        Where points are saved.
    executor : Executor
        Where they run, as `open_executor` gives it.

    Raises
    ------
    InputError
        If the folder holds a study with other settings.
    FileFormatError
        If a saved point is broken.
    """
    _keep_settings(settings, folder)
    paths = {point: folder / POINTS / point.name for point in points}
    saved = [point for point, path in paths.items() if path.exists()]
    for point in saved:
        yield _load(paths[point], PointResult)
    missing = [point for point in points if point not in set(saved)]
    for point, result in run_jobs(executor, partial(run_point, settings=settings), missing):
        write_whole(paths[point], msgspec.json.encode(result))
        yield result


def load_sweep(folder: Path) -> SweepResult:
    """Return all points that are saved in a folder.

    Parameters
    ----------
    folder : Path
        Where `run_sweep` saved them.

    Raises
    ------
    FileFormatError
        If a file is broken.
    """
    return SweepResult(
        points=tuple(_load(p, PointResult) for p in sorted((folder / POINTS).glob("w_a2n=*.json"))),
        settings=_load(folder / SETTINGS, SweepSettings),
    )


def write_sweep(result: SweepResult, folder: Path) -> dict[str, str]:
    """Write the table and the figure of a study; return what each file holds.

    Parameters
    ----------
    result : SweepResult
        Finished points.
    folder : Path
        Where to write.
    """
    measured = result.to_xarray()
    means = measured.mean("seed").transpose("pool_size", "w_a2n")
    means["pool_size"].attrs["long_name"] = "astrocytes in a pool"
    means["w_a2n"].attrs["long_name"] = "weight of the slow inward current"
    n_seeds = measured.sizes["seed"]
    note = f"mean of {n_seeds} seeds" if n_seeds > 1 else "1 seed"
    with style.drawing(folder / FIGURE, n_columns=2, height=3.0) as (_, axes):
        style.label_panels(axes)
        for ax, name in zip(axes, ("rate", "sic"), strict=True):
            plot_parameter_grid(means[name], ax, label=MEASURES[name])
            ax.set_title(note, loc="right", fontsize=8)
    about = "rate (Hz), slow inward current (pA) and calcium (µM) of each point"
    return {
        FIGURE: "mean over seeds of rate and slow inward current",
        **write_tables(folder, {"sweep": (result.to_frame(), about)}),
    }


def _keep_settings(settings: SweepSettings, folder: Path) -> None:
    """Save the settings, or raise an `InputError` if others are there."""
    make_folder(folder / POINTS)
    path = folder / SETTINGS
    if not path.exists():
        write_whole(path, msgspec.json.encode(settings))
        return
    known = _load(path, SweepSettings)
    other = {k: v for k, v in asdict(known).items() if v != getattr(settings, k)}
    if other:
        raise InputError(
            "All points of a study must have the same settings",
            got=f"a folder with {', '.join(f'{k} {v}' for k, v in other.items())}",
            do="Choose another folder, or the settings of this one",
        )


def _load(path: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (msgspec.DecodeError, OSError) as error:
        raise FileFormatError(
            "A saved point or setting of a study must be whole",
            got=f"{path}: {error}",
            do="Delete the file and run the study again",
        ) from error
