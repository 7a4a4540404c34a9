"""Where a registry keeps what is backed up, and under which names it stands in a backup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["DATABASES", "EVIDENCE", "HOME", "Places"]

HOME: Final = "home"
DATABASES: Final = "databases"
EVIDENCE: Final = "evidence"
_SINGLE: Final = ("roles.json", "identity.key")
# The keys' and the seal's passwords are `password` and `seal.password`.
_FOLDERS: Final = (("keys", "*.json"), ("sources", "[0-9a-f]*"))


@dataclass(frozen=True, slots=True)
class Places:
    """`databases` are the URLs of intake and desk by name; `evidence` a folder or fsspec URL; `seal` a PKCS#12 file."""

    home: Path
    deployment: Path
    seal: Path
    evidence: str
    databases: Mapping[str, str]

    @property
    def stores_by_url(self) -> dict[str, list[str]]:
        """Which stores are together in one database."""
        found: dict[str, list[str]] = {}
        for store, url in self.databases.items():
            found.setdefault(url, []).append(store)
        return found

    def files(self) -> Iterator[tuple[str, Path]]:
        """Name in the backup and place of every file that is there, besides databases and evidence."""
        for name in _SINGLE:
            yield name, self.home / name
        yield "deployment.json", self.deployment
        yield "seal.p12", self.seal
        yield "seal.crt", self.seal.with_suffix(".crt")
        for folder, pattern in _FOLDERS:
            for file in sorted((self.home / folder).glob(pattern)):
                yield f"{folder}/{file.name}", file

    def place_of(self, name: str, home: Path) -> Path:
        """Where a file of a backup goes; `home` stands for the home folder while it is being filled."""
        outside = {"deployment.json": self.deployment, "seal.p12": self.seal, "seal.crt": self.seal.with_suffix(".crt")}
        place = outside.get(name, self.home / name)
        return home / place.relative_to(self.home) if place.is_relative_to(self.home) else place
