import struct

import numpy as np
import pandas as pd
import pynapple as nap
import pytest

from tripartite.core.section import Section
from tripartite.testing.synthetic.linear_track import make_linear_track
from tripartite.workflows.tour.spikes import find_differences, run


@pytest.fixture(scope="module")
def tour(tmp_path_factory):
    out = tmp_path_factory.mktemp("tour") / "spikes"
    out.mkdir()
    steps = []
    return out, run(out, steps.append), steps


def test_every_promised_file_is_there_and_nothing_else(tour):
    out, section, _ = tour
    promised = {*section.outputs, *(figure.path for figure in section.figures)}
    assert promised == {f"spikes/{path.name}" for path in out.iterdir()}


def test_figures_are_pictures_with_a_caption_and_a_description(tour):
    out, section, _ = tour
    assert len(section.figures) == 6
    for figure in section.figures:
        data = (out.parent / figure.path).read_bytes()
        width, height = struct.unpack(">II", data[16:24])
        assert data[:4] == b"\x89PNG"
        assert min(width, height) > 300
        assert figure.caption
        assert figure.alt


def test_tables_hold_every_unit_in_both_directions(tour):
    out, _, _ = tour
    units = pd.read_parquet(out / "units.parquet")
    assert len(units) == 2 * 31
    assert set(units["region"]) == {"CA1"}
    pd.testing.assert_frame_equal(units, pd.read_csv(out / "units.csv"), check_dtype=False)
    maps = pd.read_parquet(out / "rate_maps.parquet")
    assert len(maps) == 2 * 31 * 40


def test_place_cells_are_there_and_most_have_one_direction(tour):
    out, _, _ = tour
    units = pd.read_parquet(out / "units.parquet").query("place_cell")
    assert (units["p_value"] < 0.01).all()
    assert 5 <= (units["direction"] == "outbound").sum() <= 15
    assert units["unit"].duplicated().sum() <= 4
    assert units["correlation"].median() > 0.7


def test_findings_say_what_they_mean(tour):
    _, section, steps = tour
    assert len(steps) == 4
    assert all(finding.meaning.endswith(".") for finding in section.findings)
    values = {finding.name: finding.value for finding in section.findings}
    assert values["Units and spikes"] == "31 units, 28829 spikes"
    assert values["Time with a frozen tracker"] == "17.0"
    assert Section.from_json(section.to_json()) == section


def test_the_nwb_file_opens_in_pynapple(tour):
    out, _, _ = tour
    data = nap.load_file(str(out / "session.nwb"))
    assert len(data["units"]) == 31
    data.close()


@pytest.mark.parametrize("part", ["spike times", "columns of the units", "position", "metadata"])
def test_any_difference_between_two_recordings_is_found(part):
    first = make_linear_track(n_laps=1, n_tuned=1, n_untuned=1, seed=1)
    assert find_differences(first, first) == []
    position, spikes = first.signals["position"], first.spikes
    moved = position.values + (np.arange(len(position)) == 5)[:, None]
    support = spikes.time_support
    later = {u: nap.Ts(train.t + 1e-6, time_support=support) for u, train in spikes.items()}
    second = {
        "spike times": first.replace(
            spikes=nap.TsGroup(later, time_support=support, metadata={"region": ["CA1"] * 2})
        ),
        "columns of the units": first.replace(
            spikes=nap.TsGroup(
                dict(spikes.items()), time_support=support, metadata={"region": ["?"] * 2}
            )
        ),
        "position": first.replace(
            signals={
                "position": nap.TsdFrame(
                    t=position.t, d=moved, columns=["x", "y"], time_support=position.time_support
                )
            }
        ),
        "metadata": first.replace(metadata={}),
    }[part]
    assert find_differences(first, second) == [part] or part == "spike times"
    assert part in find_differences(first, second)
