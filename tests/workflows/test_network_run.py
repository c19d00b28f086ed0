import pandas as pd
import pytest

from tripartite import networks as tn
from tripartite.core.recording import Recording
from tripartite.core.section import Section
from tripartite.errors import InputError
from tripartite.workflows.astrocyte_brunel import astrocyte_brunel
from tripartite.workflows.network_run import (
    RunSettings,
    describe_connections,
    describe_network,
    run_network,
)


@pytest.mark.parametrize("settings", [{"duration": 0}, {"duration": 1, "warm_up": -1}])
def test_times_must_not_be_negative(settings):
    with pytest.raises(InputError, match="duration"):
        RunSettings(**settings)


def test_nest_has_no_fast_steps():
    with pytest.raises(InputError, match="precision must be 'exact'"):
        RunSettings(duration=1, engine="nest", precision="fast")


def test_a_run_leaves_recording_tables_figures_and_a_section(tmp_path):
    net = astrocyte_brunel(0.005, p=0.2, n_recorded=20, n_traced=5)
    steps = []
    out = tmp_path / "new" / "run"
    section = run_network(
        net,
        RunSettings(duration=0.04, warm_up=0.01, n_threads=1),
        out,
        report=steps.append,
    )
    promised = {*section.outputs, *(figure.path for figure in section.figures), "section.json"}
    assert promised == {path.name for path in out.iterdir()}
    assert Section.load(out / "section.json") == section
    assert steps == ["simulating", "writing the recording", "measuring and drawing"]
    recording = Recording.from_nwb(out / "recording.nwb")
    assert len(recording.spikes) == 20
    assert set(recording.signals) == {"astro_IP3", "astro_Ca_astro", "exc_I_SIC", "inh_I_SIC"}
    assert recording.truth["seed"] == 1
    averages = pd.read_parquet(out / "averages.parquet")
    assert set(averages["variable"]) == {"IP3", "Ca_astro", "I_SIC"}


def test_a_description_names_sizes_models_and_settings():
    net = tn.Network()
    net.population("cells", tn.LiRinzel(), 3)
    text = describe_network(net, RunSettings(duration=2, warm_up=0.5, precision="fast"))
    assert "3 cells (astrocyte_lr_1994) with 0 connections ran for 2 s, after 0.5 s" in text
    assert "steps of 0.1 ms (kernel engine, fast steps). All times" in text


def test_every_connection_is_described_with_its_astrocytes():
    net = astrocyte_brunel(0.01)
    net.connect(tn.Nodes.whole(net.populations[0]), tn.Nodes.whole(net.populations[1]))
    net.connect(tn.Nodes.whole(net.populations[0]), tn.Nodes.whole(net.populations[1]))
    described = describe_connections(net)
    assert list(described)[:3] == ["noise to exc + inh", "exc to exc + inh", "inh to exc + inh"]
    assert list(described)[3:] == ["exc to inh", "exc to inh (4)"]
    assert "PairwiseBernoulli(p=0.1" in described["exc to exc + inh"]
    assert "third: astro, ThirdFactorPool(p=0.5, pool_size=10" in described["exc to exc + inh"]
