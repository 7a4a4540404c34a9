"""A mutant: one small fault put into one source, its lasting name, and what became of it."""

from dataclasses import dataclass
from hashlib import sha256

__all__ = ["Mutant", "Verdict", "numbered"]


@dataclass(frozen=True, slots=True)
class Mutant:
    """`original` at byte `start` of `file` becomes `replacement`. `nth` tells apart what is alike in one function."""

    file: str
    function: str
    operator: str
    original: str
    replacement: str
    start: int
    nth: int = 1

    @property
    def key(self) -> tuple[str, str, str, str, str, int]:
        """What stays when other code moves: everything but the position."""
        return self.file, self.function, self.operator, self.original, self.replacement, self.nth

    @property
    def id(self) -> str:
        """Ten hex digits of the key's hash."""
        return sha256("\0".join(map(str, self.key)).encode()).hexdigest()[:10]

    def applied(self, source: str) -> str:
        """The source with the fault. ValueError if the original is not where it was."""
        text, end = source.encode(), self.start + len(self.original.encode())
        if text[self.start : end].decode() != self.original:
            raise ValueError(f"{self.file} was changed: {self.original!r} is not at byte {self.start}")
        return (text[: self.start] + self.replacement.encode() + text[end:]).decode()

    def lines(self, source: str) -> tuple[str, str]:
        """The lines of the source that it touches, without and with the fault, spaces folded."""
        text, end = source.encode(), self.start + len(self.original.encode())
        head = text[text.rfind(b"\n", 0, self.start) + 1 : self.start].decode()
        tail = text[end:].split(b"\n", 1)[0].decode()
        before, after = head + self.original + tail, head + self.replacement + tail
        return " ".join(before.split()), " ".join(after.split())

    def line(self, source: str) -> int:
        """Line of the source, from 1."""
        return source.encode()[: self.start].count(b"\n") + 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant, noticed `by` what; `lines` are those it touches, without and with it.

    `outcome` is `killed`, `survived`, `equivalent` (the compiler makes the same bytecode of it), `broken` (it does not
    compile), `suspected` (it came through the sieve; of a run that was cut short) or `doubted` (all but the Solidity
    tests were tried). Equivalent and broken ones are no mutants that a test could notice.
    """

    mutant: Mutant
    outcome: str
    by: str
    seconds: float
    lines: tuple[str, str] = ("", "")


def numbered(mutants: list[Mutant]) -> list[Mutant]:
    """The same in the order of the source, each with its `nth`; what two operators make alike is kept once."""
    seen: dict[tuple[object, ...], int] = {}
    places: set[tuple[int, str, str]] = set()
    found = []
    for mutant in sorted(mutants, key=lambda one: (one.start, one.operator, one.original, one.replacement)):
        place = (mutant.start, mutant.original, mutant.replacement)
        if place in places:
            continue
        places.add(place)
        alike = mutant.key[:-1]
        seen[alike] = seen.get(alike, 0) + 1
        parts = (mutant.file, mutant.function, mutant.operator, mutant.original, mutant.replacement, mutant.start)
        found.append(Mutant(*parts, seen[alike]))
    return found
