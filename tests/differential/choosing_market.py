"""Random calls of `Market` about lots on sale, most of them right."""

from gecchain.ledger import Listing
from gecchain.rules import CertificateState
from tests.differential.chance import Chance
from tests.differential.choosing_ranges import range_of, segment_of
from tests.differential.operations import Call
from tests.differential.people import KEYS

__all__ = ["offer", "take", "take_across", "withdraw", "withdraw_all"]

HELD = CertificateState.HELD
_TRIES = 30
_RECENT = 60


def offer(chance: Chance) -> Call:
    segment = segment_of(chance, HELD, wanted="" if chance.one_in(6) else "sale")
    caller = chance.operator(segment.owner) if segment else chance.pick(KEYS)
    admitted = len(chance.known.platforms)
    platforms = chance.integer(0, (1 << admitted) - 1) | 1
    if chance.one_in(4) and admitted:
        platforms = 1 << chance.integer(0, admitted - 1)
    if chance.one_in(20):
        platforms = chance.pick((0, 1 << 63, platforms | (1 << 64) - 1 ^ (1 << 32) - 1))
    args = (*range_of(chance, segment), chance.integer(0, (1 << 64) - 1), platforms)
    return Call(caller, "Market", "list", args)


def _listing(chance: Chance) -> tuple[int, Listing | None]:
    made = len(chance.known.state.listings)
    if chance.one_in(20):
        return chance.pick((0, made + 1, 1 << 255)), None
    number = 0
    for _ in range(_TRIES):
        number = chance.integer(max(1, made - _RECENT), max(1, made))
        found = chance.known.state.listings.get(number)
        if found is not None and not found.closed:
            return number, found
    return number, None


def withdraw(chance: Chance) -> Call:
    number, listing = _listing(chance)
    caller = chance.operator(listing.seller) if listing and not chance.one_in(5) else chance.pick(KEYS)
    return Call(caller, "Market", "withdraw", (number,))


def withdraw_all(chance: Chance) -> Call:
    chosen = [_listing(chance) for _ in range(chance.integer(1, 4))]
    listing = chosen[0][1]
    caller = chance.operator(listing.seller) if listing else chance.pick(KEYS)
    return Call(caller, "Market", "withdrawAll", ([number for number, _listing in chosen],))


def _buyer(chance: Chance, listing: Listing | None) -> str:
    """An account, seldom the seller's, a frozen or a closed one."""
    if listing is not None and chance.one_in(25):
        return listing.seller
    if chance.one_in(15):
        shut = [address for address, one in chance.known.state.accounts.items() if one.frozen or one.closed]
        return chance.pick(shut) if shut else chance.account()
    return chance.account()


def _platform(chance: Chance, listing: Listing | None) -> str:
    """A platform that may sell the lot, or another one, or any account."""
    platforms = chance.known.platforms
    named = [address for bit, address in enumerate(platforms) if listing and listing.platforms >> bit & 1]
    if named and not chance.one_in(12):
        return chance.pick(named)
    return chance.pick([*platforms, chance.account()])


def take(chance: Chance) -> Call:
    number, listing = _listing(chance)
    quantity = 1
    if listing is not None:
        left = listing.left_end - listing.left
        quantity = chance.pick((0, left + 1, (1 << 32) - 1)) if chance.one_in(15) else chance.integer(1, left)
    platform = _platform(chance, listing)
    args = (number, quantity, _buyer(chance, listing), platform)
    return Call(chance.operator(platform), "Market", "take", args)


def take_across(chance: Chance) -> Call:
    """Lots of one seller on one platform, seldom of others or the same twice; as much as there is, or more or less."""
    number, first = _listing(chance)
    numbers, platform = [number], _platform(chance, first)
    bit = chance.known.platforms.index(platform) if platform in chance.known.platforms else 0
    listings = list(chance.known.state.listings.values())[-4 * _RECENT :] if first else []
    strict = not chance.one_in(5)
    for other in listings:
        alike = not strict or first is None or other.seller == first.seller
        if not other.closed and alike and other.platforms >> bit & 1 and other.id != number:
            numbers.append(other.id)
    numbers = numbers[: chance.integer(1, 4)]
    if chance.one_in(12):
        numbers.append(chance.pick((number, 0)))
    lots = [chance.known.state.listings[one] for one in numbers if one in chance.known.state.listings]
    most = sum(lot.left_end - lot.left for lot in lots)
    quantity = chance.integer(max(most * 2 // 3, 1), max(most, 1))
    if chance.one_in(10):
        quantity = chance.pick((0, most, most + 1))
    args = (numbers, quantity, _buyer(chance, first), platform)
    return Call(chance.operator(platform), "Market", "takeAcross", args)
