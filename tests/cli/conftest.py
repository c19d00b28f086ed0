import sys
from dataclasses import dataclass

import pytest

from tripartite.cli import DEBUG_VARIABLE, main


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


@pytest.fixture
def tripartite(monkeypatch, capsys):
    """Run the command line as the shell would, and give back what the user sees."""
    monkeypatch.setenv(DEBUG_VARIABLE, "0")
    monkeypatch.setenv("NO_COLOR", "1")

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["tripartite", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        return Answer(stop.value.code or 0, *capsys.readouterr())

    return run
