"""Monthly settlement tables (结算电量) of many projects: CSV, XLSX or JSON into readings and refusals, row by row.

This is the door through which grid companies and power exchanges hand in a month (Q25, Q34), and owners who declare
(Q26, Q33). Only the form is judged here; `checks` holds readings against the register.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Protocol, TypeVar

from gecchain.oracle.checks import prepare
from gecchain.oracle.codes import Code
from gecchain.oracle.columns import REQUIRED, HeaderFlaw, read_header
from gecchain.oracle.delimited import read_delimited
from gecchain.oracle.json_rows import read_json
from gecchain.oracle.parquet import read_parquet
from gecchain.oracle.reading import Notice, Reading, Refusal, Sheet, Source
from gecchain.oracle.source import FileFacts, Flaw, Format, RawRow, Row, Rows
from gecchain.oracle.values import electricity_of, is_plain_text, month_of, project_of, wh_of_kwh
from gecchain.oracle.workbook import read_workbook

__all__ = ["HasId", "Parsed", "parse_row", "read_rows", "read_settlement_table"]

Parsed = Reading | Refusal | Notice


class HasId(Protocol):
    """A project as far as a row is concerned: its code and its 48-bit id."""

    @property
    def code(self) -> str:
        """17 characters."""

    @property
    def id(self) -> int:
        """What the code packs to."""


T = TypeVar("T")
NO_PROJECTS: Final[Mapping[str, HasId]] = MappingProxyType({})
_GUARD: Final = ("'=", "'@", "'+", "'-", "'\t")


def read_rows(facts: FileFacts) -> Rows:
    """The file's rows as text, in batches, by its format."""
    if facts.format is Format.WIDE_TEXT:
        yield [Flaw(0, Code.ENCODING, "file", "UTF-16 or UTF-32")]
    elif facts.format is Format.OTHER:
        yield [Flaw(0, Code.FILE_KIND, "file", facts.name)]
    elif facts.format is Format.XLSX:
        yield from read_workbook(facts.path)
    elif facts.format is Format.PARQUET:
        yield from read_parquet(facts.path)
    else:
        with facts.path.open("rb") as stream:
            read = read_json if facts.format is Format.JSON else read_delimited
            yield from read(stream, facts.encoding)


def read_settlement_table(
    facts: FileFacts, *, provider: str = "", projects: Mapping[str, HasId] = NO_PROJECTS
) -> Iterator[list[Parsed]]:
    """Batches of readings, refusals and notices of a settlement table.

    `provider` stands for a provider column that the file has not got; with both, rows that differ are refused. Codes in
    `projects` need not be taken apart. A refusal of row 0 is about the whole file and comes last.
    """
    columns = _Columns(provider, projects)
    for batch in read_rows(facts):
        prepare(projects, columns.codes_in(batch))
        parsed = [_parse(raw, columns, facts) for raw in batch]
        broken = next((i for i, one in enumerate(parsed) if isinstance(one, Refusal) and one.row == 0), None)
        if broken is not None:
            yield parsed[broken : broken + 1]
            return
        yield parsed


class _Columns:
    """The columns of a table, found once for each set of names (JSON objects may differ)."""

    def __init__(self, provider: str, projects: Mapping[str, HasId]) -> None:
        self.provider = provider
        self.projects = projects
        self._names: tuple[str, ...] = ()
        self._found: dict[str, str] | HeaderFlaw = {}

    def of(self, cells: dict[str, str]) -> dict[str, str] | HeaderFlaw:
        names = tuple(cells)
        if names != self._names:
            self._names = names
            self._found = read_header(names, given=("provider",) if self.provider else ())
        return self._found

    def codes_in(self, batch: Sequence[RawRow]) -> set[str]:
        """Texts in the column of the project, whatever they are."""
        found = set()
        for raw in batch:
            names = self.of(raw.cells) if isinstance(raw, Row) else None
            if isinstance(raw, Row) and isinstance(names, dict):
                found.add(raw.cells.get(names.get("project", ""), ""))
        return found


def _parse(raw: RawRow, columns: _Columns, facts: FileFacts) -> Parsed:
    if isinstance(raw, Flaw):
        if raw.code.notice:
            return Notice(raw.code, raw.number, raw.field, raw.value)
        return Refusal(raw.code, raw.number, raw.field, raw.value, raw.raw)
    found = columns.of(raw.cells)
    if isinstance(found, HeaderFlaw):
        row = raw.number if facts.format is Format.JSON else 0
        return Refusal(found.code, row, found.field, found.value, raw.cells)
    return parse_row(raw, found, facts.sha256, columns.provider, columns.projects)


class _Fault(Exception):
    """The first thing wrong with a row; never leaves this module."""

    def __init__(self, code: Code, field: str) -> None:
        self.code = code
        self.field = field


def parse_row(
    row: Row,
    columns: Mapping[str, str],
    sha256: str,
    provider: str = "",
    projects: Mapping[str, HasId] = NO_PROJECTS,
) -> Reading | Refusal:
    """One row by its columns (field -> column name). The first thing wrong is the reason.

    Order: fields that are missing, provider, plain text, then project, month, class, energy, sheet total.
    """
    cells = {field: _unguarded(row.cells[name]) for field, name in columns.items() if name in row.cells}
    cells["provider"] = cells.get("provider") or provider
    resolves = _identifier(cells.get("refusal", ""))
    try:
        _check_complete(cells, provider)
        return _reading(cells, Source(sha256, row.number), resolves, projects)
    except _Fault as fault:
        return Refusal(fault.code, row.number, fault.field, cells.get(fault.field, ""), row.cells, resolves)


def _check_complete(cells: Mapping[str, str], provider: str) -> None:
    for field in REQUIRED:
        if not cells.get(field):
            raise _Fault(Code.MISSING_FIELD, field)
    if provider and cells["provider"] != provider:
        raise _Fault(Code.PROVIDER_MISMATCH, "provider")
    for field, text in cells.items():
        if not is_plain_text(text):
            raise _Fault(Code.ENCODING, field)


def _reading(cells: Mapping[str, str], source: Source, resolves: int | None, projects: Mapping[str, HasId]) -> Reading:
    project = projects.get(cells["project"]) or _known(project_of(cells["project"]), Code.PROJECT_CODE, "project")
    note = cells.get("derived", "")
    return Reading(
        code=project.code,
        project=project.id,
        month=_known(month_of(cells["month"]), Code.MONTH_FORMAT, "month"),
        electricity=_known(electricity_of(cells["class"]), Code.UNKNOWN_CLASS, "class"),
        wh=_energy(cells, "kwh"),
        provider=cells["provider"],
        sheet=Sheet(cells["sheet"], _energy(cells, "sheet_kwh") if cells.get("sheet_kwh") else None),
        source=source,
        record=cells.get("record", ""),
        derived=bool(note),
        note=note,
        resolves=resolves,
    )


def _known(value: T | None, code: Code, field: str) -> T:
    if value is None:
        raise _Fault(code, field)
    return value


def _energy(cells: Mapping[str, str], field: str) -> int:
    wh = wh_of_kwh(cells[field])
    if isinstance(wh, Code):
        raise _Fault(wh, field)
    return wh


def _unguarded(text: str) -> str:
    """A cell without the apostrophe that our own export puts before what a spreadsheet might run as a formula."""
    text = text.strip()
    return text[1:] if text.startswith(_GUARD) else text


def _identifier(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
