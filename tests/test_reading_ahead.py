"""Files taken in while another process reads ahead: the same as one by one, and either process may die."""

import importlib
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
from types import ModuleType

import pytest
from sqlalchemy import Engine, select

from gecchain.errors import BadInput, Unavailable
from gecchain.oracle.ahead import ReadAhead
from gecchain.oracle.intake import Intake, take_in, take_in_all
from gecchain.oracle.source import survey
from gecchain.rules.classes import ProjectType, Technology
from gecchain.rules.months import Month
from gecchain.rules.numbers import ProjectKey
from gecchain.store.engine import open_engine
from gecchain.store.intake import IntakeSink, migrate
from gecchain.store.intake.tables import files, readings, refusals, staged

NOW = datetime(2026, 11, 20, tzinfo=UTC)
HEADER = "project,month,class,kwh,provider,sheet"


COUNTRY = Path(__file__).parent / "oracle" / "country"


@pytest.fixture(autouse=True)
def country(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The register, in a module that the other process can import too."""
    monkeypatch.syspath_prepend(str(COUNTRY))
    return importlib.import_module("wind_country")


def table(path: Path, *rows: str, header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def code(at: int) -> str:
    return ProjectKey(ProjectType.CENTRALISED, Technology.WIND, Month.of(2015, 3), 15, at + 1).code


def row(at: int, kwh: str, month: str = "2026-09", sheet: str = "S") -> str:
    return f"{code(at)},{month},on_grid,{kwh},P,{sheet}"


def handed_in(folder: Path) -> list[Path]:
    """Good, bad, empty, broken, revised, and twice the same."""
    good = table(folder / "good.csv", row(0, "10"), row(1, "20.5"), row(2, "30", "2026-08"))
    months = [f"20{20 + at // 12}-{at % 12 + 1:02d}" for at in range(72)]
    return [
        good,
        table(folder / "mixed.csv", row(3, "1"), row(4, "-1"), row(7, "5"), row(3, "2"), row(5, "999999999"), "x,y"),
        table(folder / "broken.csv", f"{code(0)},2026-09", header="project,month"),
        table(folder / "same.csv", row(0, "10"), row(1, "20.5"), row(2, "30", "2026-08")),
        table(folder / "empty.csv"),
        good,
        table(folder / "revised.csv", row(0, "11"), row(1, "20.5"), row(6, "7")),
        table(folder / "large.csv", *(row(at % 7, "1", months[at // 7]) for at in range(500))),
    ]


@pytest.fixture
def engines(tmp_path: Path) -> Iterator[tuple[Engine, Engine]]:
    both = open_engine(f"sqlite:///{tmp_path}/one.db"), open_engine(f"sqlite:///{tmp_path}/other.db")
    for engine in both:
        migrate(engine)
    yield both
    for engine in both:
        engine.dispose()


def kept(engine: Engine) -> list[list[tuple[object, ...]]]:
    with engine.connect() as connection:
        shown = [column for column in files.c if column.name != "taken_at"]
        queries = [select(*shown), select(readings), select(refusals), select(staged)]
        return [[tuple(one) for one in connection.execute(query)] for query in queries]


def all_of(engine: Engine, paths: list[Path], country: ModuleType) -> list[Intake]:
    register = country.Country
    return list(take_in_all(paths, IntakeSink(engine), register(), NOW, open_register=register))


def test_reading_ahead_changes_nothing(engines: tuple[Engine, Engine], tmp_path: Path, country: ModuleType) -> None:
    paths = handed_in(tmp_path)
    alone = [take_in(path, IntakeSink(engines[0]), country.Country(), NOW) for path in paths]
    assert all_of(engines[1], paths, country) == alone
    assert kept(engines[1]) == kept(engines[0])
    assert [one.known for one in alone] == [False, False, False, True, False, True, False, False]
    assert [one.broken for one in alone] == [False, False, True, False, False, False, False, False]
    known = [replace(one, known=not one.broken) for one in alone]
    assert all_of(engines[1], paths, country) == known


def test_what_goes_wrong_while_reading_is_raised_and_leaves_whole_files(
    engines: tuple[Engine, Engine], tmp_path: Path, country: ModuleType
) -> None:
    good = table(tmp_path / "good.csv", row(0, "10"))
    away = table(tmp_path / "away.csv", row(1, "1"), *["AWAY,2026-09,on_grid,1,P,S"])
    with pytest.raises(Unavailable, match="node is away") as told:
        all_of(engines[0], [good, away], country)
    assert told.value.remedy == "Start it."
    (entered, rows, _refused, stage) = kept(engines[0])
    assert (len(entered), len(rows), len(stage)) == (1, 1, 0)
    with pytest.raises(BadInput) as bad:
        list(take_in_all([away], IntakeSink(engines[0]), country.Country(), NOW, open_register=country.absent))
    assert (bad.value.field, bad.value.value, bad.value.remedy) == ("home", "nowhere", "Name another.")


def test_the_death_of_the_process_that_reads_is_told(
    engines: tuple[Engine, Engine], tmp_path: Path, country: ModuleType
) -> None:
    good, more = table(tmp_path / "good.csv", row(0, "10")), table(tmp_path / "more.csv", row(1, "10"))
    deadly = table(tmp_path / "deadly.csv", "DIE,2026-09,on_grid,1,P,S")
    with pytest.raises(Unavailable, match="status -9"):
        all_of(engines[0], [good, deadly, more], country)
    assert [len(part) for part in kept(engines[0])] == [1, 1, 0, 0]
    assert [one.known for one in all_of(engines[0], [good, more], country)] == [True, False]


def test_nothing_is_started_for_files_that_are_known(
    engines: tuple[Engine, Engine], tmp_path: Path, country: ModuleType
) -> None:
    good = table(tmp_path / "good.csv", row(0, "10"))
    take_in(good, IntakeSink(engines[0]), country.Country(), NOW)
    (again,) = take_in_all([good], IntakeSink(engines[0]), country.Country(), NOW, open_register=country.absent)
    assert again.known


def test_a_table_that_is_passed_over_does_not_get_in_the_way(tmp_path: Path, country: ModuleType) -> None:
    long = survey(table(tmp_path / "long.csv", *(row(at % 7, "1", sheet=f"S{at}") for at in range(30_000))))
    short = survey(table(tmp_path / "short.csv", row(0, "10")))
    with ReadAhead(country.Country, "", NOW) as ahead:
        ahead.begin(long)
        ahead.begin(short)
        next(ahead.table(long))
        ahead.pass_over(long)
        ahead.pass_over(long)
        assert [one.readings[0].wh for one in ahead.table(short)] == [10_000]


SLOW = """
    import os, sys, time
    from datetime import UTC, datetime
    from pathlib import Path
    from gecchain.oracle.ahead import ReadAhead
    from gecchain.oracle.source import survey

    def slow():
        Path(sys.argv[2]).write_text(str(os.getpid()))
        time.sleep(600)

    if __name__ == "__main__":
        with ReadAhead(slow, "", datetime.now(UTC)) as ahead:
            facts = survey(Path(sys.argv[1]))
            ahead.begin(facts)
            list(ahead.table(facts))
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_the_process_that_reads_ends_with_the_other(tmp_path: Path, how: signal.Signals) -> None:
    script, told = tmp_path / "slow.py", tmp_path / "pid"
    script.write_text(textwrap.dedent(SLOW))
    command = [sys.executable, str(script), str(table(tmp_path / "t.csv", row(0, "1"))), str(told)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        until(lambda: told.exists() and told.read_text() != "")
        reader = int(told.read_text())
        process.send_signal(how)
    until(lambda: not Path(f"/proc/{reader}").exists())


def until(seen: object) -> None:
    deadline = time.monotonic() + 30
    while not seen():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)
