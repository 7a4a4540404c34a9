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
        if basis.case_id:
            return None
        tree = self._tree(db, basis)
        if tree is None:
            return None
        return Evidence(tree.word(basis.leaf), tree.count, tree.prove(basis.leaf), basis.filing.encode())

    def _tree(self, db: Connection, basis: FactsBasis) -> Tree | None:
        if basis.leaves > MOST_LEAVES:
            return None
        with self._lock:
            if basis.readings_root in self._trees:
                self._trees.move_to_end(basis.readings_root)
                return self._trees[basis.readings_root]
        tree = _complete(commitment_leaves(db, basis.commitment), basis)
        if tree is not None:
            with self._lock:
                self._trees[basis.readings_root] = tree
                while len(self._trees) > KEPT_TREES:
                    self._trees.popitem(last=False)
        return tree


def _complete(leaves: tuple[int, ...], basis: FactsBasis) -> Tree | None:
    """The tree, unless leaves are missing. A tree with another root is handed on: verification says so."""
    if len(leaves) != basis.leaves:
        return None
    try:
        return Tree.of(leaves)
    except BadInput:
        return None
