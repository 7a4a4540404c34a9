"""A registry in which everything goes right: plants are filed and approved, readings committed and issued, in one call.

Every step runs through a `Session`, so the model is held against the contracts on the way.
"""

from collections.abc import Iterable, Sequence

from gecchain.chain.deploying import Role
from gecchain.chain.views import Facts, View, answer_of
from gecchain.rules import AccountKind
from tests.differential.chain import Done, Refusal
from tests.differential.operations import Call, Opened, Papers, Wait
from tests.differential.people import ACCOUNTS, STAFF
from tests.differential.session import Session
from tests.differential.trees import PlainTree

__all__ = ["EVIDENCE", "OWNER", "Office", "papers"]

EVIDENCE = bytes(range(1, 33))
OWNER = ACCOUNTS[0]
# Any address is an identity; these are the provinces'.
_PROVINCIAL = "0x" + "9c" * 19


def papers(project: int, in_operation: int = 0, market_based: bool = False, document: str = "{}") -> Papers:
    """A filing with what matters to issuing; the owner is always the same."""
    return Papers(project, OWNER, STAFF[Role.PROVIDER][0], "", in_operation, 1, market_based, document)


class Office:
    """A registry at the given time, unix seconds after its deployment."""

    def __init__(self, now: int) -> None:
        self.session = Session()
        self.session.perform(Wait(now - self.session.chain.time))

    def call(self, role: Role, contract: str, function: str, *args: object) -> Done | Refusal:
        """One call by a key of the role."""
        found = self.session.perform(Call(STAFF[role][0], contract, function, args))
        assert found is not None
        return found

    def file(self, filings: Sequence[Papers]) -> None:
        """Submits and approves, province by province; their accounts are opened where needed."""
        assert isinstance(self.call(Role.REGISTRAR, "Registry", "submit", filings), Done)
        self._open_provinces(filing.project >> 20 & 127 for filing in filings)
        for filing in filings:
            assert isinstance(self.call(Role.PROVINCE, "Registry", "review", [filing], True, ""), Done)

    def _open_provinces(self, provinces: Iterable[int]) -> None:
        operator, kind = STAFF[Role.PROVINCE][0], AccountKind.PROVINCE.value
        new = sorted(set(provinces) - set(self.session.known.state.provinces))
        openings = [Opened(f"{_PROVINCIAL}{code:02x}", kind, code, operator, "") for code in new]
        assert isinstance(self.call(Role.AUTHORITY, "Registry", "openInstitutions", openings), Done)

    def commit(self, month: int, leaves: Sequence[int], root: bytes | None = None) -> int:
        """Commits readings, by their own root or a given one; the commitment's number."""
        root = root or PlainTree.over(tuple(leaves)).root
        found = self.call(Role.PROVIDER, "Readings", "commit", month, root, len(leaves), 0, EVIDENCE, 0)
        assert isinstance(found, Done), found
        return int.from_bytes(found.answer, "big")

    def issue(self, month: int, leaves: Sequence[int]) -> Done | Refusal:
        """Commits and issues readings of one month, at most a chunk of them."""
        number = self.commit(month, leaves)
        return self.call(Role.AUTHORITY, "Certificates", "issue", number, 0, list(leaves), [])

    def facts(self, token: int) -> Facts:
        """What the contract says of a certificate."""
        answer = self.session.chain.ask("Certificates", "facts", token)
        view = View("certificates", "facts", (token,))
        return Facts.of(answer_of(view, answer)[0])

    def lane(self, project: int, electricity: int) -> int:
        """The contract's lane word."""
        return int.from_bytes(self.session.chain.ask("Registry", "laneOf", project, electricity), "big")

    def is_genuine(self, certificate: bytes) -> bool:
        """Whether the contract takes a certificate hash for genuine."""
        answer = self.session.chain.ask("Certificates", "verify", int.from_bytes(certificate, "big"))
        return int.from_bytes(answer[:32], "big") == 1
