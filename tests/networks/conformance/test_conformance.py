"""The PyNEST face gives the spikes and traces that NEST 3.10.0 gave."""

import importlib
import os
from functools import cache

import numpy as np
import pytest
from cases_shared import HERE, load

TOLERANCE = 1e-8
FACE = os.environ.get("TRIPARTITE_CONFORMANCE", "tripartite.networks.pynest")
SPIKES = {"senders", "times"}
CASES = load()


@cache
def _file(module):
    with np.load(HERE / "expected" / f"{module}.npz") as arrays:
        return dict(arrays)


def _expected(module, name):
    prefix = f"{name}/"
    return {k.removeprefix(prefix): x for k, x in _file(module).items() if k.startswith(prefix)}


def _until_nests_last_sample(given, expected):
    """Leave out the samples and deliveries of the last slice, which NEST keeps to itself."""
    for recorder in {key.split("/")[0] for key in expected if key.endswith("/times")}:
        fields = {key.split("/")[1] for key in given if key.startswith(f"{recorder}/")}
        if not fields <= SPIKES:
            last = expected[f"{recorder}/times"].max(initial=0)
            kept = given[f"{recorder}/times"] <= last
            given |= {f"{recorder}/{x}": given[f"{recorder}/{x}"][kept] for x in fields}
    return given


@pytest.mark.parametrize("module", CASES)
def test_every_case_of_a_module_has_an_expectation(module):
    assert {key.split("/")[0] for key in _file(module)} == set(CASES[module])


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, cases in CASES.items() for name in cases]
)
def test_a_case_gives_what_nest_gave(module, name):
    nest = importlib.import_module(FACE)
    expected = _expected(module, name)
    given = {key: np.asarray(array) for key, array in CASES[module][name](nest).items()}
    for key in (key for key in given if key.endswith("/times")):
        given[key] = np.rint(1000.0 * given[key]).astype(int)
    assert set(given) == set(expected)
    given = _until_nests_last_sample(given, expected)
    for key in sorted(expected, key=lambda key: not key.endswith(("times", "senders"))):
        np.testing.assert_allclose(
            given[key], expected[key], rtol=0.0, atol=TOLERANCE, err_msg=key, strict=False
        )
