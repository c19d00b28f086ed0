from ._version import __version__ as __version__
from .core.provenance import Provenance as Provenance
from .core.recording import Recording as Recording
from .errors import TripartiteError as TripartiteError
from .streams.array_kind import Array as Array
from .streams.batches import Batch as Batch
from .streams.batches import collate as collate
from .streams.dataset import Dataset as Dataset
from .streams.dataset import load_dataset as load_dataset
from .streams.laws import check_lens_laws as check_lens_laws
from .streams.lenses import (
    Lens as Lens,
)
from .streams.lenses import (
    find_lens as find_lens,
)
from .streams.lenses import (
    forget_lens as forget_lens,
)
from .streams.lenses import (
    lens as lens,
)
from .streams.samples import (
    DictSample as DictSample,
)
from .streams.samples import (
    pack as pack,
)
from .streams.samples import (
    packable as packable,
)
from .streams.samples import (
    unpack as unpack,
)
from .streams.schema import Schema as Schema
from .streams.schema import schema_of as schema_of
from .streams.servers import Remote as Remote
from .streams.stream import Stream as Stream
from .streams.writer import write_samples as write_samples
