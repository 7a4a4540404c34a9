"""Everything under `/v1`: counted, and its route found by the first word of the path.

Without it each route's pattern is tried in turn, again in every router that is included, and that came to cost more
than the answer: a path of the last router was tried against a hundred others before.
"""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, Request
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from api.limiting import limited

__all__ = ["Signpost"]


class Signpost(BaseRoute):
    """Leads to the routes of some routers, which stand in `routes` in their order."""

    def __init__(self, routers: Iterable[APIRouter]) -> None:
        self.routes: list[BaseRoute] = [route for router in routers for route in router.routes]
        self._by_word: dict[str, APIRouter] = {}
        for route in self.routes:
            beside = self._by_word.setdefault(_word(getattr(route, "path", "")), APIRouter(redirect_slashes=False))
            beside.routes.append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether any route begins with that word; whether one fits is found out by `handle`."""
        known = scope["type"] == "http" and _word(scope["path"]) in self._by_word
        return (Match.FULL if known else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; TooMany if its caller has asked too often."""
        await limited(Request(scope))
        await self._by_word[_word(scope["path"])](scope, receive, send)


def _word(path: str) -> str:
    """`/v1/accounts/0x…/holdings` and `/v1/accounts/{account}` begin with `/v1/accounts`."""
    return "/".join(path.split("/", 3)[:3])
