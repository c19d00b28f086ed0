"""What devices give, step by step."""

import numpy as np
import pytest

from tripartite import networks as tn
from tripartite.errors import InputError

STEPS = np.arange(0, 400)


def test_direct_current_flows_from_start_to_before_stop_counted_from_the_origin():
    device = tn.DirectCurrent(amplitude_pA=5.0, origin_ms=1.0, start_ms=2.0, stop_ms=4.0)
    assert np.flatnonzero(device.amplitudes(STEPS, 0.1)).tolist() == list(range(30, 50))
    assert set(device.amplitudes(STEPS, 0.1)) == {0.0, 5.0}


def test_steps_hold_until_the_next_and_the_window_only_gates():
    device = tn.StepCurrent(
        amplitude_times_ms=[1.0, 5.0, 7.5],
        amplitude_values_pA=[3.0, -2.0, 0.5],
        start_ms=2.0,
        stop_ms=9.0,
    )
    expected = np.zeros(400)
    expected[20:50], expected[50:75], expected[75:90] = 3.0, -2.0, 0.5
    assert np.array_equal(device.amplitudes(STEPS, 0.1), expected)


@pytest.mark.parametrize("resolution_ms", [0.05, 0.1, 1.0])
def test_a_sine_counts_its_phase_from_time_0(resolution_ms):
    wave = tn.AlternatingCurrent(
        amplitude_pA=3.0, offset_pA=1.0, frequency=40.0, phase_deg=90.0, start_ms=5.0
    )
    seconds = STEPS * resolution_ms / 1000.0
    expected = np.where(seconds >= 0.005 - 1e-9, 1.0 + 3.0 * np.cos(80 * np.pi * seconds), 0.0)
    assert wave.amplitudes(STEPS, resolution_ms) == pytest.approx(expected, abs=1e-9)


def test_spikes_are_counted_from_the_origin_after_the_start_and_up_to_the_stop():
    device = tn.SpikeTimes(
        spike_times_ms=[1.0, 2.0, 2.0, 3.0, 4.0],
        spike_weights=[1.0, 2.0, 3.0, 4.0, 5.0],
        spike_multiplicities=[1, 2, 1, 0, 1],
        origin_ms=10.0,
        start_ms=1.0,
        stop_ms=4.0,
    )
    steps, weights = device.spikes(0.1)
    assert steps.tolist() == [120, 120, 120, 140]
    assert weights.tolist() == [2.0, 2.0, 3.0, 5.0]


def test_random_spikes_bear_stamps_a_step_after_their_window():
    device = tn.Poisson(rate=7.0, start_ms=1.0, stop_ms=2.0)
    assert np.flatnonzero(device.rates(STEPS, 0.1)).tolist() == list(range(12, 22))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: tn.DirectCurrent(start_ms=5.0, stop_ms=4.0), "stop_ms"),
        (lambda: tn.SpikeTimes(spike_times_ms=[2.0, 1.0]), "ascend"),
        (lambda: tn.SpikeTimes(spike_times_ms=[1.0], spike_weights=[1.0, 2.0]), "spike_weights"),
        (
            lambda: tn.SpikeTimes(spike_times_ms=[1.0], spike_multiplicities=[1.5]),
            "whole numbers",
        ),
        (
            lambda: tn.StepCurrent(amplitude_times_ms=[1.0, 1.0], amplitude_values_pA=[1.0, 2.0]),
            "ascend",
        ),
        (
            lambda: tn.InhomogeneousPoisson(rate_times_ms=[1.0], rate_values=[]),
            "rate_times_ms",
        ),
    ],
)
def test_lists_that_cannot_be_are_refused(make, said):
    with pytest.raises(InputError, match=said):
        make()


def test_spikes_off_the_grid_are_not_moved():
    device = tn.SpikeTimes(spike_times_ms=[1.03])
    with pytest.raises(InputError, match="spike_times_ms must be a multiple of the resolution"):
        device.spikes(0.1)
