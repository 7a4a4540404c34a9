"""What is measured: transactions without end, what each of them issues, and what the contract holds afterwards."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from eth_utils.address import to_checksum_address

from bench.gas.chain import Chain
from bench.gas.foreign import Foreign
from bench.gas.packages import compiled, versions
from bench.gas.peers import SECOND, Issuer, Tokens
from bench.gas.registry import MONTH, WIND, Registry
from gecchain.chain.actions import Action
from gecchain.proofs import Leaf
from gecchain.rules import Month
from gecchain.rules.parameters import CHUNK_LEAVES, WH_PER_CERTIFICATE

__all__ = [
    "EACH",
    "TRANSACTION_GAS",
    "EnergyWeb",
    "Filled",
    "Ours",
    "Row",
    "Spun",
    "Subject",
    "Transaction",
    "subjects",
]

TRANSACTION_GAS: Final = 1 << 24
"""The most that a transaction may use, as on Ethereum (EIP-7825)."""
EACH: Final = 236
"""Certificates of a project and month: 196 million over 832,000 projects, January 2026."""
_FIRST_MONTH: Final = Month.of(2027, 1)
_MONTHS: Final = MONTH.index - _FIRST_MONTH.index
_LOOPS: Final = Path(__file__).parent / "contracts" / "Loops.sol"
_ROOM: Final = 0.97


@dataclass(frozen=True, slots=True)
class Transaction:
    """A call, and how many units (device-months, certificates or gas) it issues."""

    action: Action
    units: int


class Subject(Protocol):
    """One line of the table; `unit` names what is counted."""

    name: str
    package: str
    unit: str

    def transactions(self) -> Iterator[Transaction]:
        """What to send, in order, once everything before it is mined."""
        ...

    def issued(self) -> int:
        """Units that the contract itself says it holds beyond those of before `transactions`."""
        ...


class Ours:
    """Months of `projects` projects, one after the other, each project of another owner."""

    unit = "device-month"
    name, package = "ours", "this repository"

    def __init__(self, registry: Registry, projects: int) -> None:
        self._registry = registry
        self._projects = projects
        self._before = self._wh = 0

    def transactions(self) -> Iterator[Transaction]:
        """Files the projects and issues their first month, then gives the months that follow."""
        ours = self._registry
        filed = [project for some in self._owners() for project in ours.filed(some)]
        for start in range(0, len(filed), CHUNK_LEAVES.value):
            ours.issue(ours.committed(_FIRST_MONTH, filed[start : start + CHUNK_LEAVES.value], EACH))
        self._before = ours.asked("Certificates", "issuedTotal")
        return self._months(filed)

    def _owners(self) -> Iterator[list[str]]:
        whole: list[str] = [
            to_checksum_address(f"{0xC0FFEE + number:06x}" * 6 + "ABCD") for number in range(self._projects)
        ]
        for start in range(0, len(whole), CHUNK_LEAVES.value):
            yield whole[start : start + CHUNK_LEAVES.value]

    def _months(self, projects: list[int]) -> Iterator[Transaction]:
        ours = self._registry
        tree = ours.tree(projects, EACH, WIND)
        self._wh = Leaf.unpack(tree.chunk(0).leaves[0]).wh
        number = ours.asked("Readings", "commitments")
        for back in range(1, _MONTHS):
            number += 1
            readings = ours.readings(_FIRST_MONTH + back, projects, EACH)
            yield Transaction(ours.action("Readings", "commit", readings), 0)
            for place in range(-(-len(projects) // CHUNK_LEAVES.value)):
                chunk = tree.chunk(place)
                call = ours.action("Certificates", "issue", (number, place, list(chunk.leaves), list(chunk.proof)))
                yield Transaction(call, len(chunk.leaves))

    def issued(self) -> int:
        """By the number of certificates, month for month: what is metered beyond whole ones counts in the next."""
        left = self._registry.asked("Certificates", "issuedTotal") - self._before
        for past in range(1, _MONTHS):
            each = (past + 1) * self._wh // WH_PER_CERTIFICATE.value - past * self._wh // WH_PER_CERTIFICATE.value
            if left < self._projects * each:
                return self._projects * (past - 1) + left // each
            left -= self._projects * each
        return self._projects * (_MONTHS - 1)


class EnergyWeb:
    """Requests of devices and months, so many a transaction, and their approvals."""

    unit = "device-month"
    name = "Energy Web's issuer"

    def __init__(self, chain: Chain) -> None:
        self.package = f"@energyweb/issuer {versions()['@energyweb/issuer']}"
        self._issuer = Issuer(chain)

        def approved(count: int) -> int:
            chain.send(self._issuer.requesting(count))
            return chain.send(self._issuer.approving(SECOND, count, EACH)).gas

        self.most = largest(chain, approved)

    def transactions(self) -> Iterator[Transaction]:
        """Without end."""
        for first in itertools.count(SECOND, self.most):
            yield Transaction(self._issuer.requesting(self.most), 0)
            yield Transaction(self._issuer.approving(first, self.most, EACH), self.most)

    def issued(self) -> int:
        """Whole transactions, by the amounts of their first and last certificates."""
        done = 0
        for first in itertools.count(SECOND, self.most):
            if {self._issuer.amount(one) for one in (first, first + self.most - 1)} != {EACH}:
                return done
            done += self.most
        raise AssertionError


class Row:
    """Tokens that are minted in rows to one holder."""

    unit = "certificate"

    def __init__(self, chain: Chain, name: str, package: str, code: str) -> None:
        self.name, self.package = name, f"{package} {versions()[package]}"
        self._tokens = Tokens(chain, code)
        self._before = self._tokens.held()
        self.most = largest(chain, lambda count: chain.send(self._tokens.minting(count)).gas)

    def transactions(self) -> Iterator[Transaction]:
        """Without end."""
        return itertools.repeat(Transaction(self._tokens.minting(self.most), self.most))

    def issued(self) -> int:
        """By the holder's balance."""
        return self._tokens.held() - self._before


def largest(chain: Chain, gas: Callable[[int], int]) -> int:
    """How many fit into a transaction with 3 % to spare, by a straight line through what few and more use."""
    few, more = 20, 40
    with chain.undone():
        at_few = gas(few)
    with chain.undone():
        at_more = gas(more)
    each = (at_more - at_few) / (more - few)
    return int((_ROOM * TRANSACTION_GAS - at_few) / each) + few


class _Loop:
    """A loop that uses up what gas it gets; its unit is one of gas."""

    unit = "gas"
    package = "bench/peers/contracts/Loops.sol"

    def __init__(self, loops: Foreign) -> None:
        self._loops = loops

    def issued(self) -> int:
        """Nothing is held: what it used, the block says."""
        return 0


class Spun(_Loop):
    """Arithmetic."""

    name = "bare: arithmetic"

    def transactions(self) -> Iterator[Transaction]:
        """Without end."""
        return itertools.repeat(Transaction(self._loops.action("spin()"), 0))


class Filled(_Loop):
    """New storage slots."""

    name = "bare: new storage slots"

    def transactions(self) -> Iterator[Transaction]:
        """Without end."""
        for number in itertools.count():
            yield Transaction(self._loops.action("fill(uint256)", number << 64), 0)


def subjects(chain: Chain, projects: int) -> tuple[list[Subject], list[Subject]]:
    """The node at its best, then ours and the peers: deployed and warmed up."""
    code = compiled(_LOOPS)
    loops = Foreign(chain, code[_LOOPS.stem])
    return [Spun(loops), Filled(loops)], [
        Ours(Registry(chain), projects),
        EnergyWeb(chain),
        Row(chain, "ERC721A", "erc721a", code["Erc721ACertificates"]),
        Row(chain, "OpenZeppelin ERC-721", "@openzeppelin/contracts", code["OpenZeppelinCertificates"]),
    ]
