"""What every answer is made of."""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Answer", "EventAnswer", "Named", "PageAnswer", "PartyAnswer", "PlaceAnswer", "Problem", "RangeAnswer"]

T = TypeVar("T")


class Answer(BaseModel):
    """An answer, or a part of one. It never changes; fields that a newer registry adds are passed over."""

    model_config = ConfigDict(frozen=True)


class Named(Answer):
    """Something of a closed list: its word in JSON and its name in both languages."""

    code: str
    zh: str
    en: str


class PlaceAnswer(Answer):
    """Where on the chain it happened."""

    block: int
    block_hash: str
    transaction: str
    log_index: int
    time: str


class PartyAnswer(Answer):
    """An account by its role. A natural person's name is empty."""

    role: str
    address: str
    name: str


class RangeAnswer(Answer):
    """Certificates `[start, end)` of a batch, with the first and the last number."""

    batch: str
    start: int
    end: int
    count: int
    first_number: str
    last_number: str


class EventAnswer(Answer):
    """One event of the chain, as its contract logged it; `cursor` continues after it."""

    cursor: str
    kind: str
    place: PlaceAnswer
    data: dict[str, object]


class PageAnswer(Answer, Generic[T]):
    """A part of a list. `next` continues it (`after=`), and is null at the end of what there is now."""

    items: list[T]
    next: str | None


class Problem(Answer):
    """RFC 9457 problem details, with what to change."""

    type: str = Field(description="Address of the paragraph that explains this kind of problem")
    title: str
    status: int
    detail: str
    instance: str = Field(description="Path of the request")
    field: str = Field("", description="Which part of the request is wrong, if one is")
    value: str = Field("", description="What was found there, shortened to 200 characters")
    remedy: str = Field("", description="What to do about it")
