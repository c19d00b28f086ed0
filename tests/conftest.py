"""What holds for every test: no screen, no network, no clock that makes a test fail."""

import os
import socket
import sys
from dataclasses import dataclass

import hypothesis
import pytest

from tripartite.cli import DEBUG_VARIABLE, main

os.environ["MPLBACKEND"] = "Agg"

hypothesis.settings.register_profile("tripartite", deadline=None)
hypothesis.settings.load_profile("tripartite")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    connect = socket.socket.connect

    def connect_here(self, address):
        host = address[0] if isinstance(address, tuple) else "localhost"
        if host not in ("localhost", "127.0.0.1", "::1"):
            pytest.fail(f"a test must not need the network, but this one connects to {address}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)


@dataclass(frozen=True)
class Answer:
    """What a user sees of a command."""

    code: int
    out: str
    err: str


@pytest.fixture
def tripartite(monkeypatch, capsys):
    """Run the command line as the shell would."""
    monkeypatch.setenv(DEBUG_VARIABLE, "0")
    monkeypatch.setenv("NO_COLOR", "1")

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["tripartite", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        return Answer(stop.value.code or 0, *capsys.readouterr())

    return run
