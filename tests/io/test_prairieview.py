from __future__ import annotations

import logging

import numpy as np
import pytest
import tifffile

from tripartite.errors import FileFormatError
from tripartite.io import bundled
from tripartite.io.prairieview import read_line_scan


def test_only_the_page_itself_is_read_and_nothing_is_logged(caplog):
    path = bundled.path("linescan_green.tif")
    with caplog.at_level(logging.DEBUG, logger="tifffile"):
        image = read_line_scan(path)
    assert caplog.records == []
    # The strips of the first page lie uncompressed from byte 8 on, 8 lines of 131 pixels each.
    data = path.read_bytes()
    assert image.shape == (1000, 131)
    np.testing.assert_array_equal(image.ravel(), np.frombuffer(data[8 : 8 + 262_000], "<u2"))


def test_a_header_that_names_absent_files_is_not_followed(tmp_path):
    image = np.arange(12, dtype=np.uint16).reshape(4, 3)
    path = tmp_path / "alone.tif"
    uuid = "urn:uuid:00000000-0000-0000-0000-000000000001"
    header = (
        '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2012-06" '
        f'UUID="{uuid}"><BinaryOnly MetadataFile="absent.ome.tif" UUID="{uuid}"/></OME>'
    )
    tifffile.imwrite(path, image, description=header, metadata=None)
    np.testing.assert_array_equal(read_line_scan(path), image)


def test_of_several_pages_the_first_is_read(tmp_path):
    path = tmp_path / "pages.tif"
    pages = np.arange(24, dtype=np.uint16).reshape(2, 4, 3)
    tifffile.imwrite(path, pages, photometric="minisblack", metadata=None)
    np.testing.assert_array_equal(read_line_scan(path), pages[0])


@pytest.mark.parametrize("n_bytes", [0, 3, 8, 100, 5000, 200_000, 262_400])
def test_a_truncated_file_is_refused(tmp_path, n_bytes):
    path = tmp_path / "cut.tif"
    path.write_bytes(bundled.path("linescan_red.tif").read_bytes()[:n_bytes])
    with pytest.raises(FileFormatError, match=r"cut\.tif"):
        read_line_scan(path)


def test_a_colour_image_is_refused(tmp_path):
    path = tmp_path / "colour.tif"
    tifffile.imwrite(path, np.zeros((4, 5, 3), dtype=np.uint8), photometric="rgb")
    with pytest.raises(FileFormatError, match="grey"):
        read_line_scan(path)


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_line_scan(tmp_path / "none.tif")
