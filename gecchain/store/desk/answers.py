"""One answer for each Idempotency-Key: what is asked again with the same key is answered the same and done once.

After the IETF's draft of the Idempotency-Key header. The answer is kept in the transaction that does the work, so that
there is no time at which one exists without the other.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

import orjson
from sqlalchemy import Connection, delete, select, update

from gecchain.errors import BadInput, Refused
from gecchain.store.desk.inserting import insert_new
from gecchain.store.desk.tables import answers

__all__ = ["KEPT_SECONDS", "LONGEST_KEY", "once"]

KEPT_SECONDS: Final = 30 * 86_400
LONGEST_KEY: Final = 255


def once(db: Connection, caller: str, name: str, body: bytes, now: int, work: Callable[[], Any]) -> tuple[Any, bool]:
    """`(answer, again)`: what `work` gives, or what it gave when this caller used this key before.

    Without a key the work is done. BadInput for an impossible key, Refused (IdempotencyKeyUsed) when the key came with
    another body before.
    """
    if not name:
        return work(), False
    if len(name) > LONGEST_KEY or not name.isascii() or not name.isprintable():
        raise BadInput("this is no key of up to 255 printable ASCII characters", field="Idempotency-Key", value=name)
    db.execute(delete(answers).where(answers.c.made_at < now - KEPT_SECONDS))
    digest = sha256(body).hexdigest()
    row = {"caller": caller, "name": name, "body": digest, "content": "", "made_at": now}
    mine = (answers.c.caller == caller) & (answers.c.name == name)
    if not insert_new(db, answers, row):
        kept = db.execute(select(answers).where(mine)).one()
        if kept.body != digest:
            raise Refused(
                "this Idempotency-Key came with another body before",
                reason="IdempotencyKeyUsed",
                remedy="Give a new request a new key; send the same one only to ask again.",
            )
        return orjson.loads(kept.content), True
    answer = work()
    db.execute(update(answers).where(mine).values(content=orjson.dumps(answer).decode()))
    return answer, False
