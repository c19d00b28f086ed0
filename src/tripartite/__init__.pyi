from .core.recording import Recording as Recording
from .core.section import Section as Section
