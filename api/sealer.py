"""Asking the process that seals: it has the key, this one has not.

It is told which document is wanted and nothing of what stands in it: it reads the registry itself, so whoever takes
over this process can have no other document sealed than those that the registry makes anyway.
"""

import json
from pathlib import Path
from typing import Any, Final

import httpx

from gecchain.documents import Document
from gecchain.errors import BrokenProof, Unavailable

__all__ = ["Sealer"]

_PATIENCE_SECONDS: Final = 120.0
_AWAY: Final = "Try again later, or ask for sealed=false: the same document without the seal."


class Sealer:
    """The sealing process behind a socket file. Unavailable while it does not answer."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        transport = httpx.HTTPTransport(uds=str(socket))
        self._client = httpx.Client(transport=transport, base_url="http://sealer", timeout=_PATIENCE_SECONDS)

    def fingerprint(self) -> str:
        """Of the certificate it seals with now: 16 hex digits."""
        return str(json.loads(self._get("/").content)["seal"])

    def sealed(self, document: Document) -> bytes:
        """The sealed PDF. BrokenProof if the sealing process makes another document of the same code and block."""
        answer = self._get(f"/{document.kind}/{document.code}", as_of=document.place.block)
        if answer.headers.get("X-Document") != document.sha256:
            raise BrokenProof(
                "The sealing process sees another document.",
                where=f"{document.kind} {document.code}",
                remedy="Let both processes read the same database.",
            )
        return answer.content

    def close(self) -> None:
        """Gives the connection back."""
        self._client.close()

    def _get(self, path: str, **parameters: Any) -> httpx.Response:
        if not self._socket.exists():
            raise Unavailable("The seal cannot be reached.", remedy=_AWAY)
        try:
            answer = self._client.get(path, params=parameters)
        except httpx.HTTPError as error:
            raise Unavailable("The seal cannot be reached.", remedy=_AWAY) from error
        if answer.status_code != httpx.codes.OK:
            raise Unavailable(f"The sealing process answered {answer.status_code}.", remedy=_AWAY)
        return answer
