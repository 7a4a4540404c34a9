"""Only what survived needs an explanation, and an explanation belongs to one mutant."""

import json

import pytest

from tests.mutation.mutants import Mutant, Verdict
from tests.mutation.reporting import as_json, explanations, from_json, markdown, settled, summary, unexplained

FILE = "contracts/types/Lane.sol"


def mutant(replacement: str, nth: int = 1) -> Mutant:
    return Mutant(FILE, "LaneLibrary.issue", "relational", "age >= WINDOW || old", replacement, 40 + nth, nth)


LINES = ("if (age >= WINDOW || old) return;", "if (age > WINDOW) return;")
SURVIVED = Verdict(mutant("age > WINDOW"), "survived", "", 4.0, LINES)
VERDICTS = [
    SURVIVED,
    Verdict(mutant("age < WINDOW"), "killed", "sequences", 2.0),
    Verdict(mutant("true"), "equivalent", "the same bytecode", 1.0),
    Verdict(mutant("("), "broken", "Expected ')'", 1.0),
]
ENTRY = f"""
[[explained]]
file = "{FILE}"
function = "LaneLibrary.issue"
operator = "relational"
original = "age >= WINDOW || old"
replacement = "age > WINDOW"
why = "It is the same."
"""


def test_only_survivors_need_an_explanation() -> None:
    assert unexplained(VERDICTS, {}) == [SURVIVED]
    assert unexplained(VERDICTS, explanations(ENTRY)) == []


def test_an_explanation_is_for_one_of_those_alike() -> None:
    other = Verdict(mutant("age > WINDOW", nth=2), "survived", "", 1.0)
    assert unexplained([SURVIVED, other], explanations(ENTRY)) == [other]
    assert unexplained([SURVIVED, other], explanations(ENTRY + ENTRY.replace("why", "nth = 2\nwhy"))) == []


@pytest.mark.parametrize("text", [ENTRY * 2, ENTRY.replace("It is the same.", " "), ENTRY + 'killed_by = "x"'])
def test_explanations_are_given_once_and_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="twice or without"):
        explanations(text)


def test_several_share_an_explanation() -> None:
    entry = ENTRY.replace('replacement = "age > WINDOW"\n', "")
    entry += 'mutants = [{ replacement = "age > WINDOW" }, { replacement = "age > WINDOW", nth = 2 }]\n'
    other = Verdict(mutant("age > WINDOW", nth=2), "survived", "", 1.0)
    assert unexplained([SURVIVED, other], explanations(entry)) == []


def test_what_a_test_that_was_left_out_kills_is_killed() -> None:
    known = explanations(ENTRY.replace("why", "killed_by"))
    assert [verdict.outcome for verdict in settled(VERDICTS, known)] == ["killed", "killed", "equivalent", "broken"]
    assert settled(VERDICTS, known)[0].by == "It is the same."
    assert settled(VERDICTS, explanations(ENTRY)) == VERDICTS


def test_the_share_is_of_those_that_can_be_noticed() -> None:
    assert summary(VERDICTS).startswith("1 of 2 mutants killed (1 by sequences), 1 survived; besides 1 make")


def test_the_page_shows_survivors_alone() -> None:
    page = markdown(VERDICTS, {}, "all 4")
    assert f"| {SURVIVED.mutant.id} | types/Lane.sol, LaneLibrary.issue | relational |" in page
    assert "| `` if (age >= WINDOW \\|\\| old) return; `` | `` if (age > WINDOW) return; `` |" in page
    assert "**not yet**" in page
    assert "age < WINDOW" not in page
    assert "| It is the same. |" in markdown(VERDICTS, explanations(ENTRY), "all 4")


def test_json_has_every_verdict() -> None:
    entries = json.loads(as_json(VERDICTS))
    assert [entry["outcome"] for entry in entries] == ["survived", "killed", "equivalent", "broken"]
    assert entries[0]["id"] == SURVIVED.mutant.id
    assert entries[0]["mutant"]["replacement"] == "age > WINDOW"


def test_a_run_that_was_cut_short_reads_what_it_wrote() -> None:
    assert from_json(as_json(VERDICTS)) == VERDICTS
