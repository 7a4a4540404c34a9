"""Random calls of `Certificates` and `Market`, most of them right."""

from gecchain.chain.deploying import Role
from gecchain.ledger import Listing, Segment
from gecchain.rules import CertificateState
from tests.differential.chance import Chance
from tests.differential.known import expiry_of
from tests.differential.operations import Call, Claimed
from tests.differential.people import KEYS, NOBODY
from tests.differential.predicting_views import hash_of

__all__ = ["expire", "forbidden", "freeze", "issue", "look", "move", "offer", "retire", "take", "unfreeze", "withdraw"]

HELD, LISTED, FROZEN = CertificateState.HELD, CertificateState.LISTED, CertificateState.FROZEN
_TRIES = 12
_RECENT = 60


def issue(chance: Chance) -> Call:
    made = len(chance.known.state.commitments)
    number = chance.integer(max(0, made - 15), made + 1 if chance.one_in(15) else made)
    leaves, proof, chunk = [1], [], 0
    known = chance.known.state.commitments.get(number)
    tree = chance.known.forest.get(bytes.fromhex(known.root[2:])) if known else None
    if tree is not None:
        chunk = chance.integer(0, (len(tree.leaves) - 1) // 256 + chance.one_in(20))
        leaves, proof = list(tree.chunk(chunk)), list(tree.proof(chunk)) if chunk * 256 < len(tree.leaves) else []
    flaw = chance.integer(0, 30)
    if flaw == 0 and leaves:
        leaves[chance.integer(0, len(leaves) - 1)] ^= 1 << chance.integer(0, 255)
    elif flaw == 1:
        proof = [*proof, chance.word()]
    elif flaw == 2:
        proof = [chance.word() for _ in proof]
    elif flaw == 3:
        leaves = leaves[1:]
    return Call(chance.staff(Role.AUTHORITY), "Certificates", "issue", (number, chunk, leaves, proof))


def _segment(chance: Chance, state: CertificateState | None, *, wanted: str = "") -> Segment | None:
    """Some segment in that state: tradable ones for `sale`, over or valid ones for `over` and `valid`."""
    batches = chance.known.batches
    if not batches:
        return None
    found = None
    if chance.one_in(12):
        state, wanted = None, ""
    for _ in range(_TRIES):
        recent = wanted != "over" and not chance.one_in(3)
        batch = batches[chance.integer(max(0, len(batches) - _RECENT) if recent else 0, len(batches) - 1)]
        serial = chance.integer(0, chance.known.state.batches[batch].count - 1)
        found = chance.known.state.segment_at(batch, serial)
        if found is not None and state in (None, found.state) and _suits(chance, found, wanted):
            return found
    return found


def _suits(chance: Chance, segment: Segment, wanted: str) -> bool:
    valid = chance.known.now < expiry_of(segment.batch)
    if wanted == "sale":
        return valid and segment.batch & 1 == 1 and not segment.traded
    return valid == (wanted == "valid") if wanted else True


def _range(chance: Chance, segment: Segment | None) -> tuple[int, int, int]:
    """The segment, a part of it, or now and then what no segment holds."""
    if segment is None:
        return chance.integer(0, (1 << 64) - 1), 0, 1
    if chance.one_in(10):
        return _wrong_range(chance, segment)
    batch, low, high = segment.batch, segment.start, segment.end
    start, end = sorted((chance.integer(low, high), chance.integer(low, high)))
    kind = chance.integer(0, 5)
    if kind < 3:
        start = low
    if kind % 3 < 2:
        end = high
    start = min(start, high - 1)
    return batch, start, max(end, start + 1)


def _wrong_range(chance: Chance, segment: Segment) -> tuple[int, int, int]:
    """Beyond the segment, empty, backwards, beyond the batch, or of another batch."""
    batch, low, high = segment.batch, segment.start, segment.end
    inside = chance.integer(low, high - 1)
    beyond = chance.pick((chance.known.state.batches[batch].count, (1 << 32) - 2))
    return chance.pick(
        (
            (batch, inside, chance.pick((high + 1, (1 << 32) - 1))),
            (batch, high, inside),
            (batch, inside, inside),
            (batch, beyond, beyond + 1),
            (batch ^ 1 << chance.integer(0, 63), low, high),
        )
    )


def move(chance: Chance) -> Call:
    args = (*_range(chance, _segment(chance, HELD)), chance.account(), chance.word())
    return Call(chance.staff(Role.AUTHORITY), "Certificates", "move", args)


def freeze(chance: Chance) -> Call:
    args = (*_range(chance, _segment(chance, HELD)), chance.word())
    return Call(chance.staff(Role.AUTHORITY), "Certificates", "freeze", args)


def unfreeze(chance: Chance) -> Call:
    args = (*_range(chance, _segment(chance, FROZEN)), chance.word())
    return Call(chance.staff(Role.AUTHORITY), "Certificates", "unfreeze", args)


def _claim(chance: Chance) -> Claimed:
    first = chance.integer(1450, 1600)
    period = (first, first - chance.integer(0, 1)) if chance.one_in(25) else (first, first + chance.integer(1, 14))
    name = chance.pick((0, 256, 257)) if chance.one_in(15) else chance.integer(1, 60)
    statement = chance.pick((1024, 1025, 3000)) if chance.one_in(15) else chance.integer(0, 90)
    purpose = chance.pick((0, 8, 255)) if chance.one_in(25) else chance.integer(1, 7)
    return Claimed(chance.text(name), purpose, *period, chance.text(statement))


def retire(chance: Chance) -> Call:
    segment = _segment(chance, HELD, wanted="" if chance.one_in(8) else "valid")
    caller = chance.operator(segment.owner) if segment else chance.pick(KEYS)
    return Call(caller, "Certificates", "retire", (*_range(chance, segment), _claim(chance)))


def expire(chance: Chance) -> Call:
    segment = _segment(chance, HELD, wanted="" if chance.one_in(6) else "over")
    return Call(chance.pick(KEYS), "Certificates", "expire", _range(chance, segment))


def offer(chance: Chance) -> Call:
    segment = _segment(chance, HELD, wanted="" if chance.one_in(6) else "sale")
    caller = chance.operator(segment.owner) if segment else chance.pick(KEYS)
    admitted = len(chance.known.platforms)
    platforms = chance.integer(0, (1 << admitted) - 1) | 1
    if chance.one_in(4) and admitted:
        platforms = 1 << chance.integer(0, admitted - 1)
    if chance.one_in(20):
        platforms = chance.pick((0, 1 << 63, platforms | (1 << 64) - 1 ^ (1 << 32) - 1))
    args = (*_range(chance, segment), chance.integer(0, (1 << 64) - 1), platforms)
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


def take(chance: Chance) -> Call:
    number, listing = _listing(chance)
    quantity, buyer, platform = 1, chance.account(), chance.account()
    if listing is not None:
        left = listing.left_end - listing.left
        quantity = chance.pick((0, left + 1, (1 << 32) - 1)) if chance.one_in(15) else chance.integer(1, left)
        named = [address for bit, address in enumerate(chance.known.platforms) if listing.platforms >> bit & 1]
        platform = (
            chance.pick(named) if named and not chance.one_in(12) else chance.pick([*chance.known.platforms, platform])
        )
        buyer = listing.seller if chance.one_in(25) else buyer
    frozen = [address for address, account in chance.known.state.accounts.items() if account.frozen]
    if frozen and chance.one_in(25):
        buyer = chance.pick(frozen)
    caller = chance.operator(platform)
    return Call(caller, "Market", "take", (number, quantity, buyer, platform))


def forbidden(chance: Chance) -> Call:
    """What nobody may call: the contracts' own entry points, and ERC-721's transfers."""
    range_ = _range(chance, _segment(chance, None))
    one, other, token = chance.account(), chance.account(), range_[0] << 32 | range_[1]
    function, args = chance.pick(
        (
            ("list", (*range_, one)),
            ("unlist", range_),
            ("trade", (*range_, one)),
            ("draw", (1, 0, 1)),
            ("approve", (one, token)),
            ("setApprovalForAll", (one, True)),
            ("transferFrom", (one, other, token)),
            ("safeTransferFrom(address,address,uint256)", (one, other, token)),
            ("safeTransferFrom(address,address,uint256,bytes)", (one, other, token, b"x")),
        )
    )
    return Call(chance.pick(KEYS), "Readings" if function == "draw" else "Certificates", function, args)


def look(chance: Chance) -> Call:
    """A view of a certificate or holder that exists, or does not."""
    segment = _segment(chance, None)
    batch, start, _end = _range(chance, segment)
    token = batch << 32 | start
    function = chance.pick(
        ("facts", "verify", "ownerOf", "locked", "getApproved", "tokenURI", "balanceOf", "segmentAt")
    )
    args: tuple[object, ...] = (token,)
    if function == "balanceOf":
        args = (NOBODY if chance.one_in(8) else chance.account(),)
    elif function == "segmentAt":
        args = (batch, start)
    elif function == "verify":
        args = (_hash(chance, segment),)
    return Call(chance.pick(KEYS), "Certificates", function, args)


def _hash(chance: Chance, segment: Segment | None) -> bytes:
    """A certificate's hash, half of the time with one bit turned."""
    if segment is None:
        return chance.word()
    true = hash_of(chance.known, segment.batch << 32 | segment.start)[2]
    if chance.one_in(2):
        return true
    return (int.from_bytes(true, "big") ^ 1 << chance.integer(0, 255)).to_bytes(32, "big")
