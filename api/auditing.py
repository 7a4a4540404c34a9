"""Who wrote what: what was done is noted in the transaction that did it, and what was refused once it is answered."""

from __future__ import annotations

from typing import Final

from fastapi import Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.desk import Desk
from api.registry import registry_of
from gecchain.errors import GecError
from gecchain.store.desk import audit
from gecchain.trail import Trail

__all__ = ["RefusedWrites", "noted"]

trail = Trail(__name__)
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FIRST_REFUSAL: Final = 400
_TOO_MANY: Final = 429
"""Not noted: whoever asks too often could otherwise fill the audit."""


def noted(request: Request, db: Connection, status: int, *, subject: str, caller: str = "") -> None:
    """Note a write in the transaction that does it."""
    who = caller or getattr(request.state, "caller", "")
    audit.note(
        db,
        at=registry_of(request).now(),
        caller=who,
        method=request.method,
        path=request.url.path,
        status=status,
        subject=subject,
    )


def _is_noted(status: int) -> bool:
    return status >= _FIRST_REFUSAL and status != _TOO_MANY


class RefusedWrites:
    """Notes writes that were answered with an error, but for asking too often.

    A desk that is away is told to the log: nothing was done.
    """

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self.app = app
        self.desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; reads pass untouched."""
        if scope["type"] != "http" or scope["method"] in _READS or not scope["path"].startswith("/v1"):
            await self.app(scope, receive, send)
            return

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_noted(message["status"]):
                await run_in_threadpool(self._note, Request(scope), message["status"])
            await send(message)

        await self.app(scope, receive, noting)

    def _note(self, request: Request, status: int) -> None:
        try:
            with self.desk.writing() as db:
                noted(request, db, status, subject="")
        except GecError as error:
            trail.warning("refused_write_not_noted", why=str(error))
