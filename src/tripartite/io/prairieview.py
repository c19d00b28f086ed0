"""Read line scans of PrairieView two-photon microscopes.

References
----------
TIFF revision 6.0 (Adobe, 1992); OME-TIFF specification, ``BinaryOnly`` and ``TiffData`` elements.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import BinaryIO

import numpy as np
import tifffile
from numpy.typing import NDArray

from tripartite.errors import FileFormatError


def read_line_scan(path: str | Path) -> NDArray[np.generic]:
    """Return one channel of a line scan.

    Only the first page is read. The OME header of PrairieView names the files of the whole
    acquisition; renamed or copied alone they are absent, and a reader that follows the header
    fails or returns zeros.

    Parameters
    ----------
    path : path-like
        A TIFF file with one channel.

    Returns
    -------
    ndarray of shape (n_lines, n_pixels)
        Counts as stored, one scanned line per row, in time order. The line period is not in the
        TIFF file.

    Raises
    ------
    FileFormatError
        If the file is no TIFF file, is truncated, or its first page is not a grey image.

    Examples
    --------
    >>> from tripartite.io import bundled
    >>> read_line_scan(bundled.path("linescan_green.tif")).shape
    (1000, 131)
    """
    path = Path(path)
    reader_log = logging.getLogger("tifffile")
    reader_log.addFilter(_is_of_interest)
    try:
        with path.open("rb") as handle:
            image = _first_page(handle, path.name)
    finally:
        reader_log.removeFilter(_is_of_interest)
    if image.ndim != 2:
        raise FileFormatError(
            f"the first page of {path.name} must be one grey image", got=f"shape {image.shape}"
        )
    return image


def _is_of_interest(record: logging.LogRecord) -> bool:
    # ImageJ leaves private tags with an empty date in these files; each is logged as an error.
    return "read_uic_tag" not in record.getMessage()


def _first_page(handle: BinaryIO, name: str) -> NDArray[np.generic]:
    try:
        with tifffile.TiffFile(handle, is_ome=False) as file:
            return file.pages.first.asarray()
    except Exception as error:  # damaged files raise whatever the parser stumbles over
        raise FileFormatError(
            f"{name} must be a whole TIFF file", got=f"{type(error).__name__}: {error}"
        ) from error
