"""What the tests of rules share."""

import numpy as np
from scipy import stats

from tripartite.networks.random_streams import Purpose, RandomStream

# Seeds are fixed, so a test fails always or never: with some 200 p-values, by chance in one of five
# choices of seeds.
LEAST_P = 0.001


def make_stream(seed, index=0):
    return RandomStream(seed=seed, purpose=Purpose.CONNECTIONS, index=index)


def realise(rule, n_pre, n_post, *, seed=0, same=False, n_threads=1):
    """Realise a rule; `same`: target i is the same node as source i."""
    selves = np.arange(n_pre, dtype=np.int32) if same else None
    if same:
        selves[selves >= n_post] = -1
    return rule.realise(n_pre, n_post, selves=selves, stream=make_stream(seed), n_threads=n_threads)


def count_pairs(edges):
    """The number of connections of each source (row) with each target (column)."""
    table = np.zeros((edges.n_pre, edges.n_post), int)
    np.add.at(table, edges.pairs(), 1)
    return table


def sum_tables(rule, n_pre, n_post, *, n_seeds, same=False):
    runs = (realise(rule, n_pre, n_post, seed=seed, same=same) for seed in range(n_seeds))
    return [count_pairs(edges) for edges in runs]


def check_edges(edges, n_pre, n_post):
    """What holds for all edges."""
    assert (edges.n_pre, edges.n_post) == (n_pre, n_post)
    assert edges.first.dtype == np.int64
    assert edges.targets.dtype == np.int32
    assert edges.first[0] == 0
    assert edges.first[-1] == edges.targets.size
    sources, targets = edges.pairs()
    assert sources.size == targets.size == edges.n_connections
    assert ((sources >= 0) & (sources < n_pre)).all()
    assert ((targets >= 0) & (targets < n_post)).all()
    assert (np.diff(sources * n_post + targets) >= 0).all()
    assert edges.out_degrees().tolist() == np.bincount(sources, minlength=n_pre).tolist()
    assert edges.in_degrees().tolist() == np.bincount(targets, minlength=n_post).tolist()


def is_same(one, other):
    names = ("first", "targets", "copies")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


def fit_of(counts, distribution):
    """p-value of the chi-square test that whole numbers follow a distribution."""
    counts = np.ravel(counts)
    values = np.arange(counts.max() + 2)
    expected = counts.size * distribution.pmf(values)
    kept = expected >= 5
    observed = np.bincount(counts, minlength=values.size)[kept]
    expected = expected[kept]
    # What is rare counts with the last that is not.
    observed[-1] += counts.size - observed.sum()
    expected[-1] += counts.size - expected.sum()
    return stats.chisquare(observed, expected).pvalue


def evenness_of(counts, drawn_once=0):
    """p-value of the test that all have the same chance, with `drawn_once` of them per draw."""
    counts = np.ravel(counts)
    n = counts.size
    statistic = ((counts - counts.mean()) ** 2 / counts.mean()).sum()
    # A draw without replacement of so many spreads less.
    factor = (n - 1) / (n - drawn_once) if drawn_once else 1
    return stats.chi2.sf(statistic * factor, n - 1)
