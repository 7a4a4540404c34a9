"""Accounts and filings (绿证账户、建档立卡): Q84 to Q94."""

from dataclasses import replace

import pytest

from gecchain.chain.deploying import Role
from gecchain.events import AccountOpened, FilingReviewed, FilingSubmitted
from gecchain.oracle.plants import FilingDraft
from gecchain.proofs import keccak256
from gecchain.rules import AccountKind, Month, ProjectKey, Technology, account_address, identity_hash
from tests.differential.operations import Opened
from tests.questions.cast import (
    BUYER,
    KEYS,
    OLD_HYDRO,
    OTHER_BUYER,
    OTHER_OWNER,
    OWNER,
    PLATFORM_A,
    PROVINCE,
    SEPTEMBER,
    SOUTH,
    WIND,
    batch,
    key,
    papers,
    party,
    reading,
)
from tests.questions.world import World, only

NEWCOMER, PLANT = party("a newcomer"), key(Technology.SOLAR_PV, 600)
BUYING, PROVINCIAL = AccountKind.BUYER.value, AccountKind.PROVINCE.value


def _opening(kind: int = BUYING, province: int = 0) -> list[Opened]:
    return [Opened(NEWCOMER.account, kind, province, NEWCOMER.key, "a newcomer")]


def test_q84_a_buyer_opens_directly_or_through_a_platform() -> None:
    """Whoever is a registrar, the authority's office or a platform, opens it; a buyer cannot open its own."""
    world = World()
    assert world.refused(NEWCOMER.key, "Registry.openBuyers", _opening()) == "AccessManagedUnauthorized"
    found = only(world.done(Role.REGISTRAR, "Registry.openBuyers", _opening()), AccountOpened)
    assert (found.account, found.operator) == (NEWCOMER.account, NEWCOMER.key)
    world.sell(0, 5, NEWCOMER)
    assert world.balance(NEWCOMER) == 5


def test_q84_a_seller_has_an_account_once_its_filing_is_approved(world: World) -> None:
    """Not before, and not by the way of buyers."""
    sellers = _opening(AccountKind.OWNER.value)
    assert world.refused(Role.REGISTRAR, "Registry.openBuyers", sellers) == "KindNotAllowed"
    assert world.refused(Role.AUTHORITY, "Registry.openInstitutions", sellers) == "KindNotAllowed"
    world.file(papers(PLANT, NEWCOMER))
    assert world.ask("Registry.account", NEWCOMER.account)[1] == AccountKind.OWNER


def test_q85_every_living_certificate_is_in_one_account(world: World) -> None:
    """Accounts say who holds what: balances add up to what was issued and not retired; no move leads out of them."""
    world.sell(0, 30)
    world.retire(BUYER, 5, 10)
    holders = (OWNER, OTHER_OWNER, BUYER, OTHER_BUYER, PROVINCE)
    assert sum(map(world.balance, holders)) == world.ask("Certificates.issuedTotal") - 5
    nowhere = (batch(WIND), 40, 50, NEWCOMER.account, 4, keccak256(b"will"))
    assert world.refused(Role.AUTHORITY, "Certificates.move", *nowhere) == "AccountUnknown"


def test_q86_one_identity_one_account(world: World) -> None:
    """The same code gives the same account, which exists once; another code gives another one."""
    code, other, secret = "91310000MA1FL1LL4X", "91310000MA1FL1LL5W", b"key of the registry"
    account = account_address(identity_hash(secret, code))
    assert account == account_address(identity_hash(secret, code))
    assert account != account_address(identity_hash(secret, other))
    opening = [Opened(account, BUYING, 0, NEWCOMER.key, "a newcomer")]
    world.done(Role.REGISTRAR, "Registry.openBuyers", opening)
    assert world.refused(Role.REGISTRAR, "Registry.openBuyers", opening) == "AccountExists"
    institution = [opening[0]._replace(kind=AccountKind.AGENT.value)]
    assert world.refused(Role.AUTHORITY, "Registry.openInstitutions", institution) == "AccountExists"


def test_q86_a_buyer_that_files_a_plant_keeps_its_account(world: World) -> None:
    """No second account is opened for who has one: it buys and sells from the same."""
    plant = papers(PLANT, BUYER)
    world.done(Role.REGISTRAR, "Registry.submit", [plant])
    found = world.done(PROVINCE.key, "Registry.review", [plant], True, "")
    assert not [event for event in found.events if isinstance(event, AccountOpened)]
    world.issue(SEPTEMBER, reading(PLANT, 3_000_000))
    assert world.at(0, batch(PLANT)).owner == BUYER.account


def test_q87_one_account_a_province() -> None:
    """The authority opens it, once; it receives stock hydro, and buys as others do."""
    world = World()
    second = _opening(PROVINCIAL, 15)
    assert world.refused(Role.AUTHORITY, "Registry.openInstitutions", second) == "ProvinceHasAccount"
    assert world.refused(Role.AUTHORITY, "Registry.openInstitutions", _opening(PROVINCIAL, 0)) == "ProvinceUnknown"
    assert world.refused(Role.REGISTRAR, "Registry.openBuyers", _opening(PROVINCIAL, 37)) == "KindNotAllowed"
    assert world.ask("Registry.provincialAccount", 15) == PROVINCE.account
    assert world.at(0, batch(OLD_HYDRO, tradable=False)).owner == PROVINCE.account
    world.sell(0, 5, PROVINCE)
    assert world.balance(PROVINCE) == 105


def test_q88_an_account_is_no_login(world: World) -> None:
    """The key that acts can be replaced; the account and what it holds stay, and the old key does nothing more."""
    assert world.refused(OWNER.key, "Registry.setOperator", OWNER.account, NEWCOMER.key) == "AccessManagedUnauthorized"
    world.done(Role.AUTHORITY, "Registry.setOperator", OWNER.account, NEWCOMER.key)
    assert world.refused(OWNER.key, "Market.list", batch(WIND), 0, 10, 350, 1) == "MayNotAct"
    world.done(NEWCOMER.key, "Market.list", batch(WIND), 0, 10, 350, 1)
    assert world.at(0).owner == OWNER.account
    assert world.refused(OWNER.account, "Market.list", batch(WIND), 10, 20, 350, 1) == "MayNotAct"


DRAFT = FilingDraft(
    source_id="1",
    key=ProjectKey.from_id(PLANT),
    name="示例光伏电站",
    capacity_kw=20_000,
    in_operation=Month.of(2020, 1),
    owner="示例光伏有限公司",
    owner_code="91310000MA1FL1LL4X",
    location="Xilingol",
    latitude="",
    longitude="",
    source="test",
    annual_generation_wh=None,
    made_up=(),
)


def test_q90_a_filing_says_all_that_it_must() -> None:
    """Name, place, owner, approval, capacity, grid connection and state are in the public document; no identity is."""
    document = DRAFT.as_document(NEWCOMER.account)
    wanted = {"name", "location", "owner", "approved", "capacity_kw", "in_operation", "state", "technology", "subsidy"}
    assert wanted <= document.keys()
    assert all(document[name] not in ("", 0) for name in wanted)
    assert DRAFT.owner_code not in DRAFT.document(NEWCOMER.account)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"capacity_kw": 0}, "CapacityZero"),
        ({"document": ""}, "DocumentLength"),
        ({"owner": "0x" + "00" * 20}, "AccountZero"),
        ({"project": PLANT | 0x7F << 20}, "ProjectNotCanonical"),
    ],
)
def test_q90_a_filing_without_its_key_facts_is_refused(world: World, wrong: dict[str, object], why: str) -> None:
    """Capacity, owner, document and a code that says type, technology and province."""
    assert world.refused(Role.REGISTRAR, "Registry.submit", [papers(PLANT)._replace(**wrong)]) == why  # type: ignore[arg-type]


def test_q91_the_province_approves_or_sends_back_with_reasons(world: World) -> None:
    """Its own projects only, exactly the filing that waits, and what was sent back can be handed in anew."""
    plant = papers(PLANT, NEWCOMER)
    world.done(Role.REGISTRAR, "Registry.submit", [plant])
    for caller in (SOUTH.key, KEYS[Role.AUTHORITY], OWNER.key):
        assert world.refused(caller, "Registry.review", [plant], True, "") in (
            "NotOfProvince",
            "AccessManagedUnauthorized",
        )
    altered = plant._replace(capacity_kw=plant.capacity_kw + 1)
    assert world.refused(PROVINCE.key, "Registry.review", [altered], True, "") == "FilingNotPending"
    found = only(world.done(PROVINCE.key, "Registry.review", [plant], False, "wrong date"), FilingReviewed)
    assert (found.approved, found.reason) == (False, "wrong date")
    assert world.ask("Registry.project", PLANT)[2] == 0
    assert world.refused(PROVINCE.key, "Registry.review", [plant], True, "") == "FilingNotPending"
    world.file(plant)
    assert world.ask("Registry.project", PLANT)[2] == 2


def test_q92_a_change_goes_the_same_way_and_keeps_its_history(world: World) -> None:
    """A new owner counts when the province has approved it; the earlier document can still be proved."""
    changed = papers(WIND, OTHER_OWNER, owner_name="renamed", document='{"owner":"renamed"}')
    found = only(world.done(Role.REGISTRAR, "Registry.submit", [changed]), FilingSubmitted)
    assert found.version == 2
    assert world.ask("Registry.project", WIND)[0] == OWNER.account
    world.done(PROVINCE.key, "Registry.review", [changed], True, "")
    assert world.ask("Registry.project", WIND)[0] == OTHER_OWNER.account
    hashes = [world.ask("Registry.filingHash", WIND, version) for version in (1, 2)]
    assert hashes == [keccak256(b"{}"), keccak256(b'{"owner":"renamed"}')]
    world.issue(SEPTEMBER - 1, reading(WIND, 3_000_000))
    assert [world.facts(0, batch(WIND, month)).filing for month in (SEPTEMBER, SEPTEMBER - 1)] == [1, 2]


def test_q94_the_account_is_opened_with_the_first_approval(world: World) -> None:
    """By itself, once, real-name: a filing that waits or is sent back opens none, a second plant none either."""
    plant = papers(PLANT, NEWCOMER, owner_name="a newcomer")
    world.done(Role.REGISTRAR, "Registry.submit", [plant])
    world.done(PROVINCE.key, "Registry.review", [plant], False, "no")
    assert world.ask("Registry.account", NEWCOMER.account)[1] == 0
    world.done(Role.REGISTRAR, "Registry.submit", [plant])
    found = only(world.done(PROVINCE.key, "Registry.review", [plant], True, ""), AccountOpened)
    assert (found.account, found.name, found.province) == (NEWCOMER.account, "a newcomer", 15)
    second = papers(key(Technology.SOLAR_PV, 601), NEWCOMER)
    world.done(Role.REGISTRAR, "Registry.submit", [second])
    again = world.done(PROVINCE.key, "Registry.review", [second], True, "")
    assert not [event for event in again.events if isinstance(event, AccountOpened)]


def test_q90_what_a_draft_changes_changes_the_filing() -> None:
    """The document is the filing: another name is another hash."""
    renamed = replace(DRAFT, name="另一电站")
    assert keccak256(DRAFT.document(PLATFORM_A.account).encode()) != keccak256(
        renamed.document(PLATFORM_A.account).encode()
    )
