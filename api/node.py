"""Asking the chain itself, so that nobody has to trust our store: what it answers is shown beside ours.

The node is never needed. One that did not answer is left alone for a while, so that a page does not wait for it.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from eth_abi.abi import encode

from gecchain.chain.deployment import Deployment
from gecchain.chain.reader import Reader
from gecchain.chain.rpc import Rpc
from gecchain.chain.views import View
from gecchain.errors import GecError, NotFound
from gecchain.proofs import keccak256
from gecchain.trail import Trail

__all__ = ["ChainWord", "Node"]

trail = Trail(__name__)

T = TypeVar("T")
TIMEOUT_SECONDS: Final = 2.0
REST_SECONDS: Final = 10.0
_HAS_ROLE: Final = "0x" + keccak256(b"hasRole(uint64,address)")[:4].hex()
_WORD: Final = "0x" + "00" * 32


@dataclass(frozen=True, slots=True)
class ChainWord:
    """What the contract says of a certificate hash: genuine or not, its own hash, the state's number, and the head."""

    genuine: bool
    hash: str
    state: int
    traded: bool
    head: int


class Node:
    """A node that may be there. Every question is answered with None where it is not."""

    def __init__(self, url: str | None, deployment: Deployment) -> None:
        self._reader = Reader(Rpc(url, timeout=TIMEOUT_SECONDS), deployment) if url else None
        self._lock = threading.Lock()
        self._rests_until = 0.0
        self._right_chain = False

    @property
    def configured(self) -> bool:
        """Whether there is an address to ask at all."""
        return self._reader is not None

    def head(self) -> int | None:
        """The chain's newest block, or None."""
        return self._ask(lambda reader: reader.head())

    def verify(self, certificate: bytes) -> ChainWord | None:
        """The contract's own answer for a certificate hash (32 bytes), or None."""
        return self._ask(lambda reader: _word(reader, certificate))

    def has_role(self, role: int, key: str) -> bool | None:
        """Whether a key has a role in the AccessManager, or None."""
        return self._ask(lambda reader: _has_role(reader, role, key))

    def objects(self, request: tuple[Any, ...], signature: bytes) -> bool:
        """Whether the Relay would pass a request over now, for its signature or anything else; so if nobody answers."""
        view = View("relay", "objectionTo", (request, signature))
        return self._ask(lambda reader: int(reader.view(view)[0])) != 0

    def close(self) -> None:
        """Gives the connection back."""
        if self._reader is not None:
            self._reader.close()

    def _ask(self, question: Callable[[Reader], T]) -> T | None:
        reader = self._reader
        if reader is None or time.monotonic() < self._rests_until:
            return None
        try:
            self._require_chain(reader)
            return question(reader)
        except GecError as error:
            trail.warning("node_away", why=str(error))
            with self._lock:
                self._rests_until = time.monotonic() + REST_SECONDS
            return None

    def _require_chain(self, reader: Reader) -> None:
        if not self._right_chain:
            reader.require_chain()
            self._right_chain = True


def _has_role(reader: Reader, role: int, key: str) -> bool:
    data = _HAS_ROLE + encode(["uint64", "address"], [role, key]).hex()
    answer = reader.rpc.request("eth_call", {"to": reader.deployment.access_manager, "data": data}, "latest")
    return len(answer) >= len(_WORD) and int(answer[: len(_WORD)], 16) == 1


def _word(reader: Reader, certificate: bytes) -> ChainWord:
    """The head is asked last: it is never older than the block that the contract answered of."""
    try:
        genuine, facts = reader.verify(certificate)
    except NotFound:
        return ChainWord(False, "", 0, False, reader.head())
    if facts is None:
        return ChainWord(genuine, "", 0, False, reader.head())
    return ChainWord(genuine, facts.hash, facts.state, facts.traded, reader.head())
