"""The commitment tree in its plainest form, written apart from `gecchain.proofs` from the text of the architecture.

It takes leaves in any order and twice, as a provider who does wrong could commit them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gecchain.proofs import keccak256 as keccak

__all__ = ["PlainTree", "leaf_word", "proven_root"]

_CHUNK = 256


def leaf_word(project: int, electricity: int, wh: int, digest: int) -> int:
    """Project 48 bits, electricity 8, Wh 64, digest 136."""
    return project << 208 | electricity << 200 | wh << 136 | digest


def _rows(leaves: Sequence[int], width: int) -> list[list[bytes]]:
    """Leaf hashes padded to the width, and every row above them up to the one that is alone."""
    row = [keccak(leaf.to_bytes(32, "big")) for leaf in leaves]
    rows = [row + [bytes(32)] * (width - len(row))]
    while len(rows[-1]) > 1:
        below = rows[-1]
        rows.append([keccak(below[at] + below[at + 1]) for at in range(0, len(below), 2)])
    return rows


def _width(count: int) -> int:
    return 1 << (count - 1).bit_length()


def proven_root(leaves: Sequence[int], chunk: int, total: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that a chunk and its siblings lead to in a tree of `total` leaves; None for a proof of other length."""
    width = min(_width(total), _CHUNK)
    if _width(total) != width << len(proof):
        return None
    node = _rows(leaves, width)[-1][0]
    for level, sibling in enumerate(proof):
        node = keccak(sibling + node) if chunk >> level & 1 else keccak(node + sibling)
    return node


@dataclass(frozen=True)
class PlainTree:
    """All levels of the tree over `leaves`, from the padded leaf hashes to the root."""

    leaves: tuple[int, ...]
    levels: tuple[tuple[bytes, ...], ...]

    @classmethod
    def over(cls, leaves: tuple[int, ...]) -> "PlainTree":
        """The tree of at least one packed leaf."""
        levels = _rows(leaves, _width(len(leaves)))
        return cls(leaves, tuple(map(tuple, levels)))

    @property
    def root(self) -> bytes:
        return self.levels[-1][0]

    def chunk(self, index: int) -> tuple[int, ...]:
        """Leaves of an aligned chunk."""
        return self.leaves[index * _CHUNK : (index + 1) * _CHUNK]

    def proof(self, index: int) -> tuple[bytes, ...]:
        """Siblings from the chunk's subtree root upwards."""
        found = []
        for level in self.levels[8:-1]:
            found.append(level[index ^ 1])
            index >>= 1
        return tuple(found)
