"""A country's filings and one month's readings as the files that its provinces would push, bad rows among them.

Readings come in parts of 50,000 rows, every second one as Parquet. One row in a thousand is bad, each kind in its turn;
bad rows come on top of the good ones, and what will be refused is written down in `expected.json`.
"""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Final, TypeVar

import polars as pl

from gecchain.national.country import PROVINCE_SHARES, MadeUpProject, projects_of, wh_of
from gecchain.oracle.codes import Code
from gecchain.oracle.reading import kwh_text
from gecchain.rules import PROVINCES, Month, ProjectKey

__all__ = ["PART_ROWS", "Written", "projects_by_province", "provider_of", "write_month"]

T = TypeVar("T")
PART_ROWS: Final = 50_000
_GOOD_FOR_ONE_BAD: Final = 1_000
_SOURCE: Final = "made up, for measurement"
_FILING: Final = (
    *("code", "name", "owner", "owner_code", "capacity_kw", "in_operation", "market_based", "location", "source"),
    "made_up",
)
_READING: Final = ("project", "month", "class", "kwh", "provider", "sheet", "sheet_kwh", "derived")
_ALL_MADE_UP: Final = "approved capacity_kw in_operation name owner owner_identity"


@dataclass(slots=True)
class Written:
    """What was written: file names in the order in which they are handed in, and what must come of them.

    `good` readings go on, with `wh` in sum; `refused` counts the bad rows by the code they must be refused with.
    """

    month: str
    seed: int
    projects: int = 0
    good: int = 0
    wh: int = 0
    filings: list[str] = field(default_factory=list)
    readings: dict[str, list[str]] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)


def provider_of(province: int) -> str:
    """Name of the made-up data provider of a province."""
    return f"示例省级电网 Example Grid {PROVINCES[province].en}"


def write_month(
    folder: Path, projects: int, month: Month, seed: int, progress: Callable[[int], None] = lambda _n: None
) -> Written:
    """Write the files of a country of so many projects into a folder, and `expected.json`; `progress` counts projects.

    The same arguments give the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = Written(str(month), seed)
    bad = itertools.cycle(_BAD)
    for province, count in projects_by_province(projects).items():
        parts = _parts(projects_of(province, count, seed), PART_ROWS)
        for number, part in enumerate(parts, start=1):
            name = f"filings-{province}-{number:03d}.csv"
            _write_csv(folder / name, _FILING, map(_filing, part))
            written.filings.append(name)
            _write_readings(folder, written, part, province, number, bad)
            written.projects += len(part)
            progress(len(part))
    (folder / "expected.json").write_text(json.dumps(asdict(written), ensure_ascii=False, indent=1) + "\n")
    return written


def projects_by_province(projects: int) -> dict[int, int]:
    """Projects by province; the largest takes what rounding leaves."""
    whole = sum(PROVINCE_SHARES.values())
    shares = {province: projects * share // whole for province, share in PROVINCE_SHARES.items()}
    first = next(iter(shares))
    shares[first] += projects - sum(shares.values())
    return {province: count for province, count in shares.items() if count}


def _parts(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while part := list(itertools.islice(items, size)):
        yield part


def _filing(project: MadeUpProject) -> tuple[str, ...]:
    return (
        project.key.code,
        project.name,
        project.owner,
        project.owner_code,
        str(project.capacity_kw),
        str(project.in_operation),
        "",
        PROVINCES[project.key.province].zh,
        _SOURCE,
        _ALL_MADE_UP,
    )


def _write_readings(
    folder: Path, written: Written, part: Sequence[MadeUpProject], province: int, number: int, bad: Iterator[_Bad]
) -> None:
    month, provider = Month.parse(written.month), provider_of(province)
    as_text = bool(number % 2)
    rows: list[tuple[str, ...]] = []
    for at, project in enumerate(part):
        wh = wh_of(project, month, written.seed)
        row = _Row(project, month, wh, provider, f"{province}-{number}-{at}")
        rows.append(row.cells())
        written.good, written.wh = written.good + 1, written.wh + wh
        if written.good % _GOOD_FOR_ONE_BAD == _GOOD_FOR_ONE_BAD // 2:
            code, spoil = next(one for one in bad if as_text or one[0] not in _TEXT_ONLY)
            rows.append(spoil(row))
            written.refused[code.name] = written.refused.get(code.name, 0) + 1
    name = f"readings-{month}-{province}-{number:03d}.{'csv' if as_text else 'parquet'}"
    if as_text:
        _write_csv(folder / name, _READING, rows)
    else:
        frame = pl.DataFrame(rows, schema=dict.fromkeys(_READING, pl.String), orient="row")
        frame.write_parquet(folder / name, compression="zstd")
    written.readings.setdefault(provider, []).append(name)


def _write_csv(path: Path, header: Sequence[str], rows: Iterator[tuple[str, ...]] | list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


@dataclass(frozen=True, slots=True)
class _Row:
    """A reading's row before it is spoilt."""

    project: MadeUpProject
    month: Month
    wh: int
    provider: str
    sheet: str

    def cells(self, **spoilt: str) -> tuple[str, ...]:
        """The row's cells in the order of the header, some of them other than they should be."""
        good = {
            "project": self.project.key.code,
            "month": str(self.month),
            "class": self.project.electricity.slug,
            "kwh": kwh_text(self.wh),
            "provider": self.provider,
            "sheet": self.sheet,
            "sheet_kwh": "",
            "derived": _SOURCE,
        }
        return tuple((good | {name.rstrip("_"): text for name, text in spoilt.items()}).values())


def _other_check(row: _Row) -> tuple[str, ...]:
    code = row.project.key.code
    return row.cells(project=code[:-1] + ("0" if code[-1] != "0" else "1"))


def _unfiled(row: _Row) -> tuple[str, ...]:
    key: ProjectKey = replace(row.project.key, sequence=999_999)
    return row.cells(project=key.code)


def _unbalanced(row: _Row) -> tuple[str, ...]:
    """In a class that the project does not report otherwise, else it would be a repetition first."""
    return row.cells(class_="off_grid", kwh="0.001", sheet=f"{row.sheet}-S", sheet_kwh="1.000")


_Bad = tuple[Code, Callable[[_Row], tuple[str, ...]]]
_BAD: Final[tuple[_Bad, ...]] = (
    (Code.PROJECT_CODE, _other_check),
    (Code.UNKNOWN_PROJECT, _unfiled),
    (Code.MONTH_FORMAT, lambda row: row.cells(month="2026-13")),
    (Code.MONTH_FUTURE, lambda row: row.cells(month="2099-01")),
    (Code.MONTH_BEFORE_GRID, lambda row: row.cells(month="1999-01")),
    (Code.UNKNOWN_CLASS, lambda row: row.cells(class_="sometimes")),
    (Code.NUMBER_FORMAT, lambda row: row.cells(kwh="1,234.5")),
    (Code.NEGATIVE, lambda row: row.cells(kwh="-1.000")),
    (Code.MISSING_FIELD, lambda row: row.cells(sheet="")),
    (Code.ABOVE_CAPACITY, lambda row: row.cells(kwh=str(row.project.capacity_kw * 10_000))),
    (Code.DUPLICATE, lambda row: row.cells()),
    (Code.SHEET_SPLIT, _unbalanced),
    (Code.BROKEN_ROW, lambda row: (*row.cells(), "one cell too many")),
)
_TEXT_ONLY: Final = frozenset({Code.BROKEN_ROW})
