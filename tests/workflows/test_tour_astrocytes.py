from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

import tripartite as tp
from tripartite.core.section import Section
from tripartite.io import bundled
from tripartite.io.astrocyte_snippets import read_astrocyte_snippets
from tripartite.workflows.tour import astrocytes


@pytest.fixture(scope="module")
def tour(tmp_path_factory):
    out = tmp_path_factory.mktemp("report") / "astrocytes"
    out.mkdir()
    steps: list[str] = []
    start = time.process_time()
    section = astrocytes.run(out, steps.append)
    return out, section, steps, time.process_time() - start


def test_the_section_is_quick_and_says_what_it_does(tour):
    _, _, steps, seconds = tour
    assert seconds < 20
    assert len(steps) == len(set(steps)) == 4


def test_every_file_that_the_section_names_is_there(tour):
    out, section, _, _ = tour
    for path in section.outputs:
        assert (out.parent / path).exists(), path
    for figure in section.figures:
        image = imread(out.parent / figure.path)
        assert image.shape[1] == 1080
        assert image[..., :3].std() > 0.02
        assert figure.caption
        assert figure.alt
    assert Section.from_json(section.to_json()).findings == section.findings


def test_the_shards_hold_the_recordings_unchanged(tour):
    out, _, _, _ = tour
    streamed = tp.Dataset[astrocytes.Snippet](str(out / "shards" / "snippets-*.tar"))
    assert len(streamed) == 280 + 218
    raw = read_astrocyte_snippets(bundled.path(astrocytes.RAW))
    for snippet in streamed.select([0, 240, 279]):
        np.testing.assert_array_equal(snippet.trace, raw[snippet.snippet_id])
    lines = tp.Dataset[astrocytes.ScanLine](str(out / "shards" / "lines-*.tar"))
    assert len(lines) == 1000
    assert lines[352].line == 352
    assert "F/F0" in str(streamed.schema)


def test_the_tables_hold_every_event(tour):
    out, section, _, _ = tour
    table = pd.read_parquet(out / "events.parquet")
    pd.testing.assert_frame_equal(table, pd.read_csv(out / "events.csv"), check_exact=False)
    assert f"{len(table)} events" in section.findings[0].meaning
    assert table["trace"].nunique() == int(section.findings[0].value.split()[0])
    assert (table["zscore"] >= 4).all()


def test_far_more_events_are_found_than_noise_gives(tour):
    _, section, _, _ = tour
    found = {finding.name: finding.value for finding in section.findings}
    n_false = float(found["Events that noise alone gives"].split()[0])
    assert n_false < 10
    assert int(found["Snippets with an event"].split()[0]) > 15 * n_false


def test_the_line_scan_gives_the_known_numbers(tour):
    _, section, _, _ = tour
    plain = next(finding for finding in section.findings if "all pixels" in finding.name)
    assert plain.value == "0.545 before, 1.42 at line 352"


def test_a_second_run_replaces_the_first_and_finds_the_same(tour):
    out, section, _, _ = tour
    again = astrocytes.run(out, lambda _: None)
    assert again.findings == section.findings
