import os
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


@pytest.mark.parametrize("culprit", ["writev", "replace"])
def test_a_write_that_fails_leaves_the_older_file_and_nothing_else(tmp_path, monkeypatch, culprit):
    path = tmp_path / "result"
    write_whole(path, b"older")

    def fill_disk(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, culprit, fill_disk)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"newer")
    monkeypatch.undo()
    assert path.read_bytes() == b"older"
    assert os.listdir(tmp_path) == ["result"]


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "missing" / "result", b"")
