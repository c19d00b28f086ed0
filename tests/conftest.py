"""What holds for every test: no screen, no network, no clock that makes a test fail."""

import os
import socket

import hypothesis
import pytest

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
