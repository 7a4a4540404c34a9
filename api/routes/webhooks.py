"""Having events sent: subscriptions, their secrets, what could not be delivered (decision 16, docs/webhooks.md).

Nothing is sent from here: a worker sends (`gec webhooks`). A subscription belongs to the key or session that made it,
and to every key of the same platform's account.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Path, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auditing import noted
from api.cursors import closed, opened
from api.desk import Caller, Known, desk_of, require_scope
from api.language import utc
from api.parameters import After, Limit
from api.registry import registry_of
from api.webhooks import Changes, NewSubscription, Replay, Rotation, attempt_answer, letter_answer, subscription_answer
from gecchain.answers import (
    AttemptAnswer,
    LetterAnswer,
    MadeAnswer,
    PageAnswer,
    SecretAnswer,
    SubscriptionAnswer,
    WaitingAnswer,
)
from gecchain.errors import BadInput
from gecchain.hooking import receiver_url, test_message
from gecchain.store.desk import answers
from gecchain.store.hooks import Filter, Owner, letters, outcomes, seen, subscriptions
from gecchain.store.reading import cursor_number

__all__ = ["router"]

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

_SCOPE: Final = "webhooks"
Id = Annotated[str, Path(alias="id", max_length=400, description="Of the subscription, wh_…")]
LetterId = Annotated[int, Path(alias="letter", ge=1, lt=1 << 63, description="Of the dead letter")]
IdempotencyKey = Annotated[
    str, Header(alias="Idempotency-Key", max_length=255, description="The same key again makes no second one")
]


@router.post("", status_code=201)
def make(
    request: Request, response: Response, caller: Known, given: NewSubscription, key: IdempotencyKey = ""
) -> MadeAnswer:
    """Subscribe to events. The answer has the secret that signs them: keep it, it is not shown again."""
    owner, now = _owner(caller), registry_of(request).now()
    url = _receiver(request, given.url)
    wanted = Filter.of(kinds=given.kinds, projects=given.projects, accounts=given.accounts)
    secret: str | None = None
    with desk_of(request).writing() as db:

        def work() -> Any:
            nonlocal secret
            cursor = _place(request, db, given.after, first=False)
            made = subscriptions.make(db, owner, url, wanted, cursor=cursor, confirmations=given.confirmations, now=now)
            noted(request, db, 201, subject=f"subscribed {made.id}")
            secret = made.secret
            return subscription_answer(made).model_dump()

        answer, again = answers.once(db, caller.name, key, given.model_dump_json().encode(), now, work)
    if again:
        response.headers["Idempotent-Replayed"] = "true"
    return MadeAnswer(**answer, secret=secret)


@router.get("")
def many(request: Request, caller: Known) -> PageAnswer[SubscriptionAnswer]:
    """Your subscriptions, oldest first; there are 20 at the most."""
    with desk_of(request).reading() as db:
        found = subscriptions.of_owner(db, _owner(caller))
    return PageAnswer(items=[subscription_answer(one) for one in found], next=None)


@router.get("/{id}")
def one(request: Request, caller: Known, id_: Id) -> SubscriptionAnswer:
    """A subscription and how far it is."""
    with desk_of(request).reading() as db:
        return subscription_answer(subscriptions.find(db, _owner(caller), id_))


@router.patch("/{id}")
def change(request: Request, caller: Known, id_: Id, given: Changes) -> SubscriptionAnswer:
    """Pause, resume, or send elsewhere or something else. Other filters hold for what comes after the cursor."""
    url = _receiver(request, given.url) if given.url is not None else None
    with desk_of(request).writing() as db:
        found = subscriptions.find(db, _owner(caller), id_, lock=True)
        wanted = _changed(found.filter, given)
        subscriptions.change(db, found, url=url, wanted=wanted, confirmations=given.confirmations, state=given.state)
        names = ", ".join(sorted(given.model_fields_set))
        noted(request, db, 200, subject=f"changed {found.id}: {names or 'nothing'}")
        return subscription_answer(subscriptions.find(db, _owner(caller), id_))


@router.delete("/{id}", status_code=204)
def remove(request: Request, caller: Known, id_: Id) -> Response:
    """End a subscription; its dead letters and tries go with it."""
    with desk_of(request).writing() as db:
        found = subscriptions.find(db, _owner(caller), id_, lock=True)
        subscriptions.remove(db, found)
        noted(request, db, 204, subject=f"unsubscribed {found.id}")
    return Response(status_code=204)


@router.post("/{id}/secret")
def rotate(request: Request, caller: Known, id_: Id, given: Rotation) -> SecretAnswer:
    """A new secret. The one before signs beside it for a while, so that no message is refused meanwhile."""
    with desk_of(request).writing() as db:
        now = registry_of(request).now()
        found = subscriptions.find(db, _owner(caller), id_, lock=True)
        secret = subscriptions.rotate(db, found, now=now, overlap=given.overlap)
        noted(request, db, 200, subject=f"new secret of {found.id}")
    return SecretAnswer(secret=secret, old_secret_until=utc(now + given.overlap) if given.overlap else None)


@router.post("/{id}/replay")
def replay(request: Request, caller: Known, id_: Id, given: Replay) -> SubscriptionAnswer:
    """Send again what comes after a cursor, in order, under the webhook-ids of the first time."""
    with desk_of(request).writing() as db:
        found = subscriptions.find(db, _owner(caller), id_, lock=True)
        subscriptions.replay(db, found, _place(request, db, given.after, first=True))
        noted(request, db, 200, subject=f"replay of {found.id}")
        return subscription_answer(subscriptions.find(db, _owner(caller), id_))


@router.post("/{id}/test", status_code=202)
def test(request: Request, caller: Known, id_: Id) -> WaitingAnswer:
    """Have a message of the type webhook.test sent, whatever state the subscription is in; see its attempts."""
    with desk_of(request).writing() as db:
        now = registry_of(request).now()
        found = subscriptions.find(db, _owner(caller), id_)
        message = test_message(found.id, now)
        letters.ask_test(db, found, webhook_id=message.id, kind=message.type, body=message.body, now=now)
        noted(request, db, 202, subject=f"test of {found.id}")
    return WaitingAnswer(webhook_id=message.id, type=message.type)


@router.get("/{id}/attempts")
def tries(request: Request, caller: Known, id_: Id) -> PageAnswer[AttemptAnswer]:
    """The newest 100 tries, newest first."""
    with desk_of(request).reading() as db:
        found = subscriptions.find(db, _owner(caller), id_)
        made = outcomes.attempts_of(db, found.id)
    return PageAnswer(items=[attempt_answer(tried) for tried in made], next=None)


@router.get("/{id}/dead-letters")
def dead_letters(
    request: Request, caller: Known, id_: Id, after: After = None, limit: Limit = 50
) -> PageAnswer[LetterAnswer]:
    """Messages that were given up, oldest first; the newest 1,000 are kept."""
    cursor = cursor_number(opened("letter", after))
    with desk_of(request).reading() as db:
        found = subscriptions.find(db, _owner(caller), id_)
        page = letters.page_of(db, found.id, after=cursor, limit=limit + 1)
    last = str(page[limit - 1].id) if len(page) > limit else None
    return PageAnswer(items=[letter_answer(letter) for letter in page[:limit]], next=closed("letter", last))


@router.post("/{id}/dead-letters/{letter}/redeliver", status_code=202)
def redeliver(request: Request, caller: Known, id_: Id, letter: LetterId) -> WaitingAnswer:
    """Have a dead letter sent once more, outside of the order; it is gone from the list once it is taken."""
    with desk_of(request).writing() as db:
        found = subscriptions.find(db, _owner(caller), id_)
        extra = letters.ask_again(db, found, letter, registry_of(request).now())
        noted(request, db, 202, subject=f"dead letter {letter} of {found.id}")
    return WaitingAnswer(webhook_id=extra.webhook_id, type=extra.type)


def _owner(caller: Caller) -> Owner:
    require_scope(caller, _SCOPE)
    return Owner(caller.name, caller.account)


def _receiver(request: Request, url: str) -> str:
    return receiver_url(url, private=registry_of(request).settings.webhook_private)


def _changed(now: Filter, given: Changes) -> Filter | None:
    if given.kinds is None and given.projects is None and given.accounts is None:
        return None
    return Filter.of(
        kinds=now.kinds if given.kinds is None else given.kinds,
        projects=now.codes if given.projects is None else given.projects,
        accounts=now.accounts if given.accounts is None else given.accounts,
    )


def _place(request: Request, db: Connection, after: str | None, *, first: bool) -> int:
    """The position after which to go on; without a cursor the first or the newest. BadInput for one that is to come.

    What the index shows is noted in the same transaction, so that blocks taken back later are noticed.
    """
    registry = registry_of(request)
    tip = seen.see(db, registry.engine, registry.now())
    last = seen.end_of(tip.block) if tip is not None else seen.NOWHERE
    if after is None:
        return seen.NOWHERE if first else last
    position = cursor_number((opened("event", after) or "").partition(".")[0])
    if position > last:
        raise BadInput("there is no such event yet", field="after", value=after, remedy="See /v1/events.")
    return position
