"""Settings of a process, from the environment (GEC_*). Only entry points read them; everybody else is handed values."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from gecchain.errors import BadInput, without_password

__all__ = ["Settings", "load_settings"]


def _file(said: str, default: Path | None = None) -> Any:
    return Field(default=default, description=said)


class Settings(BaseSettings):
    """Where everything is, each field a variable `GEC_` and its name in capitals; docs/operations.md has the table.

    Databases and evidence default to files in `home`, so that one folder is a whole registry.
    """

    model_config = SettingsConfigDict(env_prefix="GEC_", extra="ignore")

    home: Path = _file("folder of keys, roles, deployment and, by default, everything else", Path(".gecchain"))
    rpc_url: str = Field(default="http://127.0.0.1:8545", description="the node's JSON-RPC")
    database_url: str = Field(
        default="", description="the projection: `postgresql+psycopg://…` or `sqlite:///…`; registry.db in the home"
    )
    intake_url: str = Field(
        default="", description="the working store of the write side; GEC_DATABASE_URL, else intake.db in the home"
    )
    desk_url: str = Field(
        default="", description="what the API takes in, and webhooks; GEC_DATABASE_URL, else desk.db in the home"
    )
    evidence_url: str = Field(default="", description="folder or fsspec URL of evidence; `evidence` in the home")
    deployment: Path | None = _file("where the contracts are; deployment.json in the home")
    password_file: Path | None = _file("opens the keystore files; keys/password in the home, else the terminal asks")
    base_url: str = Field(default="http://127.0.0.1:8000", description="the address that the public uses")
    fonts: Path = _file("typefaces of documents", Path("/usr/share/fonts/opentype/noto"))
    seal: Path | None = _file("the authority's seal (PKCS#12); seal.p12 in the home")
    seal_password_file: Path | None = _file("opens the seal; seal.password in the home")
    sealer: Path | None = _file("socket of the process that seals; sealer.sock in the home")
    webhook_private: bool = Field(
        default=False, description="webhooks may go to http and to our own network: for development"
    )
    log: Literal["text", "json"] = Field(default="text", description="how processes tell about their work")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="from which level up they do; commands that end: errors only, unless this is set"
    )
    metrics: str = Field(
        default="", description="HOST:PORT at which a process that stays offers figures; empty for none"
    )
    metrics_folder: Path | None = _file("where commands that end leave the figures of their run; nowhere if not set")
    ready_lag: int = Field(
        default=100, ge=0, description="blocks that the index may be behind while the API counts as ready"
    )
    rate_public: str = Field(default="1200/minute", description="how often one address may ask the API")
    rate_known: str = Field(default="12000/minute", description="how often one API key or session may")
    rate_writes: str = Field(default="600/minute", description="how often one of them may hand in")
    rate_storage: str = Field(
        default="memory://", description="where that is counted; `redis://…` if several processes share it"
    )
    demo: bool = Field(default=False, description="a banner on every page says that nothing here is worth anything")
    anvil: Path | None = _file("the program of the embedded chain; node_modules, else the PATH")

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
