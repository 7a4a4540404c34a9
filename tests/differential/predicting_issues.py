"""What `Certificates.issue` must do with a chunk: classes and refusals from the rules, energy from plain sets."""

from collections.abc import Sequence
from enum import IntEnum

from gecchain.events import NO_ACCOUNT, ConsecutiveTransfer, Event, Issued, LeafRefused
from gecchain.ledger import Commitment
from tests.differential.known import Energy, Known, Unlike, require
from tests.differential.trees import proven_root

__all__ = ["NEW_HYDRO", "Refused", "class_of", "issue"]

AUTHORITY = 1
CHUNK = 256
MOST = 999_999_999
OPEN_MONTHS = 32
HYDRO, PUMPED_STORAGE, STORAGE = 6, 7, 12
ON_GRID, MECHANISM = 0, 3
NEW_HYDRO = (2023 - 1900) * 12
OWN_ACCOUNT, PROVINCE_ACCOUNT = False, True


def class_of(technology: int, electricity: int, in_operation: int, market_based: bool) -> tuple[bool, bool, bool]:
    """Whether certificates are issued, whether they are tradable, whether the province holds them first.

    The table of the rules: Q22, Q23, Q31 to Q33, Q47, 2026 rules.
    """
    if technology in (PUMPED_STORAGE, STORAGE) or electricity > MECHANISM:
        return False, False, OWN_ACCOUNT
    if electricity == MECHANISM:
        return True, False, PROVINCE_ACCOUNT
    if electricity != ON_GRID:
        return True, False, OWN_ACCOUNT
    if technology != HYDRO:
        return True, True, OWN_ACCOUNT
    new = market_based and in_operation >= NEW_HYDRO
    return True, new, OWN_ACCOUNT if new else PROVINCE_ACCOUNT


class Refused(IntEnum):
    """Why a leaf is not issued (docs/architecture.md, section 2)."""

    PROJECT_NOT_APPROVED = 1
    MONTH_ALREADY_ISSUED = 2
    BEFORE_GRID_CONNECTION = 3
    TOO_OLD = 4
    NOT_ISSUABLE = 5
    NO_PROVINCIAL_ACCOUNT = 6
    TOO_MANY = 7


class _Chunk:
    """One call of `issue`; what its earlier leaves used up counts for the later ones."""

    def __init__(self, known: Known, commitment: Commitment) -> None:
        self.known = known
        self.month = commitment.month
        self.energy: dict[tuple[int, int], Energy] = {}

    def energy_of(self, key: tuple[int, int]) -> Energy:
        return self.energy.get(key) or self.known.energy.get(key) or Energy()

    def leaf(self, word: int) -> list[Event] | Refused:
        """The transfer of the leaf's batch, nothing where all of it is carried, or why it is refused."""
        key = project, electricity = word >> 208, word >> 200 & 0xFF
        terms = self.terms(project, electricity)
        if isinstance(terms, Refused):
            return terms
        tradable, holder = terms
        wh = word >> 136 & 0xFFFFFFFFFFFFFFFF
        before = self.energy_of(key)
        count = (before.carry + wh) // 1_000_000
        refusal = self.refusal(before, count)
        if refusal is not None:
            return refusal
        self.energy[key] = before.plus(self.month, wh)
        first = (project << 16 | self.month << 4 | electricity << 1 | tradable) << 32
        return [ConsecutiveTransfer(first, first + count - 1, NO_ACCOUNT, holder)] if count else []

    def terms(self, project: int, electricity: int) -> tuple[bool, str] | Refused:
        """Whether the certificates are tradable, and their first holder."""
        state = self.known.state
        filed = state.projects.get(project)
        if filed is None or not filed.approved:
            return Refused.PROJECT_NOT_APPROVED
        issued, tradable, provincial = class_of(project >> 39 & 31, electricity, filed.in_operation, filed.market_based)
        if not issued:
            return Refused.NOT_ISSUABLE
        if self.month < filed.in_operation:
            return Refused.BEFORE_GRID_CONNECTION
        holder = state.provinces.get(project >> 20 & 127) if provincial else filed.owner
        return (tradable, holder) if holder else Refused.NO_PROVINCIAL_ACCOUNT

    def refusal(self, before: Energy, count: int) -> Refused | None:
        if count > MOST:
            return Refused.TOO_MANY
        if before.months and max(before.months) - self.month >= OPEN_MONTHS:
            return Refused.TOO_OLD
        return Refused.MONTH_ALREADY_ISSUED if self.month in before.months else None


def issue(
    known: Known, caller: str, commitment: int, chunk: int, leaves: Sequence[int], proof: Sequence[bytes]
) -> list[Event]:
    known.require_role(caller, AUTHORITY)
    made = known.state.commitments.get(commitment)
    if made is None:
        raise Unlike("CommitmentUnknown", commitment)
    require(not made.replaced_by, "CommitmentReplaced", commitment, made.replaced_by)
    approvals = len(known.officers_of(commitment))
    require(approvals >= known.quorum, "ApprovalsMissing", commitment, approvals, known.quorum)
    expected = min(CHUNK, made.leaves - CHUNK * chunk)
    require(expected > 0, "ChunkOutOfRange", commitment, chunk)
    require(len(leaves) == expected, "ChunkLength", expected, len(leaves))
    root = proven_root(leaves, chunk, made.leaves, proof)
    require(root is not None and made.root == "0x" + root.hex(), "ChunkNotInCommitment", commitment, chunk)
    return _issue(known, made, chunk, leaves)


def _issue(known: Known, made: Commitment, chunk: int, leaves: Sequence[int]) -> list[Event]:
    drawn, issued = known.drawn(made.id, chunk), 0
    work = _Chunk(known, made)
    events: list[Event] = []
    for index, word in enumerate(leaves):
        if drawn >> index & 1:
            continue
        outcome = work.leaf(word)
        if isinstance(outcome, Refused):
            events.append(LeafRefused(made.id, CHUNK * chunk + index, outcome))
        else:
            issued |= 1 << index
            events += outcome
    require(issued, "NothingToIssue", made.id, chunk)
    return [*events, Issued(made.id, chunk, issued, tuple(leaves))]
