"""Parquet files are read as every other table: same rows, same numbers, and broken ones say so."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from gecchain.oracle.codes import Code
from gecchain.oracle.parquet import read_parquet
from gecchain.oracle.settlement_tables import read_settlement_table
from gecchain.oracle.source import Flaw, Format, Row, survey
from gecchain.rules import Month, ProjectKey, ProjectType, Technology

CODE = ProjectKey(ProjectType.CENTRALISED, Technology.WIND, Month.of(2015, 3), 15, 1).code


def _written(folder: Path, columns: dict[str, list[object]]) -> Path:
    path = folder / "table.parquet"
    pl.DataFrame(columns, strict=False).write_parquet(path, row_group_size=1_000)
    return path


def test_cells_are_texts_and_numbers_are_exact(tmp_path: Path) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    path = _written(
        tmp_path,
        {
            "text": [" 山东 ", None, "a,b"],
            "float": [12.345, 0.1, 1e15],
            "whole": [1, None, -3],
            "exact": [Decimal("1.230"), Decimal("0.001"), None],
            "day": [date(2026, 1, 1), None, None],
            "moment": [moment, None, None],
        },
    )
    rows = [row for batch in read_parquet(path) for row in batch if isinstance(row, Row)]
    assert [row.number for row in rows] == [2, 3, 4]
    assert [row.cells["float"] for row in rows] == ["12.345", "0.1", "1000000000000000"]
    assert [row.cells["whole"] for row in rows] == ["1", "", "-3"]
    assert [row.cells["exact"] for row in rows] == ["1.230", "0.001", ""]
    assert rows[0].cells["day"] == "2026-01-01"


def test_a_settlement_table_as_parquet(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {
        "项目代码": [CODE, CODE, None],
        "month": ["2026-01", "2026-13", None],
        "class": ["on_grid", "on_grid", None],
        "电量(千瓦时)": [12.345, 1.0, None],
        "provider": ["P", "P", None],
        "sheet": ["1", "2", None],
    }
    facts = survey(_written(tmp_path, columns))
    assert facts.format is Format.PARQUET
    ((reading, refusal, notice),) = read_settlement_table(facts)
    assert getattr(reading, "wh", None) == 12_345
    assert (getattr(refusal, "code", None), getattr(refusal, "row", None)) == (Code.MONTH_FORMAT, 3)
    assert getattr(notice, "code", None) is Code.EMPTY_LINE


def test_long_files_come_in_batches(tmp_path: Path) -> None:
    path = _written(tmp_path, {"n": list(range(10_000))})
    batches = list(read_parquet(path))
    assert [len(batch) for batch in batches] == [4_096, 4_096, 1_808]
    assert [row.number for batch in batches for row in batch] == list(range(2, 10_002))


@pytest.mark.parametrize("cut", [4, 60, 400])
def test_a_broken_file_is_refused_not_a_crash(tmp_path: Path, cut: int) -> None:
    whole = _written(tmp_path, {"n": list(range(5_000))}).read_bytes()
    path = tmp_path / "broken.parquet"
    path.write_bytes(whole[:-cut])
    found = [row for batch in read_parquet(path) for row in batch]
    assert [(one.number, one.code) for one in found if isinstance(one, Flaw)] == [(0, Code.FILE_KIND)]


def test_pages_that_were_overwritten_end_the_file_with_a_flaw(tmp_path: Path) -> None:
    path = _written(tmp_path, {"n": [f"{n:020d}" for n in range(9_000)]})
    raw = bytearray(path.read_bytes())
    middle = len(raw) // 2
    raw[middle : middle + 64] = b"\xff" * 64
    path.write_bytes(raw)
    found = [row for batch in read_parquet(path) for row in batch]
    assert any(isinstance(one, Flaw) and one.code is Code.FILE_KIND for one in found)
