import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from rule_cases import (
    LEAST_P,
    check_edges,
    count_pairs,
    evenness_of,
    fit_of,
    is_same,
    make_stream,
    realise,
)
from scipy import stats

from tripartite.errors import InputError
from tripartite.networks.rules.all_to_all import AllToAll
from tripartite.networks.rules.fixed_indegree import FixedIndegree
from tripartite.networks.rules.fixed_outdegree import FixedOutdegree
from tripartite.networks.rules.fixed_total_number import FixedTotalNumber
from tripartite.networks.rules.one_to_one import OneToOne
from tripartite.networks.rules.pairwise_bernoulli import PairwiseBernoulli
from tripartite.networks.rules.pairwise_poisson import PairwisePoisson
from tripartite.networks.rules.symmetric_pairwise_bernoulli import SymmetricPairwiseBernoulli
from tripartite.networks.rules.third_factor import ThirdFactorPool

PRIMARY_RULES = [
    AllToAll(),
    OneToOne(),
    PairwiseBernoulli(0.3),
    PairwisePoisson(0.8),
    FixedIndegree(5),
    FixedOutdegree(5),
    FixedTotalNumber(100),
    SymmetricPairwiseBernoulli(0.3),
]


def connect(rule, n, third, n_third, *, seed=0, n_threads=1):
    primary = realise(rule, n, n, seed=seed, same=True)
    made = third.realise(primary, n_third, stream=make_stream(seed), n_threads=n_threads)
    check_edges(made.third_in, primary.n_pre, n_third)
    check_edges(made.third_out, n_third, primary.n_post)
    return primary, made


def connect_all(n_pre, n_post, third, n_third):
    primary = realise(AllToAll(), n_pre, n_post)
    return third.realise(primary, n_third, stream=make_stream(0))


@pytest.mark.parametrize(
    ("sizes", "third"),
    [
        ((4, 2, 3), ThirdFactorPool()),
        ((4, 2, 3), ThirdFactorPool(pool_size=2)),
        ((4, 4, 2), ThirdFactorPool(pool_size=1, pool_type="block")),
        ((4, 2, 8), ThirdFactorPool(pool_size=4, pool_type="block")),
    ],
)
def test_all_to_all_has_as_many_thirds_as_primaries(sizes, third):
    n_pre, n_post, n_third = sizes
    made = connect_all(n_pre, n_post, third, n_third)
    assert made.third_in.n_connections == made.third_out.n_connections == n_pre * n_post


@pytest.mark.parametrize("pool_size", [None, 1, 4])
@pytest.mark.parametrize("rule", PRIMARY_RULES)
def test_with_certainty_each_primary_has_one_third(rule, pool_size):
    primary, made = connect(rule, 30, ThirdFactorPool(pool_size=pool_size), 20)
    assert made.third_in.out_degrees().tolist() == primary.out_degrees().tolist()
    assert made.third_out.in_degrees().tolist() == primary.in_degrees().tolist()
    assert made.third_in.in_degrees().tolist() == made.third_out.out_degrees().tolist()


@pytest.mark.parametrize("rule", PRIMARY_RULES)
@pytest.mark.parametrize("pool_size", [None, 3])
def test_threads_do_not_change_third_factors(rule, pool_size):
    third = ThirdFactorPool(0.5, pool_size)
    alone = connect(rule, 30, third, 20)[1]
    for n_threads in (2, 7, 16):
        shared = connect(rule, 30, third, 20, n_threads=n_threads)[1]
        assert is_same(alone.third_in, shared.third_in)
        assert is_same(alone.third_out, shared.third_out)
        assert np.array_equal(alone.pools, shared.pools)


def test_a_third_factor_is_reached_from_the_source_of_the_connection_it_acts_on():
    third = ThirdFactorPool(0.5, 3)
    _, made = connect(OneToOne(), 500, third, 40)
    sources, thirds = made.third_in.pairs()
    thirds_again, targets = made.third_out.pairs()
    ones = sorted(zip(sources, thirds, strict=True))
    assert ones == sorted(zip(targets, thirds_again, strict=True))
    assert 200 < len(ones) < 300


@pytest.mark.parametrize("pool_size", [1, 5, 49])
def test_thirds_are_members_of_the_pool_of_their_target(pool_size):
    _, made = connect(PairwiseBernoulli(0.5), 50, ThirdFactorPool(0.8, pool_size), 50)
    assert made.pools.shape == (50, pool_size)
    assert (np.diff(made.pools, axis=1) > 0).all()
    table = count_pairs(made.third_out)
    for target in range(50):
        assert set(np.flatnonzero(table[:, target])) <= set(made.pools[target])


def test_entries_are_merged_and_copies_counted():
    _, made = connect(AllToAll(), 20, ThirdFactorPool(pool_size=2), 10)
    for edges in (made.third_in, made.third_out):
        rows = np.repeat(np.arange(edges.n_pre), np.diff(edges.first))
        assert (np.diff(rows * edges.n_post + edges.targets) > 0).all()
        assert edges.copies.dtype == np.uint16
        assert edges.copies.sum() == edges.n_connections == 400


def test_more_copies_than_an_entry_can_count_are_more_entries():
    made = connect_all(70_000, 1, ThirdFactorPool(), 1)
    assert made.third_out.copies.tolist() == [65535, 4465]
    assert made.third_out.targets.tolist() == [0, 0]
    assert made.third_out.n_connections == 70_000
    assert made.third_in.n_connections == 70_000


@pytest.mark.parametrize("p", [0.1, 0.3, 0.5])
def test_connections_are_chosen_with_their_probability(p):
    runs = [connect(AllToAll(), 50, ThirdFactorPool(p, 5), 50, seed=s)[1] for s in range(20)]
    assert fit_of([run.third_in.out_degrees() for run in runs], stats.binom(50, p)) > LEAST_P
    assert fit_of([run.third_out.in_degrees() for run in runs], stats.binom(50, p)) > LEAST_P


def test_the_primary_connections_do_not_know_the_choice():
    degrees = []
    for seed in range(100):
        primary, made = connect(PairwiseBernoulli(0.1), 50, ThirdFactorPool(0.4), 50, seed=seed)
        degrees.append([primary.out_degrees(), made.third_in.out_degrees()])
    primary, chosen = np.moveaxis(degrees, 1, 0)
    assert fit_of(chosen, stats.binom(50, 0.04)) > LEAST_P
    # Given the primary connections of a source, so many are chosen.
    for degree in (4, 5, 6):
        assert fit_of(chosen[primary == degree], stats.binom(degree, 0.4)) > LEAST_P


@pytest.mark.parametrize("pool_size", [None, 4])
def test_members_of_a_pool_are_drawn_evenly(pool_size):
    size = pool_size or 12
    counts = []
    for seed in range(40):
        made = connect(AllToAll(), 24, ThirdFactorPool(0.9, pool_size), 12, seed=seed)[1]
        pools = made.pools if pool_size else np.tile(np.arange(12), (24, 1))
        counts.append(count_pairs(made.third_out)[pools, np.arange(24)[:, None]])
    counts = np.array(counts)
    assert evenness_of(counts.sum(axis=(0, 1))) > LEAST_P
    assert fit_of(counts, stats.binom(24, 0.9 / size)) > LEAST_P


@pytest.mark.parametrize("pool_size", [1, 3, 8, 11])
def test_pools_are_drawn_evenly(pool_size):
    pools = [
        ThirdFactorPool(pool_size=pool_size).draw_pools(30, 12, stream=make_stream(seed))
        for seed in range(50)
    ]
    assert evenness_of(np.bincount(np.ravel(pools), minlength=12), pool_size) > LEAST_P
    per_seed = [np.bincount(pool.ravel(), minlength=12) for pool in pools]
    assert fit_of(per_seed, stats.binom(30, pool_size / 12)) > LEAST_P


def test_the_pool_of_a_target_can_be_asked_for():
    third = ThirdFactorPool(0.5, 3)
    _, made = connect(AllToAll(), 10, third, 40)
    assert (third.draw_pools(10, 40, stream=make_stream(0)) == made.pools).all()
    assert ThirdFactorPool().draw_pools(10, 40, stream=make_stream(0)) is None
    assert ThirdFactorPool(pool_size=40).draw_pools(10, 40, stream=make_stream(0)) is None


@pytest.mark.parametrize(
    ("n_post", "n_third", "pool_size", "pools"),
    [
        (4, 2, 1, [[0], [0], [1], [1]]),
        (3, 3, 1, [[0], [1], [2]]),
        (2, 8, 4, [[0, 1, 2, 3], [4, 5, 6, 7]]),
        (1, 4, 4, [[0, 1, 2, 3]]),
        (3, 1, 1, [[0], [0], [0]]),
    ],
)
def test_blocks_follow_one_another(n_post, n_third, pool_size, pools):
    third = ThirdFactorPool(pool_size=pool_size, pool_type="block")
    assert third.draw_pools(n_post, n_third, stream=make_stream(0)).tolist() == pools
    made = connect_all(3, n_post, third, n_third)
    for target, pool in enumerate(pools):
        assert set(np.flatnonzero(count_pairs(made.third_out)[:, target])) <= set(pool)


@given(
    st.sampled_from([0.0, 0.4, 1.0]),
    st.integers(0, 8),
    st.integers(0, 8),
    st.integers(1, 9),
    st.integers(0, 2**64 - 1),
    st.data(),
)
@settings(max_examples=100)
def test_the_two_halves_always_match(p, n_pre, n_post, n_third, seed, data):
    primary = realise(PairwisePoisson(1.2), n_pre, n_post, seed=seed)
    third = ThirdFactorPool(p, data.draw(st.integers(1, n_third)))
    made = third.realise(primary, n_third, stream=make_stream(seed), n_threads=2)
    check_edges(made.third_in, n_pre, n_third)
    check_edges(made.third_out, n_third, n_post)
    assert made.third_in.in_degrees().tolist() == made.third_out.out_degrees().tolist()
    assert (made.third_in.out_degrees() <= primary.out_degrees()).all()
    assert (made.third_out.in_degrees() <= primary.in_degrees()).all()
    if p in (0, 1):
        assert made.third_in.n_connections == p * primary.n_connections


def test_merged_primaries_count_as_their_connections():
    primary = connect_all(6, 6, ThirdFactorPool(pool_size=2), 3).third_out
    made = ThirdFactorPool().realise(primary, 4, stream=make_stream(0))
    assert made.third_in.n_connections == primary.n_connections == 36


@pytest.mark.parametrize(
    "make",
    [
        lambda: ThirdFactorPool(1.1),
        lambda: ThirdFactorPool(pool_type="ring"),
        lambda: ThirdFactorPool(pool_size=2.5),
        lambda: connect_all(2, 4, ThirdFactorPool(pool_size=0), 4),
        lambda: connect_all(2, 4, ThirdFactorPool(pool_size=5), 4),
        lambda: connect_all(2, 4, ThirdFactorPool(), 0),
        lambda: connect_all(2, 2, ThirdFactorPool(pool_size=1, pool_type="block"), 4),
        lambda: connect_all(2, 4, ThirdFactorPool(pool_size=1, pool_type="block"), 3),
        lambda: connect_all(2, 2, ThirdFactorPool(pool_size=3, pool_type="block"), 8),
        lambda: connect_all(2, 4, ThirdFactorPool(pool_size=4, pool_type="block"), 4),
        lambda: connect_all(2, 4, ThirdFactorPool(pool_type="block"), 4),
    ],
)
def test_pools_that_do_not_fit_are_refused_with_what_to_do(make):
    with pytest.raises(InputError) as refused:
        make()
    assert refused.value.got is not None
    assert refused.value.do
