"""What a result depends on besides its input: date, versions, machine."""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from importlib import metadata


def count_cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS or Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def list_requirements(extra: str | None = None) -> tuple[str, ...]:
    """Return the libraries that this package asks pip for.

    Parameters
    ----------
    extra : str, optional
        Name of an extra; without it, the libraries that are always installed.

    Returns
    -------
    tuple of str
        Names on the package index, sorted.

    Examples
    --------
    >>> list_requirements("torch")
    ('torch',)
    """
    names = []
    for line in metadata.requires("tripartite") or []:
        name, marker = re.split(r"[^\w.-]", line, maxsplit=1)[0], line.partition(";")[2]
        wanted = re.search(r"extra == ['\"](.+?)['\"]", marker)
        if (wanted.group(1) if wanted else None) == extra:
            names.append(name)
    return tuple(sorted(set(names) - {"tripartite"}))


def find_version(library: str) -> str | None:
    """Return the installed version of a library, None if it is absent, without importing it.

    Parameters
    ----------
    library : str
        Its name on the package index.
    """
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return None


def describe_environment() -> dict[str, str]:
    """Return date, versions and machine, each under its name.

    Returns
    -------
    dict of str to str
        ``date`` (UTC), ``platform``, ``cores``, ``python``, ``tripartite``, then every library
        that this package asks for.

    Examples
    --------
    >>> list(describe_environment())[:5]
    ['date', 'platform', 'cores', 'python', 'tripartite']
    """
    libraries = ("tripartite", *list_requirements())
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "platform": f"{platform.system()} {platform.machine()}",
        "cores": str(count_cores()),
        "python": platform.python_version(),
        **{library: find_version(library) or "absent" for library in libraries},
    }
