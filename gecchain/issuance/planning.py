"""What issuing a month would do: the contract's own checks, asked and worked out before anything is sent.

The chain alone decides what is issued already, so a run that was cut off is simply planned again.
"""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterator, Mapping, Sequence
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
    def of(
        cls, provider: str, lines: Sequence[Line], commitment: PreparedCommitment | None, replaces: int, **more: Any
    ) -> Self:
        """From all its lines, in the order of leaves."""
        to_issue = [line for line in lines if line.is_open]
        return cls(
            provider,
            commitment,
            replaces,
            readings=len(lines),
            issued=sum(line.issued for line in lines),
            open_ids=array("q", (line.reading.id for line in to_issue)),
            certificates=sum(line.count for line in to_issue),
            wh=sum(line.reading.wh for line in to_issue),
            carry=sum(line.carry for line in to_issue),
            refused=tuple(line for line in lines if line.refusal is not None),
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
    return Plan(month, [lot for lot, _lines in _lots(store, chain, month)], chain.quorum)


def lines_of(store: ReadingStore, reader: Reader, month: Month) -> Iterator[Line]:
    """Every reading of a month and what issuing it would give now, lot by lot in the order of `plan_month`."""
    for _lot, lines in _lots(store, _Chain(reader), month):
        yield from lines


def _lots(store: ReadingStore, chain: _Chain, month: Month) -> Iterator[tuple[Lot, Sequence[Line]]]:
    """Lots with their lines, which nobody needs to keep."""
    declared = [commitment for commitment in commitments_of(chain.reader, month) if not commitment.replaced]
    doubtful = {_lane_of(reading) for one in declared for reading in _declared_readings(one)}
    taken = set[tuple[int, int]]()
    for provider in store.providers(month):
        lines = [line for page in _pages(store.current(month, provider)) for line in _lines(chain, month, page)]
        taken |= doubtful & {_lane_of(line.reading) for line in lines if line.is_open} if doubtful else set()
        yield _lot(store, chain, month, provider, lines), lines
    for commitment in declared:
        readings = _declared_readings(commitment)
        lines = [_unless_taken(line, taken) for line in _lines(chain, month, readings)]
        taken |= {_lane_of(line.reading) for line in lines if line.is_open}
        approvals = chain.approvals_of(commitment.number)
        declared_lot = {"declared": commitment.number, "leaves": readings, "approvals": approvals}
        yield Lot.of(DECLARED, lines, None, 0, **declared_lot), lines


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


def _lot(store: ReadingStore, chain: _Chain, month: Month, provider: str, lines: Sequence[Line]) -> Lot:
    standing = _standing(store, chain, month, provider)
    if standing is None:
        return Lot.of(provider, lines, None, 0)
    if _serves(lines, list(store.leaves_of(standing.id))):
        return Lot.of(provider, lines, standing, 0, approvals=chain.approvals_of(standing.number or 0))
    return Lot.of(provider, lines, None, standing.number or 0)


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


def _serves(lines: Sequence[Line], leaves: Sequence[KeptLeaf]) -> bool:
    """Whether a commitment holds every open line, and nothing that could be issued in place of a newer reading."""
    covered = {reading.id for reading in leaves}
    current = {line.reading.id for line in lines}
    issued = {_lane_of(line.reading) for line in lines if line.issued}
    outdated = [reading for reading in leaves if reading.id not in current and _lane_of(reading) not in issued]
    return not outdated and all(line.reading.id in covered for line in lines if line.is_open)


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
