"""A small registry for the tests of the questions: one of everybody and one of each kind of plant, on the contracts.

Calls read as sentences: `world.done(OWNER.key, "Market.list", …)` must go through, `world.refused(…)` must not and
gives the name of the refusal. The contracts run in an EVM of this process.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from eth_account import Account
from eth_account.messages import encode_typed_data

from gecchain.chain.deploying import Role
from gecchain.chain.views import Facts, View, answer_of
from gecchain.events import Event, ItemRefused, Recorded
from gecchain.ledger import State, apply, settle
from gecchain.rules import (
    AccountKind,
    CertificateState,
    Electricity,
    Month,
)
from tests.differential.chain import CHAIN_ID, Chain, Done, Refusal, errors_of
from tests.differential.operations import Call, Opened, Papers
from tests.differential.trees import PlainTree
from tests.questions.cast import (
    AGENT,
    BASIS,
    BUYER,
    CERTIFICATE,
    CLAIM,
    FILINGS,
    KEYS,
    NOW,
    OTHER_BUYER,
    OWNER,
    PLATFORM_A,
    PLATFORM_B,
    PROVINCE,
    SEPTEMBER,
    SOUTH,
    STORAGE,
    WIND,
    Deal,
    Party,
    batch,
    reading,
)

__all__ = ["Holding", "World", "only", "skipped"]

_CERTIFICATES: Final = 100


class Holding(NamedTuple):
    """A segment as the contract has it."""

    start: int
    end: int
    owner: str
    state: CertificateState
    traded: bool


_DEAL_TYPE: Final = {
    "Deal": [
        {"name": name, "type": kind}
        for name, kind in (
            ("seller", "address"),
            ("buyer", "address"),
            ("project", "uint48"),
            ("batch", "uint64"),
            ("start", "uint32"),
            ("end", "uint32"),
            ("quantity", "uint32"),
            ("price", "uint64"),
            ("platform", "address"),
            ("paidOnPlatform", "bool"),
            ("expires", "uint64"),
            ("nonce", "uint256"),
        )
    ]
}


def _members() -> dict[Role, tuple[str, ...]]:
    return {role: (address,) for role, address in KEYS.items()} | {Role.PROVINCE: (PROVINCE.key, SOUTH.key)}


@dataclass(slots=True)
class World:
    """The registry in October 2026. Everybody has an account, every plant is filed, and September is issued for all of
    them but storage: 100 certificates each, and 20 of what the wind farm used itself.
    """

    chain: Chain = field(default_factory=lambda: Chain(_members(), NOW))
    log: list[Recorded] = field(default_factory=list)
    calls: int = 0

    def __post_init__(self) -> None:
        self._open()
        self.file(*FILINGS)
        wh = _CERTIFICATES * CERTIFICATE
        plants = [reading(filing.project, wh) for filing in FILINGS if filing.project != STORAGE]
        self.issue(SEPTEMBER, *plants, reading(WIND, 20 * CERTIFICATE, Electricity.SELF_USE))

    # Calls

    def send(self, caller: str, call: str, *args: Any) -> Done | Refusal:
        """One call, named as `Contract.function`."""
        contract, function = call.split(".")
        found = self.chain.send(Call(caller, contract, function, args))
        self.calls += 1
        if isinstance(found, Done):
            at = (self.calls, f"0x{self.calls:064x}", f"0x{self.calls:064x}", self.chain.time)
            self.log += [Recorded(at[0], index, *at[1:], event) for index, event in enumerate(found.events)]
        return found

    def done(self, caller: str | Role, call: str, *args: Any) -> Done:
        """A call that must go through."""
        found = self.send(KEYS[caller] if isinstance(caller, Role) else caller, call, *args)
        assert isinstance(found, Done), f"{call} was refused: {found}"
        return found

    def refused(self, caller: str | Role, call: str, *args: Any) -> str:
        """A call that must not go through: the name of the refusal."""
        found = self.send(KEYS[caller] if isinstance(caller, Role) else caller, call, *args)
        assert isinstance(found, Refusal), f"{call} went through"
        return found.name

    def ask(self, call: str, *args: int | str) -> Any:
        """A view's first value."""
        contract, function = call.split(".")
        data = self.chain.ask(contract, function, *args)
        view: Any = View(contract.lower(), function, args)  # type: ignore[arg-type]
        return answer_of(view, data)[0]

    @property
    def gas(self) -> int:
        """Gas that the last call used."""
        result = self.chain._evm.result
        assert result is not None
        return int(result.gas_used)

    # Time

    def go_to(self, unix_seconds: int) -> None:
        """Let it be that moment."""
        self.chain.wait(unix_seconds - self.chain.time)

    # Filing and issuing

    def _open(self) -> None:
        institutions = [
            Opened(PROVINCE.account, AccountKind.PROVINCE.value, 15, PROVINCE.key, "province 15"),
            Opened(SOUTH.account, AccountKind.PROVINCE.value, 44, SOUTH.key, "province 44"),
            Opened(PLATFORM_A.account, AccountKind.PLATFORM.value, 0, PLATFORM_A.key, "platform A"),
            Opened(PLATFORM_B.account, AccountKind.PLATFORM.value, 0, PLATFORM_B.key, "platform B"),
            Opened(AGENT.account, AccountKind.AGENT.value, 0, AGENT.key, "agent"),
        ]
        self.done(Role.AUTHORITY, "Registry.openInstitutions", institutions)
        self.open_buyer(BUYER, province=44)
        self.open_buyer(OTHER_BUYER, name="")

    def open_buyer(self, who: Party, province: int = 0, name: str = "buyer") -> None:
        """A buyer's account; a natural person's has no name."""
        opening = Opened(who.account, AccountKind.BUYER.value, province, who.key, name)
        self.done(Role.REGISTRAR, "Registry.openBuyers", [opening])

    def file(self, *filings: Papers) -> None:
        """Submitted, and approved by province 15."""
        self.done(Role.REGISTRAR, "Registry.submit", filings)
        self.done(PROVINCE.key, "Registry.review", filings, True, "")

    def commit(self, month: Month, *leaves: int, replaces: int = 0) -> int:
        """The provider commits readings; the commitment's number."""
        total = sum(leaf >> 136 & (1 << 64) - 1 for leaf in leaves)
        root = PlainTree.over(leaves).root
        found = self.done(Role.PROVIDER, "Readings.commit", month.index, root, len(leaves), total, BASIS, replaces)
        return int.from_bytes(found.answer, "big")

    def issue(self, month: Month, *leaves: int) -> Done:
        """Readings committed and issued, at most 256."""
        number = self.commit(month, *leaves)
        return self.done(Role.AUTHORITY, "Certificates.issue", number, 0, leaves, [])

    # Trading and retiring

    def sell(self, start: int, end: int, buyer: Party = BUYER, of: int = 0) -> Done:
        """Listed and taken, by default of September's wind."""
        lot = self.list(start, end, of)
        return self.done(PLATFORM_A.key, "Market.take", lot, end - start, buyer.account, PLATFORM_A.account)

    def list(self, start: int, end: int, of: int = 0, platforms: int = 1, price: int = 350) -> int:
        """The owner's lot; its number."""
        found = self.done(OWNER.key, "Market.list", of or batch(WIND), start, end, price, platforms)
        return int.from_bytes(found.answer, "big")

    def signatures(self, deal: Deal, seller: Party = OWNER, buyer: Party = BUYER) -> tuple[bytes, bytes]:
        """Both sides' EIP-712 signatures."""
        domain = {
            "name": "gecchain Market",
            "version": "1",
            "chainId": CHAIN_ID,
            "verifyingContract": self.chain.addresses["Market"],
        }
        values = dict(zip((part["name"] for part in _DEAL_TYPE["Deal"]), deal, strict=True))
        message = encode_typed_data(domain, _DEAL_TYPE, values)
        one, two = (Account.from_key(side.secret).sign_message(message).signature for side in (seller, buyer))
        return bytes(one), bytes(two)

    def retire(self, who: Party, start: int, end: int, of: int = 0) -> Done:
        """For declared consumption, by default of September's wind."""
        return self.done(who.key, "Certificates.retire", of or batch(WIND), start, end, CLAIM)

    # What is

    def at(self, serial: int, of: int = 0) -> Holding:
        """The segment of a certificate, by default of September's wind."""
        data = self.chain.ask("Certificates", "segmentAt", of or batch(WIND), serial)
        start, end, owner, state, traded = answer_of(View("certificates", "segmentAt"), data)
        return Holding(start, end, owner, CertificateState.of_number(state), traded)

    def facts(self, serial: int, of: int = 0) -> Facts:
        """Everything the chain knows of a certificate."""
        return Facts.of(self.ask("Certificates.facts", (of or batch(WIND)) << 32 | serial))

    def count(self, of: int = 0) -> int:
        """Certificates of a batch, 0 if there is none."""
        return int(self.ask("Certificates.batchOf", of or batch(WIND))[1])

    def balance(self, who: Party) -> int:
        """Certificates that an account holds."""
        return int(self.ask("Certificates.balanceOf", who.account))

    def state(self) -> State:
        """What the ledger makes of everything that was logged."""
        state = State()
        for recorded in self.log:
            apply(state, recorded)
        settle(state)
        return state


def only(found: Done, kind: type[Event]) -> Any:
    """The one event of a kind that a call logged."""
    events = [event for event in found.events if isinstance(event, kind)]
    assert len(events) == 1, events
    return events[0]


def skipped(found: Done) -> dict[int, str]:
    """Items that a call with many refused: their place and the name of the error."""
    errors = errors_of("Certificates") | errors_of("Market")
    events = [event for event in found.events if isinstance(event, ItemRefused)]
    return {event.index: errors[bytes.fromhex(event.reason[2:10])][0] for event in events}
