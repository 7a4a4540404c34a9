"""One signed request: its fields, its JSON, its EIP-712 digest, and what is wrong with it before anybody sends it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from gecchain import typed_data
from gecchain.chain.deployment import Deployment
from gecchain.errors import BadInput
from gecchain.proofs import keccak256
from gecchain.requests.calls import targets

__all__ = [
    "MOST_GAS",
    "REQUEST_TYPES",
    "Request",
    "SignedRequest",
    "check",
    "digest_of",
    "document_of",
    "domain_of",
    "message_of",
    "parse_request",
    "signer_of",
]

REQUEST_TYPES: Final = {
    "Request": [
        {"name": name, "type": kind}
        for name, kind in (
            ("from", "address"),
            ("to", "address"),
            ("gas", "uint256"),
            ("nonce", "uint256"),
            ("deadline", "uint64"),
            ("data", "bytes"),
        )
    ]
}
MOST_GAS: Final = 10_000_000
"""Twice that, for the check of its signature and its call, fits into a block of 30 million gas."""
LONGEST_SECONDS: Final = 30 * 86_400
_LONGEST_DATA: Final = 1 << 16
_LONGEST_SIGNATURE: Final = 1 << 12
_SELECTOR_BYTES: Final = 4
_WORD_BYTES: Final = 32
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_BYTES: Final = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_DIGITS: Final = re.compile(r"[0-9]{1,78}")
_FIELDS: Final = ("from", "to", "gas", "nonce", "deadline", "data", "signature")


@dataclass(frozen=True, slots=True)
class Request:
    """A call of `to` with `data` in the name of `sender`; accounts in lower case.

    `gas` is what the call may use, `deadline` the last second (Unix time) at which it may be done, `nonce` any number
    that tells it from others that are otherwise the same.
    """

    sender: str
    to: str
    gas: int
    nonce: int
    deadline: int
    data: bytes

    def as_struct(self) -> tuple[str, str, int, int, int, bytes]:
        """The contract's `Request`."""
        return self.sender, self.to, self.gas, self.nonce, self.deadline, self.data


_ANY: Final = Request("0x" + "00" * 20, "0x" + "00" * 20, 0, 0, 0, b"")


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request with its signature: 65 bytes of a key, or what a contract accepts by ERC-1271."""

    request: Request
    signature: bytes


def domain_of(deployment: Deployment) -> dict[str, Any]:
    """EIP-712 domain of the registry's Relay."""
    return _domain(deployment.chain_id, deployment.relay)


def message_of(request: Request) -> dict[str, Any]:
    """What is signed, as EIP-712 message of REQUEST_TYPES."""
    names = [part["name"] for part in REQUEST_TYPES["Request"]]
    return dict(zip(names, request.as_struct(), strict=True))


def digest_of(request: Request, deployment: Deployment) -> bytes:
    """The request's name on this registry: the EIP-712 digest that is signed, as `Relay.hashOf` gives it.

    A request's words have fixed places, so they are laid out here; the library that walks types takes 60 times longer.
    """
    numbers = request.gas, request.nonce, request.deadline
    words = [_word(bytes.fromhex(address[2:])) for address in (request.sender, request.to)]
    words += [number.to_bytes(_WORD_BYTES, "big") for number in numbers]
    body = keccak256(b"".join((_type_hash(), *words, keccak256(request.data))))
    return keccak256(b"\x19\x01" + _separator(deployment.chain_id, deployment.relay) + body)


def signer_of(signed: SignedRequest, deployment: Deployment) -> str | None:
    """The key that signed, 0x in lower case; None where the signature is no key's (a contract's may still hold)."""
    return typed_data.recovered(digest_of(signed.request, deployment), signed.signature)


@cache
def _type_hash() -> bytes:
    ((name, parts),) = REQUEST_TYPES.items()
    fields = ",".join(f"{part['type']} {part['name']}" for part in parts)
    return keccak256(f"{name}({fields})".encode())


def _domain(chain_id: int, relay: str) -> dict[str, Any]:
    return {"name": "gecchain Relay", "version": "1", "chainId": chain_id, "verifyingContract": relay}


@cache
def _separator(chain_id: int, relay: str) -> bytes:
    return typed_data.signable(_domain(chain_id, relay), REQUEST_TYPES, message_of(_ANY)).header


def _word(value: bytes) -> bytes:
    return value.rjust(_WORD_BYTES, b"\x00")


def document_of(signed: SignedRequest) -> dict[str, Any]:
    """The request as JSON, the inverse of `parse_request`. Large integers are decimal text."""
    request = signed.request
    return {
        "from": request.sender,
        "to": request.to,
        "gas": request.gas,
        "nonce": str(request.nonce),
        "deadline": request.deadline,
        "data": "0x" + request.data.hex(),
        "signature": "0x" + signed.signature.hex(),
    }


def parse_request(read: Any) -> SignedRequest:
    """The request of a JSON object. BadInput names the field that is missing, superfluous or of another form."""
    if not isinstance(read, Mapping):
        raise _wrong("request", str(read), "a request is a JSON object")
    for name in sorted(set(_FIELDS) ^ set(map(str, read))):
        raise _wrong(name, "", "the request lacks it" if name in _FIELDS else "a request has no such field")
    return SignedRequest(
        Request(
            sender=_address(read, "from"),
            to=_address(read, "to"),
            gas=_integer(read, "gas", MOST_GAS),
            nonce=_integer(read, "nonce", (1 << 256) - 1),
            deadline=_integer(read, "deadline", (1 << 53) - 1),
            data=_bytes(read, "data", _LONGEST_DATA),
        ),
        _bytes(read, "signature", _LONGEST_SIGNATURE),
    )


def check(signed: SignedRequest, deployment: Deployment, now: int) -> None:
    """BadInput, naming the field, for a request that this registry could never do. Asks nobody."""
    request = signed.request
    if request.to not in targets(deployment):
        raise _wrong("to", request.to, "this is none of the registry's contracts", "See /v1/registry for them.")
    if len(request.data) < _SELECTOR_BYTES:
        raise _wrong("data", "0x" + request.data.hex(), "this is no call")
    if request.deadline <= now:
        raise _wrong("deadline", str(request.deadline), f"the request is void since then; it is {now}", "Sign anew.")
    if request.deadline > now + LONGEST_SECONDS:
        raise _wrong("deadline", str(request.deadline), "a request waits 30 days at the most", "Sign a nearer one.")
    if not signed.signature:
        raise _wrong("signature", "0x", "the request is not signed")


def _address(read: Mapping[str, Any], name: str) -> str:
    value = read[name]
    if not isinstance(value, str) or _ADDRESS.fullmatch(value) is None:
        raise _wrong(name, str(value), "this is not 0x and 40 hexadecimal digits")
    return value.lower()


def _bytes(read: Mapping[str, Any], name: str, most: int) -> bytes:
    value = read[name]
    if not isinstance(value, str) or _BYTES.fullmatch(value) is None:
        raise _wrong(name, str(value), "this is not 0x and an even number of hexadecimal digits")
    if len(value) > 2 * most + 2:
        raise _wrong(name, value, f"this is longer than {most:,} bytes", "Split the request.")
    return bytes.fromhex(value[2:])


def _integer(read: Mapping[str, Any], name: str, most: int) -> int:
    value = read[name]
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if type(value) is not int or not 0 <= value <= most:
        raise _wrong(name, str(value), f"this is no whole number from 0 to {most}")
    return value


def _wrong(field: str, value: str, message: str, remedy: str = "") -> BadInput:
    return BadInput(message, field=field, value=value, remedy=remedy or "Compare /docs.")
