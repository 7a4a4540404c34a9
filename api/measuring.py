"""How long answers take to begin, by method, template of the route, and status."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.headers import route_of

__all__ = ["Measured"]


class Measured:
    """Tells `answered` of each answer over HTTP when it begins: a stream's end says nothing about us."""

    def __init__(self, app: ASGIApp, answered: Callable[[str, str, int, float], None]) -> None:
        self.app = app
        self.answered = answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; anything but HTTP passes untouched."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, told = time.perf_counter(), False

        async def timed(message: Message) -> None:
            nonlocal told
            if message["type"] == "http.response.start":
                told = True
                self._tell(scope, message["status"], began)
            await send(message)

        try:
            await self.app(scope, receive, timed)
        except Exception:
            if not told:
                self._tell(scope, 500, began)
            raise

    def _tell(self, scope: Scope, status: int, began: float) -> None:
        self.answered(scope["method"], route_of(scope), status, time.perf_counter() - began)
