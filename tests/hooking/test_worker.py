"""The worker against receivers on real sockets: order, signatures, tries, dead letters, forks, on both databases."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from itertools import accumulate

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from gecchain.errors import Unavailable
from gecchain.hooking import WAITS, wait_after
from gecchain.rules import ProjectKey
from gecchain.store import connected, open_engine
from gecchain.store.hooks import Filter, Owner, letters, only_worker, seen, subscriptions
from tests.api.story import OWNER as WIND_OWNER
from tests.api.story import WIND, tell
from tests.hooking.receiver import Call, Receiver, receiving
from tests.hooking.world import START, Clock, World, address, block_hash, places


def test_every_event_comes_once_in_order_and_signed(world: World, receiver: Receiver) -> None:
    found = world.subscribe(receiver.url)
    world.chain.blocks(9, events=3)
    tally = world.send()
    assert [one.place for one in receiver.got] == places(world.chain, 1, 9, 3)
    assert (tally.delivered, tally.failed) == (27, 0)
    assert len({one.id for one in receiver.got}) == 27
    for one in receiver.got:
        document = Webhook(found.secret).verify(one.body, dict(one.headers))
        assert document["type"] == "event.AccountOpened"
        assert document["timestamp"] == datetime.fromtimestamp(START + one.place[0], UTC).isoformat().replace(
            "+00:00", "Z"
        )
        with pytest.raises(WebhookVerificationError):
            Webhook(found.secret).verify(one.body + b" ", dict(one.headers))
    assert world.send().delivered == 0
    world.chain.blocks(1)
    assert world.send().delivered == 1
    assert receiver.got[-1].place == (10, 0)
    assert world.now(found).cursor == 10 << 24


def test_each_subscription_gets_what_it_wants(world: World, receiver: Receiver) -> None:
    account = address(0, 2, 1)
    world.subscribe(receiver.url + "/all")
    world.subscribe(receiver.url + "/kind", Filter(kinds=("AccountFrozen",)))
    world.subscribe(receiver.url + "/account", Filter(accounts=(account,)))
    world.subscribe(receiver.url + "/both", Filter(kinds=("AccountFrozen",), accounts=(address("nobody"),)))
    world.chain.blocks(3, events=2)
    world.chain.freeze(account)
    world.chain.freeze(address(0, 1, 0))
    world.send()
    got = {path: [one.place for one in receiver.got if one.path == f"/hooks/{path}"] for path in ("all", "kind")}
    assert got == {"all": [*places(world.chain, 1, 3, 2), (4, 0), (5, 0)], "kind": [(4, 0), (5, 0)]}
    assert [one.place for one in receiver.got if one.path.endswith("/account")] == [(2, 1), (4, 0)]
    assert not [one for one in receiver.got if one.path.endswith("/both")]


def test_a_project_is_of_its_batches_too(world: World, receiver: Receiver) -> None:
    story = tell()
    wanted = Filter.of(projects=[WIND.code], kinds=["Retired", "FilingReviewed"])
    assert wanted.codes == (ProjectKey.from_id(WIND.id).code,)
    world.subscribe(receiver.url, wanted)
    world.subscribe(receiver.url + "/owner", Filter(accounts=(WIND_OWNER,)))
    for recorded in story.blocks:
        world.chain.block(*(one.event for one in recorded))
    world.send()
    kinds = {one.document["type"] for one in receiver.got if one.path == "/hooks"}
    assert kinds == {"event.Retired", "event.FilingReviewed"}
    owned = [one for one in receiver.got if one.path == "/hooks/owner"]
    assert owned
    assert all(WIND_OWNER in one.body.decode() for one in owned)


def test_a_failing_receiver_is_waited_for_and_the_order_kept(world: World, receiver: Receiver) -> None:
    clock = world.clock = Clock()
    found = world.subscribe(receiver.url)
    world.chain.blocks(4)
    receiver.behaviour = lambda call: call.answer(500)
    tries = []
    for _try in range(5):
        assert world.send().failed == 1
        now = world.now(found)
        assert now.state == "active"
        tries.append(now.next_try - int(clock.now))
        assert world.send().failed == 0, "not before its time"
        clock.now = now.next_try
    assert [one.id for one in receiver.got] == [receiver.got[0].id] * 5
    assert [one.body for one in receiver.got] == [receiver.got[0].body] * 5
    for wait, plan in zip(tries, WAITS, strict=False):
        assert plan <= wait <= plan * 1.1
    now = world.now(found)
    assert (now.failures, now.last_status, now.last_error) == (5, 500, "answered 500")
    receiver.behaviour = lambda call: call.answer(200, b"ok")
    assert world.send().delivered == 4
    assert [one.place for one in receiver.taken] == places(world.chain, 1, 4)
    assert (world.now(found).failures, world.now(found).last_error) == (0, "")
    assert len(world.attempts(found)) == 9


def test_what_is_refused_for_three_days_is_a_dead_letter_and_the_rest_goes_on(world: World, receiver: Receiver) -> None:
    clock = world.clock = Clock()
    found = world.subscribe(receiver.url)
    world.chain.blocks(4)

    def poisoned(call: Call) -> None:
        call.answer(500 if b'"block":2,' in call.body else 200)

    receiver.behaviour = poisoned
    began = clock.now
    for _try in range(len(WAITS) + 1):
        world.send()
        clock.now = max(clock.now, world.now(found).next_try)
    assert 2.5 < (clock.now - began) / 86_400 < 3.5
    assert [one.place for one in receiver.taken] == places(world.chain, 1, 1) + places(world.chain, 3, 4)
    (letter,) = world.letters(found)
    assert (letter.position, letter.tries, letter.status) == (2 << 24, 12, 500)
    assert letter.body.encode() == next(one.body for one in receiver.got if one.status == 500)
    assert world.now(found).state == "active"
    receiver.behaviour = lambda call: call.answer(200)
    with connected(world.desk, writes=True) as db:
        extra = letters.ask_again(db, found, letter.id, int(clock.now))
        assert letters.ask_again(db, found, letter.id, int(clock.now)) == extra
    assert world.send().delivered == 1
    assert receiver.got[-1].id == letter.webhook_id
    assert world.letters(found) == []


def test_a_redelivery_that_fails_leaves_the_letter(world: World, receiver: Receiver) -> None:
    found = world.subscribe(receiver.url)
    world.chain.blocks(1)
    receiver.behaviour = lambda call: call.answer(500)
    world.send(waits=())
    (letter,) = world.letters(found)
    with connected(world.desk, writes=True) as db:
        letters.ask_again(db, found, letter.id, 5)
    assert world.send(waits=()).failed == 1
    (again,) = world.letters(found)
    assert (again.id, again.tries) == (letter.id, 2)
    assert world.send(waits=()).failed == 0


def test_a_receiver_that_is_gone_makes_the_subscription_die_not_lose(world: World, receiver: Receiver) -> None:
    clock = world.clock = Clock()
    found = world.subscribe(receiver.url)
    world.chain.blocks(5)
    receiver.behaviour = Call.drop
    while world.now(found).state == "active":
        world.send()
        clock.now = max(clock.now, world.now(found).next_try)
    assert len(world.letters(found)) == 1
    assert (len(receiver.got), world.now(found).cursor) == (len(WAITS) + 1 + 3, 1 << 24)
    world.chain.blocks(1)
    receiver.behaviour = lambda call: call.answer(200)
    assert world.send().delivered == 0
    world.change(world.now(found), state="active")
    assert world.send().delivered == 5
    assert [one.place for one in receiver.taken] == places(world.chain, 2, 6)


def test_gone_is_the_end_and_retry_after_is_waited_for(world: World, receiver: Receiver) -> None:
    clock = world.clock = Clock()
    found = world.subscribe(receiver.url)
    world.chain.blocks(1)
    receiver.behaviour = lambda call: call.answer(429, retry_after="900")
    world.send()
    assert world.now(found).next_try - int(clock.now) == 900
    clock.now += 900
    receiver.behaviour = lambda call: call.answer(429, retry_after="99999999999999999999")
    world.send()
    assert world.now(found).next_try - int(clock.now) == 86_400
    clock.now += 86_400
    receiver.behaviour = lambda call: call.answer(410)
    world.send()
    assert (world.now(found).state, world.letters(found)) == ("dead", [])


def test_a_new_secret_signs_beside_the_old_one_until_it_ends(world: World, receiver: Receiver) -> None:
    clock = world.clock = Clock()
    found = world.subscribe(receiver.url)
    old = found.secret
    world.chain.blocks(1)
    with connected(world.desk, writes=True) as db:
        new = subscriptions.rotate(db, found, now=int(clock.now), overlap=600)
    world.send()
    for secret in (old, new):
        Webhook(secret).verify(receiver.got[0].body, dict(receiver.got[0].headers))
    clock.now += 600
    world.chain.blocks(1)
    world.send()
    (signature,) = receiver.got[1].headers["webhook-signature"].split(" ")
    at = datetime.fromtimestamp(int(clock.now), UTC)
    assert signature == Webhook(new).sign(receiver.got[1].id, at, receiver.got[1].body.decode())
    with connected(world.desk, writes=True) as db:
        last = subscriptions.rotate(db, world.now(found), now=int(clock.now), overlap=0)
    assert world.now(found).secrets_at(int(clock.now)) == (last,)
    assert "whsec" not in repr(world.now(found))


def test_a_replay_has_the_same_names_and_bodies(world: World, receiver: Receiver) -> None:
    found = world.subscribe(receiver.url)
    world.chain.blocks(30, events=2)
    world.send()
    first = [(one.id, one.body) for one in receiver.got]
    receiver.got.clear()
    world.replay(world.now(found), 10 << 24)
    world.send()
    assert [(one.id, one.body) for one in receiver.got] == first[19:]
    other = world.subscribe(receiver.url)
    receiver.got.clear()
    world.send()
    assert not {one.id for one in receiver.got} & {name for name, _body in first}, other.id


def test_paused_gets_nothing_and_then_all_of_it(world: World, receiver: Receiver) -> None:
    found = world.subscribe(receiver.url)
    world.chain.blocks(3)
    world.change(found, state="paused")
    assert world.send().delivered == 0
    world.change(found, state="active")
    assert world.send().delivered == 3


def test_confirmations_are_waited_for(world: World, receiver: Receiver) -> None:
    found = world.subscribe(receiver.url, confirmations=3)
    world.chain.blocks(5)
    world.send()
    assert [one.place for one in receiver.got] == places(world.chain, 1, 2)
    world.chain.blocks(1)
    world.send()
    assert receiver.got[-1].place == (3, 0)
    world.change(found, confirmations=0)
    world.send()
    assert [one.place for one in receiver.got] == places(world.chain, 1, 6)


def test_what_the_chain_takes_back_is_told_before_what_comes_instead(world: World, receiver: Receiver) -> None:
    world.subscribe(receiver.url)
    deep = world.subscribe(receiver.url + "/deep", confirmations=4)
    idle = world.subscribe(receiver.url + "/idle", Filter(kinds=("AccountFrozen",)))
    world.chain.blocks(6)
    world.send()
    world.chain.fork(keep=3)
    world.send()
    assert len(receiver.got) == 6 + 2, "the index is behind, and nothing is known to be wrong yet"
    world.chain.blocks(5)
    world.chain.freeze(address(0, 1, 0))
    world.send()
    got = [one for one in receiver.got if one.path == "/hooks"]
    notice, after = got[6], got[7:]
    assert notice.document["type"] == "chain.reorganised"
    assert notice.document["data"] == {
        "from_block": 4,
        "undone": [{"block": number, "block_hash": block_hash(number, 0)} for number in (4, 5, 6)],
    }
    assert [one.place for one in after] == places(world.chain, 4, 9)
    assert not {one.id for one in after} & {one.id for one in got[:6]}, "other events have other names"
    deeper = [one for one in receiver.got if one.path == "/hooks/deep"]
    assert [one.place for one in deeper] == places(world.chain, 1, 5), "nothing of it was undone"
    assert [one.place for one in receiver.got if one.path == "/hooks/idle"] == [(9, 0)]
    assert world.now(deep).notice == world.now(idle).notice == ""


def test_a_fork_while_nobody_looked_is_found_later(world: World, receiver: Receiver) -> None:
    world.subscribe(receiver.url)
    world.chain.blocks(6)
    world.send()
    world.chain.fork(keep=4)
    world.chain.blocks(2)
    world.chain.blocks(140, undoable=False)
    world.send()
    notice = receiver.got[6].document
    assert (notice["type"], notice["data"]["from_block"]) == ("chain.reorganised", 5)
    assert [one.place for one in receiver.got[7:]] == places(world.chain, 5, 146)


def test_blocks_that_came_back_empty_are_told_too(world: World, receiver: Receiver) -> None:
    """Blocks without events are forgotten by the index: one with events cannot have been there."""
    world.subscribe(receiver.url)
    world.chain.blocks(6)
    world.send()
    world.chain.fork(keep=4)
    for _block in range(140):
        world.chain.block()
    world.send()
    assert [one.document["type"] for one in receiver.got[6:]] == ["chain.reorganised"]
    assert receiver.got[6].document["data"]["from_block"] == 5


def test_two_forks_before_the_first_is_told_are_one_notice(world: World, receiver: Receiver) -> None:
    clock = world.clock = Clock()
    found = world.subscribe(receiver.url)
    world.chain.blocks(6)
    world.send()
    receiver.behaviour = lambda call: call.answer(500)
    world.chain.fork(keep=4)
    world.chain.blocks(2)
    world.send()
    world.chain.fork(keep=2)
    world.chain.blocks(4)
    clock.now = world.now(found).next_try
    receiver.behaviour = lambda call: call.answer(200)
    world.send()
    notices = [one for one in receiver.got if one.document["type"] == "chain.reorganised"]
    assert [one.document["data"]["from_block"] for one in notices] == [5, 3]
    assert notices[0].id != notices[1].id
    hashes = {one["block_hash"] for one in notices[1].document["data"]["undone"]}
    assert {block_hash(number, 0) for number in (3, 4, 5, 6)} <= hashes
    assert [one.place for one in receiver.taken if "place" in one.document["data"]][6:] == places(world.chain, 3, 6)


def test_what_was_undone_is_never_passed_over(world: World, receiver: Receiver) -> None:
    found = world.subscribe(receiver.url)
    world.chain.blocks(4)
    world.send()
    world.chain.fork(keep=3)
    world.chain.blocks(2)
    receiver.behaviour = lambda call: call.answer(500)
    assert world.send(waits=()).dead == 1
    assert (world.now(found).state, world.letters(found)) == ("dead", [])
    receiver.behaviour = lambda call: call.answer(200)
    world.change(world.now(found), state="active")
    world.send(waits=())
    assert [one.document["type"] for one in receiver.taken[4:]] == ["chain.reorganised", *["event.AccountOpened"] * 2]


def test_a_dead_letter_of_an_undone_block_is_gone(world: World, receiver: Receiver) -> None:
    found = world.subscribe(receiver.url)
    world.chain.blocks(2)
    receiver.behaviour = lambda call: call.answer(500 if b'"block":2,' in call.body else 200)
    world.send(waits=())
    with connected(world.desk, writes=True) as db:
        (letter,) = letters.page_of(db, found.id)
        letters.ask_again(db, found, letter.id, 1)
    receiver.behaviour = lambda call: call.answer(200)
    world.chain.fork(keep=1)
    world.chain.blocks(2)
    world.send()
    assert world.letters(found) == []
    assert letter.webhook_id not in {one.id for one in receiver.taken}


def test_a_rebuilt_index_changes_nothing_and_another_chain_everything(world: World, receiver: Receiver) -> None:
    world.subscribe(receiver.url)
    world.chain.blocks(5)
    world.send()
    world.chain.projection.clear()
    world.chain.__init__(world.index)  # type: ignore[misc]
    world.chain.blocks(2)
    world.send()
    world.chain.blocks(4)
    world.send()
    assert [one.place for one in receiver.got] == places(world.chain, 1, 6)
    receiver.got.clear()
    world.chain.projection.clear()
    world.chain.__init__(world.index, "another")  # type: ignore[misc]
    world.chain.blocks(2)
    world.send()
    assert [one.document["type"] for one in receiver.got] == ["chain.reorganised", *["event.AccountOpened"] * 2]
    assert receiver.got[0].document["data"]["from_block"] == 0


def test_one_that_hangs_holds_up_no_other(world: World, receiver: Receiver) -> None:
    world.chain.blocks(5)
    with receiving(Call.hang) as bad:
        for number in range(8):
            world.subscribe(f"{bad.url}/{number}", owner=Owner(f"key:bad{number % 2}"))
        good = world.subscribe(receiver.url)
        began = time.monotonic()
        tally = world.send(sender={"timeout": 3.0})
        assert receiver.got[-1].at - began < 2.5
    assert (tally.delivered, tally.failed) == (5, 8)
    assert world.now(good).cursor == 5 << 24


def test_no_more_receivers_at_once_than_allowed(world: World) -> None:
    lock, now, most = threading.Lock(), [0], [0]

    def counting(call: Call) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.05)
        with lock:
            now[0] -= 1
        call.answer(204)

    world.chain.blocks(3)
    with receiving(counting) as receiver:
        for _subscription in range(12):
            world.subscribe(receiver.url)
        assert world.send(at_once=4).delivered == 36
    assert most[0] in (3, 4)


def test_a_stop_waits_for_what_is_on_its_way(world: World, receiver: Receiver) -> None:
    arrived = threading.Event()

    def slow(call: Call) -> None:
        arrived.set()
        time.sleep(1.0)
        call.answer(204)

    receiver.behaviour = slow
    found = world.subscribe(receiver.url)
    world.chain.blocks(5)
    assert world.send(until=arrived).delivered == 1
    assert world.now(found).cursor == 1 << 24
    assert len(receiver.got) == 1


def test_a_deleted_subscription_leaves_nothing(world: World, receiver: Receiver) -> None:
    found = world.subscribe(receiver.url)
    world.chain.blocks(2)

    def deleting(call: Call) -> None:
        with connected(world.desk, writes=True) as db:
            subscriptions.remove(db, found)
        call.answer(500)

    receiver.behaviour = deleting
    world.send(waits=())
    assert len(receiver.got) == 1
    assert world.attempts(found) == []
    assert world.letters(found) == []


def test_what_is_kept_is_bounded(world: World, receiver: Receiver) -> None:
    found = world.subscribe(receiver.url)
    world.chain.blocks(130)
    world.send()
    assert len(world.attempts(found)) == 100
    assert world.attempts(found)[0].webhook_id == receiver.got[-1].id
    with connected(world.desk, writes=True) as db:
        for number in range(1003):
            row = letters.Letter(0, found.id, number, f"msg_{number}", "event.Moved", "{}", 1, 1, 1, 500, "")
            letters.keep(db, row)
        kept = letters.page_of(db, found.id, limit=5000)
    assert [kept[0].position, len(kept)] == [3, 1000]


def test_a_subscription_from_now_skips_the_past_and_misses_no_fork(world: World, receiver: Receiver) -> None:
    world.chain.blocks(6)
    world.subscribe(receiver.url, cursor=seen.end_of(6))
    world.chain.fork(keep=4)
    world.chain.blocks(3)
    world.send()
    assert [one.place for one in receiver.got] == places(world.chain, 5, 7)


def test_only_one_worker_sends(world: World) -> None:
    same = open_engine(world.desk.url.render_as_string(hide_password=False))
    with only_worker(world.desk) as held:
        held()
        with pytest.raises(Unavailable, match="Another worker"), only_worker(same):
            pass
    with only_worker(same):
        pass
    same.dispose()


def test_a_lock_that_the_database_gave_back_is_noticed(world: World) -> None:
    if world.desk.dialect.name != "postgresql":
        pytest.skip("a file's lock ends with the process alone")
    with only_worker(world.desk) as held:
        with connected(world.desk) as db:
            db.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            ).all()
        for _look in range(2):
            with pytest.raises(Unavailable):
                held()
    with only_worker(world.desk) as held:
        held()


def test_the_waits_are_spread_and_end() -> None:
    assert list(accumulate(WAITS))[-1] / 86_400 == pytest.approx(2.95, abs=0.1)
    assert wait_after(len(WAITS) + 1, "msg_1") is None
    found = {wait_after(6, f"msg_{number}") for number in range(200)}
    assert min(found) >= 3600  # type: ignore[type-var]
    assert max(found) <= 3960  # type: ignore[type-var]
    assert len(found) > 100
    assert wait_after(6, "msg_1") == wait_after(6, "msg_1")
