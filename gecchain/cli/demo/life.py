"""The rest of a certificate's life in the demonstration: everything that is neither listed nor simply retired.

Orders and settlements are asked of the chain before they are sent; the other steps have names that are done once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gecchain.agents import file_mandate, mandate_of
from gecchain.chain.holdings import Piece
from gecchain.chain.views import View
from gecchain.cli.context import Context
from gecchain.cli.demo.papers import paper
from gecchain.cli.demo.parties import AGENT, BUYERS, EXCHANGE, PLATFORMS, account_of, buyer, buyer_key, signing
from gecchain.cli.demo.readings import last_months
from gecchain.cli.demo.story import added, longest_story
from gecchain.cli.demo.trading import SMALLEST_BATCH, Lot, count_of, story_plant
from gecchain.cli.filing import owner_key
from gecchain.cli.named import at_text
from gecchain.deals import Deal, SignedDeal, fill, sign, status_of
from gecchain.errors import NotFound, Refused
from gecchain.moving import move
from gecchain.oracle.contract_months import ContractMonth
from gecchain.oracle.plants import FilingDraft
from gecchain.proofs import keccak256
from gecchain.rules import (
    BatchKey,
    DealStatus,
    Electricity,
    Month,
    MoveKind,
    Range,
    Technology,
    certificates,
    classify,
    expires_at,
)
from gecchain.settlement import Status, settle

__all__ = ["ADDED", "LONGEST", "live_on"]

ADDED: Final = "issued after a dispute"
LONGEST: Final = "its story is the longest"
_MWH: Final = 1_000_000
_ORDERED, _CONTRACT_WH, _CONSUMED_WH = 20, 30_400_000, 41_500_000
_ORDER_PRICE, _ATTRIBUTE_PRICE, _ENERGY_PRICE = 500, 350, 32_000
_MOVED: Final = 5
_MANDATE_SECONDS: Final = 365 * 86_400


def live_on(context: Context, drafts: Sequence[FilingDraft]) -> dict[str, str]:
    """Fill an order, settle a month, move hydro, go through disputes, file a mandate; the numbers worth a look."""
    months = last_months()
    examples = _of_one_plant(context, story_plant(drafts), months[-3:])
    _move_hydro(context, drafts, months[-1])
    _file_mandate(context, drafts[-1])
    return examples


def _of_one_plant(context: Context, plant: FilingDraft | None, months: Sequence[Month]) -> dict[str, str]:
    lots = [Lot(plant, month) for month in months] if plant else []
    if not lots or min(count_of(context, lot.batch) for lot in lots) < SMALLEST_BATCH:
        context.screen.say("no plant here is large enough for an order, a settlement and disputes")
        return {}
    disputed, storied, sold = lots
    _fill_order(context, sold)
    _settle(context, sold)
    return {
        ADDED: added(context, disputed),
        LONGEST: longest_story(context, storied),
    }


def _fill_order(context: Context, lot: Lot) -> None:
    """A bilateral order (双边协商, Q43) over some of a batch, valid as long as its certificates."""
    platform, deployment = PLATFORMS[0], context.deployment
    deal = Deal(
        seller=account_of(context, lot.draft),
        buyer=buyer(context, 1),
        project=lot.draft.key.id,
        batch=lot.batch,
        start=0,
        end=0,
        quantity=_ORDERED,
        price=_ORDER_PRICE,
        platform=context.roles.accounts[platform].lower(),
        paid_on_platform=True,
        expires=expires_at(lot.month),
        nonce=int.from_bytes(keccak256(f"demo:{lot.batch}".encode()), "big"),
    )
    order = SignedDeal(deployment.chain_id, deployment.market.lower(), deal)
    if status_of(context.reader, order) is not DealStatus.FILLED:
        for key in (f"dev:{owner_key(lot.draft)}", buyer_key(1)):
            order = sign(order, context.signer(key), context.reader)
        (context.settings.home / "demo" / f"order-{lot.batch:016x}.json").write_bytes(order.content())
    with signing(context, context.roles.platforms[platform]) as writer:
        event = fill(writer, context.reader, order).event
    context.screen.say(
        f"bilateral order: {_ORDERED} certificates of {lot.month} for {BUYERS[1][0]}, trade {event.first_trade}"
    )


def _settle(context: Context, lot: Lot) -> None:
    """A month of a green-power contract (Q46): the smallest of contract, fed in and consumed."""
    row = ContractMonth(
        row=1,
        contract=f"DEMO-{lot.draft.key.code}",
        project=lot.draft.key,
        month=lot.month,
        buyer=buyer(context, 2),
        contract_wh=_CONTRACT_WH,
        fed_in_wh=count_of(context, lot.batch) * _MWH,
        consumed_wh=_CONSUMED_WH,
        attribute_price=_ATTRIBUTE_PRICE,
        energy_price=_ENERGY_PRICE,
    )
    with signing(context, context.roles.exchanges[EXCHANGE]) as exchange:
        (outcome,) = settle(exchange, context.reader, [row])
    if outcome.status is Status.REFUSED:
        raise Refused(outcome.why, reason=outcome.reason, remedy=outcome.remedy)
    context.screen.say(
        f"green power: {certificates(outcome.certificates)} of {lot.month} moved with the electricity to {BUYERS[2][0]}"
    )


def _move_hydro(context: Context, drafts: Sequence[FilingDraft], month: Month) -> None:
    """Stock hydro goes from the provincial account to who bought the electricity (划转, Q47)."""
    stock = filter(_is_stock_hydro, drafts[:-1])
    batches = (BatchKey(draft.key.id, month, Electricity.ON_GRID, tradable=False).id for draft in stock)
    batch = next((one for one in batches if count_of(context, one) >= _MOVED), 0)
    if not batch:
        context.screen.say("no stock hydro here: no free move")
        return
    province = str(context.reader.view(View("certificates", "batchOf", (batch,)))[0][0]).lower()
    receiver, piece = buyer(context, 3), Piece(batch, Range(0, _MOVED))
    text = f"直购电结算结果 Direct purchase of {_MOVED} MWh of stock hydro, {month}"
    proof = paper(context, f"hydro-{batch:016x}", text, province, [receiver])
    with signing(context, context.roles.authority) as authority:
        move(authority, context.reader, piece, receiver, MoveKind.HYDRO_TO_USER, proof, key=f"move:demo:{batch}")
    context.screen.say(f"free move: {_MOVED} certificates of stock hydro went to {BUYERS[3][0]}")


def _is_stock_hydro(draft: FilingDraft) -> bool:
    found = classify(draft.key.technology, Electricity.ON_GRID, draft.in_operation, draft.market_based)
    return draft.key.technology is Technology.HYDRO and found.issued and not found.tradable


def _file_mandate(context: Context, draft: FilingDraft) -> None:
    """The photovoltaic system's owner, who does nothing else here, has an agent act for it (授权委托, Q36)."""
    principal, agent = account_of(context, draft), context.roles.accounts[AGENT].lower()
    try:
        until = mandate_of(context.reader, principal).until
    except NotFound:
        begins = context.reader.blocks([context.reader.head()])[0].time
        until = begins + _MANDATE_SECONDS
        document = paper(context, "mandate", f"授权委托协议 Mandate of {draft.owner}", principal, [agent])
        with signing(context, f"dev:{owner_key(draft)}") as owner:
            file_mandate(owner, context.deployment, principal, agent, begins, until, document)
    context.screen.say(f"mandate: {AGENT} acts for {draft.owner} until {at_text(until)}")
