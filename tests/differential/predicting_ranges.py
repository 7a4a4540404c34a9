"""What `Certificates` and `Market` must do with ranges, from `ICertificates` and `IMarket`, check by check."""

from gecchain.events import (
    NO_ACCOUNT,
    Claim,
    ConsecutiveTransfer,
    Event,
    Frozen,
    Listed,
    Moved,
    Retired,
    Traded,
    Unfrozen,
    Withdrawn,
)
from gecchain.ledger import Listing, Segment
from gecchain.rules import CertificateState
from tests.differential.known import Known, Unlike, expiry_of, require
from tests.differential.operations import Claimed

__all__ = ["expire", "freeze", "move", "never", "offer", "reserved", "retire", "take", "unfreeze", "withdraw"]

AUTHORITY, PLATFORM, MARKET = 1, 5, 7
EXPIRED, CONSUMED = 1, 2
PURPOSES = range(1, 8)
LONGEST_BENEFICIARY, LONGEST_STATEMENT = 256, 1024
HELD, LISTED, FROZEN = CertificateState.HELD, CertificateState.LISTED, CertificateState.FROZEN


def _echo(batch: int, start: int, end: int, giver: str, taker: str) -> ConsecutiveTransfer:
    return ConsecutiveTransfer(batch << 32 | start, batch << 32 | end - 1, giver, taker)


def _require_state(segment: Segment, start: int, state: CertificateState) -> None:
    require(segment.state == state, "StateIs", segment.batch, start, segment.state)


def _require_valid(known: Known, batch: int) -> None:
    require(known.now < expiry_of(batch), "Expired", batch, expiry_of(batch))


def move(known: Known, caller: str, batch: int, start: int, end: int, to: str, basis: bytes) -> list[Event]:
    known.require_role(caller, AUTHORITY)
    require(to in known.state.accounts, "AccountUnknown", to)
    segment = known.segment(batch, start, end)
    _require_state(segment, start, HELD)
    moved = Moved(batch, start, end, segment.owner, to, "0x" + basis.hex())
    return [moved, _echo(batch, start, end, segment.owner, to)]


def freeze(known: Known, caller: str, batch: int, start: int, end: int, basis: bytes) -> list[Event]:
    known.require_role(caller, AUTHORITY)
    _require_state(known.segment(batch, start, end), start, HELD)
    return [Frozen(batch, start, end, "0x" + basis.hex())]


def unfreeze(known: Known, caller: str, batch: int, start: int, end: int, basis: bytes) -> list[Event]:
    known.require_role(caller, AUTHORITY)
    _require_state(known.segment(batch, start, end), start, FROZEN)
    return [Unfrozen(batch, start, end, "0x" + basis.hex())]


def retire(known: Known, caller: str, batch: int, start: int, end: int, claim: Claimed) -> list[Event]:
    require(claim.purpose in PURPOSES, "PurposeUnknown", claim.purpose)
    require(claim.from_ < claim.to, "PeriodEmpty", claim.from_, claim.to)
    length = len(claim.beneficiary.encode())
    require(0 < length <= LONGEST_BENEFICIARY, "BeneficiaryLength", length)
    length = len(claim.statement.encode())
    require(length <= LONGEST_STATEMENT, "StatementLength", length)
    segment = known.segment(batch, start, end)
    require(known.may_act(segment.owner, caller), "MayNotAct", segment.owner, caller)
    _require_state(segment, start, HELD)
    _require_valid(known, batch)
    retired = Retired(batch, start, end, segment.owner, CONSUMED, Claim(*claim))
    return [retired, _echo(batch, start, end, segment.owner, NO_ACCOUNT)]


def expire(known: Known, _caller: str, batch: int, start: int, end: int) -> list[Event]:
    segment = known.segment(batch, start, end)
    _require_state(segment, start, HELD)
    require(known.now >= expiry_of(batch), "NotExpired", batch, expiry_of(batch))
    retired = Retired(batch, start, end, segment.owner, EXPIRED, Claim("", 0, 0, 0, ""))
    return [retired, _echo(batch, start, end, segment.owner, NO_ACCOUNT)]


def offer(known: Known, caller: str, batch: int, start: int, end: int, price: int, platforms: int) -> list[Event]:
    require(platforms, "PlatformsNone")
    strange = platforms >> len(known.platforms) << len(known.platforms)
    require(not strange, "PlatformNotAdmitted", strange)
    segment = known.segment(batch, start, end)
    require(known.may_act(segment.owner, caller), "MayNotAct", segment.owner, caller)
    _require_state(segment, start, HELD)
    require(batch & 1, "NotTradable", batch)
    require(not segment.traded, "AlreadyTraded", batch, start, end)
    _require_valid(known, batch)
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
        or AUTHORITY in known.roles.get(caller, ())
    )
    require(allowed, "MayNotAct", listing.seller, caller)
    return [Withdrawn(number, listing.batch, listing.left, listing.left_end)]


def take(known: Known, caller: str, number: int, quantity: int, buyer: str, platform: str) -> list[Event]:
    known.require_role(caller, PLATFORM)
    listing = _open_listing(known, number)
    require(quantity, "QuantityZero")
    left = listing.left_end - listing.left
    require(quantity <= left, "QuantityAboveListed", number, quantity, left)
    require(known.may_act(platform, caller), "MayNotAct", platform, caller)
    bit = known.state.accounts[platform].platform
    require(bit >= 0 and listing.platforms >> bit & 1, "PlatformNotNamed", number, platform)
    accounts = known.state.accounts
    require(buyer in accounts, "AccountUnknown", buyer)
    require(not accounts[buyer].frozen, "AccountFrozen", buyer)
    _require_valid(known, listing.batch)
    require(listing.seller != buyer, "BuyerIsSeller", buyer)
    require(not accounts[listing.seller].frozen, "AccountFrozen", listing.seller)
    batch, start, end = listing.batch, listing.left, listing.left + quantity
    trade = len(known.state.trades) + 1
    traded = Traded(trade, number, batch, start, end, listing.seller, buyer, listing.price, platform)
    return [traded, _echo(batch, start, end, listing.seller, buyer)]


def reserved(known: Known, caller: str, *_args: object) -> list[Event]:
    """Entry points of `Certificates` that are `Market`'s alone, which never calls on its own."""
    known.require_role(caller, MARKET)
    raise AssertionError("no caller of these tests is the contract")


def never(_known: Known, _caller: str, *_args: object) -> list[Event]:
    """ERC-721's own ways to move a token."""
    raise Unlike("MovesByRulesOnly")
