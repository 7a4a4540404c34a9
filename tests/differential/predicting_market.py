"""What `Market` must do with lots on sale, from `IMarket`, check by check."""

from collections.abc import Sequence

from gecchain.events import Event, Listed, Traded, Withdrawn
from gecchain.ledger import Listing
from gecchain.rules import TradeWay
from tests.differential.known import Known, Unlike, expiry_of, require
from tests.differential.predicting_ranges import echo, require_moving, require_sale, require_valid

__all__ = ["offer", "require_active", "take", "takeAcross", "withdraw", "withdrawAll"]


def offer(known: Known, caller: str, batch: int, start: int, end: int, price: int, platforms: int) -> list[Event]:
    require(platforms, "PlatformsNone")
    strange = platforms >> len(known.platforms) << len(known.platforms)
    require(not strange, "PlatformNotAdmitted", strange)
    known.require_open(known.addresses["Market"])
    segment = known.segment(batch, start, end)
    require(known.may_act(segment.owner, caller), "MayNotAct", segment.owner, caller)
    require_sale(known, segment, start, end)
    number = len(known.state.listings) + 1
    return [Listed(number, batch, start, end, segment.owner, price, platforms)]


def _open_listing(known: Known, number: int) -> Listing:
    found = known.state.listings.get(number)
    if found is None or found.closed:
        raise Unlike("ListingUnknown", number)
    return found


def withdraw(known: Known, caller: str, number: int) -> list[Event]:
    listing = _open_listing(known, number)
    allowed = (
        known.now >= expiry_of(listing.batch)
        or known.may_act(listing.seller, caller)
        or known.is_authority(caller)
        or any(known.ccer(listing.batch))
        or not known.may_receive(listing.seller)
    )
    require(allowed, "MayNotAct", listing.seller, caller)
    known.require_open(known.addresses["Market"])
    return [Withdrawn(number, listing.batch, listing.left, listing.left_end)]


def withdrawAll(known: Known, caller: str, numbers: Sequence[int]) -> list[Event]:  # noqa: N802
    return known.in_turn(numbers, lambda trial, number: withdraw(trial, caller, number), whole=False)


def require_active(known: Known, account: str) -> None:
    """A side of a trade: an account that is neither closed nor frozen."""
    require(known.may_receive(account), "AccountUnknown", account)
    require(not known.state.accounts[account].frozen, "AccountFrozen", account)


def take(known: Known, caller: str, number: int, quantity: int, buyer: str, platform: str) -> list[Event]:
    listing = _open_listing(known, number)
    require(quantity, "QuantityZero")
    left = listing.left_end - listing.left
    require(quantity <= left, "QuantityAboveListed", number, quantity, left)
    require(known.may_act(platform, caller), "MayNotAct", platform, caller)
    bit = known.state.accounts[platform].platform
    require(bit >= 0 and listing.platforms >> bit & 1, "PlatformNotNamed", number, platform)
    require_active(known, buyer)
    known.require_open(known.addresses["Market"])
    batch, start, end = listing.batch, listing.left, listing.left + quantity
    require_valid(known, batch)
    require_moving(known, known.segment(batch, start, end))
    require(listing.seller != buyer, "BuyerIsSeller", buyer)
    require_active(known, listing.seller)
    trade, way = len(known.state.trades) + 1, int(TradeWay.LISTING)
    traded = Traded(trade, number, batch, start, end, listing.seller, buyer, listing.price, platform, way)
    return [traded, echo(batch, start, end, listing.seller, buyer)]


def takeAcross(  # noqa: N802
    known: Known, caller: str, numbers: Sequence[int], quantity: int, buyer: str, platform: str
) -> list[Event]:
    left, seller = quantity, ""

    def one(trial: Known, number: int) -> list[Event]:
        nonlocal left, seller
        if not left:
            return []
        listing = _open_listing(trial, number)
        part = min(left, listing.left_end - listing.left)
        events = take(trial, caller, number, part, buyer, platform)
        seller = seller or listing.seller
        require(seller == listing.seller, "SellersDiffer", seller, listing.seller)
        left -= part
        return events

    events = known.in_turn(numbers, one, whole=True)
    require(quantity and not left, "QuantityNotMet", quantity, quantity - left)
    return events
