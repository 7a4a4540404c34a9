"""The outermost layer: headers that every answer carries, and the answer to what nobody foresaw.

It is plain ASGI so that error pages, static files and problem details get the same headers as everything else.
"""

from collections.abc import Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gecchain.trail import Trail

__all__ = ["INDEXED", "SECURITY_HEADERS", "EveryAnswer", "encoded", "listed", "route_of"]

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


def encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI has them."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def listed(message: Message) -> list[tuple[bytes, bytes]]:
    """The headers of an answer's start, as a list that may be added to."""
    headers = message.get("headers")
    if not isinstance(headers, list):
        headers = message["headers"] = list(headers or ())
    return headers


_ALWAYS: Final = encoded({**SECURITY_HEADERS, "Cache-Control": "no-cache"})


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
                self._add(scope, listed(message))
            await send(message)

        try:
            await self.app(scope, receive, with_headers)
        except Exception as error:
            trail.error("answer_failed", trace=True, method=scope["method"], route=route_of(scope))
            if started:
                raise
            await self.unforeseen(Request(scope), error)(scope, receive, with_headers)

    def _add(self, scope: Scope, headers: list[tuple[bytes, bytes]]) -> None:
        state = scope.get("state", {})
        block = state.get("indexed")
        if block is None:
            block = self.indexed()
        own = encoded({**state.get("rate", {}), INDEXED: "none" if block is None else str(block)})
        given = {name for name, _value in headers}
        headers += [one for one in (*_ALWAYS, *own) if one[0] not in given]
