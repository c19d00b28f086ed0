import numpy as np
import pynapple as nap
import pytest

from tripartite.analysis.synchrony import (
    SynchronyCriteria,
    count_synchrony_by_chance,
    find_synchrony,
)
from tripartite.errors import InputError

REST = nap.IntervalSet(0, 300)
MOMENTS = np.arange(10, 290, 14.0)


def make_units(n_units=12, moments=MOMENTS, spread=0.02, rate=0.5, seed=0):
    random = np.random.default_rng(seed)
    trains = {}
    for unit in range(n_units):
        noise = random.uniform(0, 300, random.poisson(300 * rate))
        together = np.repeat(moments, 2) + random.normal(0, spread, 2 * len(moments))
        trains[unit] = nap.Ts(np.sort(np.r_[noise, together]), time_support=REST)
    return nap.TsGroup(trains, time_support=REST)


def test_planted_moments_are_found_and_nothing_else():
    events = find_synchrony(make_units(), REST)
    assert len(events.peak) == len(MOMENTS)
    np.testing.assert_allclose(events.peak, MOMENTS, atol=0.02)
    assert (events.n_units >= 10).all()
    assert (events.start < events.peak).all()
    assert (events.peak < events.end).all()


def test_spikes_and_units_of_an_event_are_those_in_its_time():
    spikes = make_units()
    events = find_synchrony(spikes, REST)
    for start, end, n_units, n_spikes in zip(
        events.start, events.end, events.n_units, events.n_spikes, strict=True
    ):
        inside = [np.sum((train.t >= start) & (train.t < end)) for train in spikes.values()]
        assert (n_units, n_spikes) == (np.count_nonzero(inside), np.sum(inside))


def test_the_order_and_the_names_of_the_units_do_not_matter():
    spikes = make_units()
    renamed = nap.TsGroup({99 - u: train for u, train in spikes.items()}, time_support=REST)
    first, second = find_synchrony(spikes, REST), find_synchrony(renamed, REST)
    np.testing.assert_allclose(first.to_frame(), second.to_frame())


def test_a_later_clock_gives_later_events():
    spikes = make_units()
    later = nap.IntervalSet(1000, 1300)
    moved = nap.TsGroup(
        {u: nap.Ts(train.t + 1000, time_support=later) for u, train in spikes.items()},
        time_support=later,
    )
    first, second = find_synchrony(spikes, REST), find_synchrony(moved, later)
    np.testing.assert_allclose(first.peak + 1000, second.peak, atol=0.002)


@pytest.mark.parametrize(
    ("criteria", "reason"),
    [
        (SynchronyCriteria(min_units=13), "n_few_units"),
        (SynchronyCriteria(min_duration=0.4), "n_short"),
        (SynchronyCriteria(min_duration=0.0, max_duration=0.02), "n_long"),
    ],
)
def test_candidates_that_do_not_count_are_counted(criteria, reason):
    events = find_synchrony(make_units(), REST, criteria)
    assert getattr(events, reason) >= len(MOMENTS) - 1


def test_an_event_at_the_edge_of_rest_is_cut():
    events = find_synchrony(make_units(), nap.IntervalSet(10, 300))
    assert events.n_cut == 1
    assert len(events.peak) == len(MOMENTS) - 1


def test_independent_units_have_no_more_events_than_chance():
    silent = np.empty(0)
    counts = [len(find_synchrony(make_units(moments=silent, seed=s), REST).peak) for s in range(5)]
    chance = count_synchrony_by_chance(make_units(moments=silent), REST, n_shuffles=10)
    assert np.mean(counts) == pytest.approx(chance.mean(), abs=3 * chance.std() + 1)


def test_chance_gives_far_fewer_events_than_were_planted():
    chance = count_synchrony_by_chance(make_units(), REST, n_shuffles=5, seed=1)
    assert chance.max() < len(MOMENTS) / 4
    again = count_synchrony_by_chance(make_units(), REST, n_shuffles=5, seed=1)
    np.testing.assert_array_equal(chance, again)


def test_silent_units_have_no_events():
    spikes = nap.TsGroup({0: nap.Ts(t=[], time_support=REST)}, time_support=REST)
    assert len(find_synchrony(spikes, REST).peak) == 0


def test_gaps_in_rest_are_no_part_of_it():
    parts = nap.IntervalSet([0, 200], [100, 300])
    events = find_synchrony(make_units(), parts)
    inside = [m for m in MOMENTS if m < 100 or m > 200]
    np.testing.assert_allclose(events.peak, inside, atol=0.02)
    assert count_synchrony_by_chance(make_units(), parts, n_shuffles=2).shape == (2,)


@pytest.mark.parametrize(
    "options",
    [{"bin_size": 0}, {"sigma": 0.0001}, {"threshold": -1}, {"min_duration": 1.0}],
)
def test_criteria_that_cannot_hold_are_refused(options):
    with pytest.raises(InputError):
        SynchronyCriteria(**options)


@pytest.mark.parametrize("options", [{"n_shuffles": 0}, {"block": 0}])
def test_chance_needs_a_shuffle_and_a_block(options):
    with pytest.raises(InputError):
        count_synchrony_by_chance(make_units(), REST, **options)
