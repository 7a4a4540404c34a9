"""The sums of rankings, market history and search are those of the things that they sum."""

from collections import Counter

import pytest
from hypothesis import given

from gecchain.ledger import State
from gecchain.ledger.counting import folded, name_project
from gecchain.rules import Month, ProjectKey, RetirementReason
from tests.ledger.history import History, play, steps
from tests.ledger.test_fold import folded as folded_state


def state_of(history: History) -> State:
    return folded_state(history.recorded)


@given(steps())
def test_consumption_is_what_was_declared_and_not_undone(moves: list[tuple[int, int, int, int]]) -> None:
    state = state_of(play(moves))
    declared: Counter[tuple[str, int]] = Counter()
    for found in state.retirements.values():
        if found.reason == RetirementReason.CONSUMPTION:
            year = Month(found.batch >> 4 & 0xFFF).year
            declared[found.holder, year] += found.end - found.start - found.undone
    assert {key: row.certificates for key, row in state.consumptions.items()} == dict(declared)


@given(steps())
def test_turnover_is_every_trade_at_its_price(moves: list[tuple[int, int, int, int]]) -> None:
    history = play(moves)
    state = state_of(history)
    times = {at.position: at.time for at in history.recorded}
    amounts: Counter[tuple[int, int, int, int]] = Counter()
    fen: Counter[tuple[int, int, int, int]] = Counter()
    for found in state.trades.values():
        plant = ProjectKey.from_id(found.batch >> 16)
        key = (Month.at(times[found.position]).index, plant.province, plant.technology.value, found.way)
        amounts[key] += found.end - found.start
        fen[key] += (found.end - found.start) * found.price
    assert {key: (row.certificates, row.fen) for key, row in state.turnovers.items()} == {
        key: (amounts[key], fen[key]) for key in amounts
    }


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ('{"name":"某风电场"}', "某风电场"),
        ('{"name":"a\\u0000b"}', "ab"),
        ('{"name":7}', ""),
        ("[1]", ""),
        ("no JSON", ""),
        ('{"name":"\\ud800"}', ""),
    ],
)
def test_a_name_is_text_or_nothing(document: str, name: str) -> None:
    state, project = State(), ProjectKey.from_id((1 << 44) | (1 << 39) | (1400 << 27) | (15 << 20) | 1)
    name_project(state, project.id, document)
    found = state.project_names[project.id]
    assert (found.code, found.name) == (project.code, name)


def test_search_does_not_mind_case_and_width() -> None:
    assert folded("ＡＢＣ 风电 Straße") == folded("abc 风电 STRASSE")
