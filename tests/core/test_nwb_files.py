"""NWB files as other programs write and read them."""

import os
from datetime import UTC, datetime
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pynapple as nap
import pynwb
import pytest
from nwbinspector import Importance, inspect_nwbfile

from tripartite.core.provenance import Provenance
from tripartite.core.recording import Recording
from tripartite.errors import FileFormatError, InputError

DATA = Path(__file__).parents[3] / "shared" / "data"


def make_recording(**changes):
    rng = np.random.default_rng(0)
    parts = {
        "source": "recorded",
        "spikes": nap.TsGroup(
            {
                3: nap.Ts(np.sort(rng.uniform(0, 60, 90))),
                8: nap.Ts(np.sort(rng.uniform(0, 60, 30))),
            },
            time_support=nap.IntervalSet([0, 30], [25, 60]),
            metadata={"region": ["CA1", "CA3"], "depth": [1.5, 2.25]},
        ),
        "signals": {
            "speed": nap.Tsd(np.arange(600) / 10, rng.uniform(size=600)),
            "dff": nap.TsdFrame(
                np.sort(rng.uniform(0, 60, 50)), rng.normal(size=(50, 3)), columns=["a", "b", "c"]
            ),
            "movie": nap.TsdTensor(
                np.arange(40) / 4, rng.integers(0, 9, (40, 5, 6), dtype=np.uint8)
            ),
            "moving": nap.Tsd(np.arange(600) / 10, rng.uniform(size=600) > 0.5),
        },
        "events": {
            "reward": nap.Ts(np.array([1.0, 7.5, 30.25])),
            "lick": nap.Tsd(np.array([1.5, 8.0]), np.array([0.25, 0.5])),
            "cue": nap.Tsd(np.array([0.5, 7.0]), np.array(["low", "high"])),
        },
        "intervals": {
            "epochs": nap.IntervalSet([0, 31], [30, 60], metadata={"label": ["run", "rest"]}),
            "ripples": nap.IntervalSet([35.0, 40.5], [35.1, 40.75]),
        },
        "trials": pd.DataFrame(
            {"start": [0.0, 8.0], "stop": [7.0, 15.0], "choice": ["left", None], "block": [1, 2]}
        ),
        "metadata": {
            "description": "A mouse on a linear track",
            "session": "2026-03-01",
            "session_start_time": "2026-03-01T09:30:00+00:00",
            "subject": {
                "subject_id": "m1",
                "species": "Mus musculus",
                "sex": "F",
                "age": "P90D",
                "description": "A mouse",
            },
            "experimenter": ["Doe, Jane"],
            "experiment_description": "Foraging",
            "keywords": ["place cells"],
            "institution": "An institute",
            "lab": "A lab",
            "speed_unit": "m/s",
            "spike_resolution": 1 / 30000,
        },
        "truth": {"weights": rng.normal(size=(30, 30))},
        "provenance": Provenance.collect(seed=0),
    }
    return Recording(**{**parts, **changes})


@pytest.fixture
def written(tmp_path):
    recording = make_recording()
    return recording, recording.to_nwb(tmp_path / "session.nwb")


def complaints(path, least):
    return list(inspect_nwbfile(nwbfile_path=path, importance_threshold=least))


def test_the_inspector_finds_no_fault(written):
    assert complaints(written[1], Importance.BEST_PRACTICE_VIOLATION) == []


@pytest.mark.parametrize("source", ["recorded", "predicted", "simulated"])
def test_a_record_that_says_nothing_about_itself_has_no_critical_fault(tmp_path, source):
    recording = make_recording(source=source, metadata={})
    path = recording.to_nwb(tmp_path / "r.nwb")
    assert complaints(path, Importance.CRITICAL) == []
    with pynwb.NWBHDF5IO(path, "r") as io:
        file = io.read()
        made = recording.provenance.created
        assert file.session_start_time == (
            datetime.fromtimestamp(0, UTC) if source == "recorded" else made
        )
        assert file.subject.subject_id == "unknown"


NO_TIMES = np.array([])


@pytest.mark.parametrize(
    "parts",
    [
        {"events": {"x": nap.Ts(NO_TIMES)}},
        {"events": {"x": nap.Tsd(NO_TIMES, NO_TIMES)}},
        {"events": {"x": nap.Tsd(NO_TIMES, np.array([], dtype=str))}},
        {"signals": {"x": nap.Tsd(NO_TIMES, NO_TIMES)}},
        {"signals": {"x": nap.TsdFrame(NO_TIMES, np.zeros((0, 3)))}},
        {
            "signals": {
                "x": nap.TsdFrame(
                    np.array([0.5]), np.zeros((1, 0)), time_support=nap.IntervalSet(0, 1)
                )
            }
        },
        {"signals": {"x": nap.TsdTensor(NO_TIMES, np.zeros((0, 3, 2)))}},
        {"intervals": {"x": nap.IntervalSet(NO_TIMES, NO_TIMES)}},
        {"trials": pd.DataFrame({"start": NO_TIMES, "stop": NO_TIMES, "choice": []})},
        {"spikes": nap.TsGroup({}, time_support=nap.IntervalSet(0, 1))},
        {
            "spikes": nap.TsGroup(
                {4: nap.Ts(NO_TIMES)},
                time_support=nap.IntervalSet(0, 1),
                metadata={"region": ["CA1"]},
            )
        },
    ],
)
def test_what_is_empty_comes_back_from_a_file_without_errors(tmp_path, parts):
    recording = Recording(source="simulated", **parts)
    path = recording.to_nwb(tmp_path / "r.nwb")
    # A threshold would leave out the checks of less importance that fail with an error.
    found = complaints(path, Importance.BEST_PRACTICE_SUGGESTION)
    assert [each for each in found if each.importance.value >= Importance.CRITICAL.value] == []
    nap.load_file(str(path)).close()
    back = Recording.from_nwb(path)
    (name,) = parts
    old, new = getattr(recording, name), getattr(back, name)
    if name == "trials":
        pd.testing.assert_frame_equal(new, old)
    elif name == "spikes":
        assert list(new.index) == list(old.index)
        pd.testing.assert_frame_equal(new.metadata, old.metadata)
    else:
        assert type(new["x"]) is type(old["x"])
        assert new["x"].shape == old["x"].shape
    assert "not_read" not in back.metadata


def test_pynapple_opens_the_same_objects(written):
    recording, path = written
    file = nap.load_file(str(path))
    for unit, train in recording.spikes.items():
        np.testing.assert_array_equal(file["units"][unit].t, train.t)
    assert list(file["units"]["region"]) == ["CA1", "CA3"]
    assert list(file["units"]["depth"]) == [1.5, 2.25]
    for name, signal in recording.signals.items():
        np.testing.assert_array_equal(file[name].t, signal.t)
        np.testing.assert_array_equal(file[name].values[:], signal.values)
    for name, events in recording.events.items():
        np.testing.assert_array_equal(file[name].t, events.t)
    for name, intervals in recording.intervals.items():
        np.testing.assert_array_equal(file[name].values, intervals.values)
    assert list(file["epochs"]["label"]) == ["run", "rest"]
    np.testing.assert_array_equal(file["trials"].start, recording.trials["start"])
    assert list(file["trials"]["choice"]) == ["left", ""]
    file.close()


def test_general_fields_say_what_the_metadata_say(written):
    with pynwb.NWBHDF5IO(written[1], "r") as io:
        file = io.read()
        assert file.session_description == "A mouse on a linear track"
        assert file.session_id == "2026-03-01"
        assert file.session_start_time == datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
        assert (file.subject.subject_id, file.subject.species) == ("m1", "Mus musculus")
        assert tuple(file.experimenter) == ("Doe, Jane",)
        assert file.processing["signals"]["speed"].unit == "m/s"
        assert file.processing["signals"]["speed"].rate == 10
        assert file.processing["signals"]["dff"].rate is None
        assert file.units.resolution == 1 / 30000
        np.testing.assert_array_equal(file.units["obs_intervals"][1], [[0, 25], [30, 60]])
        assert pynwb.validate(io=io) == []


def test_a_clock_is_a_rate_only_if_that_gives_every_bit(tmp_path):
    times = np.arange(1000) * 0.001  # differs from arange / 1000 in the last bit
    assert not np.array_equal(times, np.arange(1000) / 1000)
    path = Recording(source="recorded", signals={"x": nap.Tsd(times, times)}).to_nwb(
        tmp_path / "r.nwb"
    )
    with pynwb.NWBHDF5IO(path, "r") as io:
        np.testing.assert_array_equal(io.read().processing["signals"]["x"].timestamps[:], times)


def test_a_file_is_replaced_only_on_request(written):
    recording, path = written
    before = path.read_bytes()
    with pytest.raises(InputError, match="overwrite=True"):
        recording.to_nwb(path)
    assert path.read_bytes() == before
    recording.replace(signals={}).to_nwb(path, overwrite=True)
    assert dict(Recording.from_nwb(path).signals) == {}


def test_a_failed_write_leaves_the_old_file_and_nothing_else(written, monkeypatch):
    recording, path = written
    before = path.read_bytes()

    def fail(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tripartite.core._nwb_write.NWBHDF5IO.write", fail)
    with pytest.raises(OSError, match="No space"):
        recording.to_nwb(path, overwrite=True)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("r.h5", "must end in .nwb. Got .* Pass 'r.nwb'"),
        ("no/r.nwb", "The folder of path must exist"),
        ("/", "must end in .nwb. Got .* Pass 'recording.nwb'"),
    ],
)
def test_paths_that_do_not_fit_are_refused(tmp_path, name, message):
    with pytest.raises(InputError, match=message):
        make_recording().to_nwb(tmp_path / name)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"metadata": {"session_start_time": datetime(2026, 1, 1)}}, "with time zone"),
        ({"metadata": {"session_start_time": 5}}, "with time zone"),
        ({"metadata": {"session_start_time": "yesterday"}}, "with time zone.* Got 'yesterday'"),
        ({"metadata": {"tool": len}}, "metadata.tool must be made of"),
        ({"truth": {"cells": {1, 2}}}, "truth.cells must be made of .* Got a set"),
        (
            {"truth": {"table": np.zeros(2, dtype=[("a", "f8")])}},
            "truth.table must have an ordinary dtype",
        ),
        (
            {"trials": pd.DataFrame({"start": [0.0], "stop": [1.0], "c": pd.Categorical(["a"])})},
            "'c' of dtype category",
        ),
    ],
)
def test_what_no_file_can_hold_is_refused_by_name(tmp_path, changes, message):
    with pytest.raises(InputError, match=message):
        make_recording(**changes).to_nwb(tmp_path / "r.nwb")
    assert os.listdir(tmp_path) == []


def test_a_file_that_is_absent_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="existing file"):
        Recording.from_nwb(tmp_path / "none.nwb")


@pytest.mark.parametrize("content", [b"", b"not hdf5", b"\x89HDF\r\n\x1a\n" + bytes(100)])
def test_a_file_that_is_not_hdf5_is_a_format_error(tmp_path, content):
    path = tmp_path / "r.nwb"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=r"r\.nwb"):
        Recording.from_nwb(path)


def test_a_truncated_file_is_a_format_error(written):
    path = written[1]
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(FileFormatError, match=r"session\.nwb"):
        Recording.from_nwb(path)


def test_hdf5_that_is_not_nwb_is_a_format_error(tmp_path):
    with h5py.File(tmp_path / "r.nwb", "w") as file:
        file["x"] = np.arange(3)
    with pytest.raises(FileFormatError, match=r"r\.nwb"):
        Recording.from_nwb(tmp_path / "r.nwb")


@pytest.mark.parametrize(
    "text", ["{", '{"format": 99}', '{"format": 1, "arrays": [], "recording": {"$": "os.system"}}']
)
def test_a_broken_layout_is_a_format_error(written, text):

    with h5py.File(written[1], "r+") as file:
        file["scratch/tripartite"][()] = text
    with pytest.raises(FileFormatError):
        Recording.from_nwb(written[1])


def test_a_missing_part_is_a_format_error(written):

    with h5py.File(written[1], "r+") as file:
        del file["processing/signals/speed"]
    with pytest.raises(FileFormatError, match=r"signals\.speed"):
        Recording.from_nwb(written[1])
