"""Listing and taking."""

from __future__ import annotations

from typing import Final

from bench.gas.entry import MANY, ONE_OF_MANY, Lines
from bench.gas.lots import FRONT, MIDDLE, WHOLE, Lot
from bench.gas.registry import BUYER, PLATFORM, PLATFORMS, Registry

__all__ = ["LINES"]

LINES: Final = Lines()


@LINES.entry("Market.list", parts=(WHOLE, MIDDLE))
def list_(ours: Registry, lot: Lot) -> int:
    return ours.call("Market", "list", ours.issued(lot.batch), lot.start, lot.end, 350, PLATFORMS)


@LINES.entry("Market.withdraw", parts=(WHOLE, MIDDLE))
def withdraw(ours: Registry, lot: Lot) -> int:
    return ours.call("Market", "withdraw", ours.listed(ours.issued(lot.batch), lot.start, lot.end))


@LINES.entry("Market.withdrawAll", parts=(WHOLE,), note="one lot")
def withdraw_one_of_all(ours: Registry, lot: Lot) -> int:
    return ours.call("Market", "withdrawAll", [ours.listed(ours.issued(lot.batch), lot.start, lot.end)])


@LINES.entry("Market.withdrawAll", parts=(WHOLE,), note=ONE_OF_MANY, batches=MANY)
def withdraw_all(ours: Registry, lot: Lot) -> int:
    return ours.call("Market", "withdrawAll", ours.listed_many(MANY, lot.batch))


@LINES.entry("Market.take", parts=(WHOLE,))
def take(ours: Registry, lot: Lot) -> int:
    listing = ours.listed(ours.issued(lot.batch), lot.start, lot.end)
    return ours.call("Market", "take", listing, lot.certificates, BUYER, PLATFORM)


@LINES.entry("Market.take", parts=(FRONT,))
def take_front(ours: Registry, lot: Lot) -> int:
    listing = ours.listed(ours.issued(lot.batch), 0, lot.batch)
    return ours.call("Market", "take", listing, lot.certificates, BUYER, PLATFORM)


@LINES.entry("Market.takeAcross", parts=(WHOLE,), note="one lot")
def take_across_one(ours: Registry, lot: Lot) -> int:
    listing = ours.listed(ours.issued(lot.batch), lot.start, lot.end)
    return ours.call("Market", "takeAcross", [listing], lot.certificates, BUYER, PLATFORM)


@LINES.entry("Market.takeAcross", parts=(WHOLE,), note=ONE_OF_MANY, batches=MANY)
def take_across(ours: Registry, lot: Lot) -> int:
    listings = ours.listed_many(MANY, lot.batch)
    return ours.call("Market", "takeAcross", listings, MANY * lot.certificates, BUYER, PLATFORM)
