"""Write path of free moves (划转, Q47, Q48, 2026 rules): by the authority on proof, by a province after its plan.

A free move uses nobody's one trade. A plan is known on the chain by the hash of its file: what was moved under it
before is counted, so that the same plan twice moves nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from gecchain.chain.actions import Receipt
from gecchain.chain.holdings import Piece, Wish, batches_of, choose, held
from gecchain.chain.items import GAS_PER_CALL, GAS_PER_RANGE, chunks, events_in, logs_naming, refusals_in
from gecchain.chain.reader import Reader
from gecchain.chain.views import View
from gecchain.chain.writer import Action, Writer
from gecchain.errors import BrokenProof
from gecchain.events import Moved
from gecchain.oracle.plans import PlanRow
from gecchain.rules import BatchKey, Electricity, MoveKind, Range, certificates, expires_at, number_of, token_id

__all__ = ["Allotted", "Done", "Status", "distribute", "move", "plan_distribution"]

_ITEMS_A_CALL: Final = 100
_DISTRIBUTED: Final = (
    (Electricity.ON_GRID, False),
    (Electricity.ON_GRID, True),
    (Electricity.MECHANISM, False),
    (Electricity.MECHANISM, True),
)


@dataclass(frozen=True, slots=True)
class Done:
    """A move that was recorded."""

    event: Moved
    transaction: str
    block: int


class Status(StrEnum):
    """What becomes of a row of a plan. `PLANNED` is for a dry run alone."""

    PLANNED = "planned"
    MOVED = "moved"
    BEFORE = "moved before"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Allotted:
    """A row of a plan and what became of it. `before` certificates were moved by earlier runs, `moved` by this one."""

    row: int
    receiver: str
    quantity: int
    status: Status
    before: int = 0
    moved: int = 0
    first_numbers: tuple[str, ...] = ()
    why: str = ""
    reason: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class _Item:
    """One range for one receiver: what one `Allotment` is."""

    row: PlanRow
    piece: Piece

    def as_struct(self) -> tuple[Any, ...]:
        return (*self.piece.as_struct(), self.row.receiver)


def move(authority: Writer, reader: Reader, piece: Piece, to: str, kind: MoveKind, basis: bytes, *, key: str) -> Done:
    """Move a range on proof (`basis` is its hash): stock hydro, self-used electricity, or a succession."""
    what = f"moving {certificates(len(piece.serials))}"
    args = [*piece.as_struct(), to, int(kind), basis]
    receipt = authority.send(Action.call(what, "Certificates", reader.deployment.certificates, "move", args, key=key))
    for event in events_in(receipt, Moved):
        return Done(event, receipt.transaction, receipt.block)
    raise BrokenProof(f"the transaction {receipt.transaction} moved nothing", where=receipt.transaction)


def plan_distribution(
    reader: Reader, account: str, rows: Sequence[PlanRow], plan: bytes
) -> tuple[list[_Item], list[Allotted]]:
    """What is still to be moved of a plan out of the provincial account, and what is said of each row so far.

    A row is moved whole or not at all, as far as that can be told beforehand. Rows that name certificates are served
    first, then rows of one month, then the others; each in the order of the plan.
    """
    scope = _Scope(reader, account, rows, plan)
    said: dict[int, Allotted] = {}
    items: list[_Item] = []
    ordered = sorted(rows, key=_precision)
    moved = scope.moved_before(ordered)
    unknown = _unknown(reader, {row.receiver for row in rows})
    for row in ordered:
        before = moved[row.row]
        if row.receiver in unknown and before < row.quantity:
            said[row.row] = _nobody(row, before)
            continue
        pieces = scope.pieces_for(row, row.quantity - before)
        there = sum(len(piece.serials) for piece in pieces)
        if before == row.quantity:
            said[row.row] = Allotted(row.row, row.receiver, row.quantity, Status.BEFORE, before)
        elif before + there < row.quantity:
            said[row.row] = _short(row, before, there)
        else:
            scope.take(pieces)
            items += [_Item(row, piece) for piece in pieces]
            numbers = tuple(number_of(token_id(piece.batch, piece.serials.start)) for piece in pieces)
            said[row.row] = Allotted(row.row, row.receiver, row.quantity, Status.PLANNED, before, 0, numbers)
    return items, [said[row.row] for row in rows]


class _Scope:
    """The batches that a plan's rows name: what the province holds of them, and what it moved under the plan before."""

    def __init__(self, reader: Reader, account: str, rows: Sequence[PlanRow], plan: bytes) -> None:
        self._reader = reader
        self._account = account
        projects = sorted({row.project for row in rows if not row.batch})
        named = {row.batch for row in rows if row.batch}
        found = batches_of(reader, projects, _DISTRIBUTED)
        of_project = [batch for batches in found for batch in batches]
        self._batches = [*of_project, *sorted(named - set(of_project))]
        self._taken: dict[int, list[Range]] = {}
        basis = "0x" + plan.hex()
        self._now = reader.blocks([reader.head()])[0].time
        self._before = [
            (event.batch, Range(event.start, event.end), event.to.lower())
            for event in logs_naming(reader, "certificates", Moved, self._batches)
            if event.basis == basis and event.kind == MoveKind.DISTRIBUTION
        ]

    def moved_before(self, rows: Sequence[PlanRow]) -> dict[int, int]:
        """How much of each row was moved before, by the row's number; each certificate counts for one row.

        Moves that make up a row to the full are that row's; only what is left over is part of a row that was cut off.
        """
        whole = {row.row: row.quantity for row in rows if self._was_whole(row)}
        return whole | {row.row: self._part(row) for row in rows if row.row not in whole}

    def _was_whole(self, row: PlanRow) -> bool:
        count, used = 0, []
        for moved in self._before:
            batch, serials, to = moved
            inside = row.serials is None or row.serials.holds(serials)
            if to == row.receiver and row.names(batch) and inside and count < row.quantity:
                count += len(serials)
                used.append(moved)
        if count != row.quantity:
            return False
        self._before = [moved for moved in self._before if moved not in used]
        return True

    def _part(self, row: PlanRow) -> int:
        count = 0
        rest: list[tuple[int, Range, str]] = []
        for batch, serials, to in self._before:
            mine = serials if row.serials is None else serials.intersect(row.serials)
            if to != row.receiver or not row.names(batch) or mine is None or count == row.quantity:
                rest.append((batch, serials, to))
                continue
            used = Range(mine.start, min(mine.end, mine.start + row.quantity - count))
            count += len(used)
            rest += [(batch, part, to) for part in serials.subtract(used)]
        self._before = rest
        return count

    def pieces_for(self, row: PlanRow, quantity: int) -> list[Piece]:
        """The first certificates for a row that the province holds and no row before it takes."""
        found: list[Piece] = []
        left = quantity
        for batch in (batch for batch in self._batches if self._is_meant(row, batch)):
            taken = self._taken.get(batch, [])
            wish = Wish(batch, self._account, left + sum(map(len, taken)), untraded=False, within=row.serials)
            chosen, _rest = choose(_without(held(self._reader, [wish])[0], taken), left)
            found += chosen
            left -= sum(len(piece.serials) for piece in chosen)
            if left <= 0:
                break
        return found

    def _is_meant(self, row: PlanRow, batch: int) -> bool:
        """Only what is still valid is found for a row that names no certificates."""
        return row.names(batch) and (bool(row.batch) or expires_at(BatchKey.from_id(batch).month) > self._now)

    def take(self, pieces: Sequence[Piece]) -> None:
        """These are spoken for."""
        for piece in pieces:
            self._taken.setdefault(piece.batch, []).append(piece.serials)


def distribute(
    province: Writer,
    reader: Reader,
    account: str,
    rows: Sequence[PlanRow],
    plan: bytes,
    progress: Callable[[int], None] = lambda _n: None,
) -> list[Allotted]:
    """Distribute after a plan, as the province; what became of each row, in their order. `plan` is the file's hash.

    Whatever an earlier run left on its way is brought to an end first.
    """
    province.resume()
    items, said = plan_distribution(reader, account, rows, plan)
    moved: dict[int, int] = {}
    refused: dict[int, tuple[str, str, str]] = {}
    for some in chunks(items, _ITEMS_A_CALL):
        receipt = _send(province, reader, some, plan)
        for place, item in enumerate(some):
            told = refusals_in(receipt).get(place)
            if told is None:
                moved[item.row.row] = moved.get(item.row.row, 0) + len(item.piece.serials)
            else:
                refused.setdefault(item.row.row, told)
        progress(len(some))
    return [_ended(one, moved.get(one.row, 0), refused.get(one.row)) for one in said]


def _send(province: Writer, reader: Reader, some: Sequence[_Item], plan: bytes) -> Receipt:
    gas = GAS_PER_CALL + GAS_PER_RANGE * len(some)
    args = [[item.as_struct() for item in some], plan]
    what = f"distributing {len(some)} ranges"
    return province.send(Action.call(what, "Certificates", reader.deployment.certificates, "distribute", args, gas=gas))


def _ended(one: Allotted, moved: int, refused: tuple[str, str, str] | None) -> Allotted:
    if one.status is not Status.PLANNED:
        return one
    status, told = (Status.MOVED, ("", "", "")) if refused is None else (Status.REFUSED, refused)
    return Allotted(one.row, one.receiver, one.quantity, status, one.before, moved, one.first_numbers, *told)


def _unknown(reader: Reader, receivers: set[str]) -> set[str]:
    """Those that cannot receive: no accounts, or closed ones."""
    asked = sorted(receivers)
    answers = reader.views([View("registry", "mayReceive", (account,)) for account in asked])
    return {account for account, (may,) in zip(asked, answers, strict=True) if not may}


def _nobody(row: PlanRow, before: int) -> Allotted:
    why = f"no such account, or it is closed: {row.receiver}"
    remedy = "Open it with gec accounts open, or name another receiver in a new plan."
    return Allotted(row.row, row.receiver, row.quantity, Status.REFUSED, before, 0, (), why, "AccountUnknown", remedy)


def _short(row: PlanRow, before: int, there: int) -> Allotted:
    why = (
        f"{row.quantity - before:,} certificates are to be moved; the provincial account holds {there:,} of what the "
        "row names that no other row takes"
    )
    remedy = "Correct the row in a new plan, or wait for the month's issue."
    return Allotted(row.row, row.receiver, row.quantity, Status.REFUSED, before, 0, (), why, "QuantityNotMet", remedy)


def _precision(row: PlanRow) -> tuple[int, int]:
    return (0 if row.serials else 1 if row.month else 2), row.row


def _without(pieces: Sequence[Piece], taken: Sequence[Range]) -> list[Piece]:
    left = list(pieces)
    for gone in taken:
        left = [Piece(piece.batch, part) for piece in left for part in piece.serials.subtract(gone)]
    return left
