import signal
from pathlib import Path

import pytest

from tripartite.core.section import Section
from tripartite.errors import InputError
from tripartite.workflows.tour import _registry
from tripartite.workflows.tour._registry import TourSection


def succeed(out, report):
    report("working")
    (out / "table.csv").write_text("cell,rate\n1,2.0\n")
    return Section(
        name=out.name,
        title="T",
        question=f"Asked {out.name}?",
        outputs={f"{out.name}/table.csv": "rates"},
    )


def fail(out, report):
    raise InputError("The file must hold spikes", got="<nothing>")


def interrupt(out, report):
    signal.raise_signal(signal.SIGINT)


@pytest.fixture
def sections(monkeypatch):
    """Replace the sections of the tour."""

    def replace(**runs):
        parts = tuple(
            TourSection(name=name, title=f"About {name}", order=order, run=run)
            for order, (name, run) in enumerate(runs.items())
        )
        monkeypatch.setattr(_registry, "find_sections", lambda: parts)

    return replace


def test_every_section_stands_in_the_report(tripartite, sections, tmp_path):
    sections(spikes=succeed, astrocytes=succeed)
    answer = tripartite("tour", "--out", tmp_path / "new" / "tour")
    report = tmp_path / "new" / "tour" / "report.html"
    assert answer.code == 0
    assert answer.out == f"Report: {report}\n"
    page = report.read_text()
    assert page.index("Asked spikes?") < page.index("Asked astrocytes?")
    assert answer.err.splitlines() == [
        "spikes: working", "astrocytes: working", "spikes: finished", "astrocytes: finished",
    ]  # fmt: skip


def test_the_report_is_named_by_its_absolute_path(tripartite, sections, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sections(spikes=succeed)
    answer = tripartite("tour")
    assert Path(answer.out.removeprefix("Report: ").strip()) == tmp_path / "tour-report/report.html"


def test_only_refreshes_one_section_and_keeps_the_others(tripartite, sections, tmp_path):
    sections(spikes=succeed, astrocytes=succeed)
    tripartite("tour", "--out", tmp_path)
    before = (tmp_path / "spikes" / "section.json").stat().st_mtime_ns
    answer = tripartite("tour", "--out", tmp_path, "--only", "astrocytes")
    assert "spikes" not in answer.err
    assert (tmp_path / "spikes" / "section.json").stat().st_mtime_ns == before
    assert "Asked spikes?" in (tmp_path / "report.html").read_text()


def test_an_unknown_section_is_refused_before_anything_runs(tripartite, sections, tmp_path):
    sections(spikes=succeed, astrocytes=succeed)
    answer = tripartite("tour", "--out", tmp_path / "tour", "--only", "spikes", "--only", "spike")
    assert answer.code == 1
    assert "one of 'spikes', 'astrocytes'" in answer.err
    assert "Did you mean 'spikes'" in answer.err
    assert not (tmp_path / "tour").exists()


def test_a_failing_section_costs_none_of_the_others(tripartite, sections, tmp_path):
    sections(broken=fail, spikes=succeed)
    answer = tripartite("tour", "--out", tmp_path)
    assert answer.code == 1
    assert "broken: FAILED. InputError: The file must hold spikes." in answer.err
    page = (tmp_path / "report.html").read_text()
    assert "The section “broken” failed" in page
    assert "&lt;nothing&gt;" in page
    assert "Asked spikes?" in page
    assert "Traceback" in (tmp_path / "broken" / "error.txt").read_text()


@pytest.mark.parametrize("error", [ZeroDivisionError, MemoryError, OSError, RuntimeError])
def test_whatever_goes_wrong_in_a_section_stays_in_it(tripartite, sections, tmp_path, error):
    def break_down(out, report):
        raise error("too bad")

    sections(broken=break_down, spikes=succeed)
    answer = tripartite("tour", "--out", tmp_path)
    assert answer.code == 1
    assert f"broken: FAILED. {error.__name__}: too bad" in answer.err
    assert "Asked spikes?" in (tmp_path / "report.html").read_text()


def test_a_section_that_works_again_forgets_its_failure(tripartite, sections, tmp_path):
    sections(spikes=fail)
    tripartite("tour", "--out", tmp_path)
    sections(spikes=succeed)
    assert tripartite("tour", "--out", tmp_path).code == 0
    assert not (tmp_path / "spikes" / "error.txt").exists()
    assert "The section “spikes” failed" not in (tmp_path / "report.html").read_text()


def test_a_failure_stays_in_the_report_until_the_section_runs_again(tripartite, sections, tmp_path):
    sections(broken=fail, spikes=succeed)
    tripartite("tour", "--out", tmp_path)
    tripartite("tour", "--out", tmp_path, "--only", "spikes")
    page = (tmp_path / "report.html").read_text()
    assert "The section “broken” failed" in page
    assert "The file must hold spikes" in page


def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(tripartite, sections, tmp_path):
    sections(spikes=succeed, astrocytes=interrupt, movies=succeed)
    out = tmp_path / "my tour"
    answer = tripartite("tour", "--out", out)
    assert answer.code == 130
    assert f"tripartite tour --out '{out}' --only astrocytes --only movies" in answer.err
    page = (out / "report.html").read_text()
    assert "Asked spikes?" in page
    assert "Asked movies?" not in page


def test_a_saved_section_that_is_broken_is_named_in_the_report(tripartite, sections, tmp_path):
    sections(spikes=succeed)
    (tmp_path / "older").mkdir()
    (tmp_path / "older" / "section.json").write_text("{")
    tripartite("tour", "--out", tmp_path)
    assert "The section “older” failed" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize("out", ["file", "file/below", "/proc/tour"])
def test_a_folder_that_cannot_be_written_is_a_clear_error(tripartite, sections, tmp_path, out):
    sections(spikes=succeed)
    (tmp_path / "file").touch()
    answer = tripartite("tour", "--out", tmp_path / out)
    assert answer.code == 1
    assert str(tmp_path / out) in answer.err
    assert "Choose another: tripartite tour --out FOLDER" in answer.err


def test_a_terminal_sees_one_line_that_is_redrawn(tripartite, sections, tmp_path, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    sections(spikes=succeed)
    answer = tripartite("tour", "--out", tmp_path)
    assert "\r\x1b[2Kspikes: working" in answer.err
    assert "0/1" in answer.err
    assert answer.out == f"Report: {tmp_path / 'report.html'}\n"
