import os
import resource
import stat

import pytest

from tripartite.files import write_whole


def test_a_file_is_replaced(tmp_path):
    path = tmp_path / "result.json"
    for data in (b"first, and longer", b"second"):
        write_whole(path, data)
        assert path.read_bytes() == data
    assert os.listdir(tmp_path) == ["result.json"]


def test_a_result_is_as_readable_as_any_other_file(tmp_path):
    (tmp_path / "plain").write_bytes(b"")
    write_whole(tmp_path / "result", b"")
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "result")}
    assert len(modes) == 1


def test_a_disk_that_is_full_leaves_the_older_file_and_nothing_else(tmp_path):
    path = tmp_path / "result"
    write_whole(path, b"older")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_whole(path, bytes(100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == b"older"
    assert os.listdir(tmp_path) == ["result"]


def test_a_name_that_cannot_be_taken_leaves_nothing_else(tmp_path, monkeypatch):
    def refuse(*arguments):
        raise PermissionError("read-only")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PermissionError):
        write_whole(tmp_path / "result", b"newer")
    assert os.listdir(tmp_path) == []


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "missing" / "result", b"")
