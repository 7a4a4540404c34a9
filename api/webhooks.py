"""Subscriptions, secrets, tries and dead letters as the public writes and reads them."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.language import utc
from gecchain.answers import AttemptAnswer, LetterAnswer, SubscriptionAnswer
from gecchain.events import place_of
from gecchain.store.hooks import Attempt, Letter, Subscription

__all__ = [
    "Changes",
    "NewSubscription",
    "Replay",
    "Rotation",
    "attempt_answer",
    "letter_answer",
    "subscription_answer",
]

DAY: Final = 86_400
_LONGEST_OVERLAP: Final = 7 * DAY
_MOST_CONFIRMATIONS: Final = 128
_URL: Final = "https://platform.example/gec"

Kinds = Annotated[list[str], Field(max_length=1000, description="Kinds of event; empty for all", examples=[["Traded"]])]
Projects = Annotated[list[str], Field(max_length=1000, description="Project codes; empty for all", examples=[[]])]
Accounts = Annotated[
    list[str], Field(max_length=1000, description="Accounts that the event names; empty for all", examples=[[]])
]
Confirmations = Annotated[
    int,
    Field(ge=0, le=_MOST_CONFIRMATIONS, description="How many blocks must be on top of an event's before it is sent"),
]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewSubscription(_Given):
    """What is to be sent where."""

    url: str = Field(description="https, in reach of the whole internet", examples=[_URL])
    kinds: Kinds = []
    projects: Projects = []
    accounts: Accounts = []
    confirmations: Confirmations = 0
    after: str | None = Field(
        None, max_length=200, description="Cursor of an event, as /v1/events has it: begin after it; without: from now"
    )


class Changes(_Given):
    """What is to be another; what is left out stays."""

    url: str | None = Field(None, examples=[_URL])
    kinds: Kinds | None = None
    projects: Projects | None = None
    accounts: Accounts | None = None
    confirmations: Confirmations | None = None
    state: Literal["active", "paused"] | None = Field(None, description="paused, or active again (also when dead)")


class Rotation(_Given):
    """How long the secret before stays good."""

    overlap: int = Field(DAY, ge=0, le=_LONGEST_OVERLAP, description="Seconds; 0 when the secret is known to others")


class Replay(_Given):
    """Where to begin again."""

    after: str | None = Field(
        max_length=200, description="Cursor of an event: go on after it; null for from the first event"
    )


def subscription_answer(found: Subscription) -> SubscriptionAnswer:
    """A subscription without its secret."""
    return SubscriptionAnswer(
        id=found.id,
        url=found.url,
        kinds=list(found.filter.kinds),
        projects=list(found.filter.codes),
        accounts=list(found.filter.accounts),
        confirmations=found.confirmations,
        state=found.state,
        block=place_of(found.cursor)[0] if found.cursor >= 0 else None,
        made_at=utc(found.made_at),
        old_secret_until=_time(found.old_secret_ends),
        failures=found.failures,
        failing_since=_time(found.failing_since),
        next_try=_time(found.next_try),
        last_at=_time(found.last_at),
        last_status=found.last_status or None,
        last_error=found.last_error,
    )


def letter_answer(letter: Letter) -> LetterAnswer:
    """A dead letter."""
    return LetterAnswer(
        id=letter.id,
        webhook_id=letter.webhook_id,
        type=letter.type,
        block=place_of(letter.position)[0],
        tries=letter.tries,
        first_at=utc(letter.first_at),
        last_at=utc(letter.last_at),
        status=letter.status or None,
        error=letter.error,
        body=letter.body,
    )


def attempt_answer(tried: Attempt) -> AttemptAnswer:
    """A try."""
    return AttemptAnswer(
        webhook_id=tried.webhook_id,
        type=tried.type,
        at=utc(tried.at),
        status=tried.status or None,
        error=tried.error,
        milliseconds=tried.milliseconds,
    )


def _time(at: int) -> str | None:
    return utc(at) if at else None
