"""Disputes with a story in the demonstration: certificates issued in addition, and the one with the longest trace."""

from __future__ import annotations

from gecchain.cli.context import Context
from gecchain.cli.demo.disputes import Dispute, first_added, go_through, undo
from gecchain.cli.demo.parties import BUYERS, PLATFORMS, account_of, buyer, buyer_key, signing
from gecchain.cli.demo.trading import Lot, count_of
from gecchain.cli.filing import owner_key
from gecchain.market import Order, list_range, take
from gecchain.retirement import Claim, retire_range
from gecchain.rules import Outcome, Purpose, Range, number_of, token_id

__all__ = ["added", "longest_story"]

_MISSING_WH = 3_200_000
_PRICE = 480
_BOTH_PLATFORMS = 3


def added(context: Context, lot: Lot) -> str:
    """Too little was metered: the first certificate that was issued in addition."""
    case = go_through(
        context,
        Dispute(
            name="missing",
            batch=lot.batch,
            claimant=account_of(context, lot.draft),
            key=f"dev:{owner_key(lot.draft)}",
            reason="少推送一条线路的电量 The energy of one line was not pushed",
            finding="少推送 3.2 兆瓦时 3.2 MWh were missing",
            outcome=Outcome.ADDED,
            watt_hours=_MISSING_WH,
        ),
    )
    event = first_added(context, case)
    context.screen.say(
        f"dispute: 3.2 MWh of {lot.month} were missing; case {case.id} ended with {event.end - event.start} "
        "certificates in addition"
    )
    return number_of(token_id(lot.batch, event.start))


def longest_story(context: Context, lot: Lot) -> str:
    """Issued, disputed, sold, undone, sold again, retired: the number of the certificate."""
    serial = count_of(context, lot.batch) * 3 // 4
    one = Range(serial, serial + 1)
    doubt = _dispute(
        context,
        lot,
        "doubt",
        ("怀疑电量重复推送 Energy may have been pushed twice", "经核对电量无误 The energy is right"),
        Outcome.REJECTED,
        (one,),
    )
    first = go_through(context, doubt)
    _sell(context, lot, one, 1)
    twice = _dispute(
        context,
        lot,
        "matched-twice",
        ("平台重复撮合 The platform matched it twice", "该笔交易为重复撮合 The trade was matched twice"),
        Outcome.UNDONE,
    )
    second = go_through(context, twice)
    undo(context, second, one)
    _sell(context, lot, one, 0)
    _retire(context, lot, one)
    context.screen.say(
        f"one certificate was disputed (case {first.id}, rejected), sold, undone (case {second.id}), sold again and "
        "retired"
    )
    return number_of(token_id(lot.batch, serial))


def _dispute(
    context: Context, lot: Lot, name: str, said: tuple[str, str], outcome: Outcome, doubtful: tuple[Range, ...] = ()
) -> Dispute:
    (reason, finding), key = said, f"dev:{owner_key(lot.draft)}"
    account = account_of(context, lot.draft)
    return Dispute(name, lot.batch, account, key, reason, finding, outcome, doubtful=doubtful)


def _sell(context: Context, lot: Lot, one: Range, to: int) -> None:
    """List one certificate and sell it to a buyer, once for each buyer."""
    name, platform = f"demo:story:{lot.batch}:{to}", PLATFORMS[to]
    with signing(context, f"dev:{owner_key(lot.draft)}") as seller:
        done = list_range(seller, context.deployment, lot.batch, one, _PRICE, _BOTH_PLATFORMS, key=f"list:{name}")
    order = Order(done.event.listing, len(one), buyer(context, to), f"take:{name}")
    with signing(context, context.roles.platforms[platform]) as writer:
        take(writer, context.deployment, context.roles.accounts[platform], order)


def _retire(context: Context, lot: Lot, one: Range) -> None:
    statement = "演示：几经周折的一张绿证 Green electricity of a certificate that had a long way"
    claim = Claim(BUYERS[0][0], Purpose.PRODUCTION, lot.month, lot.month + 1, statement)
    with signing(context, buyer_key(0)) as holder:
        retire_range(holder, context.deployment, lot.batch, one, claim, key=f"retire:demo:story:{lot.batch}")
