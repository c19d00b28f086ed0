from ._version import __version__ as __version__
from .core.provenance import Provenance as Provenance
from .core.recording import Recording as Recording
from .errors import TripartiteError as TripartiteError
from .streams.array_kind import Array as Array
from .streams.batches import Batch as Batch, collate as collate
from .streams.dataset import Dataset as Dataset, load_dataset as load_dataset
from .streams.laws import check_lens_laws as check_lens_laws
from .streams.lenses import Lens as Lens, find_lens as find_lens, forget_lens as forget_lens, lens as lens
from .streams.samples import DictSample as DictSample, pack as pack, packable as packable, unpack as unpack
from .streams.schema import Schema as Schema, schema_of as schema_of
from .streams.servers import Remote as Remote
from .streams.stream import Stream as Stream
from .streams.writer import write_samples as write_samples
