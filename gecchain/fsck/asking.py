"""Questions to the contracts, many at once, and what the fold expects of the answers."""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, Final, TypeVar

from gecchain.chain.reader import Reader
from gecchain.chain.views import View
from gecchain.errors import GecError, Unavailable
from gecchain.ledger import Addition, State

__all__ = ["Asking", "Question"]

T = TypeVar("T")
_AT_ONCE: Final = 400


def _plain(value: Any) -> Any:
    """Words as hex text, also within structs and lists."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return tuple(_plain(part) for part in value) if isinstance(value, tuple | list) else value


def _flat(answer: tuple[Any, ...]) -> tuple[Any, ...]:
    """A struct's, or list's, values without its wrapping."""
    values = answer[0] if len(answer) == 1 and isinstance(answer[0], tuple | list) else answer
    return tuple(_plain(value) for value in values)


@dataclass(frozen=True, slots=True)
class Question:
    """A view, what the fold expects of its answer, and how to name it in a report."""

    view: View
    expected: tuple[Any, ...]
    name: str
    read: Callable[[tuple[Any, ...]], tuple[Any, ...]] = _flat


class Asking:
    """Asks the contracts about a state. With `sample` at most so many things of each kind, chosen by `seed`."""

    def __init__(self, reader: Reader, state: State, block: int, *, sample: int | None = None, seed: int = 0) -> None:
        self.reader = reader
        self.state = state
        self.block = block
        self._sample = sample
        self._random = random.Random(seed)  # noqa: S311 - a sample, not a secret

    def some(self, things: Iterable[T]) -> Iterable[T]:
        """All of them, or as many as the sample allows: each has the same chance, however many there are."""
        if self._sample is None:
            return things
        left = iter(things)
        chosen = list(islice(left, self._sample))
        for count, thing in enumerate(left, self._sample + 1):
            place = self._random.randrange(count)
            if place < self._sample:
                chosen[place] = thing
        return chosen

    def asked(self, questions: Iterable[Question]) -> Iterator[str | None]:
        """For each question what differs, or None."""
        some: list[Question] = []
        for question in questions:
            some.append(question)
            if len(some) == _AT_ONCE:
                yield from self._answers(some)
                some = []
        yield from self._answers(some)

    def _answers(self, questions: list[Question]) -> Iterator[str | None]:
        if not questions:
            return
        try:
            answers = self.reader.views([question.view for question in questions], block=self.block)
        except Unavailable:
            raise
        except GecError as error:
            yield f"one of {questions[0].name} … {questions[-1].name}: {error}"
            return
        for question, answer in zip(questions, answers, strict=True):
            found = question.read(answer)
            same = found == question.expected
            yield None if same else f"{question.name}: the contract says {found}, the fold {question.expected}"

    @cached_property
    def additions(self) -> dict[int, list[Addition]]:
        """What cases added, by batch, in order."""
        found: dict[int, list[Addition]] = {}
        for _key, addition in sorted(self.state.additions.items()):
            found.setdefault(addition.batch, []).append(addition)
        return found
