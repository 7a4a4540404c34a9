"""The fold's state held against the contracts' own answers: what one call touched, or everything."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from eth_abi.abi import encode
from eth_hash.auto import keccak

from gecchain.events import (
    NO_ACCOUNT,
    Event,
    Frozen,
    Issued,
    Listed,
    Moved,
    Retired,
    Traded,
    Unfrozen,
    Withdrawn,
)
from gecchain.ledger import FilingState
from gecchain.rules import CertificateState
from tests.differential.chain import Chain, words
from tests.differential.known import Known
from tests.differential.people import ACCOUNTS, PROVINCES

__all__ = ["Difference", "everything", "touched"]

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
    return int.from_bytes(value, "big") if isinstance(value, bytes) else int(value)


class _Comparison:
    """Answers of the contracts, each beside what the fold expects."""

    def __init__(self, chain: Chain, known: Known) -> None:
        self.chain, self.known, self.state = chain, known, known.state

    def same(self, contract: str, function: str, args: tuple[int | str, ...], *expected: Any) -> Iterator[Difference]:
        found = words(self.chain.ask(contract, function, *args))
        wanted = [_number(value) for value in expected]
        if found != wanted:
            yield Difference(f"{contract}.{function}{args}", found, wanted)

    def account(self, address: str) -> Iterator[Difference]:
        found = self.state.accounts.get(address)
        expected = (
            (found.operator, found.kind, found.province, found.frozen, found.platform + 1)
            if found
            else (NO_ACCOUNT, 0, 0, False, 0)
        )
        yield from self.same("Registry", "account", (address,), *expected)
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

    def filing(self, project: int, version: int) -> Iterator[Difference]:
        filing = self.state.filings.get((project, version))
        approved = filing is not None and filing.state == FilingState.APPROVED
        digest = keccak(filing.document.encode()) if filing is not None and approved else 0
        yield from self.same("Registry", "filingHash", (project, version), digest)

    def commitment(self, number: int) -> Iterator[Difference]:
        made = self.state.commitments[number]
        size = (made.leaves, made.replaced_by, made.declared, made.total_wh)
        expected = (made.root, made.evidence, made.provider, made.month, *size)
        yield from self.same("Readings", "commitment", (number,), *expected)
        for chunk in range((made.leaves - 1) // _CHUNK + 2):
            yield from self.same("Readings", "drawn", (number, chunk), self.known.drawn(number, chunk))

    def lanes(self, project: int) -> Iterator[Difference]:
        for electricity in range(4):
            lane = self.state.lanes.get((project, electricity))
            yield from self.same("Certificates", "laneOf", (project, electricity), lane.lane if lane else 0)

    def batch(self, batch: int) -> Iterator[Difference]:
        found = self.state.batches[batch]
        expected = (self.known.first_holders[batch], found.count, found.commitment, found.leaf, found.filing)
        yield from self.same("Certificates", "batchOf", (batch,), *expected)
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

    def counters(self) -> Iterator[Difference]:
        yield from self.same("Certificates", "issuedTotal", (), self.state.totals[1].issued)
        yield from self.same("Market", "latest", (), len(self.state.listings), len(self.state.trades))
        yield from self.same("Readings", "commitments", (), len(self.state.commitments))
        yield from self.same("Registry", "platforms", (), (1 << len(self.known.platforms)) - 1)


def touched(chain: Chain, known: Known, events: tuple[Event, ...]) -> Iterator[Difference]:
    """What the entities that these events name have become."""
    ask = _Comparison(chain, known)
    for event in events:
        for name in ("account", "from_", "to", "seller", "buyer", "holder", "owner"):
            if hasattr(event, name) and isinstance(getattr(event, name), str):
                yield from ask.account(getattr(event, name))
        if hasattr(event, "project"):
            yield from ask.project(event.project)
        if isinstance(event, Moved | Frozen | Unfrozen | Retired | Listed | Withdrawn | Traded):
            yield from ask.segment(event.batch, event.start)
            yield from ask.segment(event.batch, event.end - 1)
        if isinstance(event, Listed | Withdrawn | Traded):
            yield from ask.listing(event.listing)
        if isinstance(event, Issued):
            yield from ask.commitment(event.commitment)
    yield from ask.counters()


def everything(chain: Chain, known: Known) -> Iterator[Difference]:
    """Every entity there is, some that are not, and the sums over all of them (I2 to I4)."""
    ask, state = _Comparison(chain, known), known.state
    for address in {*ACCOUNTS, *state.accounts, NO_ACCOUNT}:
        yield from ask.account(address)
    for project in state.projects:
        yield from ask.project(project)
        yield from ask.lanes(project)
    for number in state.commitments:
        yield from ask.commitment(number)
    for batch in state.batches:
        yield from ask.batch(batch)
    for number in range(len(state.listings) + 2):
        yield from ask.listing(number)
    for province in {*PROVINCES, *range(9, 14)}:
        own = state.provinces.get(province, NO_ACCOUNT)
        yield from ask.same("Registry", "provincialAccount", (province,), own)
    yield from ask.counters()
    yield from _sums(known)


def _sums(known: Known) -> Iterator[Difference]:
    totals, state = known.state.totals[1], known.state
    held = sum(balance.holding for balance in state.balances.values())
    dead = sum(
        segment.end - segment.start for segment in state.segments.values() if segment.state == CertificateState.RETIRED
    )
    carried = sum(energy.carry for energy in known.energy.values())
    if totals.issued != held + dead or totals.retired != dead:
        yield Difference("issued = held + retired", [totals.issued, totals.retired], [held + dead, dead])
    if totals.metered_wh != 1_000_000 * totals.issued + carried:
        yield Difference("metered = issued + carry", [totals.metered_wh], [1_000_000 * totals.issued + carried])
