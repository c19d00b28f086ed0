"""A section of a report: what was asked, on which input, and what was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from tripartite.errors import FileFormatError
from tripartite.files import write_whole


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file that a section read.

    Parameters
    ----------
    name : str
        Name of the file.
    description : str
        What it holds, in a sentence.
    citation : str
        Who made it, where it was published, under which licence.
    sha256 : str
        Digest of the bytes that were read, in hexadecimal.
    """

    name: str
    description: str
    citation: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A number that a section found, with what it means.

    Parameters
    ----------
    name : str
        What was measured.
    value : str
        The number as it should be printed, with its uncertainty where there is one.
    unit : str
        Unit of the value; empty for counts and ratios.
    meaning : str
        What the number says, in a sentence.
    """

    name: str
    value: str
    unit: str = ""
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A picture that a section drew.

    Parameters
    ----------
    path : str
        Path of the PNG file, relative to the folder of the report.
    caption : str
        What the picture shows: what the axes, colours and bands are, and how many were averaged.
    alt : str
        What a reader who cannot see the picture should know.
    """

    path: str
    caption: str
    alt: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """What one part of a report asked, used and found.

    Parameters
    ----------
    name : str
        Short name, also the folder of its files: ``astrocytes``.
    title : str
        Heading.
    question : str
        What was asked and how it was answered, in a few sentences.
    sources : tuple of Source
        The files that were read.
    findings : tuple of Finding
        The numbers that were found.
    figures : tuple of Figure
        The pictures.
    outputs : dict of str to str
        Path, relative to the folder of the report, to what the file holds.
    parameters : dict
        Every setting of the analysis, by name.
    seconds : float
        How long the section took (s).
    peak_bytes : int
        Peak of resident memory while it ran (bytes); 0 where the platform does not tell.
    environment : dict of str to str
        Date, versions and machine, as `describe_environment` gives them.

    Examples
    --------
    >>> section = Section(name="spikes", title="Place cells", question="Where do cells fire?")
    >>> Section.from_json(section.to_json()) == section
    True
    """

    name: str
    title: str
    question: str
    sources: tuple[Source, ...] = ()
    findings: tuple[Finding, ...] = ()
    figures: tuple[Figure, ...] = ()
    outputs: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    peak_bytes: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> bytes:
        """Return the section as JSON text, encoded in UTF-8."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2)

    @classmethod
    def from_json(cls, data: bytes) -> Section:
        """Return the section that `to_json` wrote.

        Parameters
        ----------
        data : bytes
            JSON text.

        Raises
        ------
        FileFormatError
            If the text is not a section.
        """
        try:
            return msgspec.json.decode(data, type=cls)
        except msgspec.DecodeError as error:
            raise FileFormatError(
                "A saved section must be JSON as Section.to_json writes it",
                got=error,
                do="Delete the file and run that part of the tour again",
            ) from error

    def save(self, path: Path) -> None:
        """Write the section to a file, whole or not at all.

        Parameters
        ----------
        path : Path
            File to write, usually ``<report folder>/<name>/section.json``.
        """
        write_whole(path, self.to_json())

    @classmethod
    def load(cls, path: Path) -> Section:
        """Return the section that `save` wrote.

        Parameters
        ----------
        path : Path
            File to read.

        Raises
        ------
        FileFormatError
            If the file is not a saved section.
        """
        return cls.from_json(path.read_bytes())
