"""Data from elsewhere never run code."""

import ast

import pytest
from source import Module, list_faults

UNSAFE_LIBRARIES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
UNSAFE_CALLS = {"eval", "exec", "yaml.load", "yaml.unsafe_load", "os.system"}


def find_unsafe_code(module):
    for node in module.find(ast.Import):
        for alias in node.names:
            if alias.name.partition(".")[0] in UNSAFE_LIBRARIES:
                yield f"line {node.lineno} imports {alias.name}"
    for node in module.find(ast.ImportFrom):
        if (node.module or "").partition(".")[0] in UNSAFE_LIBRARIES:
            yield f"line {node.lineno} imports from {node.module}"
    for node in module.find(ast.Call):
        yield from find_unsafe_calls(node)


def find_unsafe_calls(call):
    name = ast.unparse(call.func)
    options = {option.arg: ast.unparse(option.value) for option in call.keywords}
    if name in UNSAFE_CALLS or name.startswith("os.popen"):
        yield f"line {call.lineno} calls {name}"
    if options.get("allow_pickle", "False") != "False":
        yield f"line {call.lineno} allows pickles"
    if options.get("shell", "False") != "False":
        yield f"line {call.lineno} starts a shell"
    if name == "torch.load" and options.get("weights_only") != "True":
        yield f"line {call.lineno} loads more than weights"


def test_nothing_in_the_package_can_run_what_it_reads():
    assert list_faults(find_unsafe_code) == []


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "import numpy, pickle as p",
        "def f():\n    from pickle import loads",
        "import joblib.externals",
        "np.load(path, allow_pickle=True)",
        "np.load(path, allow_pickle=flag)",
        "yaml.load(text)",
        "eval(text)",
        "exec(text)",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "subprocess.run(text, shell=True)",
    ],
)
def test_unsafe_code_is_found(code):
    assert list(find_unsafe_code(Module("sample", code)))


@pytest.mark.parametrize(
    "code",
    [
        "np.load(path, allow_pickle=False)",
        "torch.load(path, weights_only=True)",
        "yaml.safe_load(text)",
        "model.eval()",
        "from tripartite.pickled import x",
    ],
)
def test_safe_code_passes(code):
    assert not list(find_unsafe_code(Module("sample", code)))
