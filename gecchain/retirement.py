"""Write path of retirement (核销): by the holder with a claim, or by anybody where it is due (Q54, Q79, Q80).

What is due follows from the calendar, from CCER registrations and from closed accounts. It is found in SQL and handed
in here; the contract checks every range again and tells of each that it refuses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeVar

from gecchain.chain.deployment import Deployment
from gecchain.chain.items import GAS_PER_CALL, GAS_PER_RANGE, events_in, refusals_in
from gecchain.chain.writer import Action, Receipt, Writer
from gecchain.errors import BrokenProof
from gecchain.events import Retired, Withdrawn
from gecchain.rules import Month, Purpose, Range, RetirementReason, certificates

__all__ = ["Claim", "Due", "Retirement", "Swept", "retire_due", "retire_range", "sweep", "warn", "withdraw_stale"]

_ITEMS_A_CALL: Final = 64
_T = TypeVar("_T")
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Claim:
    """What the holder declares; all of it is public and final (Q12). The consumption lies in months `[from_, to)`."""

    beneficiary: str
    purpose: Purpose
    from_: Month
    to: Month
    statement: str

    def as_struct(self) -> tuple[str, int, int, int, str]:
        """The contract's `Claim`."""
        return self.beneficiary, int(self.purpose), self.from_.index, self.to.index, self.statement


@dataclass(frozen=True, slots=True)
class Retirement:
    """A retirement that was recorded."""

    event: Retired
    transaction: str
    block: int


@dataclass(frozen=True, slots=True)
class Due:
    """Held serials of a batch that have to be retired, all in one segment."""

    batch: int
    serials: Range


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did: certificates retired by reason, and what was refused with the contract's error in words."""

    retired: Mapping[RetirementReason, int]
    refused: Sequence[tuple[Due, str]]


def retire_range(
    holder: Writer, deployment: Deployment, batch: int, serials: Range, claim: Claim, *, key: str
) -> Retirement:
    """Retire serials of a batch for declared consumption, signed by the holder's operator."""
    what = f"retiring {certificates(len(serials))}"
    args = [batch, serials.start, serials.end, claim.as_struct()]
    action = Action.call(what, "Certificates", deployment.certificates, "retire", args, key=key)
    return _retirement(holder.send(action))


def retire_due(writer: Writer, deployment: Deployment, batch: int, serials: Range) -> Retirement:
    """Retire serials that have to be: expired, registered for CCER, or of a closed account. Anybody may."""
    what = f"retiring {certificates(len(serials))}, since due"
    args = [batch, serials.start, serials.end]
    return _retirement(writer.send(Action.call(what, "Certificates", deployment.certificates, "retireDue", args)))


def withdraw_stale(
    writer: Writer, deployment: Deployment, listings: Iterable[int], *, progress: Progress = lambda _n: None
) -> tuple[int, list[tuple[int, str]]]:
    """Take lots off sale whose certificates have to be retired; anybody may. How many lots, and which were refused."""
    withdrawn, refused = 0, []
    for some in _parts(listings):
        what = f"withdrawing {len(some)} lots"
        receipt = _send_many(writer, what, "Market", deployment.market, "withdrawAll", list(some))
        withdrawn += len(events_in(receipt, Withdrawn))
        refused += [(some[index], why) for index, (why, *_rest) in refusals_in(receipt).items()]
        progress(len(some))
    return withdrawn, refused


def sweep(writer: Writer, deployment: Deployment, due: Iterable[Due], *, progress: Progress = lambda _n: None) -> Swept:
    """Retire everything that is handed in and due, many ranges a transaction; anybody may."""
    retired: Counter[RetirementReason] = Counter()
    refused: list[tuple[Due, str]] = []
    for some in _parts(due):
        what = f"retiring {len(some)} ranges that are due"
        ranges = [(one.batch, one.serials.start, one.serials.end) for one in some]
        receipt = _send_many(writer, what, "Certificates", deployment.certificates, "sweep", ranges)
        for event in events_in(receipt, Retired):
            retired[RetirementReason.of_number(event.reason)] += event.end - event.start
        refused += [(some[index], why) for index, (why, *_rest) in refusals_in(receipt).items()]
        progress(len(some))
    return Swept(retired, refused)


def warn(writer: Writer, deployment: Deployment, month: Month) -> Receipt:
    """Tell, once, that certificates of a production month end within three months (Q96). Anybody may."""
    what = f"warning of the end of {month}"
    return writer.send(Action.call(what, "Certificates", deployment.certificates, "warn", [month.index]))


def _send_many(writer: Writer, what: str, name: str, to: str, function: str, items: Sequence[Any]) -> Receipt:
    gas = GAS_PER_CALL + GAS_PER_RANGE * len(items)
    return writer.send(Action.call(what, name, to, function, [items], gas=gas))


def _parts(items: Iterable[_T]) -> Iterator[Sequence[_T]]:
    waiting = iter(items)
    while some := list(islice(waiting, _ITEMS_A_CALL)):
        yield some


def _retirement(receipt: Receipt) -> Retirement:
    for event in events_in(receipt, Retired):
        return Retirement(event, receipt.transaction, receipt.block)
    raise BrokenProof(f"the transaction {receipt.transaction} retired nothing", where=receipt.transaction)
