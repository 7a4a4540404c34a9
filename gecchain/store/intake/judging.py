"""What only the sight of other rows can tell, asked of SQL over a staged file.

Each step marks staged rows with a verdict: the code of a refusal, or `UNCHANGED`. The rules themselves are the
oracle's functions; here rows are only grouped. Nothing holds more than a page of rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, bindparam, exists, func, or_, select, tuple_, update
from sqlalchemy.sql.elements import ColumnElement

from gecchain.oracle.checks import ProjectFacts, check_capacity, check_revision, check_sheet, prepare
from gecchain.oracle.codes import Code
from gecchain.oracle.intake import Issued, IssueKey
from gecchain.rules.classes import Electricity
from gecchain.rules.months import Month
from gecchain.store.intake.tables import readings, staged

__all__ = ["PAGE", "UNCHANGED", "judge"]

PAGE: Final = 4096
UNCHANGED: Final = "UNCHANGED"
_SAME_KEY: Final = and_(
    readings.c.current,
    readings.c.project == staged.c.project,
    readings.c.month == staged.c.month,
    readings.c.electricity == staged.c.electricity,
)


def judge(connection: Connection, file: int, projects: Mapping[str, ProjectFacts], issued: Issued) -> None:
    """Mark the staged rows of a file: repetitions, shared sheets (Q30), revisions (Q95), capacity; in this order."""
    _mark_repetitions(connection, file)
    _mark_sheets(connection, file)
    _mark_revisions(connection, file, issued)
    _mark_capacity(connection, file, projects)


def _mark_repetitions(connection: Connection, file: int) -> None:
    key = (staged.c.project, staged.c.month, staged.c.electricity)
    place = func.row_number().over(partition_by=key, order_by=staged.c.row).label("place")
    numbered = select(staged.c.row, place).where(staged.c.file == file).subquery()
    later = select(numbered.c.row).where(numbered.c.place > 1)
    connection.execute(
        update(staged).where(staged.c.file == file, staged.c.row.in_(later)).values(verdict=Code.DUPLICATE.name)
    )


def _mark_sheets(connection: Connection, file: int) -> None:
    """A sheet's rows are those of the file, and earlier ones of the same sheet that the file does not touch."""
    sheet = (staged.c.provider, staged.c.sheet, staged.c.month)
    kept = (
        select(func.coalesce(func.sum(readings.c.wh), 0))
        .where(
            readings.c.current,
            readings.c.sheet_wh.is_not(None),
            readings.c.provider == staged.c.provider,
            readings.c.sheet == staged.c.sheet,
            readings.c.month == staged.c.month,
            ~_restated(file),
        )
        .correlate(staged)
        .scalar_subquery()
    )
    sums = (
        select(
            *sheet,
            func.sum(staged.c.wh).label("wh"),
            func.min(staged.c.sheet_wh).label("least"),
            func.max(staged.c.sheet_wh).label("most"),
            kept.label("kept"),
        )
        .where(staged.c.file == file, staged.c.verdict.is_(None))
        .group_by(*sheet)
        .having(func.count(staged.c.sheet_wh) > 0)
        .order_by(*sheet)
    )
    for page in _pages(connection, sums, sheet):
        bad = [row for row in page if check_sheet(int(row.wh) + int(row.kept), row.least, row.most)]
        _mark(connection, file, sheet, [(row.provider, row.sheet, row.month) for row in bad], Code.SHEET_SPLIT)


def _mark_revisions(connection: Connection, file: int, issued: Issued) -> None:
    columns = (staged.c.row, staged.c.project, staged.c.month, staged.c.electricity, staged.c.provider, staged.c.wh)
    known = (readings.c.provider.label("known_provider"), readings.c.wh.label("known_wh"))
    rows = (
        select(*columns, *known)
        .select_from(staged.outerjoin(readings, _SAME_KEY))
        .where(staged.c.file == file, staged.c.verdict.is_(None))
        .order_by(staged.c.row)
    )
    for page in _pages(connection, rows, (staged.c.row,)):
        changed = {row.row: _key_of(row) for row in page if not _is_unchanged(row)}
        used = set(issued(list(changed.values()))) if changed else set()
        verdicts = [(row.row, _verdict(row, changed.get(row.row) in used)) for row in page]
        marks = [{"at": at, "why": why} for at, why in verdicts if why]
        if marks:
            at_row = update(staged).where(staged.c.file == file, staged.c.row == bindparam("at"))
            connection.execute(at_row.values(verdict=bindparam("why")), marks)


def _is_unchanged(row: Row[Any]) -> bool:
    return bool(row.known_provider == row.provider and row.known_wh == row.wh)


def _key_of(row: Row[Any]) -> IssueKey:
    return row.project, Month(row.month), Electricity.of_number(row.electricity)


def _verdict(row: Row[Any], is_issued: bool) -> str | None:
    if _is_unchanged(row):
        return UNCHANGED
    code = check_revision(row.provider, row.known_provider, is_issued)
    return code.name if code else None


def _mark_capacity(connection: Connection, file: int, projects: Mapping[str, ProjectFacts]) -> None:
    """Sums over the classes of a project-month: those of the file, and earlier ones that the file does not touch.

    A row that is alone in its project-month was judged by `check`.
    """
    key = (staged.c.project, staged.c.month)
    kept = (
        select(func.coalesce(func.sum(readings.c.wh), 0))
        .where(
            readings.c.current,
            readings.c.project == staged.c.project,
            readings.c.month == staged.c.month,
            ~_restated(file),
        )
        .correlate(staged)
        .scalar_subquery()
    )
    sums = (
        select(*key, func.min(staged.c.code).label("code"), func.sum(staged.c.wh).label("wh"), kept.label("kept"))
        .where(staged.c.file == file, or_(staged.c.verdict.is_(None), staged.c.verdict == UNCHANGED))
        .group_by(*key)
        .having(or_(func.count() > 1, kept > 0))
        .order_by(*key)
    )
    for page in _pages(connection, sums, key):
        prepare(projects, {row.code for row in page})
        bad = [
            (row.project, row.month)
            for row in page
            if check_capacity(projects[row.code], Month(row.month), int(row.wh) + int(row.kept))
        ]
        _mark(connection, file, key, bad, Code.ABOVE_CAPACITY)


def _restated(file: int) -> ColumnElement[bool]:
    """Whether the file says anew, in a row that still stands, what a reading said."""
    again = staged.alias("again")
    return (
        exists()
        .where(
            again.c.file == file,
            again.c.project == readings.c.project,
            again.c.month == readings.c.month,
            again.c.electricity == readings.c.electricity,
            or_(again.c.verdict.is_(None), again.c.verdict == UNCHANGED),
        )
        .correlate(readings)
    )


def _mark(
    connection: Connection, file: int, key: Sequence[ColumnElement[Any]], groups: Sequence[tuple[Any, ...]], code: Code
) -> None:
    for start in range(0, len(groups), 200):
        connection.execute(
            update(staged)
            .where(staged.c.file == file, staged.c.verdict.is_(None), tuple_(*key).in_(groups[start : start + 200]))
            .values(verdict=code.name)
        )


def _pages(
    connection: Connection, query: Select[Any], key: Sequence[ColumnElement[Any]]
) -> Iterator[Sequence[Row[Any]]]:
    """Pages of a query ordered by `key`, each asked for after the one before has been dealt with."""
    page = connection.execute(query.limit(PAGE)).all()
    while page:
        last = page[-1]
        yield page
        if len(page) < PAGE:
            return
        after = tuple_(*key) > tuple_(*(getattr(last, str(column.name)) for column in key))
        page = connection.execute(query.where(after).limit(PAGE)).all()
