"""The source of the package, parsed once for all tests of the house."""

import ast
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "tripartite"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One module and what stands in it."""

    name: str
    text: str

    @cached_property
    def tree(self):
        return ast.parse(self.text)

    def find(self, kind):
        return [node for node in ast.walk(self.tree) if isinstance(node, kind)]


def read_module(path):
    return Module(str(path.relative_to(PACKAGE)), path.read_text("utf-8"))


MODULES = [read_module(path) for path in sorted(PACKAGE.rglob("*.py"))]


def list_faults(check):
    """What a check says about every module, as lines that a person can act on."""
    return [f"{module.name}: {fault}" for module in MODULES for fault in check(module)]


def list_parameters(function):
    """The parameters of a function that its callers give, without self and cls."""
    arguments = function.args
    positional = arguments.posonlyargs + arguments.args
    names = [argument.arg for argument in positional + arguments.kwonlyargs]
    return [name for name in names if name not in ("self", "cls")]


def list_decorators(node):
    """The last part of the name of each decorator: `setter` of `@rate.setter`."""
    calls = [d.func if isinstance(d, ast.Call) else d for d in node.decorator_list]
    return {getattr(call, "attr", getattr(call, "id", "")) for call in calls}


def is_public(name):
    return not name.startswith("_")


def list_fields(node):
    """The annotated names in the body of a class, of which a dataclass makes parameters."""
    return [
        line.target.id
        for line in node.body
        if isinstance(line, ast.AnnAssign)
        and isinstance(line.target, ast.Name)
        and "ClassVar" not in ast.unparse(line.annotation)
    ]


@cache
def list_exported_names():
    """The names that `import tripartite` offers."""
    stub = ast.parse((PACKAGE / "__init__.pyi").read_text("utf-8"))
    return [alias.asname for line in stub.body for alias in getattr(line, "names", ())]
