"""What issuing a month would do: the contract's own checks, asked and worked out before anything is sent.

The chain alone decides what is issued already, so a run that was cut off is simply planned again.
"""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any, Final, Self

from gecchain.chain.declared import DeclaredCommitment, commitments_of
from gecchain.chain.reader import Reader
from gecchain.chain.views import Contract, View
from gecchain.errors import Refused
from gecchain.events import NO_ACCOUNT
from gecchain.proofs import Leaf
from gecchain.rules import FirstHolder, Lane, LeafRefusal, Month, ProjectKey, classify
from gecchain.rules.parameters import CHUNK_LEAVES
from gecchain.store.intake import KeptLeaf, KeptReading, PreparedCommitment, ReadingStore

__all__ = ["DECLARED", "Line", "Lot", "Plan", "lines_of", "plan_month"]

DECLARED: Final = "declared"
_PAGE: Final = 4096


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
    """A provider's part of a month, in a few bytes a reading: a province has a hundred thousand.

    `commitment` is the one on the chain that holds every open reading, if there is one. `replaces` is the number of an
    older commitment that must not be issued from any more, or 0. A lot of declared readings has its commitment's
    number and leaves from the chain: `declared` and `leaves`. `approvals` are those of the commitment that it has, 0
    without one, and where none is needed. `open_ids` are the ids of the readings to be issued in
    the order of leaves; `certificates`, `wh` and `carry` are theirs.
    """

    provider: str
    commitment: PreparedCommitment | None
    replaces: int
    readings: int
    issued: int
    open_ids: array[int]
    certificates: int
    wh: int
    carry: int
    refused: tuple[Line, ...]
    declared: int = 0
    leaves: Sequence[KeptReading] = ()
    approvals: int = 0

    @property
    def number(self) -> int:
        """Number of its commitment, 0 without one."""
        return self.declared or (self.commitment.number or 0 if self.commitment else 0)

    @classmethod
    def of(cls, provider: str, lines: Iterable[Line], **more: Any) -> Self:
        """From all its lines, in the order of leaves, which are read once; without a commitment."""
        readings = issued = certificates = wh = carry = 0
        open_ids, refused = array("q"), list[Line]()
        for line in lines:
            readings, issued = readings + 1, issued + line.issued
            if line.is_open:
                open_ids.append(line.reading.id)
                certificates, wh, carry = certificates + line.count, wh + line.reading.wh, carry + line.carry
            elif line.refusal is not None:
                refused.append(line)
        return cls(
            provider,
            commitment=None,
            replaces=0,
            readings=readings,
            issued=issued,
            open_ids=open_ids,
            certificates=certificates,
            wh=wh,
            carry=carry,
            refused=tuple(refused),
            **more,
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What issuing a month would do now. `quorum` officers must approve a commitment before it is issued from."""

    month: Month
    lots: Sequence[Lot]
    quorum: int = 0

    @property
    def readings(self) -> int:
        """Readings of the month."""
        return sum(lot.readings for lot in self.lots)

    @property
    def issued(self) -> int:
        """Readings that were issued before."""
        return sum(lot.issued for lot in self.lots)

    @property
    def to_issue(self) -> int:
        """Readings to be issued."""
        return sum(len(lot.open_ids) for lot in self.lots)

    @property
    def refused(self) -> Sequence[Line]:
        """Readings that the contract would refuse."""
        return [line for lot in self.lots for line in lot.refused]

    @property
    def certificates(self) -> int:
        """Certificates to be minted."""
        return sum(lot.certificates for lot in self.lots)

    @property
    def waiting(self) -> Sequence[Lot]:
        """Lots with something to issue whose commitment, made or to be made, has too few approvals."""
        return [lot for lot in self.lots if lot.open_ids and lot.approvals < self.quorum]

    @property
    def wh(self) -> int:
        """Wh of the readings to be issued."""
        return sum(lot.wh for lot in self.lots)

    @property
    def carry(self) -> int:
        """Wh that stay on the lanes of the readings to be issued."""
        return sum(lot.carry for lot in self.lots)


def plan_month(store: ReadingStore, reader: Reader, month: Month) -> Plan:
    """Plan from the readings taken in and declared, and from what the chain says of their projects; sends nothing.

    A reading that a provider pushed goes before a declared one of the same project and class.
    """
    chain = _Chain(reader)
    lots = [_lot(store, chain, month, *part) for part in _parts(store, chain, month)]
    return Plan(month, lots, chain.quorum)


def lines_of(store: ReadingStore, reader: Reader, month: Month) -> Iterator[Line]:
    """Every reading of a month and what issuing it would give now, lot by lot in the order of `plan_month`."""
    for _provider, _commitment, lines in _parts(store, _Chain(reader), month):
        yield from lines


def _parts(
    store: ReadingStore, chain: _Chain, month: Month
) -> Iterator[tuple[str, DeclaredCommitment | None, Iterator[Line]]]:
    """The lines of each lot, a page in memory at a time; they have to be read before the next part is asked for."""
    declared = [commitment for commitment in commitments_of(chain.reader, month) if not commitment.replaced]
    doubtful = {_lane_of(reading) for one in declared for reading in _declared_readings(one)}
    taken = set[tuple[int, int]]()
    for provider in store.providers(month):
        pages = _pages(store.current(month, provider))
        lines = (line for page in pages for line in _lines(chain, month, page))
        yield provider, None, _taking(lines, taken, doubtful) if doubtful else lines
    for commitment in declared:
        found = _lines(chain, month, _declared_readings(commitment))
        yield DECLARED, commitment, _taking((_unless_taken(line, taken) for line in found), taken, doubtful)


def _taking(lines: Iterable[Line], taken: set[tuple[int, int]], doubtful: Container[tuple[int, int]]) -> Iterator[Line]:
    """Lines, of which the open ones take their lane, where others may come to it."""
    for line in lines:
        lane = _lane_of(line.reading)
        if line.is_open and lane in doubtful:
            taken.add(lane)
        yield line


class _Chain:
    """What planning asks of the chain; what does not change from reading to reading is asked once."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._provinces: dict[int, bool] = {}

    def answers(self, contract: Contract, function: str, calls: Sequence[tuple[Any, ...]]) -> list[Any]:
        """The first value that each call gives."""
        return [values[0] for values in self.reader.views([View(contract, function, args) for args in calls])]

    def projects_and_lanes(self, readings: Sequence[KeptReading]) -> tuple[list[Any], list[Any]]:
        """What the registry says of each reading's project, and its lane."""
        asked = [View("registry", "project", (reading.project,)) for reading in readings]
        asked += [View("registry", "laneOf", _lane_of(reading)) for reading in readings]
        answers = [values[0] for values in self.reader.views(asked)]
        return answers[: len(readings)], answers[len(readings) :]

    def has_province(self, province: int) -> bool:
        """Whether a province has its account."""
        if province not in self._provinces:
            found = self.answers("registry", "provincialAccount", [(province,)])[0]
            self._provinces[province] = found != NO_ACCOUNT
        return self._provinces[province]

    @cached_property
    def commitments(self) -> Mapping[tuple[bytes, int], tuple[int, int]]:
        """Root and month index -> number, and the number that replaced it or 0, of every commitment."""
        return {(struct[0], struct[3]): (number, struct[5]) for number, struct in enumerate(self._committed, start=1)}

    @cached_property
    def quorum(self) -> int:
        """Officers who must approve a commitment before it is issued from."""
        return int(self.answers("readings", "quorum", [()])[0])

    def approvals_of(self, number: int) -> int:
        """Officers who approved a commitment; not asked where none has to."""
        return int(self._committed[number - 1][7]) if self.quorum and number else 0

    @cached_property
    def _committed(self) -> Sequence[Any]:
        count = self.answers("readings", "commitments", [()])[0]
        return self.answers("readings", "commitment", [(number,) for number in range(1, count + 1)])


def _lot(
    store: ReadingStore,
    chain: _Chain,
    month: Month,
    provider: str,
    declared: DeclaredCommitment | None,
    lines: Iterable[Line],
) -> Lot:
    if declared is not None:
        approvals = chain.approvals_of(declared.number)
        return Lot.of(
            provider, lines, declared=declared.number, leaves=_declared_readings(declared), approvals=approvals
        )
    standing = _standing(store, chain, month, provider)
    if standing is None:
        return Lot.of(provider, lines)
    covering = _Covering(store.leaves_of(standing.id))
    lot = Lot.of(provider, covering.watched(lines))
    if covering.serves:
        return replace(lot, commitment=standing, approvals=chain.approvals_of(standing.number or 0))
    return replace(lot, replaces=standing.number or 0)


def _unless_taken(line: Line, taken: Container[tuple[int, int]]) -> Line:
    """What others issue in this plan is not issued again."""
    if line.is_open and _lane_of(line.reading) in taken:
        return replace(line, count=0, carry=0, refusal=LeafRefusal.MONTH_ALREADY_ISSUED)
    return line


def _declared_readings(commitment: DeclaredCommitment) -> list[KeptReading]:
    return [_declared(commitment, place, word) for place, word in enumerate(commitment.leaves)]


def _declared(commitment: DeclaredCommitment, place: int, word: int) -> KeptReading:
    """A leaf as a reading; its id, which the store does not know, is below zero."""
    leaf = Leaf.unpack(word)
    return KeptReading(
        id=-(commitment.number * CHUNK_LEAVES.value + place + 1),
        file=0,
        row=place,
        project=leaf.project,
        code=ProjectKey.from_id(leaf.project).code,
        month=commitment.month,
        electricity=leaf.electricity,
        wh=leaf.wh,
        provider=DECLARED,
        sheet="",
        record="",
        derived=False,
        note="",
        digest=leaf.digest,
        current=True,
        replaced_by=None,
    )


class _Covering:
    """Whether a commitment serves, by its leaves and a month's lines side by side, as both go by lane.

    It `serves` if it holds every open line, and nothing that could be issued in place of a newer reading.
    """

    def __init__(self, leaves: Iterator[KeptLeaf]) -> None:
        self.serves = True
        self._leaves = leaves
        self._next = next(leaves, None)

    def watched(self, lines: Iterable[Line]) -> Iterator[Line]:
        """The lines; once they are read it is known."""
        for line in lines:
            self._meet(line)
            yield line
        self.serves = self.serves and self._next is None

    def _meet(self, line: Line) -> None:
        lane = _lane_of(line.reading)
        while self._next is not None and _lane_of(self._next) < lane:
            self.serves = False
            self._next = next(self._leaves, None)
        held = None
        if self._next is not None and _lane_of(self._next) == lane:
            held, self._next = self._next.id, next(self._leaves, None)
        if not line.issued and held != line.reading.id and (held is not None or line.is_open):
            self.serves = False


def _lane_of(reading: KeptReading | KeptLeaf) -> tuple[int, int]:
    return reading.project, int(reading.electricity)


def _lines(chain: _Chain, month: Month, readings: Sequence[KeptReading]) -> list[Line]:
    projects, lanes = chain.projects_and_lanes(readings)
    return [
        _line(reading, month, project, Lane.unpack(lane), chain)
        for reading, project, lane in zip(readings, projects, lanes, strict=True)
    ]


def _line(reading: KeptReading, month: Month, project: Sequence[Any], lane: Lane, chain: _Chain) -> Line:
    """The contract's own checks in its own order (`Registry.credit`)."""
    if lane.is_issued(month):
        return Line(reading, issued=True)
    refusal = _refusal(reading, month, project, chain)
    if refusal is not None:
        return Line(reading, issued=False, refusal=refusal)
    try:
        after, count = lane.issue(month, reading.wh)
    except Refused as error:
        return Line(reading, issued=False, refusal=LeafRefusal.of_slug(error.reason))
    return Line(reading, issued=False, count=count, carry=after.carry)


def _refusal(reading: KeptReading, month: Month, project: Sequence[Any], chain: _Chain) -> LeafRefusal | None:
    _owner, in_operation, filing, _submitted, market_based, _capacity = project
    if filing == 0:
        return LeafRefusal.PROJECT_NOT_APPROVED
    key = ProjectKey.from_id(reading.project)
    rules = classify(key.technology, reading.electricity, Month(in_operation), market_based)
    if not rules.issued:
        return LeafRefusal.NOT_ISSUABLE
    if month < Month(in_operation):
        return LeafRefusal.BEFORE_GRID_CONNECTION
    if rules.first_holder is not FirstHolder.OWNER and not chain.has_province(key.province):
        return LeafRefusal.NO_PROVINCIAL_ACCOUNT
    return None


def _standing(store: ReadingStore, chain: _Chain, month: Month, provider: str) -> PreparedCommitment | None:
    """The provider's latest commitment of the month that is on the chain and not replaced."""
    for commitment in reversed(store.commitments(month, provider)):
        number, replaced = chain.commitments.get((commitment.root, month.index), (0, 0))
        if number and not replaced:
            store.mark(commitment.id, "committed", number)
            return replace(commitment, status="committed", number=number)
    return None


def _pages(readings: Iterator[KeptReading]) -> Iterator[Sequence[KeptReading]]:
    while page := list(islice(readings, _PAGE)):
        yield page
