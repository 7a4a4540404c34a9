"""A tape is heard again word for word, a difference that the tests would mind ends it, and others do not."""

from dataclasses import replace

import pytest

from gecchain.rules import Month
from tests.differential.office import Office, papers
from tests.differential.trees import leaf_word
from tests.mutation.taping import Deployed, Difference, Replay, Said, Tape, recording, thinned

PROJECT = 1 << 44 | 1 << 39 | (115 * 12 + 2) << 27 | 15 << 20 | 42
MONTH = Month.of(2026, 1).index


@pytest.fixture(scope="module")
def tape() -> Tape:
    """Of an office that files and issues, twice over."""
    tape: Tape = []
    with recording(tape):
        for wh in (3_000_000, 5_000_000):
            office = Office(Month.of(2026, 5).begins_at)
            office.file([papers(PROJECT)])
            office.issue(MONTH, [leaf_word(PROJECT, 0, wh, 1)])
            office.session.compare()
    return tape


def said(tape: Tape) -> list[Said]:
    return [entry for entry in tape if isinstance(entry, Said)]


def altered(tape: Tape, old: Said, new: Said) -> Tape:
    return [new if entry is old else entry for entry in tape]


def test_everything_is_on_it(tape: Tape) -> None:
    assert sum(isinstance(entry, Deployed) for entry in tape) == 2
    assert {one.chain for one in said(tape)} == {0, 1}
    assert sum(not one.static for one in said(tape)) == 10


def test_the_same_contracts_say_the_same(tape: Tape) -> None:
    Replay().run(tape)
    Replay().run(thinned(tape))


def test_nothing_is_recorded_afterwards(tape: Tape) -> None:
    before = len(tape)
    Office(Month.of(2026, 5).begins_at)
    assert len(tape) == before


@pytest.mark.parametrize("static", [True, False])
def test_another_answer_is_noticed(tape: Tape, static: bool) -> None:
    one = next(one for one in said(tape) if one.static == static and one.heard.answer)
    other = replace(one, heard=one.heard._replace(answer=bytes(len(one.heard.answer) - 1) + b"\7"))
    with pytest.raises(Difference):
        Replay().run(altered(tape, one, other))


def test_another_event_is_noticed_and_another_order_is_not(tape: Tape) -> None:
    one = max(said(tape), key=lambda one: len(one.heard.log))
    log = one.heard.log
    assert len(log) > 1
    Replay().run(altered(tape, one, replace(one, heard=one.heard._replace(log=log[::-1]))))
    with pytest.raises(Difference):
        Replay().run(altered(tape, one, replace(one, heard=one.heard._replace(log=log[1:]))))


def test_a_refusal_is_no_answer(tape: Tape) -> None:
    one = next(one for one in said(tape) if one.heard.done)
    with pytest.raises(Difference):
        Replay().run(altered(tape, one, replace(one, heard=one.heard._replace(done=False, log=()))))


def test_a_thinned_one_asks_what_was_answered_otherwise_before(tape: Tape) -> None:
    kept = thinned(tape)
    assert [one for one in said(kept) if not one.static] == [one for one in said(tape) if not one.static]
    assert len(kept) < len(tape) / 2
    answers: dict[tuple[str, bytes], set[bytes]] = {}
    for one in said(kept):
        if one.static:
            answers.setdefault((one.to, one.data), set()).add(one.heard.answer)
    for one in said(tape):
        assert not one.static or one.heard.answer in answers[one.to, one.data]
