"""Disputes, declared readings, orders, settlements, mandates and CCER in JSON, out of the store's views.

Apart from `schemas` and `shapes`, which are about certificates, accounts and the market as they stand: these are about
what is going on around them.
"""

from typing import Final

from api.cursors import closed
from api.language import utc
from api.shapes import event_answer, named, party, place, span
from gecchain.answers import (
    CaseAnswer,
    CcerAnswer,
    CcerRegistrationAnswer,
    DealAnswer,
    DeclarationAnswer,
    EventAnswer,
    ExpiringAnswer,
    MandateAnswer,
    SettlementAnswer,
)
from gecchain.rules import CaseStage, DealStatus, DeclarationStage, Electricity, Month, Outcome
from gecchain.rules.purposes import CertificateState
from gecchain.store.views import (
    CaseView,
    CcerView,
    DealView,
    DeclarationView,
    EventView,
    ExpiringView,
    MandateView,
    SettlementView,
)

__all__ = [
    "case_answer",
    "ccer_answer",
    "deal_answer",
    "declaration_answer",
    "expiring_answer",
    "mandate_answer",
    "settlement_answer",
]

_NO_HASH: Final = "0x" + "0" * 64


def case_answer(view: CaseView, now: int) -> CaseAnswer:
    """A dispute; `now` in UTC seconds says whether its stage takes too long."""
    found = view.case
    return CaseAnswer(
        case=found.id,
        claimant=party("claimant", found.claimant, view.claimant),
        project_code=view.project_code,
        project_name=view.project_name,
        month=str(Month(view.month)),
        first_number=view.first_number,
        stage=named(CaseStage.of_number(found.stage)),
        outcome=named(Outcome.of_number(found.outcome)),
        watt_hours=str(found.watt_hours),
        certificates=found.certificates,
        owed=found.owed,
        due=utc(view.due_at) if view.due_at else None,
        overdue=0 < view.due_at <= now,
        evidence=None if found.evidence in ("", _NO_HASH) else found.evidence,
        doubtful=[span(found.batch, one.start, one.end) for one in view.doubtful],
        added=[span(found.batch, one.start, one.end) for one in view.additions],
        deducted=[span(found.batch, one.start, one.end) for one in view.deductions],
        undone_trades=[span(found.batch, one.start, one.end) for one in view.undone_trades],
        undone_retirements=[span(found.batch, one.start, one.end) for one in view.undone_retirements],
        steps=_steps(view.steps),
    )


def declaration_answer(view: DeclarationView) -> DeclarationAnswer:
    """A declared reading."""
    found, accepted = view.declaration, view.declaration.stage == DeclarationStage.ACCEPTED
    return DeclarationAnswer(
        declaration=found.id,
        owner=party("owner", found.owner, view.owner),
        project_code=view.project_code,
        project_name=view.project_name,
        month=str(Month(found.month)),
        electricity=named(Electricity.of_number(view.electricity)),
        wh=str(view.wh),
        evidence=found.evidence,
        stage=named(DeclarationStage.of_number(found.stage)),
        reason=found.reason,
        commitment=found.commitment if accepted else None,
        leaf=found.index if accepted else None,
        steps=_steps(view.steps),
    )


def mandate_answer(view: MandateView) -> MandateAnswer:
    """An agent's mandate."""
    found = view.mandate
    return MandateAnswer(
        principal=party("principal", found.principal, view.principal),
        agent=party("agent", found.agent, view.agent),
        begins=utc(found.begins),
        until=utc(found.until),
        document=found.document,
        in_force=view.in_force,
        revoked=found.revoked > 0,
        filed=place(view.filed),
    )


def ccer_answer(view: CcerView) -> CcerAnswer:
    """A project's choice and registrations."""
    return CcerAnswer(
        chosen=view.chosen,
        choice_ends=utc(view.ends) if view.ends else None,
        registrations=[
            CcerRegistrationAnswer(number=one.number, period_from=str(Month(one.start)), period_to=str(Month(one.end)))
            for one in view.registrations
        ],
    )


def deal_answer(view: DealView) -> DealAnswer:
    """An order and what it came to."""
    filled = view.deal.status == DealStatus.FILLED
    return DealAnswer(
        deal=view.deal.id,
        status=named(DealStatus.of_number(view.deal.status)),
        paid_on_platform=view.deal.paid_on_platform if filled else None,
        trades=[str(trade.id) for trade in view.trades],
        ranges=[span(trade.batch, trade.start, trade.end) for trade in view.trades],
        place=place(view.place),
    )


def settlement_answer(view: SettlementView) -> SettlementAnswer:
    """A contract's month; the attribute's price is that of its trades."""
    found = view.settlement
    return SettlementAnswer(
        contract=found.contract_id,
        project_code=view.project_code,
        project_name=view.project_name,
        month=str(Month(found.month)),
        contract_wh=str(found.contract_wh),
        fed_in_wh=str(found.fed_in_wh),
        consumed_wh=str(found.consumed_wh),
        energy_price_fen=str(found.energy_price),
        attribute_price_fen=str(view.trades[0].price) if view.trades else None,
        certificates=view.certificates,
        trades=[str(trade.id) for trade in view.trades],
        ranges=[span(trade.batch, trade.start, trade.end) for trade in view.trades],
        place=place(view.place),
    )


def expiring_answer(view: ExpiringView) -> ExpiringAnswer:
    """A range that ends soon."""
    return ExpiringAnswer(
        range=span(view.batch, view.start, view.end),
        holder=view.holder,
        state=named(CertificateState.of_number(view.state)),
        month=str(Month(view.month)),
        expires_at=utc(view.expires_at),
    )


def _steps(views: tuple[EventView, ...]) -> list[EventAnswer]:
    return [event_answer(view, closed("event", view.cursor) or "") for view in views]
