"""Listing, taking and retiring in the demonstration: a few lots a month, each with parts of every fate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gecchain.chain.views import View
from gecchain.cli.context import Context
from gecchain.cli.demo.parties import BUYERS, PLATFORMS, buyer_key
from gecchain.cli.demo.readings import SHIFTED_FROM, last_months
from gecchain.cli.filing import owner_key
from gecchain.market import Order, list_range, take
from gecchain.oracle.plants import FilingDraft
from gecchain.retirement import Claim, retire_range
from gecchain.rules import BatchKey, Electricity, Month, Purpose, Range, classify, number_of, token_id

__all__ = [
    "BOUGHT",
    "BOUGHT_KEY",
    "HELD",
    "HELD_KEY",
    "SMALLEST_BATCH",
    "Lot",
    "count_of",
    "story_plant",
    "trade_and_retire",
]

_CLAIMS: Final = (
    (Purpose.PRODUCTION, "示例电子制造 2026 年度绿色电力消费 Green electricity of 2026 production"),
    (Purpose.OFFICE, "数据中心办公用电 Electricity of data centre offices"),
    (Purpose.MEETING, "示例论坛 100% 绿色电力 Example Forum, run on green electricity"),
)
SMALLEST_BATCH: Final = 120
_LOTS_A_MONTH: Final = 4
HELD, HELD_KEY = "held by its first owner", "key of that owner"
BOUGHT, BOUGHT_KEY = "traded, held by its buyer", "key of that buyer"


@dataclass(frozen=True, slots=True)
class Lot:
    """A range that the demonstration puts on sale: the first serials of a batch of a plant."""

    draft: FilingDraft
    month: Month

    @property
    def batch(self) -> int:
        """The batch id."""
        return BatchKey(self.draft.key.id, self.month, Electricity.ON_GRID, tradable=True).id

    @property
    def chance(self) -> int:
        """A number that varies from lot to lot and is the same in every run."""
        return self.month.index + self.draft.key.id % 97


def trade_and_retire(context: Context, drafts: Sequence[FilingDraft]) -> dict[str, str]:
    """List some lots, sell parts of them, retire parts of those; the numbers of one certificate of each fate."""
    lots = list(_lots(context, drafts))
    examples: dict[str, str] = {}
    with context.screen.progress("lots", len(lots)) as advance:
        for lot in lots:
            examples |= _sell(context, lot)
            advance(1)
    photovoltaic = BatchKey(drafts[-1].key.id, SHIFTED_FROM + 1, Electricity.ON_GRID, tradable=True).id
    if count_of(context, photovoltaic):
        examples["the photovoltaic system's first certificate"] = number_of(token_id(photovoltaic, 0))
    return examples


def _lots(context: Context, drafts: Sequence[FilingDraft]) -> Iterator[Lot]:
    kept = story_plant(drafts)
    tradable = [draft for draft in drafts[:-1] if _is_tradable(draft) and draft is not kept]
    for back, month in enumerate(last_months()):
        found = 0
        for draft in tradable[back * 7 :]:
            if found == _LOTS_A_MONTH:
                break
            lot = Lot(draft, month)
            if count_of(context, lot.batch) >= SMALLEST_BATCH:
                found += 1
                yield lot


def story_plant(drafts: Sequence[FilingDraft]) -> FilingDraft | None:
    """The largest plant whose certificates can be traded: no lots are made of it, `life` needs it whole."""
    return max(filter(_is_tradable, drafts[:-1]), key=lambda draft: draft.capacity_kw, default=None)


def _is_tradable(draft: FilingDraft) -> bool:
    rules = classify(draft.key.technology, Electricity.ON_GRID, draft.in_operation, draft.market_based)
    return bool(rules.tradable)


def count_of(context: Context, batch: int) -> int:
    """Certificates ever issued in a batch."""
    return int(context.reader.view(View("certificates", "batchOf", (batch,)))[0][1])


def _sell(context: Context, lot: Lot) -> dict[str, str]:
    """Put half of a batch on sale, sell two thirds of that to two buyers, retire half of what the first bought."""
    deployment = context.deployment
    key, at = f"demo:{lot.batch}", lot.chance
    part = count_of(context, lot.batch) // 6
    seller = context.writer(f"dev:{owner_key(lot.draft)}")
    price = 350 + 25 * (at % 9)
    listed = list_range(seller, deployment, lot.batch, Range(0, 3 * part), price, 3, key=f"list:{key}").event.listing
    platform = PLATFORMS[at % 2]
    writer = context.writer(context.roles.platforms[platform])
    for buyer in (at, at + 1):
        order = Order(listed, part, context.roles.accounts[_buyer(buyer)], f"take:{key}:{buyer}")
        take(writer, deployment, context.roles.accounts[platform], order)
    purpose, statement = _CLAIMS[at % len(_CLAIMS)]
    claim = Claim(_buyer(at), purpose, lot.month, lot.month + 1, statement)
    holder = context.writer(buyer_key(at))
    retire_range(holder, deployment, lot.batch, Range(0, part // 2), claim, key=f"retire:{key}")
    places = (("retired", 0), ("on sale", 2 * part), (HELD, 3 * part), (BOUGHT, part - 1))
    examples = {fate: number_of(token_id(lot.batch, serial)) for fate, serial in places}
    return examples | {HELD_KEY: f"dev:{owner_key(lot.draft)}", BOUGHT_KEY: buyer_key(at)}


def _buyer(at: int) -> str:
    return BUYERS[at % len(BUYERS)][0]
