"""Legal identity codes, and the account address that is made of one without revealing it.

One identity, one account (Q86): the address follows from the code under the registry's secret key, so the same entity
always gets the same account, and nobody without the key can test a guess against the chain.
"""

import hmac
from hashlib import sha256

from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from gecchain.errors import BadInput

__all__ = ["account_address", "identity_hash", "legal_code", "valid_resident_number", "valid_uscc"]

_SHORTEST_KEY = 16
_LONGEST_CODE = 64


def valid_uscc(code: str) -> bool:
    """Whether it is a unified social credit code (统一社会信用代码, GB 32100): 18 characters, upper case, no spaces."""
    return code == uscc.compact(code) and code.isascii() and bool(uscc.is_valid(code))


def valid_resident_number(code: str) -> bool:
    """Whether it is a resident identity number (公民身份号码, GB 11643): 18 characters, `X` in upper case."""
    try:
        return code.isascii() and code == ric.validate(code)
    except ValidationError:
        return False


def legal_code(text: str) -> str:
    """`text` if it is a social credit code or a resident identity number; else BadInput, which does not repeat it."""
    if valid_uscc(text) or valid_resident_number(text):
        return text
    raise BadInput(
        "This is no legal identity code.",
        field="identity",
        remedy="Give the 18 characters of the social credit code or identity number; the last one checks the others.",
    )


def identity_hash(key: bytes, code: str) -> bytes:
    """HMAC-SHA256 of the code under the registry's identity key: 32 bytes (Q86).

    `key` has at least 16 bytes. `code` is canonical: printable ASCII without spaces, no lower case, at most 64
    characters; which kinds of code are accepted is for the caller (foreign buyers have others, Q39).
    """
    if len(key) < _SHORTEST_KEY:
        raise BadInput("The identity key is too short.", field="key", remedy=f"Use {_SHORTEST_KEY} bytes or more.")
    if not _is_canonical(code):
        raise BadInput("The identity code is not canonical.", field="identity", remedy="Upper case, no spaces.")
    return hmac.new(key, code.encode(), sha256).digest()


def account_address(identity: bytes) -> str:
    """The account of an identity hash: `0x` and its last 20 bytes in lower-case hex.

    EIP-55 capitals are a matter of showing and are not used inside.
    """
    if len(identity) != 32:
        raise BadInput("An identity hash has 32 bytes.", field="identity", value=identity.hex())
    return "0x" + identity[-20:].hex()


def _is_canonical(code: str) -> bool:
    printable = all("!" <= character <= "~" for character in code)
    return 0 < len(code) <= _LONGEST_CODE and printable and code == code.upper()
