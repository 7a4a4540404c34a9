"""Plant lists into filings, derived months, and made-up owners with valid codes."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecchain.errors import BadInput, Refused, Unavailable
from gecchain.oracle.checks import ProjectFacts, check_capacity
from gecchain.oracle.codes import Code
from gecchain.oracle.derived import SEASONS, derived_row, derived_wh, write_settlement_table
from gecchain.oracle.owners import made_up_owner, made_up_uscc, uscc_check_character
from gecchain.oracle.plants import FilingDraft, PlantList, read_plants
from gecchain.oracle.reading import Reading
from gecchain.oracle.settlement_tables import read_settlement_table
from gecchain.oracle.source import survey
from gecchain.proofs import canonical_json
from gecchain.rules.classes import Technology
from gecchain.rules.identity import valid_uscc
from gecchain.rules.months import Month
from gecchain.rules.numbers import ProjectKey

DATA = Path(__file__).parents[2] / "data" / "plants_cn.csv"
ACCOUNT = "0x" + "ab" * 20
HEADER = (
    "wri_id,name,fuel,technology,capacity_mw,commissioned,owner,status,location,"
    "annual_generation_gwh,latitude,longitude,province_code,source"
)
COLUMNS = HEADER.split(",")
GOOD = {
    "wri_id": "7",
    "name": "A",
    "fuel": "Wind",
    "technology": "Onshore Wind",
    "capacity_mw": "49.5",
    "commissioned": "2015",
    "status": "Operational",
    "owner": "Owner",
    "latitude": "40.1",
    "longitude": "111.2",
    "province_code": "15",
    "source": "Registry",
}


@pytest.fixture(scope="module")
def plants() -> PlantList:
    return read_plants(DATA)


def read(path: Path, *rows: dict[str, str]) -> PlantList:
    lines = [HEADER, *(",".join(row.get(name, "") for name in COLUMNS) for row in rows)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_plants(path)


def test_all_of_the_real_list_is_filed_or_refused_with_a_reason(plants: PlantList) -> None:
    assert len(plants.drafts) + len(plants.refusals) == 2011
    assert Counter(refusal.code for refusal in plants.refusals) == {
        Code.FILING_NO_CAPACITY: 27,
        Code.FILING_NO_PROVINCE: 22,
        Code.FILING_MIXED: 1,
    }
    assert Counter(draft.key.technology for draft in plants.drafts)[Technology.PUMPED_STORAGE] == 21
    assert len({draft.code for draft in plants.drafts}) == len(plants.drafts)
    assert all(ProjectKey.parse(draft.code) == draft.key for draft in plants.drafts)
    assert all(valid_uscc(draft.owner_code) for draft in plants.drafts)


def test_the_same_list_gives_the_same_filings(plants: PlantList) -> None:
    assert read_plants(DATA) == plants


def test_sequences_run_by_source_identifier_from_one(plants: PlantList) -> None:
    groups: dict[tuple[int, Month, int], list[int]] = {}
    for draft in plants.drafts:
        groups.setdefault((draft.key.technology, draft.key.approved, draft.key.province), []).append(draft.key.sequence)
    assert all(sequences == list(range(1, len(sequences) + 1)) for sequences in groups.values())
    assert [draft.source_id for draft in plants.drafts] == sorted(draft.source_id for draft in plants.drafts)


def test_documents_are_canonical_and_mark_what_is_made_up(plants: PlantList) -> None:
    by_id = {draft.source_id: draft for draft in plants.drafts}
    for draft in plants.drafts:
        text = draft.document(ACCOUNT)
        assert canonical_json(json.loads(text)) == text.encode()
        assert draft.owner_code not in text
    ertan = json.loads(by_id["1000463"].document(ACCOUNT))
    assert ertan["owner"] == "Ertan Hydropower Development Company, Ltd."
    assert ertan["in_operation"].startswith("2000-")
    marks = {key for key in ertan if key.endswith("_made_up")}
    assert marks == {"approved_made_up", "in_operation_month_made_up", "owner_identity_made_up"}
    pumped = json.loads(by_id["1000468"].document(ACCOUNT))
    assert pumped["owner"] == "示例业主 1000468 Example Owner 1000468"
    assert pumped["owner_made_up"] is True
    assert (pumped["technology"], pumped["capacity_kw"], pumped["province"]) == ("pumped_storage", 2_400_000, "44")
    assert (pumped["latitude"], pumped["longitude"]) == ("23.765656", "113.953648")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"wri_id": ""}, Code.MISSING_FIELD, "wri_id"),
        ({"name": " "}, Code.FILING_NO_NAME, "name"),
        ({"capacity_mw": ""}, Code.FILING_NO_CAPACITY, "capacity_mw"),
        ({"capacity_mw": "0"}, Code.FILING_NO_CAPACITY, "capacity_mw"),
        ({"capacity_mw": "1.0005"}, Code.FILING_CAPACITY, "capacity_mw"),
        ({"capacity_mw": "-3"}, Code.FILING_CAPACITY, "capacity_mw"),
        ({"capacity_mw": "5000000"}, Code.FILING_CAPACITY, "capacity_mw"),
        ({"capacity_mw": "inf"}, Code.FILING_CAPACITY, "capacity_mw"),
        ({"province_code": "99"}, Code.FILING_NO_PROVINCE, "province_code"),
        ({"fuel": "Coal"}, Code.FILING_TECHNOLOGY, "technology"),
        ({"fuel": "Hydro", "technology": "Dam with Reservoir and Pumped Storage"}, Code.FILING_MIXED, "technology"),
        ({"latitude": "95"}, Code.FILING_COORDINATES, "latitude"),
        ({"longitude": "east"}, Code.FILING_COORDINATES, "longitude"),
        ({"commissioned": "soon"}, Code.FILING_DATE, "commissioned"),
        ({"annual_generation_gwh": "much"}, Code.NUMBER_FORMAT, "annual_generation_gwh"),
    ],
)
def test_what_cannot_be_filed(tmp_path: Path, change: dict[str, str], code: Code, field: str) -> None:
    plants = read(tmp_path / "p.csv", GOOD, GOOD | {"wri_id": "8"} | change)
    assert [draft.source_id for draft in plants.drafts] == ["7"]
    assert [(refusal.code, refusal.row, refusal.field) for refusal in plants.refusals] == [(code, 3, field)]


def test_an_identifier_comes_once_and_a_name_as_often_as_it_likes(tmp_path: Path) -> None:
    plants = read(tmp_path / "p.csv", GOOD, GOOD, GOOD | {"wri_id": "10"})
    assert [draft.source_id for draft in plants.drafts] == ["7", "10"]
    assert [(refusal.code, refusal.row) for refusal in plants.refusals] == [(Code.FILING_DUPLICATE, 3)]
    assert plants.drafts[0].owner_code == plants.drafts[1].owner_code


def test_of_a_range_of_years_the_last_counts(tmp_path: Path) -> None:
    (draft,) = read(tmp_path / "p.csv", GOOD | {"commissioned": "1992-2006"}).drafts
    assert draft.in_operation.year == 2006
    assert draft.key.approved == draft.in_operation - 12


@given(name=st.text())
def test_made_up_codes_are_valid(name: str) -> None:
    assert valid_uscc(made_up_uscc(name))
    assert made_up_uscc(name) == made_up_uscc(name)


def test_check_characters_of_published_codes() -> None:
    vectors = json.loads((Path(__file__).parents[1] / "vectors" / "uscc.json").read_text(encoding="utf-8"))
    codes = [value for value in _strings(vectors) if valid_uscc(value)]
    assert codes
    assert all(uscc_check_character(code[:17]) == code[17] for code in codes)
    with pytest.raises(BadInput):
        uscc_check_character("91")


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [found for part in parts for found in _strings(part)]


def test_owners_say_that_they_are_examples() -> None:
    assert made_up_owner("1000468") == "示例业主 1000468 Example Owner 1000468"


def generating(plants: PlantList) -> list[FilingDraft]:
    return [draft for draft in plants.drafts if draft.key.technology in SEASONS]


def test_seasons_add_up_to_a_year() -> None:
    assert {sum(season) for season in SEASONS.values()} == {1000}


def test_derived_months_stay_within_capacity_and_near_the_year(plants: PlantList) -> None:
    year = [Month.of(2025, 11) + i for i in range(12)]
    for draft in generating(plants)[::20]:
        facts = ProjectFacts(
            draft.code, draft.key.id, draft.key.technology, True, draft.in_operation, draft.capacity_kw, 11
        )
        months = [derived_wh(draft, month) for month in year]
        assert all(check_capacity(facts, m, wh) is None for m, wh in zip(year, months, strict=True))
        assert months == [derived_wh(draft, month) for month in year]
        if draft.annual_generation_wh is not None:
            assert sum(months) * 100 <= draft.annual_generation_wh * 105


def test_storage_generates_nothing(plants: PlantList) -> None:
    stored = next(draft for draft in plants.drafts if draft.key.technology is Technology.PUMPED_STORAGE)
    with pytest.raises(Refused):
        derived_wh(stored, Month.of(2026, 9))


def test_derived_tables_go_through_the_ordinary_door(plants: PlantList, tmp_path: Path) -> None:
    month, path = Month.of(2026, 9), tmp_path / "t.csv"
    drafts = generating(plants)
    assert write_settlement_table(path, month, (derived_row(draft, month, "P") for draft in drafts)) == len(drafts)
    readings = [one for batch in read_settlement_table(survey(path)) for one in batch]
    assert all(isinstance(one, Reading) and one.derived and "not metered" in one.note for one in readings)
    found = [(one.code, one.wh) for one in readings if isinstance(one, Reading)]
    assert found == [(draft.code, derived_wh(draft, month)) for draft in drafts]
    with pytest.raises(Unavailable):
        write_settlement_table(tmp_path, month, ())
