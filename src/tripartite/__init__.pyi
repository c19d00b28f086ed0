from ._version import __version__ as __version__
from .core.provenance import Provenance as Provenance
from .core.recording import Recording as Recording
from .errors import TripartiteError as TripartiteError
from .streams.dataset import Dataset as Dataset, load_dataset as load_dataset
from .streams.laws import check_lens_laws as check_lens_laws
from .streams.lenses import (
    Lens as Lens,
    find_lens as find_lens,
    forget_lens as forget_lens,
    lens as lens,
)
from .streams.samples.array_kind import Array as Array
from .streams.samples.batches import Batch as Batch, collate as collate
from .streams.samples.codec import pack as pack, unpack as unpack
from .streams.samples.sample import DictSample as DictSample, packable as packable
from .streams.samples.schema import Schema as Schema, schema_of as schema_of
from .streams.shards.servers import Remote as Remote
from .streams.stream import Stream as Stream
from .streams.writer import write_samples as write_samples
