"""Write path of green-power settlement (绿色电力交易结算, Q29, Q46): an exchange reports, the certificates move.

Each row of its table is a contract's month of one project. What the chain settled before is found by its events, so
that the same table twice settles nothing twice; what cannot be settled is told row by row and stops no other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Any, Final

from gecchain.chain.actions import Receipt
from gecchain.chain.holdings import Piece, Wish, choose, held, owner_of
from gecchain.chain.items import (
    GAS_PER_ITEM,
    GAS_PER_RANGE,
    events_in,
    logs_naming,
    refusals_in,
    within_gas,
)
from gecchain.chain.reader import Reader
from gecchain.chain.views import View
from gecchain.chain.writer import Action, Writer
from gecchain.events import Settled
from gecchain.oracle.contract_months import ContractMonth
from gecchain.rules import BatchKey, Electricity

__all__ = ["Outcome", "Planned", "Status", "plan_settlement", "settle"]

_RANGES_AN_ITEM: Final = 100
_SHORT: Final = "QuantityNotMet"


class Status(StrEnum):
    """What becomes of a row. `PLANNED` is for a dry run alone."""

    PLANNED = "planned"
    SETTLED = "settled"
    BEFORE = "settled before"
    NOTHING = "less than one certificate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A row and what became of it: so many certificates moved by trades `[first_trade, last_trade]`, or why not."""

    row: int
    contract: str
    project_code: str
    month: str
    status: Status
    certificates: int = 0
    first_trade: int = 0
    last_trade: int = 0
    transaction: str = ""
    why: str = ""
    reason: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """A row that can be settled, with the seller's ranges for it."""

    row: ContractMonth
    pieces: Sequence[Piece]

    def as_struct(self) -> tuple[Any, ...]:
        """The contract's `Settlement`."""
        one = self.row
        return (
            one.contract_id,
            one.project.id,
            one.month.index,
            one.buyer,
            one.contract_wh,
            one.fed_in_wh,
            one.consumed_wh,
            one.attribute_price,
            one.energy_price,
            [piece.as_struct() for piece in self.pieces],
        )

    @property
    def gas(self) -> int:
        """More than it can take."""
        return GAS_PER_ITEM + GAS_PER_RANGE * len(self.pieces)


def plan_settlement(reader: Reader, rows: Sequence[ContractMonth]) -> tuple[list[Planned], list[Outcome]]:
    """Rows that can be settled with the ranges for them, in the order of the table, and what is said of the others.

    Ranges are of the project's owner, on-grid, of that month, in serial order, and disjoint.
    """
    before = {(int(e.contract_id, 16), e.project, e.month): e for e in _settled_before(reader, rows)}
    outcomes = [_as_before(row, before[row.key]) for row in rows if row.key in before]
    outcomes += [_outcome(row, Status.NOTHING) for row in rows if row.key not in before and row.quantity == 0]
    wanted = [row for row in rows if row.key not in before and row.quantity]
    stock = _stock(reader, wanted)
    unfit = _unfit(reader, {row.buyer for row in wanted})
    planned: list[Planned] = []
    for row in wanted:
        if row.buyer in unfit:
            outcomes.append(_outcome(row, Status.REFUSED, **unfit[row.buyer]))
            continue
        batch = _batch(row)
        chosen, rest = choose(stock[batch], row.quantity)
        there = sum(len(piece.serials) for piece in chosen)
        if there < row.quantity:
            outcomes.append(_short(row, there))
        elif len(chosen) > _RANGES_AN_ITEM:
            outcomes.append(_scattered(row, len(chosen)))
        else:
            stock[batch] = rest
            planned.append(Planned(row, chosen))
    return planned, outcomes


def settle(
    exchange: Writer, reader: Reader, rows: Sequence[ContractMonth], progress: Callable[[int], None] = lambda _n: None
) -> list[Outcome]:
    """Settle the rows as the exchange; outcomes in the order of the rows.

    Whatever an earlier run left on its way is brought to an end first. Refused when the key is no exchange's.
    """
    exchange.resume()
    planned, outcomes = plan_settlement(reader, rows)
    progress(len(outcomes))
    for some, gas in within_gas(planned, attrgetter("gas")):
        args = [[one.as_struct() for one in some]]
        what = f"settling {len(some)} contracts' months"
        receipt = exchange.send(Action.call(what, "Market", reader.deployment.market, "settle", args, gas=gas))
        outcomes += _outcomes(receipt, some)
        progress(len(some))
    return sorted(outcomes, key=lambda outcome: outcome.row)


def _settled_before(reader: Reader, rows: Sequence[ContractMonth]) -> list[Settled]:
    return logs_naming(reader, "market", Settled, [row.key[0] for row in rows])


def _stock(reader: Reader, rows: Sequence[ContractMonth]) -> dict[int, list[Piece]]:
    """What the owners can still sell of each batch, at least as much as all rows want of it."""
    wanted: dict[int, int] = {}
    for row in rows:
        wanted[_batch(row)] = wanted.get(_batch(row), 0) + row.quantity
    owners = owner_of(reader, [batch >> 16 for batch in wanted])
    wishes = [
        Wish(batch, owner, quantity, untraded=True)
        for (batch, quantity), owner in zip(wanted.items(), owners, strict=True)
    ]
    return dict(zip(wanted, held(reader, wishes), strict=True))


def _unfit(reader: Reader, buyers: set[str]) -> dict[str, dict[str, str]]:
    """Buyers that cannot buy, and why: else their rows would keep certificates from the others, run after run."""
    asked = sorted(buyers)
    found = {}
    for account, (struct,) in zip(asked, reader.views([View("registry", "account", (a,)) for a in asked]), strict=True):
        _operator, kind, _province, frozen, _bit, closed, _mandated = struct
        if kind == 0 or closed:
            why = f"no such account, or it is closed: {account}"
            found[account] = {"why": why, "reason": "AccountUnknown", "remedy": "Open it with gec accounts open."}
        elif frozen:
            why = f"the account is frozen: {account}"
            found[account] = {"why": why, "reason": "AccountFrozen", "remedy": "Wait until it is free again."}
    return found


def _batch(row: ContractMonth) -> int:
    return BatchKey(row.project.id, row.month, Electricity.ON_GRID, tradable=True).id


def _outcomes(receipt: Receipt, some: Sequence[Planned]) -> list[Outcome]:
    refused = refusals_in(receipt)
    settled = {(int(e.contract_id, 16), e.project, e.month): e for e in events_in(receipt, Settled)}
    found = []
    for place, one in enumerate(some):
        if place in refused:
            why, reason, remedy = refused[place]
            found.append(_outcome(one.row, Status.REFUSED, why=why, reason=reason, remedy=remedy))
        else:
            event = settled[one.row.key]
            found.append(_moved(one.row, Status.SETTLED, event, transaction=receipt.transaction))
    return found


def _as_before(row: ContractMonth, event: Settled) -> Outcome:
    """A row that was settled: the same figures, or refused because its figures have changed since."""
    then = (event.contract_wh, event.fed_in_wh, event.consumed_wh, event.energy_price)
    if then == (row.contract_wh, row.fed_in_wh, row.consumed_wh, row.energy_price):
        return _moved(row, Status.BEFORE, event)
    return _outcome(
        row,
        Status.REFUSED,
        why="this contract's month was settled before, with other figures (contract, fed-in and consumed Wh, energy "
        f"price: {', '.join(map(str, then))})",
        reason="SettledAlready",
        remedy="Have the trade undone in a case (Q95), or correct the row.",
    )


def _short(row: ContractMonth, there: int) -> Outcome:
    return _outcome(
        row,
        Status.REFUSED,
        why=f"{row.quantity:,} certificates are to move; the project's owner holds {there:,} of that month that can "
        "still be traded and that no row before it takes",
        reason=_SHORT,
        remedy="Issue the month first, or have the owner withdraw what is listed.",
    )


def _scattered(row: ContractMonth, pieces: int) -> Outcome:
    why = f"the certificates lie in {pieces} pieces, more than the {_RANGES_AN_ITEM} that one row may take"
    return _outcome(row, Status.REFUSED, why=why, reason="TooManyRanges", remedy="Settle it in two contracts' rows.")


def _moved(row: ContractMonth, status: Status, event: Settled, transaction: str = "") -> Outcome:
    return _outcome(
        row,
        status,
        certificates=row.quantity,
        first_trade=event.first_trade,
        last_trade=event.last_trade,
        transaction=transaction,
    )


def _outcome(row: ContractMonth, status: Status, **facts: Any) -> Outcome:
    return Outcome(row.row, row.contract, row.project.code, str(row.month), status, **facts)
