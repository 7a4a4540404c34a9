"""`gec documents`: made, sealed, and verified on a home without a node."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from api import ApiSettings, create_app
from gecchain.chain.deployment import save_deployment
from gecchain.cli.app import run
from gecchain.store import migrate, open_engine
from tests.api.serving import served
from tests.api.story import DEPLOYMENT, WIND, index, number, tell

Gec = Callable[..., int]
GOOD = number(WIND, "2026-08", 130)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with an index and a deployment."""
    folder = tmp_path_factory.mktemp("home")
    engine = open_engine(f"sqlite:///{folder / 'registry.db'}")
    migrate(engine)
    index(engine, tell())
    engine.dispose()
    save_deployment(folder / "deployment.json", DEPLOYMENT)
    assert run(["--home", str(folder), "documents", "new-seal"]) == 0
    return folder


@pytest.fixture
def gec(home: Path) -> Gec:
    return lambda *words: run(["--home", str(home), "documents", *map(str, words)])


def test_a_sealed_document_is_genuine(gec: Gec, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "voucher.pdf"
    assert gec("seal", "voucher", "1", "-o", file) == 0
    capfd.readouterr()
    assert gec("verify", file, "--json") == 0
    found = json.loads(capfd.readouterr().out)
    assert found["genuine"]
    assert {step["name"]: step["passed"] for step in found["steps"]} == {
        "mark": True,
        "seal": True,
        "whole": True,
        "trust": True,
        "data": True,
        "bytes": None,
    }


@pytest.mark.parametrize("words", [(), ("--data",)])
def test_an_unsealed_one_is_known_by_its_bytes(gec: Gec, tmp_path: Path, words: tuple[str, ...]) -> None:
    file = tmp_path / "certificate"
    assert gec("make", "certificate", GOOD, "-o", file, *words) == 0
    assert gec("verify", file) == 0
    changed = bytearray(file.read_bytes())
    changed[len(changed) // 2] ^= 1
    file.write_bytes(changed)
    assert gec("verify", file) != 0


def test_an_altered_sealed_one_is_not(gec: Gec, tmp_path: Path) -> None:
    file = tmp_path / "voucher.pdf"
    assert gec("seal", "voucher", "1", "-o", file) == 0
    sealed = file.read_bytes()
    for at in (20, 30_000, len(sealed) - 30):
        file.write_bytes(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :])
        assert gec("verify", file) != 0, at
    file.write_bytes(sealed + b"\n")
    assert gec("verify", file) != 0


def test_what_has_happened_since_is_said(gec: Gec, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert gec("make", "voucher", "1", "--data", "-o", tmp_path / "voucher.json") == 0
    traded = json.loads((tmp_path / "voucher.json").read_bytes())["as_of"]["block"]
    assert gec("make", "certificate", GOOD, "-o", tmp_path / "then.pdf", "--as-of", traded) == 0
    capfd.readouterr()
    assert gec("verify", tmp_path / "then.pdf") == 0
    assert "retired" in capfd.readouterr().out


def test_a_seal_that_nobody_trusts_is_told(gec: Gec, home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for name in ("registry.db", "deployment.json"):
        shutil.copy(home / name, other / name)
    assert run(["--home", str(other), "documents", "new-seal"]) == 0
    assert run(["--home", str(other), "documents", "seal", "voucher", "1", "-o", str(tmp_path / "x.pdf")]) == 0
    assert gec("verify", tmp_path / "x.pdf") == 1
    assert gec("verify", tmp_path / "x.pdf", "--trust", other / "seal.crt") == 0


def test_it_can_be_asked_over_http(gec: Gec, home: Path, tmp_path: Path) -> None:
    assert gec("make", "voucher", "1", "-o", tmp_path / "voucher.pdf") == 0
    settings = ApiSettings(f"sqlite:///{home / 'registry.db'}", home / "deployment.json")
    with served(create_app(settings)) as client:
        address = str(client.base_url)
        assert gec("verify", tmp_path / "voucher.pdf", "--api", address) == 0
        file = tmp_path / "voucher.pdf"
        content = file.read_bytes()
        file.write_bytes(content[:20_000] + bytes([content[20_000] ^ 1]) + content[20_001:])
        assert gec("verify", file, "--api", address) == 1
    assert gec("verify", tmp_path / "voucher.pdf", "--api", "http://127.0.0.1:9") == 1


def test_bad_input_is_told(gec: Gec, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "other.pdf").write_bytes(b"%PDF-1.7 nothing")
    (tmp_path / "other.json").write_bytes(b"{}")
    assert gec("verify", tmp_path / "other.pdf") == 2
    assert gec("verify", tmp_path / "other.json") == 2
    assert gec("verify", tmp_path / "none") == 1
    assert gec("make", "diploma", "1", "-o", tmp_path / "x") == 2
    assert gec("make", "voucher", "999", "-o", tmp_path / "x") == 1
    assert not (tmp_path / "x").exists()
    assert gec("new-seal") == 2
    assert "Traceback" not in capfd.readouterr().err
