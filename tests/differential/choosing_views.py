"""Random views, and calls that nobody may make."""

from collections.abc import Callable

from gecchain.chain.deploying import Role
from gecchain.ledger import Segment
from tests.differential.chance import Chance
from tests.differential.choosing_deals import order_of
from tests.differential.choosing_ranges import range_of, segment_of
from tests.differential.model import RESERVED
from tests.differential.operations import Allotted, Call, Piece, Settling
from tests.differential.people import KEYS, NOBODY, STAFF
from tests.differential.predicting_views import hash_of

__all__ = ["forbidden", "look", "pause"]


_RESERVED = tuple(RESERVED)


def _some(chance: Chance) -> tuple[int, int, int]:
    return range_of(chance, segment_of(chance, None))


_ARGUMENTS: dict[str, Callable[[Chance], tuple[object, ...]]] = {
    "credit": lambda chance: (1, [], 0),
    "correct": lambda chance: (1, 1, 0, -5, 1),
    "draw": lambda chance: (1, 0, 1),
    "commitDeclared": lambda chance: (1, chance.word(), 1, 1, chance.word(), 0),
    "list": lambda chance: (*_some(chance), chance.account()),
    "unlist": _some,
    "trade": lambda chance: (*_some(chance), chance.account()),
    "sell": lambda chance: (*_some(chance), chance.account(), chance.account()),
    "doubt": lambda chance: (*_some(chance), chance.account(), 1),
    "trust": lambda chance: (*_some(chance), 1),
    "add": lambda chance: (_some(chance)[0], 1, 1, chance.word()),
    "deduct": lambda chance: (*_some(chance), 1),
    "undoTrade": lambda chance: (*_some(chance), 1),
    "undoRetirement": lambda chance: (*_some(chance), 1),
    "distributeOne": lambda chance: (Allotted(*_some(chance), chance.account()), chance.word(), chance.pick(KEYS)),
    "withdrawOne": lambda chance: (1, chance.pick(KEYS)),
    "settleOne": lambda chance: (
        Settling(chance.word(), 1, 1, chance.account(), 1, 1, 1, 1, 1, (Piece(*_some(chance)),)),
        chance.pick(KEYS),
    ),
    "setAuthority": lambda chance: (chance.account(),),
    "approve": lambda chance: (chance.account(), 1),
    "setApprovalForAll": lambda chance: (chance.account(), True),
    "transferFrom": lambda chance: (chance.account(), chance.account(), 1),
    "safeTransferFrom(address,address,uint256)": lambda chance: (chance.account(), chance.account(), 1),
    "safeTransferFrom(address,address,uint256,bytes)": lambda chance: (chance.account(), chance.account(), 1, b"x"),
}


def forbidden(chance: Chance) -> Call:
    """What nobody may call: what contracts call of each other or of themselves, and ERC-721's transfers."""
    contract, function = chance.pick(_RESERVED)
    return Call(chance.pick(KEYS), contract, function, _ARGUMENTS[function](chance))


def pause(chance: Chance) -> Call:
    """Tried by who may not: what follows a pause comes at the end of an episode."""
    others = [key for key in KEYS if key not in STAFF[Role.GUARDIAN]]
    return Call(chance.pick(others), "Guardian", "pause", (chance.text(chance.integer(0, 30)),))


def look_at_others(chance: Chance) -> Call:
    """Who may act for an account, and what an order is known by."""
    if chance.one_in(2):
        account = chance.account()
        return Call(chance.pick(KEYS), "Registry", "mayAct", (account, chance.pick((NOBODY, chance.operator(account)))))
    return Call(chance.pick(KEYS), "Market", "hashOf", (order_of(chance)[0],))


def look(chance: Chance) -> Call:
    """A view of a certificate or holder that exists, or does not."""
    if chance.one_in(5):
        return look_at_others(chance)
    segment = segment_of(chance, None)
    batch, start, _end = range_of(chance, segment)
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
