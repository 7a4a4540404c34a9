"""Write path of issuing (核发): plan a month, commit its readings with the provider's key, issue with the authority's.

The chain alone decides what is issued already, so a run that was cut off is simply planned again: what is done drops
out of the plan, what is on its way is brought to its end first, and nothing is minted twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gecchain.chain.codec import decode_log
from gecchain.chain.reader import Reader
from gecchain.chain.views import View
from gecchain.chain.writer import Action, Receipt, Writer
from gecchain.errors import NotFound, Refused
from gecchain.events import NO_ACCOUNT, ConsecutiveTransfer, LeafRefused, ReadingsCommitted
from gecchain.proofs import Leaf, Tree
from gecchain.rules import BatchKey, FirstHolder, Lane, LeafRefusal, Month, ProjectKey, classify, number_of
from gecchain.rules.parameters import CHUNK_LEAVES
from gecchain.store.intake import KeptReading, PreparedCommitment, ReadingStore

__all__ = ["IssuedBatch", "Line", "Lot", "Plan", "Report", "issue_month", "plan_month"]

_GAS_BASE: Final = 1_000_000
_GAS_PER_LEAF: Final = 150_000
_PAGE: Final = 4096
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Line:
    """One reading and what issuing it gives: `count` certificates and `carry` Wh left, or the reason why not."""

    reading: KeptReading
    issued: bool
    count: int = 0
    carry: int = 0
    refusal: LeafRefusal | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is something to issue."""
        return not self.issued and self.refusal is None


@dataclass(frozen=True, slots=True)
class Lot:
    """A provider's part of a month. `commitment` is the one on the chain that holds every open line, if there is one.

    `replaces` is the number of an older commitment that must not be issued from any more, or 0.
    """

    provider: str
    lines: Sequence[Line]
    commitment: PreparedCommitment | None
    replaces: int

    @property
    def open_lines(self) -> Sequence[Line]:
        """Lines with something to issue, in the order of leaves."""
        return [line for line in self.lines if line.is_open]


@dataclass(frozen=True, slots=True)
class Plan:
    """What issuing a month would do now."""

    month: Month
    lots: Sequence[Lot]

    @property
    def lines(self) -> Sequence[Line]:
        """All readings of the month."""
        return [line for lot in self.lots for line in lot.lines]

    @property
    def open_lines(self) -> Sequence[Line]:
        """Readings to be issued."""
        return [line for line in self.lines if line.is_open]

    @property
    def refused_lines(self) -> Sequence[Line]:
        """Readings that the contract would refuse."""
        return [line for line in self.lines if line.refusal is not None]

    @property
    def certificates(self) -> int:
        """Certificates to be minted."""
        return sum(line.count for line in self.open_lines)

    @property
    def carry(self) -> int:
        """Wh that stay on the lanes of the readings to be issued."""
        return sum(line.carry for line in self.open_lines)


@dataclass(frozen=True, slots=True)
class IssuedBatch:
    """A batch that was minted: serials `[0, count)` of `batch`, first held by `holder`."""

    batch: int
    count: int
    holder: str
    transaction: str

    @property
    def first_number(self) -> str:
        """Number of its first certificate."""
        return number_of(self.batch << 32)

    @property
    def project_code(self) -> str:
        """The project's code."""
        return ProjectKey.from_id(BatchKey.from_id(self.batch).project).code


@dataclass(frozen=True, slots=True)
class Report:
    """What issuing a month did. `asked` and `minted` count certificates and are equal unless leaves were refused."""

    month: Month
    asked: int
    minted: int
    readings: int
    issued_before: int
    batches: Sequence[IssuedBatch]
    refused: Sequence[tuple[str, LeafRefusal]]
    transactions: Sequence[str]


def plan_month(store: ReadingStore, reader: Reader, month: Month) -> Plan:
    """Plan from the readings taken in and from what the chain says of their projects; sends nothing."""
    return Plan(month, [_lot(store, reader, month, provider) for provider in store.providers(month)])


def issue_month(
    plan: Plan,
    store: ReadingStore,
    authority: Writer,
    providers: Mapping[str, Writer],
    reader: Reader,
    *,
    progress: Progress = lambda _n: None,
) -> Report:
    """Carry a plan out: `providers` holds a writer for each provider by name; `progress` is told of readings done.

    NotFound when a provider's key is missing, before anything is sent. Refused with the contract's error in words.
    """
    _require_keys(plan, providers)
    receipts: list[Receipt] = []
    for lot in plan.lots:
        if not lot.open_lines:
            continue
        commitment = lot.commitment or _commit(store, providers[lot.provider], reader, plan.month, lot)
        receipts += _issue(store, authority, reader, lot, commitment, progress)
    return _report(plan, receipts)


def _lot(store: ReadingStore, reader: Reader, month: Month, provider: str) -> Lot:
    readings = list(store.current(month, provider))
    lines = [line for page in _pages(readings) for line in _lines(reader, month, page)]
    standing = _standing(store, reader, month, provider)
    if standing is None:
        return Lot(provider, lines, None, 0)
    covered = {reading.id for reading in store.leaves_of(standing.id)}
    if all(line.reading.id in covered for line in lines if line.is_open):
        return Lot(provider, lines, standing, 0)
    return Lot(provider, lines, None, standing.number or 0)


def _lines(reader: Reader, month: Month, readings: Sequence[KeptReading]) -> list[Line]:
    projects = _answers(reader, "registry", "project", [(reading.project,) for reading in readings])
    keys = [(reading.project, int(reading.electricity)) for reading in readings]
    lanes = _answers(reader, "certificates", "laneOf", keys)
    return [
        _line(reading, month, project, Lane.unpack(lane), reader)
        for reading, project, lane in zip(readings, projects, lanes, strict=True)
    ]


def _line(reading: KeptReading, month: Month, project: Sequence[Any], lane: Lane, reader: Reader) -> Line:
    _owner, in_operation, filing, _submitted, market_based, _capacity = project
    if lane.is_issued(month):
        return Line(reading, issued=True)
    if filing == 0:
        return Line(reading, issued=False, refusal=LeafRefusal.PROJECT_NOT_APPROVED)
    key = ProjectKey.from_id(reading.project)
    rules = classify(key.technology, reading.electricity, Month(in_operation), market_based)
    if not rules.issued:
        return Line(reading, issued=False, refusal=LeafRefusal.NOT_ISSUABLE)
    if month < Month(in_operation):
        return Line(reading, issued=False, refusal=LeafRefusal.BEFORE_GRID_CONNECTION)
    if rules.first_holder is not FirstHolder.OWNER and not _has_province(reader, key.province):
        return Line(reading, issued=False, refusal=LeafRefusal.NO_PROVINCIAL_ACCOUNT)
    try:
        after, count = lane.issue(month, reading.wh)
    except Refused as error:
        return Line(reading, issued=False, refusal=LeafRefusal.of_slug(error.reason))
    return Line(reading, issued=False, count=count, carry=after.carry)


def _has_province(reader: Reader, province: int) -> bool:
    return bool(_answers(reader, "registry", "provincialAccount", [(province,)])[0] != NO_ACCOUNT)


def _standing(store: ReadingStore, reader: Reader, month: Month, provider: str) -> PreparedCommitment | None:
    """The provider's latest commitment of the month that is on the chain and not replaced."""
    prepared = store.commitments(month, provider)
    if not prepared:
        return None
    by_root = _committed_roots(reader)
    for commitment in reversed(prepared):
        number, replaced = by_root.get(commitment.root, (0, 0))
        if number and commitment.number != number:
            store.mark(commitment.id, "committed", number)
        if number and not replaced:
            return next(one for one in store.commitments(month, provider) if one.id == commitment.id)
    return None


def _committed_roots(reader: Reader) -> Mapping[bytes, tuple[int, int]]:
    """Root -> (number, number that replaced it) of every commitment on the chain."""
    count = _answers(reader, "readings", "commitments", [()])[0]
    found = _answers(reader, "readings", "commitment", [(number,) for number in range(1, count + 1)])
    return {struct[0]: (number, struct[5]) for number, struct in enumerate(found, start=1)}


def _commit(store: ReadingStore, provider: Writer, reader: Reader, month: Month, lot: Lot) -> PreparedCommitment:
    readings = [line.reading for line in lot.open_lines]
    tree = Tree.of(map(_leaf, readings))
    total = sum(reading.wh for reading in readings)
    ids = [reading.id for reading in readings]
    evidence = _evidence(store.sources_of(ids))
    prepared = store.prepare(
        month, lot.provider, root=tree.root, reading_ids=ids, total_wh=total, evidence=evidence, replaces=lot.replaces
    )
    args = [month.index, tree.root, tree.count, total, evidence, lot.replaces]
    what = f"committing {tree.count} readings of {month}"
    receipt = provider.send(Action.call(what, "Readings", reader.deployment.readings, "commit", args))
    (event,) = (event for event in _events([receipt]) if isinstance(event, ReadingsCommitted))
    store.mark(prepared, "committed", event.commitment)
    return next(one for one in store.commitments(month, lot.provider) if one.id == prepared)


def _issue(
    store: ReadingStore,
    authority: Writer,
    reader: Reader,
    lot: Lot,
    commitment: PreparedCommitment,
    progress: Progress,
) -> list[Receipt]:
    readings = list(store.leaves_of(commitment.id))
    tree = Tree.of(map(_leaf, readings))
    open_ids = {line.reading.id for line in lot.open_lines}
    chunks = sorted({at // CHUNK_LEAVES.value for at, reading in enumerate(readings) if reading.id in open_ids})
    sizes = iter([len(tree.chunk(chunk).leaves) for chunk in chunks])
    actions = (_issue_action(reader, commitment, tree, chunk) for chunk in chunks)
    return authority.send_all(actions, lambda _receipt: progress(next(sizes)))


def _issue_action(reader: Reader, commitment: PreparedCommitment, tree: Tree, chunk: int) -> Action:
    part = tree.chunk(chunk)
    args = [commitment.number, chunk, list(part.leaves), list(part.proof)]
    gas = _GAS_BASE + _GAS_PER_LEAF * len(part.leaves)
    what = f"issuing chunk {chunk + 1} of {tree.chunks} of {commitment.month}"
    return Action.call(what, "Certificates", reader.deployment.certificates, "issue", args, gas=gas)


def _report(plan: Plan, receipts: Sequence[Receipt]) -> Report:
    batches, refused = [], []
    for receipt in receipts:
        for event in _events([receipt]):
            if isinstance(event, ConsecutiveTransfer) and event.from_address == NO_ACCOUNT:
                count = event.to_token_id - event.from_token_id + 1
                batches.append(IssuedBatch(event.from_token_id >> 32, count, event.to_address, receipt.transaction))
            elif isinstance(event, LeafRefused) and event.reason != LeafRefusal.MONTH_ALREADY_ISSUED:
                refused.append((f"{event.commitment}/{event.leaf}", LeafRefusal.of_number(event.reason)))
    return Report(
        month=plan.month,
        asked=plan.certificates,
        minted=sum(batch.count for batch in batches),
        readings=len(plan.open_lines),
        issued_before=sum(line.issued for line in plan.lines),
        batches=batches,
        refused=[*((line.reading.code, line.refusal) for line in plan.refused_lines if line.refusal), *refused],
        transactions=[receipt.transaction for receipt in receipts],
    )


def _require_keys(plan: Plan, providers: Mapping[str, Writer]) -> None:
    for lot in plan.lots:
        if lot.open_lines and lot.commitment is None and lot.provider not in providers:
            raise NotFound(
                f"no key of the data provider {lot.provider!r}, who must sign its readings of {plan.month}",
                remedy="Name it in roles.json; the authority cannot mint what a provider did not sign.",
            )


def _evidence(sources: Sequence[str]) -> bytes:
    """SHA-256 of the file the readings came from; of several, SHA-256 over their sorted digests."""
    digests = sorted(bytes.fromhex(source) for source in set(sources))
    return digests[0] if len(digests) == 1 else hashlib.sha256(b"".join(digests)).digest()


def _leaf(reading: KeptReading) -> Leaf:
    return Leaf(reading.project, reading.electricity, reading.wh, reading.digest)


def _events(receipts: Iterable[Receipt]) -> Iterator[Any]:
    for receipt in receipts:
        for log in receipt.logs:
            event = decode_log(log["topics"], log["data"])
            if event is not None:
                yield event


def _answers(reader: Reader, contract: Any, function: str, calls: Sequence[tuple[Any, ...]]) -> list[Any]:
    return [values[0] for values in reader.views([View(contract, function, args) for args in calls])]


def _pages(readings: Sequence[KeptReading]) -> Iterator[Sequence[KeptReading]]:
    for first in range(0, len(readings), _PAGE):
        yield readings[first : first + _PAGE]
