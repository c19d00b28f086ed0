from __future__ import annotations

import itertools

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.image import imread

from tripartite.plots import style


def luminance(color):
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in mpl.colors.to_rgb(color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_figure_has_the_size_that_was_asked_for(tmp_path):
    path = tmp_path / "figure.png"
    with style.drawing(path, width=4, height=2, dpi=100) as (_, ax):
        ax.plot([1, 2])
    assert imread(path).shape[:2] == (200, 400)
    assert [file.name for file in tmp_path.iterdir()] == ["figure.png"]


def test_the_same_data_give_the_same_bytes(tmp_path):
    for name in ("a.png", "b.png"):
        with style.drawing(tmp_path / name) as (_, ax):
            ax.plot([1, 2])
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_drawing_that_fails_leaves_nothing_and_spoils_no_settings(tmp_path):
    before = dict(mpl.rcParams)

    def draw():
        with style.drawing(tmp_path / "figure.png"):
            raise RuntimeError("while drawing")

    with pytest.raises(RuntimeError):
        draw()
    assert list(tmp_path.iterdir()) == []
    assert dict(mpl.rcParams) == before


def test_colours_differ_in_hue_and_neighbours_in_luminance():
    rgb = np.array([mpl.colors.to_rgb(color) for color in style.CYCLE])
    for first, second in itertools.combinations(rgb, 2):
        assert np.abs(first - second).max() > 0.2
    assert abs(luminance(style.BLUE) - luminance(style.ORANGE)) > 0.2


def test_panels_get_letters_in_reading_order(tmp_path):
    with style.drawing(tmp_path / "figure.png", n_columns=3) as (_, axes):
        style.label_panels(axes)
        assert [ax.get_title(loc="left") for ax in axes] == ["a", "b", "c"]
