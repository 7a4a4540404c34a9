"""The one trade of a certificate, and the three ways to it: listed, bilateral, with green power (Q43, Q46, Q51)."""

from dataclasses import replace

from gecchain.events import (
    NO_ACCOUNT,
    DealCancelled,
    DealFilled,
    Listed,
    Recorded,
    Settled,
    Traded,
    Withdrawn,
)
from gecchain.ledger.counting import turn_over
from gecchain.ledger.holding import has_expired
from gecchain.ledger.ranges import broken, carry_over, count, cut_out
from gecchain.ledger.state import State
from gecchain.ledger.values import Deal, Listing, Segment, Settlement, Trade
from gecchain.rules.purposes import CertificateState, DealStatus, TradeWay
from gecchain.rules.settlement import settled_certificates

__all__ = ["apply_cancelled", "apply_filled", "apply_listed", "apply_settled", "apply_traded", "apply_withdrawn"]

HELD, LISTED = CertificateState.HELD, CertificateState.LISTED


def _require_trade_left(state: State, at: Recorded, segment: Segment) -> None:
    """I5, I8: tradable, not traded, valid, and not standing still for CCER."""
    name = f"[{segment.start}, {segment.end}) of batch {segment.batch}"
    if segment.traded or not segment.batch & 1:
        raise broken(f"{name} has no trade left.", at)
    if has_expired(segment.batch, at.time):
        raise broken(f"{name} has expired.", at)
    if state.stands_still(segment.batch):
        raise broken(f"{name} stands still: its project turned to CCER.", at)


def apply_listed(state: State, at: Recorded, event: Listed) -> None:
    """A held range is on offer."""
    if event.listing in state.listings:
        raise broken(f"Listing {event.listing} is made twice.", at)
    segment = cut_out(state, at, event.batch, event.start, event.end, HELD, owner=event.seller)
    _require_trade_left(state, at, segment)
    state.put_segment(replace(segment, state=LISTED.value))
    state.listings[event.listing] = Listing(
        id=event.listing,
        batch=event.batch,
        start=event.start,
        end=event.end,
        seller=event.seller,
        price=event.price,
        platforms=event.platforms,
        left=event.start,
        left_end=event.end,
        position=at.position,
        closed=0,
    )


def _open_listing(state: State, at: Recorded, listing: int, batch: int) -> Listing:
    found = state.listings.get(listing)
    if found is None or found.closed or found.batch != batch:
        raise broken(f"Listing {listing} of batch {batch} is not open.", at)
    return found


def apply_withdrawn(state: State, at: Recorded, event: Withdrawn) -> None:
    """What is left of an offer is its seller's again."""
    listing = _open_listing(state, at, event.listing, event.batch)
    if (event.start, event.end) != (listing.left, listing.left_end):
        raise broken(f"Listing {listing.id} still offers [{listing.left}, {listing.left_end}).", at)
    segment = cut_out(state, at, event.batch, event.start, event.end, LISTED, owner=listing.seller)
    state.put_segment(replace(segment, state=HELD.value))
    state.listings[listing.id] = replace(listing, left=event.end, left_end=event.end, closed=at.position)


def apply_traded(state: State, at: Recorded, event: Traded) -> None:
    """The one trade: from a listing's front, or of what the seller holds."""
    if event.trade in state.trades or event.seller == event.buyer:
        raise broken(f"Trade {event.trade} is made twice, or with oneself.", at)
    if event.way not in set(TradeWay) or (event.way == TradeWay.LISTING) != (event.listing != 0):
        raise broken(f"Trade {event.trade} of way {event.way} names listing {event.listing}.", at)
    if event.listing:
        _take(state, at, event)
    was = LISTED if event.listing else HELD
    segment = cut_out(state, at, event.batch, event.start, event.end, was, owner=event.seller)
    _require_trade_left(state, at, segment)
    state.put_segment(replace(segment, owner=event.buyer, state=HELD.value, trade=event.trade))
    state.trades[event.trade] = Trade(
        id=event.trade,
        listing=event.listing,
        batch=event.batch,
        start=event.start,
        end=event.end,
        seller=event.seller,
        buyer=event.buyer,
        price=event.price,
        platform=event.platform,
        position=at.position,
        way=event.way,
    )
    count(state, event.batch, traded=event.end - event.start)
    turn_over(state, event, at.time)
    carry_over(state, event.batch, event.start, event.end, event.seller, event.buyer)


def _take(state: State, at: Recorded, event: Traded) -> None:
    """The front of a listing is taken at its price."""
    listing = _open_listing(state, at, event.listing, event.batch)
    if (event.seller, event.price) != (listing.seller, listing.price):
        raise broken(f"Trade {event.trade} is not what listing {listing.id} offers.", at)
    if event.start != listing.left or event.end > listing.left_end:
        raise broken(f"Listing {listing.id} still offers [{listing.left}, {listing.left_end}).", at)
    closed = at.position if event.end == listing.left_end else 0
    state.listings[listing.id] = replace(listing, left=event.end, closed=closed)


def _traded_between(state: State, at: Recorded, first: int, last: int, way: TradeWay) -> list[Trade]:
    """The trades that an order or settlement names; all of that way."""
    found = [state.trades[number] for number in range(first, last + 1) if number in state.trades]
    if not found or len(found) != last - first + 1 or any(trade.way != way for trade in found):
        raise broken(f"Trades {first} to {last} are not those of one order.", at)
    return found


def apply_filled(state: State, at: Recorded, event: DealFilled) -> None:
    """A bilateral order is carried out once, by trades between its two sides."""
    if event.deal in state.deals or at.time >= event.expires:
        raise broken(f"Order {event.deal} is filled or cancelled already, or void.", at)
    made = _traded_between(state, at, event.first_trade, event.last_trade, TradeWay.BILATERAL)
    if len({(trade.seller, trade.buyer, trade.price) for trade in made}) != 1:
        raise broken(f"Order {event.deal} has more than two sides, or more than one price.", at)
    state.deals[event.deal] = Deal(
        id=event.deal,
        status=DealStatus.FILLED.value,
        first_trade=event.first_trade,
        last_trade=event.last_trade,
        paid_on_platform=event.paid_on_platform,
        expires=event.expires,
        cancelled_by=NO_ACCOUNT,
        position=at.position,
    )


def apply_cancelled(state: State, at: Recorded, event: DealCancelled) -> None:
    """An order that will not be filled any more."""
    if event.deal in state.deals:
        raise broken(f"Order {event.deal} is filled or cancelled already.", at)
    state.deals[event.deal] = Deal(event.deal, DealStatus.CANCELLED.value, 0, 0, False, 0, event.by, at.position)


def apply_settled(state: State, at: Recorded, event: Settled) -> None:
    """A contract's month is settled once: the smallest of three energies in whole certificates of that month (Q46)."""
    key = (event.contract_id, event.project, event.month)
    if key in state.settlements:
        raise broken(f"Month {event.month} of contract {event.contract_id} is settled twice.", at)
    made = _traded_between(state, at, event.first_trade, event.last_trade, TradeWay.GREEN_POWER)
    moved = sum(trade.end - trade.start for trade in made)
    due = settled_certificates(event.contract_wh, event.fed_in_wh, event.consumed_wh)
    of_month = all((trade.batch >> 16, trade.batch >> 4 & 0xFFF) == key[1:] for trade in made)
    if moved != due or not of_month:
        raise broken(f"Contract {event.contract_id} comes to {due} certificates of the month, not {moved}.", at)
    state.settlements[key] = Settlement(
        contract_id=event.contract_id,
        project=event.project,
        month=event.month,
        first_trade=event.first_trade,
        last_trade=event.last_trade,
        contract_wh=event.contract_wh,
        fed_in_wh=event.fed_in_wh,
        consumed_wh=event.consumed_wh,
        energy_price=event.energy_price,
        exchange=event.exchange,
        position=at.position,
    )
