"""Short-term plasticity against its equations to 50 digits, and against laws."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given, strategies as st

from tripartite.networks.synapses.tsodyks import release

fraction = st.floats(0.0, 1.0)
time = st.floats(0.1, 5000.0)


def exactly(state, interval, added, psc, rec, fac):
    """The weight of a spike, in decimals: z decays to x, y decays to z, u decays."""
    with localcontext() as context:
        context.prec = 50
        x, y, u, H, U, psc, rec, fac = map(Decimal, (*state, interval, added, psc, rec, fac))
        active, recovered = (-H / psc).exp(), (-H / rec).exp()
        # Of what was active, part is still active and part on its way: the rest is available.
        same = psc == rec
        on_the_way = H / psc * active if same else rec / (rec - psc) * (recovered - active)
        z = 1 - x - y
        x_after = x + z * (1 - recovered) + y * (1 - active - on_the_way)
        u_after = u * (-H / fac).exp() if fac else Decimal(0)
        u_after += U * (1 - u_after)
        return float(u_after * x_after)


PAIRS = [(3.0, 800.0), (3.0, 3.0), (800.0, 800.0), (3.0, 3.0001), (3.0, 3.00000001), (50.0, 2.0)]


@pytest.mark.parametrize(("psc", "rec"), PAIRS)
@pytest.mark.parametrize("interval", [0.1, 5.0, 300.0])
@pytest.mark.parametrize("state", [(1.0, 0.0, 0.0), (0.3, 0.5, 0.4), (0.0, 1.0, 1.0)])
def test_a_release_is_that_of_the_exact_solution(psc, rec, interval, state):
    for fac in (0.0, 100.0):
        _, released = release(state, interval, 0.4, psc, rec, fac)
        expected = exactly(state, interval, 0.4, psc, rec, fac)
        assert released == pytest.approx(expected, rel=1e-9, abs=1e-10)


@given(fraction, fraction, fraction, time, fraction, time, time, st.floats(0.0, 1000.0))
def test_resources_are_kept_whatever_the_constants(x, share, u, interval, added, psc, rec, fac):
    state = (x, share * (1.0 - x), u)
    (x1, y1, u1), released = release(state, interval, added, psc, rec, fac)
    assert -1e-9 <= x1 <= 1 + 1e-9
    assert -1e-9 <= y1 <= 1 + 1e-9
    assert x1 + y1 <= 1 + 1e-9
    assert 0 <= u1 <= 1
    assert released == pytest.approx(u1 * (x1 + released), abs=1e-12)


def test_after_a_long_rest_all_is_available():
    assert release((0.2, 0.5, 0.7), 1e6, 0.4, 3.0, 800.0, 50.0)[1] == pytest.approx(0.4)


def test_a_second_spike_at_the_same_time_takes_from_what_is_left():
    state, first = release((1.0, 0.0, 0.0), 5.0, 0.5, 3.0, 800.0, 0.0)
    _, second = release(state, 0.0, 0.5, 3.0, 800.0, 0.0)
    assert (first, second) == (0.5, 0.25)
