"""Settlement tables from files: every format and encoding, exact energy, and no input that crashes."""

import csv
import io
import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from gecchain.oracle.codes import Code
from gecchain.oracle.reading import Notice, Reading, Refusal, Sheet, Source, kwh_text
from gecchain.oracle.settlement_tables import Parsed, read_settlement_table
from gecchain.oracle.source import survey
from gecchain.proofs import canonical_json, record_digest
from gecchain.rules.classes import Electricity, ProjectType, Technology
from gecchain.rules.months import Month
from gecchain.rules.numbers import ProjectKey

KEY = ProjectKey(ProjectType.CENTRALISED, Technology.WIND, Month.of(2015, 3), 15, 7)
HEADER = ["project", "month", "class", "kwh", "provider", "sheet"]
CHINESE = ["项目代码", "生产年月", "电量类型", "电量（千瓦时）", "数据提供方", "结算单号"]
GOOD = [KEY.code, "2026-09", "on_grid", "1234.567", "北京电力交易中心", "S-1"]
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def parsed(path: Path, content: bytes, provider: str = "") -> list[Parsed]:
    path.write_bytes(content)
    return [one for batch in read_settlement_table(survey(path), provider=provider) for one in batch]


def text_of(rows: list[list[str]], separator: str = ",") -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator).writerows(rows)
    return stream.getvalue()


def the_code(found: list[Parsed]) -> tuple[Code, int, str]:
    refusals = [one for one in found if isinstance(one, Refusal)]
    assert len(refusals) == 1, found
    return refusals[0].code, refusals[0].row, refusals[0].field


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("header", [HEADER, CHINESE])
def test_every_encoding_separator_and_language(
    tmp_path: Path, encoding: str, separator: str, header: list[str]
) -> None:
    found = parsed(tmp_path / "t.csv", text_of([header, GOOD], separator).encode(encoding))
    assert len(found) == 1
    reading = found[0]
    assert isinstance(reading, Reading)
    assert (reading.project, reading.month, reading.electricity) == (KEY.id, Month.of(2026, 9), Electricity.ON_GRID)
    assert (reading.wh, reading.provider, reading.sheet.number) == (1_234_567, "北京电力交易中心", "S-1")
    assert (reading.source.row, reading.derived) == (2, False)


@pytest.mark.parametrize("written", ["2026-09", "2026/09", "202609", "2026年9月", "2026-9", "2026-09-01 00:00:00"])
def test_months_as_they_are_written(tmp_path: Path, written: str) -> None:
    (reading,) = parsed(tmp_path / "t.csv", text_of([HEADER, [KEY.code, written, *GOOD[2:]]]).encode())
    assert isinstance(reading, Reading)
    assert reading.month == Month.of(2026, 9)


@pytest.mark.parametrize("quoted", [False, True])
@FEW
@given(
    rows=st.lists(
        st.tuples(
            st.integers(0, 10**14),
            st.sampled_from(list(Electricity)),
            st.integers(0, 999_999),
            st.integers(1300, 1600),
        ),
        max_size=30,
    )
)
def test_what_is_written_is_read_exactly(
    tmp_path: Path, quoted: bool, rows: list[tuple[int, Electricity, int, int]]
) -> None:
    lines = [",".join(HEADER)]
    for wh, electricity, sequence, month in rows:
        key = ProjectKey(ProjectType.HOUSEHOLD, Technology.SOLAR_PV, Month(1400), 44, sequence)
        provider = '"A, ""B"""' if quoted else "A"
        lines.append(f"{key.code},{Month(month)},{electricity.slug},{kwh_text(wh)},{provider},S")
    found = parsed(tmp_path / "t.csv", "\r\n".join(lines).encode())
    assert [one for one in found if not isinstance(one, Reading)] == []
    readings = [one for one in found if isinstance(one, Reading)]
    assert [(r.wh, r.electricity, r.month.index) for r in readings] == [(w, e, m) for w, e, _, m in rows]
    assert [r.source.row for r in readings] == list(range(2, len(rows) + 2))
    assert {r.provider for r in readings} <= {'A, "B"' if quoted else "A"}


@FEW
@given(wh=st.integers(0, 10**14), extra=st.integers(0, 9))
def test_four_decimals_are_never_rounded(tmp_path: Path, wh: int, extra: int) -> None:
    row = [*GOOD[:3], f"{kwh_text(wh)}{extra}", *GOOD[4:]]
    assert the_code(parsed(tmp_path / "t.csv", text_of([HEADER, row]).encode())) == (Code.NUMBER_FORMAT, 2, "kwh")


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("project", "", Code.MISSING_FIELD),
        ("project", KEY.code[:-1] + ("0" if KEY.code[-1] != "0" else "1"), Code.PROJECT_CODE),
        ("month", "2026-13", Code.MONTH_FORMAT),
        ("month", "2026-W3", Code.MONTH_FORMAT),
        ("month", "1899-12", Code.MONTH_FORMAT),
        ("class", "sold", Code.UNKNOWN_CLASS),
        ("kwh", "1,5", Code.NUMBER_FORMAT),
        ("kwh", "1e3", Code.NUMBER_FORMAT),
        ("kwh", "１２", Code.NUMBER_FORMAT),
        ("kwh", "nan", Code.NUMBER_FORMAT),
        ("kwh", "12.3456", Code.NUMBER_FORMAT),
        ("kwh", "12 MWh", Code.UNIT),
        ("kwh", "12万千瓦时", Code.UNIT),
        ("kwh", "-0.001", Code.NEGATIVE),
        ("provider", "", Code.MISSING_FIELD),
        ("provider", "a\x01b", Code.ENCODING),
        ("sheet", "", Code.MISSING_FIELD),
    ],
)
def test_single_values_that_are_refused(tmp_path: Path, column: str, value: str, code: Code) -> None:
    row = list(GOOD)
    row[HEADER.index(column)] = value
    found = parsed(tmp_path / "t.csv", text_of([HEADER, GOOD, row, GOOD]).encode())
    assert the_code(found) == (code, 3, column)
    refusal = next(one for one in found if isinstance(one, Refusal))
    assert dict(refusal.raw) == dict(zip(HEADER, row, strict=True))
    assert refusal.value == value
    assert len(found) == 3


@pytest.mark.parametrize(
    ("header", "code", "field"),
    [
        (["project", "month", "class", "MWh", "provider", "sheet"], Code.UNIT, "kwh"),
        (["项目代码", "月份", "电量类型", "电量(万千瓦时)", "数据来源", "结算单号"], Code.UNIT, "kwh"),
        (["项目代码", "月份", "电量类型", "电量", "数据来源", "结算单号"], Code.UNIT, "kwh"),
        (["project", "month", "class", "kwh", "provider"], Code.MISSING_FIELD, "sheet"),
        (["project", "month", "class", "kwh", "provider", "结算单号", "sheet"], Code.BROKEN_ROW, "sheet"),
    ],
)
def test_headers_that_cannot_be_used(tmp_path: Path, header: list[str], code: Code, field: str) -> None:
    found = parsed(tmp_path / "t.csv", text_of([header, ["x"] * len(header)]).encode())
    assert the_code(found) == (code, 0, field)


def test_a_broken_line_refuses_itself_alone(tmp_path: Path) -> None:
    good = ",".join(GOOD).encode()
    lines = [",".join(HEADER).encode(), good, b'"unclosed,' + good, good + b",more", good[:-12] + b"\xff\xfe,S", good]
    found = parsed(tmp_path / "t.csv", b"\n".join([*lines, b"", b" "]))
    assert [type(one).__name__ for one in found] == ["Reading", *["Refusal"] * 3, "Reading", "Notice", "Notice"]
    refusals = [(one.row, one.code) for one in found if isinstance(one, Refusal)]
    assert refusals == [(3, Code.BROKEN_ROW), (4, Code.BROKEN_ROW), (5, Code.ENCODING)]


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    lines = [",".join(HEADER), "x" * 3_000_000, ",".join(GOOD)]
    found = parsed(tmp_path / "t.csv", "\n".join(lines).encode())
    assert [(one.code, one.row) for one in found if isinstance(one, Refusal)] == [(Code.BROKEN_ROW, 2)]
    assert isinstance(found[-1], Reading)
    assert found[-1].source.row == 3


@pytest.mark.parametrize("content", ["项目".encode("utf-16"), "项目".encode("utf-32"), b"\xff\xff\xff\n\xff"])
def test_other_encodings(tmp_path: Path, content: bytes) -> None:
    assert the_code(parsed(tmp_path / "t.csv", content))[:2] == (Code.ENCODING, 0)


@pytest.mark.parametrize("content", [b"%PDF-1.7", b"PK\x03\x04 no zip", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_other_files(tmp_path: Path, content: bytes) -> None:
    assert the_code(parsed(tmp_path / "t.csv", content))[:2] == (Code.FILE_KIND, 0)


def test_an_empty_file_has_no_header(tmp_path: Path) -> None:
    assert the_code(parsed(tmp_path / "t.csv", b"\n\n")) == (Code.MISSING_FIELD, 0, "header")


def test_provider_of_the_caller(tmp_path: Path) -> None:
    bare = text_of([HEADER[:4] + HEADER[5:], GOOD[:4] + GOOD[5:]]).encode()
    (reading,) = parsed(tmp_path / "a.csv", bare, provider="P")
    assert isinstance(reading, Reading)
    assert reading.provider == "P"
    other = parsed(tmp_path / "b.csv", text_of([HEADER, GOOD]).encode(), provider="P")
    assert the_code(other) == (Code.PROVIDER_MISMATCH, 2, "provider")


def test_workbooks_keep_decimals_exact(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER)
    for value in (0.1, 12.345, 3, "7.000", 0.12345, 1e15, datetime(2026, 9, 1)):  # noqa: DTZ001
        sheet.append([KEY.code, datetime(2026, 9, 1), "上网", value, "P", 17])  # noqa: DTZ001
    book.save(tmp_path / "t.xlsx")
    found = parsed(tmp_path / "u.xlsx", (tmp_path / "t.xlsx").read_bytes())
    assert [one.wh for one in found if isinstance(one, Reading)] == [100, 12345, 3000, 7000]
    assert [(one.row, one.code) for one in found if isinstance(one, Refusal)] == [
        (6, Code.NUMBER_FORMAT),
        (7, Code.NUMBER_FORMAT),
        (8, Code.NUMBER_FORMAT),
    ]


@pytest.mark.parametrize("lines", [False, True])
def test_json_arrays_and_lines(tmp_path: Path, lines: bool) -> None:
    rows = [dict(zip(HEADER, [*GOOD[:3], kwh, *GOOD[4:]], strict=True)) for kwh in (0.1, "2.5", 12.3456, None)]
    text = "\n".join(json.dumps(row) for row in rows) if lines else json.dumps(rows, indent=1, ensure_ascii=False)
    found = parsed(tmp_path / "t.json", text.encode())
    assert [(one.source.row, one.wh) for one in found if isinstance(one, Reading)] == [(1, 100), (2, 2500)]
    assert [(one.row, one.code) for one in found if isinstance(one, Refusal)] == [
        (3, Code.NUMBER_FORMAT),
        (4, Code.MISSING_FIELD),
    ]


def test_json_that_breaks_off_keeps_what_came_before(tmp_path: Path) -> None:
    row = json.dumps(dict(zip(HEADER, GOOD, strict=True)))
    found = parsed(tmp_path / "t.json", f"[{row}, {row}, {{".encode())
    assert [type(one).__name__ for one in found] == ["Reading", "Reading", "Refusal"]
    assert the_code(found)[:2] == (Code.BROKEN_ROW, 3)


def test_a_long_json_array_crosses_the_pieces_it_is_read_in(tmp_path: Path) -> None:
    rows = [dict(zip(HEADER, [*GOOD[:3], kwh_text(i), *GOOD[4:]], strict=True)) for i in range(2000)]
    found = parsed(tmp_path / "t.json", json.dumps(rows, ensure_ascii=False).encode("gb18030"))
    assert [one.wh for one in found if isinstance(one, Reading)] == list(range(2000))


JUNK = st.one_of(
    st.binary(max_size=400),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.binary(max_size=200).map(lambda tail: (",".join(HEADER) + "\n" + ",".join(GOOD) + "\n").encode() + tail),
    st.binary(max_size=100).map(lambda tail: b'[{"project":' + tail),
    st.binary(max_size=200).map(lambda tail: b"PK\x03\x04" + tail),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(HEADER) | st.text(), inner),
        max_leaves=10,
    ).map(lambda value: json.dumps([value]).encode()),
)


@settings(FEW, max_examples=300)
@given(content=JUNK)
def test_junk_never_crashes(tmp_path: Path, content: bytes) -> None:
    for one in parsed(tmp_path / "junk", content):
        assert isinstance(one, Reading | Refusal | Notice)
        if isinstance(one, Reading):
            assert len(one.digest) == 17


@FEW
@given(text=st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=40), wh=st.integers(0, 2**53 - 1))
def test_the_digest_is_that_of_canonical_json(text: str, wh: int) -> None:
    reading = Reading(
        KEY.code, KEY.id, Month(1520), Electricity.ON_GRID, wh, text, Sheet(text), Source("ab", 2), text, True, text
    )
    assert reading.digest == record_digest(canonical_json(reading.as_record()))


def test_where_a_spreadsheet_would_run_a_formula_our_guard_is_taken_off(tmp_path: Path) -> None:
    row = [*GOOD[:4], "'=cmd", *GOOD[5:]]
    (reading,) = parsed(tmp_path / "t.csv", text_of([HEADER, row]).encode())
    assert isinstance(reading, Reading)
    assert reading.provider == "=cmd"


def test_json_with_a_byte_order_mark(tmp_path: Path) -> None:
    row = json.dumps(dict(zip(HEADER, GOOD, strict=True)))
    for text in (f"[{row}]", row):
        (reading,) = parsed(tmp_path / "t.json", text.encode("utf-8-sig"))
        assert isinstance(reading, Reading)
