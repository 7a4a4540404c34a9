"""Random calls of `Certificates`, most of them right."""

from gecchain.chain.deploying import Role
from gecchain.ledger import Segment
from gecchain.rules import CertificateState, Month, MoveKind, Technology
from tests.differential.chance import Chance
from tests.differential.choosing_ranges import range_of, segment_of, segment_where
from tests.differential.known import expiry_of
from tests.differential.operations import Allotted, Call, Claimed, Piece
from tests.differential.people import KEYS

__all__ = ["distribute", "freeze", "move", "retire", "retire_due", "sweep", "unfreeze", "warn"]

HELD, FROZEN = CertificateState.HELD, CertificateState.FROZEN


def _electricity(batch: int) -> int:
    return batch >> 1 & 7


def _movable(chance: Chance, kind: int) -> Segment | None:
    """What a kind of move is for, or some range that is held."""
    known = chance.known
    provinces = set(known.state.provinces.values())

    def suits(segment: Segment) -> bool:
        if segment.state != HELD or known.now >= expiry_of(segment.batch):
            return False
        if kind == MoveKind.HYDRO_TO_USER:
            hydro = segment.batch >> 55 & 31 == Technology.HYDRO and not segment.batch & 1
            return hydro and _electricity(segment.batch) == 0 and segment.owner in provinces
        if kind == MoveKind.SELF_USE_TO_USER:
            return _electricity(segment.batch) == 1 and segment.owner == known.first_holders[segment.batch]
        return kind != MoveKind.DISTRIBUTION or segment.owner in provinces

    return segment_of(chance, HELD) if chance.one_in(8) else segment_where(chance, suits)


def move(chance: Chance) -> Call:
    kind = chance.pick((1, 1, 3, 3, 4, 4, 4))
    segment = _movable(chance, kind)
    if chance.one_in(12):
        kind = chance.integer(0, 4)
    args = (*range_of(chance, segment), chance.account(), kind, chance.word())
    return Call(chance.staff(Role.AUTHORITY), "Certificates", "move", args)


def distribute(chance: Chance) -> Call:
    """Several items of one holder, some of them of the same range."""
    first = _movable(chance, MoveKind.DISTRIBUTION)
    known = chance.known.state.segments
    own = [one for one in known.values() if first and one.owner == first.owner and one.state == HELD][-20:]
    segments = [first, *(chance.pick(own) for _ in range(chance.integer(0, 3)) if own)]
    items = [Allotted(*range_of(chance, segment), chance.account()) for segment in segments]
    if chance.one_in(6):
        items.append(items[0])
    held = next((segment for segment in segments if segment is not None), None)
    caller = chance.operator(held.owner) if held else chance.pick(KEYS)
    return Call(caller, "Certificates", "distribute", (items, chance.word()))


def freeze(chance: Chance) -> Call:
    args = (*range_of(chance, segment_of(chance, HELD)), chance.word())
    return Call(chance.staff(Role.AUTHORITY), "Certificates", "freeze", args)


def unfreeze(chance: Chance) -> Call:
    args = (*range_of(chance, segment_of(chance, FROZEN)), chance.word())
    return Call(chance.staff(Role.AUTHORITY), "Certificates", "unfreeze", args)


def _claim(chance: Chance) -> Claimed:
    first = chance.integer(1450, 1600)
    period = (first, first - chance.integer(0, 1)) if chance.one_in(25) else (first, first + chance.integer(1, 14))
    name = chance.pick((0, 256, 257)) if chance.one_in(15) else chance.integer(1, 60)
    statement = chance.pick((1024, 1025, 3000)) if chance.one_in(15) else chance.integer(0, 90)
    purpose = chance.pick((0, 8, 255)) if chance.one_in(25) else chance.integer(1, 7)
    return Claimed(chance.text(name), purpose, *period, chance.text(statement))


def retire(chance: Chance) -> Call:
    segment = segment_of(chance, HELD, wanted="" if chance.one_in(8) else "valid")
    caller = chance.operator(segment.owner) if segment else chance.pick(KEYS)
    return Call(caller, "Certificates", "retire", (*range_of(chance, segment), _claim(chance)))


def _due(chance: Chance) -> Segment | None:
    """What is registered for CCER, past its end, or left in a closed account; or any held range."""
    known = chance.known
    closed = {address for address, account in known.state.accounts.items() if account.closed}
    reason = chance.integer(0, 3)

    def suits(segment: Segment) -> bool:
        if segment.state != HELD:
            return False
        if reason == 0:
            return known.ccer(segment.batch)[1] and not segment.traded
        return segment.owner in closed if reason == 1 else known.now >= expiry_of(segment.batch)

    return segment_of(chance, HELD) if reason == 3 else segment_where(chance, suits, recent=False)


def retire_due(chance: Chance) -> Call:
    return Call(chance.pick(KEYS), "Certificates", "retireDue", range_of(chance, _due(chance)))


def sweep(chance: Chance) -> Call:
    pieces = [Piece(*range_of(chance, _due(chance))) for _ in range(chance.integer(1, 4))]
    if chance.one_in(6):
        pieces.append(pieces[0])
    return Call(chance.pick(KEYS), "Certificates", "sweep", (pieces,))


def warn(chance: Chance) -> Call:
    """Mostly a month that ends soon."""
    now = Month.at(chance.known.now).index
    month = now - chance.integer(21, 24) if not chance.one_in(4) else chance.pick((now, now - 25, 0, 65_535))
    if chance.one_in(3):
        month = chance.integer(1400, 1487)
    warned = list(chance.known.state.expiry_warnings)
    if warned and chance.one_in(5):
        month = warned[-1]
    return Call(chance.pick(KEYS), "Certificates", "warn", (month,))
