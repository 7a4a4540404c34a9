"""A key that another program has (web3signer, clef, a node): it is asked over JSON-RPC, and believed nothing.

What comes back is taken apart and compared with what was asked, field by field, and the signer is recovered: a program
that was taken over can refuse to sign, but can have nothing sent that we did not ask for. Method names differ between
signers: `eth_signTransaction` (web3signer, nodes) or `account_signTransaction` (clef), and likewise for messages.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import httpx
import orjson
from eth_account.messages import SignableMessage, encode_defunct, encode_typed_data
from eth_utils.crypto import keccak

from gecchain.errors import BadInput, BrokenProof, Refused, Unavailable
from gecchain.signer.comparing import compare_transaction, is_signed_by, signature_of
from gecchain.signer.keystore import UNFIT_MESSAGE
from gecchain.signer.typed_json import typed_json

__all__ = ["ExternalSigner"]

# A person may have to agree first.
_PATIENCE_SECONDS: Final = 120.0
_NO_SUCH_METHOD: Final = -32601
_LONGEST_REPLY: Final = 200
_TRANSACTION: Final = ("eth_signTransaction", "account_signTransaction")
_TYPED: Final = ("eth_signTypedData_v4", "eth_signTypedData", "account_signTypedData")
_TEXT: Final = ("personal_sign", "eth_sign", "account_signData")
_QUANTITIES: Final = ("chainId", "nonce", "gas", "gasPrice", "value")


class ExternalSigner:
    """Signs for `address` by asking the program at `url`, which has the key.

    Unavailable when it is away, Refused when it will not sign, BrokenProof when it signs anything else.
    """

    def __init__(self, address: str, url: str, *, patience: float = _PATIENCE_SECONDS) -> None:
        self._address = address
        self._url = url
        self._http = httpx.Client(timeout=httpx.Timeout(patience, connect=5.0), trust_env=False)
        self._ids = itertools.count(1)
        self._spoken: dict[Sequence[str], str] = {}

    def __repr__(self) -> str:
        return f"ExternalSigner({self._address} at {self._url})"

    @property
    def address(self) -> str:
        """0x address, checksummed."""
        return self._address

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()

    def sign(self, transaction: Mapping[str, Any]) -> tuple[str, str]:
        """`(raw, hash)` of the signed transaction, both 0x hex."""
        asked = {"from": self._address, "data": transaction["data"]}
        asked |= {name: hex(transaction[name]) for name in _QUANTITIES}
        if transaction["to"]:
            asked["to"] = transaction["to"]
        answer = self._ask(_TRANSACTION, lambda _method: [asked])
        raw = _hex(answer.get("raw", "") if isinstance(answer, dict) else answer)
        different = compare_transaction(raw, transaction, self._address)
        if different:
            raise self._wrong(different)
        return "0x" + raw.hex(), "0x" + keccak(raw).hex()

    def sign_typed(self, domain: Mapping[str, Any], types: Mapping[str, Any], message: Mapping[str, Any]) -> bytes:
        """Signature of typed data: 65 bytes, r, s and v (27 or 28). BadInput when the message is not of the types."""
        try:
            signable = encode_typed_data(dict(domain), dict(types), dict(message))
            document = typed_json(domain, types, message)
        except UNFIT_MESSAGE as error:
            raise BadInput(f"this cannot be signed: {error}", field="message") from error
        return self._signature(self._ask(_TYPED, lambda _method: [self._address, document]), signable)

    def sign_text(self, text: str) -> bytes:
        """Signature of a text that people can read (EIP-191, personal_sign): 65 bytes."""
        content = "0x" + text.encode().hex()
        forms = {
            "personal_sign": [content, self._address],
            "eth_sign": [self._address, content],
            "account_signData": ["text/plain", self._address, content],
        }
        return self._signature(self._ask(_TEXT, forms.__getitem__), encode_defunct(text=text))

    def _signature(self, answer: Any, message: SignableMessage) -> bytes:
        signature = signature_of(_hex(answer))
        if not is_signed_by(message, signature, self._address):
            raise self._wrong("its signature is not over what was asked, or not of that key")
        return signature

    def _ask(self, methods: Sequence[str], form: Callable[[str], list[Any]]) -> Any:
        """The answer of the first of these methods that the signer has."""
        known = self._spoken.get(methods)
        for method in [known] if known else methods:
            answer = self._post(method, form(method))
            error = answer.get("error")
            if error is None:
                self._spoken[methods] = method
                return answer.get("result")
            if not _is_unknown_method(error):
                raise self._refused(error)
        raise Refused(
            f"the signer at {self._url} does not offer {methods[0]}", remedy="Ask it for a method that it offers."
        )

    def _post(self, method: str, params: list[Any]) -> Mapping[str, Any]:
        body = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}
        try:
            response = self._http.post(self._url, json=body)
            answer = orjson.loads(response.content)
        except httpx.HTTPError as error:
            raise self._away(f"{type(error).__name__}: {error}") from error
        except orjson.JSONDecodeError as error:
            raise self._away(f"it answers with no JSON (HTTP status {response.status_code})") from error
        if not isinstance(answer, dict) or answer.get("id") != body["id"]:
            raise self._away("it does not answer with JSON-RPC")
        return answer

    def _away(self, why: str) -> Unavailable:
        return Unavailable(
            f"the signer of {self._address} at {self._url} is out of reach: {why}",
            remedy="Start it, or set it right in the key's file. Nothing was sent.",
        )

    def _refused(self, error: Any) -> Refused:
        said = error.get("message", "") if isinstance(error, dict) else error
        return Refused(
            f"the signer of {self._address} refused: {str(said)[:_LONGEST_REPLY]}",
            reason="SignerRefused",
            remedy="Look at its own log for why. Nothing was sent.",
        )

    def _wrong(self, why: str) -> BrokenProof:
        return BrokenProof(
            f"the signer of {self._address} did not sign what was asked: {why}",
            where=self._url,
            remedy="Nothing was sent. Trust it with nothing until it is known why.",
        )


def _is_unknown_method(error: Any) -> bool:
    return isinstance(error, dict) and error.get("code") == _NO_SUCH_METHOD


def _hex(answer: Any) -> bytes:
    try:
        return bytes.fromhex(answer.removeprefix("0x")) if isinstance(answer, str) else b""
    except ValueError:
        return b""
