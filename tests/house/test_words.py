"""One word per idea: a synonym that was retired never comes back as a parameter."""

import ast
from pathlib import Path

import pytest
from source import Function, Module, list_faults, list_fields, list_parameters

LINES = (Path(__file__).parent / "retired_words.txt").read_text("utf-8").splitlines()
# A result may say the unit of its times; nobody may choose it.
TOLD_BY_RESULTS = {"time_unit"}
RETIRED = dict(line.split() for line in LINES if not line.startswith("#"))


def find_retired_words(module):
    for function in module.find(Function):
        for name in list_parameters(function):
            if name in RETIRED:
                yield f"{function.name}({name}): the word is {RETIRED[name]}"
    for node in module.find(ast.ClassDef):
        for name in list_fields(node):
            if name in RETIRED and name not in TOLD_BY_RESULTS:
                yield f"{node.name}.{name}: the word is {RETIRED[name]}"


def test_no_parameter_has_a_retired_name():
    assert list_faults(find_retired_words) == []


def test_no_retired_word_is_recommended():
    assert not set(RETIRED) & set(RETIRED.values())


@pytest.mark.parametrize("word", ["ep", "epochs", "fs", "sfreq", "binsize", "dt", "time_units"])
@pytest.mark.parametrize(
    "place", ["def f({}): ...", "def f(*, {}=1): ...", "class A:\n    {}: float = 1.0"]
)
def test_a_retired_word_is_found_wherever_it_hides(word, place):
    assert list(find_retired_words(Module("sample", place.format(word))))
    assert not list(find_retired_words(Module("sample", place.format("bin_size"))))
