"""The desk as requests reach it: who is asking, and the one database that this room writes to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import Connection, Engine

from api.registry import registry_of
from gecchain.errors import NotEntitled, NotFound, Unsigned
from gecchain.store import connected, desk, hooks, open_engine
from gecchain.store.desk import keys, sessions

__all__ = ["Caller", "Desk", "Known", "desk_of", "known_caller", "require_scope"]

_SCHEME: Final = HTTPBearer(
    auto_error=False,
    scheme_name="desk",
    description="An API key of a platform (`gec_…`), or the token of a session (`gecs_…`, see `POST /v1/session`).",
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: `name` is `key:ID` or `session:0x…`. A session has an `address`; a key has scopes and an account.

    The ID is that of the first key where keys replaced one another; `shown` has the one that was used.
    """

    name: str
    shown: str
    scopes: tuple[str, ...] = ()
    account: str = ""
    address: str = ""


class Desk:
    """The desk's database, brought to its newest version when the process starts."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = open_engine(url)

    def ready(self) -> None:
        """Brings the schema up. Unavailable if the database does not answer."""
        desk.migrate(self.engine)
        hooks.migrate(self.engine)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A read transaction."""
        with connected(self.engine) as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A write transaction, committed at its end."""
        with connected(self.engine, writes=True) as db:
            yield db

    def close(self) -> None:
        """Gives connections back."""
        self.engine.dispose()


def desk_of(request: Request) -> Desk:
    """The desk of this application; NotFound where nothing is taken."""
    found: Desk | None = request.app.state.desk
    if found is None:
        raise NotFound("Nothing is handed in here.", remedy="Set GEC_DESK_URL where the API is started.")
    return found


def known_caller(request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_SCHEME)]) -> Caller:
    """Who asks, by key or session. Unsigned for nobody we know; the reason is not told apart."""
    caller = _caller(request, given.credentials) if given is not None else None
    if caller is None:
        raise Unsigned(
            "This is for platforms with a key and for account holders who signed in.",
            field="Authorization",
            remedy="Send Authorization: Bearer and an API key, or a token of POST /v1/session.",
        )
    request.state.caller = caller.shown
    request.app.state.limiter.trust(request)
    return caller


def require_scope(caller: Caller, scope: str) -> None:
    """Nothing if a key may do it; NotEntitled otherwise. A session may do what concerns itself."""
    if not caller.address and scope not in caller.scopes:
        raise NotEntitled(
            f"This key has not the scope {scope}.", reason="ScopeMissing", remedy="Ask the authority for one that has."
        )


def _caller(request: Request, text: str) -> Caller | None:
    now = registry_of(request).now()
    if text.startswith(sessions.PREFIX):
        with desk_of(request).reading() as db:
            session = sessions.session_of(db, text, now)
        name = "" if session is None else f"session:{session.address}"
        return None if session is None else Caller(name, name, address=session.address)
    with desk_of(request).reading() as db:
        key = keys.key_of(db, text, now)
    if key is None:
        return None
    if keys.is_stale(key, now):
        with desk_of(request).writing() as db:
            keys.used(db, key, now)
    return Caller(f"key:{key.line}", f"key:{key.id}", key.scopes, key.account)


Known = Annotated[Caller, Depends(known_caller)]
