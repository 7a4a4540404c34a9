"""Who calls: keys with and without roles, and the legal identities whose accounts they act for."""

from typing import Final

from gecchain.chain.deploying import Role

__all__ = ["ACCOUNTS", "KEYS", "NOBODY", "PROVINCES", "STAFF", "roles_of"]

NOBODY: Final = "0x" + "00" * 20
PROVINCES: Final = (11, 15, 44, 82)


def _keys(first: int, count: int) -> tuple[str, ...]:
    return tuple(f"0x{number:02x}" + "5e" * 19 for number in range(first, first + count))


# The last provider is the information centre too: what it commits in one office it cannot revise in the other.
_BOTH: Final = _keys(0x40, 1)
STAFF: Final[dict[Role, tuple[str, ...]]] = {
    Role.AUTHORITY: _keys(0x10, 2),
    Role.INFO_CENTRE: (*_keys(0x18, 1), *_BOTH),
    Role.PROVINCE: _keys(0x20, 4),
    Role.PROVIDER: (*_keys(0x28, 2), *_BOTH),
    Role.PLATFORM: _keys(0x30, 3),
    Role.REGISTRAR: _keys(0x38, 2),
}
_PEOPLE: Final = _keys(0x50, 6)
KEYS: Final = tuple(dict.fromkeys([*(key for keys in STAFF.values() for key in keys), *_PEOPLE]))
# Enough identities that platforms can run out and none runs short; the last byte of some agree.
ACCOUNTS: Final = tuple(f"0x{'ac' * 17}{number:04x}{number % 32:02x}" for number in range(1, 401))


def roles_of(key: str) -> frozenset[int]:
    """Role numbers of a key."""
    return frozenset(int(role) for role, keys in STAFF.items() if key in keys)
