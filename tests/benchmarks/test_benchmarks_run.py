"""The benchmarks run; what they measure is read by people."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_every_benchmark_runs_on_small_data():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for title in ("write", "open", "ordered", "shuffled", "64 random samples"):
        assert f"tripartite: {title}" in done.stdout
