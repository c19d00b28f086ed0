"""Read the camera tracking of an animal from ``.videoPositionTracking`` files (Trodes).

A text header (``<Start settings>`` to ``<End settings>``) names the clock rate and, in its line
``Fields``, the layout of the binary records that follow it. Integers are little-endian.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pynapple as nap
from numpy.typing import NDArray

from tripartite.errors import FileFormatError, InputError

_HEADER_LIMIT = 65_536
_START, _END = b"<Start settings>", b"<End settings>\n"
_FIELD = re.compile(r"<(\w+)\s+(\w+)>")
_KINDS = {
    **{
        f"{sign}int{bits}": f"<{sign[:1] or 'i'}{bits // 8}"
        for sign in ("u", "")
        for bits in (16, 32, 64)
    },
    "uint8": "u1",
    "int8": "i1",
    "float": "<f4",
    "single": "<f4",
    "double": "<f8",
}


@dataclass(frozen=True, kw_only=True)
class VideoTracking:
    """Where a camera saw an animal.

    Parameters
    ----------
    position : TsdFrame of shape (n_frames, 2)
        Columns ``x`` and ``y``, in `unit`. Its time support ends wherever no frame came for longer
        than the longest gap allowed.
    unit : str
        ``"cm"`` if the header gives the scale of the pixels, ``"px"`` if not.
    clock_rate : float
        Ticks of the clock that the time stamps count (Hz).
    frame_rate : float
        One over the median time between frames (Hz).
    n_frames : int
        Frames in the file.
    n_frames_lost : int
        Frames left out because the tracker saw nothing (x and y are both zero).
    n_frames_repeated : int
        Frames left out because an earlier one has the same time stamp.
    n_gaps : int
        Breaks in the time support.
    settings : dict of str to str
        The header, line by line.
    fields_left_out : tuple of str
        Fields of the records that were not read, such as a second light-emitting diode.
    """

    position: nap.TsdFrame
    unit: str
    clock_rate: float
    frame_rate: float
    n_frames: int
    n_frames_lost: int
    n_frames_repeated: int
    n_gaps: int
    settings: dict[str, str]
    fields_left_out: tuple[str, ...]


def read_video_tracking(path: str | Path, *, max_gap: float = 0.1) -> VideoTracking:
    """Return the position of an animal over time.

    Parameters
    ----------
    path : path-like
        A ``.videoPositionTracking`` file. Only the columns that are used are held in memory.
    max_gap : float
        Longest time without a frame that does not break the time support (s).

    Returns
    -------
    VideoTracking
        The position, and the number of frames that were left out. Nothing is interpolated.

    Raises
    ------
    InputError
        If `max_gap` is not a positive number.
    FileFormatError
        If the header or the records are not what the format asks for, the last record is
        incomplete, time runs backwards, or no frame is left.

    Examples
    --------
    >>> from tripartite.io import bundled
    >>> tracking = read_video_tracking(bundled.path("linear_trajectory.videoPositionTracking"))
    >>> tracking.unit, tracking.n_frames, tracking.n_frames_repeated, tracking.n_gaps
    ('px', 118965, 1, 2)
    """
    if not 0 < max_gap < np.inf:
        raise InputError("max_gap must be a positive number of seconds", got=max_gap)
    path = Path(path)
    settings, offset = _read_header(path)
    record = _record_type(settings, path)
    records = _map_records(path, offset, record)
    clock_rate = _positive(settings.get("clockrate", ""), "clockrate", path)
    times = records["time"] / clock_rate
    if np.any(np.diff(times) < 0) or not np.isfinite(times).all():
        raise FileFormatError(
            f"Time must not run backwards in {path.name}",
            got=f"a step back after record {np.argmax(~(np.diff(times) >= 0))}",
            do="If the clock of the recording wrapped around, cut the file there",
        )
    scale, unit = _pixel_scale(settings, path)
    xy = np.column_stack([records["xloc"], records["yloc"]]) / scale
    seen = np.any(xy != 0, axis=1) & np.isfinite(xy).all(axis=1)
    first = np.diff(times, prepend=-np.inf) > 0
    if np.sum(seen & first) < 2:
        raise FileFormatError(
            f"{path.name} must hold two frames in which the animal was seen",
            got=np.sum(seen & first),
        )
    period = float(np.median(np.diff(times[first])))
    times, xy = times[seen & first], xy[seen & first]
    support = _support(times, period, max_gap)
    return VideoTracking(
        position=nap.TsdFrame(t=times, d=xy, columns=["x", "y"], time_support=support),
        unit=unit,
        clock_rate=clock_rate,
        frame_rate=1 / period,
        n_frames=len(records),
        n_frames_lost=int(np.sum(~seen)),
        n_frames_repeated=int(np.sum(seen & ~first)),
        n_gaps=len(support) - 1,
        settings=settings,
        fields_left_out=tuple(n for n in record.names or () if n not in ("time", "xloc", "yloc")),
    )


def _read_header(path: Path) -> tuple[dict[str, str], int]:
    with path.open("rb") as handle:
        head = handle.read(_HEADER_LIMIT)
    end = head.find(_END)
    if not head.startswith(_START) or end < 0:
        raise FileFormatError(
            f"{path.name} must begin with {_START.decode()} and have {_END.decode().strip()} "
            f"within {_HEADER_LIMIT} bytes",
            got=head[:40],
            do="Pass a .videoPositionTracking file as Trodes writes it",
        )
    lines = head[len(_START) : end].decode("utf-8", errors="replace").splitlines()
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}, end + len(_END)


def _record_type(settings: dict[str, str], path: Path) -> np.dtype:
    fields = _FIELD.findall(settings.get("fields", ""))
    names = [name for name, _ in fields]
    known = all(kind in _KINDS for _, kind in fields)
    if not known or len(set(names)) < len(names) or not {"time", "xloc", "yloc"} <= set(names):
        raise FileFormatError(
            f"The header of {path.name} must list each field once with its type, among them time, "
            "xloc and yloc",
            got=settings.get("fields", "no line Fields"),
            do=f"The types known are {', '.join(_KINDS)}",
        )
    return np.dtype([(name, _KINDS[kind]) for name, kind in fields])


def _map_records(path: Path, offset: int, record: np.dtype) -> NDArray:
    n_records, rest = divmod(path.stat().st_size - offset, record.itemsize)
    if rest or not n_records:
        raise FileFormatError(
            f"{path.name} must hold whole records of {record.itemsize} bytes after its header",
            got=f"{n_records} records and {rest} bytes",
            do="The file was cut off while it was written or copied; copy it again",
        )
    return np.memmap(path, dtype=record, mode="r", offset=offset, shape=(n_records,))


def _positive(text: str, name: str, path: Path) -> float:
    number = re.match(r"\d+(\.\d+)?\b", text)
    if number is None or float(number[0]) <= 0:
        raise FileFormatError(
            f"{name} in the header of {path.name} must be positive", got=repr(text)
        )
    return float(number[0])


def _pixel_scale(settings: dict[str, str], path: Path) -> tuple[float, str]:
    text = settings.get("pixel scale", "0")
    # Trodes writes 0 where nobody measured the scale.
    if re.fullmatch(r"0(\.0+)?(\s.*)?", text):
        return 1.0, "px"
    return _positive(text, "pixel scale", path), "cm"


def _support(times: NDArray[np.float64], period: float, max_gap: float) -> nap.IntervalSet:
    """Each frame stands for one period, so that a lone frame between two gaps keeps its place."""
    breaks = np.flatnonzero(np.diff(times) > max_gap)
    starts = times[np.r_[0, breaks + 1]]
    ends = times[np.r_[breaks, len(times) - 1]] + min(period, max_gap) / 2
    return nap.IntervalSet(starts, ends)
