"""The naive model of ranges: a batch is a list of certificates, and pieces are what was never cut apart."""

from dataclasses import dataclass, field

from gecchain.events import ConsecutiveTransfer, Event, Recorded
from gecchain.rules import Month, expires_at

HELD, LISTED, FROZEN, RETIRED, DEDUCTED = 1, 2, 3, 4, 5
START = 1_805_040_000  # 2027-03-14: months 1500 and 1501 have expired, 1502 to 1504 end within three months


@dataclass
class Certificate:
    """One certificate of the naive model. `piece` is the segment it belongs to: equal pieces were never cut apart."""

    owner: str
    state: int
    traded: bool
    piece: int
    story: list[str]


@dataclass
class Pieces:
    """Certificates in pieces, and the log of what happened to them."""

    blocks: list[list[Recorded]] = field(default_factory=lambda: [[]])
    batches: dict[int, list[Certificate]] = field(default_factory=dict)
    first_holders: dict[int, str] = field(default_factory=dict)
    owners: dict[int, str] = field(default_factory=dict)
    carry: dict[tuple[int, int], int] = field(default_factory=dict)
    owed: dict[tuple[int, int], int] = field(default_factory=dict)
    metered: int = 0
    counters: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("tx", "listing", "trade", "commitment", "case", "other"), 0)
    )
    pieces: int = 0
    ccer: set[int] = field(default_factory=set)
    registered: set[tuple[int, int]] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)

    @property
    def recorded(self) -> list[Recorded]:
        return [event for block in self.blocks for event in block]

    @property
    def now(self) -> int:
        return START + len(self.blocks)

    def count(self, name: str) -> int:
        self.counters[name] += 1
        return self.counters[name]

    def log(self, *events: Event) -> None:
        """One transaction in the current block."""
        number = len(self.blocks)
        transaction = f"0x{self.count('tx'):064x}"
        for event in events:
            index = len(self.blocks[-1])
            self.blocks[-1].append(Recorded(number, index, hash_of(number), transaction, self.now, event))

    def echo(self, batch: int, start: int, end: int, giver: str, taker: str) -> ConsecutiveTransfer:
        return ConsecutiveTransfer(batch << 32 | start, batch << 32 | end - 1, giver, taker)

    def pick(self, state: int, which: int, low: int, high: int) -> tuple[int, int, int] | None:
        """Some range within one piece in that state."""
        wholes = [
            (batch, piece)
            for batch, certificates in sorted(self.batches.items())
            for piece in dict.fromkeys(item.piece for item in certificates if item.state == state)
        ]
        if not wholes:
            return None
        batch, piece = wholes[which % len(wholes)]
        return self.within(batch, piece, low, high)

    def within(self, batch: int, piece: int, low: int, high: int) -> tuple[int, int, int]:
        """Some range of a piece."""
        serials = [serial for serial, item in enumerate(self.batches[batch]) if item.piece == piece]
        start = serials[low % len(serials)]
        return batch, start, start + 1 + high % (serials[-1] + 1 - start)

    def change(self, batch: int, start: int, end: int, name: str) -> list[Certificate]:
        """The certificates of a range, cut out of their piece."""
        certificates = self.batches[batch]
        piece = certificates[start].piece
        after = [item for item in certificates[end:] if item.piece == piece]
        self.pieces += 2
        for item in after:
            item.piece = self.pieces
        for item in certificates[start:end]:
            item.piece = self.pieces - 1
            item.story.append(name)
        return certificates[start:end]

    def expired(self, batch: int) -> bool:
        return self.now >= expires_at(Month(batch >> 4 & 0xFFF))

    def still(self, batch: int) -> bool:
        """Whether the untraded stand still for CCER."""
        return batch >> 16 in self.ccer or (batch >> 16, batch >> 4 & 0xFFF) in self.registered

    def sellable(self, batch: int, start: int) -> bool:
        item = self.batches[batch][start]
        return bool(batch & 1) and not (item.traded or self.expired(batch) or self.still(batch))


def word(number: int) -> str:
    return f"0x{number:064x}"


def hash_of(block: int, fork: int = 0) -> str:
    return f"0x{fork:032x}{block:032x}"
