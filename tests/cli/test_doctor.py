import json
import sys

import numba
import pytest

from tripartite.cli import doctor
from tripartite.core import environment


@pytest.fixture
def healthy(monkeypatch, tmp_path):
    monkeypatch.setenv("TRIPARTITE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def values(answer):
    return {(line["topic"], line["name"]): line for line in json.loads(answer.out)}


def test_a_working_installation_passes(tripartite, healthy):
    answer = tripartite("doctor")
    assert answer.code == 0, answer.out
    assert "numba" in answer.out
    assert "BROKEN" not in answer.out


def test_the_numbers_are_those_of_this_machine(tripartite, healthy):
    healthy.mkdir()
    (healthy / "shard.tar").write_bytes(bytes(2_500_000))
    found = values(tripartite("doctor", "--json"))
    assert found["machine", "python"]["value"].startswith("{}.{}.{}".format(*sys.version_info))
    assert found["numba", "threads"]["value"] == str(numba.get_num_threads())
    assert found["libraries", "numba"]["value"] == numba.__version__
    assert found["downloads", "folder"]["value"] == str(healthy)
    assert found["downloads", "used"]["value"] == "2.5 MB"


def test_a_library_that_cannot_be_imported_is_broken(tripartite, healthy, monkeypatch):
    monkeypatch.setitem(sys.modules, "tifffile", None)
    answer = tripartite("doctor")
    assert answer.code == 1
    assert "BROKEN" in answer.out
    assert "pip install --force-reinstall tifffile" in answer.out


def test_a_missing_extra_is_no_defect_and_says_how_to_get_it(tripartite, healthy, monkeypatch):
    real = environment.find_version
    monkeypatch.setattr(
        environment, "find_version", lambda library: None if library == "s3fs" else real(library)
    )
    answer = tripartite("doctor")
    assert answer.code == 0
    assert 'pip install "tripartite[cloud]"' in answer.out


def test_every_extra_that_users_may_want_is_looked_at():
    from importlib import metadata

    offered = set(metadata.metadata("tripartite").get_all("Provides-Extra") or ())
    assert set(doctor.EXTRAS) == offered - {"all", "test", "check"}


def test_a_cache_folder_that_cannot_be_written_is_broken(tripartite, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("TRIPARTITE_CACHE", str(tmp_path / "file" / "cache"))
    answer = tripartite("doctor")
    assert answer.code == 1
    assert "Set TRIPARTITE_CACHE to a folder that can be written" in answer.out


def test_a_numba_cache_that_cannot_be_written_is_broken(tripartite, healthy, monkeypatch):
    def refuse(**options):
        raise RuntimeError("cannot cache function: no locator available")

    monkeypatch.setattr(numba, "njit", refuse)
    answer = tripartite("doctor")
    assert answer.code == 1
    assert "Set NUMBA_CACHE_DIR" in answer.out
