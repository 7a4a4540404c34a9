"""Who calls: keys with and without roles, and the legal identities whose accounts they act for."""

from collections.abc import Sequence
from functools import cache
from typing import Final

from coincurve import PrivateKey
from eth_hash.auto import keccak

from gecchain.chain.deploying import Role

__all__ = ["ACCOUNTS", "KEYS", "NOBODY", "PLATFORM_KEYS", "PROVINCES", "STAFF", "roles_of", "signed"]

NOBODY: Final = "0x" + "00" * 20
PROVINCES: Final = (11, 15, 44, 82)
_SECRETS: Final[dict[str, PrivateKey]] = {}


def _keys(first: int, count: int) -> tuple[str, ...]:
    """Addresses of real keys, whose secrets are small numbers."""
    found = []
    for number in range(first, first + count):
        secret = PrivateKey.from_int(number)
        address = "0x" + keccak(secret.public_key.format(compressed=False)[1:])[-20:].hex()
        _SECRETS[address] = secret
        found.append(address)
    return tuple(found)


# The last provider is the information centre too, and an officer.
_BOTH: Final = _keys(0x40, 1)
STAFF: Final[dict[Role, tuple[str, ...]]] = {
    Role.AUTHORITY: _keys(0x10, 2),
    Role.INFO_CENTRE: (*_keys(0x18, 1), *_BOTH),
    Role.PROVINCE: _keys(0x20, 4),
    Role.PROVIDER: (*_keys(0x28, 2), *_BOTH),
    Role.REGISTRAR: _keys(0x38, 2),
    Role.EXCHANGE: _keys(0x48, 2),
    Role.REGIONAL_OFFICE: _keys(0x4A, 2),
    Role.CCER_REGISTRY: _keys(0x4C, 1),
    Role.GUARDIAN: _keys(0x4E, 1),
    Role.OFFICER: (*_keys(0x58, 3), *_BOTH),
    Role.ADMIN: _keys(0x5B, 1),
}
PLATFORM_KEYS: Final = _keys(0x30, 3)
_PEOPLE: Final = (*PLATFORM_KEYS, *_keys(0x50, 6))
KEYS: Final[Sequence[str]] = tuple(dict.fromkeys([*(key for keys in STAFF.values() for key in keys), *_PEOPLE]))
# Enough identities that platforms can run out and none runs short; the last byte of some agree.
ACCOUNTS: Final = tuple(f"0x{'ac' * 17}{number:04x}{number % 32:02x}" for number in range(1, 401))


def roles_of(key: str) -> frozenset[int]:
    """Role numbers of a key."""
    return frozenset(int(role) for role, keys in STAFF.items() if key in keys)


@cache
def signed(key: str, digest: bytes) -> bytes:
    """The one signature that a key gives for a digest (RFC 6979): r, s, v. Empty for a key that nobody has."""
    if key not in _SECRETS:
        return b""
    raw = _SECRETS[key].sign_recoverable(digest, hasher=None)
    return raw[:64] + bytes([27 + raw[64]])
