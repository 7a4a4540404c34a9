"""What is to be sent and what became of it: the words that writer, journal and signer share."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from eth_utils.crypto import keccak

from gecchain.chain.contracts import calldata
from gecchain.intents import Intent

__all__ = ["Action", "Journal", "Receipt", "TransactionSigner"]


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
    one it gets a key that nobody has. `facts` are told along with whatever happens to it.
    """

    what: str
    to: str
    data: str
    gas: int = 0
    key: str = field(default_factory=lambda: secrets.token_hex(16))
    facts: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @classmethod
    def call(cls, what: str, name: str, to: str, function: str, args: Sequence[Any], **options: Any) -> Self:
        """The action that calls a function of a compiled contract at `to`; `options` are `gas`, `key`, `facts`."""
        return cls(what, to, calldata(name, function, args), **options)

    @property
    def payload(self) -> str:
        """Hash of what is called with what, 0x hex."""
        return "0x" + keccak(text=f"{self.to.lower()}:{self.data}").hex()


class Journal(Protocol):
    """Where intents are kept; `record` must be durable when it returns."""

    def record(self, intents: Sequence[Intent]) -> None:
        """Keep intents before they are sent. Refused when one of their keys is on its way already."""
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

    @classmethod
    def of(cls, intent: Intent, answer: Mapping[str, Any]) -> Self:
        """From the node's own receipt."""
        return cls(
            key=intent.key,
            transaction=intent.transaction,
            block=int(answer["blockNumber"], 16),
            gas=int(answer["gasUsed"], 16),
            created=answer.get("contractAddress") or "",
            logs=answer["logs"],
        )
