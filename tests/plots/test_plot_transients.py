from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from tripartite.analysis.linescan import line_scan_ratio
from tripartite.analysis.transient_average import average_transients
from tripartite.analysis.transients import detect_transients
from tripartite.errors import InputError
from tripartite.plots.linescan import plot_line_scan, plot_line_scan_ratio
from tripartite.plots.transients import (
    plot_event_bands,
    plot_kinetics,
    plot_transient_average,
    plot_transient_raster,
    plot_transients,
)

TIME = np.arange(200.0)
TRACE = np.interp(TIME, [20, 40, 80, 190, 199], [0, 1, 0, 0, 1])


@pytest.fixture
def ax():
    return Figure().subplots()


@pytest.fixture(scope="module")
def events():
    return detect_transients([TRACE, np.zeros(200)], noise=0.01)


def test_an_event_has_borders_only_where_it_is_whole(events, ax):
    plot_transients(events, ax, time=TIME, values=TRACE, trace=0)
    borders = [line.get_xdata()[0] for line in ax.lines if len(set(line.get_xdata())) == 1]
    (peaks,) = [line.get_xdata() for line in ax.lines if line.get_marker() == "o"]
    np.testing.assert_allclose(peaks, events.peak)
    whole = [events.onset[0], events.offset[0], events.onset[1]]
    np.testing.assert_allclose(sorted(set(borders) - set(peaks)), sorted(whole))
    assert len(ax.patches) == 2


def test_events_of_other_traces_are_not_drawn(events, ax):
    plot_transients(events, ax, time=TIME, values=np.zeros(200), trace=1)
    assert len(ax.patches) == 0


def test_a_histogram_holds_every_known_value_once(events, ax):
    plot_kinetics(events, ax, measure="half_width")
    known = np.isfinite(events.half_width).sum()
    assert sum(patch.get_height() for patch in ax.patches) == known
    assert any(text.get_text() == f"n = {known} of {len(events)}" for text in ax.texts)
    assert ax.get_xlabel() == "width at half amplitude (samples)"


def test_a_histogram_of_nothing_says_so(ax):
    plot_kinetics(detect_transients(np.zeros(20)), ax, measure="decay_time")
    assert ax.texts[0].get_text() == "n = 0 of 0"


def test_an_unknown_measure_is_refused(events, ax):
    with pytest.raises(InputError, match="half_width"):
        plot_kinetics(events, ax, measure="width")


@pytest.mark.parametrize("plot", [plot_transient_average, plot_transient_raster])
@pytest.mark.parametrize("relative", [True, False])
def test_averages_name_their_alignment_and_unit(events, ax, plot, relative):
    traces = [TRACE, np.zeros(200)]
    average = average_transients(traces, events, window=(-20, 30), relative=relative)
    plot(average, ax, relative=relative)
    assert ax.get_xlabel() == "time from peak (samples)"
    ax.figure.canvas.draw()


def test_a_line_scan_is_drawn_in_time_and_its_event_marked(ax):
    green = 10 + 50 * np.broadcast_to(TRACE[:, None], (200, 7))
    red = np.full((200, 7), 40.0)
    plot_line_scan(green, ax, label="green (counts)")
    assert ax.images[0].get_array().shape == (7, 200)
    ratio = line_scan_ratio(green, red)
    lower = Figure().subplots()
    plot_line_scan_ratio(ratio, lower, label="all pixels")
    np.testing.assert_allclose(lower.lines[0].get_ydata(), ratio.ratio)
    assert lower.get_xlabel() == "line"
    plot_event_bands(detect_transients(TRACE, noise=0.01), lower)
    assert len(lower.patches) == 2
