import numpy as np
import pandas as pd
import pytest

from tripartite.errors import FileFormatError, InputError
from tripartite.workflows.executors import SerialExecutor, open_executor
from tripartite.workflows.network_sweep import (
    PointResult,
    SweepPoint,
    SweepResult,
    SweepSettings,
    load_sweep,
    make_points,
    run_point,
    run_sweep,
    write_sweep,
)

SMALL = SweepSettings(scale=0.005, p=0.2, duration=0.04, warm_up=0.01)
POINTS = make_points([0.0, 0.01], [1, 5], [1])


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    return folder, list(run_sweep(POINTS, SMALL, folder, executor=SerialExecutor()))


def make_result(weight, size, seed, rate):
    point = SweepPoint(w_a2n=weight, pool_size=size, seed=seed)
    return PointResult(point=point, rate=rate, sic=0.0, calcium=0.1)


def test_every_combination_comes_once():
    points = make_points([0.0, 0.01, 0.0], [1, 10], [1, 2])
    assert len(points) == len(set(points)) == 8
    assert [point.seed for point in points] == [1] * 4 + [2] * 4


@pytest.mark.parametrize("lists", [([], [1], [1]), ([0.0], [], [1]), ([0.0], [1], [])])
def test_a_study_of_nothing_is_refused(lists):
    with pytest.raises(InputError, match="at least one"):
        make_points(*lists)


def test_every_point_is_run_and_saved(study):
    folder, results = study
    assert {result.point for result in results} == set(POINTS)
    assert all(result.rate > 0 for result in results)
    loaded = load_sweep(folder)
    assert set(loaded.points) == set(results)
    assert loaded.settings == SMALL


def test_a_point_gives_the_same_when_it_is_run_again(study):
    _, results = study
    assert run_point(results[0].point, SMALL) == results[0]


def test_saved_points_are_not_run_again(study):
    folder, results = study
    assert set(run_sweep(POINTS, SMALL, folder, executor=None)) == set(results)


def test_a_study_that_was_stopped_goes_on_where_it_was(tmp_path):
    running = run_sweep(POINTS, SMALL, tmp_path, executor=SerialExecutor())
    first = next(running)
    running.close()
    assert load_sweep(tmp_path).points == (first,)
    assert len(list(run_sweep(POINTS, SMALL, tmp_path, executor=SerialExecutor()))) == 4


def test_another_setting_needs_another_folder(study):
    folder, _ = study
    other = SweepSettings(scale=0.005, p=0.3, duration=0.04, warm_up=0.01)
    with pytest.raises(InputError, match=r"a folder with p 0\.2"):
        list(run_sweep(POINTS, other, folder, executor=SerialExecutor()))


def test_a_broken_point_is_named(tmp_path):
    list(run_sweep(POINTS[:1], SMALL, tmp_path, executor=SerialExecutor()))
    (tmp_path / "points" / POINTS[0].name).write_text("{")
    with pytest.raises(FileFormatError, match=r"w_a2n=0\.0.*Delete the file"):
        load_sweep(tmp_path)


def test_seeds_are_averaged_and_missing_points_stay_missing():
    points = [(0.0, 1, 1, 2.0), (0.0, 1, 2, 4.0), (0.01, 10, 1, 5.0)]
    result = SweepResult(points=tuple(make_result(*each) for each in points), settings=SMALL)
    rates = result.to_xarray()["rate"].mean("seed").transpose("pool_size", "w_a2n")
    np.testing.assert_array_equal(rates, [[3, np.nan], [np.nan, 5]])


def test_the_table_and_the_figure_are_written(study):
    folder, results = study
    outputs = write_sweep(load_sweep(folder), folder)
    assert all((folder / name).stat().st_size for name in outputs)
    table = pd.read_csv(folder / "sweep.csv")
    assert table["rate"].tolist() == pytest.approx(
        [r.rate for r in sorted(results, key=lambda r: (r.point.w_a2n, r.point.pool_size))]
    )


@pytest.mark.slow
def test_processes_find_the_same(study, tmp_path):
    _, results = study
    with open_executor(n_workers=2) as executor:
        assert set(run_sweep(POINTS, SMALL, tmp_path, executor=executor)) == set(results)
