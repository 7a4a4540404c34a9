"""Databases of a bench's own: a PostgreSQL cluster in a folder, set up as for a server, or a SQLite file."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["crash", "database", "free_port", "kinds"]


@contextmanager
def database(kind: str, folder: Path, *, durable: bool = False) -> Iterator[str]:
    """The URL of a database in this folder, for as long as the context lasts; what is in it stays.

    PostgreSQL waits for the disk with each commit if it is to be `durable`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'registry.db'}"
        return
    with _cluster(folder, durable) as url:
        yield url


def crash(folder: Path) -> None:
    """Let the PostgreSQL of this folder die without a word, as at a power cut, and come up again with what it wrote."""
    words = [*_control(folder), "-l", str(folder / "log"), "-m", "immediate", "restart"]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd=folder)


def kinds(chosen: str) -> tuple[str, ...]:
    """The engines of an option: one that is named, or for `both` SQLite and, where it is installed, PostgreSQL."""
    if chosen != "both":
        return (chosen,)
    return ("sqlite", "postgresql") if _programs() else ("sqlite",)


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def _cluster(folder: Path, durable: bool) -> Iterator[str]:
    port, cluster = free_port(), folder / "data"
    if not cluster.exists():
        initdb = ["--no-sync", "--auth=trust", "--username=gec", "--encoding=UTF8", "--locale=C.UTF-8"]
        words = [*_program(folder, "initdb"), "-D", str(cluster), *initdb]
        subprocess.run(words, check=True, capture_output=True, cwd=folder)
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "fsync": "on" if durable else "off",
        "shared_buffers": "1GB",
        "maintenance_work_mem": "512MB",
        "max_wal_size": "8GB",
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    control = _control(folder)
    log = ["-l", str(folder / "log"), "-o", options]
    subprocess.run([*control, *log, "start"], check=True, stdout=subprocess.DEVNULL, cwd=folder)
    try:
        yield f"postgresql+psycopg://gec@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "fast", "stop"], check=True, capture_output=True, cwd=folder)


def _control(folder: Path) -> list[str]:
    return [*_program(folder, "pg_ctl"), "-D", str(folder / "data"), "-w", "-t", "300"]


def _program(folder: Path, name: str) -> list[str]:
    programs = _programs()
    if programs is None:
        raise SystemExit("PostgreSQL is missing: run `make setup`, or choose --database sqlite")
    return [*_ordinary_user(folder), str(programs / name)]


def _programs() -> Path | None:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
    found = versions[-1] if versions else shutil.which("initdb")
    return Path(found).parent if found else None


def _ordinary_user(folder: Path) -> list[str]:
    """The words that run a command as an ordinary user who owns the folder: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
