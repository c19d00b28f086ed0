"""Compiling once and keeping the result."""

import types

import pytest

from tripartite.kernels import compiling
from tripartite.kernels.compiling import compiled, digest_of


def module(path):
    found = types.ModuleType("found")
    found.__file__ = str(path)
    return found


def test_the_digest_changes_with_any_source(tmp_path):
    first, second = tmp_path / "a.py", tmp_path / "b.py"
    first.write_text("x = 1")
    second.write_text("y = 1")
    both = [module(first), module(second)]
    before = digest_of(both)
    assert digest_of(both) == before
    assert 0 < before < 2**57
    assert digest_of(both[:1]) != before
    second.write_text("y = 2")
    assert digest_of(both) != before


def test_a_compiled_function_gives_what_the_plain_one_gives():
    def area(a, b):
        return a * b

    assert compiled(area)(3.0, 4.0) == 12.0


def test_where_nothing_can_be_kept_it_is_compiled_all_the_same(monkeypatch):
    def refuse(**options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: ("compiled", options)

    monkeypatch.setattr(compiling, "njit", refuse)
    assert compiled(len) == ("compiled", {"nogil": True})


def test_other_errors_of_compiling_are_not_hidden(monkeypatch):
    def fail(**options):
        raise TypeError("not a function")

    monkeypatch.setattr(compiling, "njit", fail)
    with pytest.raises(TypeError):
        compiled(len)
