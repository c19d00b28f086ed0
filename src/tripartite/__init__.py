"""Stream, predict, simulate and analyse the activity of neurons and astrocytes.

Every public name loads on first use, so that ``import tripartite`` costs next to nothing. The
names themselves stand in ``__init__.pyi``, which the type checker and the loader both read.
"""

import lazy_loader as _lazy

from tripartite._version import __version__ as __version__

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
