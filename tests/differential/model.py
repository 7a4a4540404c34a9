"""The contracts' twin: what a call must come to, without looking at the contracts' code.

A prediction changes nothing. What really happened is folded by `Known.learn`, and only if it was predicted.
"""

from types import ModuleType
from typing import Any, Final

from gecchain.events import Event, Traded
from tests.differential import (
    predicting_agents,
    predicting_cases,
    predicting_deals,
    predicting_declarations,
    predicting_issues,
    predicting_market,
    predicting_moves,
    predicting_registry,
    predicting_remedies,
)
from tests.differential.chain import Done, Refusal
from tests.differential.known import Known, Unlike, require
from tests.differential.operations import Call
from tests.differential.predicting_ranges import Prediction, fixed, never, reserved, self_only
from tests.differential.predicting_views import VIEWS

__all__ = ["FUNCTIONS", "RESERVED", "predict"]

GUARDIAN, MARKET, CERTIFICATES, DECLARATIONS, CASES = 9, 10, 11, 12, 13


def _pause(known: Known, caller: str, _reason: str) -> list[Event]:
    """Tells nothing that is the registry's."""
    require(GUARDIAN in known.roles.get(caller, ()), "NotAGuardian", caller)
    return []


def _of(contract: str, room: ModuleType, *names: str, **renamed: str) -> dict[tuple[str, str], Prediction]:
    """Predictions by the contract's names, which Python may have to spell otherwise."""
    spelt = {**{name: name for name in names}, **renamed}
    return {(contract, name): getattr(room, own) for name, own in spelt.items()}


RESERVED: Final[dict[tuple[str, str], Prediction]] = {
    ("Registry", "credit"): reserved(CERTIFICATES),
    ("Registry", "correct"): reserved(CASES),
    ("Readings", "draw"): reserved(CERTIFICATES),
    ("Readings", "commitDeclared"): reserved(DECLARATIONS),
    **{("Certificates", name): reserved(MARKET) for name in ("list", "unlist", "trade", "sell")},
    **{
        ("Certificates", name): reserved(CASES)
        for name in ("doubt", "trust", "add", "deduct", "undoTrade", "undoRetirement")
    },
    ("Certificates", "distributeOne"): self_only,
    ("Market", "withdrawOne"): self_only,
    ("Market", "settleOne"): self_only,
    **{
        (contract, "setAuthority"): fixed
        for contract in ("Registry", "Readings", "Certificates", "Market", "Declarations", "Cases")
    },
    ("Certificates", "approve"): never,
    ("Certificates", "setApprovalForAll"): never,
    ("Certificates", "transferFrom"): never,
    ("Certificates", "safeTransferFrom(address,address,uint256)"): never,
    ("Certificates", "safeTransferFrom(address,address,uint256,bytes)"): never,
}
FUNCTIONS: Final[dict[tuple[str, str], Prediction]] = {
    **_of("Registry", predicting_registry, "openInstitutions", "openBuyers", "setOperator", "setFrozen"),
    **_of("Registry", predicting_registry, "submit", "review"),
    **_of("Registry", predicting_agents, "close", "fileMandate", "revokeMandate"),
    **_of("Registry", predicting_agents, "chooseCcer", "registerCcer", "setCcerLinkage"),
    **_of("Readings", predicting_registry, "commit", "approve", "setQuorum"),
    **_of("Certificates", predicting_issues, "issue"),
    **_of("Certificates", predicting_moves, "move", "distribute", "freeze", "unfreeze"),
    **_of("Certificates", predicting_moves, "retire", "retireDue", "sweep", "warn"),
    **_of("Market", predicting_market, "withdraw", "withdrawAll", "take", "takeAcross", list="offer"),
    **_of("Market", predicting_deals, "fill", "cancel", "settle"),
    **_of("Declarations", predicting_declarations, "declare", "check", "recheck"),
    **_of("Cases", predicting_cases, "propose", "check", "decide", "close", "setDeadlines", open="open_"),
    **_of("Cases", predicting_remedies, "execute"),
    ("Guardian", "pause"): _pause,
    **RESERVED,
}


def predict(known: Known, call: Call) -> Done | Refusal:
    """What the call must come to now."""
    name = call.contract, call.function
    try:
        if name in VIEWS:
            return Done((), VIEWS[name](known, *call.args))
        events = tuple(FUNCTIONS[name](known, call.caller, *call.args))
    except Unlike as unlike:
        return Refusal(unlike.name, unlike.values)
    return Done(events, _answer(name, events))


# What a function returns is a number of what it made, which an event tells too: which event, and its field.
_NUMBERED: Final[dict[tuple[str, str], tuple[int, str]]] = {
    ("Certificates", "issue"): (-1, "issued"),
    ("Readings", "commit"): (0, "commitment"),
    ("Declarations", "recheck"): (-1, "commitment"),
    ("Market", "list"): (0, "listing"),
    ("Market", "take"): (0, "trade"),
    ("Cases", "open"): (0, "case_id"),
}


def _answer(name: tuple[str, str], events: tuple[Any, ...]) -> bytes:
    if name in _NUMBERED:
        event, field = _NUMBERED[name]
        return _words(getattr(events[event], field))
    if name == ("Declarations", "declare"):
        return bytes.fromhex(events[0].declaration[2:])
    if name in (("Market", "takeAcross"), ("Market", "fill")):
        trades = [event.trade for event in events if isinstance(event, Traded)]
        return _words(trades[0], trades[-1])
    return b""


def _words(*values: int) -> bytes:
    return b"".join(value.to_bytes(32, "big") for value in values)
