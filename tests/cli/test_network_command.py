import csv
import signal

import numpy as np
import pytest

from tripartite.core.recording import Recording
from tripartite.networks import Simulation
from tripartite.workflows import network_sweep

SMALL = ["--scale", 0.005, "--p", 0.2, "--duration", 0.04, "--warm-up", 0.01]
SCRIPT = """
from tripartite import networks as tn
duration, warm_up = 0.03, 0.01

def network(seed=1):
    net = tn.Network(seed=seed)
    cells = net.population("cells", tn.AdEx(I_e_pA=900.0), 3)
    net.record(cells, "V_m")
    return net
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "my_network.py"
    path.write_text(SCRIPT)
    return path


def test_the_example_network_leaves_a_report_with_all_its_files(tripartite, tmp_path):
    out = tmp_path / "run"
    answer = tripartite(
        "network", "run", "astrocyte-brunel", *SMALL, "--pool-size", 5, "--out", out
    )
    assert answer.code == 0, answer.err
    assert answer.err.splitlines() == [
        "simulating",
        "writing the recording",
        "measuring and drawing",
    ]
    assert "Rate of exc: " in answer.out
    assert answer.out.endswith(f"Report: {out / 'report.html'}\n")
    for name in ("recording.nwb", "raster.png", "dynamics.png", "firing.csv", "section.json"):
        assert (out / name).stat().st_size
    page = (out / "report.html").read_text()
    assert "A run of astrocyte-brunel" in page
    assert "40 exc (aeif_cond_alpha_astro)" in page


def test_a_file_of_the_user_is_run_with_its_times(tripartite, script, tmp_path):
    answer = tripartite("network", "run", script, "--seed", 5, "--out", tmp_path / "run")
    assert answer.code == 0, answer.err
    page = (tmp_path / "run" / "report.html").read_text()
    assert "A run of my_network" in page
    assert "ran for 0.03 s, after 0.01 s of warm-up" in page
    assert "V_m" in answer.out


def test_options_of_the_command_line_go_before_those_of_the_file(tripartite, script, tmp_path):
    out = tmp_path / "run"
    tripartite("network", "run", script, "--duration", 0.02, "--warm-up", 0, "--out", out)
    assert "ran for 0.02 s in steps" in (out / "report.html").read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["astrocyte-brunel", "--precision", "exakt"],
            "--precision must be one of 'exact', 'fast'",
        ),
        (["astrocyte-brunel", "--engine", "brian"], "--engine must be one of 'kernel', 'nest'"),
        (["astrocyte-brunel", "--scale", 0], "scale must leave"),
        (["astrocyte-brunel", "--scale", 0.01, "--duration", -1], "duration must be above 0 s"),
        (["astrocyte-brunell"], "'astrocyte-brunel' or a Python file"),
        (["SCRIPT", "--scale", 0.1, "--w-a2n", 1], "Got --scale, --w-a2n"),
    ],
)
def test_a_mistake_is_told_before_anything_is_written(
    tripartite, script, tmp_path, options, message
):
    options = [script if option == "SCRIPT" else option for option in options]
    answer = tripartite("network", "run", *options, "--out", tmp_path / "run")
    assert answer.code == 1
    assert message in answer.err
    assert not (tmp_path / "run").exists()


def press_ctrl_c(monkeypatch):
    """Press Ctrl-C at the end of the first chunk of a run."""
    start = Simulation.run

    def run(self, n_steps):
        for chunk in start(self, n_steps):
            yield chunk
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Simulation, "run", run)


def test_ctrl_c_keeps_what_was_recorded(tripartite, script, tmp_path, monkeypatch):
    out = tmp_path / "run"
    tripartite("network", "run", script, "--out", out)
    (out / "recording.nwb").unlink()
    press_ctrl_c(monkeypatch)
    answer = tripartite("network", "run", script, "--out", out)
    assert answer.code == 130
    assert f"what was recorded until then is in {out / 'recording.nwb'}" in answer.err
    assert "cells_V_m" in Recording.from_nwb(out / "recording.nwb").signals
    assert not (out / "section.json").exists()


def test_a_run_on_disk_goes_on_after_ctrl_c(tripartite, script, tmp_path, monkeypatch):
    command = ["network", "run", script, "--out", tmp_path / "a", "--record-to", tmp_path / "disk"]
    with monkeypatch.context() as patch:
        press_ctrl_c(patch)
        answer = tripartite(*command)
    assert answer.code == 130
    assert f"kept in {tmp_path / 'disk'}. To go on:" in answer.err
    assert f"tripartite network run {script} --out {tmp_path / 'a'} --record-to" in answer.err
    assert tripartite(*command).code == 0
    assert tripartite(*command[:4], tmp_path / "b").code == 0
    resumed, unbroken = (
        Recording.from_nwb(tmp_path / name / "recording.nwb").signals["cells_V_m"] for name in "ab"
    )
    np.testing.assert_array_equal(resumed.values, unbroken.values)


def test_a_sweep_writes_every_point_and_can_be_resumed(tripartite, tmp_path, monkeypatch):
    command = ["network", "sweep", *SMALL, "--w-a2n", "0,0.05", "--seeds", 1, "--out", tmp_path]
    run_point, n_run = network_sweep.run_point, []

    def stop_after_one(point, settings):
        if n_run:
            raise KeyboardInterrupt
        n_run.append(point)
        return run_point(point, settings)

    with monkeypatch.context() as patch:
        patch.setattr(network_sweep, "run_point", stop_after_one)
        answer = tripartite(*command, "--pool-size", "1,5")
    assert answer.code == 130
    assert f"kept in {tmp_path}. To go on:\n  tripartite network sweep" in answer.err
    assert len(list((tmp_path / "points").iterdir())) == 1
    answer = tripartite(*command, "--pool-size", "1,5")
    assert answer.code == 0, answer.err
    assert len(answer.err.splitlines()) == 4
    assert f"{tmp_path / 'sweep.png'}: mean over seeds" in answer.out
    with (tmp_path / "sweep.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 4


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--w-a2n", "0;1", "--w-a2n must be numbers with commas"),
        ("--pool-size", "1.5", "--pool-size must be numbers with commas"),
        ("--seeds", ",", "at least one weight, pool size and seed"),
        ("--precision", "rough", "--precision must be one of"),
    ],
)
def test_a_mistake_in_a_sweep_is_told(tripartite, tmp_path, option, value, message):
    answer = tripartite("network", "sweep", option, value, "--out", tmp_path / "study")
    assert answer.code == 1
    assert message in answer.err
    assert not (tmp_path / "study").exists()


def test_a_terminal_sees_simulated_time_and_what_is_left(tripartite, script, tmp_path, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    answer = tripartite("network", "run", script, "--out", tmp_path / "run")
    assert "of 0.04 s" in answer.err
