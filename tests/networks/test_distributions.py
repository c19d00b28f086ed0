import math

import numpy as np
import pytest
from scipy import stats

from tripartite.errors import InputError
from tripartite.networks.distributions import Lognormal, Normal, Uniform
from tripartite.networks.random_streams import Purpose, RandomStream

# Seeds are fixed: the tests fail always or never.
LEAST_P = 0.001


def make_stream(seed=0, index=0, purpose=Purpose.VALUES):
    return RandomStream(seed=seed, purpose=purpose, index=index)


CASES = [
    (Uniform(), stats.uniform()),
    (Uniform(-70.0, -60.0), stats.uniform(-70, 10)),
    (Normal(), stats.norm()),
    (Normal(5.0, 0.3), stats.norm(5, 0.3)),
    (Lognormal(), stats.lognorm(1)),
    (Lognormal(-1.0, 0.5), stats.lognorm(0.5, scale=math.exp(-1))),
]


@pytest.mark.parametrize(("distribution", "truth"), CASES)
def test_numbers_follow_the_distribution(distribution, truth):
    numbers = distribution.draw(100_001, make_stream())
    assert stats.kstest(numbers, truth.cdf).pvalue > LEAST_P
    # The tails, where a poor method shows first.
    for q in (1e-3, 1 - 1e-3):
        beyond = (numbers < truth.ppf(q)).sum()
        assert stats.binomtest(int(beyond), numbers.size, q).pvalue > LEAST_P


@pytest.mark.parametrize(("distribution", "truth"), CASES)
def test_neighbours_are_independent(distribution, truth):
    quantiles = truth.cdf(distribution.draw(100_000, make_stream(1)))
    for lag in (1, 2):
        table = np.histogram2d(quantiles[:-lag], quantiles[lag:], bins=10)[0]
        assert stats.chisquare(table.ravel()).pvalue > LEAST_P


@pytest.mark.parametrize("distribution", [Uniform(), Normal(), Lognormal()])
def test_more_numbers_begin_with_the_fewer(distribution):
    many = distribution.draw(101, make_stream())
    for n in (0, 1, 2, 51):
        assert distribution.draw(n, make_stream()).tolist() == many[:n].tolist()


@pytest.mark.parametrize(
    "other", [make_stream(1), make_stream(0, 1), make_stream(0, 0, Purpose.NOISE)]
)
def test_other_streams_give_other_numbers(other):
    numbers, others = Normal().draw(10_000, make_stream()), Normal().draw(10_000, other)
    assert abs(stats.pearsonr(numbers, others).statistic) < 0.03


def test_no_spread_gives_the_mean():
    assert Normal(3.0, 0.0).draw(3, make_stream()).tolist() == [3.0, 3.0, 3.0]


def test_the_upper_bound_is_never_drawn():
    low, high = 1.0, np.nextafter(1.0, 2.0)
    assert set(Uniform(low, high).draw(1000, make_stream())) == {low}


@pytest.mark.parametrize(
    "make",
    [
        lambda: Uniform(1.0, 1.0),
        lambda: Uniform(2.0, 1.0),
        lambda: Uniform(0.0, math.inf),
        lambda: Normal(0.0, -1.0),
        lambda: Normal(math.nan, 1.0),
        lambda: Lognormal(0.0, -0.1),
        lambda: make_stream(seed=-1),
        lambda: make_stream(seed=2**64),
        lambda: make_stream(index=2**32),
    ],
)
def test_what_is_no_distribution_is_refused_with_what_to_do(make):
    with pytest.raises(InputError) as refused:
        make()
    assert refused.value.got is not None
    assert refused.value.do
