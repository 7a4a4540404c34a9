"""One file on its way into the working store: staged, judged, and kept, in one transaction.

Killed at any moment, the file has either been taken in or not at all; taken in again, it changes nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any, Final

from sqlalchemy import Connection, Engine, and_, delete, func, insert, or_, select, update

from gecchain.oracle.checks import ProjectFacts, refuse
from gecchain.oracle.codes import Code
from gecchain.oracle.intake import Intake, Issued
from gecchain.oracle.reading import Notice, Reading, Refusal
from gecchain.oracle.source import FileFacts
from gecchain.store.engine import connected
from gecchain.store.intake.judging import PAGE, UNCHANGED, judge
from gecchain.store.intake.rows import reading_row, refusal_row, staged_reading
from gecchain.store.intake.tables import files, readings, refusals, staged
from gecchain.store.prepared import PreparedRows

__all__ = ["IntakeSink", "SqlTaking"]

_STAGED: Final = PreparedRows(staged)
_KEPT: Final = [column.name for column in readings.c if column.name not in ("id", "current", "replaced_by")]
_FIELDS: Final = {
    Code.DUPLICATE: "project",
    Code.SHEET_SPLIT: "sheet_kwh",
    Code.PROVIDER_MISMATCH: "provider",
    Code.ALREADY_ISSUED: "kwh",
    Code.ABOVE_CAPACITY: "kwh",
}


class IntakeSink:
    """The oracle's sink in SQL (SQLite or PostgreSQL). `engine` is one that `migrate` has prepared."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def knows(self, sha256: str) -> bool:
        """Whether a file of these bytes was taken in."""
        known = select(files.c.id).where(files.c.sha256 == sha256, files.c.status == "done")
        with connected(self._engine) as connection:
            return connection.execute(known).first() is not None

    @contextmanager
    def taking(self, facts: FileFacts) -> Iterator[SqlTaking]:
        """One transaction for one file. A second process that takes in the same file waits or fails as Unavailable."""
        with connected(self._engine, writes=True) as connection:
            yield SqlTaking.begin(connection, facts)


class SqlTaking:
    """The oracle's `Taking` in SQL."""

    def __init__(self, connection: Connection, facts: FileFacts, file: int, earlier: Intake | None) -> None:
        self._connection = connection
        self._facts = facts
        self._file = file
        self.earlier = earlier

    @classmethod
    def begin(cls, connection: Connection, facts: FileFacts) -> SqlTaking:
        """Find the file by its SHA-256, or enter it. A file that was refused as a whole may be tried again."""
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("LOCK TABLE intake_staged IN EXCLUSIVE MODE")
        known = connection.execute(select(files).where(files.c.sha256 == facts.sha256)).one_or_none()
        if known is not None and known.status == "done":
            return cls(connection, facts, known.id, _intake_of(known.outcome))
        if known is not None:
            connection.execute(delete(refusals).where(refusals.c.file == known.id))
            return cls(connection, facts, known.id, None)
        row = {
            "sha256": facts.sha256,
            "name": facts.name,
            "size": facts.size,
            "format": facts.format.value,
            "taken_at": int(time.time()),
            "status": "open",
            "outcome": "{}",
        }
        return cls(connection, facts, _inserted(connection, row), None)

    def add(self, readings: Sequence[Reading], refusals: Sequence[Refusal]) -> None:
        """Stage a batch of readings and keep its refusals."""
        if readings:
            _STAGED.write(self._connection, [reading_row(reading, self._file) for reading in readings])
        self._refuse(refusals)

    def finish(self, so_far: Intake, projects: Mapping[str, ProjectFacts], issued: Issued) -> Intake:
        """Judge the staged rows, keep what stands, and empty the stage."""
        judge(self._connection, self._file, projects, issued)
        self._refuse_marked()
        accepted, replaced = self._promote()
        unchanged = self._count(staged.c.verdict == UNCHANGED)
        resolved = self._resolve()
        self._connection.execute(delete(staged).where(staged.c.file == self._file))
        codes = self._codes()
        outcome = replace(
            so_far,
            accepted=accepted,
            replaced=replaced,
            unchanged=unchanged,
            refused=sum(codes.values()),
            resolved=resolved,
            refusals=codes,
        )
        self._close("done", outcome)
        return outcome

    def give_up(self, refusal: Refusal) -> None:
        """Forget what was staged of the file and keep the one refusal."""
        self._connection.execute(delete(staged).where(staged.c.file == self._file))
        self._connection.execute(delete(refusals).where(refusals.c.file == self._file))
        self._refuse([refusal])
        self._close("refused", Intake(self._facts.name, self._facts.sha256, broken=True))

    def _close(self, status: str, outcome: Intake) -> None:
        ended = update(files).where(files.c.id == self._file)
        self._connection.execute(ended.values(status=status, outcome=_outcome_text(outcome)))

    def _refuse(self, refused: Sequence[Refusal]) -> None:
        if not refused:
            return
        self._connection.execute(insert(refusals), [refusal_row(refusal, self._file) for refusal in refused])
        again = [refusal.resolves for refusal in refused if refusal.resolves is not None]
        self._settle(again, "superseded")

    def _settle(self, ids: Sequence[int], status: str) -> int:
        """Earlier refusals that this file corrects, or refuses anew."""
        settled = 0
        for start in range(0, len(ids), 500):
            done = self._connection.execute(
                update(refusals)
                .where(refusals.c.id.in_(ids[start : start + 500]), refusals.c.status == "open")
                .where(refusals.c.file != self._file)
                .values(status=status, resolved_by=self._file)
            )
            settled += done.rowcount
        return settled

    def _refuse_marked(self) -> None:
        """Refusals of the staged rows that `judge` marked, page by page."""
        marked = and_(staged.c.file == self._file, staged.c.verdict.is_not(None), staged.c.verdict != UNCHANGED)
        last = -1
        while True:
            page = self._connection.execute(
                select(staged).where(marked, staged.c.row > last).order_by(staged.c.row).limit(PAGE)
            ).all()
            if not page:
                return
            last = page[-1].row
            self._refuse([self._refusal_of(row) for row in page])

    def _refusal_of(self, row: Any) -> Refusal:
        reading, code = staged_reading(row, self._facts.sha256), Code[row.verdict]
        plain = refuse(reading, code, _FIELDS[code], "")
        return replace(plain, value=plain.raw[plain.field])

    def _promote(self) -> tuple[int, int]:
        """Accepted rows become current readings; those they revise are kept and point to them. (new, revisions)"""
        standing = and_(staged.c.file == self._file, staged.c.verdict.is_(None))
        standing_rows = self._count(staged.c.verdict.is_(None))
        revised = (
            select(readings.c.id)
            .join(staged, _same_key(readings, staged))
            .where(readings.c.current, standing)
            .scalar_subquery()
        )
        replaced = self._connection.execute(update(readings).where(readings.c.id.in_(revised)).values(current=False))
        chosen = select(*(staged.c[name] for name in _KEPT), staged.c.verdict.is_(None)).where(standing)
        self._connection.execute(
            insert(readings).from_select([*_KEPT, "current"], chosen.order_by(staged.c.project, staged.c.month))
        )
        if replaced.rowcount:
            self._point_to_successors()
        return standing_rows - replaced.rowcount, replaced.rowcount

    def _point_to_successors(self) -> None:
        newer = readings.alias("newer")
        successor = select(newer.c.id).where(newer.c.file == self._file, newer.c.current, _same_key(newer, readings))
        orphan = and_(~readings.c.current, readings.c.replaced_by.is_(None))
        self._connection.execute(
            update(readings).where(orphan).values(replaced_by=successor.correlate(readings).scalar_subquery())
        )

    def _resolve(self) -> int:
        """Refusals that rows of this file put right: those accepted, and those that say what is known already."""
        right = or_(staged.c.verdict.is_(None), staged.c.verdict == UNCHANGED)
        chosen = select(staged.c.resolves).where(staged.c.file == self._file, staged.c.resolves.is_not(None), right)
        return self._settle(list(self._connection.execute(chosen).scalars()), "resolved")

    def _count(self, condition: Any) -> int:
        count = select(func.count()).select_from(staged).where(staged.c.file == self._file, condition)
        return int(self._connection.execute(count).scalar_one())

    def _codes(self) -> dict[str, int]:
        counted = (
            select(refusals.c.code, func.count())
            .where(refusals.c.file == self._file)
            .group_by(refusals.c.code)
            .order_by(refusals.c.code)
        )
        return {code: int(count) for code, count in self._connection.execute(counted)}


def _same_key(one: Any, other: Any) -> Any:
    return and_(
        one.c.project == other.c.project, one.c.month == other.c.month, one.c.electricity == other.c.electricity
    )


def _inserted(connection: Connection, row: Mapping[str, Any]) -> int:
    return int(connection.execute(insert(files).values(row).returning(files.c.id)).scalar_one())


def _outcome_text(outcome: Intake) -> str:
    told = asdict(outcome)
    told["refusals"] = dict(outcome.refusals)
    told["notices"] = [[notice.code.name, notice.row, notice.field, notice.value] for notice in outcome.notices]
    return json.dumps(told, ensure_ascii=False)


def _intake_of(text: str) -> Intake:
    told = json.loads(text)
    notices = tuple(Notice(Code[code], row, field, value) for code, row, field, value in told.pop("notices"))
    return Intake(**told, notices=notices)
