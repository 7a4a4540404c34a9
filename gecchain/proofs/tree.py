"""The Merkle tree of one commitment of readings, built in one pass and kept in 32 bytes a leaf.

Leaf hash = keccak256(word); node = keccak256(left ++ right). Leaf *hashes* are padded with `bytes32(0)` to a power of
two, so an empty half of the tree has a hash that depends on its height alone (`ZERO[0]` is `bytes32(0)`). A leaf's
preimage has 32 bytes and a node's 64, so neither can stand for the other. A chunk is 256 aligned leaves (fewer at the
end, or in a smaller tree); its proof is the siblings from the chunk's subtree root upwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Final, NamedTuple

from gecchain.errors import BadInput
from gecchain.proofs.hashing import DIGEST_BYTES, keccak256
from gecchain.rules import Electricity
from gecchain.rules.parameters import CHUNK_LEAVES

__all__ = ["MAX_LEAVES", "Chunk", "Leaf", "Tree", "chunk_root", "leaf_hash", "verify_chunk", "verify_leaf"]

MAX_LEAVES: Final = (1 << 24) - 1
_CHUNK_HEIGHT: Final = (CHUNK_LEAVES.value - 1).bit_length()
_KEY_SHIFT: Final = 200
_KEPT_CHUNKS: Final = 256  # 12 MB at the most


def _zero_hashes() -> tuple[bytes, ...]:
    zeros = [bytes(32)]
    while len(zeros) <= MAX_LEAVES.bit_length():
        zeros.append(keccak256(zeros[-1] * 2))
    return tuple(zeros)


ZERO: Final = _zero_hashes()


@dataclass(frozen=True, slots=True)
class Leaf:
    """One reading in a commitment: project id (48 bits), electricity, energy in Wh (64 bits), digest of its record."""

    project: int
    electricity: Electricity
    wh: int
    digest: bytes

    def __post_init__(self) -> None:
        if not 0 <= self.project < 1 << 48:
            raise BadInput("A project id has 48 bits.", field="project", value=str(self.project))
        if not 0 <= self.wh < 1 << 64:
            raise BadInput("The energy of a leaf has 64 bits.", field="wh", value=str(self.wh))
        if len(self.digest) != DIGEST_BYTES:
            raise BadInput("A record digest has 17 bytes.", field="digest", value=self.digest.hex())

    def pack(self) -> int:
        """One 256-bit word, high first: project 48, electricity 8, Wh 64, digest 136."""
        head = (self.project << 8 | self.electricity) << 64 | self.wh
        return head << 8 * DIGEST_BYTES | int.from_bytes(self.digest, "big")

    @classmethod
    def unpack(cls, word: int) -> Leaf:
        """The reading of a word; BadInput if its electricity is unknown or it has more than 256 bits."""
        digest = (word & ((1 << 8 * DIGEST_BYTES) - 1)).to_bytes(DIGEST_BYTES, "big")
        electricity = Electricity.of_number(word >> _KEY_SHIFT & 0xFF)
        return cls(word >> 208, electricity, word >> 136 & 0xFFFFFFFFFFFFFFFF, digest)


class Chunk(NamedTuple):
    """What one call of `Certificates.issue` hands in: up to 256 packed leaves and the siblings above them."""

    leaves: tuple[int, ...]
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """The tree of a commitment. `words` holds the packed leaves, `levels` the nodes from the chunk roots upwards."""

    words: bytes
    levels: tuple[tuple[bytes, ...], ...]

    @classmethod
    def of(cls, leaves: Iterable[Leaf | int]) -> Tree:
        """Build from leaves (or packed words) sorted by project and electricity, each pair once.

        Reads the iterable once and keeps 32 bytes a leaf. BadInput if it is empty, too long or out of order.
        """
        buffer = BytesIO()
        buffer.writelines(_ordered_words(leaves))
        words = buffer.getvalue()
        count = len(words) // 32
        if not 0 < count <= MAX_LEAVES:
            raise BadInput("A commitment has 1 to 16,777,215 leaves.", field="leaves", value=str(count))
        height = _height(count)
        low = min(height, _CHUNK_HEIGHT)
        step = 32 << low
        roots = [_subtree(words[at : at + step], low) for at in range(0, len(words), step)]
        return cls(words, _levels(roots, low, height))

    @property
    def count(self) -> int:
        """Number of leaves."""
        return len(self.words) // 32

    @property
    def root(self) -> bytes:
        """The 32 bytes that are committed."""
        return self.levels[-1][0]

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return len(self.levels[0])

    def word(self, index: int) -> int:
        """The packed leaf at that place."""
        self._check(index, self.count, "leaf")
        return int.from_bytes(self.words[32 * index : 32 * index + 32], "big")

    def chunk(self, index: int) -> Chunk:
        """Leaves and proof of a chunk, as the contract takes them."""
        self._check(index, self.chunks, "chunk")
        first = index * CHUNK_LEAVES.value
        last = min(first + CHUNK_LEAVES.value, self.count)
        return Chunk(tuple(self.word(at) for at in range(first, last)), self._above(index))

    def prove(self, index: int) -> tuple[bytes, ...]:
        """Siblings of one leaf, from its neighbour up to the root."""
        self._check(index, self.count, "leaf")
        chunk, within = divmod(index, CHUNK_LEAVES.value)
        low = min(_height(self.count), _CHUNK_HEIGHT)
        part = self.words[(chunk << low) * 32 : (chunk + 1 << low) * 32]
        return _siblings(_nodes_of(part, low), within, 0) + self._above(chunk)

    def _above(self, chunk: int) -> tuple[bytes, ...]:
        return _siblings(self.levels, chunk, _CHUNK_HEIGHT)

    def _check(self, index: int, count: int, field: str) -> None:
        if not 0 <= index < count:
            raise BadInput(f"There are {count} of {field}.", field=field, value=str(index))


def leaf_hash(word: int) -> bytes:
    """keccak256 of the packed leaf, 32 bytes big-endian."""
    return keccak256(_word_bytes(word))


def chunk_root(leaves: Sequence[int], count: int) -> bytes:
    """Subtree root of a chunk's packed leaves in a tree of `count` leaves."""
    return _subtree(b"".join(_word_bytes(word) for word in leaves), min(_height(count), _CHUNK_HEIGHT))


def verify_chunk(root: bytes, count: int, index: int, chunk: Chunk) -> bool:
    """Whether those are all leaves of chunk `index` in the committed tree of `count` leaves."""
    expected = min(CHUNK_LEAVES.value, count - index * CHUNK_LEAVES.value)
    if index < 0 or len(chunk.leaves) != expected:
        return False
    above = max(_height(count) - _CHUNK_HEIGHT, 0)
    return len(chunk.proof) == above and _climb(chunk_root(chunk.leaves, count), index, chunk.proof) == root


def verify_leaf(root: bytes, count: int, index: int, word: int, proof: Sequence[bytes]) -> bool:
    """Whether that packed leaf is number `index` of the committed tree of `count` leaves."""
    if not 0 <= index < count or len(proof) != _height(count):
        return False
    return _climb(leaf_hash(word), index, proof) == root


def _ordered_words(leaves: Iterable[Leaf | int]) -> Iterator[bytes]:
    before = -1
    for leaf in leaves:
        word = leaf.pack() if isinstance(leaf, Leaf) else leaf
        if word >> _KEY_SHIFT <= before:
            raise BadInput(
                "Leaves are out of order.", field="leaves", value=f"{word:064x}", remedy="Sort; a pair occurs once."
            )
        before = word >> _KEY_SHIFT
        yield _word_bytes(word)


def _word_bytes(word: int) -> bytes:
    if not 0 <= word < 1 << 256:
        raise BadInput("A packed leaf has 256 bits.", field="leaf", value=str(word))
    return word.to_bytes(32, "big")


def _height(count: int) -> int:
    return (count - 1).bit_length()


def _leaf_hashes(words: bytes) -> list[bytes]:
    return [keccak256(words[at : at + 32]) for at in range(0, len(words), 32)]


def _subtree(words: bytes, height: int) -> bytes:
    nodes = _leaf_hashes(words)
    for level in range(height):
        nodes = _parents(nodes, level)
    return nodes[0]


@lru_cache(maxsize=_KEPT_CHUNKS)
def _nodes_of(words: bytes, height: int) -> tuple[tuple[bytes, ...], ...]:
    """All nodes of a chunk; leaves are proven one after another, and a chunk has 511 of them to hash."""
    return _levels(_leaf_hashes(words), 0, height)


def _parents(nodes: Sequence[bytes], level: int) -> list[bytes]:
    padded = [*nodes, ZERO[level]] if len(nodes) % 2 else nodes
    return [keccak256(padded[at] + padded[at + 1]) for at in range(0, len(padded), 2)]


def _levels(nodes: list[bytes], low: int, high: int) -> tuple[tuple[bytes, ...], ...]:
    levels = [tuple(nodes)]
    for level in range(low, high):
        levels.append(tuple(_parents(levels[-1], level)))
    return tuple(levels)


def _siblings(levels: Sequence[Sequence[bytes]], index: int, low: int) -> tuple[bytes, ...]:
    found = []
    for above, nodes in enumerate(levels[:-1]):
        beside = (index >> above) ^ 1
        found.append(nodes[beside] if beside < len(nodes) else ZERO[low + above])
    return tuple(found)


def _climb(node: bytes, index: int, proof: Sequence[bytes]) -> bytes:
    for sibling in proof:
        node = keccak256(sibling + node if index & 1 else node + sibling)
        index >>= 1
    return node
