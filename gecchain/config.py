"""Settings of a process, from the environment (GEC_*). Only entry points read them; everybody else is handed values."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from gecchain.errors import BadInput, without_password

__all__ = ["Settings", "load_settings"]


class Settings(BaseSettings):
    """Where everything is. `home` keeps keys, roles, deployment, reports and, by default, chain and databases.

    `database_url` is the projection, `intake_url` the working store of the write side, `desk_url` what the API takes
    in; they default to SQLite files in `home`. `evidence_url` is where evidence is kept: a folder (by default
    `evidence` in `home`) or any URL of fsspec.
    `log` and `log_level` say how, and from which level up, a process tells about its work on standard error.
    `metrics` is the address (host:port) at which a process that stays offers its figures, none if it is empty;
    `metrics_folder` is where a command that ends leaves the figures of its run. The API is ready while the index is
    not more than `ready_lag` blocks behind the chain.
    The rates say how often a caller of the API may ask (`api.settings.Rates`); `demo` puts a banner on every page.
    `anvil` is the program of the embedded chain.
    `webhook_private` lets webhooks go to http and to our own network, for development.
    `password_file` opens the keystore files; without it the terminal asks.
    `fonts` is the folder of the typefaces of documents. `seal` is the authority's seal (a PKCS#12 file) and
    `seal_password_file` opens it; `sealer` is the socket file at which the process that seals answers.
    """

    model_config = SettingsConfigDict(env_prefix="GEC_", extra="ignore")

    home: Path = Path(".gecchain")
    rpc_url: str = "http://127.0.0.1:8545"
    database_url: str = ""
    intake_url: str = ""
    desk_url: str = ""
    evidence_url: str = ""
    deployment: Path | None = None
    password_file: Path | None = None
    base_url: str = "http://127.0.0.1:8000"
    fonts: Path = Path("/usr/share/fonts/opentype/noto")
    seal: Path | None = None
    seal_password_file: Path | None = None
    sealer: Path | None = None
    webhook_private: bool = False
    log: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    metrics: str = ""
    metrics_folder: Path | None = None
    ready_lag: int = Field(default=100, ge=0)
    rate_public: str = "1200/minute"
    rate_known: str = "12000/minute"
    rate_writes: str = "600/minute"
    rate_storage: str = "memory://"
    demo: bool = False
    anvil: Path | None = None

    def __repr__(self) -> str:
        """Everything but passwords that stand in URLs."""
        shown = (f"{name}={without_password(str(value))!r}" for name, value in self)
        return f"Settings({', '.join(shown)})"

    __str__ = __repr__

    @property
    def projection_url(self) -> str:
        """URL of the projection."""
        return self.database_url or f"sqlite:///{self.home / 'registry.db'}"

    @property
    def working_url(self) -> str:
        """URL of the working store."""
        return self.intake_url or self.database_url or f"sqlite:///{self.home / 'intake.db'}"

    @property
    def desk_location(self) -> str:
        """URL of the desk."""
        return self.desk_url or self.database_url or f"sqlite:///{self.home / 'desk.db'}"

    @property
    def evidence_location(self) -> str:
        """Folder or URL of the evidence room."""
        return self.evidence_url or str(self.home / "evidence")

    @property
    def seal_file(self) -> Path:
        """The seal."""
        return self.seal or self.home / "seal.p12"

    @property
    def seal_password(self) -> Path:
        """The file with the seal's password."""
        return self.seal_password_file or self.home / "seal.password"

    @property
    def sealer_socket(self) -> Path:
        """Where the process that seals answers."""
        return self.sealer or self.home / "sealer.sock"

    @property
    def deployment_file(self) -> Path:
        """Where the deployment is written down."""
        return self.deployment or self.home / "deployment.json"


def load_settings(home: Path | None = None, rpc_url: str | None = None) -> Settings:
    """Settings of this process; options come before the environment. BadInput names the variable."""
    given = {key: value for key, value in {"home": home, "rpc_url": rpc_url}.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = f"GEC_{str(first['loc'][0]).upper()}"
        raise BadInput(
            f"{name} is not usable: {first['msg']}", field=name, value=without_password(str(first["input"]))
        ) from error
