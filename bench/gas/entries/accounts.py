"""Accounts, mandates, projects, the choice of CCER and the brake: the number of certificates does not matter."""

from __future__ import annotations

from typing import Final

from bench.gas.chain import NOW
from bench.gas.entry import Lines
from bench.gas.lots import Lot
from bench.gas.registry import BUYER, DEEP_SEA, HASH, MONTH, Registry, account
from gecchain.rules import AccountKind

__all__ = ["LINES"]

LINES: Final = Lines()
_AGENT: Final = account(0xB5)
_UNTIL: Final = NOW + 365 * 86_400


@LINES.entry("Registry.openInstitutions", note="one platform")
def open_institution(ours: Registry, _: Lot) -> int:
    return ours.call("Registry", "openInstitutions", [ours.opening(account(0xB1))])


@LINES.entry("Registry.openBuyers", note="one buyer")
def open_buyer(ours: Registry, _: Lot) -> int:
    return ours.call("Registry", "openBuyers", [ours.opening(account(0xB2), AccountKind.BUYER)])


@LINES.entry("Registry.setOperator")
def set_operator(ours: Registry, _: Lot) -> int:
    return ours.call("Registry", "setOperator", BUYER, account(0xB3))


@LINES.entry("Registry.setFrozen")
def set_frozen(ours: Registry, _: Lot) -> int:
    return ours.call("Registry", "setFrozen", BUYER, True, "协议争议")


@LINES.entry("Registry.close")
def close(ours: Registry, _: Lot) -> int:
    return ours.call("Registry", "close", BUYER, "企业注销")


@LINES.entry("Registry.fileMandate")
def file_mandate(ours: Registry, _: Lot) -> int:
    ours.call("Registry", "openInstitutions", [ours.opening(_AGENT, AccountKind.AGENT)])
    return ours.call("Registry", "fileMandate", BUYER, _AGENT, NOW, _UNTIL, HASH)


@LINES.entry("Registry.revokeMandate")
def revoke_mandate(ours: Registry, lot: Lot) -> int:
    file_mandate(ours, lot)
    return ours.call("Registry", "revokeMandate", BUYER)


@LINES.entry("Registry.submit", note="one project")
def submit(ours: Registry, _: Lot) -> int:
    return ours.call("Registry", "submit", [ours.filing()])


@LINES.entry("Registry.review", note="one project of a new owner")
def review(ours: Registry, _: Lot) -> int:
    filing = ours.filing(account(0xB4))
    ours.call("Registry", "submit", [filing])
    return ours.call("Registry", "review", [filing], True, "")


@LINES.entry("Registry.chooseCcer")
def choose_ccer(ours: Registry, _: Lot) -> int:
    return ours.call("Registry", "chooseCcer", ours.known(source=DEEP_SEA)[0], True)


@LINES.entry("Registry.registerCcer", note="one month")
def register_ccer(ours: Registry, _: Lot) -> int:
    return ours.registered_for_ccer(ours.known(source=DEEP_SEA)[0], MONTH, 1)


@LINES.entry("Registry.registerCcer", note="twelve months")
def register_ccer_year(ours: Registry, _: Lot) -> int:
    return ours.registered_for_ccer(ours.known(source=DEEP_SEA)[0], MONTH, 12)


@LINES.entry("Registry.setCcerLinkage")
def set_ccer_linkage(ours: Registry, _: Lot) -> int:
    return ours.call("Registry", "setCcerLinkage", _UNTIL)


@LINES.entry("Guardian.pause", note="all contracts")
def pause(ours: Registry, _: Lot) -> int:
    return ours.call("Guardian", "pause", "密钥泄露，暂停全部业务")
