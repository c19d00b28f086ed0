"""The public names: one list for the loader, the type checker and the reader."""

import inspect

import pytest
from source import list_exported_names

import tripartite

NAMES = list_exported_names()


def test_the_stub_and_the_package_have_the_same_names():
    assert NAMES
    assert sorted(NAMES) == sorted(tripartite.__all__)
    assert len(NAMES) == len(set(NAMES))


def test_the_face_stays_small():
    assert len(NAMES) <= 40


@pytest.mark.parametrize("name", [name for name in NAMES if name != "__version__"])
def test_a_public_name_is_there_with_its_documentation(name):
    value = getattr(tripartite, name)
    assert value.__name__ == name
    # A dataclass without a docstring is given its own signature as one.
    documentation = inspect.getdoc(value) or ""
    assert documentation
    assert not documentation.startswith(f"{name}(")
