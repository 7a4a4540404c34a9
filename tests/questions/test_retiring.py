"""Retiring (核销): Q79 to Q83."""

from pathlib import Path

import pytest

from gecchain.chain.deploying import Role
from gecchain.events import Retired
from gecchain.rules import CertificateState, RetirementReason, expires_at, token_id
from gecchain.store import queries
from tests.differential.operations import Claimed
from tests.questions.cast import (
    BUYER,
    CLAIM,
    DEEP_SEA,
    LANDFILL,
    NEW_HYDRO,
    OTHER_BUYER,
    OWNER,
    PLATFORM_A,
    SEPTEMBER,
    SOLAR_THERMAL,
    WIND,
    batch,
)
from tests.questions.indexed import indexed
from tests.questions.world import World, only, skipped

END = expires_at(SEPTEMBER)
MONTHS = (SEPTEMBER.index, SEPTEMBER.index + 1)


def _register(world: World, project: int, number: str = "CCER-1") -> None:
    world.done(OWNER.key, "Registry.chooseCcer", project, True)
    world.done(Role.CCER_REGISTRY, "Registry.registerCcer", project, *MONTHS, number)


def test_q79_what_is_past_its_validity_is_retired(world: World) -> None:
    """By anybody, with nobody's claim; for its holder there is nothing else left to do with it."""
    world.go_to(END)
    assert world.refused(OWNER.key, "Certificates.retire", batch(WIND), 0, 10, CLAIM) == "Expired"
    found = only(world.done(OTHER_BUYER.key, "Certificates.retireDue", batch(WIND), 0, 100), Retired)
    assert (found.reason, found.holder, found.claim.beneficiary) == (RetirementReason.EXPIRED, OWNER.account, "")


def test_q79_what_is_declared_as_consumed_is_retired(world: World) -> None:
    """By its holder, with a beneficiary, a purpose and a period, which nobody can change afterwards."""
    world.sell(0, 10)
    assert world.refused(OWNER.key, "Certificates.retire", batch(WIND), 0, 10, CLAIM) == "MayNotAct"
    for claim, why in (
        (CLAIM._replace(purpose=8), "PurposeUnknown"),
        (CLAIM._replace(to=CLAIM.from_), "PeriodEmpty"),
        (CLAIM._replace(beneficiary=""), "BeneficiaryLength"),
    ):
        assert world.refused(BUYER.key, "Certificates.retire", batch(WIND), 0, 10, claim) == why
    found = only(world.retire(BUYER, 0, 10), Retired)
    claim = found.claim
    assert found.reason == RetirementReason.CONSUMPTION
    assert Claimed(claim.beneficiary, claim.purpose, claim.from_, claim.to, claim.statement) == CLAIM
    assert world.refused(BUYER.key, "Certificates.retire", batch(WIND), 0, 10, CLAIM) == "StateIs"


@pytest.mark.parametrize("project", [DEEP_SEA, SOLAR_THERMAL])
def test_q79_what_is_registered_for_ccer_is_retired(world: World, project: int) -> None:
    """Deep-sea wind and solar-thermal certificates of registered months, unless they were traded before."""
    sold = world.list(0, 10, of=batch(project))
    world.done(PLATFORM_A.key, "Market.take", sold, 10, BUYER.account, PLATFORM_A.account)
    assert world.refused(Role.CCER_REGISTRY, "Registry.registerCcer", project, *MONTHS, "CCER-1") == "CcerNotChosen"
    _register(world, project)
    found = only(world.done(BUYER.key, "Certificates.retireDue", batch(project), 10, 100), Retired)
    assert found.reason == RetirementReason.CCER
    assert world.refused(BUYER.key, "Certificates.retireDue", batch(project), 0, 10) == "NotDue"
    world.retire(BUYER, 0, 10, of=batch(project))


@pytest.mark.parametrize("project", [WIND, NEW_HYDRO, LANDFILL])
def test_q79_other_projects_cannot_turn_to_ccer(world: World, project: int) -> None:
    """The choice between the two is for deep-sea wind and solar-thermal projects alone."""
    assert world.refused(OWNER.key, "Registry.chooseCcer", project, True) == "NotForCcer"


def test_q79_nothing_is_retired_without_a_reason(world: World) -> None:
    """Valid, not registered, in an open account: nobody but its holder retires it; a closed account's is retired."""
    assert world.refused(Role.AUTHORITY, "Certificates.retireDue", batch(WIND), 0, 10) == "NotDue"
    world.done(Role.AUTHORITY, "Registry.close", OWNER.account, "dissolved")
    found = only(world.done(Role.AUTHORITY, "Certificates.retireDue", batch(WIND), 0, 10), Retired)
    assert found.reason == RetirementReason.ACCOUNT_CLOSED


def test_q80_expiry_is_exact_to_the_last_day_of_the_month(world: World) -> None:
    """One second before midnight in Beijing nothing is retired, at midnight everything is, sold or not."""
    world.sell(0, 10)
    due = [(batch(WIND), 0, 10), (batch(WIND), 10, 100)]
    world.go_to(END - 1)
    assert skipped(world.done(Role.REGISTRAR, "Certificates.sweep", due)) == {0: "NotDue", 1: "NotDue"}
    world.go_to(END)
    found = world.done(Role.REGISTRAR, "Certificates.sweep", due)
    assert [event.holder for event in found.events if isinstance(event, Retired)] == [BUYER.account, OWNER.account]


def test_q80_what_is_on_sale_when_it_expires_is_retired_too(world: World) -> None:
    """An expired lot is taken off sale by anybody, and then retired."""
    lot = world.list(0, 100)
    assert world.refused(OTHER_BUYER.key, "Market.withdraw", lot) == "MayNotAct"
    world.go_to(END)
    assert world.refused(PLATFORM_A.key, "Market.take", lot, 1, BUYER.account, PLATFORM_A.account) == "Expired"
    world.done(OTHER_BUYER.key, "Market.withdrawAll", [lot])
    assert skipped(world.done(OTHER_BUYER.key, "Certificates.sweep", [(batch(WIND), 0, 100)])) == {}
    assert world.at(0).state is CertificateState.RETIRED


def test_q80_only_the_ccer_registry_registers_and_each_month_once(world: World) -> None:
    """What it pushes is the project, the months and its own number."""
    world.done(OWNER.key, "Registry.chooseCcer", DEEP_SEA, True)
    register = (DEEP_SEA, *MONTHS)
    for caller in (Role.AUTHORITY, OWNER.key, Role.EXCHANGE):
        assert world.refused(caller, "Registry.registerCcer", *register, "1") == "AccessManagedUnauthorized"
    world.done(Role.CCER_REGISTRY, "Registry.registerCcer", *register, "1")
    assert world.refused(Role.CCER_REGISTRY, "Registry.registerCcer", *register, "2") == "CcerMonthRegistered"
    later = (DEEP_SEA, MONTHS[1], MONTHS[1] + 1)
    assert world.refused(Role.CCER_REGISTRY, "Registry.registerCcer", *later, "1") == "CcerNumberUsed"


def test_q80_a_project_that_chose_ccer_stands_still(world: World) -> None:
    """Until it is registered its untraded certificates are not sold and not declared; it can turn back."""
    lot = world.list(0, 10, of=batch(DEEP_SEA))
    world.done(OWNER.key, "Registry.chooseCcer", DEEP_SEA, True)
    assert world.refused(PLATFORM_A.key, "Market.take", lot, 1, BUYER.account, PLATFORM_A.account) == "ChosenForCcer"
    assert world.refused(OWNER.key, "Market.list", batch(DEEP_SEA), 20, 30, 1, 1) == "ChosenForCcer"
    assert world.refused(OWNER.key, "Certificates.retire", batch(DEEP_SEA), 20, 30, CLAIM) == "ChosenForCcer"
    world.done(OWNER.key, "Registry.chooseCcer", DEEP_SEA, False)
    world.done(PLATFORM_A.key, "Market.take", lot, 1, BUYER.account, PLATFORM_A.account)


def test_q81_the_record_of_a_retirement_shows_the_whole_way(world: World, tmp_path: Path) -> None:
    """Numbers, quantity, class, project, technology and every step from filing and issuing to the retirement."""
    world.sell(0, 10)
    world.retire(BUYER, 3, 7)
    facts = world.facts(3)
    assert (facts.start, facts.end, facts.number[-2:]) == (3, 7, "GT")
    with indexed(world, tmp_path) as engine, engine.connect() as db:
        steps = queries.trace(db, token_id(batch(WIND), 3))
    names = [step.name for step in steps]
    assert names == [
        "filing_submitted",
        "filing_reviewed",
        "readings_committed",
        "issued",
        "listed",
        "traded",
        "retired",
    ]
    assert [(step.start, step.end) for step in steps[3:]] == [(0, 100), (0, 10), (0, 10), (3, 7)]
    last = steps[-1]
    assert (last.kind, last.data["claim"]["beneficiary"]) == ("consumption", CLAIM.beneficiary)


def test_q83_retirement_changes_nothing_that_is_counted(world: World) -> None:
    """What was issued, its energy, its facts and its hash stay: accounting with it does not depend on retirement."""

    def counted() -> tuple[object, ...]:
        facts = world.facts(0)
        genuine = world.ask("Certificates.verify", int(facts.hash, 16))
        lane = world.ask("Registry.laneOf", WIND, 0)
        return facts.hash, facts.count, genuine, lane, world.ask("Certificates.issuedTotal"), world.state().tallies

    before = counted()
    world.retire(OWNER, 0, 100)
    after = counted()
    assert before[:-1] == after[:-1]
    assert [tally.issued for tally in before[-1].values()] == [tally.issued for tally in after[-1].values()]  # type: ignore[attr-defined]
    assert world.at(0).state is CertificateState.RETIRED
