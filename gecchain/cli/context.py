"""What a command works with, opened when it is first needed: node, deployment, keys, stores."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from getpass import getpass
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from gecchain import store
from gecchain.chain.deploying import is_deployed
from gecchain.chain.deployment import Deployment, load_deployment
from gecchain.chain.reader import Reader
from gecchain.chain.rpc import Rpc
from gecchain.chain.writer import Writer
from gecchain.cli.register import ChainProjects
from gecchain.cli.roles import Roles, load_roles
from gecchain.cli.screen import Screen
from gecchain.config import Settings
from gecchain.errors import BadInput, GecError, NotFound, Unavailable
from gecchain.metrics import Meter
from gecchain.signer import ExternalSigner, KeystoreSigner, development_signer, open_key, read_key_file
from gecchain.store import desk, hooks, intake
from gecchain.store.intake import IntakeSink, ReadingStore, RefusalStore, SqlJournal

__all__ = ["Context"]

_DEVELOPMENT: Final = "dev:"
_LONGEST_NAME: Final = 100


class Context:
    """Settings and screen, and everything that follows from them."""

    def __init__(self, settings: Settings, screen: Screen) -> None:
        self.settings = settings
        self.screen = screen
        self._signers: dict[str, KeystoreSigner | ExternalSigner] = {}

    @cached_property
    def meter(self) -> Meter:
        """The figures of this process."""
        return Meter(self._role_of)

    def _role_of(self, address: str) -> str:
        """The role of a key that this process opened, as roles.json has it; `account` for any other key."""
        for name, signer in self._signers.items():
            if signer.address.lower() == address.lower():
                return self.roles.role_of(name)
        return "other"

    def close(self) -> None:
        """Give back what was opened."""
        opened = self.__dict__
        if "rpc" in opened:
            self.rpc.close()
        for signer in self._signers.values():
            if isinstance(signer, ExternalSigner):
                signer.close()
        for engine in (opened[name] for name in ("projection", "_working", "desk") if name in opened):
            engine.dispose()

    @cached_property
    def rpc(self) -> Rpc:
        """Connection to the node."""
        return Rpc(self.settings.rpc_url)

    @cached_property
    def deployment(self) -> Deployment:
        """Where the contracts are."""
        return load_deployment(self.settings.deployment_file)

    @cached_property
    def reader(self) -> Reader:
        """Reads the chain; the node must run the deployment's chain and have its contracts."""
        reader = Reader(self.rpc, self.deployment)
        reader.require_chain()
        if not is_deployed(self.rpc, self.deployment):
            raise NotFound(
                f"the chain at {self.settings.rpc_url} does not have the contracts of {self.settings.deployment_file}",
                remedy="It is another chain or began anew: point --rpc at the right one, or gec deploy --again.",
            )
        return reader

    @cached_property
    def roles(self) -> Roles:
        """Which key plays which role."""
        return load_roles(self.settings.home / "roles.json")

    @cached_property
    def projection(self) -> Engine:
        """The projection's database, migrated."""
        self.settings.home.mkdir(parents=True, exist_ok=True)
        engine = store.open_engine(self.settings.projection_url)
        store.migrate(engine)
        return engine

    @cached_property
    def _working(self) -> Engine:
        self.settings.home.mkdir(parents=True, exist_ok=True)
        engine = store.open_engine(self.settings.working_url)
        intake.migrate(engine)
        return engine

    @cached_property
    def desk(self) -> Engine:
        """The desk's database, migrated."""
        self.settings.home.mkdir(parents=True, exist_ok=True)
        engine = store.open_engine(self.settings.desk_location)
        desk.migrate(engine)
        return engine

    @cached_property
    def webhooks(self) -> Engine:
        """The desk's database with the webhooks in it, migrated."""
        hooks.migrate(self.desk)
        return self.desk

    @cached_property
    def readings(self) -> ReadingStore:
        """Readings taken in."""
        return ReadingStore(self._working)

    @cached_property
    def refusals(self) -> RefusalStore:
        """Rows that were refused."""
        return RefusalStore(self._working)

    @cached_property
    def sink(self) -> IntakeSink:
        """Where files go in."""
        return IntakeSink(self._working)

    @cached_property
    def journal(self) -> SqlJournal:
        """Transactions on their way."""
        return SqlJournal(self._working)

    @cached_property
    def projects(self) -> ChainProjects:
        """Projects as the chain knows them, by code."""
        return ChainProjects(self.reader)

    def signer(self, name: str) -> KeystoreSigner | ExternalSigner:
        """The key of this name: a file in the home folder (keystore, or whom to ask), or `dev:…`, of development."""
        if name not in self._signers:
            self._signers[name] = self._open(name)
        return self._signers[name]

    def writer(self, name: str) -> Writer:
        """Sends transactions signed by the key of this name."""
        if self.settings.deployment_file.exists():
            _ = self.reader  # it refuses a node that does not have the contracts
        chain_id = int(self.rpc.request("eth_chainId"), 16)
        return Writer(self.rpc, chain_id, self.signer(name), self.journal)

    def _open(self, name: str) -> KeystoreSigner | ExternalSigner:
        if name.startswith(_DEVELOPMENT):
            if not self.roles.development:
                raise BadInput(
                    "development keys are known to everybody and not allowed on this registry",
                    field="key",
                    value=name,
                    remedy="Use a keystore file; see gec keys create.",
                )
            return development_signer(name.removeprefix(_DEVELOPMENT))
        return open_key(self.key_file(name), lambda: self.password(name))

    def can_sign(self, name: str) -> bool:
        """Whether a key can be used without asking anybody."""
        if name.startswith(_DEVELOPMENT):
            return self.roles.development
        if not self.key_file(name).exists():
            return False
        is_external = bool(read_key_file(self.key_file(name)).external)
        return is_external or (self.settings.password_file or self._usual_password_file).exists()

    @property
    def _usual_password_file(self) -> Path:
        return self.settings.home / "keys" / "password"

    def key_file(self, name: str) -> Path:
        """The keystore file of this name."""
        if not name or not name.isprintable() or Path(name).name != name or len(name) > _LONGEST_NAME:
            raise BadInput("a key's name is one word and no path", field="key", value=name, remedy="See gec keys list.")
        return self.settings.home / "keys" / f"{name}.json"

    def password(self, name: str) -> str:
        """The password of the keystore files: from the password file, or asked at the terminal."""
        path = self.settings.password_file or self._usual_password_file
        if path.exists() or self.settings.password_file:
            return _secret(path)
        if not sys.stdin.isatty():
            raise NotFound(f"no password for the key {name}", remedy="Set GEC_PASSWORD_FILE.")
        return getpass(f"Password of the key {name}: ")

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Only one process of this home at a time signs with a key; a second one is told so at once."""
        address = self.signer(name).address
        with self.locked(address.lower(), f"another process is signing with the key {name}"):
            yield

    @contextmanager
    def locked(self, name: str, busy: str) -> Iterator[None]:
        """Hold a lock of the home folder; it ends with the process. Unavailable, saying `busy`, if another has it."""
        folder = self.settings.home / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{name}.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Unavailable(busy, remedy="Wait until it has ended.") from error
            file.write(str(os.getpid()))
            file.flush()
            yield


def _secret(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is no text", field="password_file", remedy="It holds the password alone.") from error
    except OSError as error:
        raise NotFound(f"no password file at {path}: {error.strerror}", remedy="Set GEC_PASSWORD_FILE.") from error


def exit_status(error: GecError) -> int:
    """2 for what the caller must change, 1 for the rest."""
    return 2 if isinstance(error, BadInput) else 1
