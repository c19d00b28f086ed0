import os
import subprocess
import sys

import pytest
import typer

import tripartite
from tripartite.cli import DEBUG_VARIABLE, app
from tripartite.errors import InputError

SLOW_TO_LOAD = [
    "numpy",
    "pandas",
    "numba",
    "pynapple",
    "xarray",
    "matplotlib",
    "torch",
    "pynwb",
    "scipy",
    "jinja2",
    "rich.table",
]


@pytest.fixture
def failing(monkeypatch):
    """Add a command `fail` that raises what it is given."""

    def add(error):
        other = typer.Typer(pretty_exceptions_enable=False)
        other.callback()(app.set_options)

        @other.command()
        def fail():
            raise error

        monkeypatch.setattr(app, "app", other)

    return add


def test_the_version_is_that_of_the_package(tripartite):
    assert tripartite("--version").out == f"tripartite {__import__('tripartite').__version__}\n"


def test_the_version_is_shown_without_loading_anything_slow():
    code = (
        "import sys; sys.argv = ['tripartite', '--version']\n"
        "from tripartite.cli import main\n"
        "try: main()\n"
        f"finally: print(sorted(set({SLOW_TO_LOAD}) & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == [f"tripartite {tripartite.__version__}", "[]"]


def test_help_names_every_command(tripartite):
    answer = tripartite("--help")
    assert answer.code == 0
    assert {"tour", "doctor", "data"} <= set(answer.out.split())


def test_an_error_of_ours_is_a_sentence_without_a_traceback(tripartite, failing):
    failing(InputError("The rate must be positive", got="[bold]-1[/bold]", do="Pass rate=30"))
    answer = tripartite("fail")
    assert answer.code == 1
    assert answer.err == "Error: The rate must be positive. Got [bold]-1[/bold]. Pass rate=30.\n"
    assert answer.out == ""


@pytest.mark.parametrize("how", ["option", "variable"])
def test_debugging_shows_where_an_error_came_from(tripartite, failing, monkeypatch, how):
    failing(InputError("The rate must be positive"))
    monkeypatch.setenv(DEBUG_VARIABLE, str(int(how == "variable")))
    arguments = ["--debug", "fail"] if how == "option" else ["fail"]
    with pytest.raises(InputError):
        tripartite(*arguments)
    assert os.environ[DEBUG_VARIABLE] == "1"


def test_an_error_that_is_not_ours_keeps_its_traceback(tripartite, failing):
    failing(ZeroDivisionError("a defect"))
    with pytest.raises(ZeroDivisionError):
        tripartite("fail")


def test_ctrl_c_exits_as_the_shell_expects(tripartite, failing):
    failing(KeyboardInterrupt())
    assert tripartite("fail").code == 130


def test_a_wrong_command_is_an_error_of_usage(tripartite):
    answer = tripartite("toor")
    assert answer.code == 2
    assert "toor" in answer.err
