"""Handing in what was signed, and following it from there to its block (decision 14).

`prepare` says what to sign, a POST takes what was signed into the outbox, item by item, and a GET says how far each
is. Nothing here holds a key or sends anything: a worker does, and the chain does each request once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Body, Header, Path, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auditing import noted
from api.cursors import closed, opened
from api.desk import Caller, Known, desk_of, require_scope
from api.language import utc
from api.parameters import After, Limit, account_address, word
from api.problems import problem_of
from api.registry import Registry, registry_of
from gecchain.answers import PreparedAnswer, Problem, RequestAnswer, RequestsAnswer, TakenAnswer
from gecchain.errors import BadInput, GecError, NotEntitled, Refused, Unavailable
from gecchain.requests import (
    MOST_GAS,
    REQUEST_TYPES,
    SignedRequest,
    call_of,
    check,
    describe,
    digest_of,
    document_of,
    domain_of,
    message_of,
    parse_request,
    signer_of,
)
from gecchain.requests import Request as Wish
from gecchain.store.desk import HeldRequest, answers, outbox

__all__ = ["router"]

router = APIRouter(prefix="/v1/requests", tags=["writing"])

Judged = outbox.Offer | Problem
"""An item that can be taken, or why it cannot."""
MOST_ITEMS: Final = 1000
_LONGEST_BODY: Final = 16 << 20
_ADDRESS: Final = "0x6b8f3c1f4d2e5a7098b1c2d3e4f5061728394a5b"
_EXAMPLE: Final = {
    "from": _ADDRESS,
    "call": "market.withdraw",
    "arguments": {"listing": 12},
    "gas": 500000,
    "nonce": "7",
    "deadline": 1790000000,
}
_REQUEST: Final = {
    "type": "object",
    "required": ["from", "to", "gas", "nonce", "deadline", "data", "signature"],
    "additionalProperties": False,
    "properties": {
        "from": {"type": "string", "description": "Who signed: 0x and 40 hexadecimal digits"},
        "to": {"type": "string", "description": "Contract that is called"},
        "gas": {"type": "integer", "description": "What the call may use"},
        "nonce": {"type": "string", "description": "Decimal"},
        "deadline": {"type": "integer", "description": "Last second, Unix time, at which it counts"},
        "data": {"type": "string", "description": "The call, 0x hex"},
        "signature": {"type": "string", "description": "0x hex"},
    },
}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["requests"],
                    "properties": {
                        "requests": {"type": "array", "items": _REQUEST, "minItems": 1, "maxItems": MOST_ITEMS}
                    },
                }
            }
        },
    }
}


class Preparation(BaseModel):
    """A call to be signed."""

    sender: str = Field(
        alias="from", description="Key that will sign: 0x and 40 hexadecimal digits", examples=[_ADDRESS]
    )
    call: str = Field(
        description="Name as in the contracts' manual, for instance market.list", examples=["market.withdraw"]
    )
    arguments: dict[str, Any] = Field(description="By the names of the contracts' manual", examples=[{"listing": 12}])
    gas: int = Field(1_000_000, ge=21_000, le=MOST_GAS, description="What the call may use")
    nonce: int | str = Field(
        description="Any number that tells it from others that are otherwise the same", examples=["7"]
    )
    deadline: int = Field(description="Last second, Unix time, at which it counts", examples=[1790000000])


@router.post("/prepare")
def prepare(request: Request, given: Annotated[Preparation, Body(examples=[_EXAMPLE])]) -> PreparedAnswer:
    """What to sign for a call: typed data for a wallet, and the request to hand in. Nothing is kept."""
    deployment = registry_of(request).deployment
    to, data = call_of(given.call, given.arguments, deployment)
    document = {
        "from": given.sender,
        "to": to,
        "gas": given.gas,
        "nonce": given.nonce,
        "deadline": given.deadline,
        "data": "0x" + data.hex(),
        "signature": "0x",
    }
    signed = parse_request(document)
    wish = signed.request
    message = message_of(wish) | {"data": "0x" + data.hex(), "nonce": str(wish.nonce)}
    typed = {"domain": domain_of(deployment), "types": REQUEST_TYPES, "primaryType": "Request", "message": message}
    return PreparedAnswer(id="0x" + digest_of(wish, deployment).hex(), typed_data=typed, request=document_of(signed))


@router.post("", status_code=202, responses={202: {"model": TakenAnswer}}, openapi_extra=_BODY)
async def hand_in(
    request: Request,
    caller: Known,
    key: Annotated[
        str, Header(alias="Idempotency-Key", max_length=255, description="The same key again gives the same answer")
    ] = "",
) -> Response:
    """Hand in signed requests: `{"requests": [{from, to, gas, nonce, deadline, data, signature}, …]}`, 1,000 at most.

    Each is taken or refused for itself. A key of the scope `requests` hands in anybody's; a session its own.
    """
    require_scope(caller, "requests")
    body = await _body(request)
    answer, again = await run_in_threadpool(_take, request, caller, key, body)
    headers = {"Idempotent-Replayed": "true"} if again else {}
    return Response(orjson.dumps(answer), status_code=202, media_type="application/json", headers=headers)


@router.get("/{digest}")
def one(
    request: Request, digest: Annotated[str, Path(max_length=400, description="Name of the request")], caller: Known
) -> RequestAnswer:
    """One request: of whoever handed it in or signed it."""
    with desk_of(request).reading() as db:
        found = outbox.find(db, word("request", digest))
    if caller.name != found.caller and caller.address != found.signed.request.sender:
        raise NotEntitled("The request is somebody else's.", reason="NotEntitled")
    registry = registry_of(request)
    return _answer(registry, found, registry.indexed_block())


@router.get("")
def many(
    request: Request,
    caller: Known,
    sender: Annotated[str | None, Query(alias="from", max_length=400, description="Who signed")] = None,
    state: Annotated[str | None, Query(max_length=10, description=f"One of {', '.join(outbox.STATES)}")] = None,
    after: After = None,
    limit: Limit = 50,
) -> RequestsAnswer:
    """Requests that this key handed in, or that this session's key signed, in the order in which they were taken."""
    if state is not None and state not in outbox.STATES:
        raise BadInput("there is no such state", field="state", value=state, remedy=", ".join(outbox.STATES) + ".")
    mine = {"sender": caller.address} if caller.address else {"caller": caller.name}
    if sender is not None:
        mine |= {"sender": caller.address or account_address(sender)}
    cursor = int(opened("requests", after) or 0)
    with desk_of(request).reading() as db:
        found = outbox.page_of(db, **mine, state=state or "", after=cursor, limit=limit + 1)
    registry = registry_of(request)
    indexed = registry.indexed_block()
    last = str(found[limit - 1].id) if len(found) > limit else None
    return RequestsAnswer(
        items=[_answer(registry, held, indexed) for held in found[:limit]], next=closed("requests", last)
    )


async def _body(request: Request) -> bytes:
    parts = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > _LONGEST_BODY:
            raise BadInput("this is more than 16 MiB", field="body", remedy="Hand it in in parts.")
        parts.append(part)
    return b"".join(parts)


def _take(request: Request, caller: Caller, key: str, body: bytes) -> tuple[Any, bool]:
    registry = registry_of(request)
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"this is no JSON: {error}", field="body", remedy="See /docs.") from None
    items = read.get("requests") if isinstance(read, Mapping) else None
    if not isinstance(items, Sequence) or isinstance(items, str) or not 0 < len(items) <= MOST_ITEMS:
        raise BadInput(f"this is no list of 1 to {MOST_ITEMS} requests", field="requests", remedy="See /docs.")
    judged = [_judged(registry, caller, item, f"{request.url.path}#{place}") for place, item in enumerate(items)]
    with desk_of(request).writing() as db:

        def work() -> Any:
            answer = _kept(db, caller, judged, registry.now())
            noted(request, db, 202, subject=f"took {answer['accepted']} of {len(items)} requests")
            return answer

        return answers.once(db, caller.name, key, body, registry.now(), work)


def _kept(db: Connection, caller: Caller, judged: Sequence[Judged], now: int) -> dict[str, Any]:
    """The outbox has those that can be taken; the answer tells of each."""
    offers = [found for found in judged if isinstance(found, outbox.Offer)]
    taken = iter(outbox.hand_in(db, offers, caller=caller.name, now=now))
    items = [_item(found if isinstance(found, Problem) else next(taken)) for found in judged]
    return {"accepted": sum(item["problem"] is None for item in items), "items": items}


def _item(found: HeldRequest | Problem) -> dict[str, Any]:
    if isinstance(found, Problem):
        return {"id": None, "state": None, "problem": found.model_dump()}
    return {"id": found.digest, "state": found.state, "problem": None}


def _judged(registry: Registry, caller: Caller, item: Any, instance: str) -> Judged:
    """What is to be said of an item before any database is asked."""
    deployment = registry.deployment
    try:
        signed = parse_request(item)
        check(signed, deployment, registry.now())
        shown = describe(signed.request.to, signed.request.data, deployment)
        _require_signed(registry, signed)
        if caller.address and signed.request.sender != caller.address:
            raise NotEntitled("A session hands in its own requests.", reason="NotEntitled")
        return outbox.Offer(digest_of(signed.request, deployment), signed, shown.name)
    except Unavailable:
        raise
    except GecError as error:
        return problem_of(error, instance)


def _require_signed(registry: Registry, signed: SignedRequest) -> None:
    """A key's signature is checked here; one that is no key's may be a contract's (ERC-1271): the chain is asked."""
    if signer_of(signed, registry.deployment) == signed.request.sender:
        return
    if registry.node.objects(signed.request.as_struct(), signed.signature):
        raise Refused(
            "the signature is not of the key that the request is from",
            reason="NotSigned",
            remedy="Sign the typed data as it stands; a contract's signature needs the node to be in reach.",
        )


def _answer(registry: Registry, held: HeldRequest, indexed: int | None) -> RequestAnswer:
    wish: Wish = held.signed.request
    shown = describe(wish.to, wish.data, registry.deployment)
    return RequestAnswer(
        **{"from": wish.sender},
        id=held.digest,
        state=held.state,
        call=shown.name,
        arguments=dict(shown.arguments),
        nonce=str(wish.nonce),
        deadline=utc(wish.deadline),
        accepted_at=utc(held.accepted_at),
        ended_at=utc(held.ended_at) if held.ended_at else None,
        transaction=held.transaction or None,
        block=held.block or None,
        final=bool(held.block) and indexed is not None and indexed >= held.block,
        reason=dict(held.reason) or None,
    )
