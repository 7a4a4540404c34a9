"""The table of variables in docs/operations.md is made from the settings, and every variable that is read is in it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml

from gecchain.config import Settings
from gecchain.metrics import DeskFigures, IndexFigures, Meter, RefusalFigures
from gecchain.store import connected, desk, hooks, migrate, open_engine
from gecchain.store.intake import RefusalStore
from gecchain.store.intake import migrate as migrate_intake
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "operations.md"
TABLE = re.compile(r"(?<=test_configuration\.py -->\n).*?(?=<!-- end -->)", re.DOTALL)


def table() -> str:
    rows = ["| variable | by default | what |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = field.default
        shown = "" if default in (None, "") else str(int(default) if isinstance(default, bool) else default)
        rows.append(f"| `GEC_{name.upper()}` | {f'`{shown}`' if shown else ''} | {field.description} |")
    return "\n".join(rows) + "\n"


def test_the_table_is_that_of_the_settings() -> None:
    text = PAGE.read_text()
    made = TABLE.sub(lambda _old: table(), text)
    if os.environ.get("GEC_WRITE_DOCS"):
        PAGE.write_text(made)
    assert PAGE.read_text() == made, "make docs writes it anew"


def test_every_field_says_what_it_is() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_every_variable_that_is_read_is_a_setting() -> None:
    known = {f"GEC_{name.upper()}" for name in Settings.model_fields}
    places = [*(ROOT / "gecchain").rglob("*.py"), *(ROOT / "api").rglob("*.py"), PAGE, ROOT / "README.md"]
    for place in places:
        found = set(re.findall(r"\bGEC_[A-Z][A-Z_]*[A-Z]\b", place.read_text()))
        assert found - {"GEC_WRITE_DOCS"} <= known, place


@pytest.mark.parametrize(
    ("name", "value"),
    [("GEC_READY_LAG", "-1"), ("GEC_READY_LAG", "many"), ("GEC_LOG", "xml"), ("GEC_LOG_LEVEL", "loud")],
)
def test_what_cannot_be_read_stops_the_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    from gecchain.cli.app import run

    monkeypatch.setenv(name, value)
    assert run(["keys", "list"]) == 2
    assert f"{name} is not usable" in capsys.readouterr().err


def figures(folder: Path) -> set[str]:
    """Names of everything that a process may offer."""
    url = f"sqlite:///{folder / 'all.db'}"
    engine = open_engine(url)
    for bring_up in (migrate, migrate_intake, desk.migrate, hooks.migrate):
        bring_up(engine)
    with connected(engine, writes=True) as db:
        db.exec_driver_sql("INSERT INTO cursor (id, block, hash, time, head, deployment) VALUES (1, 1, '', 0, 2, '')")
    meter = Meter()
    for more in (IndexFigures(engine, lambda: 2), DeskFigures(engine), RefusalFigures(RefusalStore(engine))):
        meter.add(more)
    found = {metric.name for metric in meter.registry.collect()}
    meter.write(folder, "x", failed=False)
    found |= set(re.findall(r"^# TYPE (\w+)", (folder / "gec_x.prom").read_text(), flags=re.MULTILINE))
    engine.dispose()
    return found


def test_every_figure_of_the_rules_and_the_page_is_offered(tmp_path: Path) -> None:
    offered = figures(tmp_path)
    rules = yaml.safe_load((ROOT / "deploy" / "alerts.yaml").read_text())["groups"][0]["rules"]
    named = {name for rule in rules for name in re.findall(r"\bgec_\w+", rule["expr"])}
    named |= set(re.findall(r"\bgec_[a-z_]+\b", PAGE.read_text()))
    assert len(named) > 10
    assert {re.sub(r"_(total|bucket|count|sum)$", "", name) for name in named} <= offered
    explained = set(re.findall(r"`([A-Z]\w+)`", PAGE.read_text()))
    assert {rule["alert"] for rule in rules} <= explained
