"""API keys of platforms: made once and shown once, kept as hashes, replaced without a gap, and never deleted.

A key is `gec_<id>_<secret>`: the id finds it, the secret has 256 random bits, so a plain SHA-256 of it is enough.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from gecchain.errors import BadInput, NotFound
from gecchain.store.desk.tables import keys

__all__ = ["SCOPES", "ApiKey", "grant", "is_stale", "key_of", "line_is_over", "list_keys", "revoke", "rotate", "used"]

SCOPES: Final = ("requests", "webhooks")
"""`requests`: hand in signed requests and see what becomes of one's own; `webhooks`: have events sent."""
NAME_LENGTH: Final = 100
_FORM: Final = re.compile(r"gec_([0-9a-f]{12})_([0-9A-Za-z_-]{43})")
_ID_BYTES: Final = 6
_SECRET_BYTES: Final = 32
_FINE_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret. Times are Unix seconds, 0 for never; `account` is the platform's, or empty.

    `line` is the id of the first key of those that replaced one another: what one handed in is every one's.
    """

    id: str
    line: str
    name: str
    account: str
    scopes: tuple[str, ...]
    made_at: int
    ends_at: int
    used_at: int
    revoked_at: int

    def is_good(self, now: int) -> bool:
        """Whether it opens anything at this time."""
        return not self.revoked_at and (not self.ends_at or now < self.ends_at)


def grant(
    db: Connection, name: str, *, account: str = "", scopes: Sequence[str] = SCOPES, now: int, ends_at: int = 0
) -> tuple[ApiKey, str]:
    """A new key, and its text, which nobody can show again. BadInput for an empty name or an unknown scope."""
    return _make(db, name, account=account, scopes=scopes, now=now, ends_at=ends_at)


def _make(
    db: Connection, name: str, *, account: str, scopes: Sequence[str], now: int, ends_at: int, line: str = ""
) -> tuple[ApiKey, str]:
    if not name.strip() or len(name) > NAME_LENGTH or not name.isprintable():
        raise BadInput("a key has a name of up to 100 characters", field="name", value=name)
    for scope in scopes:
        if scope not in SCOPES:
            raise BadInput("there is no such scope", field="scope", value=scope, remedy=f"Scopes: {', '.join(SCOPES)}.")
    id_ = secrets.token_hex(_ID_BYTES)
    made = ApiKey(
        id=id_,
        line=line or id_,
        name=name,
        account=account.lower(),
        scopes=tuple(dict.fromkeys(scopes)),
        made_at=now,
        ends_at=ends_at,
        used_at=0,
        revoked_at=0,
    )
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    db.execute(
        insert(keys).values(
            id=made.id,
            line=made.line,
            secret=_hash(secret),
            name=made.name,
            account=made.account,
            scopes=" ".join(made.scopes),
            made_at=now,
            ends_at=ends_at,
            used_at=0,
            revoked_at=0,
        )
    )
    return made, f"gec_{made.id}_{secret}"


def key_of(db: Connection, text: str, now: int) -> ApiKey | None:
    """The key of this text if it is good now, else None; nothing tells why."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    row = db.execute(select(keys).where(keys.c.id == found[1])).first()
    # Compared also when there is no such id, so that time tells nothing.
    same = hmac.compare_digest(_hash(found[2]), row.secret if row is not None else _hash(""))
    if row is None or not same:
        return None
    key = _key(row)
    return key if key.is_good(now) else None


def is_stale(key: ApiKey, now: int) -> bool:
    """Whether its last use was noted more than a minute ago."""
    return key.used_at < now - _FINE_SECONDS


def used(db: Connection, key: ApiKey, now: int) -> None:
    """Note when it was used, to the minute."""
    db.execute(update(keys).where(keys.c.id == key.id, keys.c.used_at < now - _FINE_SECONDS).values(used_at=now))


def rotate(db: Connection, id_: str, *, now: int, overlap: int) -> tuple[ApiKey, str]:
    """A new key in place of one that goes on for `overlap` seconds. NotFound, or BadInput for one that is over."""
    old = _one(db, id_)
    if not old.is_good(now):
        raise BadInput("this key is over", field="key", value=id_, remedy="Grant a new one.")
    ends = min(now + overlap, old.ends_at or now + overlap)
    db.execute(update(keys).where(keys.c.id == id_).values(ends_at=ends))
    return _make(db, old.name, account=old.account, scopes=old.scopes, now=now, ends_at=old.ends_at, line=old.line)


def revoke(db: Connection, id_: str, now: int) -> ApiKey:
    """End a key at once. One that is revoked already stays as it is. NotFound."""
    _one(db, id_)
    db.execute(update(keys).where(keys.c.id == id_, keys.c.revoked_at == 0).values(revoked_at=now))
    return _one(db, id_)


def line_is_over(db: Connection, line: str, now: int) -> bool:
    """Whether no key is good any more of those that replaced one another."""
    rows = db.execute(select(keys).where(keys.c.line == line))
    return not any(_key(row).is_good(now) for row in rows)


def list_keys(db: Connection) -> list[ApiKey]:
    """Every key there ever was, oldest first."""
    return [_key(row) for row in db.execute(select(keys).order_by(keys.c.made_at, keys.c.id))]


def _one(db: Connection, id_: str) -> ApiKey:
    row = db.execute(select(keys).where(keys.c.id == id_)).first()
    if row is None:
        raise NotFound(f"There is no key {id_}.", remedy="See gec access list.")
    return _key(row)


def _key(row: Row[Any]) -> ApiKey:
    scopes = tuple(row.scopes.split())
    return ApiKey(
        row.id, row.line, row.name, row.account, scopes, row.made_at, row.ends_at, row.used_at, row.revoked_at
    )


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
