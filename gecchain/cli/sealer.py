"""The process that seals: it alone opens the seal, and answers at a socket file of the same machine.

It is asked for a kind, a code and a block, and reads what stands in the document from the registry itself. Nobody can
hand it anything to be sealed.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gecchain.documenting import parse_kind, read_document
from gecchain.documents import SEAL_BOX, Chain, Document, Press
from gecchain.errors import BadInput, GecError, NotFound
from gecchain.sealing import Seal, apply_seal
from gecchain.store import connected

__all__ = ["sealed_document", "sealer_application"]

_KEPT_BYTES: Final = 64 << 20


def sealed_document(press: Press, seal: Seal, document: Document) -> bytes:
    """The sealed PDF of a document."""
    stamp = press.stamp(seal.name, seal.fingerprint, document.place.time)
    return apply_seal(press.set(document), seal, document.place.time, stamp=stamp, box=SEAL_BOX)


class _Shelf:
    """Sealed files that were asked for lately, by hash: the same document is often downloaded and then checked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0

    def get(self, key: str) -> bytes | None:
        with self._lock:
            if key in self._files:
                self._files.move_to_end(key)
            return self._files.get(key)

    def put(self, key: str, content: bytes) -> None:
        with self._lock:
            if key in self._files:
                return
            self._files[key] = content
            self._bytes += len(content)
            while self._bytes > _KEPT_BYTES:
                _key, old = self._files.popitem(last=False)
                self._bytes -= len(old)


def sealer_application(engine: Engine, chain: Chain, press: Press, seal: Seal) -> Starlette:
    """`GET /` says which seal it is; `GET /{kind}/{code}?as_of=BLOCK` answers the sealed PDF, `X-Document` its hash."""
    shelf = _Shelf()

    def about(_request: Request) -> Response:
        return JSONResponse({"name": seal.name, "press": press.name, "seal": seal.fingerprint})

    def sealed(request: Request) -> Response:
        kind, code = parse_kind(request.path_params["kind"]), request.path_params["code"]
        with connected(engine) as db:
            document = read_document(db, chain, kind, code, _block(request)).document
        content = shelf.get(document.sha256)
        if content is None:
            content = sealed_document(press, seal, document)
            shelf.put(document.sha256, content)
        return Response(content, media_type="application/pdf", headers={"X-Document": document.sha256})

    def failed(_request: Request, error: Exception) -> Response:
        status = 404 if isinstance(error, NotFound) else 400 if isinstance(error, BadInput) else 503
        return JSONResponse({"error": str(error)}, status_code=status)

    routes = [Route("/", about), Route("/{kind}/{code}", sealed)]
    return Starlette(routes=routes, exception_handlers={GecError: failed})


def _block(request: Request) -> int | None:
    text = request.query_params.get("as_of", "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 13):
        raise BadInput("This is no block.", field="as_of", value=text, remedy="A block has digits only.")
    return int(text) if text else None
