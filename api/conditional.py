"""Asked again, nothing new: entity tags and 304 for everything under `/v1` (RFC 9110, 8.8.3 and 13.1.2).

The tag is a digest of the answer, so it changes when the answer does and not with every block; `X-Indexed-Block` says
how new the answer is all the same. It is weak, since the same answer also goes out compressed. Answers that bring a
tag of their own (evidence, exports) are left alone. What is compressed and what is not is decided by the outer layer.
"""

import hashlib
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Compressed", "Conditional", "is_known"]

_TAGGED: Final = ("/v1/", "/openapi.json")
_AS_IT_IS: Final = "/v1/evidence/"
_ENCODING: Final = "Accept-Encoding"
_LEVEL: Final = 5
_SMALLEST: Final = 1000
_OF_BODY: Final = ("content-length", "content-type")
VALIDATOR: Final = "validator"


def is_known(given: str | None, tag: str) -> bool:
    """Whether `If-None-Match` names this tag; the comparison is the weak one."""
    if given is None:
        return False
    names = [one.strip().removeprefix("W/") for one in given.split(",")]
    return "*" in names or tag.removeprefix("W/") in names


class Compressed:
    """Gzip for whoever accepts it, but not for evidence, whose bytes and tag are those that were handed in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.squeezed = GZipMiddleware(app, minimum_size=_SMALLEST, compresslevel=_LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; also what was not compressed says that it might have been."""
        if scope["type"] != "http" or scope["path"].startswith(_AS_IT_IS):
            await self.app(scope, receive, send)
            return

        async def varied(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if _ENCODING not in headers.get("vary", ""):
                    headers.add_vary_header(_ENCODING)
            await send(message)

        await self.squeezed(scope, receive, varied)


class Conditional:
    """Tags answers that have none, and answers 304 where the asker has them already."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; what is not GET under `/v1` passes untouched."""
        if scope["type"] != "http" or scope["path"].startswith(_AS_IT_IS):
            await self.app(scope, receive, send)
            return
        tagged = scope["method"] == "GET" and scope["path"].startswith(_TAGGED)
        await self.app(scope, receive, _Answer(scope, send, tagged))


class _Answer:
    """Holds the start of an answer back until its body is there to be digested."""

    def __init__(self, scope: Scope, send: Send, tagged: bool) -> None:
        self.scope, self.send, self.tagged = scope, send, tagged
        self.start: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if self.tagged and message["status"] == 200 and "etag" not in headers:
                self.start = message
                return
        elif self.start is not None and message["type"] == "http.response.body":
            start, self.start = self.start, None
            if not message.get("more_body", False):
                await self._tagged(start, message)
                return
            await self.send(start)
        await self.send(message)

    async def _tagged(self, start: Message, body: Message) -> None:
        basis = self.scope["state"].get(VALIDATOR) or body.get("body", b"")
        tag = f'W/"{hashlib.sha256(basis).hexdigest()[:32]}"'
        headers = MutableHeaders(scope=start)
        headers["ETag"] = tag
        if is_known(Headers(scope=self.scope).get("if-none-match"), tag):
            for name in _OF_BODY:
                del headers[name]
            start, body = {**start, "status": 304}, {**body, "body": b""}
        await self.send(start)
        await self.send(body)
