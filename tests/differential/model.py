"""The contracts' twin: what a call must come to, without looking at the contracts' code.

A prediction changes nothing. What really happened is folded by `Known.learn`, and only if it was predicted.
"""

from collections.abc import Callable
from typing import Any, Final

from tests.differential import predicting_issues, predicting_ranges, predicting_registry
from tests.differential.chain import Done, Refusal
from tests.differential.known import Known, Unlike
from tests.differential.operations import Call
from tests.differential.predicting_views import views

__all__ = ["FUNCTIONS", "VIEWS", "predict"]

_registry, _ranges = predicting_registry, predicting_ranges
FUNCTIONS: Final[dict[tuple[str, str], Callable[..., Any]]] = {
    ("Registry", "openInstitutions"): _registry.openInstitutions,
    ("Registry", "openBuyers"): _registry.openBuyers,
    ("Registry", "setOperator"): _registry.setOperator,
    ("Registry", "setFrozen"): _registry.setFrozen,
    ("Registry", "submit"): _registry.submit,
    ("Registry", "review"): _registry.review,
    ("Readings", "commit"): _registry.commit,
    ("Readings", "commitDeclared"): _registry.commitDeclared,
    ("Readings", "draw"): _registry.draw,
    ("Certificates", "issue"): predicting_issues.issue,
    ("Certificates", "move"): _ranges.move,
    ("Certificates", "freeze"): _ranges.freeze,
    ("Certificates", "unfreeze"): _ranges.unfreeze,
    ("Certificates", "retire"): _ranges.retire,
    ("Certificates", "expire"): _ranges.expire,
    ("Certificates", "list"): _ranges.reserved,
    ("Certificates", "unlist"): _ranges.reserved,
    ("Certificates", "trade"): _ranges.reserved,
    ("Certificates", "approve"): _ranges.never,
    ("Certificates", "setApprovalForAll"): _ranges.never,
    ("Certificates", "transferFrom"): _ranges.never,
    ("Certificates", "safeTransferFrom(address,address,uint256)"): _ranges.never,
    ("Certificates", "safeTransferFrom(address,address,uint256,bytes)"): _ranges.never,
    ("Market", "list"): _ranges.offer,
    ("Market", "withdraw"): _ranges.withdraw,
    ("Market", "take"): _ranges.take,
}
VIEWS: Final = tuple(views)
# Functions that return the number of what they made, which is also its event's first field.
_NUMBERED: Final = {"commit", "commitDeclared", "list", "take"}


def predict(known: Known, call: Call) -> Done | Refusal:
    """What the call must come to now."""
    try:
        if call.function in views:
            return Done((), views[call.function](known, *call.args))
        events = tuple(FUNCTIONS[call.contract, call.function](known, call.caller, *call.args))
    except Unlike as unlike:
        return Refusal(unlike.name, unlike.values)
    return Done(events, _answer(call, events))


def _answer(call: Call, events: tuple[Any, ...]) -> bytes:
    if call.function == "issue":
        return int(events[-1].issued).to_bytes(32, "big")
    if call.function in _NUMBERED:
        first = events[0]
        number = getattr(first, {"list": "listing", "take": "trade"}.get(call.function, "commitment"))
        return int(number).to_bytes(32, "big")
    return b""
