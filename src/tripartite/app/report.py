"""One self-contained HTML page from saved sections."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2

from tripartite.core.section import Section
from tripartite.errors import FileFormatError, InputError
from tripartite.files import write_whole

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class _Picture:
    uri: str
    width: int
    height: int


def write_report(
    sections: Sequence[Section],
    path: Path,
    *,
    title: str = "A tour of tripartite on real recordings",
    failures: Mapping[str, str] | None = None,
) -> Path:
    """Return the absolute path of the HTML page that was written from the sections.

    The page needs no other file and no script: figures are part of it. It can be read on a phone,
    in the dark, on paper and by a screen reader.

    Parameters
    ----------
    sections : sequence of Section
        What to show, in order.
    path : Path
        File to write. Paths of figures and outputs are relative to its folder.
    title : str
        Heading of the page.
    failures : dict of str to str, optional
        Name of each section that failed, to why.

    Raises
    ------
    InputError
        If a path of a figure or an output leaves the folder, or a figure does not exist.
    FileFormatError
        If a figure is not a PNG file.
    OSError
        If the page cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> section = Section(name="spikes", title="Place cells", question="Where do cells fire?")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = write_report([section], Path(folder) / "report.html").read_text()
    >>> "Where do cells fire?" in page
    True
    """
    path = path.resolve()
    page = _load_template(path.parent).render(
        title=title, sections=sections, failures=dict(failures or {})
    )
    write_whole(path, page.encode())
    return path


def _load_template(folder: Path) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("tripartite.app"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "picture": lambda name: _read_picture(_locate(name, folder)),
        "link": lambda name: quote(_locate(name, folder).relative_to(folder).as_posix()),
        "size": lambda name: _describe_size(_locate(name, folder)),
        "shown": _describe_value,
        "bytes": _describe_bytes,
        "duration": lambda seconds: f"{seconds:.1f} s" if seconds < 100 else f"{seconds:.0f} s",
    }
    return environment.get_template("report.html.j2")


def _locate(name: str, folder: Path) -> Path:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder):
        raise InputError(
            "A file of a report must lie in the folder of the report",
            got=repr(name),
            do=f"Copy the file to a place below {folder} and name it relative to that folder",
        )
    return path


def _read_picture(path: Path) -> _Picture:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            "A figure of a report must be a file that can be read",
            got=f"{path} ({error.strerror})",
            do="Run its section again",
        ) from error
    if not data.startswith(PNG_SIGNATURE) or len(data) < 24:
        raise FileFormatError("A figure of a report must be a PNG file", got=path)
    # The size stands in the header, so that text does not jump while the page loads.
    width, height = struct.unpack(">II", data[16:24])
    return _Picture("data:image/png;base64," + base64.b64encode(data).decode(), width, height)


def _describe_size(path: Path) -> str:
    if path.is_dir():
        return _describe_bytes(sum(p.stat().st_size for p in path.rglob("*") if p.is_file()))
    return _describe_bytes(path.stat().st_size) if path.is_file() else ""


def _describe_bytes(size: float) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 999.5:  # what rounds to 1000 is one of the next unit
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} GB"


def _describe_value(value: Any) -> str:
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
