"""Every test of streams has a cache of its own."""

import pytest


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "the cache"
    monkeypatch.setenv("TRIPARTITE_CACHE", str(folder))
    monkeypatch.delenv("TRIPARTITE_CACHE_BYTES", raising=False)
    return folder
