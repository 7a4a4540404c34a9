"""Moving, freezing and retiring certificates."""

from __future__ import annotations

from typing import Final

from bench.gas.entry import MANY, ONE_OF_MANY, Lines
from bench.gas.lots import LAST, MIDDLE, WHOLE, Lot
from bench.gas.registry import (
    BUYER,
    CLAIM,
    DEEP_SEA,
    HASH,
    HYDRO,
    MECHANISM,
    MONTH,
    OWNER,
    SELF_USED,
    WIND,
    Registry,
    Source,
)
from gecchain.rules import BatchKey, MoveKind

__all__ = ["LINES"]

LINES: Final = Lines()
_EXPIRED: Final = MONTH - 29
"""A month whose certificates are past their 24 months of validity."""
_ENDING: Final = MONTH - 23
"""A month whose certificates end within three months."""


# --- moving -----------------------------------------------------------------------------------------------------------


def _moved(ours: Registry, lot: Lot, kind: MoveKind, source: Source = WIND) -> int:
    batch = ours.issued(lot.batch, source=source)
    return ours.call("Certificates", "move", batch, lot.start, lot.end, BUYER, int(kind), HASH)


@LINES.entry("Certificates.move", parts=(WHOLE, MIDDLE, LAST), like="move", note="to a successor")
def move(ours: Registry, lot: Lot) -> int:
    return _moved(ours, lot, MoveKind.SUCCESSION)


@LINES.entry("Certificates.move", parts=(WHOLE,), like="move", note="stock hydro to its user")
def move_hydro(ours: Registry, lot: Lot) -> int:
    return _moved(ours, lot, MoveKind.HYDRO_TO_USER, HYDRO)


@LINES.entry("Certificates.move", parts=(WHOLE,), like="move", note="self-used electricity to its user")
def move_self_used(ours: Registry, lot: Lot) -> int:
    return _moved(ours, lot, MoveKind.SELF_USE_TO_USER, SELF_USED)


@LINES.entry("Certificates.distribute", parts=(WHOLE, MIDDLE), like="move", note="one receiver")
def distribute(ours: Registry, lot: Lot) -> int:
    batch = ours.issued(lot.batch, source=MECHANISM)
    return ours.call("Certificates", "distribute", [(batch, lot.start, lot.end, BUYER)], HASH)


@LINES.entry("Certificates.distribute", parts=(WHOLE,), note=ONE_OF_MANY, batches=MANY)
def distribute_many(ours: Registry, lot: Lot) -> int:
    batches = ours.issued_many(MANY, lot.batch, source=MECHANISM)
    return ours.call("Certificates", "distribute", [(batch, 0, lot.batch, BUYER) for batch in batches], HASH)


# --- freezing ---------------------------------------------------------------------------------------------------------


@LINES.entry("Certificates.freeze", parts=(WHOLE, MIDDLE))
def freeze(ours: Registry, lot: Lot) -> int:
    return ours.call("Certificates", "freeze", ours.issued(lot.batch), lot.start, lot.end, HASH)


@LINES.entry("Certificates.unfreeze", parts=(WHOLE, MIDDLE))
def unfreeze(ours: Registry, lot: Lot) -> int:
    batch = ours.issued(lot.batch)
    ours.call("Certificates", "freeze", batch, lot.start, lot.end, HASH)
    return ours.call("Certificates", "unfreeze", batch, lot.start, lot.end, HASH)


# --- retiring ---------------------------------------------------------------------------------------------------------


@LINES.entry("Certificates.retire", parts=(WHOLE, MIDDLE, LAST), like="retire")
def retire(ours: Registry, lot: Lot) -> int:
    return ours.call("Certificates", "retire", ours.issued(lot.batch), lot.start, lot.end, CLAIM)


@LINES.entry("Certificates.retireDue", parts=(WHOLE, MIDDLE), note="past its validity")
def retire_expired(ours: Registry, lot: Lot) -> int:
    return ours.call("Certificates", "retireDue", ours.issued(lot.batch, _EXPIRED), lot.start, lot.end)


@LINES.entry("Certificates.retireDue", parts=(WHOLE,), note="registered for CCER")
def retire_for_ccer(ours: Registry, lot: Lot) -> int:
    batch = ours.issued(lot.batch, source=DEEP_SEA)
    ours.registered_for_ccer(BatchKey.from_id(batch).project, MONTH, 1)
    return ours.call("Certificates", "retireDue", batch, lot.start, lot.end)


@LINES.entry("Certificates.retireDue", parts=(WHOLE,), note="left in a closed account")
def retire_of_closed(ours: Registry, lot: Lot) -> int:
    batch = ours.issued(lot.batch)
    ours.call("Registry", "close", OWNER, "企业注销")
    return ours.call("Certificates", "retireDue", batch, lot.start, lot.end)


@LINES.entry("Certificates.sweep", parts=(WHOLE, MIDDLE), note="one range")
def sweep(ours: Registry, lot: Lot) -> int:
    return ours.call("Certificates", "sweep", [(ours.issued(lot.batch, _EXPIRED), lot.start, lot.end)])


@LINES.entry("Certificates.sweep", parts=(WHOLE,), note=ONE_OF_MANY, batches=MANY)
def sweep_many(ours: Registry, lot: Lot) -> int:
    batches = ours.issued_many(MANY, lot.batch, _EXPIRED)
    return ours.call("Certificates", "sweep", [(batch, 0, lot.batch) for batch in batches])


@LINES.entry("Certificates.warn", note="a month of production")
def warn(ours: Registry, _: Lot) -> int:
    return ours.call("Certificates", "warn", _ENDING.index)
