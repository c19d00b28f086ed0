"""The command line: arguments in, exit code out, one file per command."""

from __future__ import annotations

import os
import sys

DEBUG_VARIABLE = "TRIPARTITE_DEBUG"


def main() -> None:
    """Run the command line of this process, and say what went wrong without a traceback.

    Notes
    -----
    The exit code is 0 for success, 1 for an error, 2 for a mistake in the arguments and 130 for
    Ctrl-C. ``--debug``, or ``TRIPARTITE_DEBUG=1`` in the environment, shows the traceback.
    """
    from tripartite.cli.app import app
    from tripartite.errors import TripartiteError

    try:
        app()
    except TripartiteError as error:
        if os.environ.get(DEBUG_VARIABLE) == "1":
            raise
        from rich.console import Console

        Console(stderr=True, soft_wrap=True).print(
            f"Error: {error}", style="red", markup=False, highlight=False
        )
        sys.exit(1)
