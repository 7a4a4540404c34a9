"""Subscriptions, secrets, tries and dead letters."""

from pydantic import Field

from gecchain.answers.basis import Answer

__all__ = ["AttemptAnswer", "LetterAnswer", "MadeAnswer", "SecretAnswer", "SubscriptionAnswer", "WaitingAnswer"]


class SubscriptionAnswer(Answer):
    """A subscription and how far it is."""

    id: str
    url: str
    kinds: list[str]
    projects: list[str]
    accounts: list[str]
    confirmations: int
    state: str = Field(description="active, paused, or dead (nothing is delivered any more; set it active again)")
    block: int | None = Field(description="Block of the last event delivered or passed over; null before the first")
    made_at: str = Field(description="UTC")
    old_secret_until: str | None = Field(description="UTC; until then the secret before signs as well")
    failures: int = Field(description="Tries of the message that waits")
    failing_since: str | None = Field(description="UTC")
    next_try: str | None = Field(description="UTC")
    last_at: str | None = Field(description="UTC; of the last try")
    last_status: int | None = Field(description="HTTP status of the last try; null for no answer")
    last_error: str = Field(description="Empty if it was taken")


class SecretAnswer(Answer):
    """A secret, shown this once."""

    secret: str = Field(description="whsec_…, as libraries of Standard Webhooks take it")
    old_secret_until: str | None = Field(description="UTC; until then the secret before signs as well")


class MadeAnswer(SubscriptionAnswer):
    """A new subscription with its secret, which is shown this once."""

    secret: str | None = Field(description="whsec_…; null when this Idempotency-Key was answered before")


class LetterAnswer(Answer):
    """A message that was given up."""

    id: int
    webhook_id: str
    type: str
    block: int = Field(description="Of its event")
    tries: int
    first_at: str = Field(description="UTC")
    last_at: str = Field(description="UTC")
    status: int | None = Field(description="HTTP status of the last try; null for no answer")
    error: str
    body: str = Field(description="As it was sent")


class AttemptAnswer(Answer):
    """One try."""

    webhook_id: str
    type: str
    at: str = Field(description="UTC")
    status: int | None = Field(description="HTTP status; null for no answer")
    error: str = Field(description="Empty if it was taken")
    milliseconds: int


class WaitingAnswer(Answer):
    """A message that the worker sends as soon as it can."""

    webhook_id: str
    type: str
