"""The worker of the outbox: sends what was handed in and writes down how each request ended.

It may die at any instant and be started twice: a request counts once on the chain (decision 14), its outcome is read
from the chain's own event, and what is written down here is only ever that. One that nobody can do any more (void,
or not signed by whom it says) is told as such, and one whose transaction the node does not take holds up no other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, Protocol

from gecchain.chain.contracts import refusal
from gecchain.chain.items import Located, events_in, located, within_gas
from gecchain.chain.reader import Reader
from gecchain.chain.views import View
from gecchain.chain.writer import Action, Writer
from gecchain.errors import Refused
from gecchain.events import Relayed
from gecchain.requests import Ending, SignedRequest
from gecchain.trail import Trail

__all__ = ["Held", "Objection", "Outbox", "Round", "relay_waiting"]

trail = Trail(__name__)

_AT_ONCE: Final = 2_048
# What the Relay itself needs for a request beside the call: reading it, its signature, its mark, its event. Ours, twice
# what the gas snapshot shows; gas that is left over is not used up.
_GAS_PER_REQUEST: Final = 150_000
_GAS_PER_BYTE: Final = 40
_PARTS: Final = 63


class Objection(IntEnum):
    """Why the Relay passes a request over (IRelay)."""

    NONE = 0
    EXPIRED = 1
    RELAYED_ALREADY = 2
    NOT_OURS = 3
    NOT_SIGNED = 4


_SAID: Final = {
    Objection.NOT_OURS: ("NotOurs", "the contract does not take requests from this relay", "Compare /v1/registry."),
    Objection.NOT_SIGNED: (
        "NotSigned",
        "the signature is not of the key that the request is from",
        "Sign the request as it stands with that key.",
    ),
}


class Held(Protocol):
    """A request that waits, by its place in the outbox and its digest (0x hex)."""

    @property
    def id(self) -> int:
        """Its place."""
        ...

    @property
    def digest(self) -> str:
        """Its name."""
        ...

    @property
    def signed(self) -> SignedRequest:
        """Itself."""
        ...


class Outbox(Protocol):
    """Where requests wait; each call is durable when it returns."""

    def waiting(self, limit: int) -> Sequence[Held]:
        """The oldest that have not ended."""
        ...

    def sent(self, digests: Sequence[str]) -> None:
        """They are about to be sent."""
        ...

    def end(self, endings: Sequence[Ending], now: int) -> None:
        """How they ended."""
        ...


@dataclass(frozen=True, slots=True)
class Round:
    """What one look at the outbox came to: how many requests ended how.

    `stuck` says of requests, by digest, why the node does not take their transaction; they wait until their deadline.
    """

    done: int = 0
    refused: int = 0
    void: int = 0
    stuck: Mapping[str, str] = field(default_factory=dict)

    def __add__(self, other: Round) -> Round:
        counts = self.done + other.done, self.refused + other.refused, self.void + other.void
        return Round(*counts, other.stuck)

    def __bool__(self) -> bool:
        return bool(self.done or self.refused or self.void)


def relay_waiting(
    writer: Writer,
    reader: Reader,
    outbox: Outbox,
    on_end: Callable[[Ending], None] = lambda _ending: None,
    clock: Callable[[], float] = time.time,
) -> Round:
    """Bring up to 2,048 waiting requests to their end. Unavailable when node or database is away; nothing is lost."""
    writer.resume()
    held = outbox.waiting(_AT_ONCE)
    endings = _ended(reader, held)
    outbox.end(endings, int(clock()))
    open_ = _without(held, endings)
    stuck: dict[str, str] = {}
    if open_:
        outbox.sent([one.digest for one in open_])
        told, stuck = _send(writer, reader, open_)
        # The Relay passes over what somebody else had sent, and what came too late: of those the chain is asked.
        told += _ended(reader, _without(open_, told))
        outbox.end(told, int(clock()))
        endings += told
    for ending in endings:
        trail.info(
            "request_ended",
            request=ending.digest,
            state=ending.state,
            reason=ending.reason.get("name", ""),
            transaction=ending.transaction,
            block=ending.block,
        )
        on_end(ending)
    done, refused, void = (sum(one.state == state for one in endings) for state in ("done", "refused", "void"))
    return Round(done, refused, void, stuck)


def _without(held: Sequence[Held], endings: Sequence[Ending]) -> list[Held]:
    ended = {ending.digest for ending in endings}
    return [one for one in held if one.digest not in ended]


def _send(writer: Writer, reader: Reader, held: Sequence[Held]) -> tuple[list[Ending], dict[str, str]]:
    """Send all, in halves where the node does not take them together: how each ended that the receipts tell of, and why
    of each that the node does not take alone.

    What was sent in one of several transactions is sent again with its half: the chain passes it over.
    """
    endings: list[Ending] = []
    try:
        for receipt in writer.stream(_actions(reader, held)):
            for event in events_in(receipt, Relayed):
                endings.append(_told(Located(event, receipt.transaction, receipt.block)))
    except Refused as error:
        if len(held) == 1:
            return endings, {held[0].digest: error.message}
        left = _without(held, endings)
        halves = [half for half in (left[: len(left) // 2], left[len(left) // 2 :]) if half]
        stuck: dict[str, str] = {}
        for half in halves:
            told, why = _send(writer, reader, half)
            endings += told
            stuck |= why
        return endings, stuck
    return endings, {}


def _actions(reader: Reader, held: Sequence[Held]) -> list[Action]:
    actions = []
    for some, gas in within_gas(held, _gas_of):
        structs = [one.signed.request.as_struct() for one in some]
        args = [structs, [one.signed.signature for one in some]]
        what = f"relaying {len(some)} requests"
        actions.append(Action.call(what, "Relay", reader.deployment.relay, "relay", args, gas=gas))
    return actions


def _gas_of(held: Held) -> int:
    """Enough that the Relay finds the signed gas there after the 63/64 rule, for the call and an ERC-1271 check."""
    request = held.signed.request
    call = 2 * (request.gas + request.gas // _PARTS)
    return call + _GAS_PER_REQUEST + _GAS_PER_BYTE * (len(request.data) + len(held.signed.signature))


def _ended(reader: Reader, held: Sequence[Held]) -> list[Ending]:
    """Those of which the chain says that they are used up, and those that it can do no more."""
    if not held:
        return []
    asked = [View("relay", "objectionTo", (one.signed.request.as_struct(), one.signed.signature)) for one in held]
    objections = {one.digest: Objection(int(answer[0])) for one, answer in zip(held, reader.views(asked), strict=True)}
    # An expired request may have been done before: the chain is asked for both.
    over = [digest for digest, said in objections.items() if said in (Objection.RELAYED_ALREADY, Objection.EXPIRED)]
    names = [int(digest, 16) for digest in over]
    events = {found.event.request: found for found in located(reader, "relay", Relayed, names)}
    endings = []
    for digest, said in objections.items():
        if digest in events:
            endings.append(_told(events[digest]))
        elif said is Objection.EXPIRED:
            endings.append(Ending(digest, "void"))
        elif said in _SAID:
            endings.append(Ending(digest, "refused", reason=_words(*_SAID[said])))
    return endings


def _told(found: Located[Relayed]) -> Ending:
    event, place = found.event, (found.transaction, found.block)
    if event.done:
        return Ending(event.request, "done", *place)
    error = refusal("It", event.reason, "the call ran out of the gas that was signed, or gave no reason")
    sentence = error.message.removeprefix("It was refused: ")
    return Ending(event.request, "refused", *place, reason=_words(error.reason, sentence, error.remedy))


def _words(name: str, sentence: str, remedy: str) -> dict[str, str]:
    return {"name": name, "sentence": sentence, "remedy": remedy}
