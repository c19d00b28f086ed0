import copy
import pickle
import re

import numpy as np
import pandas as pd
import pynapple as nap
import pytest

import tripartite as tp
from tripartite.core.provenance import Provenance
from tripartite.core.recording import Recording
from tripartite.errors import InputError

TIMES = np.arange(301) / 30


def make_recording(**changes):
    parts = {
        "source": "simulated",
        "spikes": nap.TsGroup(
            {2: nap.Ts(np.arange(0.5, 20)), 7: nap.Ts(np.array([1.0, 2.0]))},
            time_support=nap.IntervalSet(0, 20),
            metadata={"region": ["CA1", "CA3"]},
        ),
        "signals": {"dff": nap.TsdFrame(TIMES, np.zeros((301, 2)), columns=["soma", "end foot"])},
        "events": {"reward": nap.Ts(np.array([3.0, 4.0, 25.0]))},
        "intervals": {"run": nap.IntervalSet([1, 10], [4, 15])},
        "trials": pd.DataFrame(
            {"start": [0.0, 5.0], "stop": [4.0, 9.0], "choice": ["left", "right"]}
        ),
        "metadata": {"subject": "mouse 3", "dff_unit": "ΔF/F"},
        "truth": {"weights": np.eye(2)},
        "provenance": Provenance.collect(seed=5),
    }
    return Recording(**{**parts, **changes})


def test_the_top_level_name_is_the_class():
    assert tp.Recording is Recording


def test_a_record_needs_nothing_but_its_source():
    recording = Recording(source="recorded")
    assert recording.spikes is None
    assert dict(recording.signals) == {}
    assert np.isnan(recording.start)
    assert np.isnan(recording.duration)
    assert "no times" in recording.summary()


def test_start_and_end_span_all_that_is_known():
    recording = make_recording()
    assert (recording.start, recording.end, recording.duration) == (0.0, 25.0, 25.0)
    assert make_recording(intervals={"rest": nap.IntervalSet(-3, 40)}).start == -3
    assert make_recording(trials=pd.DataFrame({"start": [90], "stop": [99]})).end == 99


@pytest.mark.filterwarnings("ignore:Some epochs have no duration", "ignore:divide by zero")
def test_a_single_event_counts_for_the_span():
    recording = Recording(source="recorded", events={"cue": nap.Ts(np.array([7.0]))})
    assert (recording.start, recording.end) == (7.0, 7.0)


def test_trials_that_never_stop_do_not_hide_the_end():
    recording = make_recording(trials=pd.DataFrame({"start": [0.0, 50.0], "stop": [1.0, np.nan]}))
    assert recording.end == 50.0


def test_the_record_cannot_be_changed():
    recording = make_recording()
    with pytest.raises(AttributeError):
        recording.source = "recorded"
    with pytest.raises(TypeError):
        recording.metadata["subject"] = "other"


def test_later_changes_of_what_was_passed_do_not_reach_the_record():
    signals, trials = {}, pd.DataFrame({"start": [0.0], "stop": [1.0]})
    recording = Recording(source="recorded", signals=signals, trials=trials)
    signals["late"] = nap.Tsd(TIMES, TIMES)
    trials["late"] = 1
    assert "late" not in recording.signals
    assert "late" not in recording.trials


def test_changes_of_the_table_that_is_handed_out_do_not_reach_the_record():
    recording = make_recording()
    trials = recording.trials
    trials["late"] = 1
    trials.loc[0, "start"] = -100.0
    pd.testing.assert_frame_equal(recording.trials, make_recording().trials)
    with pytest.raises(AttributeError):
        recording.trials = trials
    assert Recording.trials is None  # the default


def test_an_empty_path_is_refused():
    with pytest.raises(InputError, match=r"must end in \.nwb"):
        make_recording().to_nwb("")


def test_replace_exchanges_parts_and_keeps_the_rest():
    old = make_recording()
    new = old.replace(source="recorded", truth=None)
    assert (new.source, new.truth) == ("recorded", None)
    assert new.spikes is old.spikes
    assert old.source == "simulated"
    with pytest.raises(InputError, match=r"Did you mean 'signals'"):
        old.replace(signal={})


@pytest.mark.parametrize("travel", [copy.deepcopy, lambda r: pickle.loads(pickle.dumps(r))])
def test_records_travel_between_processes(travel):
    old = make_recording()
    new = travel(old)
    assert new.summary() == old.summary()
    np.testing.assert_array_equal(new.truth["weights"], np.eye(2))


def test_the_summary_tells_what_a_person_wants_to_know():
    lines = make_recording().summary().splitlines()
    text = {line.split("  ")[0]: line for line in map(str.strip, lines)}
    assert "simulated, 0 to 25 s" in text["Recording"]
    assert "2 units, 22 spikes, mean rate 0.55 Hz" in text["spikes"]
    assert "1 unit, mean rate 0.1 Hz" in text["CA3"]
    assert "TsdFrame 301 x 2 float64, ΔF/F, 30 Hz, 0 to 10 s" in text["signal dff"]
    assert "3, 3 to 25 s" in text["events reward"]
    assert "2, 8 s in all" in text["intervals run"]
    assert "2, with start, stop, choice" in text["trials"]
    assert "weights" in text["truth"]
    assert "seed 5" in text["provenance"]


def test_the_summary_says_when_sampling_is_irregular():
    signal = nap.Tsd(np.array([0.0, 1.0, 2.0, 5.0]), np.arange(4))
    text = Recording(source="recorded", signals={"speed": signal}).summary()
    assert "irregular, about 1 Hz" in text


def test_the_repr_is_one_line():
    text = repr(make_recording())
    assert text == (
        "<Recording: simulated, 0 to 25 s, 2 units, 1 signal (dff), 1 event series (reward), "
        "1 interval set (run), 2 trials>"
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"source": "measured"}, "source must be one of 'recorded', 'predicted', 'simulated'"),
        ({"source": "Recorded"}, "Did you mean 'recorded'"),
        ({"source": None}, "source must be one of"),
        ({"spikes": {0: [1.0]}}, "spikes must be a TsGroup"),
        ({"signals": [1]}, "signals must be a Mapping"),
        (
            {"signals": {"dff": np.zeros(3)}},
            "signals['dff'] must be a Tsd or TsdFrame or TsdTensor",
        ),
        ({"signals": {"a/b": nap.Tsd(TIMES, TIMES)}}, "without '/' and ':'"),
        ({"signals": {"a:b": nap.Tsd(TIMES, TIMES)}}, "without '/' and ':'"),
        ({"signals": {"": nap.Tsd(TIMES, TIMES)}}, "Each name in signals"),
        ({"signals": {"..": nap.Tsd(TIMES, TIMES)}}, "Each name in signals"),
        ({"signals": {"a\0": nap.Tsd(TIMES, TIMES)}}, "Each name in signals"),
        ({"signals": {3: nap.Tsd(TIMES, TIMES)}}, "Each name in signals"),
        ({"events": {"cue": [1.0, 2.0]}}, "events['cue'] must be a Ts or Tsd"),
        ({"intervals": {"run": (0, 1)}}, "intervals['run'] must be a IntervalSet"),
        (
            {"intervals": {"trials": nap.IntervalSet(0, 1)}},
            "No interval set may be called 'trials'",
        ),
        ({"trials": [(0, 1)]}, "trials must be a DataFrame"),
        ({"trials": pd.DataFrame({"start": [0.0]})}, "trials must have a column 'stop'"),
        ({"trials": pd.DataFrame({"start_": [0.0], "stop": [1]})}, 'columns={"start_": "start"}'),
        ({"trials": pd.DataFrame({"start": ["a"], "stop": [1]})}, "must be numbers, in seconds"),
        ({"trials": pd.DataFrame({"start": [2.0], "stop": [1.0]})}, "must stop after it starts"),
        ({"trials": pd.DataFrame({"start": [0.0], "stop": [1.0], 3: [0]})}, "names of their own"),
        ({"trials": pd.DataFrame({"start": [0.0], "stop": [1.0]}, index=["a"])}, "reset_index"),
        ({"trials": pd.DataFrame({"start": [0, 1], "stop": [1, 2]}, index=[5, 5])}, "reset_index"),
        ({"metadata": {1: "a"}}, "each name in metadata must be a str"),
        ({"metadata": None}, "metadata must be a Mapping"),
        ({"truth": np.eye(2)}, "truth must be a Mapping"),
        ({"provenance": "today"}, "provenance must be a Provenance"),
    ],
)
def test_bad_parts_are_refused(changes, message):
    with pytest.raises(InputError, match=re.escape(message)):
        make_recording(**changes)


def test_spikes_with_marks_are_refused():
    marked = nap.TsGroup({0: nap.Tsd(TIMES, TIMES)})
    with pytest.raises(InputError, match="unit 0 of spikes must be a Ts"):
        make_recording(spikes=marked)
