"""Write path between certificates and CCER (Q12, Q66, Q79): a project turns to one or the other, and what was
registered for CCER is due for retirement.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gecchain.chain.deployment import Deployment
from gecchain.chain.writer import Action, Receipt, Writer
from gecchain.rules import Month

__all__ = ["choose_ccer", "register_ccer", "set_linkage"]


def choose_ccer(owner: Writer, deployment: Deployment, project: int, chosen: bool) -> Receipt:
    """Turn a project to CCER (its untraded certificates stand still from here on), or back to certificates."""
    what = "choosing CCER" if chosen else "going back to certificates"
    return _send(owner, deployment, what, "chooseCcer", [project, chosen])


def register_ccer(
    registry: Writer, deployment: Deployment, project: int, first: Month, last: Month, number: str
) -> Receipt:
    """Record that reductions of the months `first` to `last`, both included, were registered under a number."""
    args = [project, first.index, (last + 1).index, number]
    return _send(registry, deployment, "recording a CCER registration", "registerCcer", args)


def set_linkage(authority: Writer, deployment: Deployment, ends: int) -> Receipt:
    """Let projects choose CCER until `ends` (Unix seconds), or without end for 0."""
    return _send(authority, deployment, "setting the end of the choice", "setCcerLinkage", [ends])


def _send(writer: Writer, deployment: Deployment, what: str, function: str, args: Sequence[Any]) -> Receipt:
    return writer.send(Action.call(what, "Registry", deployment.registry, function, args))
