"""NWB files that other programs wrote."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pynapple as nap
import pynwb
import pytest
from hdmf.common import VectorData
from pynwb import NWBHDF5IO, NWBFile, TimeSeries
from pynwb.behavior import Position, SpatialSeries
from pynwb.ecephys import ElectricalSeries
from pynwb.epoch import TimeIntervals
from pynwb.file import Subject
from pynwb.image import ImageSeries

from tripartite.core.recording import Recording

REAL = Path(__file__).parents[3] / "shared" / "data" / "spikes" / "A8604-211122.nwb"


def make_file(**fields):
    start = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    return NWBFile(
        session_description="A session", identifier="abc", session_start_time=start, **fields
    )


def read(file, folder):
    with NWBHDF5IO(folder / "foreign.nwb", "w") as io:
        io.write(file)
    return Recording.from_nwb(folder / "foreign.nwb")


def add_electrodes(file):
    device = file.create_device(name="probe")
    group = file.create_electrode_group("shank", description="s", location="CA1", device=device)
    for _ in range(2):
        file.add_electrode(group=group, location="CA1")
    return group, file.create_electrode_table_region([0, 1], "both")


def test_general_fields_become_metadata(tmp_path):
    subject = Subject(subject_id="m1", species="Mus musculus", sex="F", age="P90D")
    file = make_file(session_id="day 1", lab="L", experimenter=["Doe, Jane"], subject=subject)
    recording = read(file, tmp_path)
    assert recording.source == "recorded"
    assert dict(recording.metadata) == {
        "description": "A session",
        "identifier": "abc",
        "session": "day 1",
        "session_start_time": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "lab": "L",
        "experimenter": ["Doe, Jane"],
        "subject": {"subject_id": "m1", "species": "Mus musculus", "sex": "F", "age": "P90D"},
    }
    digest = hashlib.sha256((tmp_path / "foreign.nwb").read_bytes()).hexdigest()
    assert dict(recording.provenance.inputs) == {"foreign.nwb": digest}


def test_values_are_scaled_to_the_unit_that_the_file_names(tmp_path):
    file = make_file()
    _, electrodes = add_electrodes(file)
    raw = np.array([[1, 2], [3, 4], [5, 6]], dtype=np.int16)
    file.add_acquisition(
        ElectricalSeries(
            name="lfp",
            data=raw,
            electrodes=electrodes,
            rate=1000.0,
            starting_time=2.0,
            conversion=0.5,
            offset=1.0,
            channel_conversion=[1.0, 10.0],
        )
    )
    file.add_acquisition(
        TimeSeries(name="plain", data=raw[:, 0], unit="a.u.", timestamps=[0.0, 1.0, 3.0])
    )
    recording = read(file, tmp_path)
    np.testing.assert_allclose(recording.signals["lfp"].values, [[1.5, 11], [2.5, 21], [3.5, 31]])
    np.testing.assert_array_equal(recording.signals["lfp"].t, [2.0, 2.001, 2.002])
    assert recording.signals["plain"].dtype == np.int16
    assert recording.metadata["lfp_unit"] == "volts"
    assert set(recording.metadata["not_read"]) == {
        "probe (Device)",
        "shank (ElectrodeGroup)",
        "electrodes (ElectrodesTable)",
    }


def test_series_of_one_name_take_the_name_of_their_container(tmp_path):
    file = make_file()
    module = file.create_processing_module("behavior", "b")
    times = np.arange(4.0)
    place = SpatialSeries(
        name="position", data=np.ones((4, 2)), timestamps=times, reference_frame="corner"
    )
    file.add_acquisition(TimeSeries(name="position", data=np.arange(4), unit="m", timestamps=times))
    module.add(Position(name="tracking", spatial_series=place))
    signals = read(file, tmp_path).signals
    assert set(signals) in ({"position", "tracking_position"}, {"position", "root_position"})
    frame = next(each for each in signals.values() if isinstance(each, nap.TsdFrame))
    assert list(frame.columns) == ["x", "y"]


def test_series_that_pynapple_would_misread_are_left_out_by_name(tmp_path):
    file = make_file()
    file.add_acquisition(
        TimeSeries(name="unsorted", data=[1, 2, 3], unit="m", timestamps=[0.0, 2.0, 1.0])
    )
    file.add_acquisition(
        ImageSeries(
            name="video",
            external_file=["a.avi"],
            format="external",
            starting_frame=[0],
            timestamps=[0.0, 1.0],
        )
    )
    file.add_acquisition(TimeSeries(name="words", data=["a", "b"], unit="n/a", rate=1.0))
    recording = read(file, tmp_path)
    assert dict(recording.signals) == {}
    assert {line.split(" (")[0] for line in recording.metadata["not_read"]} == {
        "unsorted",
        "video",
        "words",
    }
    assert "its times are not in order" in str(recording.metadata["not_read"])
    assert "not_read" in recording.summary()


@pytest.mark.parametrize("labels", [["a", "a"], ["a", "b"]])
def test_annotations_become_events(tmp_path, labels):
    with pytest.warns(UserWarning, match="AnnotationSeries is deprecated"):
        series = pynwb.misc.AnnotationSeries(name="notes", data=labels, timestamps=[1.0, 2.0])
    file = make_file()
    file.add_acquisition(series)
    events = read(file, tmp_path).events["notes"]
    np.testing.assert_array_equal(events.t, [1.0, 2.0])
    assert type(events) is (nap.Ts if labels == ["a", "a"] else nap.Tsd)


def test_tables_of_events_become_events(tmp_path):
    event = pytest.importorskip("pynwb.event", reason="this pynwb has no EventsTable")
    table = event.EventsTable(name="licks", description="d")
    for time in (0.5, 2.5):
        table.add_event(timestamp=time, annotation="x")
    file = make_file()
    file.add_events_table(table)
    recording = read(file, tmp_path)
    np.testing.assert_array_equal(recording.events["licks"].t, [0.5, 2.5])
    assert "licks.annotation (column of EventsTable)" in recording.metadata["not_read"]


def add_units(file, *, observed):
    group, _ = add_electrodes(file)
    file.add_unit_column("quality", "q")
    file.add_unit_column("rate", "r")
    for i, train in enumerate(([0.5, 1.5, 21.0], [2.0])):
        more = {"obs_intervals": observed} if observed else {}
        file.add_unit(
            id=10 + i,
            spike_times=train,
            quality="good",
            rate=1.0,
            electrode_group=group,
            electrodes=[i],
            **more,
        )


def test_units_come_with_columns_places_and_when_they_were_observed(tmp_path):
    file = make_file()
    add_units(file, observed=[[0.0, 10.0], [20.0, 30.0]])
    recording = read(file, tmp_path)
    spikes = recording.spikes
    assert list(spikes.index) == [10, 11]
    np.testing.assert_array_equal(spikes[10].t, [0.5, 1.5, 21.0])
    np.testing.assert_array_equal(spikes.time_support.values, [[0, 10], [20, 30]])
    assert list(spikes["location"]) == ["CA1", "CA1"]
    assert list(spikes["quality"]) == ["good", "good"]
    assert list(spikes.rates) == [
        3 / 20,
        1 / 20,
    ]  # not the column of that name, which is listed instead
    assert "units.rate (the rate is counted from the spikes)" in recording.metadata["not_read"]
    assert any(line.startswith("units.electrodes") for line in recording.metadata["not_read"])


@pytest.mark.parametrize("observed", [None, [[0.0, 10.0]]])
def test_no_spike_is_lost_to_missing_or_wrong_observation_times(tmp_path, observed):
    file = make_file()
    add_units(file, observed=observed)
    recording = read(file, tmp_path)
    assert [len(unit) for unit in recording.spikes.values()] == [3, 1]
    np.testing.assert_array_equal(recording.spikes.time_support.values, [[0.5, 21.0]])
    wrong = "units.obs_intervals (some spikes lie outside)" in recording.metadata["not_read"]
    assert wrong == (observed is not None)


def test_intervals_are_sorted_with_their_columns_and_overlaps_left_out(tmp_path):
    file = make_file()
    file.add_epoch(5.0, 6.0, tags=["rest", "late"])
    file.add_epoch(0.0, 4.0, tags=["run"])
    overlapping = TimeIntervals(name="states", description="d")
    overlapping.add_row(start_time=0.0, stop_time=2.0)
    overlapping.add_row(start_time=1.0, stop_time=3.0)
    file.add_time_intervals(overlapping)
    recording = read(file, tmp_path)
    np.testing.assert_array_equal(recording.intervals["epochs"].values, [[0, 4], [5, 6]])
    assert list(recording.intervals["epochs"].get_info("tags")) == ["run", "rest, late"]
    assert recording.metadata["not_read"] == [
        "states (TimeIntervals, with overlaps or without durations)"
    ]


def test_trials_become_a_table(tmp_path):
    file = make_file()
    file.add_trial_column("choice", "c")
    file.add_trial_column("wheel", "w", index=True)
    file.add_trial(start_time=3.0, stop_time=9.0, choice="left", wheel=[1.0, 2.0])
    file.add_trial(start_time=1.0, stop_time=5.0, choice="right", wheel=[1.0])
    recording = read(file, tmp_path)
    assert list(recording.trials.columns) == ["start", "stop", "choice"]
    assert list(recording.trials["start"]) == [3.0, 1.0]
    assert list(recording.trials["choice"]) == ["left", "right"]
    assert recording.metadata["not_read"] == ["trials.wheel (VectorIndex)"]


def test_what_others_add_to_our_file_is_listed(tmp_path):
    path = Recording(source="recorded").to_nwb(tmp_path / "ours.nwb")
    with NWBHDF5IO(path, "a") as io:
        file = io.read()
        file.add_acquisition(TimeSeries(name="added", data=[1, 2], unit="m", rate=1.0))
        io.write(file)
    assert Recording.from_nwb(path).metadata["not_read"] == ["added (TimeSeries)"]


def test_nothing_in_a_file_runs_code(tmp_path, monkeypatch):
    monkeypatch.setattr("pickle.loads", lambda *_: pytest.fail("unpickled"))
    column = VectorData(name="odd", description="d", data=[b"\x80\x04cos\nsystem\n."])
    table = TimeIntervals(name="x", description="d")
    table.add_row(start_time=0.0, stop_time=1.0)
    file = make_file()
    file.add_time_intervals(table)
    file.add_scratch(column.data, name="payload", description="d")
    assert Recording.from_nwb(
        read(file, tmp_path).to_nwb(tmp_path / "again.nwb")
    ).intervals.keys() == {"x"}


@pytest.mark.skipif(not REAL.exists(), reason="the shared recordings are not beside the project")
@pytest.mark.filterwarnings("ignore:The 'manufacturer' field is deprecated")
def test_a_real_recording_reads_as_pynapple_reads_it(tmp_path):
    recording = Recording.from_nwb(REAL)
    theirs = nap.load_file(str(REAL))
    assert sum(map(len, recording.spikes.values())) == 21354
    for unit, train in theirs["units"].items():
        np.testing.assert_array_equal(recording.spikes[unit].t, train.t)
    np.testing.assert_array_equal(recording.intervals["epochs"].values, theirs["epochs"].values)
    assert list(recording.intervals["epochs"].get_info("tags")) == ["wake"]
    assert "electrodes (ElectrodesTable)" in recording.metadata["not_read"]
    again = Recording.from_nwb(recording.to_nwb(tmp_path / "again.nwb"))
    assert again.summary() == recording.summary()
    theirs.close()
