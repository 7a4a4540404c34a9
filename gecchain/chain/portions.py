"""Things in their order, as many together as may be in one request or in memory at once."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

__all__ = ["portions"]

T = TypeVar("T")


def portions(things: Iterable[T], weight: Callable[[T], int], most: int, count: int) -> Iterator[list[T]]:
    """Parts of at most `count` things that together weigh at most `most`; one that weighs more is a part of its own."""
    some: list[T] = []
    heavy = 0
    for thing in things:
        own = weight(thing)
        if some and (len(some) == count or heavy + own > most):
            yield some
            some, heavy = [], 0
        some.append(thing)
        heavy += own
    if some:
        yield some
