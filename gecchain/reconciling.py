"""The balance of a month (月度对账): read, refused, committed, issued and carried, to the Wh and by province.

The working store says what came in, the index what the chain made of it. What is read and not yet committed, or
committed and not yet issued, is work that is left; what cannot be is a difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gecchain.rules import Month
from gecchain.rules.purposes import LeafRefusal
from gecchain.store.intake import MonthRead
from gecchain.store.months import IndexedMonth

__all__ = ["MonthBalance", "ProvinceBalance", "balance"]

_UNIT = 1_000_000


@dataclass(frozen=True, slots=True)
class ProvinceBalance:
    """A province (GB/T 2260): `read` readings with `read_wh` came in; of `issued` of them, with `issued_wh`, became
    `certificates` in `batches`, and `carried_wh`, which is below zero where carry of earlier months was used up. Cases
    `added` certificates (Q95).
    """

    province: int
    read: int
    read_wh: int
    issued: int
    issued_wh: int
    batches: int
    certificates: int
    carried_wh: int
    added: int


@dataclass(frozen=True, slots=True)
class MonthBalance:
    """A month as of `block`. `refused_rows` are open refusals of its files by code, `refused_leaves` what the contract
    did not issue, by reason. `uncommitted` and `uncommitted_wh` were read and are in no commitment as they stand,
    `waiting` leaves are committed and not issued. `differences` says what does not balance, nothing if all does.
    """

    month: str
    block: int
    read: int
    read_wh: int
    refused_rows: Mapping[str, int]
    declared: int
    declared_wh: int
    committed: int
    committed_wh: int
    uncommitted: int
    uncommitted_wh: int
    waiting: int
    refused_leaves: Mapping[str, int]
    issued: int
    issued_wh: int
    batches: int
    certificates: int
    carried_wh: int
    added: int
    provinces: tuple[ProvinceBalance, ...]
    differences: tuple[str, ...]

    @property
    def balances(self) -> bool:
        """Whether nothing is different."""
        return not self.differences


def balance(month: Month, block: int, read: MonthRead, indexed: IndexedMonth) -> MonthBalance:
    """Hold what came in against what is indexed as of `block`."""
    codes = sorted(set(read.readings) | set(indexed.leaves) | set(indexed.batches) | set(indexed.tallied))
    parts = tuple(_part(code, read, indexed) for code in codes)
    came, came_wh = sum(one.read for one in parts), sum(one.read_wh for one in parts)
    pushed, pushed_wh = indexed.committed - indexed.declared, indexed.committed_wh - indexed.declared_wh
    return MonthBalance(
        month=str(month),
        block=block,
        read=came,
        read_wh=came_wh,
        refused_rows=read.refused,
        declared=indexed.declared,
        declared_wh=indexed.declared_wh,
        committed=indexed.committed,
        committed_wh=indexed.committed_wh,
        uncommitted=came - pushed,
        uncommitted_wh=came_wh - pushed_wh,
        waiting=indexed.waiting,
        refused_leaves={LeafRefusal.of_number(reason).slug: n for reason, n in sorted(indexed.refused.items())},
        issued=sum(one.issued for one in parts),
        issued_wh=sum(one.issued_wh for one in parts),
        batches=sum(one.batches for one in parts),
        certificates=sum(one.certificates for one in parts),
        carried_wh=sum(one.carried_wh for one in parts),
        added=sum(one.added for one in parts),
        provinces=parts,
        differences=tuple(_differences(parts, indexed)),
    )


def _part(code: int, read: MonthRead, indexed: IndexedMonth) -> ProvinceBalance:
    count, wh = read.readings.get(code, (0, 0))
    return ProvinceBalance(
        province=code,
        read=count,
        read_wh=wh,
        issued=indexed.leaves[code],
        issued_wh=indexed.wh[code],
        batches=indexed.batches[code],
        certificates=indexed.certificates[code],
        carried_wh=indexed.wh[code] - _UNIT * indexed.certificates[code],
        added=indexed.added[code],
    )


def _differences(parts: tuple[ProvinceBalance, ...], indexed: IndexedMonth) -> Iterator[str]:
    yield from indexed.wrong
    for one in parts:
        # A project and class carries less than one certificate, before the month and after it.
        if not -_UNIT * one.issued < one.carried_wh < _UNIT * one.issued and (one.carried_wh or one.certificates):
            yield (
                f"province {one.province}: {one.issued:,} leaves of {one.issued_wh:,} Wh cannot be "
                f"{one.certificates:,} certificates"
            )
        if one.certificates + one.added != indexed.tallied[one.province]:
            yield (
                f"province {one.province}: its batches hold {one.certificates + one.added:,} certificates, "
                f"{indexed.tallied[one.province]:,} were counted"
            )
        if one.batches > one.issued:
            yield f"province {one.province}: {one.batches:,} batches of {one.issued:,} leaves"
