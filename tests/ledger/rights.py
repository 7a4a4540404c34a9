"""Random rights: who acts for an account, what turned to CCER, what was closed, declared and told."""

from dataclasses import dataclass, field

from gecchain.events import (
    AccountClosed,
    AccountFrozen,
    CcerChosen,
    CcerLinkageSet,
    CcerRegistered,
    DeclarationChecked,
    Declared,
    ExpiryNear,
    ItemRefused,
    MandateFiled,
    MandateRevoked,
    OperatorChanged,
    Relayed,
)
from gecchain.rules import Month, expires_at
from tests.ledger.pieces import Pieces, word

ACCOUNTS = tuple("0x" + f"{number:02x}" * 20 for number in (1, 2, 3))
LEAVER, AGENT = "0x" + "04" * 20, "0x" + "0a" * 20
NOBODY = "0x" + "00" * 20


@dataclass
class Rights(Pieces):
    """Accounts and their agents; declarations on their way."""

    operators: dict[str, str] = field(default_factory=dict)
    frozen: dict[str, bool] = field(default_factory=dict)
    mandates: dict[str, tuple[int, int]] = field(default_factory=dict)
    warned: set[int] = field(default_factory=set)
    declared: dict[str, int] = field(default_factory=dict)

    def account(self, which: int, low: int, high: int) -> None:
        address = (*ACCOUNTS, AGENT)[which % 4]
        if low % 2:
            self.frozen[address] = bool(high % 2)
            self.log(AccountFrozen(address, bool(high % 2), "case"))
        else:
            self.operators[address] = f"0x{high:040x}"
            self.log(OperatorChanged(address, f"0x{high:040x}"))

    def mandate(self, which: int, low: int, high: int) -> None:
        """A new mandate, or the end of the one that stands."""
        principal = ACCOUNTS[which % 3]
        if self.now < self.mandates.get(principal, (0, 0))[1]:
            del self.mandates[principal]
            self.log(MandateRevoked(principal, AGENT))
        else:
            begins, until = self.now + low - 15, self.now + 1 + low + high % 10
            self.mandates[principal] = begins, until
            self.log(MandateFiled(principal, AGENT, begins, until, word(high)))

    def acting(self, address: str, now: int) -> str:
        """Who acts for an account, by the rule in words."""
        if self.frozen.get(address) or address in self.closed:
            return NOBODY
        begins, until = self.mandates.get(address, (0, 0))
        if not begins <= now < until:
            return self.operators.get(address, address)
        return NOBODY if self.frozen.get(AGENT) else self.operators.get(AGENT, AGENT)

    def turn(self, project: int, which: int, low: int, high: int) -> None:
        """To CCER and back, a registration, or the end of the choice."""
        if low % 5 == 4:
            self.log(CcerLinkageSet(0 if high % 2 else self.now + 5 * high))
        elif project in self.ccer and high % 2:
            first, last = 1500 + which % 6, 1500 + which % 6 + 1 + low % 2
            if not any((project, month) in self.registered for month in range(first, last)):
                self.registered.update((project, month) for month in range(first, last))
                self.log(CcerRegistered(project, first, last, f"CCER-{self.count('other')}"))
        elif project in self.ccer:
            self.ccer.remove(project)
            self.log(CcerChosen(project, False))
        elif all(not isinstance(at.event, CcerLinkageSet) for at in self.recorded):
            self.ccer.add(project)
            self.log(CcerChosen(project, True))

    def leave(self, which: int, low: int, high: int) -> None:
        """Closes an account, warns of an end, refuses an item, or tells what became of a signed request."""
        month = 1500 + which % 6
        near = 1502 <= month <= 1504
        if low % 3 == 0 and LEAVER not in self.closed:
            self.closed.add(LEAVER)
            self.log(AccountClosed(LEAVER, "注销"))
        elif low % 3 == 1 and near and month not in self.warned:
            self.warned.add(month)
            self.log(ExpiryNear(month, expires_at(Month(month))))
        elif high % 2:
            self.log(ItemRefused(high, "0x08c379a0"))
        else:
            self.relay(ACCOUNTS[which % 3], bool(high % 4))

    def relay(self, signer: str, refused: bool) -> None:
        reason = f"0x08c379a0{self.count('other'):064x}" if refused else "0x"
        self.log(Relayed(word(0x2E1A << 32 | self.count("other")), signer, "0x" + "0c" * 20, not refused, reason))

    def declare(self, project: int, month: int, high: int) -> str:
        """Declares a reading and lets it pass, or be sent back at, the first check; its id once it passed."""
        number = word(0xD0 + self.count("other"))
        leaf = project << 208 | 1_000_000 * (high % 9) << 136 | high
        caller = self.owners[project]
        self.log(Declared(number, month, caller, leaf, word(high), caller))
        for passed in (False, True)[high % 2 :]:
            self.log(DeclarationChecked(number, passed, AGENT, "" if passed else "补材料"))
            if not passed:
                self.log(Declared(number, month, caller, leaf, word(high), caller))
        self.declared[number] = 2
        return number
