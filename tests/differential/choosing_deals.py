"""Random bilateral orders, signed by the keys that act, and settlements of green power; most of them right."""

from gecchain.chain.deploying import Role
from gecchain.ledger import Segment
from gecchain.rules import CertificateState
from tests.differential.chance import Chance
from tests.differential.choosing_ranges import range_of, segment_of, segment_where
from tests.differential.known import expiry_of
from tests.differential.operations import Call, Order, Piece, Settling
from tests.differential.people import KEYS, NOBODY, signed
from tests.differential.predicting_deals import digest_of

__all__ = ["cancel", "fill", "order_of", "settle"]

HELD = CertificateState.HELD
_CURVE = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def _pieces(chance: Chance, segment: Segment | None) -> list[Piece]:
    """A range in one piece or two, seldom none, with a gap or overlapping."""
    batch, start, end = range_of(chance, segment)
    if chance.one_in(40):
        return []
    if end - start < 2 or chance.one_in(2):
        return [Piece(batch, start, end)]
    cut = chance.integer(start + 1, end - 1)
    return [Piece(batch, start, cut), Piece(batch, cut - chance.one_in(20), end)]


def _count(pieces: list[Piece]) -> int:
    return sum(max(piece.end - piece.start, 0) for piece in pieces)


def _active(chance: Chance) -> str:
    """An account that somebody acts for, or any."""
    for _ in range(6):
        account = chance.account()
        if chance.known.actor(account) != NOBODY:
            return account
    return chance.account()


def _platform(chance: Chance) -> str:
    """A platform that somebody acts for, or any."""
    platforms = [one for one in chance.known.platforms if chance.known.actor(one) != NOBODY]
    return chance.pick(platforms or chance.known.platforms or [chance.account()])


def order_of(chance: Chance) -> tuple[Order, list[Piece]]:
    """An order for what its seller can sell, and the ranges for it: named to the serial, by batch or by project."""
    segment = segment_of(chance, HELD, wanted="" if chance.one_in(12) else "sale")
    pieces = _pieces(chance, segment)
    batch, start, end = pieces[0].batch if pieces else 1, 0, 0
    seller = segment.owner if segment else chance.account()
    scope = chance.integer(0, 3)
    if scope == 0 and pieces:
        start, end = pieces[0].start, max(pieces[-1].end, pieces[0].start)
    order = Order(
        seller=chance.account() if chance.one_in(25) else seller,
        buyer=seller if chance.one_in(25) else _active(chance),
        project=batch >> 16 & (1 << 48) - 1,
        batch=0 if scope == 1 else batch,
        start=start,
        end=end,
        quantity=0 if chance.one_in(30) else _count(pieces) & 0xFFFFFFFF,
        price=chance.integer(0, (1 << 64) - 1),
        platform=_platform(chance),
        paid_on_platform=chance.one_in(2),
        expires=chance.known.now + (0 if chance.one_in(25) else chance.integer(1, 1 << 30)),
        nonce=chance.integer(0, (1 << 256) - 1),
    )
    return _flawed(chance, order), pieces


def _flawed(chance: Chance, order: Order) -> Order:
    """Mostly as it is."""
    flaw = chance.integer(0, 50)
    if flaw == 0:
        return order._replace(quantity=order.quantity + 1 & 0xFFFFFFFF)
    if flaw == 1:
        return order._replace(platform=chance.account())
    if flaw == 2:
        return order._replace(batch=order.batch ^ 2)
    if flaw == 3:
        return order._replace(end=max(order.end - 1, 0), start=order.start + 1)
    return order


def _signature(chance: Chance, account: str, digest: bytes) -> bytes:
    """By the key that acts; seldom by another, cut, turned, or the other one that the curve allows."""
    key = chance.known.actor(account)
    if chance.one_in(40):
        key = chance.pick(KEYS)
    true = signed(key, digest)
    flaw = chance.integer(0, 120)
    if flaw == 0 or not true:
        return b""
    if flaw == 1:
        return true[:64] + bytes([true[64] ^ 7])
    if flaw == 2:
        other = _CURVE - int.from_bytes(true[32:64], "big")
        return true[:32] + other.to_bytes(32, "big") + bytes([55 - true[64]])
    if flaw == 3:
        return true + b"\0"
    return true


def fill(chance: Chance) -> Call:
    if chance.known.orders and chance.one_in(15):
        return _again(chance)
    order, pieces = order_of(chance)
    digest = digest_of(chance.known.addresses["Market"], order)
    signatures = (_signature(chance, order.seller, digest), _signature(chance, order.buyer, digest))
    return Call(chance.operator(order.platform), "Market", "fill", (order, pieces, *signatures))


def _again(chance: Chance) -> Call:
    """An order that was filled or cancelled before."""
    order, *rest = chance.pick(chance.known.orders)
    return Call(chance.operator(order.platform), "Market", "fill", (order, *(rest or ([], b"", b""))))


def cancel(chance: Chance) -> Call:
    old = chance.known.orders and chance.one_in(5)
    order: Order = chance.pick(chance.known.orders)[0] if old else order_of(chance)[0]
    caller = chance.operator(order.seller if chance.one_in(2) else order.buyer)
    return Call(caller, "Market", "cancel", (order,))


def _settled_segment(chance: Chance) -> Segment | None:
    """What a project's owner holds of its on-grid electricity and can sell."""
    known = chance.known

    def suits(segment: Segment) -> bool:
        batch = segment.batch
        own = segment.owner == known.state.projects[batch >> 16].owner and segment.state == HELD
        valid = known.now < expiry_of(batch) and not any(known.ccer(batch))
        return own and valid and batch & 1 == 1 and not segment.traded

    return segment_of(chance, HELD) if chance.one_in(15) else segment_where(chance, suits)


def _settlement(chance: Chance) -> Settling:
    pieces = _pieces(chance, _settled_segment(chance))
    batch = pieces[0].batch if pieces else 1
    contract, project, month = chance.word(), batch >> 16 & (1 << 48) - 1, batch >> 4 & 0xFFF
    if chance.known.state.settlements and chance.one_in(15):
        settled, project, month = chance.pick(list(chance.known.state.settlements))
        contract = bytes.fromhex(settled[2:])
    smallest = min(_count(pieces) * 1_000_000 + chance.integer(0, 999_999), 1 << 63)
    energies = [smallest + chance.integer(0, 5_000_000) for _ in range(3)]
    energies[chance.integer(0, 2)] = smallest
    item = Settling(
        contract=contract,
        project=project,
        month=month,
        buyer=chance.account(),
        contract_wh=energies[0],
        fed_in_wh=energies[1],
        consumed_wh=energies[2],
        attribute_price=chance.integer(0, (1 << 64) - 1),
        energy_price=chance.integer(0, (1 << 64) - 1),
        ranges=tuple(pieces),
    )
    return _unsettled(chance, item)


def _unsettled(chance: Chance, item: Settling) -> Settling:
    """Mostly as it is."""
    accounts = chance.known.state.accounts
    flaw = chance.integer(0, 45)
    if flaw == 0:
        return item._replace(contract=bytes(32))
    if flaw == 1:
        return item._replace(consumed_wh=chance.pick((0, 999_999)))
    if flaw == 2:
        return item._replace(contract_wh=item.contract_wh + 1_000_000, fed_in_wh=0)
    if flaw == 3:
        return item._replace(month=item.month + 1)
    if flaw == 4 and item.project in chance.known.state.projects:
        return item._replace(buyer=chance.known.state.projects[item.project].owner)
    if flaw < 8:
        shut = [address for address, one in accounts.items() if one.frozen or one.closed]
        return item._replace(buyer=chance.pick(shut)) if shut else item
    if flaw == 8:
        wh = 10**15 + 5_000_000
        return item._replace(contract_wh=wh, fed_in_wh=wh, consumed_wh=wh)
    return item


def settle(chance: Chance) -> Call:
    items = [_settlement(chance) for _ in range(chance.integer(1, 3))]
    if chance.one_in(8):
        items.append(items[0])
    return Call(chance.staff(Role.EXCHANGE), "Market", "settle", (items,))
