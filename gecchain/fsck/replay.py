"""The whole history once more: every event from the deployment on, folded, and held against the events in SQL."""

from collections.abc import Iterator
from typing import Final

import orjson

from gecchain.chain.reader import Reader, Span
from gecchain.errors import BrokenProof
from gecchain.events import ConsecutiveTransfer, Issued, Recorded, place_of, to_document
from gecchain.ledger import State, apply, settle
from gecchain.proofs import chunk_root, keccak256
from gecchain.store.indexing import Projection

__all__ = ["Replay"]

_SPAN: Final = 256
_NOTHING: Final = bytes(32)


class Replay:
    """The state after the replay, and the roots of the chunks that were seen: `roots[commitment][chunk]`."""

    def __init__(self, reader: Reader, projection: Projection, state: State) -> None:
        self._reader = reader
        self._projection = projection
        self.state = state
        self.roots: dict[int, dict[int, bytes]] = {}

    def findings(self, last: int) -> Iterator[str | None]:
        """Folds blocks up to `last`; for each event whether SQL has the same. An impossible event is the difference."""
        first, span = self._reader.deployment.block, Span(_SPAN)
        while first <= last:
            asked = min(span.blocks, last - first + 1)
            parts = self._reader.events(first, first + asked - 1)
            end = parts[-1][0].number
            recorded = [event for _block, events in parts for event in events]
            yield from self._folded(recorded)
            yield from self._stored(recorded, first, end)
            span.learn(asked, end - first + 1, len(recorded))
            first = end + 1

    def _folded(self, recorded: list[Recorded]) -> Iterator[str | None]:
        try:
            for event in recorded:
                apply(self.state, event)
                if isinstance(event.event, Issued):
                    self._remember(event.event)
            settle(self.state)
        except BrokenProof as error:
            yield f"{error.where}: {error.message}"

    def _remember(self, event: Issued) -> None:
        count = self.state.commitments[event.commitment].leaves
        self.roots.setdefault(event.commitment, {})[event.chunk] = chunk_root(event.leaves, count)

    def _stored(self, recorded: list[Recorded], first: int, end: int) -> Iterator[str | None]:
        stored = iter(self._projection.events_between(first, end))
        for event in recorded:
            if isinstance(event.event, ConsecutiveTransfer):
                continue
            expected = (event.position, type(event.event).__name__, to_document(event.event))
            position, kind, text = next(stored, (0, "nothing", "null"))
            same = (position, kind, orjson.loads(text)) == expected
            yield None if same else f"{_place(event.position)}: the chain has {expected[1]}, SQL has {kind}"
        extra = next(stored, None)
        if extra is not None:
            yield f"{_place(extra[0])}: SQL has {extra[1]}, the chain nothing"

    def commitments(self) -> Iterator[str | None]:
        """Whether the leaves that were issued from are those that were committed, where all chunks were seen."""
        for number, roots in self.roots.items():
            made = self.state.commitments[number]
            chunks = -(-made.leaves // 256)
            if len(roots) == chunks:
                root = _top([roots[chunk] for chunk in range(chunks)])
                same = "0x" + root.hex() == made.root
                yield None if same else f"commitment {number}: its leaves have another root than was committed"


def _top(nodes: list[bytes]) -> bytes:
    """Root over full chunks' roots; a missing chunk stands for 256 leaves of zero."""
    empty = _NOTHING
    for _level in range(8):
        empty = keccak256(empty + empty)
    while len(nodes) > 1:
        padded = [*nodes, empty] if len(nodes) % 2 else nodes
        nodes = [keccak256(padded[at] + padded[at + 1]) for at in range(0, len(padded), 2)]
        empty = keccak256(empty + empty)
    return nodes[0]


def _place(position: int) -> str:
    block, log_index = place_of(position)
    return f"block {block}, log {log_index}"
