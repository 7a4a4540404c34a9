"""Keys in encrypted keystore files, and those of development.

Signers are short-lived; neither `repr` nor an error shows a key. Development keys are derived from public text and
protect nothing: they exist so that a demonstration can be tried by hand.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

import orjson
from eth_abi.exceptions import EncodingError
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from eth_utils.exceptions import ValidationError

from gecchain.errors import BadInput, NotFound

__all__ = [
    "UNFIT_MESSAGE",
    "KeystoreSigner",
    "Signer",
    "create_keystore",
    "development_signer",
    "open_keystore",
    "require_new",
    "write_key_file",
]

_DEVELOPMENT: Final = "gecchain development key, worth nothing: "
# What eth_account raises for typed data that is not of its types.
UNFIT_MESSAGE: Final = (ValueError, TypeError, KeyError, EncodingError, ValidationError)


class Signer(Protocol):
    """Signs transactions and typed data (EIP-712) for one address."""

    @property
    def address(self) -> str:
        """0x address, checksummed."""
        ...

    def sign(self, transaction: Mapping[str, Any]) -> tuple[str, str]:
        """`(raw, hash)` of the signed transaction, both 0x hex."""
        ...

    def sign_typed(self, domain: Mapping[str, Any], types: Mapping[str, Any], message: Mapping[str, Any]) -> bytes:
        """Signature of typed data: 65 bytes, r, s and v (27 or 28). BadInput when the message is not of the types."""
        ...

    def sign_text(self, text: str) -> bytes:
        """Signature of a text that people can read (EIP-191, personal_sign): 65 bytes."""
        ...


class KeystoreSigner:
    """Signs with a key that was decrypted into memory."""

    def __init__(self, account: LocalAccount) -> None:
        self._account = account

    def __repr__(self) -> str:
        return f"KeystoreSigner({self.address})"

    @property
    def address(self) -> str:
        """0x address, checksummed."""
        return str(self._account.address)

    def sign(self, transaction: Mapping[str, Any]) -> tuple[str, str]:
        """`(raw, hash)` of the signed transaction, both 0x hex."""
        signed = self._account.sign_transaction(dict(transaction))
        return "0x" + bytes(signed.raw_transaction).hex(), "0x" + bytes(signed.hash).hex()

    def sign_typed(self, domain: Mapping[str, Any], types: Mapping[str, Any], message: Mapping[str, Any]) -> bytes:
        """Signature of typed data: 65 bytes, r, s and v (27 or 28). BadInput when the message is not of the types."""
        try:
            signed = self._account.sign_typed_data(dict(domain), dict(types), dict(message))
        except UNFIT_MESSAGE as error:
            raise BadInput(f"this cannot be signed: {error}", field="message") from error
        return bytes(signed.signature)

    def sign_text(self, text: str) -> bytes:
        """Signature of a text that people can read (EIP-191, personal_sign): 65 bytes."""
        return bytes(self._account.sign_message(encode_defunct(text=text)).signature)


def create_keystore(path: Path, password: str, *, development: str = "") -> str:
    """Write a new encrypted keystore file (mode 0600) and return its address.

    `development` names a development key instead of a random one. BadInput when the file exists.
    """
    require_new(path)
    key = _development_key(development) if development else os.urandom(32)
    content = orjson.dumps(Account.encrypt(key, password))
    write_key_file(path, content)
    return str(Account.from_key(key).address)


def require_new(path: Path) -> None:
    """BadInput when the file exists."""
    if path.exists():
        raise BadInput(
            f"{path} exists already", field="path", remedy="Keys are never overwritten; choose another name."
        )


def write_key_file(path: Path, content: bytes) -> None:
    """Write a file that its owner alone reads, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.touch(mode=0o600)
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)


def open_keystore(path: Path, password: str) -> KeystoreSigner:
    """Signer of an encrypted keystore file. NotFound without the file, BadInput when the password does not open it."""
    try:
        content = orjson.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise NotFound(f"no key file at {path}", remedy="Create it with gec keys create.") from error
    except orjson.JSONDecodeError as error:
        raise BadInput(f"{path} is no keystore file", field="key") from error
    try:
        return KeystoreSigner(Account.from_key(Account.decrypt(content, password)))
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"the password does not open {path}", field="password") from error


def development_signer(name: str) -> KeystoreSigner:
    """Signer of the development key of this name: known to everybody, for demonstrations and tests only."""
    return KeystoreSigner(Account.from_key(_development_key(name)))


def _development_key(name: str) -> bytes:
    return bytes(keccak(text=_DEVELOPMENT + name))
