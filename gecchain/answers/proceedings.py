"""What is going on around certificates: disputes and declared readings."""

from gecchain.answers.basis import Answer, EventAnswer, Named, PartyAnswer, RangeAnswer

__all__ = ["CaseAnswer", "DeclarationAnswer"]


class CaseAnswer(Answer):
    """A dispute over a batch (异议, Q95) with every step, oldest first.

    `watt_hours` is the proposed correction of the month's metered energy, `certificates` what that came to (negative:
    deducted), `owed` what is still to be deducted, `due` when the present stage should be over.
    """

    case: int
    claimant: PartyAnswer
    project_code: str
    project_name: str
    month: str
    first_number: str
    stage: Named
    outcome: Named
    watt_hours: str
    certificates: int
    owed: int
    due: str | None
    overdue: bool
    evidence: str | None
    doubtful: list[RangeAnswer]
    added: list[RangeAnswer]
    deducted: list[RangeAnswer]
    undone_trades: list[RangeAnswer]
    undone_retirements: list[RangeAnswer]
    steps: list[EventAnswer]


class DeclarationAnswer(Answer):
    """A declared reading (Q26) with its checks, oldest first; `commitment` holds it once it passed both."""

    declaration: str
    owner: PartyAnswer
    project_code: str
    project_name: str
    month: str
    electricity: Named
    wh: str
    evidence: str
    stage: Named
    reason: str
    commitment: int | None
    leaf: int | None
    steps: list[EventAnswer]
