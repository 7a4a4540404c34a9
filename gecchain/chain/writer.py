"""Sends actions as signed transactions, each exactly once.

Each transaction is signed and written to the journal before it leaves; after a crash the very same bytes are sent
again, and the nonce lets the chain take them once. Nothing here decides what to send.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from eth_utils.address import to_checksum_address

from gecchain.chain.actions import Action, Journal, Receipt, TransactionSigner
from gecchain.chain.contracts import refusal
from gecchain.chain.flight import LOST, Flight, count_of, signed
from gecchain.chain.rpc import Rpc, RpcError
from gecchain.errors import Refused, Unavailable
from gecchain.intents import Intent
from gecchain.trail import Trail

__all__ = ["Action", "Journal", "Receipt", "TransactionSigner", "Writer"]

trail = Trail(__name__)

_PATIENCE_SECONDS: Final = 120.0
_PORTION: Final = 64
_IN_FLIGHT: Final = 512
_FLIGHT_BYTES: Final = 8 << 20
_TRIES: Final = 5
_GAS_MARGIN_PERCENT: Final = 20


class Writer:
    """Sends actions as one signer, in order, many in flight.

    `patience` is how many seconds it waits for a block, or for a node that is away, before it gives up.
    """

    def __init__(
        self,
        rpc: Rpc,
        chain_id: int,
        signer: TransactionSigner,
        journal: Journal,
        *,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        self._rpc = rpc
        self._chain_id = chain_id
        self._signer = signer
        self._journal = journal
        self._patience = patience

    @property
    def sender(self) -> str:
        """0x address that signs."""
        return self._signer.address

    def resume(self) -> int:
        """Bring to an end what an earlier run left on its way; how much of it was mined. Unavailable without blocks."""
        flight, mined = self._flight(), 0
        flight.begin(self._journal.pending(self.sender))
        while len(flight):
            mined += sum(isinstance(end, Receipt) for end in flight.wait().values())
        return mined

    def send(self, action: Action) -> Receipt:
        """Do one action and wait for its block. Refused with the contract's error in words."""
        return self.send_all([action])[0]

    def send_all(self, actions: Iterable[Action], on_done: Callable[[Receipt], None] | None = None) -> list[Receipt]:
        """Do the actions in order and return their receipts, in order; `on_done` is told of each. See `stream`."""
        receipts: list[Receipt] = []
        for receipt in self.stream(actions):
            receipts.append(receipt)
            if on_done is not None:
                on_done(receipt)
        return receipts

    def stream(self, actions: Iterable[Action]) -> Iterator[Receipt]:
        """Do the actions in order and give their receipts in the same order, as their blocks come.

        Up to 512 are in flight at once, and of large ones 8 MB. An action whose key was mined before is not sent
        again: its receipt is given. The first refusal ends it with Refused once those in flight have ended. Actions
        without `gas` are estimated 64 at a time, once all before those are mined; within 64 they must not need one
        another.
        """
        self.resume()
        return _Stream(self, self._flight()).run(actions)

    def sign(self, actions: Sequence[Action], least: int) -> list[Intent]:
        """Sign with the next free nonces, none below `least`, and write down; nothing is sent."""
        nonce = max(count_of(self._rpc, self.sender, "pending"), least)
        intents = [self._intent(action, nonce + i) for i, action in enumerate(actions)]
        self._journal.record(intents)
        return intents

    def done_before(self, actions: Mapping[str, Action]) -> dict[str, Receipt]:
        """Receipts of actions that the journal knows as mined; one that the chain has lost since is sent again."""
        ended = [intent for key in actions if (intent := self._journal.ended(key)) is not None]
        for intent in ended:
            if (intent.sender, intent.payload) != (self.sender, actions[intent.key].payload):
                raise Refused(
                    f"{actions[intent.key].what}: this name was given to another request before ({intent.what})",
                    reason="KeyUsed",
                    remedy="Give a new request a new name.",
                )
        ends = self._flight().finish(ended)
        return {key: end for key, end in ends.items() if isinstance(end, Receipt)}

    def why(self, action: Action, end: str) -> Refused:
        """Why it was not done: what the contract says to it now, or how it ended."""
        try:
            self._rpc.request("eth_call", self._request_of(action), "latest")
        except RpcError as error:
            return refusal(action.what, error.data, error.reply)
        return Refused(f"{action.what}: {end}", remedy="Try it again.")

    def _flight(self) -> Flight:
        return Flight(self._rpc, self._chain_id, self._signer, self._journal, patience=self._patience)

    def _intent(self, action: Action, nonce: int) -> Intent:
        to = to_checksum_address(action.to) if action.to else ""
        gas = action.gas or self._estimate(action)
        raw, hash_ = signed(self._signer, self._chain_id, nonce, to, action.data, gas)
        return Intent(action.key, action.what, self.sender, nonce, action.payload, raw, hash_)

    def _estimate(self, action: Action) -> int:
        try:
            gas = int(self._rpc.request("eth_estimateGas", self._request_of(action)), 16)
        except RpcError as error:
            refused = refusal(action.what, error.data, error.reply)
            trail.warning("call_refused", what=action.what, sender=self.sender, reason=refused.reason or error.reply)
            raise refused from error
        return gas + gas * _GAS_MARGIN_PERCENT // 100

    def _request_of(self, action: Action) -> dict[str, str]:
        request = {"from": self.sender, "data": action.data}
        return {**request, "to": action.to} if action.to else request


class _Stream:
    """One call of `Writer.stream`: what is on its way, and what ended before its turn to be given back."""

    def __init__(self, writer: Writer, flight: Flight) -> None:
        self._writer = writer
        self._flight = flight
        self._turns: deque[str] = deque()
        self._wanted: dict[str, Action] = {}
        self._done: dict[str, Receipt] = {}
        self._tries: Counter[str] = Counter()
        self._next = 0

    def run(self, actions: Iterable[Action]) -> Iterator[Receipt]:
        for some in _portions(actions):
            while not self._has_room(some):
                self._wait()
                yield from self._given()
            self._begin(some)
            yield from self._given()
        while self._turns:
            self._wait()
            yield from self._given()

    def _has_room(self, actions: Sequence[Action]) -> bool:
        if not len(self._flight):
            return True
        estimated = not all(action.gas for action in actions)
        return not estimated and len(self._flight) + len(actions) <= _IN_FLIGHT and self._flight.size < _FLIGHT_BYTES

    def _begin(self, actions: Sequence[Action]) -> None:
        new = dict[str, Action]()
        for action in actions:
            known = self._wanted.get(action.key) or new.setdefault(action.key, action)
            if known.payload != action.payload:
                self._land()
                raise Refused(f"{action.what}: two different requests have the same name", reason="KeyUsed")
        before = self._writer.done_before(new)
        self._send([action for key, action in new.items() if key not in before])
        self._wanted |= new
        self._done |= before
        self._turns.extend(action.key for action in actions)

    def _send(self, actions: Sequence[Action]) -> None:
        if actions:
            intents = self._writer.sign(actions, self._next if len(self._flight) else 0)
            self._next = intents[-1].nonce + 1
            self._flight.begin(intents, fresh=True, facts={action.key: action.facts for action in actions})

    def _wait(self) -> None:
        """Wait until something ends. What lost its nonce is signed anew."""
        lost = list[Action]()
        for key, end in self._flight.wait().items():
            action = self._wanted[key]
            if isinstance(end, Receipt):
                self._done[key] = end
            elif end == LOST:
                lost.append(action)
            else:
                self._land()
                raise self._writer.why(action, end)
        self._tries.update(action.key for action in lost)
        if any(self._tries[action.key] >= _TRIES for action in lost):
            raise Unavailable(
                f"others use up the nonces of {self._writer.sender}",
                remedy="Let one process at a time sign with this key.",
            )
        self._send(lost)

    def _land(self) -> None:
        """Wait for the end of what is on its way, however it ends."""
        while len(self._flight):
            self._flight.wait()

    def _given(self) -> Iterator[Receipt]:
        """Receipts whose turn has come. A key that comes again later is found in the journal."""
        while self._turns and self._turns[0] in self._done:
            key = self._turns.popleft()
            yield self._done[key]
            if key not in self._turns:
                del self._done[key], self._wanted[key]
                self._tries.pop(key, None)


def _portions(actions: Iterable[Action]) -> Iterator[list[Action]]:
    left = iter(actions)
    while some := list(islice(left, _PORTION)):
        yield some
