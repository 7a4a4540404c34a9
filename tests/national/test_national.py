"""A made-up country: the same for a seed, as large as it says, and its files come out as `expected.json` says."""

import json
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

import pytest

from gecchain.national import MEAN_CERTIFICATES, projects_of, write_month
from gecchain.national.country import wh_of
from gecchain.oracle.checks import ProjectFacts
from gecchain.oracle.codes import Code
from gecchain.oracle.filing_tables import is_filing_table, read_filings
from gecchain.oracle.intake import take_in
from gecchain.oracle.plants import FilingDraft
from gecchain.oracle.reading import Refusal
from gecchain.rules import Month
from gecchain.store import open_engine
from gecchain.store.intake import IntakeSink, migrate

JANUARY = Month.of(2026, 1)
PROJECTS = 3_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("country")
    write_month(found, PROJECTS, JANUARY, 7)
    return found


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_month(tmp_path, PROJECTS, JANUARY, 7)
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(path.name for path in tmp_path.iterdir())
    assert all((folder / name).read_bytes() == (tmp_path / name).read_bytes() for name in names)


def test_the_mean_is_that_of_january_2026() -> None:
    of = [wh_of(project, JANUARY, 1) // 1_000_000 for project in projects_of(37, 40_000, 1)]
    assert fmean(of) == pytest.approx(MEAN_CERTIFICATES, rel=0.15)
    assert sorted(of)[len(of) // 2] < 5  # most are households that carry over
    assert max(of) > 100_000


def test_every_filing_can_be_filed(folder: Path) -> None:
    drafts = [one for path in sorted(folder.glob("filings-*")) for batch in read_filings(path) for one in batch]
    assert len(drafts) == PROJECTS
    assert all(isinstance(one, FilingDraft) and "owner" in one.made_up for one in drafts)
    assert len({one.key.id for one in drafts if isinstance(one, FilingDraft)}) == PROJECTS
    assert is_filing_table(next(folder.glob("filings-*")))
    assert not is_filing_table(Path("data/plants_cn.csv"))


def test_a_project_that_comes_twice_is_refused_the_second_time(folder: Path, tmp_path: Path) -> None:
    lines = next(folder.glob("filings-37-*")).read_text().splitlines()[:3]
    path = tmp_path / "twice.csv"
    path.write_text("\n".join([*lines, lines[1].replace("Example", "Other")]) + "\n")
    found = [one for batch in read_filings(path) for one in batch]
    assert [isinstance(one, FilingDraft) for one in found] == [True, True, False]
    assert isinstance(found[2], Refusal)
    assert (found[2].code, found[2].row, found[2].field) == (Code.FILING_DUPLICATE, 4, "code")


def test_what_is_taken_and_refused_is_what_is_expected(folder: Path, tmp_path: Path) -> None:
    expected = json.loads((folder / "expected.json").read_text())
    projects = _facts(folder)
    engine = open_engine(f"sqlite:///{tmp_path / 'intake.db'}")
    migrate(engine)
    accepted, refused = 0, dict[str, int]()
    for name in (name for part in expected["readings"].values() for name in part):
        taken = take_in(folder / name, IntakeSink(engine), projects, datetime(2026, 11, 1, tzinfo=UTC))
        accepted += taken.accepted
        for code, count in taken.refusals.items():
            refused[code] = refused.get(code, 0) + count
    assert (accepted, refused) == (PROJECTS, expected["refused"])
    engine.dispose()


def _facts(folder: Path) -> dict[str, ProjectFacts]:
    found = {}
    for path in folder.glob("filings-*"):
        for one in (one for batch in read_filings(path) for one in batch):
            assert isinstance(one, FilingDraft)
            key = one.key
            parts = (key.code, key.id, key.technology, True, one.in_operation, one.capacity_kw, key.province)
            found[key.code] = ProjectFacts(*parts)
    return found
