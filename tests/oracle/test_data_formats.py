"""docs/data-formats.md says what the code does: every column name and every code, in both languages."""

from pathlib import Path

from gecchain.oracle.codes import Code
from gecchain.oracle.columns import COLUMNS, REASON_COLUMNS
from gecchain.oracle.contract_months import CONTRACT_COLUMNS
from gecchain.oracle.plans import PLAN_COLUMNS

PAGE = Path(__file__).parents[2] / "docs" / "data-formats.md"


def code_line(code: Code) -> str:
    kind = "notice" if code.notice else "refusal"
    return f"| `{code.name}` | {kind} | {code.zh} {code.en} | {code.remedy.zh} {code.remedy.en} |"


def test_every_code_is_explained_and_no_other() -> None:
    lines = PAGE.read_text(encoding="utf-8").split("## Codes")[1].splitlines()
    assert [line for line in lines if line.startswith("| `")] == [code_line(code) for code in Code]


def test_every_column_name_is_documented() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for field, names in COLUMNS.items():
        listed = ", ".join(f"`{name}`" for name in names)
        assert f"| `{field}` | {listed} |" in text
    assert ", ".join(f"`{name}`" for name in REASON_COLUMNS) in text


def test_codes_fit_the_store_and_speak_both_languages() -> None:
    for code in Code:
        assert len(code.name) <= 24
        assert all(saying.strip() for saying in (code.zh, code.en, *code.remedy))
        assert not code.zh.isascii()
        assert code.en.isascii()


def test_columns_of_contracts_and_plans_are_documented() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for field, names in [*CONTRACT_COLUMNS.items(), *PLAN_COLUMNS.items()]:
        listed = ", ".join(f"`{name}`" for name in names)
        assert f"| `{field}` | {listed} |" in text
