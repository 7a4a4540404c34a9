"""Trading (交易) and free moves (划转): Q37 to Q53."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gecchain.chain.deploying import Role
from gecchain.events import DealCancelled, DealFilled, Listed, Moved, Settled, Traded, Withdrawn
from gecchain.rules import (
    BEIJING,
    CertificateState,
    MoveKind,
    TradeWay,
    account_address,
    expires_at,
    identity_hash,
    settled_certificates,
)
from tests.differential.chain import Done
from tests.differential.operations import Opened
from tests.questions.cast import (
    AGENT,
    BASIS,
    BUYER,
    CERTIFICATE,
    KEYS,
    LANDFILL,
    NOW,
    OLD_HYDRO,
    OTHER_BUYER,
    OTHER_OWNER,
    OTHER_WIND,
    OWNER,
    PLATFORM_A,
    PLATFORM_B,
    PROVINCE,
    SEPTEMBER,
    SOUTH,
    WIND,
    Deal,
    Party,
    Settlement,
    batch,
    party,
    reading,
)
from tests.questions.world import World, only, skipped

STOCK = batch(OLD_HYDRO, tradable=False)
FAST = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _fill(world: World, deal: Deal, *ranges: tuple[int, int, int], seller: Party = OWNER, buyer: Party = BUYER) -> Done:
    return world.done(PLATFORM_A.key, "Market.fill", deal, ranges, *world.signatures(deal, seller, buyer))


def _not_filled(world: World, deal: Deal, *ranges: tuple[int, int, int], key: str = PLATFORM_A.key) -> str:
    return world.refused(key, "Market.fill", deal, ranges, *world.signatures(deal))


def test_q37_what_is_traded_is_the_certificate(world: World) -> None:
    """Whole ones, by their numbers: a trade names the serials, nothing less than one is sold, each stays itself."""
    numbers = [world.facts(serial).number for serial in (0, 2)]
    lot = world.list(0, 10)
    take = (BUYER.account, PLATFORM_A.account)
    assert world.refused(PLATFORM_A.key, "Market.take", lot, 0, *take) == "QuantityZero"
    found = only(world.done(PLATFORM_A.key, "Market.take", lot, 3, *take), Traded)
    assert (found.batch, found.start, found.end) == (batch(WIND), 0, 3)
    assert [world.facts(serial).number for serial in (0, 2)] == numbers
    assert (world.at(2).owner, world.at(3).owner) == (BUYER.account, OWNER.account)


def test_q38_sellers_are_owners_of_filed_projects_and_buyers_anybody_with_an_account(world: World) -> None:
    """A person (who has no name on the chain) buys as a company does; who has no account neither buys nor sells."""
    world.sell(0, 5)
    world.sell(5, 10, OTHER_BUYER)
    assert (world.balance(BUYER), world.balance(OTHER_BUYER)) == (5, 5)
    lot, stranger = world.list(10, 20), party("a stranger")
    take = (lot, 1, stranger.account, PLATFORM_A.account)
    assert world.refused(PLATFORM_A.key, "Market.take", *take) == "AccountUnknown"
    assert world.refused(stranger.key, "Market.list", batch(WIND), 20, 30, 350, 1) == "MayNotAct"


def test_q39_a_buyer_from_abroad_can_have_an_account(world: World) -> None:
    """An account needs no Chinese identity code and no province."""
    abroad = account_address(identity_hash(b"a key of 16 bytes", "LEI-5493001KJTIIGC8Y1R12"))
    opening = Opened(abroad, 2, 0, OTHER_BUYER.key, "a company abroad")
    world.done(Role.REGISTRAR, "Registry.openBuyers", [opening])
    lot = world.list(0, 5)
    world.done(PLATFORM_A.key, "Market.take", lot, 5, abroad, PLATFORM_A.account)
    assert world.at(0).owner == abroad


def test_q40_an_agent_lists_and_the_principal_is_frozen(world: World) -> None:
    """While the mandate lasts the agent lists, withdraws and retires for the principal, whose own key does nothing."""
    lot = world.list(90, 100)
    world.done(OWNER.key, "Registry.fileMandate", OWNER.account, AGENT.account, NOW, NOW + 86_400, BASIS)
    listing = (batch(WIND), 0, 10, 350, 1)
    assert world.refused(OWNER.key, "Market.list", *listing) == "MayNotAct"
    assert world.refused(OWNER.key, "Market.withdraw", lot) == "MayNotAct"
    assert only(world.done(AGENT.key, "Market.list", *listing), Listed).seller == OWNER.account
    world.done(AGENT.key, "Market.withdraw", lot)
    world.retire(AGENT, 20, 21)


def test_q40_an_agent_signs_a_purchase_for_the_principal(world: World) -> None:
    """Under the buyer's mandate a bilateral order counts with the agent's signature and not with the buyer's."""
    world.done(BUYER.key, "Registry.fileMandate", BUYER.account, AGENT.account, NOW, NOW + 86_400, BASIS)
    assert _not_filled(world, Deal(), (batch(WIND), 0, 10)) == "SignatureInvalid"
    _fill(world, Deal(), (batch(WIND), 0, 10), buyer=AGENT)
    assert world.at(0).owner == BUYER.account


def test_q41_alone_or_with_green_power_it_is_the_one_trade(world: World) -> None:
    """Listing, bilateral order and green-power settlement are the ways there are, and each uses the one trade."""
    ways = [
        only(world.sell(0, 10), Traded).way,
        only(_fill(world, Deal(), (batch(WIND), 10, 20)), Traded).way,
        only(world.done(Role.EXCHANGE, "Market.settle", [Settlement(ranges=((batch(WIND), 20, 30),))]), Traded).way,
    ]
    assert ways == [TradeWay.LISTING, TradeWay.BILATERAL, TradeWay.GREEN_POWER]
    assert [world.at(serial).traded for serial in (0, 10, 20, 30)] == [True, True, True, False]


def test_q41_certificates_alone_move_without_any_electricity(world: World) -> None:
    """A listing is not bound to metered consumption: the buyer needs an account and nothing else."""
    world.sell(0, 10, OTHER_BUYER)
    assert only(world.sell(10, 20, OTHER_BUYER), Traded).buyer == OTHER_BUYER.account


def test_q42_only_admitted_platforms_and_exchanges_hold_trades(world: World) -> None:
    """A lot is shown on platforms the authority admitted; only they sell from it; only exchanges settle green power."""
    assert world.refused(OWNER.key, "Market.list", batch(WIND), 0, 10, 350, 0) == "PlatformsNone"
    assert world.refused(OWNER.key, "Market.list", batch(WIND), 0, 10, 350, 4) == "PlatformNotAdmitted"
    lot = world.list(0, 10)
    assert world.refused(AGENT.key, "Market.take", lot, 1, BUYER.account, AGENT.account) == "PlatformNotNamed"
    assert world.refused(BUYER.key, "Market.take", lot, 1, BUYER.account, PLATFORM_A.account) == "MayNotAct"
    for caller in (PLATFORM_A.key, KEYS[Role.AUTHORITY], OWNER.key):
        assert world.refused(caller, "Market.settle", [Settlement()]) == "AccessManagedUnauthorized"
    third = Opened(party("platform C").account, 5, 0, party("platform C").key, "platform C")
    world.done(Role.AUTHORITY, "Registry.openInstitutions", [third])
    world.list(20, 30, platforms=4)


def test_q43_listing_and_taking(world: World) -> None:
    """The seller lists a quantity at a price; a buyer takes what it wants of it, at that price."""
    lot = world.list(0, 50, price=412)
    take = (BUYER.account, PLATFORM_A.account)
    assert world.refused(PLATFORM_A.key, "Market.take", lot, 51, *take) == "QuantityAboveListed"
    found = only(world.done(PLATFORM_A.key, "Market.take", lot, 20, *take), Traded)
    assert (found.seller, found.buyer, found.price, found.way) == (OWNER.account, BUYER.account, 412, TradeWay.LISTING)
    assert world.ask("Market.listingOf", lot)[1:4] == (20, 50, 412)


@pytest.mark.parametrize("on_platform", [True, False])
def test_q43_bilateral_orders_are_signed_by_both_and_paid_here_or_outside(world: World, on_platform: bool) -> None:
    """Both sides agree on quantity and price; their platform hands it in; how it is paid is recorded."""
    deal, wind = Deal(paid_on_platform=on_platform), (batch(WIND), 0, 10)
    one, two = world.signatures(deal)
    assert world.refused(PLATFORM_A.key, "Market.fill", deal, [wind], one, one) == "SignatureInvalid"
    assert world.refused(PLATFORM_A.key, "Market.fill", deal, [wind], two, two) == "SignatureInvalid"
    dearer = deal._replace(price=351)
    assert world.refused(PLATFORM_A.key, "Market.fill", dearer, [wind], one, two) == "SignatureInvalid"
    assert _not_filled(world, deal, wind, key=PLATFORM_B.key) == "MayNotAct"
    found = _fill(world, deal, wind)
    assert only(found, DealFilled).paid_on_platform == on_platform
    assert only(found, Traded).price == 350
    assert _not_filled(world, deal, (batch(WIND), 10, 20)) == "DealIs"


@FAST
@given(seconds=st.integers(0, expires_at(SEPTEMBER) - NOW - 1))
def test_q44_certificates_alone_are_traded_at_any_time(seconds: int) -> None:
    """Any second of any day, to the last of the validity."""
    world = World()
    world.go_to(NOW + seconds)
    world.sell(0, 1)
    assert world.at(0).owner == BUYER.account


def test_q44_green_power_is_settled_once_a_month(world: World) -> None:
    """A contract's month of a project is settled once."""
    world.done(Role.EXCHANGE, "Market.settle", [Settlement()])
    again = world.done(Role.EXCHANGE, "Market.settle", [Settlement(ranges=((batch(WIND), 10, 20),))])
    assert skipped(again) == {0: "SettledAlready"}


@FAST
@given(price=st.integers(0, (1 << 64) - 1))
def test_q45_no_price_limits(price: int) -> None:
    """Whatever the two sides agree on is the price: nothing is refused for being low or high."""
    world = World()
    lot = world.list(0, 10, price=price)
    found = world.done(PLATFORM_A.key, "Market.take", lot, 10, BUYER.account, PLATFORM_A.account)
    assert only(found, Traded).price == price
    assert only(_fill(world, Deal(price=price), (batch(WIND), 10, 20)), Traded).price == price


@FAST
@given(energies=st.tuples(*[st.integers(0, 60_000_000)] * 3))
def test_q46_green_power_moves_the_least_of_the_three(energies: tuple[int, int, int]) -> None:
    """Contract, fed in, consumed: the smallest of the month counts, in whole certificates."""
    world, count = World(), min(energies) // CERTIFICATE
    assert settled_certificates(*energies) == count
    contract, fed_in, consumed = energies
    item = Settlement(contract_wh=contract, fed_in_wh=fed_in, consumed_wh=consumed, ranges=((batch(WIND), 0, count),))
    more = item._replace(ranges=((batch(WIND), 0, count + 1),))
    assert skipped(world.done(Role.EXCHANGE, "Market.settle", [more])) == {
        0: "QuantityNotMet" if count else "QuantityZero"
    }
    found = world.done(Role.EXCHANGE, "Market.settle", [item])
    assert skipped(found) == ({} if count else {0: "QuantityZero"})
    assert world.balance(BUYER) == count


def test_q46_certificates_and_energy_are_priced_apart_and_move_together(world: World) -> None:
    """The attribute's price is the trade's, the energy's stands beside it; what moved never moves again."""
    found = world.done(Role.EXCHANGE, "Market.settle", [Settlement()])
    assert (only(found, Traded).price, only(found, Settled).energy_price) == (350, 30_000)
    assert world.refused(BUYER.key, "Market.list", batch(WIND), 0, 10, 350, 1) == "AlreadyTraded"


@pytest.mark.parametrize(
    "ranges", [((batch(LANDFILL), 0, 10),), ((batch(WIND, SEPTEMBER - 1), 0, 10),), ((batch(OTHER_WIND), 0, 10),)]
)
def test_q46_only_the_projects_own_month_settles(world: World, ranges: tuple[tuple[int, int, int], ...]) -> None:
    """Certificates of another plant or month do not stand for this electricity."""
    assert skipped(world.done(Role.EXCHANGE, "Market.settle", [Settlement(ranges=ranges)])) == {0: "RangeOutside"}


def test_q47_stock_hydro_goes_to_the_province_or_to_who_bought_it(world: World) -> None:
    """Issued to the provincial account; what a company bought directly moves to it without a trade."""
    assert world.at(0, STOCK) == (0, 100, PROVINCE.account, CertificateState.HELD, False)
    move = (STOCK, 0, 30, BUYER.account, MoveKind.HYDRO_TO_USER.value, BASIS)
    assert world.refused(PROVINCE.key, "Certificates.move", *move) == "AccessManagedUnauthorized"
    found = only(world.done(Role.AUTHORITY, "Certificates.move", *move), Moved)
    assert (found.from_, found.to) == (PROVINCE.account, BUYER.account)
    assert world.at(0, STOCK) == (0, 30, BUYER.account, CertificateState.HELD, False)
    wind = (batch(WIND), 0, 30, BUYER.account, MoveKind.HYDRO_TO_USER.value, BASIS)
    assert world.refused(Role.AUTHORITY, "Certificates.move", *wind) == "MoveNotAllowed"
    again = (STOCK, 0, 30, OTHER_BUYER.account, MoveKind.HYDRO_TO_USER.value, BASIS)
    assert world.refused(Role.AUTHORITY, "Certificates.move", *again) == "MoveNotAllowed"


def test_q48_the_province_distributes_what_it_holds(world: World) -> None:
    """After its own plan, to whom it chooses; nobody else can, and it cannot give what it does not hold."""
    plan = [(STOCK, 0, 40, BUYER.account), (STOCK, 40, 100, OTHER_BUYER.account), (batch(WIND), 0, 1, BUYER.account)]
    for key in (SOUTH.key, BUYER.key, KEYS[Role.AUTHORITY]):
        assert set(skipped(world.done(key, "Certificates.distribute", plan, BASIS)).values()) == {"MayNotAct"}
    assert skipped(world.done(PROVINCE.key, "Certificates.distribute", plan, BASIS)) == {2: "MayNotAct"}
    assert (world.balance(BUYER), world.balance(OTHER_BUYER), world.balance(PROVINCE)) == (40, 60, 0)
    own = world.done(OWNER.key, "Certificates.distribute", [(batch(WIND), 0, 1, BUYER.account)], BASIS)
    assert skipped(own) == {0: "MoveNotAllowed"}


def test_q50_no_limit_by_province(world: World) -> None:
    """Certificates of province 15 go to a buyer of 44, and a province's account buys of any other."""
    assert world.ask("Registry.account", BUYER.account)[2] == 44
    world.sell(0, 10)
    world.sell(10, 20, SOUTH)
    assert (world.balance(BUYER), world.balance(SOUTH)) == (10, 10)


def test_q51_traded_once_never_twice(world: World) -> None:
    """After its one trade a certificate is not listed, not sold by order and not settled, whoever holds it."""
    world.sell(0, 10)
    assert world.refused(BUYER.key, "Market.list", batch(WIND), 0, 10, 350, 1) == "AlreadyTraded"
    deal = Deal(seller=BUYER.account, buyer=OTHER_BUYER.account)
    sides = world.signatures(deal, BUYER, OTHER_BUYER)
    assert world.refused(PLATFORM_A.key, "Market.fill", deal, [(batch(WIND), 0, 10)], *sides) == "AlreadyTraded"
    assert skipped(world.done(Role.EXCHANGE, "Market.settle", [Settlement()])) == {0: "NotHolder"}
    world.done(Role.AUTHORITY, "Certificates.move", batch(WIND), 0, 10, OWNER.account, MoveKind.SUCCESSION.value, BASIS)
    assert world.refused(OWNER.key, "Market.list", batch(WIND), 0, 10, 350, 1) == "AlreadyTraded"


def test_q51_a_free_move_uses_no_trade(world: World) -> None:
    """What came by succession still has its trade."""
    heir = (batch(WIND), 0, 10, OTHER_OWNER.account, MoveKind.SUCCESSION.value, BASIS)
    world.done(Role.AUTHORITY, "Certificates.move", *heir)
    world.done(OTHER_OWNER.key, "Market.list", batch(WIND), 0, 10, 350, 1)
    assert (world.at(0).state, world.at(0).traded) == (CertificateState.LISTED, False)


def test_q52_an_order_can_be_signed_before_its_certificates_exist(world: World) -> None:
    """An agreement over years names the project alone; it is filled when the certificates are there, or it ends."""
    october = SEPTEMBER + 1
    deal = Deal(expires=int((datetime.fromtimestamp(NOW, BEIJING) + timedelta(days=3 * 365)).timestamp()))
    sides = world.signatures(deal)
    later = [(batch(WIND, october), 0, 10)]
    assert world.refused(PLATFORM_A.key, "Market.fill", deal, later, *sides) == "BatchUnknown"
    world.go_to(october.ends_at)
    world.issue(october, reading(WIND, 10 * CERTIFICATE))
    other = [(batch(OTHER_WIND), 0, 10)]
    assert world.refused(PLATFORM_A.key, "Market.fill", deal, other, *sides) == "RangeOutside"
    world.done(PLATFORM_A.key, "Market.fill", deal, later, *sides)
    ended = Deal(expires=world.chain.time, nonce=2)
    assert _not_filled(world, ended, (batch(WIND), 0, 10)) == "DealExpired"


def test_q53_before_it_is_finished_a_trade_can_be_cancelled(world: World) -> None:
    """The seller withdraws a lot at any time; seller or buyer cancels an order that is not filled."""
    lot = world.list(0, 10)
    assert only(world.done(OWNER.key, "Market.withdraw", lot), Withdrawn).listing == lot
    assert world.refused(OTHER_BUYER.key, "Market.cancel", Deal()) == "MayNotAct"
    for side, deal in ((OWNER, Deal()), (BUYER, Deal(nonce=2))):
        assert only(world.done(side.key, "Market.cancel", deal), DealCancelled).by == side.account
        assert _not_filled(world, deal, (batch(WIND), 0, 10)) == "DealIs"


def test_q53_a_finished_trade_stands(world: World) -> None:
    """Nobody takes it back: not its two sides, not the platform, and the authority only through a case (Q95)."""
    lot = world.list(0, 10)
    world.done(PLATFORM_A.key, "Market.take", lot, 10, BUYER.account, PLATFORM_A.account)
    assert world.refused(OWNER.key, "Market.withdraw", lot) == "ListingUnknown"
    _fill(world, Deal(), (batch(WIND), 10, 20))
    assert world.refused(BUYER.key, "Market.cancel", Deal()) == "DealIs"
    for caller in (OWNER.key, BUYER.key, PLATFORM_A.key, *KEYS.values()):
        if caller not in (KEYS[Role.CASES],):
            undo = (batch(WIND), 0, 10, 1)
            assert world.refused(caller, "Certificates.undoTrade", *undo) == "AccessManagedUnauthorized"
