"""Documents: certificate, trade voucher and retirement sheet as PDF and as canonical data, and the check of a copy."""

from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from api.answering import AnswerRoute
from api.checking import check_answer, checked
from api.conditional import is_known
from api.documents import DocumentDesk
from api.registry import registry_of
from api.waiting import Waits
from gecchain.answers import DocumentCheckAnswer
from gecchain.documenting import Read, read_document
from gecchain.documents import Kind

__all__ = ["router"]

router = APIRouter(prefix="/v1", route_class=AnswerRoute, tags=["documents"], dependencies=[Waits])

T = TypeVar("T")
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
_PDF: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"application/pdf": _BINARY}}}
_DATA: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}
_EARLIER: Final = "As of this block; without it as of the last one in which something happened to it"

Code = Annotated[str, Path(max_length=400, description="Number, or `first-last` for several of one buyer or holder")]
Number = Annotated[str, Path(max_length=400, description="Certificate number (绿证编码), 32 characters")]
AsOf = Annotated[int | None, Query(ge=0, le=1 << 39, description=_EARLIER)]
Sealed = Annotated[bool, Query(description="With the electronic seal, if this registry has one")]


@router.get("/certificates/{number}.pdf", response_class=Response, responses=_PDF)
async def certificate_pdf(request: Request, number: Number, as_of: AsOf = None, sealed: Sealed = True) -> Response:
    """The certificate (绿证, Q14) as PDF/A-3 with its data attached."""
    return await _aside(request, lambda: _pdf(request, Kind.CERTIFICATE, number, as_of, sealed))


@router.get("/vouchers/{code}.pdf", response_class=Response, responses=_PDF)
async def voucher_pdf(request: Request, code: Code, as_of: AsOf = None, sealed: Sealed = True) -> Response:
    """The trade voucher (交易凭证, Q15) of a trade, or of the trades `first-last` of one buyer."""
    return await _aside(request, lambda: _pdf(request, Kind.VOUCHER, code, as_of, sealed))


@router.get("/retirements/{code}.pdf", response_class=Response, responses=_PDF)
async def retirement_pdf(request: Request, code: Code, as_of: AsOf = None, sealed: Sealed = True) -> Response:
    """The retirement sheet (核销信息表, Q81) of a retirement, or of `first-last` of one holder under one claim."""
    return await _aside(request, lambda: _pdf(request, Kind.RETIREMENT, code, as_of, sealed))


@router.get("/certificates/{number}.json", response_class=Response, responses=_DATA)
async def certificate_data(request: Request, number: Number, as_of: AsOf = None) -> Response:
    """The certificate's data in canonical form (RFC 8785), as attached to the PDF; its SHA-256 is the ETag."""
    return await _aside(request, lambda: _data(request, Kind.CERTIFICATE, number, as_of))


@router.get("/vouchers/{code}.json", response_class=Response, responses=_DATA)
async def voucher_data(request: Request, code: Code, as_of: AsOf = None) -> Response:
    """The voucher's data in canonical form (RFC 8785), as attached to the PDF; its SHA-256 is the ETag."""
    return await _aside(request, lambda: _data(request, Kind.VOUCHER, code, as_of))


@router.get("/retirements/{code}.json", response_class=Response, responses=_DATA)
async def retirement_data(request: Request, code: Code, as_of: AsOf = None) -> Response:
    """The sheet's data in canonical form (RFC 8785), as attached to the PDF; its SHA-256 is the ETag."""
    return await _aside(request, lambda: _data(request, Kind.RETIREMENT, code, as_of))


@router.get("/documents/{kind}/{code}")
async def check(
    request: Request,
    kind: Annotated[Kind, Path(description="What the file is")],
    code: Code,
    as_of: AsOf = None,
    sha256: Annotated[str, Query(pattern="^([0-9a-fA-F]{64})?$", description="SHA-256 of the file that you have")] = "",
    press: Annotated[str, Query(pattern="^([0-9a-f]{16})?$", description="Press that the file names")] = "",
    seal: Annotated[str, Query(pattern="^([0-9a-f]{16})?$", description="Seal that the file names")] = "",
) -> DocumentCheckAnswer:
    """Whether a copy is what the registry makes of this document, byte by byte, and what has happened since.

    Only the hash of the copy is asked for, never the copy. 404 if the registry has no such document of that block.
    """
    return await _aside(request, lambda: check_answer(checked(request, kind, code, as_of, sha256.lower(), press, seal)))


async def _aside(request: Request, work: Callable[[], T]) -> T:
    """Sets and seals in threads of its own, few at a time: everything else is answered meanwhile."""
    return await run_sync(work, limiter=_desk(request).limiter)


def _desk(request: Request) -> DocumentDesk:
    return registry_of(request).documents


def _read(request: Request, kind: Kind, code: str, as_of: int | None) -> Read:
    registry = registry_of(request)
    with registry.snapshot(request) as snapshot:
        return read_document(snapshot.db, registry.documents.chain, kind, code, as_of)


def _pdf(request: Request, kind: Kind, code: str, as_of: int | None, sealed: bool) -> Response:
    document, desk = _read(request, kind, code, as_of).document, _desk(request)
    etag = desk.etag(document, sealed=sealed)
    if is_known(request.headers.get("If-None-Match"), etag):
        return Response(status_code=304, headers={"ETag": etag})
    content, seal = desk.pdf(document, sealed=sealed)
    name = f"gec-{document.kind}-{document.code}-block-{document.place.block}.pdf"
    headers = {"ETag": etag, "Content-Disposition": f'inline; filename="{name}"', "X-Seal": seal or "none"}
    return Response(content, media_type="application/pdf", headers=headers)


def _data(request: Request, kind: Kind, code: str, as_of: int | None) -> Response:
    document = _read(request, kind, code, as_of).document
    etag = f'"{document.sha256}"'
    if is_known(request.headers.get("If-None-Match"), etag):
        return Response(status_code=304, headers={"ETag": etag})
    return Response(document.json, media_type="application/json", headers={"ETag": etag})
