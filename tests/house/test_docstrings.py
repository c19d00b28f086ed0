"""Whatever a user can call says what it gives back and what it takes."""

import ast
import re

import pytest
from source import (
    MODULES,
    Function,
    Module,
    is_public,
    list_decorators,
    list_exported_names,
    list_faults,
    list_fields,
    list_parameters,
)

# The help text of an option is its documentation; the value of a setter is the property.
EXEMPT = {"overload", "setter", "command", "callback"}
# Users meet these only through the names that the package exports.
MACHINERY = ("streams/", "kernels/", "networks/engine/", "files.py")
# Fields made by these say what they are themselves; `Model` writes them into the documentation.
TELLING = {"parameter", "state", "series"}


def find_missing_docstrings(module):
    if not ast.get_docstring(module.tree):
        yield "the module has no docstring"
    for path, node, inherited in walk_public(module.tree):
        if not ast.get_docstring(node) and node.name not in inherited:
            yield f"{path} has no docstring"


def find_undocumented_parameters(module):
    hidden = module.name.startswith(MACHINERY) or "/_" in module.name.replace("__init__", "")
    for path, node, _ in walk_public(module.tree):
        if hidden and path.partition(".")[0] not in list_exported_names():
            continue
        said = ast.get_docstring(node) or ""
        if re.search(r"; see `[\w.]+`\.", said):  # it says where the same parameters are told of
            continue
        text = read_parameters(said)
        missing = [n for n in list_promised(node) if not re.search(rf"(?<!\w){n}(?!\w)", text)]
        if missing:
            yield f"{path} does not say what {', '.join(missing)} is in its Parameters"


def walk_public(parent, prefix="", inherited=frozenset()):
    """Give each public definition, and the methods of its class that a protocol documents."""
    for node in parent.body:
        if not isinstance(node, Function | ast.ClassDef) or not is_public(node.name):
            continue
        if list_decorators(node) & EXEMPT:
            continue
        yield prefix + node.name, node, inherited
        if isinstance(node, ast.ClassDef):
            kept = [names for names in PROTOCOLS if names <= list_names(node)]
            documented = frozenset() if is_protocol(node) else frozenset().union(*kept)
            yield from walk_public(node, f"{prefix}{node.name}.", documented)


def is_protocol(node):
    return "Protocol" in {ast.unparse(base).partition("[")[0] for base in node.bases}


def list_names(node):
    """The names that the body of a class gives a meaning."""
    methods = {line.name for line in node.body if isinstance(line, Function)}
    lines = [line for line in node.body if isinstance(line, ast.Assign)]
    assigned = {ast.unparse(target) for line in lines for target in line.targets}
    annotated = {ast.unparse(n.target) for n in node.body if isinstance(n, ast.AnnAssign)}
    return frozenset(methods | assigned | annotated)


PROTOCOLS = [
    list_names(node)
    for module in MODULES
    for node in module.find(ast.ClassDef)
    if is_protocol(node)
]


def list_promised(node):
    """The parameters that the documentation of a function or a record must name."""
    if isinstance(node, ast.ClassDef):
        is_record = "dataclass" in list_decorators(node)
        told = {
            ast.unparse(line.target)
            for line in node.body
            if isinstance(line, ast.AnnAssign)
            and isinstance(line.value, ast.Call)
            and ast.unparse(line.value.func) in TELLING
        }
        names = [name for name in list_fields(node) if is_public(name) and name not in told]
        return names if is_record else []
    options = {
        argument.arg
        for argument in (*node.args.args, *node.args.kwonlyargs)
        if argument.annotation and "typer." in ast.unparse(argument.annotation)
    }
    return [name for name in list_parameters(node) if is_public(name) and name not in options]


def read_parameters(docstring):
    parts = re.split(r"^(\w[\w ]*)\n-{3,}$", docstring, flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    return sections.get("Parameters", "") + sections.get("Attributes", "")


@pytest.mark.parametrize("check", [find_missing_docstrings, find_undocumented_parameters])
def test_everything_public_is_documented(check):
    assert list_faults(check) == []


GOOD = '''"""A module."""

def scale(x, *, factor: float):
    """Return x times a factor.

    Parameters
    ----------
    x, factor
        Numbers.
    """

@dataclass(frozen=True)
class Result:
    """A result.

    Parameters
    ----------
    rate : float
        Rate (Hz).
    """

    rate: float
    _cache: dict

    @property
    def double(self):
        """Twice the rate (Hz)."""

def _private(x): ...

class Codec(Protocol):
    """A codec."""

    def encode(self):
        """Return bytes."""

class Plain:
    """A codec by its methods."""

    def encode(self): ...
'''


@pytest.fixture
def _sample_protocol(monkeypatch):
    monkeypatch.setattr("test_docstrings.PROTOCOLS", [frozenset({"encode"})])


@pytest.mark.usefixtures("_sample_protocol")
def test_documented_code_passes():
    module = Module("sample", GOOD)
    assert not [*find_missing_docstrings(module), *find_undocumented_parameters(module)]


@pytest.mark.usefixtures("_sample_protocol")
@pytest.mark.parametrize(
    ("check", "before", "after"),
    [
        (find_missing_docstrings, '"""A module."""', ""),
        (find_missing_docstrings, '"""Twice the rate (Hz)."""', "..."),
        (find_missing_docstrings, '"""Return bytes."""', "..."),
        (find_missing_docstrings, "    def encode(self): ...", "    def code(self): ..."),
        (find_undocumented_parameters, "x, factor\n", "x\n"),
        (find_undocumented_parameters, "    Parameters\n    ----------\n    x", "    x"),
        (find_undocumented_parameters, "    rate : float\n", "    rates : float\n"),
    ],
)
def test_a_gap_in_the_documentation_is_found(check, before, after):
    assert before in GOOD
    assert list(check(Module("sample", GOOD.replace(before, after))))
