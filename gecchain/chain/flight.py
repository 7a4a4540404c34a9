"""Brings signed transactions to their end: sends them, looks after them, and says how each ended.

The same bytes are sent as often as need be; their nonce lets the chain take them once. What a node says of one
transaction is believed at the second look only, since one node of several may be a moment behind.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from gecchain.chain.actions import Journal, Receipt, TransactionSigner
from gecchain.chain.node import nudge
from gecchain.chain.portions import portions
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
# What is asked for at once: of large transactions few, since a node gives them back whole, and receipts of thirty
# times the size.
_AT_ONCE: Final = 64
_WHOLE_BYTES: Final = 1 << 20
_RECEIPTS_BYTES: Final = 128 << 10
_MOST_GAPS: Final = 1024
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
        self, rpc: Rpc, chain_id: int, signer: TransactionSigner, journal: Journal, *, patience: float
    ) -> None:
        self._rpc = rpc
        self._chain_id = chain_id
        self._signer = signer
        self._journal = journal
        self._patience = patience
        self._open: dict[str, Intent] = {}
        self._ended: dict[str, End] = {}
        self._odd: dict[str, float] = {}
        self._facts: dict[str, Mapping[str, Any]] = {}
        self._away: Unavailable | None = None
        self._moved = self._nudged = time.monotonic()
        self._looked = 0.0
        self._nudges = 0

    def __len__(self) -> int:
        return len(self._open)

    @property
    def size(self) -> int:
        """Bytes of what is on its way."""
        return sum(len(intent.raw) for intent in self._open.values()) // 2

    def begin(
        self, intents: Iterable[Intent], *, fresh: bool = False, facts: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        """Take intents along, in the order of their nonces. `fresh` ones were never sent: they are sent now.

        `facts` are told along with what happens to each, by key.
        """
        self._facts |= facts or {}
        new = {intent.key: intent for intent in intents}
        if not self._open:
            self._moved = self._nudged = time.monotonic()
            self._looked = self._moved if fresh else 0.0
        self._open |= new
        if fresh:
            with self._tolerant():
                self._broadcast([*new.values()])

    def wait(self) -> dict[str, End]:
        """How those ended that ended since, by key: at least one, unless none is on its way."""
        while self._open and not self._ended:
            self._step()
            if not self._ended:
                self._lose_patience()
                time.sleep(_POLL_SECONDS)
        ended, self._ended = self._ended, {}
        return ended

    def finish(self, intents: Sequence[Intent]) -> dict[str, End]:
        """Take intents along that may have been sent before, and wait for the end of all."""
        ends = dict[str, End]()
        self.begin(intents)
        while self._open:
            ends |= self.wait()
        return {intent.key: ends[intent.key] for intent in intents}

    def _step(self) -> None:
        """Collect receipts and, now and then when there are none, look after all. A node that is away may come back."""
        self._away = None
        with self._tolerant():
            self._collect()
            if self._ended or time.monotonic() - self._looked < _LOOK_SECONDS:
                return
            self._looked = time.monotonic()
            self._look_after([*self._open.values()])
            self._collect(everywhere=True)

    @contextmanager
    def _tolerant(self) -> Iterator[None]:
        try:
            yield
        except Unavailable as error:
            self._away = error

    def _lose_patience(self) -> None:
        if time.monotonic() - self._moved > self._patience:
            raise self._away or self._stuck()

    def _collect(self, *, everywhere: bool = False) -> None:
        """Receipts, from the lowest nonce on, until there are some to be handed on: whoever waits takes those first.

        After some without one, those behind them have none either, unless they are looked for everywhere.
        """
        for some in _together([*self._open.values()], _RECEIPTS_BYTES):
            answers = self._batch([Call("eth_getTransactionReceipt", [intent.transaction]) for intent in some])
            for intent, answer in zip(some, answers, strict=True):
                if answer is not None:
                    mined = int(answer["status"], 16) == 1
                    self._end(intent, Receipt.of(intent, answer) if mined else "it was refused when it was mined")
            if self._ended or not everywhere:
                return

    def _look_after(self, intents: Sequence[Intent]) -> None:
        """Send what the node does not know, give up what can never be mined, and close gaps before the rest."""
        used = count_of(self._rpc, self._signer.address, "latest")
        unknown = list[Intent]()
        for some in _together(intents, _WHOLE_BYTES):
            known = self._batch([Call("eth_getTransactionByHash", [intent.transaction]) for intent in some])
            unknown += [intent for intent, answer in zip(some, known, strict=True) if answer is None]
        for intent in unknown:
            if intent.nonce < used and self._is_long_odd(intent):
                self._end(intent, LOST)
        self._broadcast([intent for intent in unknown if intent.nonce >= used])
        if not unknown and time.monotonic() - self._nudged > _NUDGE_SECONDS:
            self._nudged, self._nudges = time.monotonic(), self._nudges + 1
            nudge(self._rpc, self._nudges)
        self._close_gap([intent.nonce for intent in self._open.values() if intent.nonce >= used])

    def _broadcast(self, intents: Sequence[Intent]) -> None:
        """Send; what the node will not take at the second look either is refused."""
        results = self._rpc.batch([Call("eth_sendRawTransaction", [intent.raw]) for intent in intents])
        for intent in intents:
            trail.info("transaction_sent", **self._told(intent))
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
        del self._open[intent.key]
        self._odd.pop(intent.key, None)
        told = self._told(intent)
        self._facts.pop(intent.key, None)
        self._moved = self._nudged = time.monotonic()
        if isinstance(end, Receipt):
            trail.info("transaction_mined", **told, block=end.block, gas=end.gas)
        else:
            trail.warning(f"transaction_{status}", **told, why=end)

    def _batch(self, calls: Sequence[Call]) -> list[Any]:
        results = self._rpc.batch(calls)
        for result in results:
            if isinstance(result, RpcError):
                raise Unavailable(f"the node does not answer: {result.reply}") from result
        return results

    def _told(self, intent: Intent) -> dict[str, Any]:
        facts = {"what": intent.what, "transaction": intent.transaction, "sender": intent.sender, "nonce": intent.nonce}
        return {**self._facts.get(intent.key, {}), **facts}

    def _stuck(self) -> Unavailable:
        return Unavailable(
            f"{len(self._open)} transactions were not mined within {self._patience:.0f} s",
            remedy="Run it again when the chain makes blocks: it goes on where it stopped.",
        )


def _together(intents: Iterable[Intent], most: int) -> Iterator[list[Intent]]:
    """As many as are asked for at once, of so many bytes."""
    return portions(intents, lambda intent: len(intent.raw) // 2, most, _AT_ONCE)


def _is_known(error: RpcError) -> bool:
    return any(word in error.reply.lower() for word in _KNOWN)
