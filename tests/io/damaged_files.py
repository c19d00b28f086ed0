"""Files with some bytes changed or cut off: readers must read them or say what is wrong."""

import numpy as np

from tripartite.errors import FileFormatError


def damage(data, *, n_copies, seed=0):
    """Yield copies of a file with up to five bytes changed, every third cut off as well."""
    random = np.random.default_rng(seed)
    for _ in range(n_copies):
        copy = bytearray(data[: random.integers(len(data) // 2, 2 * len(data))])
        for place in random.integers(0, len(copy), random.integers(1, 6)):
            copy[place] = random.integers(0, 256)
        yield bytes(copy)


def count_refused(read, copies):
    """Return how many copies are refused in our words; any other error is raised."""
    n_refused = 0
    for copy in copies:
        try:
            read(copy)
        except FileFormatError:
            n_refused += 1
    return n_refused
