"""Filing, market and retirement over real contracts, each request once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecchain.cli.filing import identity_key, to_filing
from gecchain.errors import NotFound, Refused
from gecchain.filing import open_accounts, review_filings, standing_of, submit_filings
from gecchain.market import (
    Offer,
    Order,
    list_range,
    plan_across,
    take,
    take_across,
    take_many,
    withdraw,
    withdraw_many,
)
from gecchain.retirement import Claim, retire_due, retire_range
from gecchain.rules import AccountKind, Month, Purpose, Range
from tests.world import BUYER, PLATFORM, PROVINCE, World, draft, last_months, on_grid
from tests.writing.conftest import PLANTS

MONTH = last_months(1)[0]
PLANT = PLANTS[0]
CLAIM = Claim("某公司 " + "ab" * 20, Purpose.OFFICE, Month.of(2026, 1), Month.of(2026, 2), "12" * 20)


@pytest.fixture
def batch(world: World) -> int:
    world.take_in(MONTH, [on_grid(PLANT, 100_000_000)])
    assert world.run("issue", "--month", str(MONTH)) == 0
    return world.batch(PLANT, MONTH)


def owner(world: World) -> str:
    return f"owner-{PLANT.owner_code}"


def test_a_lot_is_sold_in_parts_and_the_rest_withdrawn(world: World, batch: int) -> None:
    deployment, seller = world.context.deployment, world.writer(owner(world))
    lot = list_range(seller, deployment, batch, Range(10, 60), 450, 1, key="list").event.listing
    again = list_range(seller, deployment, batch, Range(10, 60), 450, 1, key="list").event.listing
    buyer, platform = world.account(BUYER), world.account(PLATFORM)
    orders = [Order(lot, 10, buyer, f"order {number}") for number in range(3)]
    trades = take_many(world.writer("platform"), deployment, platform, orders)
    assert take(world.writer("platform"), deployment, platform, orders[1]) == trades[1]
    rest = withdraw(seller, deployment, lot).event
    assert (lot, [(one.event.start, one.event.end) for one in trades]) == (again, [(10, 20), (20, 30), (30, 40)])
    assert (rest.start, rest.end) == (40, 60)
    assert world.context.reader.balance_of(buyer) == 30


def test_refusals_of_the_market_speak(world: World, batch: int) -> None:
    deployment, seller = world.context.deployment, world.writer(owner(world))
    lot = list_range(seller, deployment, batch, Range(0, 5), 450, 1, key="a").event.listing
    buyer, platform = world.account(BUYER), world.account(PLATFORM)
    with pytest.raises(Refused, match="fewer certificates"):
        take(world.writer("platform"), deployment, platform, Order(lot, 6, buyer, "b"))
    with pytest.raises(Refused, match="no such account"):
        take(world.writer("platform"), deployment, platform, Order(lot, 1, "0x" + "77" * 20, "c"))
    with pytest.raises(Refused, match=r"state does not allow it .*listed"):
        list_range(seller, deployment, batch, Range(0, 5), 450, 1, key="d")
    take(world.writer("platform"), deployment, platform, Order(lot, 5, buyer, "e"))
    with pytest.raises(Refused, match="traded already"):
        list_range(world.writer("buyer"), deployment, batch, Range(0, 5), 450, 1, key="f")
    with pytest.raises(Refused, match="may not act"):
        withdraw(
            world.writer("buyer"),
            deployment,
            list_range(seller, deployment, batch, Range(5, 9), 1, 1, key="g").event.listing,
        )


OFFERS = st.lists(
    st.builds(Offer, st.integers(1, 99), st.integers(1, 9), st.integers(0, 5)), unique_by=lambda o: o.listing
)


@given(offers=OFFERS, quantity=st.integers(1, 60))
def test_the_cheapest_lots_are_chosen_and_no_more_than_needed(offers: list[Offer], quantity: int) -> None:
    if sum(offer.left for offer in offers) < quantity:
        with pytest.raises(Refused, match=f"of {quantity}"):
            plan_across(offers, quantity)
        return
    chosen = plan_across(offers, quantity)
    left_out = [offer for offer in offers if offer not in chosen]
    assert sum(offer.left for offer in chosen[:-1]) < quantity <= sum(offer.left for offer in chosen)
    assert all(one.price <= other.price for one in chosen for other in left_out)


def test_a_quantity_is_taken_across_lots_or_not_at_all(world: World, batch: int) -> None:
    deployment, seller = world.context.deployment, world.writer(owner(world))
    lots = [
        list_range(seller, deployment, batch, Range(at, at + 10), price, 1, key=f"{at}").event.listing
        for at, price in ((0, 5), (10, 3), (20, 4))
    ]
    buyer, platform = world.account(BUYER), world.account(PLATFORM)
    order = Order(0, 15, buyer, "across")
    done = take_across(world.writer("platform"), deployment, platform, order, lots)
    assert [(one.event.listing, one.event.end - one.event.start) for one in done] == [(lots[0], 10), (lots[1], 5)]
    assert take_across(world.writer("platform"), deployment, platform, order, lots) == done
    with pytest.raises(Refused, match="do not add up"):
        take_across(world.writer("platform"), deployment, platform, Order(0, 16, buyer, "more"), lots[1:])
    assert world.context.reader.balance_of(buyer) == 15
    found = withdraw_many(seller, deployment, [*lots, lots[2]])
    assert [(one.listing, one.reason) for one in found] == [(lots[0], "ListingUnknown"), (lots[1], ""), (lots[2], "")]
    assert [(one.event.start, one.event.end) for one in found if one.event] == [(15, 20), (20, 30)]


def test_a_retirement_keeps_every_word_and_happens_once(world: World, batch: int) -> None:
    deployment, holder = world.context.deployment, world.writer(owner(world))
    done = retire_range(holder, deployment, batch, Range(3, 7), CLAIM, key="r")
    assert retire_range(holder, deployment, batch, Range(3, 7), CLAIM, key="r") == done
    claim = done.event.claim
    assert (claim.beneficiary, claim.statement, claim.purpose) == (CLAIM.beneficiary, CLAIM.statement, 4)
    with pytest.raises(Refused, match="retired"):
        retire_range(holder, deployment, batch, Range(3, 7), CLAIM, key="another")
    with pytest.raises(Refused, match="neither expired"):
        retire_due(world.writer("anybody"), deployment, batch, Range(0, 3))


def test_filings_are_sent_once_and_reviewed_by_their_own_province(world: World) -> None:
    reader, registrar = world.context.reader, world.writer("registrar")
    filings = [to_filing(world.context, draft(500 + number), identity_key(world.context)) for number in range(3)]
    assert standing_of(reader, filings).missing == filings
    submit_filings(registrar, reader, filings)
    assert standing_of(reader, filings).waiting == filings
    with pytest.raises(NotFound, match=f"province {PROVINCE}"):
        review_filings({}, reader, filings, approve=True)
    with pytest.raises(Refused, match="province"):
        review_filings({PROVINCE: world.writer("stranger")}, reader, filings, approve=True)
    review_filings({PROVINCE: world.writer("province")}, reader, filings[:2], approve=True)
    review_filings({PROVINCE: world.writer("province")}, reader, filings[2:], approve=False, reason="no map")
    standing = standing_of(reader, filings)
    assert (standing.approved, standing.missing) == (filings[:2], filings[2:])


def test_an_account_is_opened_once(world: World) -> None:
    opening = world.opening("Buyer B", AccountKind.BUYER, 0, "buyer-b")
    assert len(open_accounts(world.writer("registrar"), world.context.reader, [opening])) == 1
    assert open_accounts(world.writer("registrar"), world.context.reader, [opening]) == []
