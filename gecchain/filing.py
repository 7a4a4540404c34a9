"""Write path of accounts and filings: open accounts, submit filings, let each province review its own (Q84, Q90, Q91).

Every function asks the chain first and sends only what is missing, so that running it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, TypeVar

from eth_utils.crypto import keccak

from gecchain.chain.reader import Reader
from gecchain.chain.views import View
from gecchain.chain.words import encoder_of
from gecchain.chain.writer import Action, Receipt, Writer
from gecchain.errors import NotFound
from gecchain.rules import Month, ProjectKey
from gecchain.rules.purposes import AccountKind

__all__ = [
    "Filing",
    "Opening",
    "Standing",
    "close_account",
    "open_accounts",
    "review_filings",
    "set_frozen",
    "set_operator",
    "standing_of",
    "submit_filings",
]

_GROUP: Final = 40
_GAS_OF_FILING: Final = 600_000
_GAS_OF_CHARACTER: Final = 300
_MOST_GAS: Final = 25_000_000
_FILING: Final = "(uint48,address,address,string,uint16,uint32,bool,string)"
_NOBODY: Final = "0x" + "00" * 20
_T = TypeVar("_T")
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Opening:
    """An account to open. `account` is the shortened identity hash; a natural person has no `name` here."""

    account: str
    kind: AccountKind
    province: int
    operator: str
    name: str

    def as_struct(self) -> tuple[Any, ...]:
        """The contract's `Opening`."""
        return self.account, int(self.kind), self.province, self.operator, self.name


@dataclass(frozen=True, slots=True)
class Filing:
    """A project's filing (建档立卡). `document` is its public part as canonical JSON; `operator` acts for a
    new owner.
    """

    project: int
    owner: str
    operator: str
    owner_name: str
    in_operation: Month
    capacity_kw: int
    market_based: bool
    document: str

    def as_struct(self) -> tuple[Any, ...]:
        """The contract's `Filing`."""
        return (
            self.project,
            self.owner,
            self.operator,
            self.owner_name,
            self.in_operation.index,
            self.capacity_kw,
            self.market_based,
            self.document,
        )

    @property
    def hash(self) -> bytes:
        """The filing hash: keccak256 of the document."""
        return bytes(keccak(text=self.document))

    @property
    def pending_hash(self) -> bytes:
        """What `Registry.pendingFiling` answers while exactly this filing waits for review."""
        return bytes(keccak(encoder_of((_FILING,))([self.as_struct()])))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where filings stand on the chain: approved as they are, waiting, or not handed in."""

    approved: Sequence[Filing]
    waiting: Sequence[Filing]
    missing: Sequence[Filing]


def standing_of(reader: Reader, filings: Sequence[Filing]) -> Standing:
    """Ask the chain what has become of each filing."""
    ids = [(filing.project,) for filing in filings]
    projects = _answers(reader, "project", ids)
    versions = [(project_id, project[2]) for (project_id,), project in zip(ids, projects, strict=True)]
    hashes = _answers(reader, "filingHash", versions)
    pending = _answers(reader, "pendingFiling", ids)
    approved, waiting, missing = [], [], []
    for filing, in_force, waits in zip(filings, hashes, pending, strict=True):
        if in_force == filing.hash:
            approved.append(filing)
        elif waits == filing.pending_hash:
            waiting.append(filing)
        else:
            missing.append(filing)
    return Standing(approved, waiting, missing)


def open_accounts(
    writer: Writer, reader: Reader, openings: Sequence[Opening], *, progress: Progress = lambda _n: None
) -> list[Receipt]:
    """Open the accounts that do not exist yet: buyers as a registrar, institutions as the authority."""
    known = _answers(reader, "account", [(opening.account,) for opening in openings])
    missing = [opening for opening, found in zip(openings, known, strict=True) if found[1] == 0]
    receipts = []
    for function, group in (
        ("openBuyers", [opening for opening in missing if opening.kind == AccountKind.BUYER]),
        ("openInstitutions", [opening for opening in missing if opening.kind != AccountKind.BUYER]),
    ):
        for some in _groups(group):
            receipts += _send(writer, reader, function, f"opening {len(some)} accounts", [_structs(some)])
            progress(len(some))
    progress(len(openings) - len(missing))
    return receipts


def submit_filings(
    writer: Writer, reader: Reader, filings: Sequence[Filing], *, progress: Progress = lambda _n: None
) -> list[Receipt]:
    """Hand in filings, as a registrar. The caller leaves out those that wait or are approved already."""
    groups = list(_affordable(filings))
    what = "submitting filings"
    actions = (_action(reader, "submit", what, [_structs(some)], gas=_gas_of(some)) for some in groups)
    return _sent(writer, actions, groups, progress)


def review_filings(
    writers: Mapping[int, Writer],
    reader: Reader,
    filings: Sequence[Filing],
    *,
    approve: bool,
    reason: str = "",
    progress: Progress = lambda _n: None,
) -> list[Receipt]:
    """Approve waiting filings or send them back, each signed by its own province (`writers` by GB/T 2260 code).

    NotFound when a province's writer is missing, before anything is sent.
    """
    receipts = []
    lacking = sorted({_province(filing) for filing in filings} - set(writers))
    if lacking:
        raise NotFound(
            f"no key of the province {lacking[0]}, which must review its own filings", remedy="Name it in roles.json."
        )
    by_province = sorted(filings, key=lambda filing: (_province(filing), filing.project))
    for province, group in groupby(by_province, key=_province):
        groups = list(_affordable(list(group)))
        what = f"reviewing filings of province {province}"
        actions = (
            _action(reader, "review", what, [_structs(some), approve, reason], gas=_gas_of(some)) for some in groups
        )
        receipts += _sent(writers[province], actions, groups, progress)
    return receipts


def close_account(authority: Writer, reader: Reader, account: str, reason: str) -> Receipt:
    """Close an account for good (账户注销); what it still holds is due for retirement from here on (2026 rules)."""
    (receipt,) = _send(authority, reader, "close", f"closing the account {account}", [account, reason])
    return receipt


def set_frozen(authority: Writer, reader: Reader, account: str, frozen: bool, reason: str) -> Receipt:
    """Freeze an account, which then holds and does not act, or free it (I7)."""
    what = f"{'freezing' if frozen else 'freeing'} the account {account}"
    (receipt,) = _send(authority, reader, "setFrozen", what, [account, frozen, reason])
    return receipt


def set_operator(authority: Writer, reader: Reader, account: str, operator: str) -> Receipt:
    """Give an account another operator key (its address); a key that was lost or stolen acts no more."""
    (receipt,) = _send(authority, reader, "setOperator", f"replacing the key of {account}", [account, operator])
    return receipt


def _sent(
    writer: Writer, actions: Iterable[Action], groups: Sequence[Sequence[Filing]], progress: Progress
) -> list[Receipt]:
    sizes = iter(groups)
    return writer.send_all(actions, lambda _receipt: progress(len(next(sizes))))


def _affordable(filings: Sequence[Filing]) -> Iterator[Sequence[Filing]]:
    """Groups whose bound of gas fits the blocks of other chains too, however long their documents are."""
    some: list[Filing] = []
    for filing in filings:
        if some and _gas_of([*some, filing]) > _MOST_GAS:
            yield some
            some = []
        some.append(filing)
    if some:
        yield some


def _gas_of(filings: Sequence[Filing]) -> int:
    """More than submitting or reviewing these can need, so that nobody has to be asked."""
    return sum(_GAS_OF_FILING + _GAS_OF_CHARACTER * len(filing.document) for filing in filings)


def _action(reader: Reader, function: str, what: str, args: Sequence[Any], *, gas: int) -> Action:
    return Action.call(what, "Registry", reader.deployment.registry, function, args, gas=gas)


def _send(writer: Writer, reader: Reader, function: str, what: str, args: Sequence[Any]) -> list[Receipt]:
    return [writer.send(Action.call(what, "Registry", reader.deployment.registry, function, args))]


def _answers(reader: Reader, function: str, calls: Sequence[tuple[Any, ...]]) -> list[Any]:
    return [values[0] for values in reader.views([View("registry", function, args) for args in calls])]


def _structs(items: Sequence[Opening] | Sequence[Filing]) -> list[tuple[Any, ...]]:
    return [item.as_struct() for item in items]


def _province(filing: Filing) -> int:
    return ProjectKey.from_id(filing.project).province


def _groups(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for first in range(0, len(items), _GROUP):
        yield items[first : first + _GROUP]
