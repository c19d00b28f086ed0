"""Typed datasets: samples, shards, lenses, and the streams that read them."""

from tripartite.streams.dataset import Dataset, load_dataset
from tripartite.streams.laws import check_lens_laws
from tripartite.streams.lenses import Lens, find_lens, forget_lens, lens
from tripartite.streams.samples.array_kind import Array
from tripartite.streams.samples.batches import Batch, collate
from tripartite.streams.samples.codec import pack, unpack
from tripartite.streams.samples.sample import DictSample, packable
from tripartite.streams.samples.schema import Schema, schema_of
from tripartite.streams.shards.servers import Remote
from tripartite.streams.shards.skipping import Skipped
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
