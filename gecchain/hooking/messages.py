"""What is sent: a body that is the same at every try, a name that is the same for ever, and signatures.

`type` is `event.KIND` for what the chain logged, `chain.reorganised` for blocks that it took back, `webhook.test`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson
from standardwebhooks import Webhook

from gecchain.store.views import EventView

__all__ = ["Message", "event_message", "notice_message", "signed_headers", "test_message"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `position` is its event's place, None for what is no event."""

    id: str
    type: str
    body: str
    position: int | None


def event_message(subscription: str, view: EventView, document: Callable[[EventView], Any]) -> Message:
    """An event; its name depends on the subscription, the block's hash and the place in it, so on nothing of ours."""
    name = _name(subscription, view.place.block_hash, str(view.place.position))
    type_ = f"event.{view.kind}"
    return Message(name, type_, _body(type_, view.place.time, document(view)), view.place.position)


def notice_message(subscription: str, notice: str) -> Message:
    """What the chain took back: everything from a block on, which is sent anew as far as it still stands."""
    told = orjson.loads(notice)
    data = {"from_block": told["from_block"], "undone": told["undone"]}
    type_ = "chain.reorganised"
    return Message(_name(subscription, type_, notice), type_, _body(type_, told["at"], data), None)


def test_message(subscription: str, now: int) -> Message:
    """Something that is no event, to see whether the receiver can read and verify."""
    type_ = "webhook.test"
    name = _name(subscription, type_, secrets.token_hex(8))
    return Message(name, type_, _body(type_, now, {"subscription": subscription}), None)


def signed_headers(webhook_id: str, body: str, now: int, keys: Sequence[str]) -> Mapping[str, str]:
    """Headers of the specification; a signature for each secret that is good, the newest first."""
    at = datetime.fromtimestamp(now, UTC)
    return {
        "content-type": "application/json",
        "user-agent": "gecchain-webhooks/1",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(now),
        "webhook-signature": " ".join(Webhook(key).sign(webhook_id, at, body) for key in keys),
    }


def _name(*parts: str) -> str:
    return "msg_" + sha256(":".join(parts).encode()).hexdigest()[:32]


def _body(type_: str, time: int, data: Any) -> str:
    stamp = datetime.fromtimestamp(time, UTC).isoformat().replace("+00:00", "Z")
    return orjson.dumps({"type": type_, "timestamp": stamp, "data": data}).decode()
