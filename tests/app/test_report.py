import base64
import re
from html.parser import HTMLParser

import pytest

from tripartite.app.report import write_report
from tripartite.core.section import Figure, Finding, Section, Source
from tripartite.errors import FileFormatError, InputError

# A whole PNG of one white pixel, from the PNG specification's minimal chunks.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP6DwABBQECz6AuzQAAAABJRU5ErkJggg=="
)


def make_section(**changes):
    filled = {
        "name": "spikes",
        "title": "Place cells",
        "question": "Where do cells fire?\n\nThey were asked on a track.",
        "sources": (
            Source(
                name="rat.mat", description="31 units", citation="A. Rat, MIT", sha256="f00d" * 16
            ),
        ),
        "findings": (
            Finding(name="Place cells", value="21", unit="of 31", meaning="Two in three cells."),
        ),
        "figures": (Figure(path="spikes/map.png", caption="Rate maps.", alt="Bright diagonal"),),
        "outputs": {"spikes/units of rat.csv": "one row per unit"},
        "parameters": {"bin_size": 0.02, "window": [-1, 2]},
        "seconds": 3.21,
        "peak_bytes": 250_000_000,
        "environment": {"date": "2026-01-02T03:04:05+00:00", "numpy": "2.4.6"},
    }
    return Section(**filled | changes)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "report" / "spikes").mkdir(parents=True)
    (tmp_path / "report" / "spikes" / "map.png").write_bytes(PNG)
    (tmp_path / "report" / "spikes" / "units of rat.csv").write_text("x" * 1234)
    return tmp_path / "report"


class Page(HTMLParser):
    """The elements of a page, their text, and whether every one is closed."""

    VOID = frozenset({"meta", "img", "br"})

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.words = [], [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    def find(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def read(folder, *sections, **options):
    return Page(write_report(sections, folder / "report.html", **options).read_text("utf-8"))


@pytest.mark.parametrize(
    "said",
    [
        "Place cells",
        "Where do cells fire?",
        "They were asked on a track.",
        "21 of 31",
        "Two in three cells.",
        "Rate maps.",
        "rat.mat",
        "A. Rat, MIT",
        "f00d" * 16,
        "one row per unit",
        "1.23 kB",
        "bin_size 0.02",
        "window [-1, 2]",
        "3.2 s",
        "250 MB",
        "2026-01-02T03:04:05+00:00",
        "numpy 2.4.6",
    ],
)
def test_the_page_says_all_that_a_section_knows(folder, said):
    assert said in read(folder, make_section()).text


def test_figures_are_part_of_the_page(folder):
    (image,) = read(folder, make_section()).find("img")
    kind, _, data = image["src"].partition(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(data) == PNG
    assert (image["width"], image["height"], image["alt"]) == ("1", "1", "Bright diagonal")


def test_the_page_needs_nothing_from_outside(folder):
    path = write_report([make_section()], folder / "report.html")
    page = Page(path.read_text("utf-8"))
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.elements}
    assert not re.search(r"https?://|url\(|@import", path.read_text("utf-8"))


def test_a_screen_reader_finds_its_way(folder):
    page = read(folder, make_section(), make_section(name="astrocytes"))
    assert page.find("html") == [{"lang": "en"}]
    assert len(page.find("h1")) == len(page.find("main")) == len(page.find("nav")) == 1
    assert all(cell["scope"] in ("col", "row") for cell in page.find("th"))
    anchors = {link["href"] for link in page.find("a") if link["href"].startswith("#")}
    assert anchors == {f"#{section['id']}" for section in page.find("section")}


def test_an_output_is_a_link_that_survives_spaces(folder):
    links = [link["href"] for link in read(folder, make_section()).find("a")]
    assert "spikes/units%20of%20rat.csv" in links


def test_an_output_that_is_a_folder_has_the_size_of_its_files(folder):
    (folder / "spikes" / "shards").mkdir()
    for name in "ab":
        (folder / "spikes" / "shards" / name).write_bytes(bytes(1000))
    assert "2 kB" in read(folder, make_section(outputs={"spikes/shards": "shards"})).text


@pytest.mark.parametrize(
    ("peak_bytes", "said"),
    [(7, "7 B"), (999, "999 B"), (1000, "1 kB"), (999_999, "1 MB"), (12_340_000_000, "12.3 GB")],
)
def test_sizes_are_short(folder, peak_bytes, said):
    assert f"at most {said} of memory" in read(folder, make_section(peak_bytes=peak_bytes)).text


@pytest.mark.parametrize("field", ["title", "question", "name"])
def test_text_cannot_become_markup(folder, field):
    page = read(folder, make_section(**{field: "<script>alert(1)</script>"}))
    assert not page.find("script")
    assert "<script>alert(1)</script>" in page.text or field == "name"


@pytest.mark.parametrize(
    "place", ["../secret.png", "{parent}/secret.png", "spikes/../../secret.png"]
)
@pytest.mark.parametrize("kind", ["figure", "output"])
def test_a_path_that_leaves_the_folder_is_refused(folder, place, kind):
    (folder.parent / "secret.png").write_bytes(PNG)
    place = place.format(parent=folder.parent)
    changes = (
        {"figures": (Figure(path=place, caption="", alt=""),)}
        if kind == "figure"
        else {"outputs": {place: ""}}
    )
    with pytest.raises(InputError, match="must lie in the folder of the report"):
        read(folder, make_section(**changes))
    assert not (folder / "report.html").exists()


def test_a_link_that_leaves_the_folder_is_refused(folder):
    (folder.parent / "secret.png").write_bytes(PNG)
    (folder / "spikes" / "map.png").unlink()
    (folder / "spikes" / "map.png").symlink_to(folder.parent / "secret.png")
    with pytest.raises(InputError, match="must lie in the folder of the report"):
        read(folder, make_section())


def test_a_missing_figure_is_named(folder):
    (folder / "spikes" / "map.png").unlink()
    with pytest.raises(InputError, match=r"map\.png.*Run its section again"):
        read(folder, make_section())


@pytest.mark.parametrize("data", [b"", b"GIF89a", PNG[:20]])
def test_a_figure_that_is_no_png_is_refused(folder, data):
    (folder / "spikes" / "map.png").write_bytes(data)
    with pytest.raises(FileFormatError, match="must be a PNG file"):
        read(folder, make_section())


def test_a_report_that_fails_leaves_the_older_one_whole(folder):
    before = write_report([make_section()], folder / "report.html").read_bytes()
    with pytest.raises(InputError):
        read(folder, make_section(outputs={"../x": ""}))
    assert (folder / "report.html").read_bytes() == before


def test_a_report_without_sections_says_so(folder):
    assert "No section has been finished yet" in read(folder).text


def test_failures_are_told(folder):
    page = read(folder, make_section(), failures={"astrocytes": "ValueError: a < b"})
    assert "The section “astrocytes” failed ValueError: a < b" in page.text
