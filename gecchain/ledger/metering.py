"""Readings: committed, approved, declared and checked, refused, corrected."""

from dataclasses import replace

from gecchain.events import (
    CommitmentApproved,
    DeclarationChecked,
    DeclarationRechecked,
    Declared,
    EnergyCorrected,
    LeafRefused,
    QuorumSet,
    ReadingsCommitted,
    Recorded,
)
from gecchain.ledger.ranges import broken
from gecchain.ledger.state import State
from gecchain.ledger.values import Approval, Commitment, Declaration
from gecchain.rules.carry import Lane
from gecchain.rules.corrections import corrected
from gecchain.rules.months import Month
from gecchain.rules.purposes import CaseStage, DeclarationStage

__all__ = [
    "apply_approved",
    "apply_checked",
    "apply_committed",
    "apply_corrected",
    "apply_declared",
    "apply_quorum",
    "apply_rechecked",
    "apply_refused",
]


def apply_committed(state: State, at: Recorded, event: ReadingsCommitted) -> None:
    """A provider's readings of a month, or a revision of them."""
    if event.commitment in state.commitments:
        raise broken(f"Commitment {event.commitment} is made twice.", at)
    if event.replaces:
        old = state.commitments.get(event.replaces)
        if old is None or old.replaced_by:
            raise broken(f"Commitment {event.replaces} is unknown or replaced already.", at)
        state.commitments[old.id] = replace(old, replaced_by=event.commitment)
    state.commitments[event.commitment] = Commitment(
        id=event.commitment,
        month=event.month,
        provider=event.provider,
        declared=event.declared,
        root=event.root,
        leaves=event.leaves,
        total_wh=event.total_wh,
        evidence=event.evidence,
        replaces=event.replaces,
        replaced_by=0,
        position=at.position,
    )


def apply_approved(state: State, at: Recorded, event: CommitmentApproved) -> None:
    """An officer stands for a commitment in force, once."""
    found = state.commitments.get(event.commitment)
    if found is None or found.replaced_by:
        raise broken(f"Commitment {event.commitment} is unknown or replaced already.", at)
    key = (event.commitment, event.officer)
    if key in state.approvals or event.approvals != found.approvals + 1:
        raise broken(f"Commitment {event.commitment} is approved twice by {event.officer}, or counted wrongly.", at)
    state.approvals[key] = Approval(event.commitment, event.officer, at.position)
    state.commitments[found.id] = replace(found, approvals=event.approvals)


def apply_quorum(state: State, _at: Recorded, event: QuorumSet) -> None:
    """How many officers must approve from now on."""
    state.parameters[1] = replace(state.parameters[1], quorum=event.quorum)


def apply_refused(state: State, at: Recorded, event: LeafRefused) -> None:
    """Nothing changes; the leaf can be tried again."""
    commitment = state.commitments.get(event.commitment)
    if commitment is None or event.leaf >= commitment.leaves:
        raise broken(f"Leaf {event.leaf} of commitment {event.commitment} does not exist.", at)


def apply_declared(state: State, at: Recorded, event: Declared) -> None:
    """A new declaration, or one that was sent back and comes again."""
    known = state.declarations.get(event.declaration)
    if known is not None and known.stage != DeclarationStage.SENT_BACK:
        raise broken(f"Declaration {event.declaration} is made twice.", at)
    state.declarations[event.declaration] = Declaration(
        id=event.declaration,
        month=event.month,
        owner=event.owner,
        leaf=event.leaf,
        evidence=event.evidence,
        stage=DeclarationStage.DECLARED.value,
        caller=event.caller,
        declared=at.position,
    )


def _declaration(state: State, at: Recorded, number: str, stage: DeclarationStage) -> Declaration:
    found = state.declarations.get(number)
    if found is None or found.stage != stage:
        raise broken(f"Declaration {number} does not wait for this check.", at)
    return found


def apply_checked(state: State, at: Recorded, event: DeclarationChecked) -> None:
    """First check: passed on or sent back."""
    found = _declaration(state, at, event.declaration, DeclarationStage.DECLARED)
    stage = DeclarationStage.CHECKED if event.passed else DeclarationStage.SENT_BACK
    state.declarations[found.id] = replace(
        found, stage=stage.value, checker=event.checker, checked=at.position, reason=event.reason
    )


def apply_rechecked(state: State, at: Recorded, event: DeclarationRechecked) -> None:
    """Second check: what passed is a leaf of a declared commitment of its month."""
    found = _declaration(state, at, event.declaration, DeclarationStage.CHECKED)
    commitment = state.commitments.get(event.commitment)
    held = commitment is not None and commitment.declared and commitment.month == found.month
    if event.passed and not (commitment and held and event.leaf < commitment.leaves):
        raise broken(f"Commitment {event.commitment} does not hold declaration {event.declaration}.", at)
    stage = DeclarationStage.ACCEPTED if event.passed else DeclarationStage.SENT_BACK
    state.declarations[found.id] = replace(
        found,
        stage=stage.value,
        rechecker=event.checker,
        rechecked=at.position,
        reason=event.reason,
        commitment=event.commitment,
        index=event.leaf,
    )


def apply_corrected(state: State, at: Recorded, event: EnergyCorrected) -> None:
    """A case corrects the metered energy: the carry takes what is no whole certificate (I4)."""
    case = state.cases.get(event.case_id)
    about = event.project << 16 | event.month << 4 | event.electricity << 1
    if (
        case is None
        or case.batch & ~1 != about
        or (case.stage, case.watt_hours)
        != (
            CaseStage.CHECKED,
            event.watt_hours,
        )
    ):
        raise broken(f"Case {event.case_id} does not ask for this correction.", at)
    before = state.lanes.get((event.project, event.electricity))
    if before is None or not Lane.unpack(before.lane).is_issued(Month(event.month)):
        raise broken(f"Month {event.month} of project {event.project} was never issued.", at)
    old = Lane.unpack(before.lane)
    certificates, carry = corrected(old.carry, event.watt_hours)
    if certificates != event.certificates:
        raise broken(f"The correction comes to {certificates} certificates, not {event.certificates}.", at)
    state.lanes[event.project, event.electricity] = replace(
        before,
        lane=replace(old, carry=carry).pack(),
        metered_wh=before.metered_wh + event.watt_hours,
        owed=before.owed - certificates,
    )
    totals = state.totals[1]
    state.totals[1] = replace(
        totals,
        metered_wh=totals.metered_wh + event.watt_hours,
        carry_wh=totals.carry_wh + carry - old.carry,
        owed=totals.owed - certificates,
    )
    state.cases[case.id] = replace(case, certificates=certificates)
