"""Disputes, from their opening to the last remedy."""

from __future__ import annotations

from typing import Final

from bench.gas.entry import Lines
from bench.gas.lots import MIDDLE, WHOLE, Lot
from bench.gas.registry import CLAIM, HASH, Registry
from gecchain.cases.execution import Remedy
from gecchain.rules import Outcome

__all__ = ["LINES"]

LINES: Final = Lines()
_WH: Final = 1_000_000
_REASON: Final = "计量点数据与结算单不符"


def _checked(ours: Registry, case: int, wh: int) -> int:
    """The case with a correction that was proposed and confirmed."""
    ours.call("Cases", "propose", case, wh, HASH, _REASON)
    ours.call("Cases", "check", case, True, HASH, _REASON)
    return case


def _decided(ours: Registry, batch: int, wh: int, outcome: Outcome) -> int:
    case = _checked(ours, ours.disputed(batch), wh)
    ours.call("Cases", "decide", case, int(outcome), HASH, _REASON)
    return case


# --- stages -----------------------------------------------------------------------------------------------------------


@LINES.entry("Cases.open", note="nothing in doubt")
def open_(ours: Registry, lot: Lot) -> int:
    return ours.call("Cases", "open", ours.issued(lot.batch), [], HASH, _REASON)


@LINES.entry("Cases.open", parts=(WHOLE, MIDDLE), note="in doubt")
def open_in_doubt(ours: Registry, lot: Lot) -> int:
    return ours.call("Cases", "open", ours.issued(lot.batch), [(lot.start, lot.end)], HASH, _REASON)


@LINES.entry("Cases.propose")
def propose(ours: Registry, lot: Lot) -> int:
    return ours.call("Cases", "propose", ours.disputed(ours.issued(lot.batch)), -_WH, HASH, _REASON)


@LINES.entry("Cases.check", note="confirmed")
def check(ours: Registry, lot: Lot) -> int:
    case = ours.disputed(ours.issued(lot.batch))
    ours.call("Cases", "propose", case, -_WH, HASH, _REASON)
    return ours.call("Cases", "check", case, True, HASH, _REASON)


def _deciding(ours: Registry, lot: Lot, wh: int, outcome: Outcome) -> int:
    case = _checked(ours, ours.disputed(ours.issued(lot.batch)), wh)
    return ours.call("Cases", "decide", case, int(outcome), HASH, _REASON)


@LINES.entry("Cases.decide", note="rejected")
def reject(ours: Registry, lot: Lot) -> int:
    return _deciding(ours, lot, -_WH, Outcome.REJECTED)


@LINES.entry("Cases.decide", parts=(WHOLE,), note="as many added")
def decide_to_add(ours: Registry, lot: Lot) -> int:
    return _deciding(ours, lot, lot.certificates * _WH, Outcome.ADDED)


@LINES.entry("Cases.decide", parts=(WHOLE,), note="to be deducted")
def decide_to_deduct(ours: Registry, lot: Lot) -> int:
    return _deciding(ours, lot, -lot.certificates * _WH, Outcome.DEDUCTED)


@LINES.entry("Cases.decide", note="a trade to be undone")
def decide_to_undo(ours: Registry, lot: Lot) -> int:
    return _deciding(ours, lot, 0, Outcome.UNDONE)


@LINES.entry("Cases.close", note="nothing in doubt")
def close(ours: Registry, lot: Lot) -> int:
    return ours.call("Cases", "close", ours.disputed(ours.issued(lot.batch)))


@LINES.entry("Cases.close", parts=(WHOLE, MIDDLE), note="in doubt")
def close_in_doubt(ours: Registry, lot: Lot) -> int:
    return ours.call("Cases", "close", ours.disputed(ours.issued(lot.batch), [(lot.start, lot.end)]))


@LINES.entry("Cases.setDeadlines")
def set_deadlines(ours: Registry, _: Lot) -> int:
    return ours.call("Cases", "setDeadlines", 15, 15, 15, 30)


# --- remedies ---------------------------------------------------------------------------------------------------------


def _executing(ours: Registry, case: int, lot: Lot, *remedies: Remedy) -> int:
    return ours.call("Cases", "execute", case, [(int(remedy), lot.start, lot.end) for remedy in remedies])


@LINES.entry("Cases.execute", parts=(WHOLE, MIDDLE), note="deducting")
def deduct(ours: Registry, lot: Lot) -> int:
    case = _decided(ours, ours.issued(lot.batch), -lot.certificates * _WH, Outcome.DEDUCTED)
    return _executing(ours, case, lot, Remedy.DEDUCT)


@LINES.entry("Cases.execute", parts=(WHOLE, MIDDLE), note="undoing a trade")
def undo_trade(ours: Registry, lot: Lot) -> int:
    batch = ours.issued(lot.batch)
    ours.sold(batch, lot.batch)
    return _executing(ours, _decided(ours, batch, 0, Outcome.UNDONE), lot, Remedy.UNDO_TRADE)


@LINES.entry("Cases.execute", parts=(WHOLE, MIDDLE), note="undoing a retirement")
def undo_retirement(ours: Registry, lot: Lot) -> int:
    batch = ours.issued(lot.batch)
    ours.call("Certificates", "retire", batch, 0, lot.batch, CLAIM)
    return _executing(ours, _decided(ours, batch, 0, Outcome.UNDONE), lot, Remedy.UNDO_RETIREMENT)


@LINES.entry("Cases.execute", parts=(WHOLE, MIDDLE), note="undoing retirement and trade and deducting")
def undo_and_deduct(ours: Registry, lot: Lot) -> int:
    batch = ours.issued(lot.batch)
    ours.sold(batch, lot.batch)
    ours.call("Certificates", "retire", batch, 0, lot.batch, CLAIM)
    case = _decided(ours, batch, -lot.certificates * _WH, Outcome.DEDUCTED)
    return _executing(ours, case, lot, Remedy.UNDO_RETIREMENT, Remedy.UNDO_TRADE, Remedy.DEDUCT)
