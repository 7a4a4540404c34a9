"""Which of the forms that a list is answered in somebody wants: by `format=`, else by `Accept` (RFC 9110, 12.5.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from gecchain.errors import GecError

__all__ = ["CSV", "FORMS", "JSON", "NDJSON", "STREAM", "Form", "NotAcceptable", "chosen_form", "require_acceptable"]


class NotAcceptable(GecError):
    """None of the forms in which there is an answer is among those that `Accept` names."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form of an answer: its word in `format=`, and its media type."""

    word: Literal["json", "csv", "ndjson", "stream"]
    media_type: str


JSON: Final = Form("json", "application/json")
CSV: Final = Form("csv", "text/csv")
NDJSON: Final = Form("ndjson", "application/x-ndjson")
STREAM: Final = Form("stream", "text/event-stream")
FORMS: Final = (JSON, CSV, NDJSON)


def chosen_form(word: str | None, accept: str | None, forms: Sequence[Form] = FORMS) -> Form:
    """The form asked for; of several that are as welcome, the first of ours. NotAcceptable if there is none."""
    if word is not None:
        return next(form for form in forms if form.word == word)
    if not accept or not accept.strip():
        return forms[0]
    asked = [_asked(part) for part in accept.split(",")]
    weighed = [(_weight(form.media_type, asked), -at) for at, form in enumerate(forms)]
    best, at = max(weighed)
    if best <= 0:
        raise NotAcceptable(
            "There is no answer of a type that Accept names.",
            remedy="Accept one of " + ", ".join(form.media_type for form in forms) + ".",
        )
    return forms[-at]


def require_acceptable(accept: str | None, form: Form) -> None:
    """NotAcceptable if `Accept` rules this one form out."""
    chosen_form(None, accept, (form,))


def _asked(part: str) -> tuple[str, float]:
    kind, *parameters = (word.strip().lower() for word in part.split(";"))
    weight = next((word.removeprefix("q=") for word in parameters if word.startswith("q=")), "1")
    try:
        found = float(weight)
    except ValueError:
        found = 0.0
    return kind, found if 0 <= found <= 1 else 0.0


def _weight(media_type: str, asked: list[tuple[str, float]]) -> float:
    """The weight of the most specific range that fits."""
    named = dict(asked)
    for kind in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
        if kind in named:
            return named[kind]
    return 0.0
