"""What a session is called, where and when it was, and whose: our metadata and NWB's fields."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pynwb.file import Subject

from tripartite.errors import InputError

if TYPE_CHECKING:
    from tripartite.core.recording import Recording

# Fields of an NWB file by our word for them.
_SAME = ("lab", "institution", "experiment_description", "protocol", "notes")
TEXTS = {"session": "session_id", **dict(zip(_SAME, _SAME, strict=True))}
SUBJECT = ("subject_id", "species", "sex", "age", "strain", "genotype", "weight", "description")
LISTS = ("experimenter", "keywords", "related_publications")
UNKNOWN_START = datetime(1970, 1, 1, tzinfo=UTC)


def describe_session(recording: Recording) -> dict[str, Any]:
    """Return the general fields of an NWB file.

    Parameters
    ----------
    recording : Recording
        What the file will hold.

    Raises
    ------
    InputError
        If the start of the session is no time with a time zone.
    """
    metadata = recording.metadata
    default = f"{recording.source.capitalize()} activity"
    return {
        "session_description": plain_text(metadata.get("description") or default),
        "identifier": plain_text(metadata.get("identifier") or uuid4()),
        "session_start_time": _find_start(recording),
        "subject": _build_subject(metadata.get("subject")),
        **{
            field: plain_text(metadata[name]) for name, field in TEXTS.items() if metadata.get(name)
        },
        **{name: _texts(metadata[name]) for name in LISTS if metadata.get(name)},
    }


def _build_subject(subject: Any) -> Any:
    known = dict(subject) if isinstance(subject, Mapping) else {"subject_id": subject}
    fields = {name: plain_text(known[name]) for name in SUBJECT if known.get(name) is not None}
    # NWB wants a name, a sex and an age; these say that they are not known.
    return Subject(**{"subject_id": "unknown", "sex": "U", "age": "P0D/"} | fields)


def read_session(file: Any) -> dict[str, Any]:
    """Return the metadata that the general fields of an NWB file hold.

    Parameters
    ----------
    file : NWBFile
        The open file.
    """
    metadata = {
        "description": file.session_description,
        "identifier": file.identifier,
        "session_start_time": file.session_start_time,
        **{name: getattr(file, field) for name, field in TEXTS.items()},
        **{name: list(getattr(file, name) or ()) for name in LISTS},
    }
    if file.subject is not None:
        fields = {name: getattr(file.subject, name) for name in SUBJECT}
        metadata["subject"] = {name: value for name, value in fields.items() if value}
    return {name: value for name, value in metadata.items() if value}


def plain_text(value: object) -> str:
    """Return a value as text without the letters that HDF5 cannot hold; the layout has them all."""
    return str(value).replace("\0", "").encode(errors="replace").decode()


def _texts(value: Any) -> list[str]:
    return [plain_text(each) for each in ([value] if isinstance(value, str) else value)]


def _find_start(recording: Recording) -> datetime:
    start = recording.metadata.get("session_start_time")
    if start is None:
        # A simulation takes place when it is run; of a recording we do not know.
        return UNKNOWN_START if recording.source == "recorded" else recording.provenance.created
    with contextlib.suppress(ValueError):
        start = datetime.fromisoformat(start) if isinstance(start, str) else start
    if isinstance(start, datetime) and start.tzinfo is not None:
        return start
    raise InputError(
        "metadata['session_start_time'] must be a datetime with time zone, or such a text",
        got=repr(start),
        do="Pass e.g. '2026-11-21T10:00:00+00:00'",
    )
