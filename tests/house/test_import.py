"""`import tripartite` costs nothing and does nothing."""

import json
import subprocess
import sys

import pytest

HEAVY = [
    "torch", "pynapple", "pandas", "matplotlib", "numba", "pynwb", "scipy", "xarray", "typer",
    "numpy", "h5py", "pyarrow", "fsspec", "rich", "jinja2",
]  # fmt: skip

WATCH = """
import json, logging, random, sys, warnings
events = []
def watch(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.mkdir", "os.rename", "os.remove")):
        events.append(event)
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        events.append(f"open {arguments[0]}")
def look():
    return [
        random.getstate(), list(warnings.filters), logging.root.level, list(logging.root.handlers),
        logging.getLogger("tripartite").level, list(logging.getLogger("tripartite").handlers),
        logging.root.manager.disable, sys.getrecursionlimit(), sys.excepthook,
    ]
before = look()
sys.addaudithook(watch)
"""
TELL = """
print(json.dumps({"modules": list(sys.modules), "events": events, "same": look() == before}))
"""


def observe(statement):
    """Run a statement in a fresh interpreter; return what it loaded and touched."""
    run = subprocess.run(
        [sys.executable, "-B", "-c", WATCH + statement + TELL],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stderr == ""
    return json.loads(run.stdout)  # whatever else was printed would not be JSON


@pytest.mark.parametrize("statement", ["import tripartite", "import tripartite; dir(tripartite)"])
def test_importing_loads_nothing_heavy(statement):
    assert not set(observe(statement)["modules"]) & set(HEAVY)


def test_importing_leaves_the_world_as_it_was():
    seen = observe("import tripartite")
    assert seen["events"] == []
    assert seen["same"]


def test_an_unknown_name_is_an_attribute_error():
    import tripartite

    with pytest.raises(AttributeError, match="recordings"):
        _ = tripartite.recordings


@pytest.mark.parametrize(
    ("statement", "events", "same"),
    [
        ("import socket; socket.socket()", ["socket.__new__"], True),
        ("import random; random.random()", [], False),
        ("import warnings; warnings.simplefilter('ignore')", [], False),
        ("import logging; logging.basicConfig()", [], False),
        ("open(__import__('os').devnull, 'w').close()", ["open /dev/null"], True),
    ],
)
def test_the_watch_sees_what_an_import_must_not_do(statement, events, same):
    seen = observe(statement)
    assert (seen["events"], seen["same"]) == (events, same)
