import struct

import numpy as np
import pandas as pd
import pynapple as nap
import pytest

from tripartite.core.recording import Recording
from tripartite.core.section import Section
from tripartite.workflows.tour import network


@pytest.fixture(scope="module")
def tour(tmp_path_factory):
    out = tmp_path_factory.mktemp("tour") / "network"
    out.mkdir()
    steps = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network, "SEEDS", (1, 2))
        return out, network.run(out, steps.append), steps


def test_every_promised_file_is_there_and_nothing_else(tour):
    out, section, _ = tour
    promised = {*section.outputs, *(figure.path for figure in section.figures)}
    assert promised == {f"network/{path.name}" for path in out.iterdir()}


def test_figures_are_pictures_with_a_caption_and_a_description(tour):
    out, section, _ = tour
    assert len(section.figures) == 3
    for figure in section.figures:
        data = (out.parent / figure.path).read_bytes()
        assert data[:4] == b"\x89PNG"
        assert min(struct.unpack(">II", data[16:24])) > 300
        assert figure.caption
        assert figure.alt


def test_findings_say_what_they_mean(tour):
    _, section, steps = tour
    assert steps[:2] == ["simulating pair 1 of 2", "simulating pair 2 of 2"]
    assert all(finding.meaning.endswith(".") for finding in section.findings)
    assert Section.from_json(section.to_json()) == section


def test_neurons_fire_and_calcium_rises_as_in_the_reference(tour):
    # NEST 3.10 with these parameters, 1.1 s: 3.3 Hz (SD over seeds 0.5), calcium 0.146 (0.013) uM.
    out, _, _ = tour
    firing = pd.read_parquet(out / "firing.parquet").set_index("group")
    assert firing["rate"]["exc"] == pytest.approx(3.3, abs=1.5)
    assert firing["rate"]["inh"] == pytest.approx(firing["rate"]["exc"], abs=0.5)
    recording = Recording.from_nwb(out / "recording.nwb")
    calcium = recording.signals["astro_Ca_astro"].get(0, 1.1).values.mean()
    assert calcium == pytest.approx(0.146, abs=0.04)


def test_the_current_raises_the_rate_and_nothing_differs_before_it_flows(tour):
    out, _, _ = tour
    pairs = pd.read_parquet(out / "comparison.parquet")
    assert (pairs["rate_with"] > pairs["rate_without"]).all()
    assert (pairs["first_difference"] > 0.3).all()
    averages = pd.read_parquet(out / "averages.parquet").query("variable == 'I_SIC'")
    assert (averages.query("time < 0.3")["mean"] == 0).all()


def test_the_first_difference_is_that_of_any_unit():
    trains = ({1: [0.1, 0.2], 2: [0.3, 0.9]}, {1: [0.1, 0.2], 2: [0.25, 0.9]})
    groups = [
        nap.TsGroup({unit: nap.Ts(t=np.array(times)) for unit, times in each.items()})
        for each in trains
    ]
    assert network._first_difference(*groups) == 0.25
    assert network._first_difference(groups[0], groups[0]) == np.inf
