"""Write path of declared readings (申报, Q26, Q33): where nobody pushes data, the owner or its agent declares with
evidence, the information centre checks first, and the authority again; what passed both can be issued.

A declaration is known by what it says (month, reading, evidence), so the same one is never made twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Final

from eth_abi.abi import encode

from gecchain.chain.declared import Declaration, stages_of
from gecchain.chain.items import chunks, events_in
from gecchain.chain.reader import Reader
from gecchain.chain.views import View
from gecchain.chain.writer import Action, Receipt, Writer
from gecchain.errors import BadInput
from gecchain.events import DeclarationRechecked
from gecchain.oracle.checks import ProjectFacts, check, refuse
from gecchain.oracle.codes import Code
from gecchain.oracle.columns import COLUMNS
from gecchain.oracle.intake import Issued
from gecchain.oracle.reading import Reading, Refusal, Sheet, Source
from gecchain.oracle.source import survey
from gecchain.oracle.tables import Cells, Columns, Fault, month_in, project_in, read_table
from gecchain.oracle.values import electricity_of, wh_of_kwh
from gecchain.proofs import Leaf, canonical_json, keccak256, record_digest
from gecchain.rules import DeclarationStage, Electricity, Month

__all__ = ["Checked", "Draft", "DraftTable", "check_again", "check_first", "declare", "drafts_in", "undeclared"]

_GROUP: Final = 256
_OPEN: Final = (DeclarationStage.NONE, DeclarationStage.SENT_BACK)
_COLUMNS: Final = Columns(
    MappingProxyType(
        {
            **{field: COLUMNS[field] for field in ("project", "month", "class", "kwh", "sheet")},
            "evidence": ("evidence", "evidence_files", "证明材料", "证明文件"),
        }
    ),
    (("project",), ("month",), ("class",), ("kwh",), ("evidence",)),
)
EvidenceOf = Callable[[str, str], bytes | None]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Draft:
    """A row that can be declared: the reading, whose it is, and the hash of its evidence."""

    row: int
    code: str
    project: int
    month: Month
    electricity: Electricity
    wh: int
    owner: str
    evidence: bytes

    @property
    def leaf(self) -> int:
        """The reading's word; its digest is that of this declaration's record, canonical JSON."""
        record = canonical_json(
            {
                "electricity": self.electricity.slug,
                "evidence": "0x" + self.evidence.hex(),
                "month": str(self.month),
                "owner": self.owner,
                "project": self.code,
                "wh": self.wh,
            }
        )
        return Leaf(self.project, self.electricity, self.wh, record_digest(record)).pack()

    @property
    def id(self) -> bytes:
        """The declaration's hash, as the contract makes it."""
        return keccak256(encode(["uint16", "uint256", "bytes32"], [self.month.index, self.leaf, self.evidence]))


@dataclass(frozen=True, slots=True)
class DraftTable:
    """What a table holds: rows to declare, and rows refused with code, row, field, value and remedy."""

    drafts: tuple[Draft, ...]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a second check did: transactions, and the commitments that passed, by number."""

    transactions: tuple[str, ...]
    commitments: tuple[int, ...]


def drafts_in(
    path: Path,
    projects: Mapping[str, ProjectFacts],
    owner_of: Callable[[int], str],
    evidence_of: EvidenceOf,
    now: datetime,
    *,
    issued: Issued,
) -> DraftTable:
    """Read and check a table: CSV, XLSX or JSON with project, month, class, kWh, evidence, and sheet if there is one.

    `evidence_of` gives the hash of what an evidence cell of an owner names, None without such a file.
    `owner_of` gives the owner of a project id, `issued` those of some keys that are issued. Unavailable without a file.
    """
    facts = survey(path)
    seen: set[tuple[int, int, int]] = set()
    drafts: list[Draft] = []
    refusals: list[Refusal] = []

    def parse(row: int, cells: Cells) -> Draft | Refusal:
        reading = _reading(row, cells, facts.sha256)
        judged = check(reading, projects, now)
        if isinstance(judged, Refusal):
            return judged
        if issued([(reading.project, reading.month, reading.electricity)]):
            return refuse(reading, Code.ALREADY_ISSUED, "month", str(reading.month))
        owner = owner_of(reading.project)
        evidence = evidence_of(cells["evidence"], owner)
        if evidence is None:
            raise Fault(Code.EVIDENCE, "evidence")
        if reading.key in seen:
            return refuse(reading, Code.DUPLICATE, "project", reading.code)
        seen.add(reading.key)
        return Draft(
            row, reading.code, reading.project, reading.month, reading.electricity, reading.wh, owner, evidence
        )

    for batch in read_table(facts, _COLUMNS, parse):
        drafts += [one for one in batch if isinstance(one, Draft)]
        refusals += [one for one in batch if isinstance(one, Refusal)]
    return DraftTable(tuple(drafts), tuple(refusals))


def undeclared(reader: Reader, drafts: Sequence[Draft], key: str) -> list[Draft]:
    """Drafts that were not declared yet, or were sent back. BadInput for a row whose owner `key` does not act for."""
    owners = sorted({draft.owner for draft in drafts})
    acts = reader.views([View("registry", "mayAct", (owner, key)) for owner in owners])
    may = {owner for owner, (yes,) in zip(owners, acts, strict=True) if yes}
    for draft in drafts:
        if draft.owner not in may:
            raise BadInput(
                "the key does not act for the owner of this project",
                row=draft.row,
                field="project",
                value=draft.code,
                remedy="Sign with the key of the owner's operator, or of its agent's.",
            )
    stages = stages_of(reader, [draft.id for draft in drafts])
    return [draft for draft, stage in zip(drafts, stages, strict=True) if stage in _OPEN]


def declare(
    owner: Writer, reader: Reader, drafts: Sequence[Draft], *, progress: Progress = lambda _n: None
) -> list[Receipt]:
    """Declare each draft, signed by who acts for the owners; many in flight."""
    actions = (
        Action.call(
            f"declaring row {draft.row} ({draft.code}, {draft.month})",
            "Declarations",
            reader.deployment.declarations,
            "declare",
            [draft.month.index, draft.leaf, draft.evidence],
        )
        for draft in drafts
    )
    return owner.send_all(actions, lambda _receipt: progress(1))


def check_first(
    centre: Writer, reader: Reader, found: Sequence[Declaration], passed: bool, reason: str
) -> list[Receipt]:
    """First check (初核) of many, by the information centre; 256 a transaction. Sending back needs a reason."""
    receipts = []
    for some in chunks(found, _GROUP):
        what = f"checking {len(some)} declarations"
        args = [[bytes.fromhex(one.id[2:]) for one in some], passed, reason]
        receipts.append(centre.send(Action.call(what, "Declarations", reader.deployment.declarations, "check", args)))
    return receipts


def check_again(authority: Writer, reader: Reader, found: Sequence[Declaration], passed: bool, reason: str) -> Checked:
    """Second check (复核) of many, by the authority: what passes becomes commitments of one month, 256 leaves each.

    BadInput when a project and class would pass twice for a month.
    """
    ordered = sorted(found, key=lambda one: (one.month, one.leaf))
    if passed:
        _require_once(ordered)
    receipts = []
    for month, of_month in groupby(ordered, key=lambda one: one.month):
        for some in chunks(list(of_month), _GROUP):
            what = f"checking {len(some)} declarations of {month} again"
            proofs = [bytes.fromhex(one.evidence[2:]) for one in some]
            args = [month.index, [one.leaf for one in some], proofs, passed, reason]
            receipts.append(
                authority.send(Action.call(what, "Declarations", reader.deployment.declarations, "recheck", args))
            )
    told = [event for receipt in receipts for event in events_in(receipt, DeclarationRechecked)]
    numbers = sorted({event.commitment for event in told if event.passed})
    return Checked(tuple(one.transaction for one in receipts), tuple(numbers))


def _require_once(ordered: Sequence[Declaration]) -> None:
    for before, after in pairwise(ordered):
        if (before.month, before.key) == (after.month, after.key):
            raise BadInput(
                f"two declarations of {after.month} are of the same project and class",
                field="declaration",
                value=f"{before.id} {after.id}",
                remedy="Send one of them back first.",
            )


def _reading(row: int, cells: Cells, sha256: str) -> Reading:
    project = project_in(cells, "project")
    electricity = electricity_of(cells["class"])
    wh = wh_of_kwh(cells["kwh"])
    if electricity is None:
        raise Fault(Code.UNKNOWN_CLASS, "class")
    if isinstance(wh, Code):
        raise Fault(wh, "kwh")
    return Reading(
        code=project.code,
        project=project.id,
        month=month_in(cells, "month"),
        electricity=electricity,
        wh=wh,
        provider="",
        sheet=Sheet(cells.get("sheet", "")),
        source=Source(sha256, row),
    )
