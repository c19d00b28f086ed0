import os
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np
import pytest

from tripartite.core.section import Section
from tripartite.errors import InputError
from tripartite.workflows.tour import _registry
from tripartite.workflows.tour._registry import (
    TourSection,
    choose_sections,
    find_sections,
    section,
)
from tripartite.workflows.tour._runner import load_sections, run_sections


def make_part(run, name="movies"):
    return TourSection(name=name, title=f"About {name}", order=1, run=run)


def finish(out, report):
    return Section(name=out.name, title="", question="?")


def ignore(part, message):
    pass


@pytest.fixture
def registry(monkeypatch):
    monkeypatch.setattr(_registry, "_sections", {})
    return _registry._sections


@pytest.mark.parametrize("name", ["astrocytes", "network", "spikes"])
def test_the_tour_has_a_section_per_science(name):
    assert name in [part.name for part in find_sections()]


def test_every_module_of_the_folder_is_a_section():
    from tripartite.workflows import tour

    (folder,) = tour.__path__
    modules = {name[:-3] for name in os.listdir(folder) if name.endswith(".py") and name[0] != "_"}
    assert modules == {part.run.__module__.rpartition(".")[2] for part in find_sections()}


def test_sections_come_in_their_order(registry):
    find_sections()  # so that only the sections below are added from here on
    registry.clear()
    for order, name in ((30, "a"), (10, "z"), (20, "m"), (20, "b")):
        section(name=name, title="", order=order)(finish)
    assert [part.name for part in find_sections()] == ["z", "b", "m", "a"]


def test_two_sections_cannot_have_one_name(registry):
    section(name="movies", title="", order=1)(finish)

    def other(out, report):
        raise AssertionError

    other.__module__ = "elsewhere"
    with pytest.raises(InputError, match="'movies' from both"):
        section(name="movies", title="", order=1)(other)
    assert registry["movies"].run is finish


def test_a_module_that_is_loaded_again_replaces_its_section(registry):
    for _ in range(2):
        section(name="movies", title="", order=1)(finish)
    assert list(registry) == ["movies"]


def test_choosing_nothing_chooses_all():
    assert choose_sections() == find_sections()


def test_choosing_keeps_the_order_of_the_tour():
    names = [part.name for part in find_sections()]
    assert [part.name for part in choose_sections([*reversed(names), *names])] == names


def test_a_finished_section_knows_time_memory_and_versions(tmp_path):
    def work(out, report):
        block = np.ones(12_500_000)  # 100 MB
        time.sleep(0.05)
        return Section(name="wrong", title="wrong", question=f"{block.sum():.0f}?")

    run_sections([make_part(work)], tmp_path, report=ignore)
    saved = Section.load(tmp_path / "movies" / "section.json")
    assert (saved.name, saved.title, saved.question) == ("movies", "About movies", "12500000?")
    assert 0.05 <= saved.seconds < 5
    assert saved.peak_bytes > 100_000_000
    assert saved.environment["numpy"] == np.__version__


@pytest.mark.skipif(not os.access("/proc/self/clear_refs", os.W_OK), reason="needs Linux")
def test_the_memory_of_one_section_is_not_counted_in_the_next(tmp_path):
    def work(out, report):
        np.ones(25_000_000 if out.name == "large" else 1).sum()
        return finish(out, report)

    run_sections([make_part(work, "large"), make_part(work, "small")], tmp_path, report=ignore)
    large, small = load_sections(tmp_path, ["large", "small"])[0]
    assert large.peak_bytes - small.peak_bytes > 150_000_000


def test_a_section_that_is_cut_short_is_not_shown_as_finished(tmp_path):
    run_sections([make_part(finish)], tmp_path, report=ignore)

    def interrupt(out, report):
        raise KeyboardInterrupt

    outcome = run_sections([make_part(interrupt)], tmp_path, report=ignore)
    assert outcome.remaining == ["movies"]
    assert load_sections(tmp_path) == ((), {})


def test_a_killed_tour_keeps_its_finished_sections(tmp_path):
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from tripartite.core.section import Section\n"
        "from tripartite.workflows.tour._registry import TourSection\n"
        "from tripartite.workflows.tour._runner import run_sections\n"
        "done = lambda out, report: Section(name=out.name, title='', question='')\n"
        "die = lambda out, report: os.kill(os.getpid(), signal.SIGKILL)\n"
        "parts = [TourSection(name=n, title='', order=0, run=r)"
        " for n, r in [('first', done), ('second', die)]]\n"
        "run_sections(parts, Path(sys.argv[1]), report=print)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, tmp_path], check=False).returncode == -9
    sections, failures = load_sections(tmp_path)
    assert [part.name for part in sections] == ["first"]
    assert failures == {}


def test_sections_of_another_tour_come_last(tmp_path):
    for name in ("zebra", "middle", "apple"):
        run_sections([make_part(finish, name)], tmp_path, report=ignore)
    sections, _ = load_sections(tmp_path, ["zebra", "missing"])
    assert [part.name for part in sections] == ["zebra", "apple", "middle"]


@dataclass
class Steps:
    said: list[tuple[str, str]]

    def __call__(self, part, message):
        self.said.append((part.name, message))


def test_the_user_is_told_what_a_section_does(tmp_path):
    def work(out, report):
        report("reading")
        report("counting")
        return finish(out, report)

    steps = Steps([])
    run_sections([make_part(work)], tmp_path, report=steps)
    assert steps.said == [("movies", "reading"), ("movies", "counting")]


@pytest.mark.slow
def test_the_whole_tour_runs_twice_into_one_folder(tmp_path):
    from tripartite.app.report import write_report

    for _ in range(2):
        outcome = run_sections(find_sections(), tmp_path, report=ignore)
        assert outcome.failures == {}
    sections, failures = load_sections(tmp_path)
    assert failures == {}
    assert {"astrocytes", "spikes"} <= {part.name for part in sections}
    for part in sections:
        assert part.findings
        assert part.figures
        assert all(source.citation and len(source.sha256) == 64 for source in part.sources)
        assert all(figure.alt and figure.caption for figure in part.figures)
        assert all((tmp_path / output).exists() for output in part.outputs)
    assert write_report(sections, tmp_path / "report.html").stat().st_size > 50_000
