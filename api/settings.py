"""What the API is told by whoever starts it. Nothing in this room reads the environment but `api.main`."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["ApiSettings", "Rates"]


@dataclass(frozen=True, slots=True)
class Rates:
    """How often one caller may ask, as `limits` reads it (`600/minute`); empty for as often as it likes.

    `public` is by address, `known` by API key or session, `writes` besides for everything that is handed in. `storage`
    is where they are counted: the process's memory, or a URL that all processes share (`redis://…`).
    """

    public: str = ""
    known: str = ""
    writes: str = ""
    storage: str = "memory://"


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Where the store and the node are.

    `deployment_file` says which chain and contracts the certificates are of; without `rpc_url` the chain itself is not
    asked. `evidence_url` is the folder or fsspec URL of the evidence room; without it none is handed out.
    `demo` puts a banner on every page.
    `desk_url` is the database of what is handed in; without it nothing is taken.
    `webhook_private` lets webhooks go to http and to our own network, for development.
    `metrics` is the address (host:port) at which figures are offered, none if it is empty; the API is ready while the
    index is not more than `ready_lag` blocks behind.
    `base_url` is the address the public uses, without a trailing slash; QR codes and links in documents begin with it.
    `fonts` is the folder of the typefaces that documents are set in; `sealer` the socket file of the process that seals
    them, without which they come unsealed.
    """

    database_url: str
    deployment_file: Path
    rpc_url: str | None = None
    demo: bool = False
    evidence_url: str = ""
    base_url: str = "http://127.0.0.1:8000"
    desk_url: str = ""
    rates: Rates = Rates()
    fonts: Path = Path("/usr/share/fonts/opentype/noto")
    sealer: Path | None = None
    webhook_private: bool = False
    metrics: str = ""
    ready_lag: int = 100
