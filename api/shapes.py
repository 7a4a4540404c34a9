"""Views of the store into the JSON of the API. Pure functions: nothing here asks the database."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Final

from api.credits import is_derived, made_up_fields
from api.language import utc
from gecchain.answers import (
    AccountAnswer,
    ApprovalAnswer,
    CertificateAnswer,
    ClaimAnswer,
    EventAnswer,
    FilingAnswer,
    LaneAnswer,
    ListingAnswer,
    MonthAnswer,
    Named,
    PartyAnswer,
    PlaceAnswer,
    ProjectAnswer,
    RangeAnswer,
    ReadingAnswer,
    RetirementAnswer,
    StatisticsRowAnswer,
    TradeAnswer,
    UndoneAnswer,
)
from gecchain.events import NO_ACCOUNT
from gecchain.ledger import Account, FilingState, Retirement
from gecchain.proofs import document_hash
from gecchain.rules import (
    AccountKind,
    BatchKey,
    CertificateState,
    Electricity,
    Label,
    LabelledEnum,
    Lane,
    Month,
    ProjectKey,
    Purpose,
    RetirementReason,
    Technology,
    TradeWay,
    last_valid_day,
    number_of,
    token_id,
)
from gecchain.rules.parameters import WH_PER_CERTIFICATE
from gecchain.rules.provinces import PROVINCES
from gecchain.store.basis import IssuedBatch
from gecchain.store.views import (
    AccountView,
    CertificateView,
    CommitmentView,
    EventView,
    FilingView,
    LeafView,
    ListingView,
    Place,
    ProjectView,
    RetirementView,
    StatisticsRow,
    TraceStep,
    TradeView,
)

__all__ = [
    "EXPIRED",
    "account_answer",
    "certificate_answer",
    "event_answer",
    "labelled",
    "listing_answer",
    "named",
    "party",
    "place",
    "project_answer",
    "province",
    "retirement_answer",
    "span",
    "statistics_row",
    "trace_step",
    "trade_answer",
]

EXPIRED: Final = Label("已过期", "expired")
NO_PROVINCE: Final = Label("", "")


@lru_cache(maxsize=256, typed=True)  # members of two lists with one number are equal
def named(member: LabelledEnum) -> Named:
    """A member of a closed list in JSON."""
    return Named(code=member.slug, zh=member.label.zh, en=member.label.en)


def labelled(code: str, label: Label) -> Named:
    """Something else that has a name in both languages."""
    return Named(code=code, zh=label.zh, en=label.en)


@cache
def province(number: int) -> Named:
    """A province by its two digits; without a name where GB/T 2260 assigns none."""
    return labelled(f"{number:02d}", PROVINCES.get(number, NO_PROVINCE))


def place(found: Place) -> PlaceAnswer:
    """A place on the chain in JSON."""
    return PlaceAnswer(
        block=found.block,
        block_hash=found.block_hash,
        transaction=found.transaction,
        log_index=found.log_index,
        time=utc(found.time),
    )


def party(role: str, address: str, account: Account | None) -> PartyAnswer:
    """An account in JSON, also one that was never opened."""
    return _party(role, address, account.name if account else "")


@lru_cache(maxsize=4096)
def _party(role: str, address: str, name: str) -> PartyAnswer:
    return PartyAnswer(role=role, address=address, name=name)


def span(batch: int, start: int, end: int) -> RangeAnswer:
    """Certificates `[start, end)` of a batch in JSON."""
    before, after = _around_serial(batch)
    return RangeAnswer(
        batch=str(batch),
        start=start,
        end=end,
        count=end - start,
        first_number=f"{before}{start:09d}{after}",
        last_number=f"{before}{end - 1:09d}{after}",
    )


@lru_cache(maxsize=4096)
def _around_serial(batch: int) -> tuple[str, str]:
    """What the numbers of a batch have before and after the serial; long lists have many ranges of a batch."""
    first = number_of(token_id(batch, 0))
    return first[:21], first[30:]


def _month(index: int) -> str:
    return str(Month(index))


def certificate_answer(view: CertificateView, certificate: str, now: int) -> CertificateAnswer:
    """A certificate; `certificate` is its hash as hex. It has no holder once it has ended."""
    key, document = ProjectKey.from_id(view.project.id), view.filing.document
    ended = view.segment.state in (CertificateState.RETIRED, CertificateState.DEDUCTED)
    state = CertificateState.of_number(view.segment.state)
    expired = not ended and now >= view.expires_at
    holder = None if ended else party("holder", view.segment.owner, view.holder)
    return CertificateAnswer(
        number=view.number,
        hash=certificate,
        token_id=str(view.token_id),
        batch=str(view.batch.id),
        serial=view.serial,
        batch_count=view.batch.count,
        state=named(state),
        status=labelled("expired", EXPIRED) if expired else named(view.shown),
        traded=view.segment.traded,
        tradable=view.tradable,
        energy_wh=WH_PER_CERTIFICATE.value,
        technology=named(key.technology),
        project_type=named(key.type),
        electricity=named(Electricity.of_number(view.electricity)),
        month=_month(view.month),
        valid_until=last_valid_day(Month(view.month)).isoformat(),
        expires_at=utc(view.expires_at),
        subsidy=str(document.get("subsidy", "unknown")),
        project_code=view.project_code,
        project_name=str(document.get("name", "")),
        location=str(document.get("location", "")),
        province=province(key.province),
        owner=party("owner", view.filing.filing.owner, view.owner)
        if view.owner
        else PartyAnswer(role="owner", address=view.filing.filing.owner, name=str(document.get("owner", ""))),
        owner_credit_code=_text_or_none(document, "owner_credit_code"),
        holder=holder,
        holder_province=province(view.holder.province) if holder and view.holder and view.holder.province else None,
        reading=_reading(view.leaf, view.commitment, document),
        filing=filing_answer(view.filing),
        issued=place(view.issued),
        listing=str(view.listing.id) if view.listing else None,
        trade=str(view.trade.id) if view.trade else None,
        retirement=str(view.retirement.position) if view.retirement else None,
        case=view.case.id if view.case else None,
        added_by_case=view.addition.case_id if view.addition else None,
        made_up=list(made_up_fields(document)),
    )


def _text_or_none(document: Mapping[str, object], key: str) -> str | None:
    value = document.get(key)
    return value if isinstance(value, str) and value else None


def _reading(leaf: LeafView, view: CommitmentView, document: Mapping[str, object]) -> ReadingAnswer:
    provider = party("provider", view.commitment.provider, view.provider)
    return ReadingAnswer(
        commitment=view.commitment.id,
        leaf=leaf.index,
        wh=str(leaf.wh),
        digest=leaf.digest,
        root=view.commitment.root,
        leaves=view.commitment.leaves,
        provider=provider,
        declared=view.commitment.declared,
        derived=is_derived(provider.name, document),
        committed=place(view.place),
        approvals=[ApprovalAnswer(officer=officer, approved=place(at)) for officer, at in view.approvals],
    )


def filing_answer(view: FilingView) -> FilingAnswer:
    """A version of a filing with its hash, computed here from its text."""
    return FilingAnswer(
        version=view.filing.version,
        state=FilingState(view.filing.state).name.lower(),
        hash="0x" + document_hash(view.filing.document.encode()).hex(),
        document=view.document,
        submitted=place(view.submitted),
        reviewed=place(view.reviewed) if view.reviewed else None,
        reason=view.filing.reason,
    )


def trace_step(step: TraceStep, kind: Named, name: Named) -> dict[str, object]:
    """The parts of a `TraceStepAnswer`, to be made into values all at once; names come from the catalogue."""
    return {
        "kind": kind,
        "name": name,
        "place": {
            "block": step.block,
            "block_hash": step.block_hash,
            "transaction": step.transaction,
            "log_index": step.log_index,
            "time": utc(step.time),
        },
        "parties": [_party(one.role, one.address, one.name) for one in step.parties],
        "start": step.start,
        "end": step.end,
        "case": step.case_id,
        "reason": step.reason,
        "evidence": step.evidence,
        "data": step.data,
    }


def project_answer(view: ProjectView, batches: Sequence[IssuedBatch]) -> ProjectAnswer:
    """A project; before its first approval it has no filing in force."""
    key, latest = ProjectKey.from_id(view.project.id), view.filing or view.history[-1]
    address = view.project.owner if view.project.owner != NO_ACCOUNT else latest.filing.owner
    return ProjectAnswer(
        code=view.code,
        type=named(key.type),
        technology=named(key.technology),
        province=province(key.province),
        owner=party("owner", address, view.owner),
        filing=filing_answer(view.filing) if view.filing else None,
        history=[filing_answer(version) for version in view.history],
        energy=[
            LaneAnswer(
                electricity=named(Electricity.of_number(lane.electricity)),
                metered_wh=str(lane.metered_wh),
                issued=lane.issued,
                carry_wh=str(Lane.unpack(lane.lane).carry),
            )
            for lane in view.lanes
        ],
        months=[month_row(found, latest.document) for found in batches],
        certificates=view.certificates,
        latest_month=_month(view.latest_month) if view.latest_month else None,
        made_up=list(made_up_fields(latest.document)),
    )


def month_row(found: IssuedBatch, document: Mapping[str, object]) -> MonthAnswer:
    """What was issued to a project for one month and class; `document` is its filing."""
    batch, key = found.batch, BatchKey.from_id(found.batch.id)
    return MonthAnswer(
        month=str(key.month),
        electricity=named(key.electricity),
        tradable=key.tradable,
        count=batch.count,
        derived=is_derived(found.provider, document),
        first_number=number_of(token_id(batch.id, 0)),
        last_number=number_of(token_id(batch.id, batch.count - 1)),
    )


def account_answer(view: AccountView) -> AccountAnswer:
    """An account and its sums."""
    found = view.account
    return AccountAnswer(
        address=found.address,
        name=found.name,
        kind=named(AccountKind.of_number(found.kind)),
        province=province(found.province) if found.province else None,
        frozen=found.frozen,
        closed=found.closed > 0,
        holding=view.balance.holding,
        retired=view.balance.retired,
        opened=place(view.opened),
    )


def listing_answer(view: ListingView, now: int) -> ListingAnswer:
    """An open lot; `left` is what is still on offer."""
    found = view.listing
    return ListingAnswer(
        listing=str(found.id),
        seller=party("seller", found.seller, view.seller),
        price_fen=str(found.price),
        left=span(found.batch, found.left, found.left_end),
        listed=place(view.place),
        project_code=view.project_code,
        project_name=view.project_name,
        technology=named(Technology.of_number(view.technology)),
        province=province(view.province),
        month=_month(view.month),
        expires_at=utc(view.expires_at),
        expired=now >= view.expires_at,
    )


def trade_answer(view: TradeView) -> TradeAnswer:
    """A trade with its three parties."""
    found = view.trade
    return TradeAnswer(
        trade=str(found.id),
        way=named(TradeWay.of_number(found.way)),
        listing=str(found.listing) if found.listing else None,
        range=span(found.batch, found.start, found.end),
        seller=party("seller", found.seller, view.seller),
        buyer=party("buyer", found.buyer, view.buyer),
        platform=party("platform", found.platform, view.platform) if found.platform != NO_ACCOUNT else None,
        price_fen=str(found.price),
        project_code=view.project_code,
        project_name=view.project_name,
        traded=place(view.place),
        undone=[UndoneAnswer(range=span(found.batch, one.start, one.end), case=one.case_id) for one in view.undone],
    )


def retirement_answer(view: RetirementView) -> RetirementAnswer:
    """A retirement; one by the calendar carries no claim."""
    found = view.retirement
    return RetirementAnswer(
        retirement=str(found.position),
        range=span(found.batch, found.start, found.end),
        holder=party("holder", found.holder, view.holder),
        reason=named(RetirementReason.of_number(found.reason)),
        claim=_claim(found),
        project_code=view.project_code,
        project_name=view.project_name,
        retired=place(view.place),
        undone=[UndoneAnswer(range=span(found.batch, one.start, one.end), case=one.case_id) for one in view.undone],
    )


def _claim(found: Retirement) -> ClaimAnswer | None:
    if found.reason != RetirementReason.CONSUMPTION:
        return None
    return ClaimAnswer(
        beneficiary=found.beneficiary,
        purpose=named(Purpose.of_number(found.purpose)),
        period_from=_month(found.period_start),
        period_to=_month(found.period_end),
        statement=found.statement,
    )


def event_answer(view: EventView, cursor: str) -> EventAnswer:
    """An event as its contract logged it."""
    return EventAnswer(cursor=cursor, kind=view.kind, place=place(view.place), data=view.data)


def statistics_row(row: StatisticsRow) -> StatisticsRowAnswer:
    """A group of the statistics, named by what it was grouped by."""
    if row.month is not None:
        group = Named(code=_month(row.month), zh=_month(row.month), en=_month(row.month))
    elif row.province is not None:
        group = province(row.province)
    else:
        group = named(Technology.of_number(row.technology or 0))
    return StatisticsRowAnswer(group=group, issued=row.issued, traded=row.traded, retired=row.retired)
