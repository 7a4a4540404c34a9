"""What becomes of a certificate in each state by each call, found out by calling the contracts: docs/lifecycle.md.

The contracts run in an EVM of this process. For every state a certificate can be in, before and after the end of its
validity, every call that could touch it is made by who may make it, on a certificate of its own, and what it is
afterwards is read. `make docs` writes the page, a test compares it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from eth_abi.abi import decode

from gecchain.chain.deploying import Role
from gecchain.rules import AccountKind
from tests.differential.chain import Chain, Done, Refusal
from tests.differential.operations import Call, Claimed, Opened, Papers
from tests.differential.trees import PlainTree

__all__ = ["page"]

STATES: Final = ("none", "held", "listed", "frozen", "retired", "deducted")
NOW: Final = 1_792_022_400
"""2026-10-15, when 2026-09 can be issued."""
MONTH: Final = 1520
EXPIRES: Final = 1_853_884_800 + 60 * 86_400
"""A moment after the end of validity of 2026-09, which is 2028-09-30 24:00 in Beijing."""
PROJECT: Final = 1 << 44 | 1 << 39 | 1400 << 27 | 15 << 20 | 1
BATCH: Final = PROJECT << 16 | MONTH << 4 | 1
COUNT: Final = 1000


def _address(number: int) -> str:
    return f"0x{number:040x}"


KEYS: Final = {role: _address(0xA000 + role) for role in Role if role not in (Role.ADMIN, Role.PUBLIC)}
OWNER, OWNER_KEY, BUYER, BUYER_KEY = map(_address, (0xAC10, 0xCE10, 0xAC20, 0xCE20))
BASIS: Final = bytes(31) + b"\1"
CLAIM: Final = Claimed("who claims it", 1, MONTH, MONTH + 1, "")


@dataclass(frozen=True, slots=True)
class Condition:
    """State of a certificate, and whether its one trade is used."""

    state: str
    traded: bool

    def __str__(self) -> str:
        return f"{self.state}, traded" if self.traded else self.state


@dataclass(frozen=True, slots=True)
class Deed:
    """A call of `Certificates` on one certificate: who makes it, and its arguments after batch, start and end."""

    name: str
    role: Role | None
    rest: tuple[Any, ...] = ()

    def caller(self, traded: bool) -> str:
        if self.role is not None:
            return KEYS[self.role]
        return BUYER_KEY if traded else OWNER_KEY


DEEDS: Final = (
    Deed("list", Role.MARKET, (OWNER_KEY,)),
    Deed("unlist", Role.MARKET),
    Deed("trade", Role.MARKET, (BUYER,)),
    Deed("sell", Role.MARKET, (OWNER, BUYER)),
    Deed("move", Role.AUTHORITY, (BUYER, 4, BASIS)),
    Deed("freeze", Role.AUTHORITY, (BASIS,)),
    Deed("unfreeze", Role.AUTHORITY, (BASIS,)),
    Deed("doubt", Role.CASES, (OWNER, 1)),
    Deed("trust", Role.CASES, (1,)),
    Deed("retire", None, (CLAIM,)),
    Deed("retireDue", Role.REGISTRAR),
    Deed("undoTrade", Role.CASES, (1,)),
    Deed("undoRetirement", Role.CASES, (1,)),
    Deed("deduct", Role.CASES, (1,)),
)
_BY_NAME: Final = {deed.name: deed for deed in DEEDS}
_WAYS: Final[dict[Condition, Sequence[str]]] = {
    Condition("held", False): (),
    Condition("held", True): ("sell",),
    Condition("listed", False): ("list",),
    Condition("frozen", False): ("freeze",),
    Condition("frozen", True): ("sell", "freeze"),
    Condition("retired", False): ("retire",),
    Condition("retired", True): ("sell", "retire"),
    Condition("deducted", False): ("deduct",),
    Condition("deducted", True): ("sell", "deduct"),
}


class Registry:
    """One batch of wind power; each serial is used once."""

    def __init__(self) -> None:
        self.chain = Chain({role: (key,) for role, key in KEYS.items()}, NOW)
        self.serial = 0
        self._open()

    def _do(self, role: Role, contract: str, function: str, *args: Any) -> None:
        found = self.chain.send(Call(KEYS[role], contract, function, args))
        if isinstance(found, Refusal):
            raise SystemExit(f"{contract}.{function}: {found}")

    def _open(self) -> None:
        province = Opened(_address(0xAC15), AccountKind.PROVINCE.value, 15, KEYS[Role.PROVINCE], "")
        buyer = Opened(BUYER, AccountKind.BUYER.value, 0, BUYER_KEY, "")
        filing = Papers(PROJECT, OWNER, OWNER_KEY, "", 1400, 1, False, "{}")
        self._do(Role.AUTHORITY, "Registry", "openInstitutions", [province])
        self._do(Role.REGISTRAR, "Registry", "openBuyers", [buyer])
        self._do(Role.REGISTRAR, "Registry", "submit", [filing])
        self._do(Role.PROVINCE, "Registry", "review", [filing], True, "")
        leaf = PROJECT << 208 | COUNT * 1_000_000 << 136
        root = PlainTree.over((leaf,)).root
        self._do(Role.PROVIDER, "Readings", "commit", MONTH, root, 1, COUNT * 1_000_000, BASIS, 0)
        self._do(Role.AUTHORITY, "Certificates", "issue", 1, 0, [leaf], [])

    def attempt(self, deed: Deed, serial: int, traded: bool) -> Done | Refusal:
        """The deed on one certificate."""
        args = (BATCH, serial, serial + 1, *deed.rest)
        return self.chain.send(Call(deed.caller(traded), "Certificates", deed.name, args))

    def fresh(self, condition: Condition) -> int:
        """A certificate in this condition."""
        serial, self.serial, traded = self.serial, self.serial + 1, False
        for name in _WAYS[condition]:
            found = self.attempt(_BY_NAME[name], serial, traded)
            if isinstance(found, Refusal):
                raise SystemExit(f"{condition}: {name} refused with {found}")
            traded = traded or name == "sell"
        return serial

    def condition(self, serial: int) -> Condition:
        """What the contract says of it."""
        answer = self.chain.ask("Certificates", "segmentAt", BATCH, serial)
        _start, _end, _owner, state, traded = decode(["uint32", "uint32", "address", "uint8", "bool"], answer)
        return Condition(STATES[state], traded)


def measured(*, expired: bool) -> dict[tuple[Condition, str], Condition | str]:
    """Every deed in every condition, within the validity or after it."""
    registry = Registry()
    prepared = {(condition, deed.name): registry.fresh(condition) for condition in _WAYS for deed in DEEDS}
    if expired:
        registry.chain.wait(EXPIRES - NOW)
    found: dict[tuple[Condition, str], Condition | str] = {}
    for (condition, name), serial in prepared.items():
        answer = registry.attempt(_BY_NAME[name], serial, condition.traded)
        found[condition, name] = answer.name if isinstance(answer, Refusal) else registry.condition(serial)
    return found


def page() -> str:
    """The document, Markdown with a Mermaid diagram."""
    within, after = measured(expired=False), measured(expired=True)
    return "\n".join(
        [
            "# The life of a certificate",
            "",
            "Written by `make docs`, which puts a certificate into every state it can be in and makes every call that",
            "could touch it; a test compares this page with what they do. Calls are those of `ICertificates`;",
            "who makes them: `docs/architecture.md`, section 2. A certificate begins as `held` with `issue` or,",
            "after a decided case, `add`. `move` is every free move, `trade` is taking a listed lot, `sell` is a",
            "bilateral order or a settlement.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            "    direction LR",
            *_diagram(within, after),
            "```",
            "",
            "`expired` is no state: it is a fact computed from time, and so is the standstill of a project that turned",
            "to CCER. Retired is final but for `undoRetirement`, deducted is final.",
            "",
            "## Within its validity",
            "",
            *_table(within),
            "",
            "## After its validity",
            "",
            *_table(after),
            "",
        ]
    )


def _diagram(*tables: dict[tuple[Condition, str], Condition | str]) -> Iterator[str]:
    names: dict[tuple[Condition, Condition], list[str]] = {}
    for table in tables:
        for (condition, deed), result in table.items():
            if isinstance(result, Condition) and result != condition:
                deeds = names.setdefault((condition, result), [])
                if deed not in deeds:
                    deeds.append(deed)
    yield "    [*] --> held: issue, add"
    for (before, result), deeds in names.items():
        yield f"    {_node(before)} --> {_node(result)}: {', '.join(deeds)}"
    for condition in _WAYS:
        if condition.traded:
            yield f'    state "{condition}" as {_node(condition)}'


def _node(condition: Condition) -> str:
    return f"{condition.state}_traded" if condition.traded else condition.state


def _table(found: dict[tuple[Condition, str], Condition | str]) -> Iterator[str]:
    names = [deed.name for deed in DEEDS]
    yield "| a certificate that is | " + " | ".join(f"`{name}`" for name in names) + " |"
    yield "| --- |" + " --- |" * len(names)
    for condition in _WAYS:
        cells = [_cell(condition, found[condition, name]) for name in names]
        yield f"| {condition} | " + " | ".join(cells) + " |"


def _cell(before: Condition, result: Condition | str) -> str:
    if isinstance(result, str):
        return f"{result}"
    return "**same**" if result == before else f"**{result}**"
