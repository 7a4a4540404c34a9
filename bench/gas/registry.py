"""Our contracts on the throw-away chain, and the steps that lead up to a measured call.

One key is governance and every role, and the operator of every account: who signs changes no figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple, cast

from eth_utils.address import to_checksum_address

from bench.gas.chain import NOW, Chain
from gecchain.chain.actions import Action, Receipt
from gecchain.chain.codec import topic_of
from gecchain.chain.deploying import Role, deploy, grants
from gecchain.chain.writer import Writer
from gecchain.errors import Refused
from gecchain.proofs import Leaf, Tree
from gecchain.rules import AccountKind, BatchKey, Electricity, Month, ProjectKey, ProjectType, Technology

__all__ = [
    "BUYER",
    "CLAIM",
    "DEEP_SEA",
    "HASH",
    "HYDRO",
    "MECHANISM",
    "MONTH",
    "OWNER",
    "PLATFORM",
    "PLATFORMS",
    "PROVINCE",
    "SELF_USED",
    "WIND",
    "Registry",
    "Source",
    "account",
    "check_complete",
]

MONTH: Final = Month.at(NOW) - 1
"""The month of production that is issued; the one before it was issued already."""
PROVINCE: Final = 15
PLATFORMS: Final = 1
"""The set of platforms that has the one that was admitted."""
HASH: Final = bytes(range(1, 33))
"""Stands where a document's or a file's hash belongs; its content changes no figure but its zero bytes would."""
CLAIM: Final = ("某某制造有限公司", 1, Month.of(2039, 1).index, Month.of(2040, 1).index, "二〇三九年度生产用电")
"""What certificates are retired for."""
_APPROVED, _OPERATING = Month.of(2026, 3), Month.of(2027, 1)
_PUBLIC: Final = 2**64 - 1
_WH: Final = 1_000_000
_CARRY: Final = 345_678
_RELAYED: Final = topic_of("Relayed")
_TRUE: Final = f"{1:064x}"
_REFUSALS: Final = frozenset(map(topic_of, ("ItemRefused", "LeafRefused")))


class Source(NamedTuple):
    """What the electricity was made from, and what became of it."""

    technology: Technology
    electricity: Electricity

    @property
    def tradable(self) -> bool:
        """Whether its certificates are (Q23); none of our hydro is market-based."""
        return self.electricity is Electricity.ON_GRID and self.technology is not Technology.HYDRO


WIND: Final = Source(Technology.WIND, Electricity.ON_GRID)
DEEP_SEA: Final = Source(Technology.DEEP_SEA_WIND, Electricity.ON_GRID)
HYDRO: Final = Source(Technology.HYDRO, Electricity.ON_GRID)
SELF_USED: Final = Source(Technology.WIND, Electricity.SELF_USE)
MECHANISM: Final = Source(Technology.WIND, Electricity.MECHANISM)


def account(number: int) -> str:
    """An account made of one byte, which costs the most calldata."""
    return to_checksum_address(f"{number:02x}" * 20)


_PROVINCIAL, PLATFORM, BUYER, OWNER = account(0xA0), account(0xA1), account(0xA2), account(0xA3)


class Registry:
    """A registry in its second month: accounts are open, owner and buyer hold certificates, a case was opened."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.deployment = deploy(cast("Writer", chain), chain.rpc, "https://example.org/")
        chain.send_all(grants(self.deployment, {role: [chain.sender] for role in Role if role < _PUBLIC}))
        self._filed = 0
        self._trees: dict[int, Tree] = {}
        institutions = [self.opening(_PROVINCIAL, AccountKind.PROVINCE, PROVINCE), self.opening(PLATFORM)]
        self.call("Registry", "openInstitutions", institutions)
        self.call("Registry", "openBuyers", [self.opening(BUYER, AccountKind.BUYER)])
        batch = self.issued(10)
        self.sold(batch, 10)
        self.disputed(batch)

    def call(self, contract: str, function: str, *args: Any) -> int:
        """One transaction; what it used, in gas. Refused also when the contract passed over one of its items."""
        receipt = self.chain.send(self.action(contract, function, args))
        check_complete(f"{contract}.{function}", receipt)
        return receipt.gas

    def relayed(self, requests: Sequence[tuple[Any, ...]], signatures: Sequence[bytes]) -> int:
        """Signed requests in one transaction; what it used, in gas. Refused when one of them was not carried out."""
        receipt = self.chain.send(self.action("Relay", "relay", (requests, signatures)))
        done = sum(log["topics"][0] == _RELAYED and log["data"][2:66] == _TRUE for log in receipt.logs)
        if done != len(requests):
            raise Refused(f"Relay.relay carried out {done} of {len(requests)} requests")
        return receipt.gas

    def opening(self, id_: str, kind: AccountKind = AccountKind.PLATFORM, province: int = 0) -> tuple[Any, ...]:
        """Request to open an account."""
        return id_, int(kind), province, to_checksum_address(self.chain.sender), "某某电力交易有限公司"

    def filing(self, owner: str = "", source: Source = WIND) -> tuple[Any, ...]:
        """The filing of one more plant; all are of one owner unless another is named."""
        self._filed += 1
        key = ProjectKey(ProjectType.CENTRALISED, source.technology, _APPROVED, PROVINCE, 1000 + self._filed)
        who, operator = owner or OWNER, to_checksum_address(self.chain.sender)
        document = f'{{"code":"{key.code}","name":"某某风电场","owner":"某某发电公司","province":"15"}}'
        return key.id, who, operator, "某某发电公司", _OPERATING.index, 50_000, False, document

    def filed(self, owners: Iterable[str], source: Source = WIND) -> list[int]:
        """New approved projects, one for each owner named; their ids in order."""
        filings = [self.filing(owner, source) for owner in owners]
        self.call("Registry", "submit", filings)
        self.call("Registry", "review", filings, True, "")
        return [filing[0] for filing in filings]

    def committed(self, month: Month, projects: Sequence[int], count: int, source: Source = WIND) -> int:
        """A commitment in which each project metered `count` certificates and a little more; its number."""
        self.call("Readings", "commit", *self.readings(month, projects, count, source))
        number = self.asked("Readings", "commitments")
        self._trees[number] = self.tree(projects, count, source)
        return number

    def readings(self, month: Month, projects: Sequence[int], count: int, source: Source = WIND) -> tuple[Any, ...]:
        """What `Readings.commit` takes."""
        total = len(projects) * (count * _WH + _CARRY)
        return month.index, self.tree(projects, count, source).root, len(projects), total, HASH, 0

    def words(self, projects: Sequence[int], count: int) -> Sequence[int]:
        """The readings of such a commitment, each in a word."""
        return self.tree(projects, count, WIND).chunk(0).leaves

    def issue(self, commitment: int) -> int:
        """Issue the first chunk, which is all there is; what it used, in gas."""
        chunk = self._trees[commitment].chunk(0)
        return self.call("Certificates", "issue", commitment, 0, list(chunk.leaves), list(chunk.proof))

    def known(self, owners: Sequence[str] = ("",), month: Month = MONTH, source: Source = WIND) -> list[int]:
        """New projects that were issued certificates in the month before."""
        projects = self.filed(owners, source)
        self.issue(self.committed(month - 1, projects, 10, source))
        return projects

    def issued(self, count: int, month: Month = MONTH, source: Source = WIND) -> int:
        """A new batch of so many certificates, in the second month of its project; its id."""
        return self.issued_many(1, count, month, source)[0]

    def issued_many(self, batches: int, count: int, month: Month = MONTH, source: Source = WIND) -> list[int]:
        """New batches of so many certificates each, of one owner; their ids."""
        projects = self.known([""] * batches, month, source)
        self.issue(self.committed(month, projects, count, source))
        return [BatchKey(project, month, source.electricity, tradable=source.tradable).id for project in projects]

    def listed(self, batch: int, start: int, end: int) -> int:
        """A lot on sale; its number."""
        self.call("Market", "list", batch, start, end, 350, PLATFORMS)
        return self.asked("Market", "latest")

    def listed_many(self, batches: int, count: int) -> list[int]:
        """New batches of so many certificates each, all on sale; the numbers of the lots."""
        return [self.listed(batch, 0, count) for batch in self.issued_many(batches, count)]

    def sold(self, batch: int, count: int) -> None:
        """The first so many of a batch, sold to the buyer."""
        listing = self.listed(batch, 0, count)
        self.call("Market", "take", listing, count, BUYER, PLATFORM)

    def disputed(self, batch: int, doubtful: Sequence[tuple[int, int]] = ()) -> int:
        """A case about a batch; its number."""
        self.call("Cases", "open", batch, list(doubtful), HASH, "上网电量与结算单不符")
        return self.asked("Cases", "cases")

    def registered_for_ccer(self, project: int, month: Month, months: int) -> int:
        """The project turns to CCER, and so many months up to this one are registered; gas of the registration."""
        self.call("Registry", "chooseCcer", project, True)
        first, end = month.index - months + 1, month.index + 1
        return self.call("Registry", "registerCcer", project, first, end, "CCER-2040-000123")

    def asked(self, contract: str, function: str) -> int:
        """The first number that a view without arguments answers."""
        called = self.action(contract, function, ())
        answer = str(self.chain.rpc.request("eth_call", {"to": called.to, "data": called.data}, "latest"))
        return int(answer[2:66], 16)

    def action(self, contract: str, function: str, args: Sequence[Any]) -> Action:
        """The call of a function of ours, to be sent."""
        to = getattr(self.deployment, re.sub(r"(?<=[a-z])(?=[A-Z])", "_", contract).lower())
        return Action.call(f"{contract}.{function}", contract, to, function, args)

    @staticmethod
    def tree(projects: Sequence[int], count: int, source: Source) -> Tree:
        """Readings in which each project metered `count` certificates and a little more."""
        wh = count * _WH + _CARRY
        return Tree.of(Leaf(project, source.electricity, wh, HASH[:17]) for project in sorted(projects))


def check_complete(what: str, receipt: Receipt) -> None:
    """Refused when the transaction went through and yet left something undone: its gas would be no figure."""
    passed_over = sum(log["topics"][0] in _REFUSALS for log in receipt.logs)
    if passed_over:
        raise Refused(f"{what} passed over {passed_over} of its items")
