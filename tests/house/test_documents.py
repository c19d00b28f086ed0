"""What stands in the root of the repository is true."""

import doctest
import re
import subprocess
import sys

import pytest
from source import ROOT

TEXT_SUFFIXES = {".py", ".pyi", ".md", ".toml", ".txt", ".j2", ".json", ".yml", ".cfg", ".sh", ""}
# In pieces, so that this file does not find itself.
DEVELOPER = re.compile(
    "|".join(["/ho" + "me/", "/Us" + "ers/", "/ro" + "ot/", "/wo" + "rk/", r"[A-Z]:\\Us" + "ers"])
)


def read(name):
    return (ROOT / name).read_text("utf-8")


def list_tracked_files():
    run = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if run.returncode:
        pytest.skip("this is not a clone")
    return [ROOT / name for name in run.stdout.split("\0") if name]


def test_the_readme_names_exactly_the_commands_of_the_makefile():
    targets = set(re.search(r"^\.PHONY: (.*)$", read("Makefile"), re.MULTILINE).group(1).split())
    assert set(re.findall(r"\bmake ([a-z][\w-]*)", read("README.md"))) == targets
    for target in targets:
        assert re.search(rf"^{target}:", read("Makefile"), re.MULTILINE)


@pytest.mark.parametrize(("name", "lines"), [("CONTRIBUTING.md", 60), ("docs/architecture.md", 80)])
def test_a_page_stays_short(name, lines):
    assert 10 < len(read(name).splitlines()) <= lines


def test_the_examples_in_the_readme_give_what_they_say(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failed, tried = doctest.testfile(
        str(ROOT / "README.md"), module_relative=False, optionflags=flags
    )
    assert tried > 0
    assert failed == 0


@pytest.mark.parametrize(
    "page", sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]), ids=lambda p: p.name
)
def test_every_link_to_a_file_leads_somewhere(page):
    prose = re.sub(r"```.*?```|`[^`]*`", "", page.read_text("utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose)
    local = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_the_changes_of_the_current_version_are_told():
    import tripartite

    assert re.search(
        rf"^## \[?{re.escape(tripartite.__version__)}\b", read("CHANGELOG.md"), re.MULTILINE
    )


def test_no_file_knows_the_machine_of_a_developer():
    found = []
    for path in list_tracked_files():
        if path.suffix in TEXT_SUFFIXES and path.is_file():
            text = path.read_text("utf-8", errors="replace")
            found += [f"{path.relative_to(ROOT)}: {hit}" for hit in DEVELOPER.findall(text)]
    assert found == []


@pytest.mark.parametrize("place", ["/ho" + "me/ann/x", "/wo" + "rk/x", "C:\\Us" + "ers\\ann"])
def test_the_machine_of_a_developer_is_recognised(place):
    assert DEVELOPER.search(f"open('{place}')")


def test_the_root_holds_only_what_people_expect():
    expected = {
        "README.md", "LICENSE", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile", "pyproject.toml",
        "constraints.txt", "src", "tests", "docs", "benchmarks", "examples", ".gitignore", ".ci",
    }  # fmt: skip
    assert {path.relative_to(ROOT).parts[0] for path in list_tracked_files()} <= expected


@pytest.mark.parametrize("script", sorted((ROOT / "examples").glob("*.py")), ids=lambda p: p.name)
def test_an_example_runs_and_says_what_it_found(script, tmp_path):
    run = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:__main__", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip()
