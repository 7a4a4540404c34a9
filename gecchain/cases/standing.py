"""Where cases stand, as the chain has it: each case, what was said in it, and what is left of its batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from gecchain.chain.logs import logs_of
from gecchain.chain.reader import Reader
from gecchain.chain.views import SegmentAt, View
from gecchain.errors import NotFound
from gecchain.events import Added, Deducted, EnergyCorrected, Recorded, RetirementUndone, TradeUndone
from gecchain.rules import CaseStage, Outcome, Range

__all__ = ["CaseState", "all_cases", "case_of", "history", "segments_of"]

_PAGE: Final = 256


@dataclass(frozen=True, slots=True)
class CaseState:
    """A case as the chain has it. `owed` certificates are yet to be deducted; `since`, `due` are Unix seconds (`due` 0
    for a closed case); `watt_hours` and `evidence` (0x text) are the latest proposal's.
    """

    id: int
    batch: int
    claimant: str
    stage: CaseStage
    outcome: Outcome
    owed: int
    since: int
    watt_hours: int
    evidence: str
    due: int
    doubtful: tuple[Range, ...]


def case_of(reader: Reader, case: int) -> CaseState:
    """One case. NotFound if there is none of that number."""
    return _cases(reader, [case])[0]


def all_cases(reader: Reader) -> list[CaseState]:
    """Every case, oldest first."""
    return _cases(reader, range(1, int(reader.view(View("cases", "cases"))[0]) + 1))


def segments_of(reader: Reader, batch: int) -> list[SegmentAt]:
    """The segments of a batch in order; NotFound if it was never issued."""
    count = int(reader.view(View("certificates", "batchOf", (batch,)))[0][1])
    found: list[SegmentAt] = []
    at = 0
    while at < count:
        found.append(reader.segment_at(batch, at))
        at = found[-1].end
    if not found:
        raise NotFound("no such batch was issued", remedy="Check the number.")
    return found


def history(reader: Reader, case: CaseState) -> list[Recorded]:
    """Everything that was said and done in a case, in the chain's order."""
    said = logs_of(reader, "cases", (), case.id)
    energy = logs_of(reader, "registry", [EnergyCorrected], None, case.id)
    done = logs_of(reader, "certificates", [Added, Deducted, TradeUndone, RetirementUndone], case.batch, case.id)
    return sorted([*said, *energy, *done], key=lambda one: one.position)


def _cases(reader: Reader, numbers: Sequence[int]) -> list[CaseState]:
    found: list[CaseState] = []
    for first in range(0, len(numbers), _PAGE):
        some = numbers[first : first + _PAGE]
        structs = reader.views([View("cases", "caseOf", (number,)) for number in some])
        due = reader.views([View("cases", "dueAt", (number,)) for number in some])
        doubtful = reader.views([View("cases", "doubtfulOf", (number,)) for number in some])
        for number, (struct,), (until,), (parts,) in zip(some, structs, due, doubtful, strict=True):
            found.append(_case(number, struct, until, parts))
    return found


def _case(number: int, struct: Sequence[Any], due: int, parts: Sequence[tuple[int, int]]) -> CaseState:
    batch, claimant, stage, outcome, owed, since, watt_hours, evidence = struct
    if stage == CaseStage.NONE:
        raise NotFound(f"there is no case {number}", remedy="See gec case list.")
    return CaseState(
        id=number,
        batch=batch,
        claimant=claimant,
        stage=CaseStage.of_number(stage),
        outcome=Outcome.of_number(outcome),
        owed=owed,
        since=since,
        watt_hours=watt_hours,
        evidence="0x" + evidence.hex(),
        due=due,
        doubtful=tuple(Range(*part) for part in parts),
    )
