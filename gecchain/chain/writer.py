"""Sends actions as signed transactions, each exactly once.

Each transaction is signed and written to the journal before it leaves; after a crash the very same bytes are sent
again, and the nonce lets the chain take them once. Nothing here decides what to send.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from eth_utils.address import to_checksum_address

from gecchain.chain.actions import Action, Journal, Receipt, TransactionSigner
from gecchain.chain.contracts import refusal
from gecchain.chain.flight import LOST, End, Flight, count_of, signed
from gecchain.chain.rpc import Rpc, RpcError
from gecchain.errors import Refused, Unavailable
from gecchain.intents import Intent
from gecchain.trail import Trail

__all__ = ["Action", "Journal", "Receipt", "TransactionSigner", "Writer"]

trail = Trail(__name__)

_PATIENCE_SECONDS: Final = 120.0
_WINDOW: Final = 64
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

    def resume(self) -> list[Receipt]:
        """Bring to an end what an earlier run left on its way. Unavailable when no block comes."""
        pending = self._journal.pending(self.sender)
        return [end for end in self._flight(pending).finish(self._patience).values() if isinstance(end, Receipt)]

    def send(self, action: Action) -> Receipt:
        """Do one action and wait for its block. Refused with the contract's error in words."""
        return self.send_all([action])[0]

    def send_all(self, actions: Iterable[Action], on_done: Callable[[Receipt], None] | None = None) -> list[Receipt]:
        """Do the actions in order and return their receipts; up to 64 are in flight at once.

        An action whose key was mined before is not sent again: its receipt is returned. The first refusal ends the
        call with Refused once those in flight have ended. Actions without `gas` are estimated before any of their
        window is sent, so they must not need one another.
        """
        self.resume()
        receipts: list[Receipt] = []
        for window in _windows(actions):
            for receipt in self._send_window(window):
                receipts.append(receipt)
                if on_done is not None:
                    on_done(receipt)
        return receipts

    def _send_window(self, actions: Sequence[Action]) -> list[Receipt]:
        wanted = _by_key(actions)
        done = self._done_before(wanted)
        for _try in range(_TRIES):
            ends = self._attempt([action for key, action in wanted.items() if key not in done])
            done |= {key: end for key, end in ends.items() if isinstance(end, Receipt)}
            for key, end in ends.items():
                if isinstance(end, str) and end != LOST:
                    raise self._why(wanted[key], end)
            if len(done) == len(wanted):
                return [done[action.key] for action in actions]
        raise Unavailable(
            f"others use up the nonces of {self.sender}", remedy="Let one process at a time sign with this key."
        )

    def _attempt(self, actions: Sequence[Action]) -> dict[str, End]:
        """Sign, write down, send, and wait for the end of each."""
        if not actions:
            return {}
        nonce = count_of(self._rpc, self.sender, "pending")
        intents = [self._intent(action, nonce + i) for i, action in enumerate(actions)]
        self._journal.record(intents)
        return self._flight(intents).finish(self._patience, fresh=True)

    def _flight(self, intents: Sequence[Intent]) -> Flight:
        return Flight(self._rpc, self._chain_id, self._signer, self._journal, intents)

    def _done_before(self, actions: Mapping[str, Action]) -> dict[str, Receipt]:
        """Receipts of actions that the journal knows as mined; one that the chain has lost since is sent again."""
        ended = [intent for key in actions if (intent := self._journal.ended(key)) is not None]
        for intent in ended:
            if (intent.sender, intent.payload) != (self.sender, actions[intent.key].payload):
                raise Refused(
                    f"{actions[intent.key].what}: this name was given to another request before ({intent.what})",
                    reason="KeyUsed",
                    remedy="Give a new request a new name.",
                )
        ends = self._flight(ended).finish(self._patience)
        return {key: end for key, end in ends.items() if isinstance(end, Receipt)}

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

    def _why(self, action: Action, end: str) -> Refused:
        """Why it was not done: what the contract says to it now, or how it ended."""
        try:
            self._rpc.request("eth_call", self._request_of(action), "latest")
        except RpcError as error:
            return refusal(action.what, error.data, error.reply)
        return Refused(f"{action.what}: {end}", remedy="Try it again.")


def _windows(actions: Iterable[Action]) -> Iterator[list[Action]]:
    window: list[Action] = []
    for action in actions:
        window.append(action)
        if len(window) == _WINDOW:
            yield window
            window = []
    if window:
        yield window


def _by_key(actions: Sequence[Action]) -> dict[str, Action]:
    """Each key once; Refused when one key names two different actions."""
    found: dict[str, Action] = {}
    for action in actions:
        if found.setdefault(action.key, action).payload != action.payload:
            raise Refused(f"{action.what}: two different requests have the same name", reason="KeyUsed")
    return found
