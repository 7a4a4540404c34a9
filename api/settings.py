"""What the API is told by whoever starts it. Nothing in this room reads the environment but `api.main`."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["ApiSettings"]


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Where the store and the node are.

    `deployment_file` says which chain and contracts the certificates are of; without `rpc_url` the chain itself is not
    asked. `evidence_url` is the folder or fsspec URL of the evidence room; without it none is handed out.
    `demo` puts a banner on every page.
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
    fonts: Path = Path("/usr/share/fonts/opentype/noto")
    sealer: Path | None = None
