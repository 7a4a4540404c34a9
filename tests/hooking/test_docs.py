"""The receiver of docs/webhooks.md, run as it stands there, keeps the registry's books."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

from gecchain.store import connected, queries
from tests.hooking.receiver import Call, Receiver
from tests.hooking.world import World

PAGE = Path(__file__).resolve().parents[2] / "docs" / "webhooks.md"


def books_class() -> Any:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    return names["Books"]


def test_the_page_s_receiver_keeps_the_registry_s_books(world: World, receiver: Receiver, tmp_path: Path) -> None:
    found = world.subscribe(receiver.url)
    make, file, lock, count = books_class(), str(tmp_path / "books.db"), threading.Lock(), [0]

    def behave(call: Call) -> None:
        headers = {name.lower(): value for name, value in call.headers.items()}
        with lock:
            books = make(file, found.secret)
            count[0] += 1
            assert books.receive(headers, call.body + b" ") == 401
            status = books.receive(headers, call.body)
            books.db.close()
        # Every fifth answer is lost on its way, so that messages come twice.
        call.drop() if count[0] % 5 == 0 else call.answer(status)

    receiver.behaviour = behave
    world.chain.blocks(6, events=2)
    for _round in range(10):
        world.send(waits=[0] * 50)
    world.chain.fork(keep=3)
    world.chain.blocks(5, events=2)
    world.send(waits=[0] * 50)
    world.replay(world.now(found), -1)
    world.send(waits=[0] * 50)
    books = make(file, found.secret)
    kept = books.db.execute("SELECT block, cursor, kind FROM events ORDER BY CAST(cursor AS INTEGER)").fetchall()
    books.db.close()
    with connected(world.index) as db:
        events = queries.event_feed(db, limit=1000).items
    assert kept == [(one.place.block, one.cursor, one.kind) for one in events]
    assert len(kept) == 16
    assert count[0] > 12 + 1 + 10 + 16, "some came twice"
