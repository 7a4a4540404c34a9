"""Who acts for whom, as far as handing out evidence goes: operators from the store, the two offices from the chain.

Roles are the AccessManager's and leave no trace in the store, so the chain itself is asked. Where no node answers,
nobody is taken for an office, and that is said. An agent reads as what it is: an account that the label names.
"""

from typing import Final

from api.node import Node
from api.registry import Snapshot
from gecchain.errors import NotFound, Unavailable
from gecchain.store import queries

__all__ = ["OFFICES", "RegistryStanding"]

# AUTHORITY and INFO_CENTRE of docs/architecture.md, section 2.
OFFICES: Final = (1, 2)


class RegistryStanding:
    """Answers `gecchain.evidence.Standing` from one snapshot of the store and from the node."""

    def __init__(self, snapshot: Snapshot, node: Node) -> None:
        self._db = snapshot.db
        self._node = node

    def acts_for(self, key: str, account: str) -> bool:
        """Whether the key is the account's operator in the indexed block; a frozen account may still read."""
        try:
            return queries.account(self._db, account).account.operator.lower() == key
        except NotFound:
            return False

    def is_office(self, key: str) -> bool:
        """Whether the key has one of the offices' roles now. Unavailable when the chain cannot be asked."""
        for role in OFFICES:
            has = self._node.has_role(role, key)
            if has is None:
                raise Unavailable(
                    "Whether this key is the authority's cannot be asked of the chain at the moment.",
                    remedy="Try again in a moment, or sign with the operator key of an account that may read it.",
                )
            if has:
                return True
        return False
