"""The desk keeps what was handed in once, answers the same key the same, and of a secret keeps a hash alone."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, text

from gecchain.errors import BadInput, NotFound, Refused
from gecchain.requests import Ending, Request, SignedRequest
from gecchain.store import connected, desk
from gecchain.store.desk import answers, audit, keys, outbox, sessions
from gecchain.store.desk.outbox import SqlOutbox

NOW = 1_790_000_000
SIGNED = SignedRequest(
    Request("0x" + "11" * 20, "0x" + "22" * 20, 100_000, (1 << 256) - 1, NOW + 60, b"\1\2"), b"\3" * 65
)


@pytest.fixture
def engine(new_engine: Callable[[], Engine]) -> Iterator[Engine]:
    made = new_engine()
    desk.migrate(made)
    desk.migrate(made)
    return made


def hand_in(engine: Engine, number: int, caller: str = "key:a") -> desk.HeldRequest:
    with connected(engine, writes=True) as db:
        offer = outbox.Offer(number.to_bytes(32, "big"), SIGNED, "market.list")
        (held,) = outbox.hand_in(db, [offer], caller=caller, now=NOW)
        return held


def test_a_key_opens_until_it_is_revoked(engine: Engine) -> None:
    with connected(engine, writes=True) as db:
        made, secret = keys.grant(db, "Platform 甲", account="0xAB" + "00" * 19, now=NOW)
        assert keys.key_of(db, secret, NOW) == made
        assert keys.key_of(db, secret[:-1] + ("A" if secret[-1] != "A" else "B"), NOW) is None
        assert keys.key_of(db, secret.replace(made.id, "0" * 12), NOW) is None
        assert secret.encode() not in b"".join(str(row).encode() for row in db.execute(text("SELECT * FROM desk_keys")))
        keys.revoke(db, made.id, NOW + 5)
        assert keys.revoke(db, made.id, NOW + 9).revoked_at == NOW + 5
        assert keys.key_of(db, secret, NOW + 6) is None


def test_a_rotated_key_and_its_successor_are_good_side_by_side(engine: Engine) -> None:
    with connected(engine, writes=True) as db:
        old, old_secret = keys.grant(db, "P", scopes=["requests"], now=NOW)
        new, new_secret = keys.rotate(db, old.id, now=NOW, overlap=100)
        assert new.scopes == ("requests",)
        assert (new.line, old.line) == (old.id, old.id)
        assert new.id != old.id
        assert [keys.key_of(db, secret, NOW + 99) is None for secret in (old_secret, new_secret)] == [False, False]
        assert [keys.key_of(db, secret, NOW + 100) is None for secret in (old_secret, new_secret)] == [True, False]
        with pytest.raises(BadInput):
            keys.rotate(db, old.id, now=NOW + 100, overlap=5)
        with pytest.raises(NotFound):
            keys.rotate(db, "nobody", now=NOW, overlap=5)


@pytest.mark.parametrize(("name", "scopes"), [("", ["requests"]), ("a" * 101, ["requests"]), ("P", ["everything"])])
def test_a_key_needs_a_name_and_known_scopes(engine: Engine, name: str, scopes: list[str]) -> None:
    with connected(engine, writes=True) as db, pytest.raises(BadInput):
        keys.grant(db, name, scopes=scopes, now=NOW)


def test_use_is_noted_to_the_minute(engine: Engine) -> None:
    with connected(engine, writes=True) as db:
        made, secret = keys.grant(db, "P", now=NOW)
        assert keys.is_stale(made, NOW)
        for at in (NOW, NOW + 10, NOW + 61):
            keys.used(db, made, at)
            found = keys.key_of(db, secret, at)
            assert found is not None
            assert found.used_at == (NOW + 61 if at > NOW + 60 else NOW)


def test_a_nonce_counts_once_and_not_for_ever(engine: Engine) -> None:
    with connected(engine, writes=True) as db:
        first, ends_at = sessions.challenge(db, NOW)
        second, _ = sessions.challenge(db, NOW)
        assert [sessions.spend(db, first, NOW) for _ in range(2)] == [True, False]
        assert not sessions.spend(db, second, ends_at)
        assert not sessions.spend(db, "made up", NOW)


def test_a_session_ends_by_time_and_by_its_holder(engine: Engine) -> None:
    with connected(engine, writes=True) as db:
        made, token = sessions.open_session(db, "0x" + "AB" * 20, NOW)
        assert sessions.session_of(db, token, NOW) == made
        assert made.address == "0x" + "ab" * 20
        assert sessions.session_of(db, token, made.ends_at) is None
        sessions.close(db, token)
        sessions.close(db, token)
        assert sessions.session_of(db, token, NOW) is None


def test_the_same_key_gives_the_same_answer_and_does_the_work_once(engine: Engine) -> None:
    done: list[int] = []

    def work() -> dict[str, int]:
        done.append(1)
        return {"answer": len(done)}

    for again in (False, True, True):
        with connected(engine, writes=True) as db:
            assert answers.once(db, "key:a", "k1", b"body", NOW, work) == ({"answer": 1}, again)
    with connected(engine, writes=True) as db:
        assert answers.once(db, "key:b", "k1", b"body", NOW, work) == ({"answer": 2}, False)
        assert answers.once(db, "key:a", "", b"body", NOW, work) == ({"answer": 3}, False)
        with pytest.raises(Refused, match="another body") as error:
            answers.once(db, "key:a", "k1", b"other", NOW, work)
    assert error.value.reason == "IdempotencyKeyUsed"
    with connected(engine, writes=True) as db:
        later = NOW + answers.KEPT_SECONDS + 1
        assert answers.once(db, "key:a", "k1", b"other", later, work) == ({"answer": 4}, False)


def test_work_that_fails_leaves_no_answer(engine: Engine) -> None:
    def fail() -> None:
        raise BadInput("no")

    with pytest.raises(BadInput), connected(engine, writes=True) as db:
        answers.once(db, "key:a", "k", b"", NOW, fail)
    with connected(engine, writes=True) as db:
        assert answers.once(db, "key:a", "k", b"", NOW, lambda: 1) == (1, False)


@pytest.mark.parametrize("name", ["a" * 256, "schlüssel", "a\nb"])
def test_impossible_keys_are_refused(engine: Engine, name: str) -> None:
    with connected(engine, writes=True) as db, pytest.raises(BadInput):
        answers.once(db, "key:a", name, b"", NOW, lambda: 1)


def test_two_at_once_with_one_key_do_the_work_once(engine: Engine) -> None:
    done: list[int] = []
    came: list[Any] = []
    gate = threading.Barrier(8)

    def ask() -> None:
        gate.wait()
        with connected(engine, writes=True) as db:
            came.append(answers.once(db, "key:a", "k", b"", NOW, lambda: done.append(1) or len(done)))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1
    assert sorted(came) == [(1, False), *[(1, True)] * 7]


def test_a_request_is_kept_whole_and_once(engine: Engine) -> None:
    first = hand_in(engine, 7)
    assert hand_in(engine, 7, "key:b") == first
    assert (first.signed, first.state, first.caller) == (SIGNED, "accepted", "key:a")
    with connected(engine) as db:
        assert outbox.find(db, first.digest) == first
        with pytest.raises(NotFound):
            outbox.find(db, "0x" + "00" * 32)


def test_requests_are_taken_in_their_order_and_each_once(engine: Engine) -> None:
    hand_in(engine, 2)
    numbers = [9, 2, 4, 9, 1]
    offers = [outbox.Offer(number.to_bytes(32, "big"), SIGNED, "market.list") for number in numbers]
    with connected(engine, writes=True) as db:
        held = outbox.hand_in(db, offers, caller="key:b", now=NOW)
        assert outbox.hand_in(db, [], caller="key:b", now=NOW) == []
    assert [int(one.digest, 16) for one in held] == numbers
    assert [one.caller for one in held] == ["key:b", "key:a", "key:b", "key:b", "key:b"]
    assert [int(one.digest, 16) for one in SqlOutbox(engine).waiting(9)] == [2, 9, 4, 1]


def test_what_has_ended_stays_as_it_is(engine: Engine) -> None:
    box = SqlOutbox(engine)
    held = [hand_in(engine, number) for number in (1, 2, 3)]
    assert [one.digest for one in box.waiting(2)] == [held[0].digest, held[1].digest]
    box.sent([held[0].digest])
    reason = {"name": "Expired", "sentence": "s", "remedy": "r"}
    box.end([Ending(held[0].digest, "refused", "0x" + "aa" * 32, 9, reason)], NOW + 1)
    box.end([Ending(held[0].digest, "done", "0x" + "bb" * 32, 10)], NOW + 2)
    box.sent([held[0].digest])
    with connected(engine) as db:
        found = outbox.find(db, held[0].digest)
        assert (found.state, found.block, found.ended_at, found.reason) == ("refused", 9, NOW + 1, reason)
        assert outbox.depth(db) == 2
        assert [one.id for one in outbox.page_of(db, caller="key:a", after=held[0].id)] == [held[1].id, held[2].id]
        assert outbox.page_of(db, caller="key:b") == []
        assert [one.id for one in outbox.page_of(db, sender=SIGNED.request.sender, state="refused")] == [held[0].id]
    assert [one.digest for one in box.waiting(9)] == [held[1].digest, held[2].digest]


def test_the_audit_is_in_order(engine: Engine) -> None:
    with connected(engine, writes=True) as db:
        for status in (202, 400, 403):
            audit.note(db, at=NOW, caller="key:a", method="POST", path="/v1/requests", status=status)
        found = audit.read(db)
        assert [one.status for one in found] == [202, 400, 403]
        assert [one.status for one in audit.read(db, after=found[0].id, limit=1)] == [400]
