"""Disputes, warnings and lots on several platforms (异议、预警、上架): Q95, Q96, Q98 and Q99."""

from typing import Any

import pytest

from gecchain.chain.deploying import Role
from gecchain.events import Added, CaseClosed, CaseDecided, ExpiryNear, Frozen, Listed, TradeUndone, Withdrawn
from gecchain.rules import CaseStage, CertificateState, Month, Outcome, expires_at, expiring_within
from tests.questions.cast import (
    BASIS,
    BUYER,
    CERTIFICATE,
    KEYS,
    OTHER_OWNER,
    OWNER,
    PLATFORM_A,
    PLATFORM_B,
    SEPTEMBER,
    WIND,
    batch,
    reading,
)
from tests.questions.world import World, only, skipped

SEPTEMBERS = batch(WIND)
WHY = (BASIS, "the meter was read twice")
UNDO_RETIREMENT, UNDO_TRADE, DEDUCT = range(3)


def _opened(world: World, *doubtful: tuple[int, int]) -> None:
    world.done(OWNER.key, "Cases.open", SEPTEMBERS, doubtful, *WHY)


def _checked(world: World, wh: int, *doubtful: tuple[int, int]) -> None:
    """A case of which the exchange proposed a correction and the regional office confirmed the facts."""
    _opened(world, *doubtful)
    world.done(Role.EXCHANGE, "Cases.propose", 1, wh, *WHY)
    world.done(Role.REGIONAL_OFFICE, "Cases.check", 1, True, *WHY)


def _decided(world: World, outcome: Outcome, wh: int, *doubtful: tuple[int, int]) -> Any:
    _checked(world, wh, *doubtful)
    return world.done(Role.AUTHORITY, "Cases.decide", 1, outcome.value, *WHY)


def _stage(world: World) -> CaseStage:
    return CaseStage.of_number(world.ask("Cases.caseOf", 1)[2])


def test_q95_only_the_owner_disputes_and_what_is_in_doubt_is_not_listed(world: World) -> None:
    """The project's owner opens a case, with evidence; what it names is frozen until the case is over."""
    assert world.refused(OTHER_OWNER.key, "Cases.open", SEPTEMBERS, [(0, 5)], *WHY) == "MayNotAct"
    assert world.refused(OWNER.key, "Cases.open", SEPTEMBERS, [(0, 5)], bytes(32), "why") == "EvidenceZero"
    _opened(world, (0, 5), (50, 60))
    for start, end in ((0, 5), (50, 60)):
        assert world.refused(OWNER.key, "Market.list", SEPTEMBERS, start, end, 350, 1) == "StateIs"
    world.list(5, 50)
    assert world.refused(OWNER.key, "Cases.open", SEPTEMBERS, [], *WHY) == "CaseStands"


def test_q95_what_is_on_sale_cannot_be_put_in_doubt_unseen(world: World) -> None:
    """A lot is withdrawn first, so nobody buys what is in doubt."""
    lot = world.list(0, 10)
    assert world.refused(OWNER.key, "Cases.open", SEPTEMBERS, [(0, 10)], *WHY) == "StateIs"
    world.done(OWNER.key, "Market.withdraw", lot)
    assert only(world.done(OWNER.key, "Cases.open", SEPTEMBERS, [(0, 10)], *WHY), Frozen).end == 10


def test_q95_exchange_then_regional_office_then_authority(world: World) -> None:
    """Each stage has its office, and none is skipped."""
    _opened(world)
    stages = (
        ("Cases.propose", Role.EXCHANGE, (1, -CERTIFICATE, *WHY)),
        ("Cases.check", Role.REGIONAL_OFFICE, (1, True, *WHY)),
        ("Cases.decide", Role.AUTHORITY, (1, Outcome.DEDUCTED.value, *WHY)),
    )
    for index, (call, role, args) in enumerate(stages):
        for caller in (KEYS[other] for other in KEYS if other is not role):
            assert world.refused(caller, call, *args) == "AccessManagedUnauthorized"
        for later, other, rest in stages[index + 1 :]:
            assert world.refused(other, later, *rest) == "CaseStageIs"
        world.done(role, call, *args)
    assert _stage(world) is CaseStage.DECIDED


def test_q95_a_stage_sends_back_what_it_cannot_confirm(world: World) -> None:
    """Office and authority return the case to the exchange; the owner may end it while nothing is decided."""
    _opened(world, (0, 5))
    world.done(Role.EXCHANGE, "Cases.propose", 1, -CERTIFICATE, *WHY)
    world.done(Role.REGIONAL_OFFICE, "Cases.check", 1, False, *WHY)
    assert _stage(world) is CaseStage.OPENED
    world.done(Role.EXCHANGE, "Cases.propose", 1, -CERTIFICATE, *WHY)
    world.done(Role.REGIONAL_OFFICE, "Cases.check", 1, True, *WHY)
    world.done(Role.AUTHORITY, "Cases.decide", 1, Outcome.NONE.value, *WHY)
    assert _stage(world) is CaseStage.OPENED
    world.done(OWNER.key, "Cases.close", 1)
    world.list(0, 5)


def test_q95_rejected_is_free_again(world: World) -> None:
    """The quantity was right: nothing changes but that the doubt ends."""
    found = _decided(world, Outcome.REJECTED, 0, (0, 5))
    assert only(found, CaseClosed).case_id == 1
    assert world.at(0) == (0, 5, OWNER.account, CertificateState.HELD, False)
    assert world.count() == 100


def test_q95_too_few_pushed_are_issued_in_addition(world: World) -> None:
    """Certificates of that production month, with new serials; what does not fill one goes to the carry."""
    found = only(_decided(world, Outcome.ADDED, 3_400_000), Added)
    assert (found.batch, found.start, found.end, found.holder) == (SEPTEMBERS, 100, 103, OWNER.account)
    assert world.ask("Registry.laneOf", WIND, 0) & 0xFFFFF == 400_000
    assert _stage(world) is CaseStage.CLOSED
    world.list(100, 103)
    assert world.state().totals[1].metered_wh == 723_400_000


def test_q95_too_many_pushed_are_deducted(world: World) -> None:
    """As many as the correction says, no more and no fewer; the numbers end and are never used again."""
    assert only(_decided(world, Outcome.DEDUCTED, -5 * CERTIFICATE, (0, 5)), CaseDecided).certificates == -5
    assert world.refused(Role.AUTHORITY, "Cases.execute", 1, [(DEDUCT, 0, 3), (DEDUCT, 5, 8)]) == "OwedExceeded"
    world.done(Role.AUTHORITY, "Cases.execute", 1, [(DEDUCT, 0, 4)])
    assert world.refused(Role.AUTHORITY, "Cases.close", 1) == "StillOwed"
    world.done(Role.AUTHORITY, "Cases.execute", 1, [(DEDUCT, 4, 5)])
    assert _stage(world) is CaseStage.CLOSED
    assert world.at(0).state is CertificateState.DEDUCTED
    assert (world.count(), world.balance(OWNER)) == (100, 515)
    again = world.commit(SEPTEMBER, reading(WIND, 105 * CERTIFICATE))
    issue = (again, 0, [reading(WIND, 105 * CERTIFICATE)], [])
    assert world.refused(Role.AUTHORITY, "Certificates.issue", *issue) == "NothingToIssue"


def test_q95_a_correction_takes_from_the_carry_first(world: World) -> None:
    """Less energy than a certificate too much, of which enough is carried, costs none."""
    world.issue(SEPTEMBER - 1, reading(WIND, 700_000))
    found = _decided(world, Outcome.DEDUCTED, -600_000)
    assert only(found, CaseDecided).certificates == 0
    assert _stage(world) is CaseStage.CLOSED
    assert world.ask("Registry.laneOf", WIND, 0) & 0xFFFFF == 100_000


def test_q95_what_was_sold_and_retired_is_undone_before_it_is_deducted(world: World) -> None:
    """First the unsold; then retirement and trade are taken back in the case, and only then it is deducted."""
    world.sell(0, 98)
    world.retire(BUYER, 0, 4)
    _decided(world, Outcome.DEDUCTED, -5 * CERTIFICATE)
    undo = [(UNDO_RETIREMENT, 0, 3), (UNDO_TRADE, 0, 3)]
    assert world.refused(Role.AUTHORITY, "Cases.execute", 1, undo) == "UnsoldLeft"
    assert world.refused(Role.AUTHORITY, "Cases.execute", 1, [(DEDUCT, 98, 100), (DEDUCT, 0, 3)]) == "StateIs"
    world.done(Role.AUTHORITY, "Cases.execute", 1, [(DEDUCT, 98, 100), *undo, (DEDUCT, 0, 3)])
    assert [world.at(serial).state for serial in (0, 3, 4, 98)] == [
        CertificateState.DEDUCTED,
        CertificateState.RETIRED,
        CertificateState.HELD,
        CertificateState.DEDUCTED,
    ]
    assert _stage(world) is CaseStage.CLOSED
    totals = world.state().totals[1]
    assert (totals.deducted, totals.retired, totals.owed) == (5, 1, 0)


def test_q95_a_trade_is_undone_and_the_certificate_can_be_traded_again(world: World) -> None:
    """The only way back from a finished trade: by a decided case, with the one trade given back."""
    world.sell(0, 10)
    _decided(world, Outcome.UNDONE, 0)
    assert world.refused(Role.AUTHORITY, "Cases.execute", 1, [(DEDUCT, 0, 10)]) == "RemedyNotDecided"
    found = only(world.done(Role.AUTHORITY, "Cases.execute", 1, [(UNDO_TRADE, 0, 10)]), TradeUndone)
    assert (found.buyer, found.seller, found.case_id) == (BUYER.account, OWNER.account, 1)
    world.done(Role.AUTHORITY, "Cases.close", 1)
    world.sell(0, 10)


@pytest.mark.parametrize(
    ("outcome", "wh"),
    [(Outcome.ADDED, -CERTIFICATE), (Outcome.ADDED, 0), (Outcome.DEDUCTED, CERTIFICATE), (Outcome.UNDONE, CERTIFICATE)],
)
def test_q95_the_decision_follows_the_proposal(world: World, outcome: Outcome, wh: int) -> None:
    """The authority does not add where the exchange found too much, nor deduct where it found too little."""
    _checked(world, wh)
    assert world.refused(Role.AUTHORITY, "Cases.decide", 1, outcome.value, *WHY) == "OutcomeNotProposed"


def test_q95_a_case_has_deadlines(world: World) -> None:
    """How many days each stage may take is the authority's to set; the case says when it is due."""
    _opened(world)
    assert world.ask("Cases.dueAt", 1) == world.chain.time + 10 * 86_400
    assert world.refused(OWNER.key, "Cases.setDeadlines", 5, 5, 5, 5) == "AccessManagedUnauthorized"
    world.done(Role.AUTHORITY, "Cases.setDeadlines", 5, 6, 7, 8)
    assert world.ask("Cases.dueAt", 1) == world.chain.time + 5 * 86_400


@pytest.mark.parametrize("month", ["2026-09", "2024-08", "2023-06"])
def test_q96_a_warning_three_months_before_the_end(month: str) -> None:
    """From the first second of the last three months to the end, once a production month."""
    made, world = Month.parse(month), World()
    ends = expires_at(made)
    begins = (Month.at(ends) - 3).begins_at
    assert [expiring_within(made, at) for at in (begins - 1, begins, ends - 1, ends)] == [False, True, True, False]
    if begins > world.chain.time:
        world.go_to(begins - 1)
        assert world.refused(Role.REGISTRAR, "Certificates.warn", made.index) == "ExpiryNotNear"
        world.go_to(begins)
        assert only(world.done(Role.REGISTRAR, "Certificates.warn", made.index), ExpiryNear).expires_at == ends
        assert world.refused(Role.REGISTRAR, "Certificates.warn", made.index) == "WarnedAlready"
    else:
        assert world.refused(Role.REGISTRAR, "Certificates.warn", made.index) == "ExpiryNotNear"


def test_q98_listed_and_withdrawn_by_its_holder(world: World) -> None:
    """What is issued is listed on any platform; what is left of the lot can be withdrawn, by its holder alone."""
    for bits, platform in ((1, PLATFORM_A), (2, PLATFORM_B)):
        lot = world.list(0, 10, platforms=bits)
        assert world.refused(platform.key, "Market.withdraw", lot) == "MayNotAct"
        world.done(OWNER.key, "Market.withdraw", lot)
    lot = world.list(0, 10)
    world.done(PLATFORM_A.key, "Market.take", lot, 4, BUYER.account, PLATFORM_A.account)
    found = only(world.done(OWNER.key, "Market.withdraw", lot), Withdrawn)
    assert (found.start, found.end) == (4, 10)
    assert world.refused(PLATFORM_A.key, "Market.take", lot, 1, BUYER.account, PLATFORM_A.account) == "ListingUnknown"
    assert world.at(4) == (4, 10, OWNER.account, CertificateState.HELD, False)


def test_q99_shown_on_several_platforms_and_sold_once(world: World) -> None:
    """One lot on two platforms: each sells from what is left, and the same certificate is never sold by both."""
    lot = world.list(0, 10, platforms=3)
    take = "Market.take"
    world.done(PLATFORM_A.key, take, lot, 7, BUYER.account, PLATFORM_A.account)
    assert world.refused(PLATFORM_B.key, take, lot, 7, BUYER.account, PLATFORM_B.account) == "QuantityAboveListed"
    world.done(PLATFORM_B.key, take, lot, 3, BUYER.account, PLATFORM_B.account)
    assert world.refused(PLATFORM_A.key, take, lot, 1, BUYER.account, PLATFORM_A.account) == "ListingUnknown"
    assert world.balance(BUYER) == 10


def test_q99_a_platform_sells_only_what_was_put_on_it(world: World) -> None:
    """And the same certificates cannot stand in two lots."""
    lot = world.list(0, 10, platforms=2)
    take = (lot, 1, BUYER.account, PLATFORM_A.account)
    assert world.refused(PLATFORM_A.key, "Market.take", *take) == "PlatformNotNamed"
    assert world.refused(OWNER.key, "Market.list", SEPTEMBERS, 5, 10, 350, 1) == "StateIs"
    both = only(world.done(OWNER.key, "Market.list", SEPTEMBERS, 10, 20, 350, 3), Listed)
    assert both.platforms == 3


def test_q99_withdrawing_many_lots_is_one_call(world: World) -> None:
    """A lot that is sold out meanwhile does not stop the others."""
    lots = [world.list(0, 5), world.list(5, 10)]
    world.done(PLATFORM_A.key, "Market.take", lots[0], 5, BUYER.account, PLATFORM_A.account)
    assert skipped(world.done(OWNER.key, "Market.withdrawAll", lots)) == {0: "ListingUnknown"}
    assert world.at(5).state is CertificateState.HELD
