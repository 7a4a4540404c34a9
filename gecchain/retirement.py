"""Write path of retirement (核销): by the holder with a claim, or by anybody after the validity (Q54, Q79, Q80)."""

from __future__ import annotations

from dataclasses import dataclass

from gecchain.chain.codec import decode_log
from gecchain.chain.deployment import Deployment
from gecchain.chain.writer import Action, Receipt, Writer
from gecchain.errors import BrokenProof
from gecchain.events import Retired
from gecchain.rules import Month, Purpose, Range

__all__ = ["Claim", "Retirement", "expire_range", "retire_range"]


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


def retire_range(
    holder: Writer, deployment: Deployment, batch: int, serials: Range, claim: Claim, *, key: str
) -> Retirement:
    """Retire serials of a batch for declared consumption, signed by the holder's operator."""
    what = f"retiring {len(serials)} certificates"
    args = [batch, serials.start, serials.end, claim.as_struct()]
    action = Action.call(what, "Certificates", deployment.certificates, "retire", args, key=key)
    return _retirement(holder.send(action))


def expire_range(writer: Writer, deployment: Deployment, batch: int, serials: Range) -> Retirement:
    """Retire serials whose validity has ended; anybody may."""
    what = f"retiring {len(serials)} expired certificates"
    args = [batch, serials.start, serials.end]
    return _retirement(writer.send(Action.call(what, "Certificates", deployment.certificates, "expire", args)))


def _retirement(receipt: Receipt) -> Retirement:
    for log in receipt.logs:
        event = decode_log(log["topics"], log["data"])
        if isinstance(event, Retired):
            return Retirement(event, receipt.transaction, receipt.block)
    raise BrokenProof(f"the transaction {receipt.transaction} retired nothing", where=receipt.transaction)
