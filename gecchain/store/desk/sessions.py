"""Sessions of account holders who signed in with their key (EIP-4361): a nonce that counts once, and a token."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from gecchain.store.desk.tables import challenges, sessions

__all__ = [
    "CHALLENGE_SECONDS",
    "SESSION_SECONDS",
    "Session",
    "challenge",
    "close",
    "open_session",
    "session_of",
    "spend",
]

CHALLENGE_SECONDS: Final = 300
SESSION_SECONDS: Final = 3600
PREFIX: Final = "gecs_"
_NONCE_BYTES: Final = 12
_TOKEN_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Session:
    """A key that signed in, 0x in lower case, until `ends_at` (Unix seconds)."""

    address: str
    ends_at: int


def challenge(db: Connection, now: int) -> tuple[str, int]:
    """A nonce to sign, and when it is void. Those that are void are cleared away."""
    db.execute(delete(challenges).where(challenges.c.ends_at <= now))
    db.execute(delete(sessions).where(sessions.c.ends_at <= now))
    nonce, ends_at = secrets.token_hex(_NONCE_BYTES), now + CHALLENGE_SECONDS
    db.execute(insert(challenges).values(nonce=nonce, ends_at=ends_at))
    return nonce, ends_at


def spend(db: Connection, nonce: str, now: int) -> bool:
    """Whether this nonce was given out, is not void, and was not used; it is used now."""
    used = db.execute(delete(challenges).where(challenges.c.nonce == nonce, challenges.c.ends_at > now))
    return used.rowcount == 1


def open_session(db: Connection, address: str, now: int) -> tuple[Session, str]:
    """A session of a key, and its token, which nobody can show again."""
    token = PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    made = Session(address.lower(), now + SESSION_SECONDS)
    db.execute(insert(sessions).values(id=_hash(token), address=made.address, made_at=now, ends_at=made.ends_at))
    return made, token


def session_of(db: Connection, token: str, now: int) -> Session | None:
    """The session of a token if it has not ended, else None."""
    row = db.execute(select(sessions).where(sessions.c.id == _hash(token), sessions.c.ends_at > now)).first()
    return None if row is None else Session(row.address, row.ends_at)


def close(db: Connection, token: str) -> None:
    """End a session; one that there is not is no error."""
    db.execute(delete(sessions).where(sessions.c.id == _hash(token)))


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
