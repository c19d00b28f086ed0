import copy
import hashlib
import json
import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from tripartite.core.provenance import Provenance
from tripartite.errors import FileFormatError, InputError


def test_it_knows_the_versions_and_the_time():
    before = datetime.now(UTC)
    made = Provenance.collect()
    assert before <= made.created <= datetime.now(UTC)
    assert made.numpy == np.__version__
    assert made.created.utcoffset().total_seconds() == 0


def test_inputs_are_known_by_the_digest_of_their_bytes(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"spikes")
    made = Provenance.collect(inputs=[path])
    assert dict(made.inputs) == {"a.bin": hashlib.sha256(b"spikes").hexdigest()}


def test_inputs_of_one_name_keep_their_paths(tmp_path):
    paths = [tmp_path / "a" / "x.csv", tmp_path / "b" / "x.csv"]
    for path in paths:
        path.parent.mkdir()
        path.write_text(path.parent.name)
    assert list(Provenance.collect(inputs=paths).inputs) == [path.as_posix() for path in paths]


def test_an_input_that_is_not_a_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="Each input must be a file"):
        Provenance.collect(inputs=[tmp_path])


@pytest.mark.parametrize("travel", [lambda p: Provenance.from_json(p.to_json()), copy.deepcopy])
def test_it_comes_back_from_text(travel):
    parameters = {
        "rate": 30.1,
        "window": (-0.5, math.inf),
        "kernel": {"name": "gaussian", "width": np.float64(0.2)},
        "edges": np.array([1, 2, 3], dtype=np.int16),
        "name": "Zürich",
        "none": None,
    }
    old = Provenance.collect(parameters=parameters, seed=np.int64(3))
    new = travel(old)
    assert new.created == old.created
    assert new.seed == 3
    assert new.parameters["window"] == (-0.5, math.inf)
    assert new.parameters["edges"].dtype == np.int16
    assert new.to_json() == old.to_json()


def test_the_text_is_strict_json():
    text = Provenance.collect(parameters={"cutoff": math.nan}).to_json()
    json.loads(text, parse_constant=pytest.fail)


def test_paths_are_kept_as_text():
    made = Provenance.collect(parameters={"path": Path("a") / "b"})
    assert Provenance.from_json(made.to_json()).parameters["path"] == str(Path("a") / "b")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": np.random.default_rng(0)}, "seed must be a int"),
        ({"parameters": {"function": len}}, "parameters.function must be made of"),
        ({"parameters": 3}, "parameters must be a Mapping"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_once(changes, message):
    with pytest.raises(InputError, match=message):
        Provenance(**changes)


def test_a_time_without_zone_is_refused():
    with pytest.raises(InputError, match="time zone"):
        Provenance(created=datetime(2026, 1, 1))


@pytest.mark.parametrize("text", ["", "[]", "{", '{"seed": "a"}', '{"unknown": 1}', '{"$": "run"}'])
def test_other_text_is_refused(text):
    with pytest.raises(FileFormatError, match="A saved provenance must be JSON"):
        Provenance.from_json(text)


def test_it_cannot_be_changed():
    made = Provenance.collect(parameters={"a": 1})
    with pytest.raises(TypeError):
        made.parameters["a"] = 2
