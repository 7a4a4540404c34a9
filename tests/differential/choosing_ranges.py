"""Random ranges, most of them in one segment of the wanted kind, and issues that make them."""

from collections.abc import Callable

from gecchain.chain.deploying import Role
from gecchain.ledger import Segment
from gecchain.rules import CertificateState
from tests.differential.chance import Chance
from tests.differential.known import expiry_of
from tests.differential.operations import Call
from tests.differential.people import NOBODY

__all__ = ["issue", "range_of", "segment_of", "segment_where"]

_TRIES = 25
_RECENT = 60


def issue(chance: Chance) -> Call:
    made = len(chance.known.state.commitments)
    number = chance.integer(max(0, made - 15), made + 1 if chance.one_in(15) else made)
    for _ in range(0 if chance.one_in(5) else _TRIES):
        approved = len(chance.known.officers_of(number)) >= chance.known.quorum
        if number not in chance.known.state.commitments or (approved and not chance.known.drawn(number, 0)):
            break
        number = chance.integer(max(1, made - 15), max(1, made))
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


def segment_where(chance: Chance, suits: Callable[[Segment], bool], *, recent: bool = True) -> Segment | None:
    """Some segment that suits, or what was found last; mostly of the latest batches."""
    batches = chance.known.batches
    found = None
    for _ in range(_TRIES if batches else 0):
        late = recent and not chance.one_in(3)
        batch = batches[chance.integer(max(0, len(batches) - _RECENT) if late else 0, len(batches) - 1)]
        serial = chance.integer(0, chance.known.state.batches[batch].count - 1)
        found = chance.known.state.segment_at(batch, serial)
        if found is not None and suits(found):
            return found
    return found


def segment_of(chance: Chance, state: CertificateState | None, *, wanted: str = "") -> Segment | None:
    """Some segment in that state: tradable ones for `sale`, over or valid ones for `over` and `valid`."""
    if chance.one_in(12):
        state, wanted = None, ""
    return segment_where(
        chance,
        lambda segment: state in (None, segment.state) and _suits(chance, segment, wanted),
        recent=wanted != "over",
    )


def _suits(chance: Chance, segment: Segment, wanted: str) -> bool:
    valid = chance.known.now < expiry_of(segment.batch)
    if wanted == "sale":
        moving = not any(chance.known.ccer(segment.batch))
        acting = chance.known.actor(segment.owner) != NOBODY
        return valid and moving and acting and segment.batch & 1 == 1 and not segment.traded
    return valid == (wanted == "valid") if wanted else True


def range_of(chance: Chance, segment: Segment | None) -> tuple[int, int, int]:
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
