import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from rule_cases import check_edges, is_same, make_stream, realise

from tripartite.errors import InputError
from tripartite.networks.rules.all_to_all import AllToAll
from tripartite.networks.rules.fixed_indegree import FixedIndegree
from tripartite.networks.rules.fixed_outdegree import FixedOutdegree
from tripartite.networks.rules.fixed_total_number import FixedTotalNumber
from tripartite.networks.rules.one_to_one import OneToOne
from tripartite.networks.rules.pairwise_bernoulli import PairwiseBernoulli
from tripartite.networks.rules.pairwise_poisson import PairwisePoisson
from tripartite.networks.rules.symmetric_pairwise_bernoulli import SymmetricPairwiseBernoulli

EVERY_RULE = [
    AllToAll(),
    OneToOne(),
    PairwiseBernoulli(0.3),
    PairwisePoisson(0.7),
    FixedIndegree(9),
    FixedIndegree(9, multapses=False),
    FixedOutdegree(9),
    FixedOutdegree(9, multapses=False),
    FixedTotalNumber(300),
    FixedTotalNumber(300, multapses=False),
    SymmetricPairwiseBernoulli(0.3),
]


@pytest.mark.parametrize("rule", EVERY_RULE)
def test_threads_do_not_change_the_edges(rule):
    alone = realise(rule, 37, 37, same=True)
    for n_threads in (2, 3, 16, 50):
        assert is_same(alone, realise(rule, 37, 37, same=True, n_threads=n_threads))


@pytest.mark.parametrize("rule", EVERY_RULE[2:])
def test_seeds_and_streams_draw_other_edges(rule):
    edges = realise(rule, 37, 37, same=True)
    assert is_same(edges, realise(rule, 37, 37, same=True))
    assert not is_same(edges, realise(rule, 37, 37, same=True, seed=1))
    selves = np.arange(37, dtype=np.int32)
    other = rule.realise(37, 37, selves=selves, stream=make_stream(0, index=1))
    assert not is_same(edges, other)


@pytest.mark.parametrize("rule", [AllToAll(), OneToOne(), PairwiseBernoulli(1.0)])
@pytest.mark.parametrize(("n_pre", "n_post"), [(0, 0), (0, 3), (3, 0), (3, 3)])
def test_nobody_can_be_connected(rule, n_pre, n_post):
    if isinstance(rule, OneToOne) and n_pre != n_post:
        return
    edges = realise(rule, n_pre, n_post)
    check_edges(edges, n_pre, n_post)
    assert edges.n_connections == (n_pre if isinstance(rule, OneToOne) else n_pre * n_post)


@pytest.mark.parametrize("rule", [AllToAll, lambda **k: PairwiseBernoulli(1.0, **k)])
def test_autapses_are_the_diagonal(rule):
    assert realise(rule(), 20, 20, same=True).n_connections == 20**2
    edges = realise(rule(autapses=False), 20, 20, same=True)
    assert edges.n_connections == 20**2 - 20
    sources, targets = edges.pairs()
    assert not (sources == targets).any()


def test_one_to_one_pairs_positions():
    sources, targets = realise(OneToOne(), 5, 5).pairs()
    assert sources.tolist() == targets.tolist() == [0, 1, 2, 3, 4]
    shifted = np.array([-1, 1, 0, 3, 2], np.int32)
    edges = OneToOne(autapses=False).realise(5, 5, selves=shifted, stream=make_stream(0))
    assert edges.pairs()[0].tolist() == [0, 2, 4]


@st.composite
def selections(draw):
    n_pre, n_post = draw(st.integers(0, 9)), draw(st.integers(0, 9))
    nodes = draw(st.permutations(range(max(n_pre, n_post))))
    selves = np.array(nodes[:n_pre], np.int32).reshape(n_pre)
    selves[selves >= n_post] = -1
    return n_pre, n_post, draw(st.sampled_from([None, selves]))


@st.composite
def rules(draw):
    may = {"autapses": draw(st.booleans()), "multapses": draw(st.booleans())}
    number = draw(st.integers(0, 12))
    return draw(
        st.sampled_from(
            [
                PairwiseBernoulli(number / 12, autapses=may["autapses"]),
                PairwisePoisson(number / 4, **may),
                FixedIndegree(number, **may),
                FixedOutdegree(number, **may),
                FixedTotalNumber(number, **may),
            ]
        )
    )


def is_possible(rule, n_pre, n_post, n_forbidden, forbidden_here):
    """Whether the numbers that a rule asks for can be drawn at all, counted by hand."""
    multapses = getattr(rule, "multapses", True)
    if isinstance(rule, FixedTotalNumber):
        allowed, asked = n_pre * n_post - n_forbidden, rule.n
    elif isinstance(rule, FixedIndegree):
        allowed, asked = n_pre - forbidden_here, rule.indegree if n_post else 0
    elif isinstance(rule, FixedOutdegree):
        allowed, asked = n_post - forbidden_here, rule.outdegree if n_pre else 0
    else:
        return True
    return not asked or allowed >= (1 if multapses else asked)


@given(rules(), selections(), st.integers(0, 2**64 - 1), st.integers(1, 4))
@settings(max_examples=300)
def test_edges_hold_what_rules_promise(rule, selection, seed, n_threads):
    n_pre, n_post, selves = selection
    is_self = np.zeros((n_pre, n_post), bool)
    if selves is not None and not rule.autapses:
        is_self[np.flatnonzero(selves >= 0), selves[selves >= 0]] = True

    def connect():
        return rule.realise(
            n_pre, n_post, selves=selves, stream=make_stream(seed), n_threads=n_threads
        )

    if not is_possible(rule, n_pre, n_post, is_self.sum(), int(is_self.any())):
        with pytest.raises(InputError, match="must"):
            connect()
        return
    edges = connect()
    check_edges(edges, n_pre, n_post)
    sources, targets = edges.pairs()
    assert not is_self[sources, targets].any()
    if not getattr(rule, "multapses", True) or isinstance(rule, PairwiseBernoulli):
        assert np.unique(sources * n_post + targets).size == sources.size
    if isinstance(rule, FixedIndegree):
        assert (edges.in_degrees() == rule.indegree).all()
    if isinstance(rule, FixedOutdegree):
        assert (edges.out_degrees() == rule.outdegree).all()
    if isinstance(rule, FixedTotalNumber):
        assert edges.n_connections == rule.n


@pytest.mark.parametrize(
    "make",
    [
        lambda: PairwiseBernoulli(1.5),
        lambda: PairwiseBernoulli(-0.1),
        lambda: PairwiseBernoulli(float("nan")),
        lambda: SymmetricPairwiseBernoulli(2.0),
        lambda: PairwisePoisson(-1.0),
        lambda: PairwisePoisson(float("inf")),
        lambda: FixedIndegree(-1),
        lambda: FixedIndegree(2.5),
        lambda: FixedOutdegree(True),
        lambda: FixedTotalNumber("5"),
        lambda: realise(OneToOne(), 3, 4),
        lambda: realise(SymmetricPairwiseBernoulli(0.5), 3, 3),
        lambda: realise(SymmetricPairwiseBernoulli(0.5), 3, 4, same=True),
        lambda: realise(FixedIndegree(4, multapses=False), 3, 4),
        lambda: realise(FixedIndegree(3, multapses=False, autapses=False), 3, 3, same=True),
        lambda: realise(FixedIndegree(1, autapses=False), 1, 1, same=True),
        lambda: realise(FixedIndegree(1), 0, 4),
        lambda: realise(FixedOutdegree(5, multapses=False), 3, 4),
        lambda: realise(FixedTotalNumber(13, multapses=False), 3, 4),
        lambda: realise(FixedTotalNumber(1), 0, 4),
        lambda: realise(FixedTotalNumber(1, autapses=False), 1, 1, same=True),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(make):
    with pytest.raises(InputError) as refused:
        make()
    assert refused.value.got is not None
    assert refused.value.do
