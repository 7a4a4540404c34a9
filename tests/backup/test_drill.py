"""The drill: a backup made while months are being issued, everything destroyed, restored, indexed, checked, gone on."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from gecchain.backup import check_backup
from gecchain.chain.views import View
from gecchain.cli.app import run
from gecchain.errors import BadInput, BrokenProof, GecError, NotFound
from gecchain.store.desk import keys as desk_keys
from tests.world import World, draft, last_months, node, on_grid

PLANTS = [draft(number) for number in range(6)]
MONTHS = last_months(8)
PASSWORD = "correct-horse-battery"
Capture = pytest.CaptureFixture[str]


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Turns to new, empty databases: files of the home, or one PostgreSQL database for everything."""
    if request.param == "sqlite":
        return lambda: None
    url = request.getfixturevalue("postgres_url")

    def renew() -> None:
        name = f"drill_{time.monotonic_ns()}"
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        monkeypatch.setenv("GEC_DATABASE_URL", url.rpartition("/")[0] + f"/{name}")

    return renew


@pytest.fixture
def world(databases: Callable[[], None], tmp_path: Path) -> Iterator[World]:
    databases()
    with node(tmp_path) as url:
        world = World(url, tmp_path / "home")
        world.file(PLANTS)
        for month in MONTHS:
            world.take_in(month, [on_grid(one, 1_700_000) for one in PLANTS])
        yield world
        world.close()


def issued(world: World) -> int:
    return int(world.context.reader.view(View("certificates", "issuedTotal"))[0])


def issuing(world: World) -> subprocess.Popen[bytes]:
    """All months, one after the other, in a process of its own."""
    code = "import sys\nfrom gecchain.cli.app import run\nfor month in sys.argv[3:]:\n"
    code += "    assert run(['--home', sys.argv[1], '--rpc', sys.argv[2], 'issue', '--month', month]) == 0\n"
    words = [sys.executable, "-c", code, str(world.home), world.url, *map(str, MONTHS)]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL)


def test_the_drill(world: World, databases: Callable[[], None], tmp_path: Path, capsys: Capture) -> None:
    prepare(world, tmp_path)
    writer = issuing(world)
    while issued(world) == 0:
        time.sleep(0.02)
    assert writer.poll() is None
    folder = tmp_path / "backups" / "today"
    status, made = world.json(capsys, "backup", str(folder))
    assert status == 0, made
    at_backup = issued(world)
    assert writer.wait(120) == 0
    before = issued(world)
    assert at_backup <= before
    assert made["chain"]["block"] <= world.context.reader.head()
    assert_no_secrets(folder)

    world.close()
    shutil.rmtree(world.home)
    databases()
    world.reopen()
    status, restored = world.json(capsys, "restore", str(folder))
    assert status == 0, restored
    world.reopen()
    assert stat.S_IMODE((world.home / "identity.key").stat().st_mode) == 0o600
    assert not list(world.home.glob(".restoring*"))
    assert world.json(capsys, "index")[0] == 0
    assert world.json(capsys, "fsck")[0] == 0
    status, found = world.json(capsys, "evidence", "check")
    assert (status, found.get("damaged", 0)) == (0, 0)
    for month in MONTHS:
        status, report = world.json(capsys, "issue", "--month", str(month))
        assert (status, report["minted"]) == (0, 0), report
    assert issued(world) == before == len(PLANTS) * (len(MONTHS) * 1_700_000 // 1_000_000)
    with world.context.desk.connect() as db:
        assert [key.name for key in desk_keys.list_keys(db)] == ["Platform"]
    assert world.context.readings.total_wh() == len(PLANTS) * len(MONTHS) * 1_700_000
    go_on(world, capsys)


def prepare(world: World, tmp_path: Path) -> None:
    """A key with its password beside it, a seal, an API key: things that must, and must not, be in a backup."""
    (world.home / "keys").mkdir(exist_ok=True)
    (world.home / "keys" / "password").write_text(PASSWORD)
    assert world.run("keys", "create", "officer") == 0
    assert world.run("documents", "new-seal") == 0
    with world.context.desk.begin() as db:
        desk_keys.grant(db, "Platform", now=1_790_000_000)


def go_on(world: World, capsys: Capture) -> None:
    """The restored home takes files in and issues them."""
    month = MONTHS[0] - 1
    world.take_in(month, [on_grid(PLANTS[0], 5_000_000)])
    status, report = world.json(capsys, "issue", "--month", str(month))
    assert (status, report["minted"]) == (0, 5), report
    assert world.json(capsys, "index")[0] == 0
    assert world.json(capsys, "fsck")[0] == 0


def assert_no_secrets(folder: Path) -> None:
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"home/roles.json", "home/deployment.json", "home/identity.key", "home/keys/officer.json"} <= names
    assert {"home/seal.p12", "home/seal.crt"} <= names
    assert not any("password" in name for name in names)
    assert not any(PASSWORD.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    done = subprocess.run(["sha256sum", "-c", "manifest.sha256"], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Path]]:
    """A small registry and a backup of it, in SQLite files."""
    folder = tmp_path_factory.mktemp("kept")
    with node(folder) as url:
        world = World(url, folder / "home")
        world.file(PLANTS[:1])
        world.take_in(MONTHS[0], [on_grid(PLANTS[0], 1_700_000)])
        assert world.run("backup", str(folder / "backup")) == 0
        yield world, folder / "backup"
        world.close()


def altered(folder: Path) -> None:
    path = next((folder / "evidence").rglob("*.json"))
    path.write_bytes(path.read_bytes() + b" ")


def shortened(folder: Path) -> None:
    (folder / "home" / "roles.json").unlink()


def added(folder: Path) -> None:
    (folder / "home" / "keys" / "extra.json").parent.mkdir(exist_ok=True)
    (folder / "home" / "keys" / "extra.json").write_text("{}")


def linked(folder: Path) -> None:
    (folder / "home" / "link").symlink_to("/etc/passwd")


def rewritten(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["chain"] = {}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def unfinished(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def of_the_future(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    content = json.dumps({**manifest, "version": 99}).encode()
    (folder / "manifest.json").write_bytes(content)
    (folder / "manifest.sha256").write_text(f"{hashlib.sha256(content).hexdigest()}  manifest.json\n")


@pytest.mark.parametrize(
    ("harm", "kind", "word"),
    [
        (altered, BrokenProof, "was altered"),
        (shortened, BrokenProof, "home/roles.json is missing"),
        (added, BrokenProof, "does not belong"),
        (linked, BrokenProof, "home/link does not belong"),
        (rewritten, BrokenProof, "manifest was altered"),
        (unfinished, NotFound, "no complete backup"),
        (of_the_future, BadInput, "newer program"),
        (shutil.rmtree, NotFound, "no complete backup"),
    ],
)
def test_what_is_incomplete_or_altered_is_not_restored(
    kept: tuple[World, Path],
    tmp_path: Path,
    capsys: Capture,
    harm: Callable[[Path], None],
    kind: type[GecError],
    word: str,
) -> None:
    world, backup = kept
    copy, home = tmp_path / "copy", tmp_path / "home"
    shutil.copytree(backup, copy)
    check_backup(copy)
    harm(copy)
    status, document = restoring(world, home, copy, capsys)
    assert (status, document["error"]["kind"]) == (2 if kind is BadInput else 1, kind.__name__)
    assert word in document["error"]["message"]
    assert not home.exists()


def restoring(world: World, home: Path, folder: Path, capsys: Capture) -> tuple[int, Any]:
    capsys.readouterr()
    status = run(["--json", "--home", str(home), "--rpc", world.url, "restore", str(folder)])
    return status, json.loads(capsys.readouterr().out)


def test_nothing_is_written_over(kept: tuple[World, Path], tmp_path: Path, capsys: Capture) -> None:
    world, backup = kept
    home = tmp_path / "home"
    home.mkdir()
    (home / "a-file").write_text("mine")
    status, document = restoring(world, home, backup, capsys)
    assert (status, document["error"]["reason"]) == (1, "NotEmpty")
    assert [path.name for path in home.iterdir()] == ["a-file"]
    (home / "a-file").unlink()
    assert restoring(world, home, backup, capsys)[0] == 0
    assert restoring(world, home, backup, capsys)[1]["error"]["reason"] == "NotEmpty"
    status, document = world.json(capsys, "backup", str(backup))
    assert (status, document["error"]["reason"]) == (1, "NotEmpty")


def test_another_kind_of_database_is_refused(
    kept: tuple[World, Path], tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, postgres_url: str
) -> None:
    world, backup = kept
    monkeypatch.setenv("GEC_INTAKE_URL", postgres_url)
    status, document = restoring(world, tmp_path / "home", backup, capsys)
    assert (status, "backup has intake in sqlite" in document["error"]["message"]) == (2, True)
    monkeypatch.setenv("GEC_DESK_URL", postgres_url)
    status, document = restoring(world, tmp_path / "home", backup, capsys)
    assert (status, document["error"]["field"]) == (2, "database")
    assert not (tmp_path / "home").exists()


def test_a_backup_without_a_node_and_with_damaged_evidence(
    kept: tuple[World, Path], tmp_path: Path, capsys: Capture
) -> None:
    world, _backup = kept
    home = tmp_path / "home"
    shutil.copytree(world.home, home)
    victim = next(path for path in (home / "evidence").rglob("*") if path.is_file() and len(path.name) == 64)
    victim.chmod(0o600)
    victim.write_bytes(victim.read_bytes()[:-1])
    capsys.readouterr()
    words = ["--json", "--home", str(home), "--rpc", "http://127.0.0.1:9", "backup", str(tmp_path / "backup")]
    status = run(words)
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert (status, document["error"]["kind"], document["chain"]) == (1, "BrokenProof", {})
    assert document["damaged"] == [f"0x{victim.name}"]
    assert "no node answers" in err
    assert check_backup(tmp_path / "backup").damaged == [f"0x{victim.name}"]


def test_a_backup_that_fails_leaves_nothing(kept: tuple[World, Path], tmp_path: Path, capsys: Capture) -> None:
    world, _backup = kept
    home = tmp_path / "home"
    shutil.copytree(world.home, home)
    (home / "desk.db").write_bytes(b"no database at all" * 1000)
    other = World.of(world.url, home)
    status, document = other.json(capsys, "backup", str(tmp_path / "backup"))
    other.close()
    assert status == 1, document
    assert not (tmp_path / "backup").exists()
    assert list(tmp_path.glob(".backup*")) == []
