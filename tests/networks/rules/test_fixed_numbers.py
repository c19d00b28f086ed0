import numpy as np
import pytest
from rule_cases import LEAST_P, evenness_of, fit_of, realise, sum_tables
from scipy import stats

from tripartite.networks.rules.fixed_indegree import FixedIndegree
from tripartite.networks.rules.fixed_outdegree import FixedOutdegree
from tripartite.networks.rules.fixed_total_number import FixedTotalNumber

N_SEEDS = 100


def make_degree_tables(rule, degree, n_rows, n_columns, **may):
    """Tables of counts in which each row has a fixed sum, for either rule."""
    if rule is FixedOutdegree:
        return np.array(sum_tables(rule(degree, **may), n_rows, n_columns, n_seeds=N_SEEDS))
    tables = sum_tables(rule(degree, **may), n_columns, n_rows, n_seeds=N_SEEDS)
    return np.array(tables).transpose(0, 2, 1)


@pytest.mark.parametrize("rule", [FixedIndegree, FixedOutdegree])
@pytest.mark.parametrize("degree", [1, 3, 40, 55])
def test_draws_with_replacement_are_independent(rule, degree):
    tables = make_degree_tables(rule, degree, 20, 40)
    assert (tables.sum(axis=2) == degree).all()
    assert fit_of(tables, stats.binom(degree, 1 / 40)) > LEAST_P
    assert fit_of(tables.sum(axis=1), stats.binom(20 * degree, 1 / 40)) > LEAST_P
    if degree > 5:  # enough for the chi-square of each seed
        p_values = [evenness_of(table.sum(axis=0)) for table in tables]
        assert stats.kstest(p_values, "uniform").pvalue > LEAST_P


@pytest.mark.parametrize("rule", [FixedIndegree, FixedOutdegree])
@pytest.mark.parametrize("degree", [1, 3, 20, 21, 37, 39])
def test_draws_without_replacement_are_even(rule, degree):
    tables = make_degree_tables(rule, degree, 20, 40, multapses=False)
    assert (tables.sum(axis=2) == degree).all()
    assert tables.max() == 1
    assert evenness_of(tables.sum(axis=(0, 1)), degree) > LEAST_P
    assert fit_of(tables.sum(axis=1), stats.binom(20, degree / 40)) > LEAST_P


@pytest.mark.parametrize("degree", [2, 3])
def test_every_subset_is_equally_likely(degree):
    tables = make_degree_tables(FixedIndegree, degree, 60, 5, multapses=False)
    subsets = tables.reshape(-1, 5) @ (1 << np.arange(5))
    counts = np.unique(subsets, return_counts=True)[1]
    assert counts.size == 10
    assert stats.chisquare(counts).pvalue > LEAST_P


@pytest.mark.parametrize("multapses", [True, False])
@pytest.mark.parametrize("rule", [FixedIndegree, FixedOutdegree])
def test_without_autapses_all_others_are_even(rule, multapses):
    table = sum(sum_tables(
        rule(4, autapses=False, multapses=multapses), 12, 12, n_seeds=N_SEEDS, same=True
    ))  # fmt: skip
    assert not np.diagonal(table).any()
    others = table[~np.eye(12, dtype=bool)]
    # Each row or column is a set of its own, of 11 that share 400 draws.
    statistic = ((others - 400 / 11) ** 2 / (400 / 11)).sum() * (1 if multapses else 10 / 7)
    assert 0.005 < stats.chi2.sf(statistic, 12 * 10) < 0.995


@pytest.mark.parametrize("n", [7, 100, 500])
def test_a_total_number_with_multapses_is_spread_evenly(n):
    tables = np.array(sum_tables(FixedTotalNumber(n), 10, 12, n_seeds=N_SEEDS))
    assert (tables.sum(axis=(1, 2)) == n).all()
    assert fit_of(tables, stats.binom(n, 1 / 120)) > LEAST_P
    assert evenness_of(tables.sum(axis=0)) > LEAST_P
    assert fit_of(tables.sum(axis=2), stats.binom(n, 1 / 10)) > LEAST_P


@pytest.mark.parametrize("n", [7, 59, 60, 61, 100, 120])
def test_a_total_number_without_multapses_is_a_set(n):
    tables = np.array(sum_tables(FixedTotalNumber(n, multapses=False), 10, 12, n_seeds=N_SEEDS))
    assert (tables.sum(axis=(1, 2)) == n).all()
    assert tables.max() == 1
    if n < 120:
        assert evenness_of(tables.sum(axis=0), n) > LEAST_P
        assert fit_of(tables.sum(axis=2), stats.hypergeom(120, n, 12)) > LEAST_P


@pytest.mark.parametrize("multapses", [True, False])
@pytest.mark.parametrize("n", [20, 90, 132])
def test_a_total_number_without_autapses_spares_the_diagonal(n, multapses):
    rule = FixedTotalNumber(n, autapses=False, multapses=multapses)
    table = sum(sum_tables(rule, 12, 12, n_seeds=N_SEEDS, same=True))
    assert not np.diagonal(table).any()
    assert table.sum() == n * N_SEEDS
    if multapses or n < 132:
        others = table[~np.eye(12, dtype=bool)]
        assert evenness_of(others, 0 if multapses else n) > LEAST_P


def test_targets_do_not_depend_on_how_many_there_are():
    few = realise(FixedIndegree(5), 30, 10).pairs()
    many = realise(FixedIndegree(5), 30, 20).pairs()
    kept = many[1] < 10
    assert sorted(zip(*few, strict=True)) == sorted(zip(many[0][kept], many[1][kept], strict=True))
