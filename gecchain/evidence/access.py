"""Who may download: whoever signs for an account that the label names, and the offices that decide.

A request is EIP-712 typed data, so that a wallet shows what is signed: domain `{name: "gecchain evidence", version:
"1", chainId}`, type `EvidenceRequest(bytes32 evidence,uint256 expires)`, `expires` in Unix seconds, at most ten minutes
ahead. Within that time it may be sent again: it only reads. It travels in the header

    Authorization: GEC <base64url of {"chainId": 20300, "evidence": "0x…", "expires": 1790000000, "signature": "0x…"}>
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any, Final, Protocol

import orjson
from eth_account.messages import SignableMessage

from gecchain import typed_data
from gecchain.errors import NotEntitled, Unsigned
from gecchain.evidence.label import Label
from gecchain.proofs import canonical_json

__all__ = [
    "AUTHORIZATION_SCHEME",
    "LONGEST_VALIDITY",
    "Request",
    "Standing",
    "authorization",
    "parse_authorization",
    "require_entitled",
    "signable",
    "signer_of",
]

AUTHORIZATION_SCHEME: Final = "GEC"
LONGEST_VALIDITY: Final = 600
_LONGEST_HEADER: Final = 2048
_MOST_SECONDS: Final = 1 << 53
_EVIDENCE: Final = re.compile(r"0x[0-9a-fA-F]{64}")
_SIGNATURE: Final = re.compile(r"0x[0-9a-fA-F]{130}")
_TYPES: Final = {"EvidenceRequest": [{"name": "evidence", "type": "bytes32"}, {"name": "expires", "type": "uint256"}]}
_HOW: Final = (
    "Sign EIP-712 typed data, domain {name: 'gecchain evidence', version: '1', chainId}, type "
    "EvidenceRequest(bytes32 evidence,uint256 expires), with expires at most 600 seconds ahead; send "
    "'Authorization: GEC ' and the base64url of the JSON {chainId, evidence, expires, signature}."
)


@dataclass(frozen=True, slots=True)
class Request:
    """A signed wish to read: evidence hash of 32 bytes, chain id, Unix seconds, signature of 65 bytes."""

    evidence: bytes
    chain_id: int
    expires: int
    signature: bytes


class Standing(Protocol):
    """Who acts for whom, as the registry has it now; keys and accounts are 0x in lower case."""

    def acts_for(self, key: str, account: str) -> bool:
        """Whether the key is the account's operator, or that of its agent."""
        ...

    def is_office(self, key: str) -> bool:
        """Whether the key is the issuing authority's or the information centre's."""
        ...


def signable(evidence: bytes, chain_id: int, expires: int) -> SignableMessage:
    """What is signed to read an evidence on that chain until `expires` (Unix seconds)."""
    domain = {"name": "gecchain evidence", "version": "1", "chainId": chain_id}
    return typed_data.signable(domain, _TYPES, {"evidence": evidence, "expires": expires})


def authorization(request: Request) -> str:
    """The value of the `Authorization` header."""
    content = canonical_json(
        {
            "chainId": request.chain_id,
            "evidence": "0x" + request.evidence.hex(),
            "expires": request.expires,
            "signature": "0x" + request.signature.hex(),
        }
    )
    return f"{AUTHORIZATION_SCHEME} {base64.urlsafe_b64encode(content).decode().rstrip('=')}"


def parse_authorization(header: str | None) -> Request:
    """The request of an `Authorization` header. Unsigned, saying how to sign, when there is none in it."""
    if not header:
        raise _unsigned("Evidence is handed out on a signed request only.")
    scheme, _, token = header.strip().partition(" ")
    if scheme.upper() != AUTHORIZATION_SCHEME or len(token) > _LONGEST_HEADER:
        raise _unsigned(f"The Authorization header is not of the scheme {AUTHORIZATION_SCHEME}.")
    try:
        return _request(orjson.loads(base64.b64decode(_padded(token), altchars=b"-_", validate=True)))
    except (ValueError, KeyError, TypeError):
        raise _unsigned("The Authorization header cannot be read.") from None


def signer_of(request: Request, *, evidence: bytes, chain_id: int, now: int) -> str:
    """The key that signed, 0x in lower case. Unsigned for another evidence or chain, a wrong time or no signature."""
    if (request.evidence, request.chain_id) != (evidence, chain_id):
        raise _unsigned(f"The request was signed for another evidence or another chain; this is chain {chain_id}.")
    if request.expires <= now:
        raise _unsigned(f"The request expired at {request.expires}; it is {now}.")
    if request.expires > now + LONGEST_VALIDITY:
        raise _unsigned(f"The request is valid for more than {LONGEST_VALIDITY} seconds.")
    message = signable(request.evidence, request.chain_id, request.expires)
    signer = typed_data.recovered(typed_data.digest_of(message), request.signature)
    if signer is None:
        raise _unsigned("The signature is none.")
    return signer


def require_entitled(signer: str, label: Label, standing: Standing) -> None:
    """Nothing if this key may read; else NotEntitled. Accounts are asked first, the offices last."""
    if any(standing.acts_for(signer, account) for account in sorted(label.readers)) or standing.is_office(signer):
        return
    raise NotEntitled(
        f"The key {signer} acts for nobody who may read this evidence.",
        reason="NotEntitled",
        remedy="Sign with the operator key of the account that handed it in or is named with it.",
    )


def _request(read: Any) -> Request:
    if not isinstance(read, dict):
        raise TypeError
    evidence, signature = read["evidence"], read["signature"]
    if not (_EVIDENCE.fullmatch(evidence) and _SIGNATURE.fullmatch(signature)):
        raise ValueError
    numbers = read["chainId"], read["expires"]
    if any(type(number) is not int or not 0 <= number < _MOST_SECONDS for number in numbers):
        raise ValueError
    return Request(bytes.fromhex(evidence[2:]), *numbers, bytes.fromhex(signature[2:]))


def _padded(token: str) -> bytes:
    bare = token.rstrip("=").encode("ascii")
    return bare + b"=" * (-len(bare) % 4)


def _unsigned(what: str) -> Unsigned:
    return Unsigned(what, field="Authorization", remedy=_HOW)
