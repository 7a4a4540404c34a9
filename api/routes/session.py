"""Signing in with an account's key (Sign-In with Ethereum, EIP-4361): a nonce, a signed message, an hour's token."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final
from urllib.parse import urlsplit

import siwe
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from api.auditing import noted
from api.desk import Known, desk_of
from api.language import utc
from api.registry import Registry, registry_of
from gecchain.answers import ChallengeAnswer, SessionAnswer
from gecchain.errors import BadInput, NotEntitled, Unsigned
from gecchain.store.desk import sessions

__all__ = ["router"]

router = APIRouter(prefix="/v1/session", tags=["signing in"])

_LONGEST: Final = 4000
_HOW: Final = (
    "Sign the message of POST /v1/session/challenge with the key, personal_sign (EIP-191), within five minutes."
)


class SignedIn(BaseModel):
    """A message and its signature."""

    message: Annotated[str, Field(max_length=_LONGEST, description="EIP-4361 message")]
    signature: Annotated[str, Field(max_length=_LONGEST, description="0x and 130 hexadecimal digits")]


@router.post("/challenge")
def challenge(request: Request) -> ChallengeAnswer:
    """A nonce for one sign-in."""
    registry = registry_of(request)
    with desk_of(request).writing() as db:
        nonce, ends_at = sessions.challenge(db, registry.now())
    base = registry.settings.base_url
    return ChallengeAnswer(
        nonce=nonce,
        expires_at=utc(ends_at),
        domain=urlsplit(base).netloc,
        uri=base,
        chain_id=registry.deployment.chain_id,
    )


@router.post("")
def sign_in(request: Request, given: SignedIn) -> SessionAnswer:
    """Open a session for the key that signed."""
    registry = registry_of(request)
    try:
        message = siwe.SiweMessage.from_message(given.message)
    except ValueError as error:
        raise BadInput(f"this is no EIP-4361 message: {error}", field="message", remedy=_HOW) from None
    _require_ours(message, registry)
    with desk_of(request).writing() as db:
        # Spent in a transaction of its own: a nonce that was tried with a wrong signature is used up too.
        good = sessions.spend(db, message.nonce, registry.now())
    if not good:
        raise Unsigned("This nonce was not given out, is void or was used.", field="nonce", remedy=_HOW)
    try:
        message.verify(given.signature, timestamp=datetime.fromtimestamp(registry.now(), UTC))
    except (siwe.VerificationError, ValueError, TypeError) as error:
        raise Unsigned(
            f"The signature does not hold: {type(error).__name__}.", field="signature", remedy=_HOW
        ) from None
    with desk_of(request).writing() as db:
        made, token = sessions.open_session(db, str(message.address), registry.now())
        noted(request, db, 200, caller=f"session:{made.address}", subject="signed in")
    return SessionAnswer(address=made.address, expires_at=utc(made.ends_at), token=token)


@router.get("")
def session(request: Request, caller: Known) -> SessionAnswer:
    """Who is signed in, and until when."""
    if not caller.address:
        raise NotEntitled("This is a key's request and no session's.", reason="NoSession")
    with desk_of(request).reading() as db:
        found = sessions.session_of(db, _token(request), registry_of(request).now())
    if found is None:
        raise Unsigned("The session has ended.", field="Authorization", remedy=_HOW)
    return SessionAnswer(address=found.address, expires_at=utc(found.ends_at))


@router.delete("", status_code=204)
def sign_out(request: Request, caller: Known) -> Response:
    """End the session at once."""
    if caller.address:
        with desk_of(request).writing() as db:
            sessions.close(db, _token(request))
            noted(request, db, 204, subject="signed out")
    return Response(status_code=204)


def _token(request: Request) -> str:
    return request.headers["authorization"].partition(" ")[2].strip()


def _require_ours(message: siwe.SiweMessage, registry: Registry) -> None:
    """The message is for this registry; one that was signed for another site opens nothing here."""
    base = registry.settings.base_url
    wanted = {"domain": urlsplit(base).netloc, "uri": base, "chain_id": registry.deployment.chain_id}
    for name, value in wanted.items():
        found = str(getattr(message, name)).rstrip("/")
        if found != str(value):
            raise BadInput(f"the message is for another {name}", field=name, value=found, remedy=f"Here it is {value}.")
