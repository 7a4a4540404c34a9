"""Subscriptions over HTTP, on a real store and desk, with a worker and a receiver on real sockets."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from api import ApiSettings, create_app
from gecchain.cli.webhooks import _document
from gecchain.hooking import Sender, Worker
from gecchain.store import connected, desk, open_engine
from gecchain.store.desk import audit, keys
from gecchain.store.hooks import Shelf
from gecchain.store.hooks.filters import KINDS
from tests.api.serving import served
from tests.api.story import BUYER, SUN, WIND, address
from tests.hooking.receiver import Receiver, receiving

NOW = 1_700_000_000
NEVER = "wh_0000000000000000"


@dataclass
class Platform:
    """An API that takes subscriptions, and callers by name."""

    client: httpx.Client
    desk: Any
    index: Any
    keys: dict[str, str]

    def ask(self, method: str, path: str = "", body: Any = None, who: str = "one", **headers: str) -> httpx.Response:
        sent = {"authorization": f"Bearer {self.keys[who]}"} if who else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(method, f"/v1/webhooks{path}", json=body, headers=sent)

    def make(self, who: str = "one", **given: Any) -> dict[str, Any]:
        answer = self.ask("POST", "", {"url": "https://platform.example/gec", **given}, who)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def work(self, waits: tuple[int, ...] = ()) -> None:
        async def once() -> None:
            sender = Sender(private=True, timeout=5)
            try:
                await Worker(Shelf(self.desk, self.index), sender, _document(), waits=waits).run(
                    asyncio.Event(), follow=False
                )
            finally:
                await sender.close()

        asyncio.run(once())


@pytest.fixture
def platform(settings: ApiSettings, tmp_path: Path) -> Iterator[Platform]:
    source = Path(settings.database_url.removeprefix("sqlite:///"))
    for file in source.parent.glob(f"{source.name}*"):
        shutil.copy(file, tmp_path / file.name)
    url, desk_url = f"sqlite:///{tmp_path / source.name}", f"sqlite:///{tmp_path / 'desk.db'}"
    engine, index = open_engine(desk_url), open_engine(url)
    desk.migrate(engine)
    made = {}
    with connected(engine, writes=True) as db:
        for name, account, scopes in (
            ("one", "", ("webhooks",)),
            ("two", "", ("webhooks",)),
            ("old", address(60), ("webhooks",)),
            ("new", address(60), ("webhooks",)),
            ("other", "", ("requests",)),
        ):
            made[name] = keys.grant(db, name, account=account, scopes=scopes, now=NOW)[1]
    with served(create_app(replace(settings, database_url=url, desk_url=desk_url, webhook_private=True))) as client:
        yield Platform(client, engine, index, made)
    engine.dispose()
    index.dispose()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def test_what_is_sent_is_what_the_feed_shows(platform: Platform, receiver: Receiver) -> None:
    made = platform.make(url=receiver.url)
    feed = platform.client.get("/v1/events", params={"limit": 500}).json()["items"]
    platform.work()
    assert receiver.got == [], "it begins with what comes now"
    assert platform.ask("POST", f"/{made['id']}/replay", {"after": None}).json()["block"] is None
    platform.work()
    assert [one.document["data"] for one in receiver.got] == feed
    for one in receiver.got:
        assert (
            Webhook(made["secret"]).verify(one.body, dict(one.headers))["type"]
            == f"event.{one.document['data']['kind']}"
        )
    assert platform.ask("GET", f"/{made['id']}").json()["block"] == feed[-1]["place"]["block"]
    receiver.got.clear()
    assert platform.ask("POST", f"/{made['id']}/replay", {"after": feed[5]["cursor"]}).status_code == 200
    platform.work()
    assert [one.document["data"] for one in receiver.got] == feed[6:]


def test_a_secret_is_shown_once(platform: Platform) -> None:
    made = platform.make(kinds=["Traded"], projects=[WIND.code], accounts=[BUYER.upper().replace("0X", "0x")])
    assert made["secret"].startswith("whsec_")
    assert (made["kinds"], made["projects"], made["accounts"]) == (["Traded"], [WIND.code], [BUYER])
    shown = [platform.ask("GET", path).text for path in ("", f"/{made['id']}", f"/{made['id']}/attempts")]
    assert not any("whsec" in text for text in shown)
    answer = platform.ask("POST", f"/{made['id']}/secret", {})
    assert answer.json()["secret"] not in ("", made["secret"])
    assert platform.ask("GET", f"/{made['id']}").json()["old_secret_until"] == answer.json()["old_secret_until"]
    assert platform.ask("POST", f"/{made['id']}/secret", {"overlap": 0}).json()["old_secret_until"] is None


def test_the_same_key_makes_one_subscription(platform: Platform) -> None:
    body = {"url": "https://platform.example/gec"}
    first = platform.ask("POST", "", body, Idempotency_Key="a")
    again = platform.ask("POST", "", body, Idempotency_Key="a")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json() | {"secret": None}
    assert platform.ask("POST", "", {**body, "kinds": ["Moved"]}, Idempotency_Key="a").status_code == 409
    assert len(platform.ask("GET").json()["items"]) == 1
    with connected(platform.desk) as db:
        kept = str(db.exec_driver_sql("SELECT content FROM desk_answers").all())
    assert first.json()["id"] in kept
    assert "whsec" not in kept


def test_nobody_sees_or_changes_another_s(platform: Platform) -> None:
    made = platform.make()
    path = f"/{made['id']}"
    every = [
        ("GET", path, None),
        ("PATCH", path, {"state": "paused"}),
        ("DELETE", path, None),
        ("POST", f"{path}/secret", {}),
        ("POST", f"{path}/replay", {"after": None}),
        ("POST", f"{path}/test", None),
        ("GET", f"{path}/attempts", None),
        ("GET", f"{path}/dead-letters", None),
        ("POST", f"{path}/dead-letters/1/redeliver", None),
    ]
    for method, at, body in every:
        assert platform.ask(method, at, body, who="two").status_code == 404, at
        assert platform.ask(method, at, body, who="other").status_code == 403, at
        assert platform.ask(method, at, body, who="").status_code == 401, at
        assert platform.ask(method, at.replace(made["id"], NEVER), body).status_code == 404, at
    assert platform.ask("GET", who="two").json()["items"] == []
    assert platform.ask("GET", path).json() == {name: value for name, value in made.items() if name != "secret"}
    assert platform.ask("POST", f"{path}/dead-letters/1/redeliver").status_code == 404


def test_a_platform_s_next_key_goes_on_with_its_subscriptions(platform: Platform) -> None:
    made = platform.make(who="old")
    assert [one["id"] for one in platform.ask("GET", who="new").json()["items"]] == [made["id"]]
    assert platform.ask("DELETE", f"/{made['id']}", who="new").status_code == 204
    assert platform.ask("GET", f"/{made['id']}", who="old").status_code == 404


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"url": "ftp://example.org"}, "url"),
        ({"url": ""}, "url"),
        ({"url": "https://example.org/\x00"}, "url"),
        ({"kinds": ["Stolen"]}, "kinds"),
        ({"kinds": ["ConsecutiveTransfer"]}, "kinds"),
        ({"kinds": "Moved"}, "kinds"),
        ({"kinds": ["Moved"] * 101}, "kinds"),
        ({"projects": ["X"]}, "projects"),
        ({"projects": [SUN.code[:-1] + "?"]}, "projects"),
        ({"accounts": ["0x12"]}, "accounts"),
        ({"accounts": ["0x" + "g" * 40]}, "accounts"),
        ({"after": "x"}, "after"),
        ({"after": "ZXZlbnQ6OTk5OTk5OTk5OTk5OTk5"}, "after"),
        ({"confirmations": 129}, "confirmations"),
        ({"confirmations": -1}, "confirmations"),
        ({"colour": "green"}, "colour"),
    ],
)
def test_bad_input_is_told_by_field(platform: Platform, given: dict[str, Any], field: str) -> None:
    answer = platform.ask("POST", "", {"url": "https://platform.example/gec", **given})
    assert (answer.status_code, answer.json()["field"]) == (400, field), answer.text
    assert answer.json()["remedy"]
    assert platform.ask("GET").json()["items"] == []


def test_twenty_are_enough(platform: Platform) -> None:
    for _subscription in range(20):
        platform.make()
    answer = platform.ask("POST", "", {"url": "https://platform.example/gec"})
    assert (answer.status_code, "20 subscriptions" in answer.text) == (409, True)
    platform.make(who="two")


def test_without_the_setting_only_the_internet_is_reached(settings: ApiSettings, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    engine = open_engine(url)
    desk.migrate(engine)
    with connected(engine, writes=True) as db:
        key = keys.grant(db, "one", now=NOW)[1]
    engine.dispose()
    with served(create_app(replace(settings, desk_url=url))) as client:
        client.headers["authorization"] = f"Bearer {key}"
        for bad in ("http://platform.example/", "https://127.0.0.1/", "https://[::1]/", "https://10.0.0.8/x"):
            answer = client.post("/v1/webhooks", json={"url": bad})
            assert (answer.status_code, answer.json()["field"]) == (400, "url")
        made = client.post("/v1/webhooks", json={"url": "https://platform.example/"})
        assert made.status_code == 201
        changed = client.patch(f"/v1/webhooks/{made.json()['id']}", json={"url": "https://169.254.169.254/"})
        assert changed.status_code == 400


def test_change_pause_resume_and_delete(platform: Platform, receiver: Receiver) -> None:
    made = platform.make(kinds=["Moved"], projects=[WIND.code])
    path = f"/{made['id']}"
    changed = platform.ask("PATCH", path, {"kinds": [], "url": receiver.url, "state": "paused"}).json()
    assert (changed["kinds"], changed["projects"], changed["state"]) == ([], [WIND.code], "paused")
    assert changed["url"] == receiver.url
    platform.ask("POST", f"{path}/replay", {"after": None})
    platform.work()
    assert receiver.got == []
    assert platform.ask("PATCH", path, {"state": "active"}).json()["state"] == "active"
    platform.work()
    assert receiver.got
    assert platform.ask("PATCH", path, {"state": "dead"}).status_code == 400
    assert platform.ask("PATCH", path, {}).status_code == 200
    assert platform.ask("DELETE", path).status_code == 204
    assert platform.ask("GET", path).status_code == 404
    with connected(platform.desk) as db:
        subjects = [one.subject for one in audit.read(db)]
    assert f"subscribed {made['id']}" in subjects
    assert f"unsubscribed {made['id']}" in subjects
    assert f"changed {made['id']}: kinds, state, url" in subjects


def test_a_test_goes_out_whatever_the_state(platform: Platform, receiver: Receiver) -> None:
    made = platform.make(url=receiver.url)
    path = f"/{made['id']}"
    platform.ask("PATCH", path, {"state": "paused"})
    asked = platform.ask("POST", f"{path}/test")
    assert asked.status_code == 202
    platform.work()
    (got,) = receiver.got
    assert Webhook(made["secret"]).verify(got.body, dict(got.headers))["data"] == {"subscription": made["id"]}
    assert got.id == asked.json()["webhook_id"]
    (tried,) = platform.ask("GET", f"{path}/attempts").json()["items"]
    assert (tried["webhook_id"], tried["status"], tried["error"]) == (got.id, 204, "")
    for _test in range(10):
        assert platform.ask("POST", f"{path}/test").status_code == 202
    assert platform.ask("POST", f"{path}/test").status_code == 409


def test_dead_letters_are_listed_and_sent_again(platform: Platform, receiver: Receiver) -> None:
    made = platform.make(url=receiver.url, kinds=["Listed", "Traded"])
    path = f"/{made['id']}"
    platform.ask("POST", f"{path}/replay", {"after": None})
    refused = [True, False] * 100
    receiver.behaviour = lambda call: call.answer(500 if refused.pop(0) else 200)
    platform.work()
    page = platform.ask("GET", f"{path}/dead-letters?limit=1").json()
    (letter,) = page["items"]
    assert (letter["tries"], letter["status"], letter["error"]) == (1, 500, "answered 500")
    assert letter["body"].encode() == receiver.got[0].body
    rest = platform.ask("GET", f"{path}/dead-letters?after={page['next']}").json()
    assert rest["next"] is None
    refused[:] = [False]
    answer = platform.ask("POST", f"{path}/dead-letters/{letter['id']}/redeliver")
    assert (answer.status_code, answer.json()["webhook_id"]) == (202, letter["webhook_id"])
    platform.work()
    assert receiver.got[-1].id == letter["webhook_id"]
    left = platform.ask("GET", f"{path}/dead-letters").json()["items"]
    assert left == rest["items"]
    assert platform.ask("POST", f"{path}/dead-letters/{letter['id']}/redeliver").status_code == 404


def test_every_kind_can_be_wanted(platform: Platform) -> None:
    assert platform.make(kinds=list(KINDS))["kinds"] == list(KINDS)
