"""Evidence: the file behind a hash on the chain, streamed to who may have it (Q26, Q95).

Whoever asks signs EIP-712 typed data and sends it along:

    Authorization: GEC <base64url of {"chainId": 20300, "evidence": "0x…", "expires": 1790000000, "signature": "0x…"}>

`gecchain.evidence.access` has the layout. The signer must be the operator of an account that the file's label names,
or the issuing authority or the information centre (roles of the AccessManager). All bytes are hashed before the first
one leaves, so a damaged file is answered with an error, never with its bytes.
"""

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Path, Request, Security
from fastapi.security import APIKeyHeader
from starlette.responses import Response, StreamingResponse

from api.conditional import is_known
from api.heads import is_head
from api.problems import problem_of, problem_response
from api.registry import registry_of
from api.standing import RegistryStanding
from api.waiting import Waits
from gecchain.errors import NotFound, Unsigned
from gecchain.evidence import (
    AUTHORIZATION_SCHEME,
    EvidenceRoom,
    Label,
    parse_authorization,
    parse_digest,
    require_entitled,
    signer_of,
)

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["evidence"], dependencies=[Waits])

_HOW: Final = """`GEC ` and the base64url of the JSON `{"chainId", "evidence", "expires", "signature"}`.

`signature` (0x and 130 hexadecimal digits) is made with `eth_signTypedData_v4` over the domain `{"name": "gecchain
evidence", "version": "1", "chainId": chainId}` and the type `EvidenceRequest(bytes32 evidence,uint256 expires)`;
`evidence` is the hash in the path, `chainId` the chain's (see `/v1/health`), `expires` Unix seconds, at most 600 ahead.
"""
_SIGNED: Final = APIKeyHeader(name="Authorization", scheme_name="SignedRequest", description=_HOW, auto_error=False)
_FILE: Final = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}

Hash = Annotated[str, Path(alias="hash", max_length=400, description="Evidence hash, 0x and 64 hex digits")]
Signed = Annotated[str | None, Security(_SIGNED)]


@router.get("/evidence/{hash}", response_class=StreamingResponse, responses={200: _FILE})
def evidence(request: Request, digest: Hash, signed: Signed = None) -> Response:
    """The file with this hash, for who may have it: a signed request in the `Authorization` header.

    401 says how to sign, 403 that the signer acts for nobody who may read it; the authority and the information centre
    always may. A kept file that no longer has its hash is answered with 500, never handed out.
    """
    return _answered(request, digest, signed)


def _answered(request: Request, text: str, signed: str | None) -> Response:
    digest = parse_digest(text)
    try:
        label = _admitted(request, digest, signed)
    except Unsigned as error:
        answer = problem_response(problem_of(error, request.url.path))
        answer.headers["WWW-Authenticate"] = AUTHORIZATION_SCHEME
        return answer
    headers = _headers(label)
    if is_known(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers={"ETag": headers["ETag"]})
    room = _room(request)
    room.verify(digest)
    if is_head(request):
        return Response(headers=headers, media_type=label.media_type)
    # Hashed once more on the way out: bytes that change meanwhile break the answer off before its end.
    return StreamingResponse(room.get(digest), headers=headers, media_type=label.media_type)


def _admitted(request: Request, digest: bytes, signed: str | None) -> Label:
    """The label, once it is clear that who asks may have the file."""
    registry = registry_of(request)
    asked = parse_authorization(signed)
    signer = signer_of(asked, evidence=digest, chain_id=registry.deployment.chain_id, now=registry.now())
    label = _room(request).label(digest)
    with registry.snapshot(request) as snapshot:
        require_entitled(signer, label, RegistryStanding(snapshot, registry.node))
    return label


def _room(request: Request) -> EvidenceRoom:
    room: EvidenceRoom | None = request.app.state.evidence
    if room is None:
        raise NotFound("No evidence is handed out here.", remedy="Set GEC_EVIDENCE_URL where the API is started.")
    return room


def _headers(label: Label) -> dict[str, str]:
    return {
        "ETag": f'"{label.hex}"',
        "Content-Length": str(label.size),
        "Content-Disposition": _attachment(label.name),
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization",
    }


def _attachment(name: str) -> str:
    """Always to be saved, never to be shown; the name in ASCII and, if that is not all of it, in UTF-8 (RFC 6266)."""
    plain = "".join(letter if letter.isascii() and letter not in '"\\%' else "_" for letter in name)
    exact = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'attachment; filename="{plain}"{exact}'
