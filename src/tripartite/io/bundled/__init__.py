"""Real recordings that are shipped with the package, checked before every use.

All are public and under the MIT licence; ``ATTRIBUTION.md`` beside the files holds the notices.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from tripartite.core.checks import check_option
from tripartite.core.section import Source
from tripartite.errors import FileFormatError

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where bundled recordings come from.

    Parameters
    ----------
    repository : str
        Address of the public repository.
    commit : str
        Commit that the files were taken from.
    licence : str
        SPDX name of the licence.
    authors : str
        Whom to credit, and the publication where there is one.
    """

    repository: str
    commit: str
    licence: str
    authors: str

    def __str__(self) -> str:
        return f"{self.authors} ({self.repository}, commit {self.commit}, {self.licence} licence)"


@dataclass(frozen=True, kw_only=True)
class BundledRecording:
    """A recording file that is shipped with the package.

    Parameters
    ----------
    name : str
        Name of the file.
    description : str
        What it holds, and what it does not say.
    origin : Origin
        Where it comes from.
    original_path : str
        Path of the file in its repository.
    sha256 : str
        Digest that the file must have, in hexadecimal.
    """

    name: str
    description: str
    origin: Origin
    original_path: str
    sha256: str

    @property
    def citation(self) -> str:
        """Authors, repository, path, commit and licence in one sentence."""
        return f"{self.origin}: {self.original_path}"


_SCHROEDER = Origin(
    repository="https://github.com/schroeme/AstrocyteCaAnalysis",
    commit="d64fdd9b64fa",
    licence="MIT",
    authors="Margaret E. Schroeder et al. (2019), bioRxiv 798611",
)
_HARDEN = Origin(
    repository="https://github.com/swharden/ROI-Analysis-Pipeline",
    commit="a6004b3953dc",
    licence="MIT",
    authors="Scott W Harden and Beronica Ocasio",
)
_NELPY = Origin(
    repository="https://github.com/nelpy/example-data",
    commit="099548c0608f",
    licence="MIT",
    authors="The nelpy authors",
)

_RECORDINGS = {
    recording.name: recording
    for recording in (
        BundledRecording(
            name="raw_astrotrace_snippets.mat",
            description="280 fluorescence snippets (F/F0) of astrocytes in mixed cortical cultures "
            "(81 to 645 samples), cut around candidate peaks; the sampling rate is not in the file",
            origin=_SCHROEDER,
            original_path="astrocyteCa/AstroEventDetectionDev/raw_astrotrace_snippets.mat",
            sha256="a9558fd92cf59b36e0e5914f70f1e15fdf924aa4fb33ef96fdcf046d6778a9f0",
        ),
        BundledRecording(
            name="processed_astrotracelib2.mat",
            description="218 smoothed fluorescence snippets (F/F0) of astrocytes, 41 to 647 "
            "samples; the sampling rate is not in the file",
            origin=_SCHROEDER,
            original_path="astrocyteCa/AstroEventDetectionDev/processed_astrotracelib2.mat",
            sha256="18cf6f03d44384a33ef8d7f3576bfea567d64310d3d15f6c2e713260550b598d",
        ),
        BundledRecording(
            name="linescan_green.tif",
            description="Two-photon line scan, 1000 lines of 131 pixels, green channel (calcium "
            "indicator), probably of a neuron: the file does not say, its repository describes "
            "neurons filled with Fluo-5F and Alexa Fluor 594; the line period is not in the file",
            origin=_HARDEN,
            original_path="data/linescan/example/green.tif",
            sha256="df2be69db5a9c9d36411164c7e5a0c3ee02825265731eda651450ceba59f50e3",
        ),
        BundledRecording(
            name="linescan_red.tif",
            description="Two-photon line scan, 1000 lines of 131 pixels, red channel (structural "
            "dye) of the same lines",
            origin=_HARDEN,
            original_path="data/linescan/example/red.tif",
            sha256="90eb0a5f2b422d24f0b45564f00f112a9e99f595b0e534cdcbae12c0db7eea4c",
        ),
        BundledRecording(
            name="linear_spikes.mat",
            description="Spike times of 31 sorted units of rat CA1 during 16 minutes of running on "
            "a linear track and 16 minutes of rest",
            origin=_NELPY,
            original_path="linear-track/spikes.mat",
            sha256="615b05a9228a5eaea7f99d5fc5b11848a4d94fc154104612410c887875b65bc7",
        ),
        BundledRecording(
            name="linear_trajectory.videoPositionTracking",
            description="Position of the rat in the same session, 60 Hz video, 640 x 480 pixels",
            origin=_NELPY,
            original_path="linear-track/trajectory.videoPositionTracking",
            sha256="10a883302c50e26d5f659ac4ee08d8901f7881c71f6800cd56d999a620b31cb5",
        ),
    )
}


def recordings() -> tuple[BundledRecording, ...]:
    """Return a description of every recording shipped with the package.

    Returns
    -------
    tuple of BundledRecording
        One per file.

    Examples
    --------
    >>> from tripartite.io import bundled
    >>> [recording.name for recording in bundled.recordings()][:2]
    ['raw_astrotrace_snippets.mat', 'processed_astrotracelib2.mat']
    """
    return tuple(_RECORDINGS.values())


def find(name: str) -> BundledRecording:
    """Return the description of one bundled recording.

    Parameters
    ----------
    name : str
        Name of the file.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    check_option(name, _RECORDINGS, name="name")
    return _RECORDINGS[name]


def path(name: str) -> Path:
    """Return where a bundled recording lies, after checking its bytes.

    Parameters
    ----------
    name : str
        Name of the file.

    Raises
    ------
    InputError
        If there is none of this name.
    FileFormatError
        If the file is missing or its bytes have changed.

    Examples
    --------
    >>> from tripartite.io import bundled
    >>> bundled.path("linescan_red.tif").name
    'linescan_red.tif'
    """
    recording = find(name)
    file = _FOLDER / name
    digest = hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else "no file"
    if digest != recording.sha256:
        raise FileFormatError(
            f"{name} must have the SHA-256 digest {recording.sha256}",
            got=digest,
            do="Install tripartite again",
        )
    return file


def source(name: str) -> Source:
    """Return the record that a report keeps of a bundled recording.

    Parameters
    ----------
    name : str
        Name of the file.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    recording = find(name)
    return Source(
        name=name,
        description=recording.description,
        citation=recording.citation,
        sha256=recording.sha256,
    )
