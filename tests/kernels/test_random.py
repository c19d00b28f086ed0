import numpy as np
import pytest
from scipy import stats

from tripartite.kernels.random import fill_uniform, philox, split_seed, uniform53, uniform_pair

# Seeds are fixed: the tests fail always or never.
LEAST_P = 0.001
ONES = 0xFFFFFFFF
# Known answers of the authors of the algorithm.
KNOWN = [
    ([0, 0, 0, 0], [0, 0], [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([ONES] * 4, [ONES] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]


def philox_twin(counter, key):
    """Philox4x32-10 in the integers of Python, which have no size."""
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for step in range(10):
        high_0, low_0 = divmod(0xD2511F53 * c0, 1 << 32)
        high_1, low_1 = divmod(0xCD9E8D57 * c2, 1 << 32)
        key_0 = (k0 + step * 0x9E3779B9) % (1 << 32)
        key_1 = (k1 + step * 0xBB67AE85) % (1 << 32)
        c0, c1, c2, c3 = high_1 ^ c1 ^ key_0, low_1, high_0 ^ c3 ^ key_1, low_0
    return [c0, c1, c2, c3]


def run_philox(counter, key):
    return [int(word) for word in philox(*(np.uint64(word) for word in [*counter, *key]))]


def make_stream(index=3, purpose=7, seed=2**40 + 11):
    return (np.uint64(index), np.uint64(purpose), *split_seed(seed))


def fill(stream, item, n):
    out = np.empty(n)
    fill_uniform(stream, item, out)
    return out


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_philox_gives_the_known_answers(counter, key, words):
    assert run_philox(counter, key) == words
    assert philox_twin(counter, key) == words


def test_philox_agrees_with_its_twin_on_any_counter():
    words = np.random.default_rng(0).integers(0, 2**32, (100, 6)).tolist()
    for row in words:
        assert run_philox(row[:4], row[4:]) == philox_twin(row[:4], row[4:])


def test_uniform_numbers_are_the_53_upper_bits_of_two_words():
    assert uniform53(np.uint64(0), np.uint64(0)) == 0.0
    assert uniform53(np.uint64(0), np.uint64(1 << 6)) == 2.0**-53
    assert uniform53(np.uint64(ONES), np.uint64(ONES)) == 1.0 - 2.0**-53


@pytest.mark.parametrize("n", [0, 1, 2, 5, 33])
def test_an_array_is_filled_pair_by_pair_as_the_twin_says(n):
    index, purpose, *key = (int(word) for word in make_stream())
    expected = []
    for ordinal in range((n + 1) // 2):
        r0, r1, r2, r3 = philox_twin([ordinal, 9, index, purpose], key)
        expected += [((r0 >> 5) * 2**26 + (r1 >> 6)) / 2**53]
        expected += [((r2 >> 5) * 2**26 + (r3 >> 6)) / 2**53]
    assert fill(make_stream(), 9, n).tolist() == expected[:n]


def test_one_pair_is_drawn_as_in_the_array():
    assert uniform_pair(make_stream(), 9, 4) == tuple(fill(make_stream(), 9, 10)[8:])


def test_the_numbers_are_uniform():
    assert stats.kstest(fill(make_stream(), 0, 100_000), "uniform").pvalue > LEAST_P


@pytest.mark.parametrize(
    "other",
    [
        fill(make_stream(), 1, 100_000),
        fill(make_stream(index=4), 0, 100_000),
        fill(make_stream(purpose=8), 0, 100_000),
        fill(make_stream(seed=2**40 + 12), 0, 100_000),
        fill(make_stream(seed=2**41 + 11), 0, 100_000),
    ],
)
def test_what_differs_in_any_word_is_independent(other):
    numbers = fill(make_stream(), 0, 100_000)
    assert abs(stats.pearsonr(numbers, other).statistic) < 3 / np.sqrt(100_000)
    table = np.histogram2d(numbers, other, bins=16)[0].ravel()
    assert stats.chisquare(table).pvalue > LEAST_P


def test_a_seed_is_split_into_its_halves():
    assert split_seed(2**64 - 1) == (ONES, ONES)
    assert split_seed(1 << 32) == (0, 1)
