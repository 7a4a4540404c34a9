"""Signed requests that were handed in, and who is signed in."""

from typing import Any

from pydantic import Field

from gecchain.answers.basis import Answer, Problem

__all__ = [
    "ChallengeAnswer",
    "ItemAnswer",
    "PreparedAnswer",
    "RequestAnswer",
    "RequestsAnswer",
    "SessionAnswer",
    "TakenAnswer",
]


class PreparedAnswer(Answer):
    """What to sign, and its name."""

    id: str = Field(description="The request's name: its EIP-712 digest")
    typed_data: dict[str, Any] = Field(description="EIP-712, as eth_signTypedData_v4 takes it")
    request: dict[str, Any] = Field(description="To be handed in, with the signature put in")


class RequestAnswer(Answer):
    """A request and how far it is."""

    id: str = Field(description="EIP-712 digest")
    state: str = Field(description="accepted, sent, done, refused (by the contracts) or void (it came too late)")
    call: str = Field(description="What it asks for")
    arguments: dict[str, Any] = Field(description="By the names of the contracts' manual")
    sender: str = Field(alias="from", description="Who signed")
    nonce: str
    deadline: str = Field(description="UTC")
    accepted_at: str = Field(description="UTC")
    ended_at: str | None = Field(description="UTC")
    transaction: str | None = Field(description="That ended it")
    block: int | None = Field(description="That has it; use it as min_block to read what came of it")
    final: bool = Field(description="Whether the index has reached that block")
    reason: dict[str, str] | None = Field(description="Of a refusal: name of the contract's error, sentence, remedy")

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will become of it."""
        return self.state in ("done", "refused", "void")


class RequestsAnswer(Answer):
    """A part of one's own requests. `next` continues it (`after=`), and is null at the end of what there is now."""

    items: list[RequestAnswer]
    next: str | None


class ItemAnswer(Answer):
    """What became of one item of what was handed in: taken, or not and why."""

    id: str | None = Field(description="The request's name, if it could be read")
    state: str | None = Field(description="accepted, or how far it was already")
    problem: Problem | None = Field(description="Why it was not taken")


class TakenAnswer(Answer):
    """One item for each request, in their order."""

    accepted: int
    items: list[ItemAnswer]


class ChallengeAnswer(Answer):
    """What to sign."""

    nonce: str = Field(description="Counts once", examples=["8f1c6f0e2b5d4a7790c3d1aa"])
    expires_at: str = Field(description="When it is void, UTC", examples=["2026-09-30T04:05:00Z"])
    domain: str = Field(description="Domain that the message must name", examples=["registry.example.org"])
    uri: str = Field(description="URI that the message must name", examples=["https://registry.example.org"])
    chain_id: int = Field(description="Chain that the message must name", examples=[20300])


class SessionAnswer(Answer):
    """An open session."""

    address: str = Field(description="Key that signed in")
    expires_at: str = Field(description="UTC")
    token: str = Field("", description="Send it as Authorization: Bearer; told once, when the session is opened")
