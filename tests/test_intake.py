"""The working store with SQLite and PostgreSQL: files in, revisions, refusals out and in again, nothing twice."""

import csv
import itertools
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, create_engine, func, inspect, select, text

from gecchain.errors import BrokenProof, NotFound
from gecchain.oracle.checks import ProjectFacts
from gecchain.oracle.codes import Code
from gecchain.oracle.intake import Intake, SeriesOrigin, take_in, take_in_series
from gecchain.oracle.interval_series import SeriesShape
from gecchain.oracle.interval_values import Unit
from gecchain.rules.classes import Electricity, ProjectType, Technology
from gecchain.rules.months import Month
from gecchain.rules.numbers import ProjectKey
from gecchain.store.engine import open_engine
from gecchain.store.intake import IntakeSink, MonthRead, ReadingStore, RefusalStore, intake_metadata, migrate
from gecchain.store.intake.tables import files, readings, staged

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SEPTEMBER = Month.of(2026, 9)
HEADER = ["project", "month", "class", "kwh", "provider", "sheet", "sheet_kwh", "refusal"]
PV = Path(__file__).parents[1] / "data" / "pv_serf_east_15min_ac_power.csv"
COUNTER = itertools.count()
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}


def key(sequence: int, technology: Technology = Technology.WIND) -> ProjectKey:
    return ProjectKey(ProjectType.CENTRALISED, technology, Month.of(2015, 3), 15, sequence)


KEYS = [key(i) for i in range(1, 6)]
PUMPED, DRAFT = key(90, Technology.PUMPED_STORAGE), key(91)
PROJECTS = {
    one.code: ProjectFacts(one.code, one.id, one.technology, one != DRAFT, Month.of(2016, 1), 1000, 15)
    for one in [*KEYS, PUMPED, DRAFT]
}


def codes(store: RefusalStore, status: str | None = "open") -> list[tuple[Code, int]]:
    return [(refusal.code, refusal.row) for refusal in store.listed(status=status)]


@pytest.fixture(scope="module")
def postgres(postgres_url: str) -> Iterator[Engine]:
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE intake"))
    admin.dispose()
    engine = open_engine(postgres_url.rsplit("/", 1)[0] + "/intake")
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path}/intake.db")
        migrate(engine)
        yield engine
        engine.dispose()
        return
    engine = request.getfixturevalue("postgres")
    with engine.begin() as connection:
        if inspect(connection).has_table("intake_version"):
            connection.execute(text("DELETE FROM intake_version WHERE version = 1000"))
    migrate(engine)
    with engine.begin() as connection:
        names = [table.name for table in intake_metadata.sorted_tables if table.name != "intake_version"]
        connection.execute(text(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE"))
    yield engine


class Desk:
    """Writes tables and takes them in."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder
        self.readings = ReadingStore(engine)
        self.refusals = RefusalStore(engine)
        self.issued: set[tuple[int, Month, Electricity]] = set()

    def take(self, *rows: list[str], header: list[str] = HEADER) -> Intake:
        path = self.folder / f"{next(COUNTER)}.csv"
        with path.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([header, *rows])
        return self.take_file(path)

    def take_file(self, path: Path) -> Intake:
        return take_in(path, IntakeSink(self.engine), PROJECTS, NOW, issued=self.issued.intersection)

    def wh(self) -> dict[str, int]:
        return {
            f"{one.code} {one.electricity.slug}": one.wh
            for month in self.readings.months()
            for one in self.readings.current(month)
        }

    def staged(self) -> int:
        with self.engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(staged)).scalar_one())


@pytest.fixture
def desk(engine: Engine, tmp_path: Path) -> Desk:
    return Desk(engine, tmp_path)


def row(one: ProjectKey, kwh: str, **other: str) -> list[str]:
    cells = {"project": one.code, "month": "2026-09", "class": "on_grid", "kwh": kwh, "provider": "P", "sheet": "S"}
    return [(cells | other).get(name, "") for name in HEADER]


def test_readings_are_kept_and_the_same_file_changes_nothing(desk: Desk) -> None:
    first = desk.take(row(KEYS[0], "100"), row(KEYS[1], "0.001"))
    assert (first.known, first.rows, first.accepted, first.refused) == (False, 2, 2, 0)
    path = max(desk.folder.glob("*.csv"), key=lambda file: int(file.stem))
    again = desk.take_file(path)
    assert again == replace(first, known=True)
    copy = path.with_name("copy.csv")
    copy.write_bytes(path.read_bytes())
    assert desk.take_file(copy).known
    assert sorted(desk.wh().values()) == [1, 100_000]
    assert desk.readings.total_wh() == 100_001
    assert (desk.readings.months(), desk.readings.providers(SEPTEMBER)) == ((SEPTEMBER,), ("P",))


def test_what_came_in_of_a_month_is_summed_by_province(desk: Desk) -> None:
    desk.take(row(KEYS[0], "100"), row(KEYS[1], "0.001"), row(PUMPED, "5"), row(key(99), "1"))
    desk.take(row(KEYS[0], "120"), row(KEYS[2], "3", month="2026-08"))
    found = desk.readings.read(SEPTEMBER)
    assert found.readings == {15: (2, 120_001)}
    assert found.refused == {"STORAGE": 1, "UNKNOWN_PROJECT": 1}
    assert desk.readings.read(Month.of(2026, 7)) == MonthRead({}, {})


def test_a_revision_replaces_and_keeps_what_it_replaced(desk: Desk) -> None:
    desk.take(row(KEYS[0], "100"), row(KEYS[1], "7"))
    revised = desk.take(row(KEYS[0], "120"), row(KEYS[1], "7.000"), row(KEYS[2], "1"))
    assert (revised.accepted, revised.replaced, revised.unchanged, revised.refused) == (1, 1, 1, 0)
    with desk.engine.connect() as connection:
        rows = connection.execute(select(readings).where(readings.c.code == KEYS[0].code).order_by(readings.c.id)).all()
    assert [(r.wh, r.current) for r in rows] == [(100_000, False), (120_000, True)]
    assert rows[0].replaced_by == rows[1].id
    (replaced,) = desk.readings.leaves_with([rows[0].id])
    assert (replaced.id, replaced.wh, replaced.project) == (rows[0].id, 100_000, KEYS[0].id)
    third = desk.take(row(KEYS[0], "130"))
    assert (third.accepted, third.replaced) == (0, 1)
    assert desk.staged() == 0


def test_after_issuing_a_revision_is_refused_with_a_pointer_to_a_case(desk: Desk) -> None:
    desk.take(row(KEYS[0], "100"), row(KEYS[1], "100"))
    desk.issued.add((KEYS[0].id, SEPTEMBER, Electricity.ON_GRID))
    outcome = desk.take(row(KEYS[0], "120"), row(KEYS[1], "130", sheet="T"))
    assert (outcome.replaced, outcome.refusals) == (1, {"ALREADY_ISSUED": 1})
    (refusal,) = desk.refusals.listed()
    assert (refusal.code, refusal.row, refusal.field, refusal.value) == (Code.ALREADY_ISSUED, 2, "kwh", "120.000")
    assert "case" in refusal.remedy
    assert desk.take(row(KEYS[0], "100", sheet="U")).unchanged == 1


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row(key(77), "1")], [(Code.UNKNOWN_PROJECT, 2)]),
        ([row(DRAFT, "1")], [(Code.PROJECT_NOT_APPROVED, 2)]),
        ([row(PUMPED, "1")], [(Code.STORAGE, 2)]),
        ([row(KEYS[0], "1", month="2026-11")], [(Code.MONTH_FUTURE, 2)]),
        ([row(KEYS[0], "1", month="2015-12")], [(Code.MONTH_BEFORE_GRID, 2)]),
        ([row(KEYS[0], "756000.001")], [(Code.ABOVE_CAPACITY, 2)]),
        ([row(KEYS[0], "1"), row(KEYS[0], "2")], [(Code.DUPLICATE, 3)]),
        ([row(KEYS[0], "-1")], [(Code.NEGATIVE, 2)]),
        (
            [row(KEYS[0], "400000"), row(KEYS[0], "356000.001", **{"class": "self_use"}), row(KEYS[1], "1")],
            [(Code.ABOVE_CAPACITY, 2), (Code.ABOVE_CAPACITY, 3)],
        ),
        (
            [row(KEYS[0], "1", sheet_kwh="3"), row(KEYS[1], "1.999", sheet_kwh="3"), row(KEYS[2], "1", sheet="T")],
            [(Code.SHEET_SPLIT, 2), (Code.SHEET_SPLIT, 3)],
        ),
        (
            [row(KEYS[0], "1", sheet_kwh="3"), row(KEYS[1], "2", sheet_kwh="2")],
            [(Code.SHEET_SPLIT, 2), (Code.SHEET_SPLIT, 3)],
        ),
        ([row(KEYS[0], "1", sheet_kwh="3"), row(KEYS[1], "2")], []),
        ([row(KEYS[0], "400000"), row(KEYS[0], "356000", **{"class": "self_use"})], []),
    ],
)
def test_codes_from_a_file(desk: Desk, rows: list[list[str]], expected: list[tuple[Code, int]]) -> None:
    outcome = desk.take(*rows)
    assert codes(desk.refusals) == expected
    assert outcome.accepted == len(rows) - len(expected)
    assert sum(outcome.refusals.values()) == outcome.refused == len(expected)


def test_capacity_counts_classes_that_came_in_an_earlier_file(desk: Desk) -> None:
    desk.take(row(KEYS[0], "400000"))
    over = desk.take(row(KEYS[0], "356000.001", **{"class": "self_use"}))
    assert over.refusals == {"ABOVE_CAPACITY": 1}
    moved = desk.take(row(KEYS[0], "100"), row(KEYS[0], "755900", **{"class": "self_use"}))
    assert (moved.accepted, moved.replaced, moved.refused) == (1, 1, 0)


def test_another_provider_cannot_replace(desk: Desk) -> None:
    desk.take(row(KEYS[0], "100"))
    assert desk.take(row(KEYS[0], "101", provider="Q")).refusals == {"PROVIDER_MISMATCH": 1}
    assert desk.readings.providers(SEPTEMBER) == ("P",)


def test_a_sheet_with_one_bad_row_comes_back_whole_and_in_again(desk: Desk) -> None:
    shared = {"sheet": "X", "sheet_kwh": "30"}
    outcome = desk.take(row(KEYS[0], "10", **shared), row(KEYS[1], "20,0", **shared), row(KEYS[2], "5"))
    assert outcome.refusals == {"NUMBER_FORMAT": 1, "SHEET_SPLIT": 1}
    corrected = desk.folder / "corrected.csv"
    assert desk.refusals.export(corrected) == 2
    corrected.write_text(corrected.read_text("utf-8-sig").replace('"20,0"', "20", 1), encoding="utf-8")
    again = desk.take_file(corrected)
    assert (again.accepted, again.refused, again.resolved) == (2, 0, 2)
    assert codes(desk.refusals) == []
    assert {refusal.status for refusal in desk.refusals.listed(status=None)} == {"resolved"}
    assert sorted(desk.wh().values()) == [5_000, 10_000, 20_000]


def test_a_row_of_an_accepted_sheet_can_only_change_with_the_sheet(desk: Desk) -> None:
    shared = {"sheet": "X", "sheet_kwh": "30"}
    desk.take(row(KEYS[0], "10", **shared), row(KEYS[1], "20", **shared))
    assert desk.take(row(KEYS[0], "11", **shared)).refusals == {"SHEET_SPLIT": 1}
    assert desk.take(row(KEYS[0], "11", **shared), row(KEYS[1], "19", **shared)).replaced == 2


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_refusals_go_out_and_come_in_again(desk: Desk, suffix: str) -> None:
    chinese = ["项目代码", "生产年月", "电量类型", "电量（千瓦时）", "数据提供方", "结算单号", "备注"]
    desk.take(
        [KEYS[0].code, "2026-09", "上网", "-5", "=HYPERLINK(1)", "S", "meter 3"],
        [PUMPED.code, "2026-09", "上网", "5", "P", "S", ""],
        header=chinese,
    )
    path = desk.folder / f"out{suffix}"
    assert desk.refusals.export(path) == 2
    cells = _cells(path)
    assert cells[0][:7] == chinese
    assert cells[0][-6:-4] == ["refusal", "refusal_code"]
    assert cells[1][:7] == [KEYS[0].code, "2026-09", "上网", "-5", "'=HYPERLINK(1)", "S", "meter 3"]
    assert cells[2][cells[0].index("refusal_code")] == "STORAGE"
    cells[1][3] = "5"
    with (desk.folder / "in.csv").open("w", newline="", encoding="gb18030") as stream:
        csv.writer(stream).writerows(cells)
    again = desk.take_file(desk.folder / "in.csv")
    assert (again.accepted, again.refusals, again.resolved) == (1, {"STORAGE": 1}, 1)
    assert desk.readings.providers(SEPTEMBER) == ("=HYPERLINK(1)",)
    assert [refusal.status for refusal in desk.refusals.listed(status=None)] == ["resolved", "superseded", "open"]
    assert desk.refusals.counted() == {"STORAGE": 1}


def _cells(path: Path) -> list[list[str]]:
    if path.suffix == ".xlsx":
        sheet = load_workbook(path).worksheets[0]
        assert all(cell.data_type != "f" for cells in sheet.iter_rows() for cell in cells)
        return [["" if value is None else str(value) for value in cells] for cells in sheet.iter_rows(values_only=True)]
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def test_a_file_that_is_refused_as_a_whole_can_be_tried_again(desk: Desk) -> None:
    bare = [name for name in HEADER if name != "provider"]
    cells = [cell for name, cell in zip(HEADER, row(KEYS[0], "5"), strict=True) if name != "provider"]
    outcome = desk.take(cells, header=bare)
    assert (outcome.broken, outcome.accepted, outcome.refusals) == (True, 0, {"MISSING_FIELD": 1})
    assert codes(desk.refusals) == [(Code.MISSING_FIELD, 0)]
    path = max(desk.folder.glob("*.csv"), key=lambda file: int(file.stem))
    again = take_in(path, IntakeSink(desk.engine), PROJECTS, NOW, provider="P")
    assert (again.known, again.broken, again.accepted) == (False, False, 1)
    assert codes(desk.refusals) == []


def test_what_no_database_keeps_is_refused_and_kept_all_the_same(desk: Desk) -> None:
    path = desk.folder / "odd.json"
    path.write_text(f'[{{"project": "{KEYS[0].code}\\u0000", "month": "\\ud800"}}]', encoding="utf-8")
    assert desk.take_file(path).refused == 1
    (refusal,) = desk.refusals.listed()
    assert refusal.raw == {"project": KEYS[0].code + "\ufffd", "month": "\ufffd"}


def test_an_interval_series_becomes_monthly_readings(desk: Desk) -> None:
    origin = SeriesOrigin(KEYS[0], Electricity.SELF_USE, "P", "METER-1")
    facts = {KEYS[0].code: replace(PROJECTS[KEYS[0].code], capacity_kw=6)}
    shape = SeriesShape(unit=Unit.W, shift_years=10)
    outcome = take_in_series(PV, IntakeSink(desk.engine), facts, NOW, origin=origin, shape=shape)
    assert (outcome.accepted, outcome.refused) == (4, 0)
    found = [one for month in desk.readings.months() for one in desk.readings.current(month)]
    assert [one.wh for one in found] == [847_788, 846_717, 885_201, 362_199]
    assert all(one.derived and "+10 years" in one.note for one in found)
    assert {notice.code for notice in outcome.notices} == {Code.GAP, Code.DRAW, Code.EMPTY_LINE, Code.SHIFTED}
    assert take_in_series(PV, IntakeSink(desk.engine), facts, NOW, origin=origin, shape=shape).known


def test_a_month_with_an_overlap_is_left_out(desk: Desk) -> None:
    path = desk.folder / "series.csv"
    hours = [("2026-08-01T00:00+08:00", 1), ("2026-08-01T01:00+08:00", 1), ("2026-08-01T01:00+08:00", 2)]
    lines = [f"{time},{value}" for time, value in [*hours, ("2026-09-01T00:00+08:00", 3)]]
    path.write_text("\n".join(["time,kW", *lines]), encoding="utf-8")
    origin = SeriesOrigin(KEYS[0], Electricity.ON_GRID, "P", "M")
    outcome = take_in_series(path, IntakeSink(desk.engine), PROJECTS, NOW, origin=origin, shape=SeriesShape())
    assert (outcome.accepted, outcome.refusals) == (1, {"OVERLAP": 1})
    assert desk.readings.months() == (SEPTEMBER,)


def test_commitments_keep_their_leaves_in_order(desk: Desk) -> None:
    desk.take(*(row(one, "1") for one in reversed(KEYS)), row(KEYS[2], "2", **{"class": "self_use"}))
    chosen = list(desk.readings.current(SEPTEMBER, "P"))
    order = [(one.project, one.electricity) for one in chosen]
    assert order == sorted(order)
    assert len(order) == 6
    prepared = desk.readings.prepare(
        SEPTEMBER, "P", root=b"r" * 32, reading_ids=[one.id for one in chosen], total_wh=7000, evidence=b"e" * 32
    )
    desk.take(row(KEYS[0], "9"))
    kept = list(desk.readings.leaves_of(prepared))
    assert [one.digest for one in kept] == [one.digest for one in chosen]
    assert [one.id for one in kept] == [one.id for one in chosen]
    assert kept == list(desk.readings.leaves_with([one.id for one in chosen]))
    desk.readings.mark(prepared, "committed", 12)
    (commitment,) = desk.readings.commitments(SEPTEMBER, "P")
    assert (commitment.status, commitment.number, commitment.leaves, commitment.root) == ("committed", 12, 6, b"r" * 32)
    assert desk.readings.by_digest(chosen[0].project, chosen[0].digest).id == chosen[0].id
    with pytest.raises(NotFound):
        desk.readings.by_digest(chosen[0].project, b"0" * 17)
    with pytest.raises(NotFound):
        desk.readings.mark(99, "committed")


def test_more_readings_than_a_page(engine: Engine, tmp_path: Path) -> None:
    keys = [key(1000 + i) for i in range(4100)]
    projects = {k.code: ProjectFacts(k.code, k.id, k.technology, True, Month.of(2016, 1), 1000, 15) for k in keys}
    path = tmp_path / "many.csv"
    bad = {5, 4099}
    kwh = ["-1" if i in bad else "800000" if i % 7 == 0 else "3" for i in range(4100)]
    lines = [",".join(row(k, value)) for k, value in zip(keys, kwh, strict=True)]
    shared = [",".join(row(k, "1", month="2026-08", sheet=k.code, sheet_kwh="2")) for k in keys]
    path.write_text("\n".join([",".join(HEADER), *lines, *shared]), encoding="utf-8")
    seen: list[int] = []
    outcome = take_in(path, IntakeSink(engine), projects, NOW, progress=seen.append)
    above = len([value for value in kwh if value == "800000"])
    assert outcome.refusals == {"ABOVE_CAPACITY": above, "NEGATIVE": 2, "SHEET_SPLIT": 4100}
    assert outcome.accepted == 4100 - above - 2
    assert seen == sorted(seen)
    assert seen[-1] == 8200
    store = ReadingStore(engine)
    assert len(list(store.current(SEPTEMBER))) == outcome.accepted
    assert len(list(RefusalStore(engine).listed())) == outcome.refused


def test_migrating_twice_changes_nothing_and_a_newer_store_is_left_alone(desk: Desk) -> None:
    desk.take(row(KEYS[0], "1"))
    migrate(desk.engine)
    assert desk.readings.total_wh() == 1000
    with desk.engine.begin() as connection:
        connection.execute(text("INSERT INTO intake_version (version) VALUES (1000)"))
    with pytest.raises(BrokenProof):
        migrate(desk.engine)


KILLED = """
    import sys
    from datetime import UTC, datetime
    from pathlib import Path
    from gecchain.oracle.checks import ProjectFacts
    from gecchain.oracle.intake import take_in
    from gecchain.rules import Month, ProjectKey
    from gecchain.store.engine import open_engine
    from gecchain.store.intake import IntakeSink, migrate

    class Anything(dict):
        def __missing__(self, code):
            raise KeyError(code)
        def get(self, code, default=None):
            key = ProjectKey.parse(code)
            return ProjectFacts(key.code, key.id, key.technology, True, Month.of(2016, 1), 1000, 15)
        __getitem__ = get

    engine = open_engine(sys.argv[1])
    migrate(engine)
    print("ready", flush=True)
    take_in(Path(sys.argv[2]), IntakeSink(engine), Anything(), datetime(2026, 11, 20, tzinfo=UTC))
    print("done", flush=True)
"""


@pytest.mark.parametrize("wait", [0.05, 0.3])
def test_killed_at_any_moment_nothing_is_lost_and_nothing_twice(tmp_path: Path, wait: float) -> None:
    url, path = f"sqlite:///{tmp_path}/intake.db", tmp_path / "t.csv"
    lines = [",".join(row(key(1000 + i), "3")) for i in range(6000)]
    path.write_text("\n".join([",".join(HEADER), *lines]), encoding="utf-8")
    command = [sys.executable, "-c", textwrap.dedent(KILLED), url, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=ENVIRONMENT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
    engine = open_engine(url)
    with engine.connect() as connection:
        kept = connection.execute(select(func.count()).select_from(readings)).scalar_one()
        entered = connection.execute(select(func.count()).select_from(files)).scalar_one()
    assert (kept, entered) in [(0, 0), (6000, 1)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    assert ReadingStore(engine).total_wh() == 6000 * 3000
    engine.dispose()
