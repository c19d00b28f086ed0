"""Run the cases with NEST 3.10.0 and keep what it gave.

`python make_expected.py [MODULE ...]` with a Python that has nest-simulator 3.10.0 and numpy.
"""

import argparse
import os

import numpy as np
from cases_shared import HERE, load

FRACTION_BITS = 36


def compact(key, array):
    """Keep times as whole microseconds, other reals to 2**-36 and integers small."""
    if key.endswith("/times"):
        return np.rint(1000.0 * array).astype(np.int32)
    if array.dtype.kind == "f":
        return np.rint(array * 2.0**FRACTION_BITS) / 2.0**FRACTION_BITS
    return array.astype(np.int32)


def write(nest, module, cases):
    """Write the arrays of a module's cases, beside the old file first."""
    arrays = {
        f"{name}/{key}": compact(key, np.asarray(array))
        for name, run in cases.items()
        for key, array in run(nest).items()
    }
    path = HERE / "expected" / f"{module}.npz"
    beside = path.with_suffix(".part.npz")
    np.savez_compressed(beside, **arrays)
    os.replace(beside, path)
    print(f"{module}: {len(cases)} cases, {path.stat().st_size} bytes")  # noqa: T201


def main():
    import nest

    if nest.__version__ != "3.10.0":
        raise SystemExit(f"the cases are held against NEST 3.10.0, but this is {nest.__version__}")
    nest.verbosity = nest.VerbosityLevel.ERROR
    cases = load()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=list(cases), help="all if none is named")
    for module in parser.parse_args().modules:
        write(nest, module, cases[module])


if __name__ == "__main__":
    main()
