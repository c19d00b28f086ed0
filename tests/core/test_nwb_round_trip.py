"""What is written to NWB comes back to the last bit."""

import string
import warnings
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pynapple as nap
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tripartite.core.provenance import Provenance
from tripartite.core.recording import Recording

# A single time has no support; pynapple says so whenever it makes one.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Some epochs have no duration"),
    pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning"),
]


def round_trip(recording, folder):
    return Recording.from_nwb(recording.to_nwb(folder / "r.nwb", overwrite=True))


def assert_same(new, old, where="recording"):
    """Compare to the last bit, through everything that a record may hold."""
    if isinstance(old, Recording):
        for name in (
            "source",
            "spikes",
            "signals",
            "events",
            "intervals",
            "trials",
            "metadata",
            "truth",
        ):
            assert_same(getattr(new, name), getattr(old, name), name)
        assert new.provenance.to_json() == old.provenance.to_json()
    elif isinstance(old, nap.TsGroup):
        assert list(new.index) == list(old.index), where
        assert_same(new.time_support, old.time_support, where)
        pd.testing.assert_frame_equal(new.metadata, old.metadata)
        for unit in old.index:
            assert_same(new[unit].t, old[unit].t, f"{where}.{unit}")
    elif isinstance(old, nap.IntervalSet):
        assert_same(new.values, old.values, where)
        assert new.metadata_columns == old.metadata_columns
        pd.testing.assert_frame_equal(new.metadata, old.metadata)
    elif isinstance(old, nap.Ts | nap.Tsd | nap.TsdFrame | nap.TsdTensor):
        assert type(new) is type(old), where
        assert_same(new.t, old.t, where)
        assert_same(new.time_support, old.time_support, where)
        if not isinstance(old, nap.Ts):
            assert_same(new.values, old.values, where)
        if isinstance(old, nap.TsdFrame):
            pd.testing.assert_index_equal(new.columns, old.columns)
            pd.testing.assert_frame_equal(new.metadata, old.metadata)
    elif isinstance(old, pd.DataFrame):
        pd.testing.assert_frame_equal(new, old)
    elif isinstance(old, np.ndarray):
        assert (new.dtype, new.shape) == (old.dtype, old.shape), where
        assert (
            new.tolist() == old.tolist() if old.dtype == object else new.tobytes() == old.tobytes()
        ), where
    elif hasattr(old, "keys"):
        assert list(new) == list(old), where
        for key in old:
            assert_same(new[key], old[key], f"{where}.{key}")
    elif isinstance(old, list | tuple):
        assert type(new) is type(old), where
        assert len(new) == len(old), where
        for i, each in enumerate(old):
            assert_same(new[i], each, f"{where}.{i}")
    else:
        assert type(new) is type(old), where
        assert new == old or (new != new and old != old), where


def recorded(**parts):
    return Recording(source="recorded", **parts)


@pytest.mark.parametrize(
    "dtype",
    ["f8", "f4", "f2", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?", "c16", "M8[ms]"],
)
@pytest.mark.parametrize("shape", [(5,), (5, 3), (5, 2, 3)])
def test_signals_keep_type_and_every_bit(tmp_path, dtype, shape):
    raw = np.random.default_rng(0).integers(
        0, 2, (*shape, np.dtype(dtype).itemsize), dtype=np.uint8
    )
    values = raw.view(dtype)[..., 0]
    make = [nap.Tsd, nap.TsdFrame, nap.TsdTensor][len(shape) - 1]
    old = recorded(signals={"x": make(np.array([0.1, 0.2, 0.7, 0.7, 1 / 3 + 1]), values)})
    assert_same(round_trip(old, tmp_path), old)


@pytest.mark.parametrize(
    "times",
    [
        np.arange(1000) / 30,
        1234.567 + np.arange(1000) / 30000.0305,
        np.arange(1000) * 0.001,
        np.linspace(3, 4, 777),
        np.cumsum(np.random.default_rng(1).exponential(size=1000)),
        np.array([0.0]),
        np.array([]),
        np.array([5.0, 5.0, 5.0]),
        np.array([3.0, np.nextafter(3, 4)]),
        -np.arange(10.0)[::-1] / 7,
    ],
)
def test_times_keep_every_bit(tmp_path, times):
    old = recorded(
        signals={"x": nap.Tsd(times, np.arange(len(times)))}, events={"y": nap.Ts(times)}
    )
    assert_same(round_trip(old, tmp_path), old)


def test_special_numbers_and_large_arrays_come_back(tmp_path):
    values = np.random.default_rng(0).normal(size=(50_000, 4))
    values[:5, 0] = [np.nan, np.inf, -np.inf, -0.0, 5e-324]
    times = np.cumsum(np.abs(values).sum(axis=1)[::-1][:-5])
    old = recorded(
        spikes=nap.TsGroup({0: nap.Ts(np.repeat(times, 3))}),
        signals={"x": nap.TsdFrame(np.arange(50_000) / 20, values)},
        events={"y": nap.Tsd(np.repeat(times, 3), np.arange(3 * len(times)))},
        truth={"weights": values},
    )
    assert_same(round_trip(old, tmp_path), old)


def test_columns_and_their_metadata_come_back(tmp_path):
    signals = {
        "named": nap.TsdFrame(
            np.arange(3.0),
            np.ones((3, 2)),
            columns=["soma", "µ/é"],
            metadata={"depth": [1.5, np.nan]},
        ),
        "numbered": nap.TsdFrame(
            np.arange(3.0), np.ones((3, 2)), columns=[7, 3], metadata={"roi": ["a", "b"]}
        ),
        "none": nap.TsdFrame(np.arange(3.0), np.ones((3, 0))),
        "empty": nap.TsdTensor(np.array([]), np.ones((0, 2, 3), dtype="f4")),
    }
    old = recorded(signals=signals)
    assert_same(round_trip(old, tmp_path), old)


def test_time_supports_come_back(tmp_path):
    support = nap.IntervalSet([0, 1 / 3], [0.2, 9])
    old = recorded(
        spikes=nap.TsGroup({0: nap.Ts(np.array([0.1, 5.0]))}, time_support=support),
        signals={"x": nap.Tsd(np.arange(10.0), np.arange(10), time_support=support)},
        events={"none": nap.Ts(np.array([]), time_support=support), "one": nap.Ts(np.array([4.0]))},
    )
    assert_same(round_trip(old, tmp_path), old)


def test_units_come_back_with_their_columns(tmp_path):
    columns = {
        "region": ["CA1", "", "Kérguelen"],
        "depth": [1.5, np.nan, -np.inf],
        "channel": np.array([1, 2, 3], dtype=np.int16),
        "good": [True, False, True],
        "waveform": np.random.default_rng(0).normal(size=(3, 8)).astype("f4"),
        "electrodes": [1, 2, 3],  # a word of NWB's own
        "µ": ["a\0b", "", "c"],
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        units = {
            12: nap.Ts(np.array([0.5, 0.5, 3.0])),
            -1: nap.Ts(np.array([])),
            5: nap.Ts(np.array([1.0])),
        }
        spikes = nap.TsGroup(units, time_support=nap.IntervalSet(0, 9), metadata=columns)
    old = recorded(spikes=spikes)
    assert_same(round_trip(old, tmp_path), old)


@pytest.mark.parametrize("units", [{}, {3: nap.Ts(np.array([]))}])
def test_groups_without_spikes_come_back(tmp_path, units):
    old = recorded(spikes=nap.TsGroup(units, time_support=nap.IntervalSet(0, 9)))
    assert_same(round_trip(old, tmp_path), old)


def test_events_come_back_with_their_values(tmp_path):
    times = np.array([0.1, 0.2, 3.0])
    old = recorded(
        events={
            "plain": nap.Ts(times),
            "sized": nap.Tsd(times, np.array([1, 2, 3], dtype=np.int8)),
            "named": nap.Tsd(times, np.array(["lick", "", "Größe"])),
            "none named": nap.Tsd(np.array([]), np.array([], dtype="<U4")),
        }
    )
    assert_same(round_trip(old, tmp_path), old)


def test_intervals_come_back_with_their_columns(tmp_path):
    columns = {"label": ["walk", "λ"], "speed": [0.5, np.nan], "n": [1, 2], "tags": ["x", "y"]}
    old = recorded(
        intervals={
            "epochs": nap.IntervalSet([0, 1 / 3], [0.3, 1e9], metadata=columns),
            "invalid_times": nap.IntervalSet(0, 1),
            "none": nap.IntervalSet([], []),
            "none labelled": nap.IntervalSet(
                np.array([]), np.array([]), metadata={"label": np.array([], dtype=str)}
            ),
        }
    )
    assert_same(round_trip(old, tmp_path), old)


def test_trials_come_back_with_every_kind_of_column(tmp_path):
    trials = pd.DataFrame(
        {
            "start": [0.0, 5.0, 2.0],
            "stop": [1.0, np.nan, 9.0],
            "choice": ["left", None, "rechts über"],
            "object": pd.Series(["a", None, np.nan], dtype=object),
            "mixed": pd.Series([1, "a", [2.5]], dtype=object),
            "count": pd.Series([1, None, 3], dtype="Int64"),
            "whole": pd.Series([1, 2, 3], dtype="Int16"),
            "maybe": pd.Series([True, None, False], dtype="boolean"),
            "correct": [True, False, True],
            "contrast": np.array([0, 0.5, np.nan], dtype="f4"),
            "when": np.array(["2026-01-02T03:04:05.678901", "2026-01-02", "NaT"], dtype="M8[us]"),
            "start_time": [1, 2, 3],
            "a/b": [1.5, 2.5, 3.5],
            "": [1, 2, 3],
        },
        index=[4, 1, 9],
    )
    old = recorded(trials=trials)
    assert_same(round_trip(old, tmp_path), old)


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "Float64"])
def test_trials_keep_the_type_of_their_bounds(tmp_path, dtype):
    trials = pd.DataFrame({"start": [0, 1], "stop": [1, 2]}).astype(dtype)
    old = recorded(trials=trials)
    assert_same(round_trip(old, tmp_path), old)
    empty = recorded(trials=trials.iloc[:0])
    assert_same(round_trip(empty, tmp_path), empty)


def test_truth_metadata_and_provenance_come_back(tmp_path):
    truth = {
        "weights": np.random.default_rng(0).normal(size=(20, 20)),
        "small": np.array([[1, 2]], dtype=np.uint8),
        "flags": np.zeros(100, dtype=bool),
        "phase": np.exp(1j * np.arange(40)),
        "names": np.array([f"ünit {i}" for i in range(50)]),
        "scalar": np.array(3.5),
        "empty": np.zeros((0, 4)),
        "rate": 3.5,
        "bad": float("nan"),
        "huge": 10**30,
        "nothing": None,
        "nested": {"a/b": [1, (2.0, "x")], "$": 1, "deep": {0: np.arange(99), "0": 1}},
        "events": nap.Ts(np.arange(40.0)),
        "calcium": nap.TsdFrame(np.arange(40.0), np.ones((40, 2)), columns=["a", "b"]),
        "cells": nap.TsGroup({1: nap.Ts(np.arange(4.0))}, metadata={"kind": ["astrocyte"]}),
        "bursts": nap.IntervalSet([0, 2], [1, 3]),
        "table": pd.DataFrame({"onset": [0.1, 0.2], "cell": ["a", "b"]}, index=["x", "y"]),
    }
    metadata = {
        "subject": {"subject_id": "m1", "species": "Mus musculus", "sex": "F", "age": "P90D"},
        "session_start_time": datetime(2026, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=2))),
        "experimenter": ["Doe, Jane"],
        "lab": "a lab",
        "counts": (1, 2),
    }
    made = Provenance.collect(parameters={"g": np.float32(0.5), "window": (0.1, 2)}, seed=4)
    old = Recording(source="simulated", truth=truth, metadata=metadata, provenance=made)
    old.to_nwb(tmp_path / "a.nwb")
    new = Recording.from_nwb(tmp_path / "a.nwb")
    assert_same(new, old)
    assert new.truth["nested"]["deep"][0].sum() == np.arange(99).sum()


@pytest.mark.parametrize("truth", [None, {}])
def test_no_truth_differs_from_empty_truth(tmp_path, truth):
    old = Recording(source="predicted", truth=truth)
    assert_same(round_trip(old, tmp_path), old)


def test_letters_that_hdf5_cannot_hold_come_back(tmp_path):
    odd = "a\0b \ud800"
    old = recorded(
        signals={"x": nap.TsdFrame(np.arange(3.0), np.ones((3, 1)), columns=["a\0b"])},
        metadata={"description": odd, "subject": odd, "keywords": [odd], "x_unit": odd, odd: odd},
        truth={odd: np.arange(99)},
    )
    assert_same(round_trip(old, tmp_path), old)


def test_a_single_row_comes_back_whatever_its_columns_are_called(tmp_path):
    metadata = {"id": np.array([5]), "start_time": np.array(["early"], dtype=object)}
    old = recorded(
        intervals={"x": nap.IntervalSet(0, 1, metadata=metadata)},
        trials=pd.DataFrame({"start": [0.0], "stop": [1.0], "id": ["a"], "tags": [7]}),
    )
    assert_same(round_trip(old, tmp_path), old)


def test_one_name_may_stand_for_several_things(tmp_path):
    times = np.arange(30.0)
    old = recorded(
        signals={"lick": nap.Tsd(times, times)},
        events={"lick": nap.Ts(times)},
        intervals={"lick": nap.IntervalSet(0, 1), "units": nap.IntervalSet(0, 2)},
    )
    assert_same(round_trip(old, tmp_path), old)


NAMES = st.text(string.ascii_letters + "äπ 中-_.", min_size=1, max_size=6).filter(
    lambda name: name.strip(" .") and name != "trials"
)
LABELS = st.text(max_size=5)
MOMENTS = st.floats(0, 1e4, allow_nan=False).map(float)


@st.composite
def time_arrays(draw):
    if draw(st.booleans()):
        rate = draw(st.floats(0.5, 5e4))
        return draw(MOMENTS) + np.arange(draw(st.integers(2, 40))) / rate
    return np.sort(np.array(draw(st.lists(MOMENTS, max_size=20)), dtype=float))


@st.composite
def signals(draw):
    times = draw(time_arrays())
    rest = tuple(draw(st.lists(st.integers(1, 3), max_size=2)))
    dtype = np.dtype(draw(st.sampled_from(["f8", "f4", "i2", "u1", "i8"])))
    seed = draw(st.integers(0, 9))
    raw = np.random.default_rng(seed).integers(
        0, 256, (len(times), *rest, dtype.itemsize), dtype=np.uint8
    )
    values = raw.view(dtype)[..., 0]
    return [nap.Tsd, nap.TsdFrame, nap.TsdTensor][len(rest)](times, values)


@st.composite
def interval_sets(draw):
    edges = np.unique(draw(st.lists(st.integers(0, 10**6), max_size=12)))
    edges = edges[: len(edges) // 2 * 2].reshape(-1, 2) / 7
    labels = draw(st.lists(LABELS, min_size=len(edges), max_size=len(edges)))
    return nap.IntervalSet(
        edges[:, 0], edges[:, 1], metadata={"label": np.array(labels, dtype=str)}
    )


@st.composite
def groups(draw):
    trains = draw(
        st.dictionaries(st.integers(-5, 10**6), st.lists(MOMENTS, max_size=8), max_size=4)
    )
    support = nap.IntervalSet(0, 1e4)
    depths = draw(st.lists(st.floats(), min_size=len(trains), max_size=len(trains)))
    regions = draw(st.lists(LABELS, min_size=len(trains), max_size=len(trains)))
    units = {
        unit: nap.Ts(np.sort(np.array(train, dtype=float)), time_support=support)
        for unit, train in trains.items()
    }
    columns = {"depth": np.array(depths, dtype=float), "region": np.array(regions, dtype=str)}
    return nap.TsGroup(units, time_support=support, metadata=columns)


def some(values):
    return st.dictionaries(NAMES, values, max_size=3)


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    spikes=st.none() | groups(),
    signals=some(signals()),
    events=some(time_arrays().map(nap.Ts)),
    intervals=some(interval_sets()),
    metadata=st.dictionaries(LABELS, LABELS | st.floats() | st.lists(st.integers()), max_size=3),
)
def test_whatever_is_written_comes_back(tmp_path, **parts):
    old = Recording(source="recorded", **parts)
    assert_same(round_trip(old, tmp_path), old)


def test_the_same_record_can_be_written_again_after_reading(tmp_path):
    old = recorded(
        signals={"x": nap.Tsd(np.arange(100.0), np.arange(100))},
        metadata={"session_start_time": datetime(2026, 1, 1, tzinfo=UTC)},
    )
    assert_same(round_trip(round_trip(old, tmp_path), tmp_path), old)
