"""What a run returns, and that it survives a file."""

import numpy as np
import pytest

from tripartite import networks as tn
from tripartite.core.recording import Recording
from tripartite.errors import InputError


def describe():
    net = tn.Network(seed=5)
    neurons = net.population("neurons", tn.AdExAstro(I_e_pA=np.array([700.0, 0.0, 900.0])), 3)
    astro = net.population("astro", tn.LiRinzel(Ca_astro_uM=0.25), 2)
    third = tn.ThirdFactor(astro, third_out=tn.Sic(weight=0.1))
    net.connect(neurons, neurons, tn.FixedIndegree(2), tn.Tsodyks(), third=third)
    net.record(neurons[1:], "V_m", "I_SIC")
    net.record(astro, "Ca_astro", interval_ms=0.5, offset_ms=0.2)
    net.record(neurons[:1], "V_m", interval_ms=10.0)
    return net


@pytest.fixture(scope="module")
def recording():
    return tn.simulate(describe(), duration=0.1, n_threads=1)


def test_spikes_are_those_of_the_engine_in_seconds_the_silent_ones_too(recording):
    chunks = list(tn.Simulation(describe(), n_threads=1).run(1000))
    ids = np.concatenate([chunk.spike_ids for chunk in chunks])
    steps = np.concatenate([chunk.spike_steps for chunk in chunks])
    assert recording.spikes.index.tolist() == [1, 2, 3]
    assert recording.spikes["population"].tolist() == ["neurons"] * 3
    for node in (1, 2, 3):
        assert recording.spikes[node].t == pytest.approx(steps[ids == node] / 10_000, abs=1e-12)
    assert len(recording.spikes[2]) == 0
    assert len(recording.spikes[3]) > 2


def test_each_variable_is_a_signal_with_its_unit_nodes_and_times(recording):
    assert list(recording.signals) == [
        "neurons_V_m",
        "neurons_I_SIC",
        "astro_Ca_astro",
        "neurons_V_m_2",
    ]
    units = [recording.metadata[f"{name}_unit"] for name in recording.signals]
    assert units == ["mV", "pA", "uM", "mV"]
    signal = recording.signals["neurons_V_m"]
    assert signal.columns.tolist() == [2, 3]
    assert signal.t == pytest.approx(np.arange(1, 101) / 1000)
    calcium = recording.signals["astro_Ca_astro"]
    assert calcium.columns.tolist() == [4, 5]
    assert calcium.t == pytest.approx(0.0002 + 0.0005 * np.arange(200))
    current = recording.signals["neurons_I_SIC"].values
    assert current.max() > 0


def test_the_truth_tells_populations_and_connections(recording):
    truth, net = recording.truth, describe()
    assert truth["seed"] == 5
    assert truth["populations"]["neurons"]["model"] == "aeif_cond_alpha_astro"
    assert truth["populations"]["neurons"]["parameters"]["I_e"].tolist() == [700.0, 0.0, 900.0]
    assert truth["populations"]["astro"]["first_id"] == 4
    assert [each["role"] for each in truth["connections"]] == ["primary", "third_in", "third_out"]
    for each, part in zip(truth["connections"], net.projections(), strict=True):
        assert each["synapse"] == part.synapse.model_name
        assert each["n_connections"] == part.n_connections == 6
        assert np.array_equal(each["first"], part.edges.first)
        assert np.array_equal(each["targets"], part.edges.targets)
        assert each["delay"] == 1.0


def test_metadata_tell_how_it_was_run(recording):
    known = {"engine": "kernel", "precision": "exact", "resolution_ms": 0.1, "duration": 0.1}
    assert known.items() <= recording.metadata.items()
    assert recording.metadata["populations"] == {"neurons": 3, "astro": 2}


def test_only_spikes_that_were_asked_for_are_kept():
    net = describe()
    net.record_spikes(tn.Nodes(net.connections[0].pre.parts)[1:])
    assert tn.simulate(net, duration=0.05).spikes.index.tolist() == [2, 3]


def test_a_run_survives_an_nwb_file(recording, tmp_path):
    path = tmp_path / "run.nwb"
    recording.to_nwb(path)
    found = Recording.from_nwb(path)
    assert list(found.signals) == list(recording.signals)
    for name, signal in recording.signals.items():
        assert found.signals[name].values == pytest.approx(signal.values, rel=1e-12)
        assert found.signals[name].t == pytest.approx(signal.t, abs=1e-9)
    assert [len(found.spikes[node]) for node in found.spikes.index] == [
        len(recording.spikes[node]) for node in recording.spikes.index
    ]


@pytest.mark.parametrize("duration", [-1.0, 0.00015, np.nan])
def test_a_duration_is_a_multiple_of_the_resolution(duration):
    with pytest.raises(InputError, match="duration"):
        tn.simulate(describe(), duration=duration)
