"""The proof that leads a certificate back to its meter reading, rebuilt from what the chain logged.

Trees are kept for a while, since a certificate that one person verifies is soon verified again. Of a large commitment
(a national month has 832,000 leaves) no tree is built here; the contract checked it when it issued.
"""

import threading
from collections import OrderedDict
from typing import Final

from sqlalchemy import Connection

from gecchain.errors import BadInput
from gecchain.proofs import Evidence, Tree
from gecchain.store.basis import FactsBasis, commitment_leaves

__all__ = ["EvidenceShelf"]

MOST_LEAVES: Final = 4096
KEPT_TREES: Final = 32


class EvidenceShelf:
    """Trees of recent commitments by their root, so that a reorganisation cannot leave a wrong one behind."""

    def __init__(self) -> None:
        self._trees: OrderedDict[str, Tree] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, db: Connection, basis: FactsBasis) -> Evidence | None:
        """Evidence of a certificate's reading and filing.

        None where the tree is too large or not all logged yet, and for a certificate that a case added.
        """
        if not _is_provable(basis):
            return None
        tree = self._known(basis) or self._built(db, basis)
        return None if tree is None else _proven(tree, basis)

    def at_hand(self, basis: FactsBasis) -> tuple[bool, Evidence | None]:
        """Whether what `of` answers is known without the database, and the answer."""
        if not _is_provable(basis):
            return True, None
        tree = self._known(basis)
        return tree is not None, None if tree is None else _proven(tree, basis)

    def _known(self, basis: FactsBasis) -> Tree | None:
        with self._lock:
            if basis.readings_root not in self._trees:
                return None
            self._trees.move_to_end(basis.readings_root)
            return self._trees[basis.readings_root]

    def _built(self, db: Connection, basis: FactsBasis) -> Tree | None:
        tree = _complete(commitment_leaves(db, basis.commitment), basis)
        if tree is not None:
            with self._lock:
                self._trees[basis.readings_root] = tree
                while len(self._trees) > KEPT_TREES:
                    self._trees.popitem(last=False)
        return tree


def _is_provable(basis: FactsBasis) -> bool:
    return not basis.case_id and basis.leaves <= MOST_LEAVES


def _proven(tree: Tree, basis: FactsBasis) -> Evidence:
    return Evidence(tree.word(basis.leaf), tree.count, tree.prove(basis.leaf), basis.filing.encode())


def _complete(leaves: tuple[int, ...], basis: FactsBasis) -> Tree | None:
    """The tree, unless leaves are missing. A tree with another root is handed on: verification says so."""
    if len(leaves) != basis.leaves:
        return None
    try:
        return Tree.of(leaves)
    except BadInput:
        return None
