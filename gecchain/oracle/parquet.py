"""Parquet files as batches of rows of text: what data platforms push when a month has hundreds of thousands of rows.

A cell's number is taken as the shortest decimal that stands for it, as with workbooks; nothing is interpreted here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl

from gecchain.oracle.codes import Code
from gecchain.oracle.source import BATCH_ROWS, Flaw, RawRow, Row, Rows
from gecchain.oracle.workbook import cell_text

__all__ = ["read_parquet"]

_FIRST_ROW: Final = 2
"""As in every other table the header would be row 1."""


def read_parquet(path: Path) -> Rows:
    """Batches of up to 4,096 rows; what is missing is empty. A file that breaks off ends with a flaw of its own."""
    try:
        frames = pl.scan_parquet(path)
        names = frames.collect_schema().names()
        rows = int(frames.select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, OSError):
        yield [Flaw(0, Code.FILE_KIND, "file", path.name)]
        return
    for first in range(0, rows, BATCH_ROWS):
        try:
            frame = frames.slice(first, BATCH_ROWS).collect()
        except (pl.exceptions.PolarsError, OSError):
            yield [Flaw(first + _FIRST_ROW, Code.FILE_KIND, "row")]
            return
        yield _batch(frame, names, first + _FIRST_ROW)


def _batch(frame: pl.DataFrame, names: list[str], first: int) -> list[RawRow]:
    columns = [_texts(frame[name]) for name in names]
    return [
        Row(first + i, dict(zip(names, cells, strict=True))) if any(cells) else Flaw(first + i, Code.EMPTY_LINE, "row")
        for i, cells in enumerate(zip(*columns, strict=True))
    ]


def _texts(column: pl.Series) -> list[str]:
    if column.dtype == pl.String:
        return [cell or "" for cell in column.to_list()]
    return [cell_text(cell) for cell in column.to_list()]
