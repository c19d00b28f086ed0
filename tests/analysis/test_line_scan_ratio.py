from __future__ import annotations

import numpy as np
import pytest

from tripartite.analysis.baseline import delta_f_over_f, estimate_f0
from tripartite.analysis.linescan import dark_background, line_scan_ratio, structure_mask
from tripartite.analysis.transients import detect_transients
from tripartite.errors import InputError
from tripartite.io import bundled
from tripartite.io.prairieview import read_line_scan


@pytest.fixture(scope="module")
def real():
    return tuple(read_line_scan(bundled.path(f"linescan_{name}.tif")) for name in ("green", "red"))


def simulate(*, offset=(100.0, 80.0), seed=0):
    """Photon counts of a structure on pixels 20 to 39 whose ratio rises from 0.5 to 2 at 300."""
    rng = np.random.default_rng(seed)
    dye = np.where((np.arange(60) >= 20) & (np.arange(60) < 40), 200.0, 0.0)
    line = np.arange(1000)
    ratio = 0.5 + 1.5 * np.where(line < 300, 0, np.exp(-(line - 300) / 150))
    green = offset[0] + rng.poisson(ratio[:, None] * dye)
    red = offset[1] + rng.poisson(np.broadcast_to(dye, green.shape))
    return green, red, ratio, dye > 0


def test_mask_background_and_ratio_of_simulated_photons_are_recovered():
    green, red, ratio, structure = simulate()
    np.testing.assert_array_equal(structure_mask(red), structure)
    assert dark_background(green, red, percentile=50) == (100.0, 80.0)
    result = line_scan_ratio(green, red, mask=structure, background=(100.0, 80.0))
    # 20 pixels of 200 photons: the ratio is known to 2 to 3 %.
    assert np.abs(result.ratio / ratio - 1).mean() < 0.03
    assert result.ratio.mean() == pytest.approx(ratio.mean(), rel=0.005)


def test_a_background_that_is_left_in_makes_the_transient_smaller():
    green, red, _, structure = simulate()
    change = [
        np.ptp(line_scan_ratio(green, red, mask=structure, background=background).ratio)
        for background in ((0, 0), (50, 40), (100, 80))
    ]
    assert change[0] < change[1] < change[2]


def test_the_transient_of_simulated_photons_is_found():
    green, red, _, structure = simulate()
    result = line_scan_ratio(green, red, mask=structure, background=(100.0, 80.0), rate=500.0)
    change = delta_f_over_f(result.ratio, baseline=(0.0, 0.5), rate=500.0)
    events = detect_transients(change, rate=500.0, low_threshold=2.0)
    assert len(events) == 1
    assert result.time_unit == events.time_unit == "s"
    assert events.onset[0] == pytest.approx(0.6, abs=0.02)
    assert events.decay_time[0] == pytest.approx(0.3, rel=0.05)
    assert events.amplitude[0] == pytest.approx(3.0, rel=0.1)


def test_the_real_scan_gives_the_numbers_known_from_elsewhere(real):
    result = line_scan_ratio(*real)
    assert estimate_f0(result.ratio, baseline=(0, 200)) == pytest.approx(0.545, abs=0.001)
    assert int(np.argmax(result.ratio)) == 352
    assert result.ratio.max() == pytest.approx(1.42, abs=0.005)
    events = detect_transients(delta_f_over_f(result.ratio, baseline=(0, 199)), low_threshold=2.0)
    assert len(events) == 1
    assert 215 < events.onset[0] < 240
    assert bool(events.cut_end[0])


def test_the_real_transient_is_larger_on_the_structure(real):
    green, red = real
    result = line_scan_ratio(
        green, red, mask=structure_mask(red), background=dark_background(green, red)
    )
    assert result.mask[100:110].all()
    assert not result.mask[:15].any()
    before, peak = np.median(result.ratio[:200]), result.ratio.max()
    assert peak / before > 5
    assert result.to_frame().shape == (1000, 4)


def test_the_ratio_is_of_means_not_the_mean_of_ratios():
    result = line_scan_ratio([[1, 30]], [[1, 10]])
    assert result.ratio[0] == pytest.approx(31 / 11)
    assert result.time_unit == "line"


@pytest.mark.parametrize("scale", [0.01, 1, 1e6])
def test_the_mask_does_not_depend_on_the_gain(real, scale):
    np.testing.assert_array_equal(structure_mask(real[1] * scale), structure_mask(real[1]))


@pytest.mark.parametrize(
    ("green", "red", "options", "match"),
    [
        (np.ones((2, 3)), np.ones((3, 2)), {}, "shape"),
        (np.ones(3), np.ones(3), {}, "shape"),
        (np.ones((0, 3)), np.ones((0, 3)), {}, "shape"),
        (np.ones((2, 3)), np.ones((2, 3)), {"mask": [True, False]}, "mask"),
        (np.ones((2, 3)), np.ones((2, 3)), {"mask": [False] * 3}, "mask"),
        (np.ones((2, 3)), np.ones((2, 3)), {"background": (0, 1)}, "background"),
        (np.ones((2, 3)), np.ones((2, 3)), {"rate": 0}, "rate"),
    ],
)
def test_what_does_not_hold_is_said(green, red, options, match):
    with pytest.raises(InputError, match=match):
        line_scan_ratio(green, red, **options)


def test_a_line_without_structure_has_no_mask():
    with pytest.raises(InputError, match="structure"):
        structure_mask(np.ones((5, 4)))
    with pytest.raises(InputError, match="percentile"):
        dark_background(np.ones((5, 4)), np.ones((5, 4)), percentile=0)
