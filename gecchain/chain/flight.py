"""Brings signed transactions to their end: sends them, looks after them, and says how each ended.

The same bytes are sent as often as need be; their nonce lets the chain take them once. What a node says of one
transaction is believed at the second look only, since one node of several may be a moment behind.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

from gecchain.chain.actions import Journal, Receipt, TransactionSigner
from gecchain.chain.node import nudge
from gecchain.chain.rpc import Call, Rpc, RpcError
from gecchain.errors import BrokenProof, Unavailable
from gecchain.intents import Intent
from gecchain.trail import Trail

__all__ = ["LOST", "End", "Flight", "count_of", "signed"]

trail = Trail(__name__)

LOST: Final = "its nonce went to another transaction"
_POLL_SECONDS: Final = 0.05
_LOOK_SECONDS: Final = 1.0
_NUDGE_SECONDS: Final = 5.0
_MOST_GAPS: Final = 256
_GAS_OF_NOTHING: Final = 21_000
# What nodes say of a transaction, or of its nonce, that they have already: its fate shows in the receipts.
_KNOWN: Final = ("already known", "already imported", "known transaction", "nonce too low", "underpriced")

End = Receipt | str
"""How a transaction ended: its receipt, LOST, or another sentence that says why it was refused."""


def signed(signer: TransactionSigner, chain_id: int, nonce: int, to: str, data: str, gas: int) -> tuple[str, str]:
    """`(raw, hash)` of a transaction without price and value; `to` is a checksummed address, or empty to create."""
    words = {"chainId": chain_id, "nonce": nonce, "gas": gas, "gasPrice": 0, "value": 0, "data": data, "to": to}
    return signer.sign(words)


def count_of(rpc: Rpc, address: str, block: str) -> int:
    """Transactions of an address as of `latest`, or with those that wait, `pending`: the next free nonce."""
    try:
        return int(rpc.request("eth_getTransactionCount", address, block), 16)
    except RpcError as error:
        raise Unavailable(f"the node does not count transactions: {error.reply}") from error


class Flight:
    """Intents of one signer on their way. Unavailable after `patience` seconds in which none of them ended."""

    def __init__(
        self, rpc: Rpc, chain_id: int, signer: TransactionSigner, journal: Journal, intents: Sequence[Intent]
    ) -> None:
        self._rpc = rpc
        self._chain_id = chain_id
        self._signer = signer
        self._journal = journal
        self._intents = intents
        self._ended: dict[str, End] = {}
        self._odd: dict[str, float] = {}
        self._nudged = time.monotonic()
        self._nudges = 0

    def finish(self, patience: float, *, fresh: bool = False) -> dict[str, End]:
        """How each ended, by key. `fresh` intents were never sent: they are sent before anything is asked."""
        moved, looked = time.monotonic(), 0.0
        self._nudged = moved
        away = self._send_first() if fresh else None
        looked = moved if fresh and away is None else looked
        while len(self._ended) < len(self._intents):
            known, look = len(self._ended), time.monotonic() - looked >= _LOOK_SECONDS
            away = self._step(look=look)
            now = time.monotonic()
            looked = now if look else looked
            if len(self._ended) > known:
                moved = self._nudged = now
            if now - moved > patience:
                raise away or self._stuck(patience)
            if len(self._ended) < len(self._intents):
                time.sleep(_POLL_SECONDS)
        return {intent.key: self._ended[intent.key] for intent in self._intents}

    def _send_first(self) -> Unavailable | None:
        try:
            self._broadcast(self._intents)
        except Unavailable as error:
            return error
        return None

    def _step(self, *, look: bool) -> Unavailable | None:
        """Collect receipts and, now and then, look after the rest. A node that is away may come back: Unavailable."""
        try:
            self._collect()
            if look and self._open:
                self._look_after(self._open)
                self._collect()
        except Unavailable as error:
            return error
        return None

    @property
    def _open(self) -> list[Intent]:
        return [intent for intent in self._intents if intent.key not in self._ended]

    def _collect(self) -> None:
        open_ = self._open
        answers = self._batch([Call("eth_getTransactionReceipt", [intent.transaction]) for intent in open_])
        for intent, answer in zip(open_, answers, strict=True):
            if answer is not None:
                mined = int(answer["status"], 16) == 1
                self._end(intent, Receipt.of(intent, answer) if mined else "it was refused when it was mined")

    def _look_after(self, intents: Sequence[Intent]) -> None:
        """Send what the node does not know, give up what can never be mined, and close gaps before the rest."""
        used = count_of(self._rpc, self._signer.address, "latest")
        known = self._batch([Call("eth_getTransactionByHash", [intent.transaction]) for intent in intents])
        unknown = [intent for intent, answer in zip(intents, known, strict=True) if answer is None]
        for intent in unknown:
            if intent.nonce < used and self._is_long_odd(intent):
                self._end(intent, LOST)
        self._broadcast([intent for intent in unknown if intent.nonce >= used])
        if not unknown and time.monotonic() - self._nudged > _NUDGE_SECONDS:
            self._nudged, self._nudges = time.monotonic(), self._nudges + 1
            nudge(self._rpc, self._nudges)
        self._close_gap([intent.nonce for intent in self._open if intent.nonce >= used])

    def _broadcast(self, intents: Sequence[Intent]) -> None:
        """Send; what the node will not take at the second look either is refused."""
        results = self._rpc.batch([Call("eth_sendRawTransaction", [intent.raw]) for intent in intents])
        for intent in intents:
            trail.info("transaction_sent", **_told(intent))
        for intent, result in zip(intents, results, strict=True):
            if isinstance(result, RpcError) and not _is_known(result) and self._is_long_odd(intent):
                self._end(intent, f"the node did not take the transaction: {result.reply}")

    def _is_long_odd(self, intent: Intent) -> bool:
        now = time.monotonic()
        return now - self._odd.setdefault(intent.key, now) >= _LOOK_SECONDS / 2

    def _close_gap(self, nonces: Sequence[int]) -> None:
        """Fill nonces below ours that nobody uses (a node refused one, or lost blocks) with transfers of nothing."""
        if not nonces:
            return
        sender, first = self._signer.address, min(nonces)
        free = count_of(self._rpc, sender, "pending")
        if first - free > _MOST_GAPS:
            raise BrokenProof(
                f"the chain knows {free} transactions of {sender}, the journal {first}",
                where=sender,
                remedy="It is another chain than the journal's, or it began anew: use another home folder.",
            )
        nothing = (sender, "0x", _GAS_OF_NOTHING)
        gap = [signed(self._signer, self._chain_id, nonce, *nothing)[0] for nonce in range(free, first)]
        self._rpc.batch([Call("eth_sendRawTransaction", [raw]) for raw in gap])

    def _end(self, intent: Intent, end: End) -> None:
        status = "mined" if isinstance(end, Receipt) else "lost" if end == LOST else "refused"
        self._journal.settle(intent.key, status)
        self._ended[intent.key] = end
        if isinstance(end, Receipt):
            trail.info("transaction_mined", **_told(intent), block=end.block, gas=end.gas)
        else:
            trail.warning(f"transaction_{status}", **_told(intent), why=end)

    def _batch(self, calls: Sequence[Call]) -> list[Any]:
        results = self._rpc.batch(calls)
        for result in results:
            if isinstance(result, RpcError):
                raise Unavailable(f"the node does not answer: {result.reply}") from result
        return results

    def _stuck(self, patience: float) -> Unavailable:
        return Unavailable(
            f"{len(self._open)} transactions were not mined within {patience:.0f} s",
            remedy="Run it again when the chain makes blocks: it goes on where it stopped.",
        )


def _told(intent: Intent) -> dict[str, str | int]:
    return {"what": intent.what, "transaction": intent.transaction, "sender": intent.sender, "nonce": intent.nonce}


def _is_known(error: RpcError) -> bool:
    return any(word in error.reply.lower() for word in _KNOWN)
