import math

import numpy as np
import pytest
from rule_cases import LEAST_P, count_pairs, evenness_of, fit_of, make_stream, realise, sum_tables
from scipy import stats

from tripartite.kernels.random import fill_uniform
from tripartite.networks.rules.pairwise_bernoulli import PairwiseBernoulli
from tripartite.networks.rules.pairwise_poisson import PairwisePoisson
from tripartite.networks.rules.symmetric_pairwise_bernoulli import SymmetricPairwiseBernoulli


def walk(p, n_post, source, seed):
    """The targets of a source: geometric gaps by inversion, one after the other."""
    uniforms = np.empty(4000)
    fill_uniform(make_stream(seed).words, source, uniforms)
    gaps = iter(np.floor(np.log1p(-uniforms) / math.log1p(-p)).astype(int))
    targets = [next(gaps)]
    while targets[-1] < n_post:
        targets.append(targets[-1] + 1 + next(gaps))
    return targets[:-1]


@pytest.mark.parametrize("p", [0.003, 0.1, 0.5, 0.97])
def test_the_gaps_are_those_of_a_plain_walk(p):
    edges = realise(PairwiseBernoulli(p), 5, 700, seed=9)
    for source in range(5):
        row = edges.targets[edges.first[source] : edges.first[source + 1]]
        assert row.tolist() == walk(p, 700, source, seed=9)


@pytest.mark.parametrize(
    ("p", "n"), [(0.0, 0), (1e-300, 0), (5e-324, 0), (1.0, 600), (1 - 1e-16, 600)]
)
def test_certain_probabilities_are_exact(p, n):
    assert realise(PairwiseBernoulli(p), 20, 30).n_connections == n


@pytest.mark.parametrize("p", [0.02, 0.1, 0.5, 0.9])
def test_pairs_are_connected_independently(p):
    tables = np.array(sum_tables(PairwiseBernoulli(p), 50, 60, n_seeds=100))
    assert tables.max() == 1
    assert fit_of(tables.sum(axis=2), stats.binom(60, p)) > LEAST_P
    assert fit_of(tables.sum(axis=1), stats.binom(50, p)) > LEAST_P
    # Each pair over the seeds, and neighbours along and across the rows.
    assert fit_of(tables.sum(axis=0), stats.binom(100, p)) > LEAST_P
    for one, other in ((tables[:, :, 1:], tables[:, :, :-1]), (tables[:, 1:], tables[:, :-1])):
        correlation = stats.pearsonr(one.ravel(), other.ravel()).statistic
        assert abs(correlation) * math.sqrt(one.size) < 3


def test_p_values_of_degrees_are_uniform_over_seeds():
    def p_value(seed):
        degrees = realise(PairwiseBernoulli(0.3), 100, 100, seed=seed).in_degrees()
        return stats.chi2.sf(((degrees - 30) ** 2 / (100 * 0.3 * 0.7)).sum(), 100)

    assert stats.kstest([p_value(seed) for seed in range(200)], "uniform").pvalue > LEAST_P


@pytest.mark.parametrize("mean", [0.03, 0.5, 2.5])
def test_poisson_pairs_have_poisson_counts(mean):
    tables = np.array(sum_tables(PairwisePoisson(mean), 30, 40, n_seeds=60))
    assert fit_of(tables, stats.poisson(mean)) > LEAST_P
    assert fit_of(tables.sum(axis=2), stats.poisson(40 * mean)) > LEAST_P
    assert fit_of(tables.sum(axis=1), stats.poisson(30 * mean)) > LEAST_P
    assert evenness_of(tables.sum(axis=0)) > LEAST_P


def test_poisson_pairs_without_multapses_are_connected_or_not():
    tables = np.array(sum_tables(PairwisePoisson(0.8, multapses=False), 30, 40, n_seeds=60))
    assert tables.max() == 1
    assert fit_of(tables.sum(axis=2), stats.binom(40, 1 - math.exp(-0.8))) > LEAST_P


def test_poisson_pairs_without_autapses_lose_only_those():
    with_them = count_pairs(realise(PairwisePoisson(1.5), 20, 20, same=True))
    without = count_pairs(realise(PairwisePoisson(1.5, autapses=False), 20, 20, same=True))
    np.fill_diagonal(with_them, 0)
    assert (with_them == without).all()


@pytest.mark.parametrize(("multapses", "chances"), [(True, 2), (False, 1)])
def test_symmetric_pairs_go_both_ways(multapses, chances):
    rule = SymmetricPairwiseBernoulli(0.3, multapses=multapses)
    tables = np.array(sum_tables(rule, 30, 30, n_seeds=40, same=True))
    assert (tables == tables.transpose(0, 2, 1)).all()
    assert not np.diagonal(tables, axis1=1, axis2=2).any()
    upper = tables[:, *np.triu_indices(30, 1)]
    assert fit_of(upper, stats.binom(chances, 0.3)) > LEAST_P
