"""HEAD wherever GET is answered: the same headers without the body (RFC 9110, 9.3.2)."""

from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HEAD_ONLY", "Heads", "is_head"]

HEAD_ONLY: Final = "head_only"


def is_head(request: Request) -> bool:
    """Whether only the headers are wanted, so that a long body need not be made."""
    return bool(getattr(request.state, HEAD_ONLY, False))


class Heads:
    """Asks the rest of the application as if for GET, and keeps the body back."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; anything but HEAD passes untouched."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})
        if scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        scope["state"][HEAD_ONLY] = True

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET"}, receive, without_body)
