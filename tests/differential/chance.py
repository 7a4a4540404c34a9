"""Draws that the choosers share, from any `random.Random`: the seeded one of long runs or Hypothesis' own."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from gecchain.chain.deploying import Role
from gecchain.rules import AccountKind
from tests.differential.known import Known
from tests.differential.people import ACCOUNTS, KEYS, NOBODY, STAFF

__all__ = ["Chance"]

T = TypeVar("T")
_RIGHT = 0.85


@dataclass(frozen=True, slots=True)
class Chance:
    """What is likely right, and now and then wrong."""

    random: Random
    known: Known

    def one_in(self, count: int) -> bool:
        return self.random.randrange(count) == 0

    def pick(self, things: Sequence[T]) -> T:
        return things[self.random.randrange(len(things))]

    def integer(self, low: int, high: int) -> int:
        """Both ends included."""
        return self.random.randrange(low, high + 1)

    def word(self) -> bytes:
        return self.random.randrange(1 << 256).to_bytes(32, "big")

    def staff(self, role: Role) -> str:
        """A key with the role, or any."""
        return self.pick(STAFF[role]) if self.random.random() < _RIGHT else self.pick(KEYS)

    def operator(self, account: str) -> str:
        """The key that acts for an account now, or any."""
        found = self.known.actor(account)
        return found if found != NOBODY and self.random.random() < _RIGHT else self.pick(KEYS)

    def account(self) -> str:
        """An account that exists, or any identity."""
        known = self.known.state.accounts
        if known and not self.one_in(8):
            return self.pick(list(known))
        return NOBODY if self.one_in(4) else self.pick(ACCOUNTS)

    def kin(self, kind: AccountKind) -> str:
        """An account of a kind, or any."""
        known = [address for address, account in self.known.state.accounts.items() if account.kind == kind]
        return self.pick(known) if known and not self.one_in(8) else self.account()

    def basis(self) -> bytes:
        """A hash of some document, seldom none."""
        return bytes(32) if self.one_in(25) else self.word()

    def reason(self) -> str:
        """Why, seldom nothing."""
        return "" if self.one_in(25) else self.text(self.integer(1, 30))

    def fresh(self) -> str:
        """An identity without an account while there is one, or any."""
        return self.fresh_ones(1)[0]

    def fresh_ones(self, count: int) -> list[str]:
        """So many identities, mostly different ones without an account."""
        new = [account for account in ACCOUNTS if account not in self.known.state.accounts]
        chosen = self.random.sample(new, min(count, len(new)))
        chosen += [self.pick(ACCOUNTS) for _ in range(count - len(chosen))]
        if self.one_in(6):
            chosen[-1] = NOBODY if self.one_in(3) else self.pick(ACCOUNTS)
        return chosen

    def text(self, length: int) -> str:
        """So many bytes of text, Chinese where they suffice."""
        return "绿" * (length // 3) + "g" * (length % 3)
