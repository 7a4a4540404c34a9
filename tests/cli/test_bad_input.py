"""Whatever a user types: a sentence with a remedy, an exit status, one JSON document, and never a traceback."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.core import TyperGroup
from typer.main import get_command

from gecchain.cli import verbs
from gecchain.cli.app import app, run
from gecchain.rules import Purpose
from tests.cli.conftest import MONTH, PLANTS
from tests.world import PLATFORM, World

QUICK = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
CODE = PLANTS[0].code
WORDS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["", "0x", "0x" + "0" * 64, "F" * 32, CODE, CODE + "C401000000000GT", "²", "-1", "1e9", "\ud800"]),
    st.integers(-(2**70), 2**70).map(str),
)
KEYS = st.one_of(WORDS, st.sampled_from(["dev:", "dev:x", "../authority", "a/b", ".", "authority", "x" * 300, "\0"]))
MONTHS = st.one_of(
    WORDS, st.sampled_from(["2026-13", "2026-00", "0000-01", "9999-12", "1899-12", str(MONTH), "2241-04"])
)


def outcome(registry: World, capsys: pytest.CaptureFixture[str], words: list[str]) -> int:
    status, document = registry.json(capsys, *words)
    assert status in (0, 1, 2)
    assert ("error" in document) == (status != 0)
    if status:
        assert document["error"]["message"]
    return status


@QUICK
@given(claim=WORDS)
def test_verify_takes_anything(registry: World, capsys: pytest.CaptureFixture[str], claim: str) -> None:
    assert outcome(registry, capsys, ["verify", "--", claim]) in (1, 2)
    assert outcome(registry, capsys, ["trace", "--", claim]) in (1, 2)


@QUICK
@given(number=WORDS, key=KEYS, price=WORDS, quantity=WORDS, platform=st.one_of(WORDS, st.just(PLATFORM)))
def test_market_takes_anything(
    registry: World, capsys: pytest.CaptureFixture[str], number: str, key: str, price: str, quantity: str, platform: str
) -> None:
    options = [f"--price={price}", f"--quantity={quantity}", f"--platform={platform}", f"--as={key}"]
    assert outcome(registry, capsys, ["market", "list", *options, "--", number]) != 0
    options = [f"--buyer={number}", f"--quantity={quantity}", f"--platform={platform}"]
    assert outcome(registry, capsys, ["market", "take", *options, "--", quantity]) != 0
    assert outcome(registry, capsys, ["market", "withdraw", f"--as={key}", "--", quantity]) != 0
    outcome(registry, capsys, ["market", "listings", f"--limit={quantity}", f"--after={number}"])


@QUICK
@given(
    number=WORDS,
    key=KEYS,
    purpose=st.one_of(WORDS, st.sampled_from([one.slug for one in Purpose])),
    first=MONTHS,
    last=MONTHS,
    quantity=st.one_of(WORDS, st.just("1")),
    text=st.text(max_size=2_000),
)
def test_retire_takes_anything(
    registry: World,
    capsys: pytest.CaptureFixture[str],
    number: str,
    key: str,
    purpose: str,
    first: str,
    last: str,
    quantity: str,
    text: str,
) -> None:
    options = [f"--as={key}", f"--purpose={purpose}", f"--from={first}", f"--until={last}", f"--quantity={quantity}"]
    words = ["retire", *options, f"--beneficiary={text}", f"--statement={text}", "--", number]
    assert outcome(registry, capsys, words) != 0
    assert (
        outcome(
            registry, capsys, ["market", "list", f"--as={key}", "--price=1", f"--quantity={quantity}", "--", number]
        )
        != 0
    )


@QUICK
@given(month=WORDS)
def test_issue_takes_any_month(registry: World, capsys: pytest.CaptureFixture[str], month: str) -> None:
    assert outcome(registry, capsys, ["issue", "--dry-run", f"--month={month}"]) == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nonsense"], "No such command"),
        (["issue"], "Missing option"),
        (["issue", "--month", "2026-13"], "month"),
        (["verify"], "Missing argument"),
        (["market", "take", "x", "--buyer", "0x1", "--platform", "p"], "valid integer"),
        (["ingest", "/nonexistent.csv"], "nonexistent"),
        (["ingest", "/"], ""),
        (["filing", "import", "/nonexistent.csv"], "nonexistent"),
        (["accounts", "open", "--code", "123"], ""),
        (["accounts", "open", "--code", "91110000600037341L", "--kind", "king"], ""),
        (["refusals", "list", "--status", "odd"], ""),
        (["refusals", "list", "--code", "odd"], ""),
        (["keys", "create", "../x"], "no path"),
        (["demo", "--data", "/nonexistent"], "plants_cn.csv"),
    ],
)
def test_a_mistake_is_named(
    registry: World, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    status, document = registry.json(capsys, *words)
    assert status in (1, 2)
    assert message.lower() in document["error"]["message"].lower()


def test_nothing_is_there_yet(empty_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No node, no deployment: what to do is said."""
    for words in (["verify", CODE], ["issue", "--month", "2026-01"], ["fsck"], ["index"], ["deploy"]):
        capsys.readouterr()
        assert run(["--home", str(empty_home), "--rpc", "http://127.0.0.1:9", "--json", *words]) == 1
        assert json.loads(capsys.readouterr().out)["error"]["remedy"]


def test_a_home_that_cannot_be_written_is_named(
    registry: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    for words in (["keys", "create", "a"], ["market", "listings"], ["deploy"], ["accounts", "open", "--code", "x"]):
        capsys.readouterr()
        assert run(["--home", str(tmp_path / "file" / "home"), "--rpc", registry.url, "--json", *words]) in (1, 2)
        assert json.loads(capsys.readouterr().out)["error"]["message"]


def test_another_chain_is_not_written_to(registry: World, anvil_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["market", "withdraw", "1", "--as", "dev:x"]
    assert run(["--home", str(registry.home), "--rpc", anvil_url, "--json", *words]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "BrokenProof"


def test_every_command_teaches() -> None:
    verbs.register(app)
    for path, command in commands(get_command(app)):
        assert command.help or command.params == [], path
        assert len((command.help or "").split()) >= 5, f"{path}: {command.help}"
        for parameter in command.params:
            if parameter.name != "help":
                assert getattr(parameter, "help", ""), f"{path}: {parameter.name}"


def commands(command: Any, path: str = "gec") -> Iterator[tuple[str, Any]]:
    yield path, command
    if isinstance(command, TyperGroup):
        for name, one in command.commands.items():
            yield from commands(one, f"{path} {name}")


def test_a_process_shows_no_traceback(gec: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """The real entry point: help, version, an error for people, an error for machines, a node that is away."""
    shown = gec(["--help"])
    assert (shown.returncode, "gec demo" in shown.stdout) == (0, True)
    person = gec(["verify", "nonsense"])
    assert (person.returncode, "error: " in person.stderr) == (1, True)
    machine = gec(["verify", "nonsense", "--json"], GEC_RPC_URL="http://127.0.0.1:9")
    assert json.loads(machine.stdout)["error"]["kind"] == "Unavailable"
    for process in (person, machine):
        assert "Traceback" not in process.stdout + process.stderr
        assert "\n\n\n" not in process.stdout
