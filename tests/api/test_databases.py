"""The same answers from both databases, and no query that only one of them can stand."""

from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from api import ApiSettings, create_app
from gecchain.store import migrate, open_engine
from tests.api.serving import served
from tests.api.story import BUYER, OWNER, SUN, WIND, index, number, tell
from tests.api.test_fuzz import PLACES, words

AUGUST = "2026-08"
PATHS = [
    f"/v1/certificates/{number(WIND, AUGUST, 120)}",
    f"/v1/certificates/{number(SUN, AUGUST, 0)}",
    f"/v1/trace/{number(WIND, AUGUST, 2000)}",
    f"/v1/projects/{WIND.code}",
    f"/v1/accounts/{BUYER}",
    f"/v1/accounts/{OWNER}/holdings?limit=3",
    "/v1/listings",
    "/v1/vouchers/1",
    "/v1/events?limit=500",
    "/v1/stats?by=province",
    "/v1/health",
    f"/zh/certificates/{number(WIND, AUGUST, 200)}",
    "/en/statistics",
]


@pytest.fixture(scope="module")
def other(settings: ApiSettings, postgres_url: str) -> Iterator[httpx.Client]:
    """The application on PostgreSQL, with the same story."""
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as db:
        db.exec_driver_sql("CREATE DATABASE api")
    admin.dispose()
    url = postgres_url.rsplit("/", 1)[0] + "/api"
    engine = open_engine(url)
    migrate(engine)
    index(engine, tell(), head=100)
    engine.dispose()
    app = create_app(ApiSettings(url, settings.deployment_file, demo=True, base_url=settings.base_url))
    with served(app) as found:
        yield found


@pytest.mark.parametrize("path", PATHS)
def test_both_databases_answer_the_same(client: httpx.Client, other: httpx.Client, path: str) -> None:
    here, there = client.get(path), other.get(path)
    assert (there.status_code, there.text) == (200, here.text)
    assert there.headers["x-indexed-block"] == here.headers["x-indexed-block"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(PLACES), words)
def test_nothing_that_is_asked_is_our_fault(other: httpx.Client, place: str, word: str) -> None:
    assert other.get(place.format(quote(word, safe=""))).status_code < 500
