from tripartite.core.recording import Recording as Recording
from tripartite.core.section import Section as Section
