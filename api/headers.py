"""The outermost layer: headers that every answer carries, and the answer to what nobody foresaw.

It is plain ASGI so that error pages, static files and problem details get the same headers as everything else.
"""

from collections.abc import Callable
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gecchain.trail import Trail

__all__ = ["INDEXED", "SECURITY_HEADERS", "EveryAnswer", "route_of"]

trail = Trail(__name__)

INDEXED: Final = "X-Indexed-Block"
# No inline script or style, nothing from elsewhere, no frames, forms only to ourselves.
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def route_of(scope: Scope) -> str:
    """The template of the path that was asked for, `/v1/accounts/{account}`, so that nobody's path is told."""
    return str(getattr(scope.get("route"), "path", "")) or "none"


class EveryAnswer:
    """Adds the security headers and `X-Indexed-Block`, and turns an unforeseen exception into an answer.

    `indexed` gives the newest indexed block that this process knows (None before the first); a request that read the
    store leaves its own in `scope["state"]["indexed"]`. `unforeseen` makes the answer to an exception.
    """

    def __init__(
        self,
        app: ASGIApp,
        indexed: Callable[[], int | None],
        unforeseen: Callable[[Request, Exception], Response],
    ) -> None:
        self.app = app
        self.indexed = indexed
        self.unforeseen = unforeseen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; anything but HTTP passes untouched."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._add(scope, MutableHeaders(scope=message))
            await send(message)

        try:
            await self.app(scope, receive, with_headers)
        except Exception as error:
            trail.error("answer_failed", trace=True, method=scope["method"], route=route_of(scope))
            if started:
                raise
            await self.unforeseen(Request(scope), error)(scope, receive, with_headers)

    def _add(self, scope: Scope, headers: MutableHeaders) -> None:
        for name, value in SECURITY_HEADERS.items():
            headers.setdefault(name, value)
        headers.setdefault("Cache-Control", "no-cache")
        block = scope.get("state", {}).get("indexed")
        if block is None:
            block = self.indexed()
        for name, value in scope.get("state", {}).get("rate", {}).items():
            headers.setdefault(name, value)
        headers.setdefault(INDEXED, "none" if block is None else str(block))
