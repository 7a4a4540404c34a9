"""The page of a document: where its QR code leads, and where a dropped copy is answered."""

from typing import Annotated, Any, Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.checking import check_answer, checked
from api.pages.rendering import page
from api.registry import registry_of
from gecchain.answers import DocumentCheckAnswer
from gecchain.documents import Kind
from gecchain.errors import BadInput, NotFound

__all__ = ["router"]

router = APIRouter()

_TONES: Final = {
    "same": ("good", "check"),
    "different": ("bad", "cross"),
    "unknown": ("bad", "cross"),
    "incomparable": ("caution", "question"),
}
_SHA256: Final = "^([0-9a-f]{64})?$"
_NAME: Final = "^([0-9a-f]{16})?$"


@router.get("/documents/{kind}/{code}")
async def document(
    request: Request,
    kind: Kind,
    code: str,
    as_of: Annotated[int | None, Query(ge=0, le=1 << 39)] = None,
    sha256: Annotated[str, Query(pattern=_SHA256)] = "",
    press: Annotated[str, Query(pattern=_NAME)] = "",
    seal: Annotated[str, Query(pattern=_NAME)] = "",
) -> Response:
    """What the registry knows of a document as of a block and, with the hash of a copy, whether it is the same."""

    def look() -> Response:
        try:
            found = check_answer(checked(request, kind, code, as_of, sha256, press, seal))
        except (BadInput, NotFound):
            if not sha256:
                raise
            return page(request, "document.html", current="verify", **_shown(kind, code, None, "unknown"))
        return page(request, "document.html", current="verify", **_shown(kind, found.code, found, found.verdict or ""))

    return await run_sync(look, limiter=registry_of(request).documents.limiter)


def _shown(kind: Kind, code: str, answer: DocumentCheckAnswer | None, verdict: str) -> dict[str, Any]:
    tone, icon = _TONES.get(verdict, ("", ""))
    return {"kind": kind.value, "code": code, "answer": answer, "verdict": verdict, "tone": tone, "icon": icon}
