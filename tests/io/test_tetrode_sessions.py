from pathlib import Path

import numpy as np
import pytest
import scipy.io
from damaged_files import count_refused, damage
from nwbinspector import inspect_nwbfile

from tripartite.core.recording import Recording
from tripartite.errors import FileFormatError
from tripartite.io import bundled
from tripartite.io.tetrode_sessions import read_tetrode_session, read_tetrode_spikes

SPIKES = bundled.path("linear_spikes.mat")
TRACKING = bundled.path("linear_trajectory.videoPositionTracking")
W_MAZE = Path(__file__).parents[3] / "shared" / "data" / "spikes"


@pytest.fixture(scope="module")
def session():
    return read_tetrode_session(SPIKES, TRACKING, region="CA1")


def cell(items):
    array = np.empty((1, len(items)), dtype=object)
    for i, item in enumerate(items):
        array[0, i] = item
    return array


def unit(times, timerange=(0.0, 10.0)):
    return {"time": np.reshape(times, (-1, 1)), "timerange": np.array([timerange]), "meanrate": 1.0}


EMPTY = np.empty((1, 0))


def save(folder, tetrodes, **variables):
    path = folder / "spikes.mat"
    scipy.io.savemat(path, {"spikes": cell([cell([cell(tetrodes)])]), **variables})
    return path


def test_the_real_session_has_the_units_and_spikes_counted_in_the_file_itself(session):
    tetrodes = scipy.io.loadmat(SPIKES)["spikes"][0, 0][0, 0].ravel()
    trains = {}
    for tetrode, cells in enumerate(tetrodes, start=1):
        for number, struct in enumerate(cells.ravel(), start=1):
            if struct.dtype.names:
                trains[tetrode, number] = struct["time"][0, 0].ravel()
    fired = {place: times for place, times in trains.items() if len(times)}
    columns = session.spikes.metadata
    assert list(zip(columns["tetrode"], columns["cell"], strict=True)) == list(fired)
    for read, times in zip(session.spikes.values(), fired.values(), strict=True):
        np.testing.assert_allclose(read.t, times, atol=1e-9)
    assert session.metadata["n_cells_without_spikes"] == len(trains) - len(fired)


def test_the_real_session_agrees_with_its_description(session):
    assert len(session.spikes) == 31
    assert sum(len(train) for train in session.spikes.values()) == 28829
    np.testing.assert_allclose(session.spikes.time_support.values, [[4396.9975, 6365.2707]])
    assert set(session.spikes.metadata["region"]) == {"CA1"}
    known = session.metadata
    assert (known["n_frames"], known["n_frames_repeated"], known["n_frames_lost"]) == (118965, 1, 0)
    assert known["n_position_gaps"] == 2
    assert known["position_unit"] == "px"
    assert set(session.provenance.inputs) == {SPIKES.name, TRACKING.name}


def test_spike_times_are_whole_ticks_of_the_resolution(session):
    ticks = np.concatenate([train.t for train in session.spikes.values()])
    ticks = ticks / session.metadata["spike_resolution"]
    np.testing.assert_allclose(ticks, ticks.round(), atol=1e-6, rtol=0)
    assert session.metadata["spike_resolution"] == 1 / 30_000


def test_what_the_caller_knows_reaches_the_file_and_nothing_is_left_to_remark(tmp_path):
    known = {"species": "Rattus norvegicus", "subject_id": "rat 1"}
    session = read_tetrode_session(
        SPIKES, TRACKING, metadata={"subject": known, "position_unit": "cm"}
    )
    assert session.metadata["position_unit"] == "cm"
    path = session.to_nwb(tmp_path / "session.nwb")
    assert dict(Recording.from_nwb(path).metadata["subject"]) == known
    remarks = {message.check_function_name for message in inspect_nwbfile(nwbfile_path=path)}
    assert not remarks & {"check_units_resolution_is_set", "check_subject_species_exists"}


def test_the_real_session_goes_through_nwb_unchanged(session, tmp_path):
    back = Recording.from_nwb(session.to_nwb(tmp_path / "session.nwb"))
    for before, after in zip(session.spikes.values(), back.spikes.values(), strict=True):
        np.testing.assert_array_equal(before.t, after.t)
    before, after = session.signals["position"], back.signals["position"]
    np.testing.assert_array_equal(before.t, after.t)
    np.testing.assert_array_equal(before.values, after.values)
    np.testing.assert_array_equal(before.time_support.values, after.time_support.values)
    assert dict(session.metadata) == dict(back.metadata)


@pytest.mark.skipif(not W_MAZE.exists(), reason="the shared recordings are not beside the project")
def test_the_w_maze_session_agrees_with_its_description():
    session = read_tetrode_session(
        W_MAZE / "wmaze_spikes.mat", W_MAZE / "wmaze_trajectory.videoPositionTracking"
    )
    assert len(session.spikes) == 25
    assert sum(len(train) for train in session.spikes.values()) == 518352
    assert session.metadata["n_position_gaps"] == 3


def test_empty_cells_and_clusters_without_spikes_are_counted(tmp_path):
    tetrodes = [EMPTY, cell([unit([1.0, 2.0]), EMPTY, unit([])]), cell([EMPTY, unit([3.0])])]
    units, counts = read_tetrode_spikes(save(tmp_path, tetrodes))
    assert units.metadata[["tetrode", "cell"]].to_numpy().tolist() == [[2, 1], [3, 2]]
    assert counts == {"n_cells_empty": 3, "n_cells_without_spikes": 1}
    np.testing.assert_array_equal(units.time_support.values, [[0, 10]])


def test_a_single_spike_is_a_unit(tmp_path):
    units, _ = read_tetrode_spikes(save(tmp_path, [cell([unit([5.0])])]))
    assert [len(train) for train in units.values()] == [1]


@pytest.mark.parametrize(
    "tetrodes",
    [
        [EMPTY],
        [cell([unit([])])],
        [cell([unit([2.0, 1.0])])],
        [cell([unit([1.0, np.nan])])],
        [cell([unit([1.0, 11.0])])],
        [cell([unit([1.0], timerange=(3.0, 0.0))])],
        [cell([unit([1.0], timerange=(0.0, 1.0, 2.0))])],
        [cell([{"time": np.array([[1.0]])}])],
        [cell([{"time": "text", "timerange": np.array([[0.0, 1.0]])}])],
        [cell([np.ones((3, 3))])],
    ],
)
def test_cells_that_are_not_units_are_refused(tmp_path, tetrodes):
    with pytest.raises(FileFormatError, match="must"):
        read_tetrode_spikes(save(tmp_path, tetrodes))


def test_two_epochs_in_one_file_are_refused(tmp_path):
    path = tmp_path / "spikes.mat"
    epochs = cell([cell([cell([unit([1.0])])]), cell([cell([unit([2.0])])])])
    scipy.io.savemat(path, {"spikes": cell([epochs])})
    with pytest.raises(FileFormatError, match="2 epochs"):
        read_tetrode_spikes(path)


def test_a_file_without_spikes_is_refused(tmp_path):
    path = tmp_path / "other.mat"
    scipy.io.savemat(path, {"other": 1.0})
    with pytest.raises(FileFormatError, match="spikes"):
        read_tetrode_spikes(path)


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        read_tetrode_spikes(tmp_path / "nowhere.mat")


def test_sessions_that_do_not_overlap_are_refused(tmp_path):
    with pytest.raises(FileFormatError, match="one clock"):
        read_tetrode_session(save(tmp_path, [cell([unit([1.0])])]), TRACKING)


def test_damaged_files_are_read_or_refused_but_never_crash(tmp_path):
    path = save(tmp_path, [cell([unit([1.0, 2.0]), EMPTY])])

    def read(data):
        path.write_bytes(data)
        read_tetrode_spikes(path)

    assert 100 < count_refused(read, damage(path.read_bytes(), n_copies=300)) < 300
