"""A list of power plants into filings (建档立卡, Q90), or the reason why a plant cannot be filed.

What a filing needs and the list does not say is made up and marked as such in the filing itself; what nobody may make
up (capacity, province, technology) stops it. The format is that of the World Resources Institute's list for China.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path
from typing import Final

from gecchain.errors import BadInput
from gecchain.oracle.codes import Code
from gecchain.oracle.owners import made_up_owner, made_up_uscc
from gecchain.oracle.reading import Refusal
from gecchain.oracle.settlement_tables import read_rows
from gecchain.oracle.source import Flaw, Row, survey
from gecchain.proofs import canonical_json
from gecchain.rules.classes import ProjectType, Technology
from gecchain.rules.months import Month
from gecchain.rules.numbers import ProjectKey
from gecchain.rules.provinces import province_of

__all__ = ["FilingDraft", "PlantList", "read_plants"]

SOURCE: Final = "World Resources Institute, Global Power Plant Database (China), CC BY 4.0"
_LARGEST_KW: Final = (1 << 32) - 1
_APPROVED_BEFORE: Final = 12
_FIRST_YEAR: Final = 1901
_MADE_UP_YEARS: Final = range(2006, 2016)
_TECHNOLOGIES: Final = {
    ("wind", "onshore wind"): Technology.WIND,
    ("wind", ""): Technology.WIND,
    ("wind", "offshore wind"): Technology.OFFSHORE_WIND,
    ("solar", "pv"): Technology.SOLAR_PV,
    ("solar", "csp"): Technology.SOLAR_THERMAL,
    ("landfill gas", "landfill power"): Technology.LANDFILL_GAS,
    ("landfill gas", "msw combustion"): Technology.BIOMASS,
    ("biomass", ""): Technology.BIOMASS,
    ("geothermal", ""): Technology.GEOTHERMAL,
    ("hydro", ""): Technology.HYDRO,
    ("hydro", "run of river"): Technology.HYDRO,
    ("hydro", "pumped storage"): Technology.PUMPED_STORAGE,
}


@dataclass(frozen=True, slots=True)
class FilingDraft:
    """A filing that can be submitted. `owner_code` is the owner's legal identity and never goes into the document.

    `capacity_kw` is whole kW; coordinates are text as they came, or empty; `annual_generation_wh` is None where the
    source gives none. `made_up` names the keys of the document that no source gives.
    """

    source_id: str
    key: ProjectKey
    name: str
    capacity_kw: int
    in_operation: Month
    owner: str
    owner_code: str
    location: str
    latitude: str
    longitude: str
    source: str
    annual_generation_wh: int | None
    made_up: tuple[str, ...]
    market_based: bool = False

    @property
    def code(self) -> str:
        """The project code (项目代码), 17 characters."""
        return self.key.code

    def as_document(self, owner_identity: str) -> dict[str, str | int | bool]:
        """The public filing. `owner_identity` is the owner's account, `0x` and 40 hex digits.

        For every key that was made up there is `<key>_made_up: true`.
        """
        document: dict[str, str | int | bool] = {
            "approved": str(self.key.approved),
            "capacity_kw": self.capacity_kw,
            "code": self.code,
            "in_operation": str(self.in_operation),
            "location": self.location,
            "name": self.name,
            "owner": self.owner,
            "owner_identity": owner_identity,
            "province": str(self.key.province),
            "source": self.source,
            "state": "operating",
            "subsidy": "unknown",
            "technology": self.key.technology.slug,
            "type": self.key.type.code,
        }
        if self.latitude and self.longitude:
            document |= {"latitude": self.latitude, "longitude": self.longitude}
        return document | {f"{key}_made_up": True for key in self.made_up}

    def document(self, owner_identity: str) -> str:
        """The public filing as canonical JSON (RFC 8785), as it goes on the chain."""
        return canonical_json(self.as_document(owner_identity)).decode()


@dataclass(frozen=True, slots=True)
class PlantList:
    """What a list comes to: drafts in the order of the source's identifiers, and refusals in the order of rows."""

    drafts: tuple[FilingDraft, ...]
    refusals: tuple[Refusal, ...]


def read_plants(path: Path) -> PlantList:
    """Read a plant list (CSV, XLSX or JSON). Plant lists have thousands of rows, not millions, and are held in memory.

    Two plants of one name are two plants; a source identifier that comes twice is refused the second time. Sequences
    count from 1 within technology, approval month and province, in the order of the source's identifiers.
    """
    refusals: list[Refusal] = []
    drafts: dict[str, FilingDraft] = {}
    for row in _rows(path, refusals):
        draft = _draft(row)
        if isinstance(draft, FilingDraft) and draft.source_id in drafts:
            draft = _refusal(Code.FILING_DUPLICATE, row, "wri_id")
        if isinstance(draft, Refusal):
            refusals.append(draft)
        else:
            drafts[draft.source_id] = draft
    return PlantList(tuple(_numbered(drafts.values())), tuple(refusals))


def _rows(path: Path, refusals: list[Refusal]) -> Iterator[Row]:
    for batch in read_rows(survey(path)):
        for raw in batch:
            if isinstance(raw, Row):
                yield raw
            elif not raw.code.notice:
                refusals.append(_flaw(raw))


def _flaw(flaw: Flaw) -> Refusal:
    return Refusal(flaw.code, flaw.number, flaw.field, flaw.value, flaw.raw)


def _numbered(drafts: Iterable[FilingDraft]) -> Iterator[FilingDraft]:
    counts: Counter[tuple[int, int, int]] = Counter()
    for draft in sorted(drafts, key=lambda one: (len(one.source_id), one.source_id)):
        group = (int(draft.key.technology), draft.key.approved.index, draft.key.province)
        counts[group] += 1
        yield replace(draft, key=replace(draft.key, sequence=counts[group]))


class _Unfit(Exception):
    """Why a plant cannot be filed; never leaves this module."""

    def __init__(self, code: Code, field: str) -> None:
        self.code = code
        self.field = field


def _draft(row: Row) -> FilingDraft | Refusal:
    try:
        return _filed(row)
    except _Unfit as unfit:
        return _refusal(unfit.code, row, unfit.field)


def _refusal(code: Code, row: Row, field: str) -> Refusal:
    return Refusal(code, row.number, field, _cell(row, field), row.cells)


def _cell(row: Row, name: str) -> str:
    return " ".join(row.cells.get(name, "").split())


def _filed(row: Row) -> FilingDraft:
    source_id, name = _cell(row, "wri_id"), _cell(row, "name")
    if not source_id:
        raise _Unfit(Code.MISSING_FIELD, "wri_id")
    if not name:
        raise _Unfit(Code.FILING_NO_NAME, "name")
    technology = _technology(row)
    capacity_kw = _capacity_kw(row)
    province = _province(row)
    latitude, longitude = _coordinates(row)
    in_operation, made_up = _in_operation(row, source_id)
    owner = _cell(row, "owner") or made_up_owner(source_id)
    return FilingDraft(
        source_id=source_id,
        key=ProjectKey(ProjectType.CENTRALISED, technology, in_operation - _APPROVED_BEFORE, province, 0),
        name=name,
        capacity_kw=capacity_kw,
        in_operation=in_operation,
        owner=owner,
        owner_code=made_up_uscc(owner),
        location=_cell(row, "location"),
        latitude=latitude,
        longitude=longitude,
        source=f"{SOURCE}; {source_id}; {_cell(row, 'source')}".removesuffix("; "),
        annual_generation_wh=_annual_wh(row),
        made_up=_made_up(row, made_up),
    )


def _made_up(row: Row, in_operation: str) -> tuple[str, ...]:
    marks = ["approved", in_operation, "owner_identity"]
    marks += [] if _cell(row, "owner") else ["owner"]
    marks += [] if _cell(row, "status").casefold() == "operational" else ["state"]
    return tuple(sorted(marks))


def _technology(row: Row) -> Technology:
    fuel, kind = _cell(row, "fuel").casefold(), _cell(row, "technology").casefold()
    if fuel == "hydro" and "pump" in kind and "reservoir" in kind:
        raise _Unfit(Code.FILING_MIXED, "technology")
    if fuel == "hydro" and kind.endswith("dam with reservoir"):
        return Technology.HYDRO
    found = _TECHNOLOGIES.get((fuel, kind))
    if found is None:
        raise _Unfit(Code.FILING_TECHNOLOGY, "technology" if kind else "fuel")
    return found


def _capacity_kw(row: Row) -> int:
    text = _cell(row, "capacity_mw")
    if not text:
        raise _Unfit(Code.FILING_NO_CAPACITY, "capacity_mw")
    kw = _exact(text, 1000, Code.FILING_CAPACITY, "capacity_mw")
    if kw == 0:
        raise _Unfit(Code.FILING_NO_CAPACITY, "capacity_mw")
    if kw > _LARGEST_KW:
        raise _Unfit(Code.FILING_CAPACITY, "capacity_mw")
    return kw


def _annual_wh(row: Row) -> int | None:
    text = _cell(row, "annual_generation_gwh")
    return _exact(text, 10**9, Code.NUMBER_FORMAT, "annual_generation_gwh") if text else None


def _exact(text: str, scale: int, code: Code, field: str) -> int:
    """A decimal times `scale` as a whole number, or `code`."""
    try:
        number = Decimal(text) * scale
        whole = int(number)
    except (InvalidOperation, ValueError, OverflowError):
        raise _Unfit(code, field) from None
    if number != whole or whole < 0 or len(text) > 20:
        raise _Unfit(code, field)
    return whole


def _province(row: Row) -> int:
    try:
        return province_of(_cell(row, "province_code"))
    except BadInput:
        raise _Unfit(Code.FILING_NO_PROVINCE, "province_code") from None


def _coordinates(row: Row) -> tuple[str, str]:
    latitude, longitude = _cell(row, "latitude"), _cell(row, "longitude")
    for field, text, limit in (("latitude", latitude, 90), ("longitude", longitude, 180)):
        try:
            if text and not abs(Decimal(text)) <= limit:
                raise _Unfit(Code.FILING_COORDINATES, field)
        except InvalidOperation:
            raise _Unfit(Code.FILING_COORDINATES, field) from None
    return latitude, longitude


def _in_operation(row: Row, source_id: str) -> tuple[Month, str]:
    """Month of grid connection and its mark: the source gives at most a year; of a range the last counts."""
    text = _cell(row, "commissioned")
    chance = int.from_bytes(sha256(source_id.encode()).digest()[:4], "big")
    month = chance % 12 + 1
    if not text:
        return Month.of(_MADE_UP_YEARS[chance // 12 % len(_MADE_UP_YEARS)], month), "in_operation"
    year = text.rpartition("-")[2]
    if not (len(year) == 4 and year.isascii() and year.isdigit()) or not _FIRST_YEAR <= int(year) <= 2200:
        raise _Unfit(Code.FILING_DATE, "commissioned")
    return Month.of(int(year), month), "in_operation_month"
