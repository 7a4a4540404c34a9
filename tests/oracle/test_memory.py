"""Memory is bounded by the size of a batch, not by that of the file."""

import json
import tracemalloc
from pathlib import Path

import pytest

from gecchain.oracle.reading import Reading
from gecchain.oracle.settlement_tables import read_settlement_table
from gecchain.oracle.source import survey
from gecchain.rules.classes import ProjectType, Technology
from gecchain.rules.months import Month
from gecchain.rules.numbers import ProjectKey

CODE = ProjectKey(ProjectType.CENTRALISED, Technology.WIND, Month.of(2015, 3), 15, 7).code
CELLS = {"project": CODE, "month": "2026-09", "class": "on_grid", "kwh": "1.5", "provider": "P", "sheet": "S" * 120}


def as_csv(path: Path, rows: int) -> None:
    line = ",".join(CELLS.values()) + "\n"
    with path.open("w", encoding="utf-8") as stream:
        stream.write(",".join(CELLS) + "\n")
        stream.writelines(line for _ in range(rows))


def as_json(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.write("[")
        stream.writelines(json.dumps(CELLS) + ("," if i < rows - 1 else "]") for i in range(rows))


def peak(path: Path) -> tuple[int, int]:
    """Rows read, and the most bytes that were held while reading them."""
    tracemalloc.start()
    facts, count = survey(path), 0
    for batch in read_settlement_table(facts):
        count += sum(isinstance(one, Reading) for one in batch)
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return count, held


@pytest.mark.parametrize("write", [as_csv, as_json])
def test_a_longer_file_needs_no_more_memory(tmp_path: Path, write: object) -> None:
    assert callable(write)
    write(tmp_path / "small", 8_400)
    write(tmp_path / "large", 21_000)
    small, large = peak(tmp_path / "small"), peak(tmp_path / "large")
    assert (small[0], large[0]) == (8_400, 21_000)
    assert large[1] < small[1] * 1.25
