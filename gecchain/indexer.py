"""Follows the chain into SQL, block by block from its cursor, and rolls back what the chain took back.

Far from the head many blocks are asked for at once and written together; they are final for our purpose. Near it every
block is asked for by its hash, its parent compared, and written with what undoes it.
"""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from gecchain.chain.reader import Block, Reader, Span
from gecchain.errors import BrokenProof, Unavailable
from gecchain.events import ReadingsCommitted, Recorded
from gecchain.store.indexing import KEPT_BLOCKS, Cursor, Header, Overtaken, Projection
from gecchain.trail import Trail

__all__ = ["Indexer", "Progress", "catch_up", "follow"]

trail = Trail(__name__)

_MOST_BLOCKS: Final = 4_096
_MOST_NEAR: Final = 16


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: the block that is written, the chain's head, and the events written since the start."""

    block: int
    head: int
    events: int


class Indexer:
    """One run over one chain and one projection; how many blocks it asks for at once is found as it goes."""

    def __init__(
        self, reader: Reader, projection: Projection, progress: Callable[[Progress], None] | None = None
    ) -> None:
        self._reader = reader
        self._projection = projection
        self._progress = progress or (lambda _progress: None)
        self._span = Span(_MOST_BLOCKS)
        self._events = 0
        reader.require_chain()
        self._at = self._start()

    def _start(self) -> Cursor:
        """An empty projection starts before the deployment's block, or with the chain itself."""
        found = self._projection.cursor()
        if found is not None:
            return self._projection.start(self.deployment, Header(found.block, found.hash, "", found.time))
        first = max(self._reader.deployment.block - 1, 0)
        return self._projection.start(self.deployment, _header(self._reader.blocks([first])[0]))

    @property
    def deployment(self) -> str:
        """Identity of the deployment: chain and contracts."""
        made = self._reader.deployment
        contracts = (made.registry, made.readings, made.certificates, made.market, made.declarations, made.cases)
        return f"{made.chain_id}:{':'.join((*contracts, made.relay))}"

    def step(self) -> bool:
        """Writes the next blocks, or rolls back; False when there is nothing to do. Unavailable: try again."""
        try:
            head = self._reader.head()
            if self._forked(head):
                return True
            if head == self._at.block:
                return False
            if head - self._at.block > KEPT_BLOCKS:
                self._write_far(head)
            else:
                self._write_near(head)
        except Overtaken:
            self._at = self._start()
        return True

    def _forked(self, head: int) -> bool:
        """Rolls back to the newest block that the chain still has, if it is not the cursor's."""
        if head >= self._at.block and self._stands_on(self._reader.blocks([self._at.block])[0].hash):
            return False
        known = [header for header in self._projection.headers_down() if header.number <= head]
        current = self._reader.blocks([header.number for header in known])
        for header, block in zip(known, current, strict=True):
            if header.hash == block.hash:
                trail.warning("chain_reorganised", from_block=self._at.block, to_block=header.number)
                self._at = self._projection.roll_back(self._at, header.number)
                return True
        raise BrokenProof(
            "The chain has none of the newest blocks that are indexed: it is another chain, or began anew.",
            where=f"block {self._at.block}",
            remedy="Check the node, or rebuild the index: gec index --rebuild.",
        )

    def _stands_on(self, told: str) -> bool:
        """Whether the chain's block of this hash is the cursor's. Before the first block there is nothing to compare:
        an embedded chain that was started again tells another hash of it than its second block does.
        """
        return self._at.block == 0 or told == self._at.hash

    def _write_far(self, head: int) -> None:
        first = self._at.block + 1
        last = min(self._at.block + self._span.blocks, head - KEPT_BLOCKS)
        parts = [(_header(block), recorded) for block, recorded in self._reader.events(first, last)]
        self._at = self._projection.extend(self._at, parts, head, undoable=False)
        for _block, recorded in parts:
            _tell_commitments(recorded)
        found = sum(len(recorded) for _header, recorded in parts)
        self._span.learn(last - first + 1, self._at.block - first + 1, found)
        self._written(found)

    def _write_near(self, head: int) -> None:
        first = self._at.block + 1
        blocks = self._reader.blocks(range(first, min(first + min(self._span.blocks, _MOST_NEAR), head + 1)))
        found = 0
        for block, recorded in self._reader.events_of(blocks):
            if not self._stands_on(block.parent):
                self._written(found)
                self._find_fork()
                return
            self._at = self._projection.extend(self._at, [(_header(block), recorded)], head, undoable=True)
            found += len(recorded)
            _tell_commitments(recorded)
            _tell_transactions(recorded)
        self._span.learn(len(blocks), len(blocks), found)
        self._written(found)

    def _find_fork(self) -> None:
        """The chain moved under us: rolls back to the fork. If there is none the node is not to be used."""
        if not self._forked(self._reader.head()):
            raise Unavailable(
                f"The node's block {self._at.block + 1} does not follow the block {self._at.block} that it gives.",
                remedy="Ask another node, or wait until this one is in order.",
            )

    def _written(self, found: int) -> None:
        self._events += found
        trail.info("blocks_indexed", block=self._at.block, head=self._at.head, count=found)
        self._progress(Progress(self._at.block, self._at.head, self._events))


def _tell_commitments(recorded: Sequence[Recorded]) -> None:
    for one in recorded:
        if isinstance(one.event, ReadingsCommitted):
            event = one.event
            facts = {"commitment": event.commitment, "root": event.root, "evidence": event.evidence}
            trail.info("commitment_indexed", transaction=one.transaction, block=one.block, **facts)


def _tell_transactions(recorded: Sequence[Recorded]) -> None:
    """Near the head only: a line for each transaction, with the names of its events and how many of each."""
    for (transaction, block), some in groupby(recorded, key=lambda one: (one.transaction, one.block)):
        names = Counter(type(one.event).__name__ for one in some)
        trail.info("transaction_indexed", transaction=transaction, block=block, events=names)


def _header(block: Block) -> Header:
    return Header(block.number, block.hash, block.parent, block.time)


def catch_up(reader: Reader, projection: Projection, *, progress: Callable[[Progress], None] | None = None) -> int:
    """Indexes up to the head and returns its block. Unavailable when the node or database is out of reach."""
    indexer = Indexer(reader, projection, progress)
    while indexer.step():
        pass
    found = projection.cursor()
    return found.block if found else 0


def follow(
    reader: Reader,
    projection: Projection,
    *,
    stop: threading.Event,
    poll: float = 1.0,
    progress: Callable[[Progress], None] | None = None,
    trouble: Callable[[Unavailable], None] | None = None,
) -> None:
    """Indexes until `stop` is set, looking for new blocks every `poll` seconds. What is Unavailable is tried again,
    after `trouble` was told; BrokenProof ends it.
    """
    indexer: Indexer | None = None
    while not stop.is_set():
        try:
            indexer = indexer or Indexer(reader, projection, progress)
            if not indexer.step():
                stop.wait(poll)
        except Unavailable as error:
            if trouble is not None:
                trouble(error)
            stop.wait(max(poll, 1.0))
