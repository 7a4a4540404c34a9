"""The year of `scripts/year.py`, in which everything happens that the rules know, and what is left of it to read."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, select

from api import ApiSettings, create_app
from gecchain.chain.deployment import load_deployment
from gecchain.chain.reader import Reader
from gecchain.config import Settings
from gecchain.indexer import catch_up
from gecchain.reconciling import balance
from gecchain.rules import Month
from gecchain.store import connected, migrate, open_engine
from gecchain.store.dumping import dump
from gecchain.store.indexing import Projection
from gecchain.store.intake import ReadingStore
from gecchain.store.months import indexed_month
from gecchain.store.tables import commitments
from tests.api.serving import served

ROOT = Path(__file__).resolve().parents[2]


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("year", ROOT / "scripts" / "year.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["year"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """What the year left, with its node still running."""
    story, home = script(), tmp_path_factory.mktemp("year")
    with story.node(home / "chain") as url:
        yield story.live(home, url)


@pytest.fixture(scope="module")
def web(year: Any) -> Iterator[httpx.Client]:
    settings = ApiSettings(
        database_url=Settings(home=year.home, rpc_url=year.url).projection_url,
        deployment_file=year.home / "deployment.json",
        rpc_url=year.url,
    )
    with served(create_app(settings)) as client:
        yield client


def test_nothing_differs_after_the_year(year: Any) -> None:
    assert year.checked["passed"]
    assert year.checked["deducted"] == 25


def test_whoever_follows_has_the_same_bytes(year: Any, postgres_url: str, tmp_path: Path) -> None:
    """The index that grew with the year, one built of it in a day, and one on PostgreSQL; then one that lost a row."""
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as db:
        db.exec_driver_sql("CREATE DATABASE year_dump")
    admin.dispose()
    settings = Settings(home=year.home, rpc_url=year.url)
    urls = [settings.projection_url, f"sqlite:///{tmp_path}/afresh.db", postgres_url.rsplit("/", 1)[0] + "/year_dump"]
    found = []
    with Reader.at(year.url, load_deployment(year.home / "deployment.json")) as reader:
        for number, url in enumerate(urls):
            engine = open_engine(url)
            migrate(engine)
            catch_up(reader, Projection(engine))
            file = tmp_path / f"{number}.ndjson"
            found.append((dump(engine, file), file.read_bytes()))
            if number == 1:
                with engine.begin() as db:
                    db.exec_driver_sql("DELETE FROM trades WHERE id = (SELECT min(id) FROM trades)")
                assert dump(engine, tmp_path / "less.ndjson").sha256 != found[0][0].sha256
            engine.dispose()
    assert found[0] == found[1] == found[2]
    assert found[0][0].rows > 300
    assert hashlib.sha256(found[0][1]).hexdigest() == found[0][0].sha256
    head, *rows = map(json.loads, found[0][1].splitlines())
    assert (head["format"], len(rows)) == (1, found[0][0].rows)
    assert {row[0] for row in rows} <= set(head["tables"])


def test_every_month_of_the_year_balances(year: Any) -> None:
    """Months with declared readings, with certificates that cases added, and with leaves that were refused."""
    settings = Settings(home=year.home, rpc_url=year.url)
    index, readings = open_engine(settings.projection_url), ReadingStore(open_engine(settings.working_url))
    with connected(index) as db:
        months = sorted(db.scalars(select(commitments.c.month).distinct()))
        found = [balance(Month(one), 1, readings.read(Month(one)), indexed_month(db, Month(one))) for one in months]
    assert [one.differences for one in found] == [()] * len(months)
    assert sum(one.certificates + one.added for one in found) == year.checked["issued"]
    assert sum(one.declared for one in found) > 0
    assert sum(one.added for one in found) > 0


def test_the_story_is_told_in_order(year: Any, web: httpx.Client) -> None:
    """Issued, disputed, sold, undone, sold again and retired."""
    steps = web.get(f"/v1/trace/{year.story}").json()["steps"]
    names = [step["name"]["code"] for step in steps]
    wanted = ["filing_submitted", "readings_committed", "commitment_approved", "commitment_approved", "issued",
              "case_opened", "frozen", "case_decided", "unfrozen", "listed", "traded", "case_opened", "case_decided",
              "trade_undone", "listed", "traded", "retired"]  # fmt: skip
    at = 0
    for name in wanted:
        at = names.index(name, at) + 1
    assert [step["place"]["time"] for step in steps] == sorted(step["place"]["time"] for step in steps)
    opened = next(step for step in steps if step["name"]["code"] == "case_opened")
    assert opened["reason"]
    assert re.fullmatch("0x[0-9a-f]{64}", opened["evidence"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_its_page_reads_like_a_story(year: Any, web: httpx.Client, language: str) -> None:
    page = web.get(f"/{language}/trace/{year.story}").text
    for text in ("怀疑 11 月电量重复推送", "经核对电量无误", "该笔交易为重复撮合", "示例云计算", "示例制造"):
        assert text in page
    assert "自然人" not in page
    assert "natural person" not in page.lower()


def test_the_sum_that_the_statistics_state_adds_up(web: httpx.Client) -> None:
    """What disputes took off is said; without it the page would contradict its own figures."""
    page = web.get("/en/statistics").text
    less = re.search(r"certificates issued − ([0-9,]+) that disputes take off", page)
    assert less
    sums = web.get("/v1/stats").json()
    metered = (sums["issued"] - int(less[1].replace(",", ""))) * 1_000_000 + int(sums["carry_wh"])
    assert metered == int(sums["metered_wh"])


def test_every_certificate_of_the_year_is_genuine(year: Any, web: httpx.Client) -> None:
    for number, status in ((year.story, "retired"), (year.added, "held"), (year.retired_for_ccer, "retired")):
        found = web.get(f"/v1/verify/{number}").json()
        assert (found["verdict"], found["status"]) == ("valid", status), found
        again = web.get(f"/v1/verify/{found['hash']}").json()
        assert again["number"] == number


def test_an_added_certificate_names_its_case(year: Any, web: httpx.Client) -> None:
    found = web.get(f"/v1/certificates/{year.added}").json()
    case = web.get(f"/v1/cases/{found['added_by_case']}").json()
    assert case["outcome"]["code"] == "added"
    assert case["stage"]["code"] == "closed"
    assert case["added"][0]["first_number"] == year.added


def test_every_dispute_has_a_page(year: Any, web: httpx.Client) -> None:
    cases = web.get("/v1/cases").json()["items"]
    assert [case["case"] for case in cases] == list(range(1, year.cases + 1))
    for case in cases:
        page = web.get(f"/zh/cases/{case['case']}").text
        assert case["project_name"] in page
        assert web.get(f"/en/cases/{case['case']}").status_code == 200
    assert web.get("/zh/cases").status_code == 200
    assert web.get("/v1/cases/99").status_code == 404


def test_lists_of_what_went_on(year: Any, web: httpx.Client) -> None:
    settled = web.get("/v1/settlements").json()["items"]
    assert [(one["certificates"], one["attribute_price_fen"]) for one in settled] == [(7, "350")]
    assert {one["status"]["code"] for one in web.get("/v1/deals").json()["items"]} == {"filled", "cancelled"}
    (declared,) = web.get("/v1/declarations").json()["items"]
    assert declared["stage"]["code"] == "accepted"
    sent_back = [step for step in declared["steps"] if step["data"].get("passed") is False]
    assert [step["kind"] for step in sent_back] == ["DeclarationChecked", "DeclarationRechecked"]
    assert web.get("/v1/expiring").status_code == 200
