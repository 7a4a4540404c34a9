"""What somebody hands in to be verified: a number or a hash, as pasted, typed or scanned."""

import string
from dataclasses import dataclass
from functools import lru_cache

from gecchain.errors import BadInput
from gecchain.proofs.facts import split_certificate_hash
from gecchain.rules import canonical_text, number_of, parse_number, split_token_id

__all__ = ["Claim", "parse_claim"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A certificate that somebody claims: its token id and, if a hash was given, its last 20 bytes."""

    token_id: int
    fingerprint: bytes | None

    @property
    def number(self) -> str:
        """The 32-character certificate number."""
        return number_of(self.token_id)

    @property
    def text(self) -> str:
        """The claim in its canonical form: the number, or the hash as `0x` and 64 hex digits."""
        if self.fingerprint is None:
            return self.number
        return "0x" + self.token_id.to_bytes(12, "big").hex() + self.fingerprint.hex()


@lru_cache(maxsize=1024)
def parse_claim(text: str) -> Claim:
    """Read a certificate number (32 characters) or hash (64 hex digits, `0x` before them or not).

    Of a web address (as QR codes hold) the last part of its path is read. BadInput says what is wrong with it.
    """
    last = text.strip().partition("?")[0].rstrip("/").rpartition("/")[2]
    plain = canonical_text(last)
    if plain.startswith("0X") or len(plain) == 64:
        return _hash_claim(plain.removeprefix("0X"))
    return Claim(parse_number(last), None)


def _hash_claim(digits: str) -> Claim:
    if len(digits) != 64 or not set(digits) <= set(string.hexdigits):
        remedy = f"A hash has 64 hexadecimal digits, found {len(digits)} characters."
        raise BadInput("This is no certificate hash.", field="hash", value=digits, remedy=remedy)
    token, fingerprint = split_certificate_hash(bytes.fromhex(digits))
    split_token_id(token)
    return Claim(token, fingerprint)
