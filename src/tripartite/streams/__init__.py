"""Typed datasets: samples, shards, lenses, and the streams that read them."""

from tripartite.streams.array_kind import Array
from tripartite.streams.batches import Batch, collate
from tripartite.streams.dataset import Dataset, load_dataset
from tripartite.streams.laws import check_lens_laws
from tripartite.streams.lenses import Lens, find_lens, forget_lens, lens
from tripartite.streams.samples import DictSample, pack, packable, unpack
from tripartite.streams.schema import Schema, schema_of
from tripartite.streams.servers import Remote
from tripartite.streams.skipping import Skipped
from tripartite.streams.stream import Stream
from tripartite.streams.writer import write_samples

__all__ = [
    "Array",
    "Batch",
    "Dataset",
    "DictSample",
    "Lens",
    "Remote",
    "Schema",
    "Skipped",
    "Stream",
    "check_lens_laws",
    "collate",
    "find_lens",
    "forget_lens",
    "lens",
    "load_dataset",
    "pack",
    "packable",
    "schema_of",
    "unpack",
    "write_samples",
]
