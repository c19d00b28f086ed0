from __future__ import annotations

import numpy as np
import pytest

from tripartite.errors import InputError
from tripartite.testing.synthetic.astrocytes import (
    event_kernel,
    simulate_astrocytes,
    time_to_peak,
)


@pytest.mark.parametrize(("rise", "decay"), [(0.5, 10.0), (2.0, 10.0), (5.0, 5.0)])
def test_the_kernel_is_one_at_its_peak_and_zero_before_its_onset(rise, decay):
    time = np.arange(-10, 100, 1e-3)
    kernel = event_kernel(time, rise_constant=rise, decay_constant=decay)
    assert kernel.max() == pytest.approx(1.0, abs=1e-6)
    assert time[kernel.argmax()] == pytest.approx(
        time_to_peak(rise_constant=rise, decay_constant=decay), abs=2e-3
    )
    assert (kernel[time <= 0] == 0).all()
    late = time > 20 * rise
    slope = np.diff(np.log(kernel[late])) / 1e-3
    np.testing.assert_allclose(slope, -1 / decay, rtol=1e-3)


def test_the_same_seed_gives_the_same_recording():
    first, second = simulate_astrocytes(seed=7), simulate_astrocytes(seed=7)
    np.testing.assert_array_equal(first.fluorescence.d, second.fluorescence.d)
    assert not np.array_equal(first.onset, simulate_astrocytes(seed=8).onset)


def test_the_truth_is_what_was_put_in():
    truth = simulate_astrocytes(n_traces=3, n_events=4, noise=0.0, drift=0.2, seed=0)
    time = truth.fluorescence.t
    rebuilt = np.tile(1 + 0.2 * np.linspace(0, 1, len(time))[:, None], 3)
    for trace, onset, height in zip(truth.trace, truth.onset, truth.amplitude, strict=True):
        rebuilt[:, trace] += height * event_kernel(
            time - onset, rise_constant=truth.rise_constant, decay_constant=truth.decay_constant
        )
    np.testing.assert_allclose(truth.fluorescence.d, truth.f0 * rebuilt)
    np.testing.assert_allclose(truth.peak - truth.onset, truth.peak[0] - truth.onset[0])


def test_events_that_would_overlap_are_refused():
    with pytest.raises(InputError, match="event_spacing"):
        simulate_astrocytes(event_spacing=50.0, decay_constant=10.0)
