"""What a run tells on the terminal, and that it is silent elsewhere."""

import io
import sys
import threading

import pytest
from rich.console import Console

from tripartite import networks as tn
from tripartite.networks.interruption import waiting_interrupts
from tripartite.networks.progress import describe_progress, show_progress


@pytest.mark.parametrize(
    ("simulated", "duration", "speed", "said"),
    [
        (0.0, 10.0, None, "0.00 of 10 s"),
        (2.5, 10.0, 0.05, "2.50 of 10 s, 0.05 x real time, 0:02:30 left"),
        (1.0, 1.5, 2.0, "1.00 of 1.5 s, 2 x real time, 0:00:00 left"),
        (10.0, 100000.0, 1.0, "10.00 of 100000 s, 1 x real time, 1 day, 3:46:30 left"),
        (3.0, 3.0, 0.0, "3.00 of 3 s"),
    ],
)
def test_progress_is_said_in_words(simulated, duration, speed, said):
    assert describe_progress(simulated, duration, speed) == said


def test_a_terminal_shows_how_far_a_run_is():
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100, color_system=None)
    with show_progress(4.0, start=1.0, console=console) as tell:
        for seconds in (2.0, 2.5, 3.0):
            tell(seconds)
    shown = screen.getvalue()
    assert "3.00 of 4 s" in shown
    assert "x real time" in shown
    assert "left" in shown


def test_nothing_is_shown_where_there_is_no_terminal(capfd):
    net = tn.Network(seed=1)
    net.population("neurons", tn.AdEx(), 2)
    tn.simulate(net, 0.01, progress=True)
    assert capfd.readouterr() == ("", "")


def test_a_terminal_is_told_of_a_resumed_run(tmp_path, monkeypatch):
    def describe():
        net = tn.Network(seed=1)
        net.population("neurons", tn.AdEx(), 2)
        return net

    told = []

    class Screen:
        def __init__(self, duration, *, start):
            told.append((duration, start))

        def __enter__(self):
            return told.append

        def __exit__(self, *error):
            told.append("end")

    # The name of the module is that of the function, too.
    monkeypatch.setattr(sys.modules["tripartite.networks.simulate"], "show_progress", Screen)
    tn.simulate(describe(), 0.01, record_to=tmp_path)
    tn.simulate(describe(), 0.02, record_to=tmp_path, progress=True)
    assert told[0] == pytest.approx((0.02, 0.01))
    assert told[-2:] == [pytest.approx(0.02), "end"]


def test_a_run_in_another_thread_needs_no_signals():
    seen = []

    def run():
        with waiting_interrupts() as pressed:
            seen.append(pressed())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [False]
