"""An event and its place on the chain."""

from dataclasses import dataclass
from typing import Final

from gecchain.events.every import Event

__all__ = ["Recorded", "place_of"]

POSITION_BITS: Final = 24


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event and its place: `log_index` counts within the block, `time` is the block's, UTC seconds."""

    block: int
    log_index: int
    block_hash: str
    transaction: str
    time: int
    event: Event

    @property
    def position(self) -> int:
        """The place as one integer, in the chain's total order: block, then 24 bits of log index."""
        return self.block << POSITION_BITS | self.log_index


def place_of(position: int) -> tuple[int, int]:
    """`(block, log index)` of a position."""
    return position >> POSITION_BITS, position & ((1 << POSITION_BITS) - 1)
