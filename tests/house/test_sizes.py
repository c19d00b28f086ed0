"""What does not fit a screen does not fit a head."""

import ast

import pytest
from source import MODULES, Function, Module, is_public, list_decorators, list_faults

MODULE_LINES, BODY_LINES, POSITIONAL, METHODS = 500, 50, 6, 12
# This module writes the machine code of compiled functions.
IN_COMPILED = {"kernels/lanes.py"}
# Compiled functions take arrays and numbers, by position only.
COMPILED = {"njit", "intrinsic", "compiled"}
PROPERTIES = {"property", "cached_property", "setter", "deleter"}


def find_long_modules(module):
    length = len(module.text.splitlines())
    if length > MODULE_LINES:
        yield f"{length} lines"


def find_long_functions(module):
    for function in module.find(Function):
        body = function.body[1:] if ast.get_docstring(function) else function.body
        length = body[-1].end_lineno - body[0].lineno + 1 if body else 0
        if length > BODY_LINES:
            yield f"{function.name} has a body of {length} lines"


def find_many_positional_parameters(module):
    for function in module.find(Function):
        if list_decorators(function) & COMPILED or module.name in IN_COMPILED:
            continue
        names = [argument.arg for argument in function.args.posonlyargs + function.args.args]
        count = len([name for name in names if name not in ("self", "cls")])
        if count > POSITIONAL:
            yield f"{function.name} takes {count} positional parameters"


def find_many_methods(module):
    for node in module.find(ast.ClassDef):
        methods = {
            line.name
            for line in node.body
            if isinstance(line, Function)
            and is_public(line.name)
            and not list_decorators(line) & PROPERTIES
        }
        if len(methods) > METHODS:
            yield f"{node.name} has {len(methods)} public methods"


CHECKS = [
    find_long_modules,
    find_long_functions,
    find_many_positional_parameters,
    find_many_methods,
]


def test_there_is_something_to_check():
    assert {"errors.py", "core/section.py", "cli/__init__.py"} <= {m.name for m in MODULES}


@pytest.mark.parametrize("check", CHECKS)
def test_the_source_fits_a_head(check):
    assert list_faults(check) == []


def make_function(lines):
    return "def long():\n" + '    """Say.\n\n    More.\n    """\n' + "    x = 1\n" * lines


def make_class(methods):
    body = "".join(f"    def m{i}(self): ...\n" for i in range(methods))
    return (
        "class Large:\n"
        + body
        + "    def _private(self): ...\n    @property\n    def rate(self): ...\n"
        + "    @rate.setter\n    def rate(self, value): ...\n"
    )


@pytest.mark.parametrize(
    ("check", "allowed", "refused"),
    [
        (find_long_modules, "x = 1\n" * 500, "x = 1\n" * 501),
        (find_long_functions, make_function(50), make_function(51)),
        (
            find_many_positional_parameters,
            "class A:\n    def f(self, a, b, c, d, e, f, *, g, h): ...",
            "def f(a, b, /, c, d, e, f, g): ...",
        ),
        (find_many_methods, make_class(12), make_class(13)),
    ],
)
def test_the_limits_are_where_they_should_be(check, allowed, refused):
    assert not list(check(Module("allowed", allowed)))
    assert list(check(Module("refused", refused)))
