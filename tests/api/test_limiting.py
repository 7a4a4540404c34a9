"""Who asks too often is told when to ask again, and nobody escapes by making keys up."""

from dataclasses import replace
from pathlib import Path

import pytest

from api import ApiSettings, create_app
from api.settings import Rates
from gecchain.store import connected, desk, open_engine
from gecchain.store.desk import keys
from tests.api.serving import served

NOW = 1_790_000_000


@pytest.fixture
def limited(settings: ApiSettings, tmp_path: Path) -> tuple[ApiSettings, str]:
    """Three questions an hour for the public, six for a key, two of them writing; and a key."""
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    engine = open_engine(url)
    desk.migrate(engine)
    with connected(engine, writes=True) as db:
        _key, secret = keys.grant(db, "Platform", now=NOW)
    engine.dispose()
    return replace(settings, desk_url=url, rates=Rates("3/hour", "6/hour", "2/hour")), secret


def test_the_public_is_told_when_to_ask_again(limited: tuple[ApiSettings, str]) -> None:
    with served(create_app(limited[0])) as client:
        answers = [client.get("/v1/health") for _ in range(4)]
        assert [one.status_code for one in answers] == [200, 200, 200, 429]
        assert [one.headers["ratelimit-remaining"] for one in answers[:3]] == ["2", "1", "0"]
        assert 0 < int(answers[3].headers["retry-after"]) <= 3600
        problem = answers[3].json()
        assert (problem["type"], problem["status"]) == ("/docs#problem-too-many", 429)
        assert "Ask again in" in problem["remedy"]
        assert client.get("/en/").status_code == 200, "pages are not counted"


def test_made_up_keys_are_counted_by_address(limited: tuple[ApiSettings, str]) -> None:
    with served(create_app(limited[0])) as client:
        made_up = [{"Authorization": f"Bearer gec_{number:012x}_{'A' * 43}"} for number in range(4)]
        found = [client.get("/v1/requests", headers=headers).status_code for headers in made_up]
        assert found == [401, 401, 401, 429]


def test_a_key_is_counted_for_itself(limited: tuple[ApiSettings, str]) -> None:
    settings, secret = limited
    with served(create_app(settings)) as client:
        headers = {"Authorization": f"Bearer {secret}"}
        found = [client.get("/v1/requests", headers=headers).status_code for _ in range(8)]
        assert found == [200] * 7 + [429], "the first is counted by address, as nobody knows the key yet"
        assert client.get("/v1/health").status_code == 200


def test_writes_are_counted_besides(limited: tuple[ApiSettings, str]) -> None:
    with served(create_app(limited[0])) as client:
        found = [client.post("/v1/session/challenge").status_code for _ in range(3)]
        assert found == [200, 200, 429]
        assert client.get("/v1/health").status_code == 429, "a write counts as a question too"
    engine = open_engine(limited[0].desk_url)
    with connected(engine) as db:
        assert desk.audit.read(db) == [], "nobody fills the audit by asking too often"
    engine.dispose()
