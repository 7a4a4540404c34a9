"""The worked cases of `tests/vectors`, done by the contracts."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from gecchain.chain.deploying import Role
from gecchain.rules import Electricity, FirstHolder, Month, ProjectKey, ProjectType, Technology, classify
from tests.differential.chain import Done, Refusal
from tests.differential.office import OWNER, Office, papers
from tests.differential.trees import leaf_word

VECTORS: Final = Path(__file__).parents[1] / "vectors"
NOW: Final = Month.of(2241, 4).begins_at
WIND: Final = ProjectKey(ProjectType.CENTRALISED, Technology.WIND, Month.of(2015, 3), 15, 42).id


def cases(name: str, key: str = "cases") -> list[Any]:
    found: list[Any] = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))[key]
    return found


def token_of(batch: int, serial: int) -> int:
    return batch << 32 | serial


def in_operation_for(project: ProjectKey, electricity: Electricity, tradable: bool) -> tuple[int, bool] | None:
    """Terms under which the rules give that class, None where none do: such a number is only a spelling."""
    for first, market_based in ((0, False), (Month.of(2023, 1).index, True)):
        found = classify(project.technology, electricity, Month(first), market_based)
        if found.issued and found.tradable == tradable:
            return first, market_based
    return None


def spelt_and_issued() -> list[Any]:
    """Numbers whose certificates can come to be: the class exists and the month is over in the year 2241."""
    found = []
    for case in cases("numbers"):
        terms = in_operation_for(
            ProjectKey.from_id(int(case["project_id"])),
            Electricity.of_number(case["electricity"]),
            case["tradable"],
        )
        month = Month.parse(case["month"])
        if terms is not None and terms[0] <= month.index and month.ends_at <= NOW:
            found.append((case, *terms))
    return found


def test_most_numbers_of_the_vectors_can_be_issued() -> None:
    assert len(spelt_and_issued()) >= len(cases("numbers")) // 3


@pytest.mark.parametrize(("case", "first", "market_based"), spelt_and_issued())
def test_numbers(case: dict[str, Any], first: int, market_based: bool) -> None:
    office, project = Office(NOW), int(case["project_id"])
    office.file([papers(project, first, market_based)])
    wh = (case["serial"] + 1) * 1_000_000
    office.issue(Month.parse(case["month"]).index, [leaf_word(project, case["electricity"], wh, 1)])
    facts = office.facts(int(case["token_id"]))
    assert (facts.number, facts.token_id) == (case["number"], int(case["token_id"]))


@pytest.mark.parametrize("case", cases("numbers", "refused_project_ids"), ids=lambda case: case["name"])
def test_project_ids_that_no_code_spells(case: dict[str, Any]) -> None:
    project = int(case["project_id"])
    if project < 1 << 48:
        found = Office(NOW).call(Role.REGISTRAR, "Registry", "submit", [papers(project)])
        assert found == Refusal("ProjectNotCanonical", (project,))


@pytest.mark.parametrize("case", cases("expiry"), ids=lambda case: case["production_month"])
def test_expiry(case: dict[str, Any]) -> None:
    office, month = Office(NOW), Month.parse(case["production_month"]).index
    office.file([papers(WIND)])
    assert isinstance(office.issue(month, [leaf_word(WIND, 0, 1_000_000, 1)]), Done)
    assert office.facts(token_of(WIND << 16 | month << 4 | 1, 0)).expires_at == case["expires_at"]


@pytest.mark.parametrize("case", cases("tradability"), ids=lambda case: f"{case['technology']}, {case['why']}")
def test_tradability(case: dict[str, Any]) -> None:
    technology = next(one for one in Technology if one.slug == case["technology"])
    electricity = next(one for one in Electricity if one.slug == case["electricity"])
    if case["mechanism"]:
        electricity = Electricity.MECHANISM
    office, project = Office(NOW), WIND & ~(31 << 39) | technology << 39
    first = Month.parse(case["commissioned"][:7]).index
    office.file([papers(project, first, case["fully_market_based"])])
    month = max(first, Month.of(2026, 9).index)
    found = office.issue(month, [leaf_word(project, electricity, 1_000_000, 1)])
    assert isinstance(found, Done) == case["issued"]
    if case["issued"]:
        facts = office.facts(token_of(project << 16 | month << 4 | electricity << 1 | case["tradable"], 0))
        assert (facts.first_holder == OWNER) == (case["first_holder"] == FirstHolder.OWNER.slug)


@pytest.mark.parametrize("case", cases("lanes"), ids=lambda case: case["name"])
def test_lanes(case: dict[str, Any]) -> None:
    office = Office(NOW)
    office.file([papers(WIND)])
    for step in case["steps"]:
        found = office.issue(step["index"], [leaf_word(WIND, 0, int(step["wh"]), 1)])
        assert isinstance(found, Done) == (step["refused"] == "")
        assert office.lane(WIND, 0) == int(step["lane"])


@pytest.mark.parametrize("case", cases("carry"), ids=lambda case: case["name"])
def test_carry(case: dict[str, Any]) -> None:
    office, issued = Office(NOW), 0
    office.file([papers(WIND)])
    for month, step in enumerate(case["months"], Month.of(2026, 1).index):
        assert isinstance(office.issue(month, [leaf_word(WIND, 0, step["metered_wh"], 1)]), Done)
        issued += step["certificates"]
        assert office.lane(WIND, 0) & 0xFFFFF == step["carry_wh"]
        assert int.from_bytes(office.session.chain.ask("Certificates", "issuedTotal"), "big") == issued


@pytest.mark.parametrize("case", cases("tree"), ids=lambda case: f"{case['count']} leaves")
def test_trees(case: dict[str, Any]) -> None:
    """None of the plants is filed, so a proven chunk has nothing to issue; one changed leaf is not in the tree."""
    office = Office(NOW)
    leaves = [int(word, 16) for word in cases("tree", "leaves")[: case["count"]]]
    number = office.commit(Month.of(2026, 1).index, leaves, bytes.fromhex(case["root"][2:]))
    for chunk in case["chunks"]:
        args = leaves[chunk["first"] : chunk["last"]]
        proof = [bytes.fromhex(word[2:]) for word in chunk["proof"]]
        where = (number, chunk["index"])
        found = office.call(Role.AUTHORITY, "Certificates", "issue", *where, args, proof)
        assert found == Refusal("NothingToIssue", where)
        found = office.call(Role.AUTHORITY, "Certificates", "issue", *where, [args[0] ^ 1, *args[1:]], proof)
        assert found == Refusal("ChunkNotInCommitment", where)
