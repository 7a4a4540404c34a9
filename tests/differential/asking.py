"""The contracts' own answers about one entity, each beside what the fold expects."""

from collections.abc import Iterable, Iterator
from itertools import chain as joined
from typing import Any, NamedTuple

from eth_abi.abi import encode
from eth_hash.auto import keccak

from gecchain.chain.deploying import Role
from gecchain.events import (
    NO_ACCOUNT,
)
from gecchain.ledger import Commitment, FilingState
from tests.differential.chain import Chain, words
from tests.differential.known import Known
from tests.differential.people import STAFF

__all__ = ["Asking", "Difference"]

_PAPERS = "(uint48,address,address,string,uint16,uint32,bool,string)"
_CHUNK = 256


class Difference(NamedTuple):
    """A question on which the two sides disagree."""

    question: str
    contract: list[int]
    fold: list[int]


def _number(value: Any) -> int:
    if isinstance(value, str):
        return int(value, 16)
    return int.from_bytes(value, "big") if isinstance(value, bytes) else int(value) % (1 << 256)


class Asking:
    """Questions about one entity; each yields the answers in which the two sides differ."""

    def __init__(self, chain: Chain, known: Known) -> None:
        self.chain, self.known, self.state = chain, known, known.state

    def same(self, contract: str, function: str, args: tuple[int | str, ...], *expected: Any) -> Iterator[Difference]:
        found = words(self.chain.ask(contract, function, *args))
        wanted = [_number(value) for value in expected]
        if found != wanted:
            yield Difference(f"{contract}.{function}{args}", found, wanted)

    def account(self, address: str) -> Iterator[Difference]:
        found, mandate = self.state.accounts.get(address), self.state.mandates.get(address)
        expected: tuple[Any, ...] = (NO_ACCOUNT, 0, 0, False, 0, False, False)
        if found:
            kept = (found.operator, found.kind, found.province, found.frozen, found.platform + 1)
            expected = (*kept, found.closed != 0, mandate is not None)
        yield from self.same("Registry", "account", (address,), *expected)
        yield from self.same("Registry", "actorOf", (address,), self.known.actor(address))
        yield from self.same("Registry", "mayReceive", (address,), self.known.may_receive(address))
        standing = (mandate.agent, mandate.begins, mandate.until) if mandate and not mandate.revoked else (0, 0, 0)
        yield from self.same("Registry", "mandateOf", (address,), *standing)
        if address != NO_ACCOUNT:
            balance = self.state.balances.get(address)
            yield from self.same("Certificates", "balanceOf", (address,), balance.holding if balance else 0)

    def project(self, project: int) -> Iterator[Difference]:
        filed = self.state.projects[project]
        terms: tuple[Any, ...] = (NO_ACCOUNT, 0, 0, filed.latest, False, 0)
        if filed.approved:
            capacity = self.state.filings[project, filed.approved].capacity_kw
            terms = (filed.owner, filed.in_operation, filed.approved, filed.latest, filed.market_based, capacity)
        yield from self.same("Registry", "project", (project,), *terms)
        papers = self.known.pending.get(project)
        pending = keccak(encode([_PAPERS], [papers])) if papers else 0
        yield from self.same("Registry", "pendingFiling", (project,), pending)
        for version in range(max(1, filed.latest - 2), filed.latest + 2):
            yield from self.filing(project, version)

    def ccer(self, project: int, months: Iterable[int]) -> Iterator[Difference]:
        for month in months:
            registered = (project, month) in self.state.ccer_months
            yield from self.same("Registry", "ccerOf", (project, month), self.state.projects[project].ccer, registered)

    def filing(self, project: int, version: int) -> Iterator[Difference]:
        filing = self.state.filings.get((project, version))
        approved = filing is not None and filing.state == FilingState.APPROVED
        digest = keccak(filing.document.encode()) if filing is not None and approved else 0
        yield from self.same("Registry", "filingHash", (project, version), digest)

    def commitment(self, number: int) -> Iterator[Difference]:
        made = self.state.commitments[number]
        size = (made.leaves, made.replaced_by, made.declared, len(self.known.officers_of(number)), made.total_wh)
        expected = (made.root, made.evidence, made.provider, made.month, *size)
        yield from self.same("Readings", "commitment", (number,), *expected)
        for officer in STAFF[Role.OFFICER]:
            approved = officer in self.known.officers_of(number)
            yield from self.same("Readings", "approved", (number, officer), approved)
        yield from self.issuable(made)
        for chunk in range((made.leaves - 1) // _CHUNK + 2):
            yield from self.same("Readings", "drawn", (number, chunk), self.known.drawn(number, chunk))

    def issuable(self, made: Commitment) -> Iterator[Difference]:
        """Of the first chunk, if it may be issued from; where it may not `Certificates.issue` is refused."""
        missing = len(self.known.officers_of(made.id)) < self.known.quorum
        if not (made.replaced_by or missing):
            told = (made.month, made.leaves, made.root, self.known.drawn(made.id, 0))
            yield from self.same("Readings", "issuable", (made.id, 0), *told)

    def lanes(self, project: int) -> Iterator[Difference]:
        for electricity in range(4):
            lane = self.state.lanes.get((project, electricity))
            yield from self.same("Registry", "laneOf", (project, electricity), lane.lane if lane else 0)

    def batch(self, batch: int) -> Iterator[Difference]:
        found = self.state.batches[batch]
        expected = (self.known.first_holders[batch], found.count, found.commitment, found.leaf, found.filing)
        yield from self.same("Certificates", "batchOf", (batch,), *expected)
        added = [addition for (of, _start), addition in sorted(self.state.additions.items()) if of == batch]
        told = [(one.holder, one.start, one.end, one.case_id, one.basis) for one in added]
        yield from self.same("Certificates", "additionsOf", (batch,), 32, len(told), *joined(*told))
        yield from self.same("Cases", "openCase", (batch,), self.known.open_case(batch))
        at = 0
        for segment in self.state.segments_of(batch):
            if segment.start != at:
                yield Difference(f"segments of batch {batch}", [at], [segment.start])
            yield from self.segment(batch, segment.start)
            yield from self.segment(batch, segment.end - 1)
            at = segment.end
        if at != found.count:
            yield Difference(f"segments of batch {batch} end", [found.count], [at])

    def segment(self, batch: int, serial: int) -> Iterator[Difference]:
        found = self.state.segment_at(batch, serial)
        expected = (found.start, found.end, found.owner, found.state, found.traded) if found else ()
        yield from self.same("Certificates", "segmentAt", (batch, serial), *expected)

    def listing(self, number: int) -> Iterator[Difference]:
        found = self.state.listings.get(number)
        expected: tuple[int, ...] = (0, 0, 0, 0, 0)
        if found and not found.closed:
            expected = (found.batch, found.left, found.left_end, found.price, found.platforms)
        yield from self.same("Market", "listingOf", (number,), *expected)

    def case(self, number: int) -> Iterator[Difference]:
        found = self.state.cases.get(number)
        told: tuple[Any, ...] = (0, NO_ACCOUNT, 0, 0, 0, 0, 0, 0)
        due = 0
        if found:
            stands = (found.batch, found.claimant, found.stage, found.outcome, found.owed, found.since)
            told = (*stands, found.watt_hours, found.evidence)
            due = self.known.due_at(found)
            yield from self.same("Cases", "openCase", (found.batch,), self.known.open_case(found.batch))
        yield from self.same("Cases", "caseOf", (number,), *told)
        yield from self.same("Cases", "dueAt", (number,), due)
        parts = [(doubt.start, doubt.end) for key, doubt in sorted(self.state.doubts.items()) if key[0] == number]
        yield from self.same("Cases", "doubtfulOf", (number,), 32, len(parts), *joined(*parts))

    def declaration(self, declaration: str) -> Iterator[Difference]:
        found = self.state.declarations.get(declaration)
        yield from self.same("Declarations", "stageOf", (int(declaration, 16),), found.stage if found else 0)

    def deal(self, deal: str) -> Iterator[Difference]:
        found = self.state.deals.get(deal)
        yield from self.same("Market", "statusOf", (int(deal, 16),), found.status if found else 0)

    def request(self, request: str) -> Iterator[Difference]:
        yield from self.same("Relay", "isRelayed", (int(request, 16),), request in self.state.relayed)

    def province(self, code: int) -> Iterator[Difference]:
        own = self.state.provinces.get(code, NO_ACCOUNT)
        yield from self.same("Registry", "provincialAccount", (code,), own)

    def counters(self) -> Iterator[Difference]:
        yield from self.same("Certificates", "issuedTotal", (), self.state.totals[1].issued)
        yield from self.same("Market", "latest", (), len(self.state.listings), len(self.state.trades))
        yield from self.same("Readings", "commitments", (), len(self.state.commitments))
        yield from self.same("Readings", "quorum", (), self.known.quorum)
        yield from self.same("Registry", "platforms", (), (1 << len(self.known.platforms)) - 1)
        yield from self.same("Registry", "ccerLinkageEnds", (), self.state.parameters[1].ccer_ends)
        yield from self.same("Cases", "cases", (), len(self.state.cases))
