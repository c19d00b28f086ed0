"""Long runs: what is on disk, whatever ends the run, and how it goes on."""

import errno
import os
import signal
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from lively_network import assert_same_recording, describe_lively_network

import tripartite as tp
from tripartite import networks as tn
from tripartite.errors import FileFormatError, InputError, WriteError
from tripartite.networks.engine import simulation as engine

# No whole number of slices of 0.7 ms.
DURATION = 0.25


class StoppedError(Exception):
    """What the tests raise in the middle of a run."""


def stop_after(n_chunks, how):
    """Return what calls `how` when a run hands out a chunk."""
    seen = []

    def on_chunk(chunk):
        seen.append(chunk)
        if len(seen) == n_chunks:
            how()

    return on_chunk


def raise_stopped():
    raise StoppedError


def press_ctrl_c():
    signal.raise_signal(signal.SIGINT)


@pytest.fixture(scope="module")
def unbroken():
    return tn.simulate(describe_lively_network(), DURATION, n_threads=1)


@pytest.fixture
def short_chunks(monkeypatch):
    monkeypatch.setattr(engine, "_FIRST_CHUNK_SLICES", 30)
    monkeypatch.setattr(engine, "_MOST_STEPS", 300)


def test_the_lively_network_is_lively(unbroken):
    spikes, signals = unbroken.spikes, unbroken.signals
    populations = np.array(spikes["population"])
    for name in ("exc", "inh"):
        assert spikes.rates[populations == name].mean() > 2.0
    assert (signals["exc_I_SIC"].values.max(axis=0) > 0).any()
    assert (signals["astro_SIC"].values == 0).any()


def test_what_is_recorded_to_disk_is_what_is_recorded_in_memory(unbroken, tmp_path):
    folder = tmp_path / "run"
    recording = tn.simulate(describe_lively_network(), DURATION, record_to=folder)
    assert_same_recording(recording, unbroken)
    assert_same_recording(tn.read_recorded(folder), unbroken)


@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("checkpoint_every", [0.0, 1000.0])
def test_a_broken_run_goes_on_to_what_an_unbroken_one_gives(
    unbroken, tmp_path, short_chunks, n_threads, checkpoint_every
):
    def go(n_threads, **options):
        net = describe_lively_network()
        options = {"n_threads": n_threads, "checkpoint_every": checkpoint_every, **options}
        return tn.simulate(net, DURATION, record_to=tmp_path, **options)

    for n_chunks in (3, 2):
        with pytest.raises(StoppedError):
            go(3 - n_threads, on_chunk=stop_after(n_chunks, raise_stopped))
    assert_same_recording(go(n_threads), unbroken)


def test_a_longer_run_goes_on_from_a_shorter_one_and_holds_it(unbroken, tmp_path):
    # 0.1001 s is no whole number of slices: the run goes on from the end of the last one.
    for duration in (0.1, 0.1001):
        tn.simulate(describe_lively_network(), duration, record_to=tmp_path)
    assert_same_recording(
        tn.simulate(describe_lively_network(), DURATION, record_to=tmp_path), unbroken
    )
    chunks = []
    shorter = tn.simulate(
        describe_lively_network(), 0.1, record_to=tmp_path, on_chunk=chunks.append
    )
    assert chunks == []
    assert_same_recording(shorter, tn.simulate(describe_lively_network(), 0.1))
    assert_same_recording(shorter, tn.read_recorded(tmp_path, duration=0.1))


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from lively_network import describe_lively_network
from test_recording_to_disk import stop_after
from tripartite import networks as tn
from tripartite.networks.engine import simulation as engine
engine._FIRST_CHUNK_SLICES, engine._MOST_STEPS = 30, 300
on_chunk = stop_after(4, lambda: os.kill(os.getpid(), signal.SIGKILL))
tn.simulate(
    describe_lively_network(), 0.25, n_threads=1, record_to=sys.argv[2], checkpoint_every=0,
    on_chunk=on_chunk,
)
"""


def test_a_killed_run_goes_on_where_it_was_last_written(unbroken, tmp_path):
    here = str(Path(__file__).parent)
    run = subprocess.run([sys.executable, "-c", KILLED, here, str(tmp_path)], capture_output=True)
    assert run.returncode == -signal.SIGKILL, run.stderr.decode()
    before = tn.read_recorded(tmp_path)
    assert 0 < before.metadata["duration"] < DURATION
    recording = tn.simulate(describe_lively_network(), DURATION, record_to=tmp_path, n_threads=2)
    assert_same_recording(recording, unbroken)


def test_a_stretch_without_its_spikes_does_not_count(unbroken, tmp_path, short_chunks):
    with pytest.raises(StoppedError):
        tn.simulate(
            describe_lively_network(),
            DURATION,
            record_to=tmp_path,
            checkpoint_every=0,
            on_chunk=stop_after(3, raise_stopped),
        )
    last = sorted((tmp_path / "spikes").glob("*.tar"))[-1]
    last.unlink()  # as a kill between the traces and the spikes leaves it
    (tmp_path / "checkpoint.npz").unlink()
    assert tn.read_recorded(tmp_path).metadata["duration"] == pytest.approx(0.0504)
    recording = tn.simulate(describe_lively_network(), DURATION, record_to=tmp_path)
    assert_same_recording(recording, unbroken)


def test_ctrl_c_ends_a_run_on_disk_with_all_it_recorded(unbroken, tmp_path, short_chunks):
    def go(**options):
        return tn.simulate(describe_lively_network(), DURATION, record_to=tmp_path, **options)

    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(tn.RunInterrupted, match="goes on") as stop:
        go(on_chunk=stop_after(2, press_ctrl_c))
    assert signal.getsignal(signal.SIGINT) is handler
    kept = stop.value.recording
    assert kept.metadata["duration"] == pytest.approx(0.0504)
    assert_same_recording(kept, tn.simulate(describe_lively_network(), 0.0504))
    chunks = []
    assert_same_recording(go(on_chunk=chunks.append), unbroken)
    assert chunks[0].first == 504


def test_ctrl_c_leaves_what_a_run_in_memory_recorded(short_chunks):
    with pytest.raises(KeyboardInterrupt, match=r"at 0\.0504 s; .*`recording`") as stop:
        tn.simulate(describe_lively_network(), DURATION, on_chunk=stop_after(2, press_ctrl_c))
    assert_same_recording(stop.value.recording, tn.simulate(describe_lively_network(), 0.0504))


def test_a_second_ctrl_c_acts_at_once(tmp_path):
    def press_twice():
        press_ctrl_c()
        press_ctrl_c()

    with pytest.raises(KeyboardInterrupt) as stop:
        tn.simulate(describe_lively_network(), DURATION, on_chunk=stop_after(1, press_twice))
    assert not isinstance(stop.value, tn.RunInterrupted)


@pytest.mark.parametrize(
    ("changes", "precision", "told"),
    [
        ({"seed": 2}, "exact", "seed 1, populations|seed 1, connections"),
        ({"weight": 6.5}, "exact", "other connections"),
        ({"n_traced": 9}, "exact", "other what is recorded"),
        ({}, "fast", "precision 'exact'"),
    ],
)
def test_the_folder_of_another_run_is_refused(tmp_path, changes, precision, told):
    tn.simulate(describe_lively_network(), 0.01, record_to=tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match=told):
        tn.simulate(
            describe_lively_network(**changes), 0.02, precision=precision, record_to=tmp_path
        )
    assert sorted(tmp_path.rglob("*")) == before


def test_samples_can_be_read_piece_by_piece(unbroken, tmp_path, short_chunks):
    folder = tn.simulate_to_disk(describe_lively_network(), DURATION, tmp_path, checkpoint_every=0)
    spikes = tp.load_dataset(folder / "spikes", tn.SpikeSample)
    traces = tp.load_dataset(folder / "traces-1", tn.TraceSample)
    assert len(spikes) == len(traces) > 3
    assert [s.start for s in spikes][1:] == [s.stop for s in spikes][:-1]
    assert sum(len(s.times) for s in spikes) == sum(len(t) for t in unbroken.spikes.values())
    assert all(np.all((s.start < s.times) & (s.times <= s.stop)) for s in spikes)
    sic = np.concatenate([s.values[:, :, s.variables.index("SIC")] for s in traces])
    assert np.array_equal(sic, unbroken.signals["astro_SIC"].values)
    assert np.array_equal(traces[0].nodes, unbroken.signals["astro_SIC"].columns)


def test_the_memory_does_not_grow_with_the_duration(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "_MOST_SAMPLES", 20_000)
    monkeypatch.setattr("tripartite.networks.recording_to_disk._MOST_BYTES", 500_000)

    def peak_of(duration):
        net = tn.Network(seed=1)
        net.record(net.population("neurons", tn.AdEx(), 100), "V_m", interval_ms=0.1)
        tracemalloc.start()
        folder = tn.simulate_to_disk(net, duration, tmp_path / f"{duration}", n_threads=1)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak, sum(path.stat().st_size for path in (folder / "traces-0").iterdir())

    peak_of(0.1)  # what is made once
    shorter, _ = peak_of(0.5)
    longer, n_bytes = peak_of(2.0)
    assert n_bytes > 16_000_000
    assert longer < 1.1 * shorter < 8_000_000


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_a_disk_that_refuses_is_told_and_leaves_whole_files(
    unbroken, tmp_path, short_chunks, monkeypatch, number
):
    def refuse():
        def write(descriptor, data):
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr("tripartite.files.os.write", write)

    def go(**options):
        net = describe_lively_network()
        return tn.simulate(net, DURATION, record_to=tmp_path, checkpoint_every=0, **options)

    with monkeypatch.context() as patch:
        monkeypatch = patch
        with pytest.raises(WriteError, match=os.strerror(number)):
            go(on_chunk=stop_after(2, refuse))
    names = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert not [name for name in names if name.endswith(".part")]
    assert tn.read_recorded(tmp_path).metadata["duration"] == pytest.approx(0.0504)
    assert_same_recording(go(), unbroken)


def test_a_folder_that_cannot_be_made_is_told_before_the_run(tmp_path):
    (tmp_path / "file").write_text("")
    chunks = []
    with pytest.raises(WriteError, match="file"):
        tn.simulate(
            describe_lively_network(),
            DURATION,
            record_to=tmp_path / "file" / "run",
            on_chunk=chunks.append,
        )
    assert chunks == []


def test_a_missing_shard_is_named(tmp_path, short_chunks):
    tn.simulate(describe_lively_network(), 0.1, record_to=tmp_path, checkpoint_every=0)
    shards = sorted((tmp_path / "spikes").glob("*.tar"))
    shards[1].unlink()
    with pytest.raises(FileFormatError, match=shards[2].name):
        tn.read_recorded(tmp_path)


def test_what_was_not_recorded_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="must hold what a run recorded"):
        tn.read_recorded(tmp_path)
    tn.simulate(describe_lively_network(), 0.01, record_to=tmp_path)
    with pytest.raises(InputError, match=r"recorded 0\.02 s.*0\.01 s in"):
        tn.read_recorded(tmp_path, duration=0.02)


def test_a_network_that_records_nothing_runs_to_disk(tmp_path):
    net = tn.Network(seed=1)
    net.population("noise", tn.Poisson(rate=10.0))
    recording = tn.simulate(net, 0.01, record_to=tmp_path)
    assert recording.spikes is None
    assert not recording.signals


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"checkpoint_every": -1.0}, "checkpoint_every"),
        ({"checkpoint_every": np.nan}, "checkpoint_every"),
        ({"engine": "nest"}, "record_to"),
    ],
)
def test_what_does_not_go_with_a_folder_is_refused(tmp_path, options, told):
    with pytest.raises(InputError, match=told):
        tn.simulate(describe_lively_network(), 0.01, record_to=tmp_path, **options)
