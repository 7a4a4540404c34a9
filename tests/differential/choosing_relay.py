"""Calls that go through the relay instead: signed by their callers, most of them rightly, alone or several at once."""

from collections.abc import Callable
from typing import Final

from tests.differential.chain import data_of
from tests.differential.chance import Chance
from tests.differential.known import Known
from tests.differential.operations import Asked, Call, Handed, Operation, Signed
from tests.differential.people import KEYS, NOBODY, signed
from tests.differential.predicting_relay import ROOM, digest_of
from tests.differential.predicting_views import VIEWS

__all__ = ["GAS", "handed", "sign"]

GAS: Final = 1 << 30
_CURVE: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_SHARE: Final = 4
_SEVERAL: Final = 3


def handed(chance: Chance, operation: Operation, another: Callable[[], Operation]) -> Operation:
    """The operation itself, or one time in four signed and handed in, if it is a key's call; with others at times."""
    if not _can_be_signed(operation) or not chance.one_in(_SHARE):
        return operation
    calls = [operation]
    if chance.one_in(_SEVERAL):
        calls += [another() for _ in range(chance.integer(1, 3))]
    items = [_signed(chance, call) for call in calls if isinstance(call, Call) and _can_be_signed(call)]
    if chance.one_in(12):
        items.append(chance.pick(chance.known.handed or items))
    lost = 1 if chance.one_in(80) else 0
    return Handed(chance.pick(KEYS), tuple(items), lost)


def _can_be_signed(operation: Operation) -> bool:
    if not isinstance(operation, Call) or (operation.contract, operation.function) in VIEWS:
        return False
    return operation.caller in KEYS


def sign(known: Known, call: Call, nonce: int, deadline: int, gas: int = GAS) -> Signed:
    """As it should be."""
    asked = Asked(call.caller, known.addresses[call.contract], gas, nonce, deadline, data_of(call))
    return Signed(call, asked, signed(call.caller, digest_of(known.addresses["Relay"], asked)))


def _signed(chance: Chance, call: Call) -> Signed:
    """Mostly right; else late, greedy, to a contract that is not ours, or not signed by its caller."""
    known = chance.known
    nonce, deadline = chance.integer(0, (1 << 256) - 1), known.now + chance.integer(0, 3)
    flaw = chance.integer(0, 60)
    if flaw == 0:
        return sign(known, call, nonce, known.now - 1)
    if flaw == 1 and chance.one_in(4):
        return sign(known, call, nonce, deadline, chance.pick((ROOM, (1 << 256) - 1)))
    item = sign(known, call, nonce, deadline)
    if flaw == 2:
        to = chance.pick((known.addresses["AccessManager"], known.addresses["Relay"], chance.pick(KEYS), NOBODY))
        asked = item.asked._replace(to=to)
        return Signed(call, asked, signed(call.caller, digest_of(known.addresses["Relay"], asked)))
    return Signed(call, item.asked, _signature(chance, item, flaw))


def _signature(chance: Chance, item: Signed, flaw: int) -> bytes:
    true = item.signature
    if flaw == 3:
        others = [key for key in KEYS if key != item.call.caller]
        return signed(chance.pick(others), digest_of(chance.known.addresses["Relay"], item.asked))
    if flaw == 4:
        other = _CURVE - int.from_bytes(true[32:64], "big")
        return true[:32] + other.to_bytes(32, "big") + bytes([55 - true[64]])
    if flaw == 5:
        return chance.pick((b"", true[:64], true + b"\0"))
    return true
