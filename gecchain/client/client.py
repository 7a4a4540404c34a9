"""The client itself: what a platform's engineer calls."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from types import TracebackType
from typing import Any, Final, Self

from gecchain.answers import ChallengeAnswer, ItemAnswer, RequestAnswer, SessionAnswer, TakenAnswer
from gecchain.chain.deployment import Deployment
from gecchain.client.reading import Reader, typed
from gecchain.client.transport import Transport
from gecchain.errors import BadInput, Unavailable
from gecchain.requests import (
    REQUEST_TYPES,
    Request,
    SignedRequest,
    call_of,
    digest_of,
    document_of,
    domain_of,
    message_of,
)
from gecchain.signer import Signer

__all__ = ["Client"]

USUAL_GAS: Final = 1_000_000
USUAL_SECONDS: Final = 3600
_NONCE_BITS: Final = 128
_PAUSE_SECONDS: Final = 0.25


class Client(Reader):
    """A registry at `url`. `token` is an API key; `deployment` pins the contracts, else the registry's word counts."""

    def __init__(self, url: str, *, token: str = "", deployment: Deployment | None = None, **options: Any) -> None:
        super().__init__(Transport(url, token=token, **options))
        self._pinned = deployment

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self.transport.close()

    @cached_property
    def deployment(self) -> Deployment:
        """The registry's contracts, as it tells them; BadInput if they are not those that were pinned."""
        told = Deployment(**self.registry().deployment.model_dump())
        if self._pinned is not None and told != self._pinned:
            raise BadInput("this registry has other contracts than those pinned", field="deployment")
        return told

    # Signing

    def sign(
        self,
        signer: Signer,
        call: str,
        arguments: Mapping[str, Any],
        *,
        gas: int = USUAL_GAS,
        seconds: int = USUAL_SECONDS,
        nonce: int | None = None,
    ) -> SignedRequest:
        """A call in the name of a key, signed. It counts for `seconds` from now; the nonce is random if not given."""
        to, data = call_of(call, arguments, self.deployment)
        deadline = int(time.time()) + seconds
        chosen = secrets.randbits(_NONCE_BITS) if nonce is None else nonce
        wish = Request(signer.address.lower(), to, gas, chosen, deadline, data)
        return SignedRequest(wish, signer.sign_typed(domain_of(self.deployment), REQUEST_TYPES, message_of(wish)))

    def name_of(self, signed: SignedRequest) -> str:
        """The name of a request, as every answer calls it."""
        return "0x" + digest_of(signed.request, self.deployment).hex()

    # Handing in

    def hand_in(self, signed: Sequence[SignedRequest], *, key: str) -> list[ItemAnswer]:
        """Hand in requests, each for itself. The same key again gives the same answer, whatever broke in between."""
        body = {"requests": [document_of(one) for one in signed]}
        return typed(TakenAnswer, self.transport.post("/v1/requests", body, key=key)).items

    def request(self, id_: str | None) -> RequestAnswer:
        """How far a request is. An item that was not taken has no request: BadInput."""
        if not id_:
            raise BadInput("what was not taken is not followed", field="id", remedy="Read the item's `problem`.")
        return self._one(RequestAnswer, f"/v1/requests/{id_}")

    def requests(self, **filters: Any) -> Iterator[RequestAnswer]:
        """One's own requests, in the order in which they were taken."""
        return self._many(RequestAnswer, "/v1/requests", **filters)

    def wait(self, id_: str | None, *, seconds: float = 60.0) -> RequestAnswer:
        """The request once it has ended and the index has its block; Unavailable if it takes longer."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.request(id_)
            if found.has_ended and (found.final or not found.block):
                return found
            if time.monotonic() >= deadline:
                raise Unavailable(f"request {id_} is still {found.state} after {seconds:g} seconds")
            time.sleep(_PAUSE_SECONDS)

    # Signing in

    def sign_in(self, signer: Signer) -> str:
        """Open a session for a key (EIP-4361) and use its token from now on; its end, UTC."""
        told = typed(ChallengeAnswer, self.transport.post("/v1/session/challenge", {}))
        message = sign_in_message(signer.address, told)
        signature = "0x" + signer.sign_text(message).hex()
        body = {"message": message, "signature": signature}
        session = typed(SessionAnswer, self.transport.post("/v1/session", body))
        self.transport.token = session.token
        return session.expires_at


def sign_in_message(address: str, challenge: ChallengeAnswer) -> str:
    """The EIP-4361 message for a challenge of the registry; `address` is checksummed."""
    issued = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return (
        f"{challenge.domain} wants you to sign in with your Ethereum account:\n{address}\n\n"
        "Sign in to the registry of green electricity certificates.\n\n"
        f"URI: {challenge.uri}\nVersion: 1\nChain ID: {challenge.chain_id}\n"
        f"Nonce: {challenge.nonce}\nIssued At: {issued}"
    )
