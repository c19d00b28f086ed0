"""Checkpoints: taken back by the same network, and by no other."""

import json

import numpy as np
import pytest
from lively_network import describe_lively_network

from tripartite import networks as tn
from tripartite.errors import FileFormatError, InputError, WriteError
from tripartite.networks.checkpoint import digest_of


def run_on(simulation, n_steps):
    """Return all that a run gives, as arrays."""
    chunks = list(simulation.run(n_steps))
    columns = [
        [chunk.spike_ids, chunk.spike_steps, *(values for _, values in chunk.samples)]
        for chunk in chunks
    ]
    return [np.concatenate(parts) for parts in zip(*columns, strict=True)]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A checkpoint at step 700, and what an unbroken run gives after it."""
    simulation = tn.Simulation(describe_lively_network(), n_threads=1)
    run_on(simulation, 700)
    path = tn.save_checkpoint(simulation, tmp_path_factory.mktemp("saved") / "state.npz")
    return path, run_on(simulation, 500)


@pytest.mark.parametrize("n_threads", [1, 2])
def test_a_simulation_goes_on_from_a_checkpoint_as_if_it_had_never_stopped(saved, n_threads):
    path, expected = saved
    simulation = tn.Simulation(describe_lively_network(), n_threads=n_threads)
    tn.load_checkpoint(simulation, path)
    assert simulation.step == 700
    for part, other in zip(run_on(simulation, 500), expected, strict=True):
        assert np.array_equal(part, other)


def test_a_simulation_goes_back_to_its_own_checkpoint(saved, tmp_path):
    simulation = tn.Simulation(describe_lively_network(), n_threads=1)
    path = tn.save_checkpoint(simulation, tmp_path / "begin.npz")
    first = run_on(simulation, 300)
    tn.load_checkpoint(simulation, path)
    assert simulation.step == 0
    for part, other in zip(run_on(simulation, 300), first, strict=True):
        assert np.array_equal(part, other)


def test_a_checkpoint_holds_whatever_is_recorded(saved):
    simulation = tn.Simulation(describe_lively_network(n_traced=2))
    tn.load_checkpoint(simulation, saved[0])
    assert simulation.step == 700


def add_nodes(net):
    net.population("more", tn.Parrot(), 2)


def replace_a_weight(net):
    first, *others = net.projections()
    values = {**first.values, "weight": 2.0}
    own = [part for part in others if part.number == first.number]
    net.replace_projections({first.number: (first.replace(values=values), *own)})


@pytest.mark.parametrize(
    ("change", "precision", "told"),
    [
        (add_nodes, "exact", "other populations"),
        (replace_a_weight, "exact", "other connections"),
        (lambda net: net.connect(*[net.probes[0].nodes] * 2), "exact", "other connections"),
        (lambda net: None, "fast", "other precision 'exact'"),
    ],
)
def test_a_checkpoint_of_another_network_is_refused(saved, change, precision, told):
    net = describe_lively_network()
    change(net)
    simulation = tn.Simulation(net, precision=precision)
    with pytest.raises(InputError, match=told):
        tn.load_checkpoint(simulation, saved[0])
    assert simulation.step == 0


def test_another_seed_and_resolution_are_named(saved):
    other = tn.Simulation(tn.Network(seed=5, resolution_ms=0.2))
    told = r"seed 1, resolution_ms 0\.1, populations, connections"
    with pytest.raises(InputError, match=told):
        tn.load_checkpoint(other, saved[0])


def cut(data):
    return data[: len(data) // 2]


def flip_a_byte(data):
    place = len(data) // 2
    return data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]


@pytest.mark.parametrize(
    "damage", [cut, flip_a_byte, lambda data: b"", lambda data: b"something else"]
)
def test_a_broken_checkpoint_is_refused(saved, tmp_path, damage):
    path = tmp_path / "broken.npz"
    path.write_bytes(damage(saved[0].read_bytes()))
    with pytest.raises(FileFormatError, match=r"broken\.npz"):
        tn.load_checkpoint(tn.Simulation(describe_lively_network()), path)


@pytest.mark.parametrize(
    "arrays",
    [
        {"x": np.zeros(3)},
        {"head": np.array("text")},
        {"head": np.array(json.dumps({"format": "tripartite-checkpoint-9"}))},
        {"head": np.array(["an", object()], dtype=object)},
    ],
)
def test_arrays_of_others_are_no_checkpoint(tmp_path, arrays):
    np.savez(tmp_path / "other.npz", **arrays)
    with pytest.raises(FileFormatError, match="whole file in the format"):
        tn.load_checkpoint(tn.Simulation(describe_lively_network()), tmp_path / "other.npz")


def test_a_missing_checkpoint_is_told(tmp_path):
    with pytest.raises(InputError, match="must exist"):
        tn.load_checkpoint(tn.Simulation(describe_lively_network()), tmp_path / "none.npz")


def test_a_disk_that_refuses_leaves_the_checkpoint_before(saved, tmp_path, monkeypatch):
    path = tmp_path / "state.npz"
    path.write_bytes(saved[0].read_bytes())

    def refuse(file, **arrays):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", refuse)
    with pytest.raises(WriteError, match="No space left"):
        tn.save_checkpoint(tn.Simulation(describe_lively_network()), path)
    assert path.read_bytes() == saved[0].read_bytes()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("value", "other"),
    [
        (np.zeros(2), np.zeros(2, np.float32)),
        (np.zeros((2, 3)), np.zeros((3, 2))),
        (np.zeros(0), np.zeros(0, np.int32)),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (["ab", "c"], ["a", "bc"]),
        ([[1], 2], [[1, 2]]),
        (1, 1.0),
        (np.arange(4)[::2], np.arange(2)),
    ],
)
def test_what_differs_has_another_digest(value, other):
    assert digest_of(value) != digest_of(other)
    assert digest_of(value) == digest_of(value)
