from __future__ import annotations

import hashlib
import shutil

import pytest

from tripartite.errors import FileFormatError, InputError
from tripartite.io import bundled


@pytest.mark.parametrize("recording", bundled.recordings(), ids=lambda one: one.name)
def test_every_bundled_recording_is_whole_and_attributed(recording):
    path = bundled.path(recording.name)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == recording.sha256
    notices = (path.parent / "ATTRIBUTION.md").read_text("utf-8")
    assert f"`{recording.name}`" in notices
    assert recording.origin.repository in notices
    assert recording.origin.commit in notices
    assert recording.origin.licence == "MIT"


def test_everything_in_the_folder_is_listed():
    folder = bundled.path("linescan_red.tif").parent
    files = {file.name for file in folder.iterdir() if file.suffix not in (".py", ".md", "")}
    assert files == {recording.name for recording in bundled.recordings()}


def test_the_recordings_stay_small():
    sizes = [bundled.path(recording.name).stat().st_size for recording in bundled.recordings()]
    assert sum(sizes) < 5e6


def test_a_source_says_what_was_read_and_whom_to_cite():
    source = bundled.source("raw_astrotrace_snippets.mat")
    assert "Schroeder" in source.citation
    assert "MIT" in source.citation
    assert "d64fdd9b64fa" in source.citation
    assert source.sha256 == bundled.find(source.name).sha256


def test_a_wrong_name_is_answered_with_the_nearest():
    with pytest.raises(InputError, match=r"linescan_green\.tif"):
        bundled.path("linescan_gren.tif")
    with pytest.raises(InputError, match="bundled"):
        bundled.source("../bundled/linescan_green.tif")


def test_a_changed_or_missing_file_is_refused(tmp_path, monkeypatch):
    original = bundled.path("linescan_red.tif")
    monkeypatch.setattr(bundled, "_FOLDER", tmp_path)
    with pytest.raises(FileFormatError, match="no file"):
        bundled.path("linescan_red.tif")
    copy = tmp_path / original.name
    shutil.copy(original, copy)
    data = bytearray(copy.read_bytes())
    data[1000] ^= 1
    copy.write_bytes(data)
    with pytest.raises(FileFormatError, match="SHA-256"):
        bundled.path("linescan_red.tif")
