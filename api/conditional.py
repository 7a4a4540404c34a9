"""Asked again, nothing new: entity tags and 304 for everything under `/v1` (RFC 9110, 8.8.3 and 13.1.2).

The tag is a digest of the answer, so it changes when the answer does and not with every block; `X-Indexed-Block` says
how new the answer is all the same. It is weak, since the same answer also goes out compressed. Answers that bring a
tag of their own (evidence, exports) are left alone. What is compressed and what is not is decided by the outer layer.
"""

import hashlib
from typing import Final

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.headers import listed

__all__ = ["Compressed", "Conditional", "is_known"]

_TAGGED: Final = ("/v1/", "/openapi.json")
_AS_IT_IS: Final = "/v1/evidence/"
_ENCODING: Final = b"Accept-Encoding"
_LEVEL: Final = 5
_SMALLEST: Final = 1000
_OF_BODY: Final = (b"content-length", b"content-type")
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
                _vary(listed(message))
            await send(message)

        app = self.squeezed if b"gzip" in (_asked(scope, b"accept-encoding") or b"") else self.app
        await app(scope, receive, varied)


def _asked(scope: Scope, name: bytes) -> bytes | None:
    """A header of the request."""
    return next((value for key, value in scope["headers"] if key == name), None)


def _vary(headers: list[tuple[bytes, bytes]]) -> None:
    at = next((at for at, (name, _value) in enumerate(headers) if name == b"vary"), None)
    if at is None:
        headers.append((b"vary", _ENCODING))
    elif _ENCODING not in headers[at][1] and headers[at][1] != b"*":
        headers[at] = (b"vary", headers[at][1] + b", " + _ENCODING)


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
            if self.tagged and message["status"] == 200 and all(name != b"etag" for name, _ in listed(message)):
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
        headers = [*listed(start), (b"etag", tag.encode())]
        given = _asked(self.scope, b"if-none-match")
        if given is not None and is_known(given.decode("latin-1"), tag):
            headers = [one for one in headers if one[0] not in _OF_BODY]
            start, body = {**start, "status": 304}, {**body, "body": b""}
        start["headers"] = headers
        await self.send(start)
        await self.send(body)
