"""What other registries got wrong, found in their code and issues or by running them, as tests of this one.

Each test is named after the registry and says the defect first, then what happens here. Ours is proved on the
contracts, the ledger or the API, wherever the defect would be.
"""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gecchain.chain.deploying import Role
from gecchain.events import Added, ConsecutiveTransfer, Issued, LeafRefused, Retired
from gecchain.rules import CertificateState, LeafRefusal, Month, MoveKind, Outcome, Technology
from tests.differential.chain import Done
from tests.questions.cast import (
    BASIS,
    BUYER,
    CERTIFICATE,
    CLAIM,
    KEYS,
    OLD_HYDRO,
    OTHER_BUYER,
    OTHER_OWNER,
    OTHER_WIND,
    OWNER,
    PLATFORM_A,
    PROVINCE,
    SEPTEMBER,
    WIND,
    Deal,
    Settlement,
    batch,
    key,
    papers,
    party,
    reading,
)
from tests.questions.indexed import registry
from tests.questions.world import World, only, skipped

SEPTEMBERS, OCTOBER = batch(WIND), SEPTEMBER + 1
WHY = (BASIS, "the meter was read twice")
DEDUCT = 2
DEAREST_MOVE = 200_000
FEW = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _decide(world: World, outcome: Outcome, wh: int, case: int = 1) -> Done:
    """A case over September's wind, up to its decision."""
    world.done(OWNER.key, "Cases.open", SEPTEMBERS, [], *WHY)
    world.done(Role.EXCHANGE, "Cases.propose", case, wh, *WHY)
    world.done(Role.REGIONAL_OFFICE, "Cases.check", case, True, *WHY)
    return world.done(Role.AUTHORITY, "Cases.decide", case, outcome.value, *WHY)


def _deduct(world: World, start: int, end: int) -> None:
    _decide(world, Outcome.DEDUCTED, (start - end) * CERTIFICATE)
    world.done(Role.AUTHORITY, "Cases.execute", 1, [(DEDUCT, start, end)])


def _attempts(world: World, start: int, end: int) -> dict[str, Callable[[], str]]:
    """Everything that anybody could try with the owner's range; each gives the name of the refusal."""
    deal = Deal(quantity=end - start)
    heir = (OTHER_OWNER.account, MoveKind.SUCCESSION.value, BASIS)
    span, sides = (SEPTEMBERS, start, end), world.signatures(deal)
    return {
        "list": partial(world.refused, OWNER.key, "Market.list", *span, 350, 1),
        "sell": partial(world.refused, PLATFORM_A.key, "Market.fill", deal, [span], *sides),
        "move": partial(world.refused, Role.AUTHORITY, "Certificates.move", *span, *heir),
        "freeze": partial(world.refused, Role.AUTHORITY, "Certificates.freeze", *span, BASIS),
        "retire": partial(world.refused, OWNER.key, "Certificates.retire", *span, CLAIM),
        "retireDue": partial(world.refused, OWNER.key, "Certificates.retireDue", *span),
    }


# Energy Web Origin


def test_energy_web_a_batch_of_issues_goes_through(world: World) -> None:
    """There the call that issues many always reverts. Here 256 readings of 256 plants are one call."""
    plants = [key(Technology.WIND, 1000 + number) for number in range(256)]
    world.file(*(papers(plant) for plant in plants))
    found = only(world.issue(SEPTEMBER, *(reading(plant, 9 * CERTIFICATE) for plant in plants)), Issued)
    assert found.issued == (1 << 256) - 1
    assert all(world.count(batch(plant)) == 9 for plant in plants)


def test_energy_web_a_revoked_certificate_does_not_move(world: World) -> None:
    """There a revoked certificate is still transferred. Here a deducted one takes part in nothing any more."""
    _deduct(world, 0, 10)
    assert {attempt() for attempt in _attempts(world, 0, 10).values()} == {"StateIs"}
    assert world.at(0) == (0, 10, OWNER.account, CertificateState.DEDUCTED, False)
    assert world.refused(OWNER.key, "Certificates.transferFrom", OWNER.account, BUYER.account, SEPTEMBERS << 32) == (
        "MovesByRulesOnly"
    )


def test_energy_web_nobody_else_mints(world: World) -> None:
    """There any contract can mint under the same topic. Here issuing is the authority's and adding a case's."""
    number = world.commit(OCTOBER - 2, reading(WIND, CERTIFICATE))
    issue = (number, 0, [reading(WIND, CERTIFICATE)], [])
    callers = [address for role, address in KEYS.items() if role is not Role.AUTHORITY]
    for caller in (*callers, OWNER.key, PROVINCE.key, PLATFORM_A.key):
        assert world.refused(caller, "Certificates.issue", *issue) == "AccessManagedUnauthorized"
        if caller != KEYS[Role.CASES]:
            assert world.refused(caller, "Certificates.add", SEPTEMBERS, 5, 1, BASIS) == "AccessManagedUnauthorized"
    world.done(Role.AUTHORITY, "Certificates.issue", *issue)


def test_energy_web_no_contract_mints_for_who_calls_it(world: World) -> None:
    """Even the authority's own call does not go through a contract that nobody gave the role to."""
    number = world.commit(OCTOBER - 2, reading(WIND, CERTIFICATE))
    issue = (number, 0, [reading(WIND, CERTIFICATE)], [])
    own = world.chain.addresses
    world.chain.addresses = {**own, "Certificates": _forwarder(world, own["Certificates"])}
    assert world.refused(Role.AUTHORITY, "Certificates.issue", *issue) == "AccessManagedUnauthorized"
    assert world.ask("Certificates.issuedTotal") == 720
    world.chain.addresses = own
    world.done(Role.AUTHORITY, "Certificates.issue", *issue)


def _forwarder(world: World, to: str) -> str:
    """A contract that hands every call on, and the answer or the refusal back."""
    call = "363d3d373d3d363d3d73" + to[2:] + "5af13d600060003e"
    code = bytes.fromhex(call) + bytes([0x60, len(call) // 2 + 7, 0x57]) + bytes.fromhex("3d6000fd5b3d6000f3")
    create = bytes([0x60, len(code), 0x80, 0x60, 0x0B]) + bytes.fromhex("6000396000f3")
    return str(world.chain._evm.deploy(OTHER_OWNER.key, create + code)).lower()


def test_energy_web_the_same_month_is_not_issued_twice(world: World) -> None:
    """There a device's month is issued again under a second request. Here not from a second commitment, not from its
    revision, not as a part of a longer list, and not twice within one.
    """
    first = world.commit(SEPTEMBER, reading(WIND, 50 * CERTIFICATE, digest=1))
    revised = world.commit(SEPTEMBER, reading(WIND, 60 * CERTIFICATE, digest=2), replaces=first)
    again = (revised, 0, [reading(WIND, 60 * CERTIFICATE, digest=2)], [])
    assert world.refused(Role.AUTHORITY, "Certificates.issue", *again) == "NothingToIssue"
    august = SEPTEMBER - 1
    twice = [reading(WIND, 3 * CERTIFICATE, digest=digest) for digest in (1, 2)]
    made = world.issue(august, *twice)
    assert only(made, Issued).issued == 0b01
    assert only(made, LeafRefused).reason == LeafRefusal.MONTH_ALREADY_ISSUED
    assert (world.count(), world.count(batch(WIND, august))) == (100, 3)


def test_energy_web_nothing_is_minted_onto_a_revoked_certificate(world: World) -> None:
    """There more volume can be minted onto a revoked certificate. Here what is added has numbers of its own."""
    _deduct(world, 0, 10)
    found = only(_decide(world, Outcome.ADDED, 4 * CERTIFICATE, case=2), Added)
    assert (found.start, found.end) == (100, 104)
    assert world.at(0).state is CertificateState.DEDUCTED
    assert world.refused(OWNER.key, "Market.list", SEPTEMBERS, 0, 10, 350, 1) == "StateIs"


def test_energy_web_what_a_request_costs_does_not_grow_with_the_past() -> None:
    """There a migration costs more with every request that was made before. Here the 300th costs what the third did."""
    world = World()
    world.issue(OCTOBER - 2, reading(WIND, 1000 * CERTIFICATE))
    august, costs = batch(WIND, OCTOBER - 2), []
    for start in range(0, 600, 2):
        world.retire(OWNER, start, start + 1, of=august)
        costs.append(world.gas)
    assert max(costs[3:]) < DEAREST_MOVE
    assert sum(costs[-50:]) / 50 < 1.2 * sum(costs[3:53]) / 50


# GC_Registry


@FEW
@given(cut=st.integers(1, 99))
def test_gc_registry_a_split_is_exact(cut: int) -> None:
    """There 1..100 split at 25 gives 26 and 74. Here the parts are what was asked for, and together the whole."""
    world = World()
    world.sell(0, cut)
    left, right = world.at(0), world.at(99)
    assert (left.start, left.end, right.start, right.end) == (0, cut, cut, 100)
    assert (world.balance(BUYER), world.at(cut - 1).owner, world.at(cut).owner) == (cut, BUYER.account, OWNER.account)


def test_gc_registry_anothers_certificates_are_not_moved(world: World) -> None:
    """There another's bundle can be named in a transfer. Here the holder is asked, whoever calls."""
    others = batch(OTHER_WIND)
    assert world.refused(OWNER.key, "Market.list", others, 0, 10, 350, 1) == "MayNotAct"
    assert world.refused(OWNER.key, "Certificates.retire", others, 0, 10, CLAIM) == "MayNotAct"
    deal = Deal(project=OTHER_WIND)
    sides = world.signatures(deal)
    assert world.refused(PLATFORM_A.key, "Market.fill", deal, [(others, 0, 10)], *sides) == "NotHolder"
    lot = world.list(0, 10)
    assert world.refused(OTHER_OWNER.key, "Market.withdraw", lot) == "MayNotAct"
    assert world.at(0, others).owner == OTHER_OWNER.account


@FEW
@given(order=st.permutations(["retire", "retireDue", "freeze", "list", "move", "sell"]))
def test_gc_registry_nothing_is_retired_twice(order: list[str]) -> None:
    """There cancel, claim, lock, reserve and cancel again retires twice. Here no order of calls leads back."""
    world = World()
    world.retire(OWNER, 0, 10)
    attempts = _attempts(world, 0, 10)
    assert [attempts[name]() for name in order] == ["StateIs"] * len(order)
    retired = [one.event for one in world.log if isinstance(one.event, Retired)]
    assert sum(event.end - event.start for event in retired) == 10
    assert world.state().totals[1].retired == 10


def test_gc_registry_numbers_do_not_come_back(world: World) -> None:
    """There serials of a withdrawn bundle are given out again. Here deducted ones are skipped for ever."""
    _deduct(world, 90, 100)
    _decide(world, Outcome.ADDED, 10 * CERTIFICATE, case=2)
    assert world.at(95).state is CertificateState.DEDUCTED
    assert world.at(100) == (100, 110, OWNER.account, CertificateState.HELD, False)
    minted = [
        range(event.from_token_id, event.to_token_id + 1)
        for event in (one.event for one in world.log)
        if isinstance(event, ConsecutiveTransfer) and int(event.from_address, 16) == 0
    ]
    minted.sort(key=lambda tokens: tokens.start)
    assert all(before.stop <= after.start for before, after in pairwise(minted))


def test_gc_registry_a_filter_keeps_the_account(world: World, tmp_path: Path) -> None:
    """There a second filter drops the first, and others' certificates show. Here every page is of the account asked
    for, alive or retired, also behind a cursor.
    """
    world.sell(0, 10)
    world.sell(20, 25, OTHER_BUYER)
    world.retire(BUYER, 2, 4)
    with registry(world, tmp_path) as client:
        for who, alive, ended in ((BUYER, 8, 2), (OTHER_BUYER, 5, 0), (PROVINCE, 100, 0)):
            for retired, expected in ((False, alive), (True, ended)):
                ranges = _ranges(client, who.account, retired=retired)
                assert sum(one["count"] for one in ranges) == expected
                assert {world.at(one["start"], int(one["batch"])).owner for one in ranges} <= {who.account}


def _ranges(client: httpx.Client, account: str, *, retired: bool) -> list[Any]:
    """Ranges on all pages of an account's holdings, one a page."""
    found, query = [], {"limit": "1", "retired": str(retired).lower()}
    while True:
        answer = client.get(f"/v1/accounts/{account}/holdings", params=query).json()
        found += [item["range"] for item in answer["items"]]
        if not answer["next"]:
            return found
        query["after"] = answer["next"]


# CADT


@pytest.mark.parametrize(
    ("ranges", "why"),
    [
        ([(SEPTEMBERS, 0, 30), (SEPTEMBERS, 20, 40)], "RangeNotUniform"),
        ([(SEPTEMBERS, 0, 25), (SEPTEMBERS, 0, 25)], "NotHolder"),
        ([(SEPTEMBERS, 60, 110)], "RangeNotUniform"),
        ([(SEPTEMBERS, 0, 50), (SEPTEMBERS, 60, 60)], "RangeEmpty"),
        ([(SEPTEMBERS, 0, 60), (SEPTEMBERS, 20, 10)], "RangeEmpty"),
        ([(SEPTEMBERS, 0, 49)], "QuantityNotMet"),
    ],
)
def test_cadt_the_ranges_of_a_split_count_not_only_their_sum(
    world: World, ranges: list[tuple[int, int, int]], why: str
) -> None:
    """There a split is right when the amounts add up, though ranges overlap or miss. Here each range must be there."""
    deal = Deal(quantity=50)
    assert world.refused(PLATFORM_A.key, "Market.fill", deal, ranges, *world.signatures(deal)) == why
    wh = 50 * CERTIFICATE
    item = Settlement(contract_wh=wh, fed_in_wh=wh, consumed_wh=wh, ranges=tuple(ranges))
    assert skipped(world.done(Role.EXCHANGE, "Market.settle", [item])) == {0: why}
    assert world.at(0) == (0, 100, OWNER.account, CertificateState.HELD, False)


@FEW
@given(cuts=st.lists(st.integers(1, 99), min_size=1, max_size=6, unique=True))
def test_cadt_the_parts_of_a_batch_cover_it(cuts: list[int]) -> None:
    """Whatever is sold and retired out of it, the segments are disjoint and together the batch."""
    world = World()
    for index, cut in enumerate(cuts):
        start, end, owner, state, _traded = world.at(cut)
        assert start <= cut < end
        if owner == OWNER.account and state is CertificateState.HELD:
            (world.sell if index % 2 else partial(world.retire, OWNER))(cut, end)
    serial, segments = 0, []
    while serial < 100:
        segments.append(world.at(serial))
        serial = segments[-1].end
    assert serial == 100
    assert all(one.end == two.start for one, two in pairwise(segments))


# ERC721A


def test_erc721a_the_last_of_5000_moves_at_the_price_of_the_first(world: World) -> None:
    """There the owner of the last of 5,000 is found by walking back, for 11 million gas. Here it costs as any split."""
    world.issue(SEPTEMBER - 1, reading(WIND, 5000 * CERTIFICATE))
    august, costs = batch(WIND, SEPTEMBER - 1), {}
    for serial in (0, 2500, 4999):
        heir = (BUYER.account, MoveKind.SUCCESSION.value, BASIS)
        world.done(Role.AUTHORITY, "Certificates.move", august, serial, serial + 1, *heir)
        costs[serial] = world.gas
    assert max(costs.values()) < DEAREST_MOVE
    assert world.balance(BUYER) == 3


# Subgraph sites


def test_subgraph_receipt_is_not_404_while_the_index_is_behind(world: World, tmp_path: Path) -> None:
    """There the page of a receipt says that there is none, because the indexer is behind. Here who names the block of
    its transaction waits for it, and is told that the index is behind, never that there is no such certificate.
    """
    number = world.facts(0).number
    at = world.log[-1].block
    with registry(world, tmp_path) as client:
        assert client.get(f"/v1/certificates/{number}", params={"min_block": at}).status_code == 200
        for path in (f"/v1/certificates/{number}", f"/v1/trace/{number}", f"/v1/verify/{number}"):
            answer = client.get(path, params={"min_block": at + 1})
            assert (answer.status_code, answer.json()["type"].rsplit("-", 3)[-1]) == (504, "indexed")
            assert str(at + 1) in answer.json()["detail"]
        october = number.replace(SEPTEMBER.code, OCTOBER.code)
        later = {"min_block": at + 1}
        assert client.get(f"/v1/certificates/{october}", params=later).status_code == 504
        missing = client.get(f"/v1/certificates/{october}")
        assert (missing.status_code, missing.headers["X-Indexed-Block"]) == (404, str(at))


# Everywhere


def test_one_bad_item_does_not_fail_the_issue_of_a_chunk(world: World) -> None:
    """A reading that cannot be issued is refused with its reason; the others of its chunk are issued."""
    august = SEPTEMBER - 1
    plants = [key(Technology.WIND, 2000), WIND, OTHER_WIND]
    made = world.issue(august, *(reading(plant, 2 * CERTIFICATE) for plant in plants))
    refused = only(made, LeafRefused)
    assert (only(made, Issued).issued, refused.leaf, refused.reason) == (0b110, 0, LeafRefusal.PROJECT_NOT_APPROVED)
    assert world.count(batch(WIND, august)) == 2


def test_one_bad_item_does_not_fail_the_batch(world: World) -> None:
    """Settling, distributing, sweeping, withdrawing: each item stands alone, and what was refused is told with why."""
    stock = batch(OLD_HYDRO, tradable=False)
    settlements = [
        Settlement(buyer=party("nobody").account),
        Settlement(contract=bytes(31) + b"\2", ranges=((SEPTEMBERS, 0, 9),)),
        Settlement(contract=bytes(31) + b"\3", ranges=((SEPTEMBERS, 20, 30),)),
    ]
    settled = world.done(Role.EXCHANGE, "Market.settle", settlements)
    assert skipped(settled) == {0: "AccountUnknown", 1: "QuantityNotMet"}
    assert (world.at(0).owner, world.at(20).owner) == (OWNER.account, BUYER.account)
    plan = [(stock, 0, 10, BUYER.account), (stock, 5, 15, BUYER.account), (stock, 10, 20, BUYER.account)]
    assert skipped(world.done(PROVINCE.key, "Certificates.distribute", plan, BASIS)) == {1: "RangeNotUniform"}
    assert world.at(10, stock).owner == BUYER.account
    lots = [world.list(40, 50), 99, world.list(50, 60)]
    assert skipped(world.done(OWNER.key, "Market.withdrawAll", lots)) == {1: "ListingUnknown"}
    world.go_to(Month.of(2029, 1).begins_at)
    due = [(SEPTEMBERS, 0, 20), (SEPTEMBERS, 10, 25), (SEPTEMBERS, 20, 30), (SEPTEMBERS, 60, 100)]
    assert skipped(world.done(Role.REGISTRAR, "Certificates.sweep", due)) == {1: "RangeNotUniform"}
    assert world.balance(OWNER) == 450
