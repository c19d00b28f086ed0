"""The picture of the README: two figures of the tour, one above the other.

``tripartite tour && python docs/images/make_tour_image.py tour-report``
"""

import sys
from pathlib import Path

import numpy as np
from matplotlib.image import imread, imsave

FIGURES = ("astrocytes/mean_event.png", "spikes/example_cells.png")


def main(report: Path) -> None:
    """Write tour.png beside this file, from the figures of a report."""
    pictures = [imread(report / name)[..., :3] for name in FIGURES]
    width = max(picture.shape[1] for picture in pictures)
    padded = [
        np.pad(picture, ((0, 30), (0, width - picture.shape[1]), (0, 0)), constant_values=1)
        for picture in pictures
    ]
    imsave(Path(__file__).parent / "tour.png", np.concatenate(padded))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
