import numpy as np
import pytest
from damaged_files import count_refused, damage

from tripartite.errors import FileFormatError, InputError
from tripartite.io.video_tracking import read_video_tracking

FIELDS = "<time uint32><xloc uint16><yloc uint16><xloc2 uint16><yloc2 uint16>"
RECORD = np.dtype([("t", "<u4"), ("x", "<u2"), ("y", "<u2"), ("x2", "<u2"), ("y2", "<u2")])


def tracking_bytes(t, x, y, *, scale="0 pix/cm", fields=FIELDS, clock="30000", dtype=RECORD):
    header = (
        "<Start settings>\nthreshold: 199\ndark: 0\n"
        f"clockrate: {clock}\ncamera resolution: 640x480\n"
        f"pixel scale: {scale}\nFields: {fields}\n<End settings>\n"
    )
    records = np.zeros(len(t), dtype)
    for name, values in zip(dtype.names, (t, x, y), strict=False):
        records[name] = values
    return header.encode() + records.tobytes()


@pytest.fixture
def write(tmp_path):
    def write(data):
        path = tmp_path / "rat.videoPositionTracking"
        path.write_bytes(data)
        return path

    return write


TICKS = 30000 + 500 * np.arange(10)


def test_times_are_in_seconds_and_positions_in_pixels_when_the_scale_is_zero(write):
    tracking = read_video_tracking(write(tracking_bytes(TICKS, np.arange(1, 11), 7)))
    np.testing.assert_allclose(tracking.position.t, 1 + np.arange(10) / 60)
    np.testing.assert_array_equal(tracking.position.values[:, 0], np.arange(1, 11))
    assert tracking.unit == "px"
    assert tracking.frame_rate == pytest.approx(60)
    assert tracking.fields_left_out == ("xloc2", "yloc2")


def test_a_scale_turns_pixels_into_centimetres(write):
    tracking = read_video_tracking(write(tracking_bytes(TICKS, 30, 60, scale="2.5 pix/cm")))
    assert tracking.unit == "cm"
    np.testing.assert_allclose(tracking.position.values, [[12.0, 24.0]] * 10)


def test_lost_and_repeated_frames_are_left_out_and_counted(write):
    ticks, x, y = TICKS.copy(), np.full(10, 5), np.full(10, 5)
    x[3] = y[3] = 0  # lost
    y[6] = 0  # at the edge of the picture, but seen
    ticks[8] = ticks[7]
    tracking = read_video_tracking(write(tracking_bytes(ticks, x, y)))
    assert (tracking.n_frames, tracking.n_frames_lost, tracking.n_frames_repeated) == (10, 1, 1)
    assert len(tracking.position) == 8


def test_a_gap_breaks_the_time_support_and_a_lone_frame_keeps_its_place(write):
    ticks = np.array([0, 500, 1000, 9000, 20000, 20500])
    tracking = read_video_tracking(write(tracking_bytes(ticks, 5, 5)))
    assert tracking.n_gaps == 2
    assert len(tracking.position) == 6
    assert len(tracking.position.time_support) == 3


def test_fields_may_come_in_another_order_with_other_types(write):
    fields = "<frame int32><yloc float><xloc double><time uint64>"
    dtype = np.dtype([("t", "<u8"), ("x", "<f8"), ("y", "<f4"), ("frame", "<i4")])
    body = np.zeros(10, [("frame", "<i4"), ("y", "<f4"), ("x", "<f8"), ("t", "<u8")])
    body["t"], body["x"], body["y"] = TICKS, 1.5, 2.5
    header = tracking_bytes([], [], [], fields=fields, dtype=dtype)
    tracking = read_video_tracking(write(header + body.tobytes()))
    np.testing.assert_array_equal(tracking.position.values, [[1.5, 2.5]] * 10)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<Start settings>\n",
        b"something else entirely",
        b"<Start settings>\n" + b"x: y\n" * 30_000 + b"<End settings>\n",
        tracking_bytes(TICKS, 5, 5)[:-5],
        tracking_bytes([], [], []),
        tracking_bytes(TICKS[:1], 5, 5),
        tracking_bytes(TICKS, 0, 0),
        tracking_bytes(TICKS[::-1], 5, 5),
        tracking_bytes(TICKS * 0, 5, 5),
        tracking_bytes(TICKS, 5, 5, fields="<time uint32><xloc uint16>"),
        tracking_bytes(TICKS, 5, 5, fields="<time uint32><xloc uint16><yloc uint17>"),
        tracking_bytes(TICKS, 5, 5, fields="<time uint32><xloc uint16><yloc uint16><xloc int8>"),
        tracking_bytes(TICKS, 5, 5, fields="<time object><xloc object><yloc object>"),
        tracking_bytes(TICKS, 5, 5, fields=""),
        tracking_bytes(TICKS, 5, 5, clock="0"),
        tracking_bytes(TICKS, 5, 5, clock="-3"),
        tracking_bytes(TICKS, 5, 5, clock="nan"),
        tracking_bytes(TICKS, 5, 5, clock="9" * 400),
        tracking_bytes(TICKS, 5, 5, scale="many"),
    ],
)
def test_a_broken_file_says_what_must_hold(write, data):
    with pytest.raises(FileFormatError, match="must"):
        read_video_tracking(write(data))


@pytest.mark.parametrize("max_gap", [0, -1, float("nan"), float("inf")])
def test_the_longest_gap_must_be_positive(write, max_gap):
    with pytest.raises(InputError):
        read_video_tracking(write(tracking_bytes(TICKS, 5, 5)), max_gap=max_gap)


def test_damaged_files_are_read_or_refused_but_never_crash(write):
    def read(data):
        position = read_video_tracking(write(data)).position
        assert (np.diff(position.t) > 0).all()
        assert np.isfinite(position.values).all()

    valid = tracking_bytes(TICKS, np.arange(1, 11), 7)
    assert 100 < count_refused(read, damage(valid, n_copies=600)) < 600
