"""Tables of a report, for programs and for people."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from tripartite.files import write_whole


def write_tables(
    out: Path, tables: Mapping[str, tuple[pd.DataFrame, str]], *, prefix: str = ""
) -> dict[str, str]:
    """Write each table as parquet and as text; return what each file holds.

    Parameters
    ----------
    out : Path
        Folder of the tables.
    tables : dict of str to (DataFrame, str)
        Name of each table, to the table and what it holds.
    prefix : str
        Put before the names of the files in what is returned, such as ``spikes/`` for the outputs
        of a section whose folder is not that of the report.

    Returns
    -------
    dict of str to str
        Outputs of the section, as in `Section`.
    """
    for name, (table, _) in tables.items():
        parquet = io.BytesIO()
        table.to_parquet(parquet, index=False)
        write_whole(out / f"{name}.parquet", parquet.getvalue())
        write_whole(out / f"{name}.csv", table.to_csv(index=False).encode())
    return {
        **{f"{prefix}{name}.parquet": about for name, (_, about) in tables.items()},
        **{f"{prefix}{name}.csv": "the same as text" for name in tables},
    }
