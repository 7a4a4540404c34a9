"""One registry twice: the contracts and their model, and every operation done to both and compared.

`Disagreement` says which operation and how. `shrink` finds a short sequence that still ends in one.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from time import monotonic
from typing import Final

from gecchain.errors import GecError
from gecchain.events import Event, ItemRefused, LeafRefused, Relayed
from gecchain.ledger import settle
from gecchain.rules import Month
from tests.differential.chain import Chain, Done, Refusal, name_of, refusal_of
from tests.differential.comparing import everything, touched
from tests.differential.known import Known
from tests.differential.model import predict
from tests.differential.operations import Call, Handed, Operation, Signed, Wait, shown
from tests.differential.people import KEYS, STAFF, roles_of
from tests.differential.predicting_relay import OBJECTIONS, digest_of, objection_to, refused_whole, shares
from tests.differential.trees import PlainTree

__all__ = ["Disagreement", "Session", "shrink"]

_BEGIN: Final = Month.of(2024, 2).begins_at
_SHOWN: Final = 5
_REMEMBERED: Final = 30


class Disagreement(AssertionError):
    """The contracts did something else than the model."""


@dataclass(slots=True)
class Session:
    """A registry that has just been deployed. `seen` counts outcomes, `forest` may be shared between sessions."""

    forest: dict[bytes, PlainTree] = field(default_factory=dict)
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    chain: Chain = field(init=False)
    known: Known = field(init=False)

    def __post_init__(self) -> None:
        self.chain = Chain(STAFF, _BEGIN)
        roles = {key: roles_of(key) for key in KEYS}
        self.known = Known(roles, self.forest, self.chain.addresses, _BEGIN)

    def perform(self, operation: Operation) -> Done | Refusal | None:
        """Does it to both sides and says what came of a call; Disagreement unless they come to the same."""
        if isinstance(operation, Wait):
            self.chain.wait(operation.seconds)
            self.known.now = self.chain.time
            return None
        if isinstance(operation, Handed):
            return self._hand(operation)
        predicted, found = self._predict(operation), self.chain.send(operation)
        self._compare(operation, predicted, found)
        self._count(operation, found)
        if isinstance(found, Done):
            self._learn(operation, found)
            self._same(operation, touched(self.chain, self.known, found.events))
        return found

    def _hand(self, handed: Handed) -> Done | Refusal:
        """Signed calls come to what they come to directly, one after the other, and to an event more each."""
        self._ask(handed)
        refused, found = refused_whole(self.known, handed), self.chain.hand(handed)
        if isinstance(found, Refusal) or refused:
            foreseen = refused and refused.values
            cut = found.values[: len(foreseen or ())] if isinstance(found, Refusal) else found
            if not refused or not isinstance(found, Refusal) or (refused.name, foreseen) != (found.name, cut):
                raise Disagreement(f"{shown(handed)}\n  rules:     {refused}\n  contracts: {found}")
            self.seen["Relay.relay", found.name] += 1
            return found
        told = shares(found.events)
        for item in handed.items:
            self._hand_one(handed, item, told)
        if (left := next(told, None)) is not None:
            raise Disagreement(f"{shown(handed)}\n  nobody asked for {left}")
        self._same(handed, touched(self.chain, self.known, found.events))
        return found

    def _hand_one(self, handed: Handed, item: Signed, told: Iterator[tuple[tuple[Event, ...], Relayed]]) -> None:
        objection = objection_to(self.known, item)
        if objection != "None":
            self.seen["Relay.relay", objection] += 1
            return
        predicted = self._predict(item.call)
        events, relayed = next(told, ((), None))
        if relayed is None:
            raise Disagreement(f"{shown(handed)}\n  was not made: {shown(item.call)}")
        name = "0x" + digest_of(self.known.addresses["Relay"], item.asked).hex()
        if (relayed.request, relayed.from_, relayed.to) != (name, *item.asked[:2]):
            raise Disagreement(f"{shown(handed)}\n  {relayed} is not of {name}")
        outcome = _outcome_of(events, relayed, predicted)
        self._compare(item.call, predicted, outcome)
        self._count(item.call, outcome)
        self.seen["Relay.relay", "done" if relayed.done else "refused"] += 1
        self.seen["event", "Relayed"] += 1
        made = item.call if relayed.done else Call(handed.caller, "Relay", "relay", ())
        self._learn(made, Done((*events, relayed)))
        self.known.handed = [*self.known.handed[-_REMEMBERED:], item]

    def _ask(self, handed: Handed) -> None:
        """What the relay objects to, before it is asked to do anything."""
        for item in handed.items:
            found = self.chain.send(Call(handed.caller, "Relay", "objectionTo", (item.asked, item.signature)))
            expected = Done((), OBJECTIONS.index(objection_to(self.known, item)).to_bytes(32, "big"))
            if found != expected:
                raise Disagreement(f"{shown(handed)}\n  objects: {found}, not {expected}")

    def _predict(self, call: Call) -> Done | Refusal:
        try:
            return predict(self.known, call)
        except GecError as error:
            raise Disagreement(f"{shown(call)}\n  rules and fold: {error}") from error

    def _learn(self, call: Call, done: Done) -> None:
        """The fold takes no event that it holds impossible."""
        try:
            self.known.learn(call, done.events)
        except GecError as error:
            raise Disagreement(f"{shown(call)}\n  contracts: {done}\n  fold:      {error}") from error

    def compare(self) -> None:
        """Everything both sides know; Disagreement names the first differences."""
        settle(self.known.state)
        self._same(None, everything(self.chain, self.known))

    def _compare(self, call: Call, predicted: Done | Refusal, found: Done | Refusal) -> None:
        if isinstance(predicted, Done) and isinstance(found, Done):
            # Where the echoes of ERC-2309 stand among the events of one call is not specified.
            agreed = Counter(predicted.events) == Counter(found.events) and predicted.answer == found.answer
        else:
            agreed = predicted == found
        if not agreed:
            raise Disagreement(f"{shown(call)}\n  rules:     {predicted}\n  contracts: {found}")

    def _same(self, call: Call | Handed | None, differences: Iterable[object]) -> None:
        found = list(islice(iter(differences), _SHOWN))
        if found:
            after = shown(call) if call else "all of it"
            raise Disagreement("\n  ".join([after, *map(str, found)]))

    def _count(self, call: Call, found: Done | Refusal) -> None:
        outcome = found.name if isinstance(found, Refusal) else "done"
        self.seen[f"{call.contract}.{call.function}", outcome] += 1
        if isinstance(found, Done):
            for event in found.events:
                self.seen["event", _kind(event)] += 1
                if isinstance(event, ItemRefused):
                    self.seen[f"{call.contract}.{call.function}, an item", name_of(event.reason)] += 1


def _outcome_of(events: tuple[Event, ...], relayed: Relayed, predicted: Done | Refusal) -> Done | Refusal:
    """What a relayed call came to, as if it had been made directly; what it answered nobody hears."""
    reason = bytes.fromhex(relayed.reason[2:])
    if relayed.done:
        return Done(events, predicted.answer if isinstance(predicted, Done) else b"")
    return refusal_of(reason) if not events else Refusal(f"refused with events: {events}")


def _kind(event: Event) -> str:
    return f"LeafRefused {event.reason}" if isinstance(event, LeafRefused) else type(event).__name__


def _outcome(operations: Sequence[Operation], forest: dict[bytes, PlainTree]) -> tuple[str, list[Operation]]:
    """What disagrees (empty: nothing), and the operations up to there that had an effect, with the last one."""
    session, useful = Session(forest), list[Operation]()
    try:
        for operation in operations:
            before = session.known.steps
            useful.append(operation)
            session.perform(operation)
            if isinstance(operation, Call | Handed) and session.known.steps == before:
                useful.pop()
        session.compare()
    except Disagreement as disagreement:
        return str(disagreement), useful
    return "", useful


def _function(operation: Operation) -> str:
    if isinstance(operation, Handed):
        return "relay"
    return operation.function if isinstance(operation, Call) else "wait"


def shrink(
    operations: Sequence[Operation], forest: dict[bytes, PlainTree], seconds: float
) -> tuple[str, list[Operation]]:
    """A shorter sequence that still disagrees, as short as the time allows, and how. The given one must disagree."""
    deadline = monotonic() + seconds
    what, best = _outcome(operations, forest)
    for kind in dict.fromkeys(map(_function, best)):
        found, fewer = _outcome([operation for operation in best if _function(operation) != kind], forest)
        if found:
            what, best = found, fewer
    size = len(best) // 2
    while size:
        at = len(best) - size
        while at >= 0 and monotonic() < deadline:
            found, fewer = _outcome(best[:at] + best[at + size :], forest)
            if found:
                what, best = found, fewer
            at = min(at, len(best)) - size
        size //= 2
    return what, best
