"""Readings, pushed or declared, and issuing from them."""

from __future__ import annotations

from typing import Final

from eth_utils.address import to_checksum_address

from bench.gas.entry import MANY, ONE_OF_MANY, Lines
from bench.gas.lots import WHOLE, Lot
from bench.gas.registry import HASH, MONTH, WIND, Registry
from gecchain.proofs.hashing import keccak256

__all__ = ["LINES"]

LINES: Final = Lines()


# --- pushed readings --------------------------------------------------------------------------------------------------


@LINES.entry("Readings.commit", note="a month's root", like="request")
def commit(ours: Registry, lot: Lot) -> int:
    return ours.call("Readings", "commit", *ours.readings(MONTH, ours.known(), lot.batch))


@LINES.entry("Readings.approve", note="the first officer")
def approve(ours: Registry, lot: Lot) -> int:
    projects = ours.known()
    number = ours.committed(MONTH, projects, lot.batch)
    return ours.call("Readings", "approve", number, ours.tree(projects, lot.batch, WIND).root)


@LINES.entry("Readings.setQuorum")
def set_quorum(ours: Registry, _: Lot) -> int:
    used = ours.call("Readings", "setQuorum", 2)
    ours.call("Readings", "setQuorum", 0)
    return used


@LINES.entry("Certificates.issue", parts=(WHOLE,), like="issue", note="one batch in a transaction")
def issue(ours: Registry, lot: Lot) -> int:
    return ours.issue(ours.committed(MONTH, ours.known(), lot.batch))


@LINES.entry("Certificates.issue", parts=(WHOLE,), like="issue many", note=f"{ONE_OF_MANY}, one owner", batches=MANY)
def issue_many(ours: Registry, lot: Lot) -> int:
    return ours.issue(ours.committed(MONTH, ours.known([""] * MANY), lot.batch))


@LINES.entry("Certificates.issue", parts=(WHOLE,), like="issue many", note=f"{ONE_OF_MANY}, 200 owners", batches=MANY)
def issue_many_owners(ours: Registry, lot: Lot) -> int:
    owners = [to_checksum_address(f"{0xC0FFEE + number:06x}" * 6 + "ABCD") for number in range(MANY)]
    return ours.issue(ours.committed(MONTH, ours.known(owners), lot.batch))


@LINES.entry("Readings.commit", "Certificates.issue", parts=(WHOLE,), like="request and issue", note="one batch each")
def commit_and_issue(ours: Registry, lot: Lot) -> int:
    projects = ours.known()
    used = ours.call("Readings", "commit", *ours.readings(MONTH, projects, lot.batch))
    return used + ours.issue(ours.committed(MONTH, projects, lot.batch))


@LINES.entry(
    "Readings.commit",
    "Certificates.issue",
    parts=(WHOLE,),
    like="request and issue many",
    note=f"{ONE_OF_MANY}, one owner",
    batches=MANY,
)
def commit_and_issue_many(ours: Registry, lot: Lot) -> int:
    projects = ours.known([""] * MANY)
    used = ours.call("Readings", "commit", *ours.readings(MONTH, projects, lot.batch))
    return used + ours.issue(ours.committed(MONTH, projects, lot.batch))


# --- declared readings ------------------------------------------------------------------------------------------------


def _declared(ours: Registry, projects: list[int]) -> tuple[list[int], int]:
    """The readings of these projects, and the gas of declaring the last."""
    words = list(ours.words(projects, 10_000))
    return words, [ours.call("Declarations", "declare", MONTH.index, word, HASH) for word in words][-1]


def _checked(ours: Registry, projects: list[int]) -> tuple[list[int], int]:
    """The readings of these projects, and the gas of checking all at once."""
    words, _ = _declared(ours, projects)
    ids = [keccak256(MONTH.index.to_bytes(32, "big") + word.to_bytes(32, "big") + HASH) for word in words]
    return words, ours.call("Declarations", "check", ids, True, "")


def _rechecked(ours: Registry, projects: list[int]) -> int:
    words, _ = _checked(ours, projects)
    return ours.call("Declarations", "recheck", MONTH.index, words, [HASH] * len(words), True, "")


@LINES.entry("Declarations.declare", note="one reading")
def declare(ours: Registry, _: Lot) -> int:
    return _declared(ours, ours.known())[1]


@LINES.entry("Declarations.check", note="one reading")
def check(ours: Registry, _: Lot) -> int:
    return _checked(ours, ours.known())[1]


@LINES.entry("Declarations.check", note=ONE_OF_MANY, batches=MANY)
def check_many(ours: Registry, _: Lot) -> int:
    return _checked(ours, ours.known([""] * MANY))[1]


@LINES.entry("Declarations.recheck", note="one reading")
def recheck(ours: Registry, _: Lot) -> int:
    return _rechecked(ours, ours.known())


@LINES.entry("Declarations.recheck", note=ONE_OF_MANY, batches=MANY)
def recheck_many(ours: Registry, _: Lot) -> int:
    return _rechecked(ours, ours.known([""] * MANY))
