import pytest
from hypothesis import given, strategies as st

from tripartite.core.section import Figure, Finding, Section, Source
from tripartite.errors import FileFormatError

text = st.text(max_size=20)
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
parameters = st.dictionaries(text, numbers | text | st.booleans() | st.lists(numbers, max_size=3))


@given(
    title=text,
    sources=st.lists(st.builds(Source, name=text, description=text, citation=text, sha256=text)),
    findings=st.lists(st.builds(Finding, name=text, value=text, unit=text, meaning=text)),
    figures=st.lists(st.builds(Figure, path=text, caption=text, alt=text)),
    parameters=parameters,
)
def test_a_section_comes_back_from_json_as_it_was(title, sources, findings, figures, parameters):
    section = Section(
        name="a",
        title=title,
        question="",
        sources=tuple(sources),
        findings=tuple(findings),
        figures=tuple(figures),
        parameters=parameters,
    )
    assert Section.from_json(section.to_json()) == section


def test_a_saved_section_is_loaded(tmp_path):
    section = Section(name="a", title="café ± 1 µm", question="?", seconds=1.5, peak_bytes=10)
    section.save(tmp_path / "section.json")
    assert Section.load(tmp_path / "section.json") == section


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"{}", b'{"name": 3, "title": "", "question": ""}', b"\xff"]
)
def test_text_that_is_no_section_is_refused(data):
    with pytest.raises(FileFormatError, match="run that part of the tour again"):
        Section.from_json(data)
