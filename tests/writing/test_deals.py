"""Bilateral orders: the file, what is signed of it, and how the real contract takes it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import orjson
import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from gecchain.chain.views import View
from gecchain.deals import (
    Deal,
    SignedDeal,
    cancel,
    check,
    choose_ranges,
    digest_of,
    fill,
    parse_deal,
    sign,
    status_of,
)
from gecchain.errors import BadInput, GecError, Refused
from gecchain.market import list_range
from gecchain.rules import BatchKey, DealStatus, Electricity, Range
from gecchain.signer import development_signer
from tests.world import BUYER, PLATFORM, World, last_months, on_grid
from tests.writing.conftest import PLANTS

EARLIER, MONTH = last_months(2)
PLANT = PLANTS[0]
OWNER = f"owner-{PLANT.owner_code}"
ADDRESSES = st.integers(0, (1 << 160) - 1).map(lambda number: f"0x{number:040x}")
DEALS = st.builds(
    Deal,
    seller=ADDRESSES,
    buyer=ADDRESSES,
    project=st.sampled_from([one.key.id for one in PLANTS]),
    batch=st.integers(0, (1 << 64) - 1),
    start=st.integers(0, (1 << 32) - 1),
    end=st.integers(0, (1 << 32) - 1),
    quantity=st.integers(0, (1 << 32) - 1),
    price=st.integers(0, (1 << 53) - 1),
    platform=ADDRESSES,
    paid_on_platform=st.booleans(),
    expires=st.integers(0, (1 << 53) - 1),
    nonce=st.integers(0, (1 << 256) - 1),
)
SIGNATURES = st.one_of(st.just(b""), st.binary(min_size=65, max_size=65))
ORDERS = st.builds(SignedDeal, st.integers(0, 1 << 40), ADDRESSES, DEALS, SIGNATURES, SIGNATURES)


def order_of(world: World, **changes: Any) -> SignedDeal:
    """Ten of any certificates of the plant, from its owner to the buyer."""
    deal = Deal(
        seller=account_of_owner(world),
        buyer=world.account(BUYER),
        project=PLANT.key.id,
        batch=0,
        start=0,
        end=0,
        quantity=10,
        price=450,
        platform=world.account(PLATFORM),
        paid_on_platform=True,
        expires=int(time.time()) + 86_400,
        nonce=7,
    )
    deployment = world.context.deployment
    return SignedDeal(deployment.chain_id, deployment.market.lower(), replace(deal, **changes))


def account_of_owner(world: World) -> str:
    owner: str = world.context.reader.view(View("registry", "project", (PLANT.key.id,)))[0][0]
    return owner.lower()


def signed(world: World, order: SignedDeal) -> SignedDeal:
    for name in (OWNER, "buyer"):
        order = sign(order, development_signer(name), world.context.reader)
    return order


@pytest.fixture
def issued(world: World) -> World:
    """Forty certificates of each of two months."""
    for month in (EARLIER, MONTH):
        world.take_in(month, [on_grid(PLANT, 40_000_000)])
        assert world.run("issue", "--month", str(month)) == 0
    return world


@given(order=ORDERS)
def test_a_file_comes_back_as_it_was(order: SignedDeal) -> None:
    assert parse_deal(order.content()) == order
    assert parse_deal(order.content()).content() == order.content()


@given(content=st.binary(max_size=400))
def test_what_is_no_order_file_is_refused(content: bytes) -> None:
    with pytest.raises(BadInput):
        parse_deal(content)


@given(order=ORDERS, data=st.data())
def test_a_field_of_another_form_is_named(order: SignedDeal, data: st.DataObject) -> None:
    whole = orjson.loads(order.content())
    part = data.draw(st.sampled_from([whole, whole["order"]]))
    name = data.draw(st.sampled_from(sorted(set(part) - {"order"})))
    part[name] = data.draw(st.sampled_from([None, -1, 1.5, "x", [], 1 << 60, "0X" + "a" * 40]))
    with pytest.raises(BadInput) as caught:
        parse_deal(orjson.dumps(whole))
    assert caught.value.field
    part.pop(name)
    with pytest.raises(BadInput) as caught:
        parse_deal(orjson.dumps(whole))
    assert caught.value.field == name


def test_the_digest_is_the_contracts(world: World) -> None:
    @given(deal=DEALS.filter(lambda deal: deal.expires < 1 << 53))
    def holds(deal: Deal) -> None:
        order = replace(order_of(world), deal=deal)
        answer = world.context.reader.view(View("market", "hashOf", (deal.as_struct(),)))
        assert digest_of(order) == answer[0]

    holds()


def test_what_is_signed_recovers_to_the_key(world: World) -> None:
    order = signed(world, order_of(world))
    assert digest_of(order) == digest_of(order_of(world))
    for name, signature in ((OWNER, order.seller_signature), ("buyer", order.buyer_signature)):
        assert Account._recover_hash(digest_of(order), signature=signature) == development_signer(name).address
    with pytest.raises(Refused, match="acts for neither side"):
        sign(order, development_signer("stranger"), world.context.reader)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"quantity": 0}, "quantity"),
        ({"quantity": 1_000_000_000}, "quantity"),
        ({"price": -1}, "price"),
        ({"expires": 1}, "expires"),
        ({"expires": 1 << 50}, "expires"),
        ({"start": 1}, "batch"),
        ({"batch": BatchKey(PLANTS[1].key.id, MONTH, Electricity.ON_GRID, True).id}, "batch"),
        ({"batch": BatchKey(PLANT.key.id, MONTH, Electricity.SELF_USE, False).id}, "batch"),
        ({"batch": BatchKey(PLANT.key.id, MONTH - 40, Electricity.ON_GRID, True).id}, "batch"),
        ({"batch": BatchKey(PLANT.key.id, MONTH, Electricity.ON_GRID, True).id, "start": 5, "end": 5}, "range"),
        ({"batch": BatchKey(PLANT.key.id, MONTH, Electricity.ON_GRID, True).id, "start": 0, "end": 9}, "quantity"),
    ],
)
def test_an_order_that_cannot_be_is_refused_before_it_is_signed(
    world: World, changes: dict[str, int], field: str
) -> None:
    check(order_of(world), world.context.deployment, int(time.time()))
    with pytest.raises(BadInput) as caught:
        check(order_of(world, **changes), world.context.deployment, int(time.time()))
    assert caught.value.field == field


def test_an_order_for_another_market_or_with_oneself_is_refused(world: World) -> None:
    deployment, now = world.context.deployment, int(time.time())
    for order, field in (
        (replace(order_of(world), chain_id=1), "market"),
        (replace(order_of(world), market="0x" + "11" * 20), "market"),
        (order_of(world, buyer=account_of_owner(world)), "buyer"),
    ):
        with pytest.raises(BadInput) as caught:
            check(order, deployment, now)
        assert caught.value.field == field


def test_an_order_is_filled_once_from_the_oldest_month_on(issued: World) -> None:
    reader, platform = issued.context.reader, issued.writer("platform")
    order = signed(issued, order_of(issued, quantity=50))
    done = fill(platform, reader, order)
    assert (done.event.deal, done.event.paid_on_platform) == ("0x" + digest_of(order).hex(), True)
    assert done.event.last_trade - done.event.first_trade == 1
    assert status_of(reader, order) is DealStatus.FILLED
    assert reader.balance_of(issued.account(BUYER)) == 50
    assert reader.segment_at(issued.batch(PLANT, EARLIER), 39).owner == issued.account(BUYER)
    assert reader.segment_at(issued.batch(PLANT, MONTH), 9).end == 10
    again = fill(platform, reader, order)
    assert (again.event, again.transaction) == (done.event, "")
    assert reader.balance_of(issued.account(BUYER)) == 50


def test_ranges_are_chosen_within_what_is_named_and_can_be_sold(issued: World) -> None:
    reader, batch = issued.context.reader, issued.batch(PLANT, MONTH)
    list_range(issued.writer(OWNER), issued.context.deployment, batch, Range(5, 15), 1, 1, key="l")
    of_batch = choose_ranges(reader, order_of(issued, batch=batch).deal)
    assert [str(piece.serials) for piece in of_batch] == ["0-4", "15-19"]
    exact = choose_ranges(reader, order_of(issued, batch=batch, start=20, end=30).deal)
    assert [(piece.batch, str(piece.serials)) for piece in exact] == [(batch, "20-29")]
    with pytest.raises(Refused, match=r"over 10 certificates.* holds 5"):
        choose_ranges(reader, order_of(issued, batch=batch, start=0, end=10).deal)
    with pytest.raises(Refused, match="holds 70"):
        choose_ranges(reader, order_of(issued, quantity=71).deal)
    traded = fill(issued.writer("platform"), reader, signed(issued, order_of(issued, batch=batch)))
    assert traded.event.last_trade - traded.event.first_trade == 1
    with pytest.raises(Refused, match="holds 20"):
        choose_ranges(reader, order_of(issued, batch=batch, quantity=21).deal)


def test_what_the_contract_refuses_comes_back_in_words(issued: World) -> None:
    reader, platform = issued.context.reader, issued.writer("platform")
    order = signed(issued, order_of(issued))
    with pytest.raises(BadInput) as caught:
        fill(platform, reader, replace(order, buyer_signature=b""))
    assert caught.value.field == "buyer_signature"
    with pytest.raises(Refused, match="not of the key that acts"):
        fill(platform, reader, replace(order, buyer_signature=order.seller_signature))
    with pytest.raises(Refused, match="may not act"):
        fill(issued.writer("stranger"), reader, order)
    with pytest.raises(Refused, match="may not act"):
        cancel(issued.writer("stranger"), issued.context.deployment, order)
    assert status_of(reader, order) is DealStatus.OPEN
    event, _transaction, _block = cancel(issued.writer("buyer"), issued.context.deployment, order)
    assert event.by.lower() in (order.deal.buyer, development_signer("buyer").address.lower())
    for act in (
        lambda: fill(platform, reader, order),
        lambda: cancel(issued.writer(OWNER), issued.context.deployment, order),
    ):
        with pytest.raises(Refused, match="no longer open"):
            act()


def test_an_agent_signs_for_who_gave_it_the_mandate(issued: World) -> None:
    """The principal's own key signs nothing meanwhile (Q40)."""
    reader = issued.context.reader
    order = order_of(issued)
    agent = issued.account("Agent A")
    now = reader.blocks([reader.head()])[0].time
    issued.call("buyer", "Registry", "fileMandate", order.deal.buyer, agent, now, now + 9_999, b"\1" * 32)
    with pytest.raises(Refused, match="neither side"):
        sign(order, development_signer("buyer"), reader)
    for name in (OWNER, "agent"):
        order = sign(order, development_signer(name), reader)
    assert fill(issued.writer("platform"), reader, order).transaction


def test_errors_are_ours(world: World) -> None:
    with pytest.raises(GecError):
        development_signer("x").sign_typed({}, {"Deal": [{"name": "a", "type": "uint8"}]}, {"a": "no number"})
