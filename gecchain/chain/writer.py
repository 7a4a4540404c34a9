"""Sends signed transactions exactly once.

Each transaction is signed and written to the journal before it leaves; after a crash the very same bytes are sent
again, and the nonce lets the chain take them once. Nothing here decides what to send.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, Self

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from gecchain.chain.contracts import calldata, refusal
from gecchain.chain.rpc import Call, Rpc, RpcError
from gecchain.errors import Refused, Unavailable
from gecchain.intents import Intent

__all__ = ["Action", "Journal", "Receipt", "TransactionSigner", "Writer"]

_POLL_SECONDS: Final = 0.05
_RESEND_SECONDS: Final = 5.0
_GIVE_UP_SECONDS: Final = 120.0
_WINDOW: Final = 64
_KNOWN: Final = ("already known", "already imported", "nonce too low", "known transaction")
_GAS_MARGIN_PERCENT: Final = 20


class TransactionSigner(Protocol):
    """Signs for one address; see gecchain.signer."""

    @property
    def address(self) -> str:
        """0x address."""
        ...

    def sign(self, transaction: Mapping[str, Any]) -> tuple[str, str]:
        """`(raw, hash)`, both 0x hex."""
        ...


@dataclass(frozen=True, slots=True)
class Action:
    """A call to make. `what` says it in words, for errors and progress.

    `to` is a 0x address, or empty to create a contract; `data` 0x hex; `gas` 0 to let the node estimate, which also
    finds a refusal before anything is sent. An action with a `key` that was mined before is not done again; without
    one it gets a key that nobody has.
    """

    what: str
    to: str
    data: str
    gas: int = 0
    key: str = field(default_factory=lambda: secrets.token_hex(16))

    @classmethod
    def call(cls, what: str, name: str, to: str, function: str, args: Sequence[Any], **options: Any) -> Self:
        """The action that calls a function of a compiled contract at `to`; `options` are `gas` and `key`."""
        return cls(what, to, calldata(name, function, args), **options)

    @property
    def payload(self) -> str:
        """Hash of what is called with what, 0x hex."""
        return "0x" + keccak(text=f"{self.to.lower()}:{self.data}").hex()


class Journal(Protocol):
    """Where intents are kept; `record` must be durable when it returns."""

    def record(self, intents: Sequence[Intent]) -> None:
        """Keep intents before they are sent."""
        ...

    def settle(self, key: str, status: str) -> None:
        """Note how an intent ended: `mined`, `refused` or `lost`."""
        ...

    def pending(self, sender: str) -> Sequence[Intent]:
        """Intents of a sender that have not ended, by nonce."""
        ...

    def ended(self, key: str) -> Intent | None:
        """The mined intent of an action, if there is one."""
        ...


@dataclass(frozen=True, slots=True)
class Receipt:
    """A mined transaction: block number, gas, contract created (0x address or empty), logs as the node gave them."""

    key: str
    transaction: str
    block: int
    gas: int
    created: str
    logs: Sequence[Mapping[str, Any]]


class Writer:
    """Sends actions as one signer, in order, many in flight."""

    def __init__(self, rpc: Rpc, chain_id: int, signer: TransactionSigner, journal: Journal) -> None:
        self._rpc = rpc
        self._chain_id = chain_id
        self._signer = signer
        self._journal = journal

    @property
    def sender(self) -> str:
        """0x address that signs."""
        return self._signer.address

    def resume(self) -> list[Receipt]:
        """Bring to an end what an earlier run left on its way."""
        pending = self._journal.pending(self.sender)
        return [receipt for receipt in self._finish(list(pending)) if receipt is not None]

    def send(self, action: Action) -> Receipt:
        """Do one action and wait for its block. Refused with the contract's error in words."""
        return self.send_all([action])[0]

    def send_all(self, actions: Iterable[Action], on_done: Callable[[Receipt], None] | None = None) -> list[Receipt]:
        """Do the actions in order and return their receipts; up to 64 are in flight at once.

        An action whose key was mined before is not sent again: its receipt is returned. The first refusal ends the
        call with Refused once those in flight have ended.
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
        found = self._done_before(actions)
        fresh = self._sign([action for action in actions if action.key not in found])
        self._journal.record(fresh)
        self._broadcast(fresh)
        for intent, receipt in zip(fresh, self._finish(fresh), strict=True):
            if receipt is not None:
                found[intent.key] = receipt
        for action in actions:
            if action.key not in found:
                raise self._why(action)
        return [found[action.key] for action in actions]

    def _done_before(self, actions: Sequence[Action]) -> dict[str, Receipt]:
        """Receipts of actions that the journal knows as mined and the chain still has."""
        ended = [intent for action in actions if (intent := self._journal.ended(action.key)) is not None]
        answers = self._rpc.batch([Call("eth_getTransactionReceipt", [intent.transaction]) for intent in ended])
        return {
            intent.key: _receipt(intent, answer)
            for intent, answer in zip(ended, answers, strict=True)
            if isinstance(answer, dict)
        }

    def _sign(self, actions: Sequence[Action]) -> list[Intent]:
        if not actions:
            return []
        nonce = int(self._rpc.request("eth_getTransactionCount", self.sender, "pending"), 16)
        return [self._intent(action, nonce + i) for i, action in enumerate(actions)]

    def _intent(self, action: Action, nonce: int) -> Intent:
        transaction: dict[str, Any] = {
            "chainId": self._chain_id,
            "nonce": nonce,
            "gas": action.gas or self._estimate(action),
            "gasPrice": 0,
            "value": 0,
            "data": action.data,
            "to": to_checksum_address(action.to) if action.to else "",
        }
        raw, hash_ = self._signer.sign(transaction)
        return Intent(action.key, action.what, self.sender, nonce, action.payload, raw, hash_)

    def _estimate(self, action: Action) -> int:
        try:
            gas = int(self._rpc.request("eth_estimateGas", self._request_of(action)), 16)
        except RpcError as error:
            raise refusal(action.what, error.data, error.reply) from error
        return gas + gas * _GAS_MARGIN_PERCENT // 100

    def _request_of(self, action: Action) -> dict[str, str]:
        request = {"from": self.sender, "data": action.data}
        return {**request, "to": action.to} if action.to else request

    def _why(self, action: Action) -> Refused:
        try:
            self._rpc.request("eth_call", self._request_of(action), "latest")
        except RpcError as error:
            return refusal(action.what, error.data, error.reply)
        return Refused(f"{action.what} was refused when it was mined", remedy="Try it again.")

    def _broadcast(self, intents: Sequence[Intent]) -> None:
        """Send, and take it for sent when the node knows it already; its fate shows in the receipts."""
        results = self._rpc.batch([Call("eth_sendRawTransaction", [intent.raw]) for intent in intents])
        for intent, result in zip(intents, results, strict=True):
            if isinstance(result, RpcError) and not _is_known(result):
                raise Refused(f"{intent.what}: the node did not take the transaction: {result.reply}") from result

    def _finish(self, intents: Sequence[Intent]) -> list[Receipt | None]:
        """Receipts in order, None where the transaction failed or its nonce went to another."""
        found: dict[str, Receipt | None] = {}
        started = resent = time.monotonic()
        while open_ := [intent for intent in intents if intent.key not in found]:
            self._collect(open_, found)
            if len(found) == len({intent.key for intent in intents}):
                break
            now = time.monotonic()
            if now - started > _GIVE_UP_SECONDS:
                raise Unavailable(
                    f"{len(open_)} transactions were not mined within {_GIVE_UP_SECONDS:.0f} s",
                    remedy="Run it again when the chain makes blocks: it goes on where it stopped.",
                )
            if now - resent > _RESEND_SECONDS or resent == started:
                self._resend([intent for intent in open_ if intent.key not in found], found)
                resent = now
            time.sleep(_POLL_SECONDS)
        return [found[intent.key] for intent in intents]

    def _collect(self, intents: Sequence[Intent], found: dict[str, Receipt | None]) -> None:
        answers = self._rpc.batch([Call("eth_getTransactionReceipt", [intent.transaction]) for intent in intents])
        for intent, answer in zip(intents, answers, strict=True):
            if isinstance(answer, RpcError):
                raise Unavailable(f"the node did not give a receipt: {answer.reply}") from answer
            if answer is not None:
                mined = int(answer["status"], 16) == 1
                self._journal.settle(intent.key, "mined" if mined else "refused")
                found[intent.key] = _receipt(intent, answer) if mined else None

    def _resend(self, intents: Sequence[Intent], found: dict[str, Receipt | None]) -> None:
        """Send again what the node has forgotten; an intent whose nonce another transaction took is lost."""
        used = int(self._rpc.request("eth_getTransactionCount", self.sender, "latest"), 16)
        known = self._rpc.batch([Call("eth_getTransactionByHash", [intent.transaction]) for intent in intents])
        for intent, answer in zip(intents, known, strict=True):
            if answer is None and intent.nonce < used:
                self._journal.settle(intent.key, "lost")
                found[intent.key] = None
        self._broadcast([i for i, answer in zip(intents, known, strict=True) if answer is None and i.key not in found])


def _windows(actions: Iterable[Action]) -> Iterable[list[Action]]:
    window: list[Action] = []
    for action in actions:
        window.append(action)
        if len(window) == _WINDOW:
            yield window
            window = []
    if window:
        yield window


def _is_known(error: RpcError) -> bool:
    return any(
        word in error.reply.lower()
        for word in ("already known", "already imported", "nonce too low", "known transaction")
    )


def _receipt(intent: Intent, answer: Mapping[str, Any]) -> Receipt:
    return Receipt(
        key=intent.key,
        transaction=intent.transaction,
        block=int(answer["blockNumber"], 16),
        gas=int(answer["gasUsed"], 16),
        created=answer.get("contractAddress") or "",
        logs=answer["logs"],
    )
