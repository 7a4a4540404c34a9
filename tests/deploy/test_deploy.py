"""What is in deploy/ fits the program: commands, options, variables and files are there; systemd finds no fault."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from gecchain.config import Settings
from tests.conftest import ROOT
from tests.deploy.commands import understood

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SERVICES = [unit for unit in UNITS if unit.stem != "gec-backup"]
PROGRAM = "/opt/gecchain/.venv/bin/gec"
KNOWN = {f"GEC_{name.upper()}" for name in Settings.model_fields}
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def lines(unit: Path, key: str) -> list[str]:
    """The values of a key, in order; a key may stand in a unit many times."""
    return [line.partition("=")[2] for line in unit.read_text().splitlines() if line.startswith(f"{key}=")]


def variables(text: str) -> dict[str, str]:
    rows = [line for line in text.splitlines() if line and not line.startswith("#")]
    return dict(row.split("=", 1) for row in rows)


def test_there_is_one_for_each_process() -> None:
    names = {unit.stem for unit in SERVICES}
    assert names == {"gec-index", "gec-relay", "gec-webhooks", "gec-api", "gec-sealer"}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_the_commands_of_the_units_exist(unit: Path) -> None:
    (start,) = lines(unit, "ExecStart")
    words = shlex.split(start)
    if words[0] == "/bin/sh":
        words = shlex.split(words[2].replace("$$(date -u +%%Y-%%m-%%d)", "2026-11-25").removeprefix("exec "))
    assert words[0] == PROGRAM
    assert understood(words[1:]) == ""


def test_a_command_that_does_not_exist_would_be_seen() -> None:
    assert "no such verb" in understood(["indexx", "--follow"])
    assert "o such option" in understood(["index", "--folow"])
    assert understood(["restore"]) != ""
    assert "no such verb" in understood(["roles", "grnt", "authority", "0x"])


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_the_variables_of_the_units_exist(unit: Path) -> None:
    given = [row.split("=", 1)[0] for row in lines(unit, "Environment")]
    assert set(given) <= KNOWN
    assert lines(unit, "EnvironmentFile") == ["/etc/gecchain/gecchain.env"]
    ports = [line for one in SERVICES for line in lines(one, "Environment") if line.startswith("GEC_METRICS=")]
    assert len(ports) == len(set(ports)) == len(SERVICES) - 1


def test_the_file_of_variables_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (DEPLOY / "systemd" / "gecchain.env").read_text()
    commented = "\n".join(line.removeprefix("# ") for line in text.splitlines() if re.match(r"# GEC_\w+=", line))
    given = variables(text + "\n" + commented)
    assert set(given) <= KNOWN
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.home == Path("/var/lib/gecchain")
    assert (settings.log, settings.log_level) == ("json", "info")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    """As on the machine where it runs, but for the place of the program, which must exist."""
    program = tmp_path / "gec"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for unit in (DEPLOY / "systemd").glob("gec-*"):
        text = unit.read_text().replace(PROGRAM, str(program))
        text = re.sub(r"^(Documentation|Wants|After)=.*\n", "", text, flags=re.MULTILINE)
        (tmp_path / unit.name).write_text(text)
    units = [str(tmp_path / unit.name) for unit in (DEPLOY / "systemd").glob("gec-*")]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "gec-" in line]
    assert complaints == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_the_units_are_hardened(unit: Path) -> None:
    words = ["systemd-analyze", "security", "--offline=true", "--threshold=25", "--no-pager", str(unit)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def services() -> dict[str, Any]:
    found: dict[str, Any] = COMPOSE["services"]
    return found


def test_compose_has_every_process_and_its_commands_exist() -> None:
    assert set(services()) == {"postgres", "node", "index", "relay", "webhooks", "api"}
    for name, service in services().items():
        if name != "postgres":
            assert service["image"] == "gecchain"
            assert understood([str(word) for word in service["command"]]) == "", name


def test_compose_names_only_what_is_there() -> None:
    for service in services().values():
        given = service["environment"]
        assert {name for name in given if name.startswith("GEC_")} <= KNOWN
        assert set(service.get("depends_on", {})) <= set(services())
        assert set(service["networks"]) <= set(COMPOSE["networks"])
        assert {volume.partition(":")[0] for volume in service["volumes"]} <= set(COMPOSE["volumes"])
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
        for waited in service.get("depends_on", {}):
            assert "healthcheck" in services()[waited]
    published = {name for name, service in services().items() if "ports" in service}
    assert published == {"api"}
    assert COMPOSE["networks"]["inside"]["internal"] is True


def test_no_password_stands_in_compose() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    assert re.findall(r"(?i)password: (?!\$\{)\S+", text) == []
    assert all(":${POSTGRES_PASSWORD:?" in one for one in re.findall(r"postgresql\S+", text) if "@" in one)


def test_the_python_in_compose_runs(tmp_path: Path) -> None:
    """The probes: of the node it is our own function, of the API a path that it has."""
    for name in ("node", "api"):
        kind, program, flag, code = services()[name]["healthcheck"]["test"]
        assert (kind, program, flag) == ("CMD", "python", "-c")
        compile(code, name, "exec")
    assert "/v1/health/live" in services()["api"]["healthcheck"]["test"][3]


def test_the_image_is_made_of_what_is_here_and_from_the_locks() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    stages = re.findall(r"^FROM (\S+)(?: AS (\w+))?", text, flags=re.MULTILINE)
    assert all(re.fullmatch(r"[a-z]+:\d+(\.\d+)?(-slim)?", image) for image, _name in stages)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", text, flags=re.MULTILINE):
        for word in source.split():
            assert (ROOT / word).exists(), word
            assert f"!{word}" in ignored, word
    assert "scripts/python.sh" in text
    assert re.search(r"--require-hashes .*-r requirements.lock", (ROOT / "scripts" / "python.sh").read_text())
    assert "npm ci" in text
    (anvil,) = re.findall(r"COPY --from=node /node/(\S+)", text)
    assert (ROOT / anvil).exists()
    assert text.rindex("USER gecchain") > text.rindex("FROM ")
    given = set(re.findall(r"\b(GEC_\w+)=", text))
    assert given <= KNOWN
