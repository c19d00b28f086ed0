"""Conversion: any readable shards into shards of this library, keys kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tripartite.streams.dataset import Dataset
from tripartite.streams.samples.arrays import Layout
from tripartite.streams.samples.codec import codec_of
from tripartite.streams.samples.sample import DictSample
from tripartite.streams.shards.sources import Source
from tripartite.streams.writer import write_packed


def convert(
    source: Source,
    path: str | os.PathLike[str],
    *,
    layout: Layout = "npy",
    maxcount: int | None = None,
    maxsize: int | None = None,
    overwrite: bool = False,
    report: Callable[[int], None] | None = None,
) -> Dataset[DictSample]:
    """Write the samples of any readable shards anew: one packed member each, with an index.

    Members of plain WebDataset samples become fields named by the part before the dot
    (``image.npy`` becomes ``image``), unless two would get the same name.

    Parameters
    ----------
    source : str, path, or iterable of them
        See `tripartite.streams.shards.sources.find_shards`.
    path, layout, maxcount, maxsize, overwrite
        As for `tripartite.streams.write_samples`.
    report : callable, optional
        Gets the number of samples that are written.

    Returns
    -------
    Dataset
        What was written.
    """
    dataset = Dataset[Any](source, DictSample)
    codec = codec_of(DictSample)

    def packed() -> Iterator[tuple[str, list[Any]]]:
        pairs = zip(dataset.keys(), dataset.ordered(), strict=True)
        for n_done, (key, sample) in enumerate(pairs):
            yield key, codec.encode(_with_short_names(sample), layout)
            if report is not None:
                report(n_done + 1)

    written = write_packed(packed(), Path(path), maxcount, maxsize, overwrite=overwrite)
    return Dataset(written, DictSample)


def _with_short_names(sample: DictSample) -> DictSample:
    short = [name.partition(".")[0] for name in sample]
    if len(set(short)) < len(short):
        return sample
    return DictSample(dict(zip(short, sample.values(), strict=True)))
