"""Checking a document's file step by step: what it says of itself, its seal, its data, its bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
from asn1crypto import x509 as asn1

from gecchain.cli.context import Context
from gecchain.documenting import parse_kind, read_document
from gecchain.documents import ATTACHMENT, Chain, Kind, Mark, Press, mark_in
from gecchain.errors import BadInput, NotFound, Unavailable
from gecchain.sealing import SealFinding, attached_file, check_seal
from gecchain.store import connected

__all__ = ["AtHome", "OverHttp", "Vouched", "chain_of", "press_of", "vouch"]

Step = tuple[str, bool | None, str]
_SECONDS = 60
_INCOMPARABLE = "another version set it, or another seal is on it: the bytes cannot be compared, a seal can be checked"


@dataclass(frozen=True, slots=True)
class Vouched:
    """What came of it. Each step has its name, how it came out (None: does not apply), and a sentence."""

    kind: Kind
    code: str
    as_of: int
    steps: tuple[Step, ...]
    since: tuple[tuple[str, int], ...]
    genuine: bool

    def document(self) -> dict[str, Any]:
        """For machines."""
        return {
            "kind": self.kind,
            "code": self.code,
            "as_of": self.as_of,
            "genuine": self.genuine,
            "steps": [{"name": name, "passed": passed, "detail": detail} for name, passed, detail in self.steps],
            "since": [{"name": name, "block": block} for name, block in self.since],
        }


@dataclass(frozen=True, slots=True)
class Answered:
    """What the registry makes of the document: hash of its data, whether the file's bytes are its own, what was later.

    Without a hash where it has no such document. Not `comparable` is what another press or seal made.
    """

    sha256: str
    same: bool
    since: tuple[tuple[str, int], ...]
    comparable: bool = True


class Asked(Protocol):
    """Where one asks what the registry makes of a document."""

    def ask(self, kind: Kind, code: str, as_of: int, file: bytes, mark: Mark | None) -> Answered:
        """The answer about a file that claims to be that document of that block."""
        ...


def vouch(file: bytes, trusted: Sequence[asn1.Certificate], registry: Asked) -> Vouched:
    """Checks a file against a registry. BadInput if it is no document at all.

    Genuine is a file whose data are the registry's and whose bytes are vouched for: by a seal that is trusted and lies
    over all of them, or because the registry makes the same ones.
    """
    data, seal, mark = _read(file, trusted)
    kind, code, as_of = _named(data)
    found, digest = registry.ask(kind, code, as_of, file, mark), hashlib.sha256(data).hexdigest()
    of_data = digest == found.sha256
    marked = mark is None or (mark.kind, mark.code, mark.as_of) == (kind, code, as_of)
    sealed = seal is not None and seal.good and seal.trusted
    steps: tuple[Step, ...] = (
        ("mark", marked, "the mark in the file and its data name the same document"),
        *_seal_steps(seal),
        ("data", of_data, f"SHA-256 {digest}"),
        ("bytes", found.same if found.same or not sealed else None, _of_bytes(found.comparable, found.same, sealed)),
    )
    kept = seal is None or seal.good
    return Vouched(kind, code, as_of, steps, found.since, of_data and marked and kept and (sealed or found.same))


def _of_bytes(comparable: bool, same: bool, sealed: bool) -> str:
    if same or not comparable:
        return "the registry makes the same bytes" if same else _INCOMPARABLE
    return "the registry puts no seal on it here; its own is checked" if sealed else "the registry makes other bytes"


def _read(file: bytes, trusted: Sequence[asn1.Certificate]) -> tuple[bytes, SealFinding | None, Mark | None]:
    """The data in a file, its seal if it is a sealed PDF, and its mark if it is a PDF."""
    if not file.startswith(b"%PDF-"):
        return file, None, None
    return attached_file(file, ATTACHMENT), check_seal(file, trusted), mark_in(file)


def _named(data: bytes) -> tuple[Kind, str, int]:
    try:
        found = json.loads(data)
        return parse_kind(found["kind"]), str(found["code"]), int(found["as_of"]["block"])
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput("The file holds no document of a registry.", field="file") from error


def _seal_steps(seal: SealFinding | None) -> tuple[Step, ...]:
    if seal is None:
        return (("seal", None, "it has no seal"),)
    return (
        ("seal", seal.intact, f"signed as {seal.name}"),
        ("whole", seal.whole, "the signature is over every byte, and nothing was added"),
        ("trust", seal.trusted, f"certificate {seal.fingerprint}"),
    )


class AtHome:
    """The index of a home folder, and the press of this machine."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def ask(self, kind: Kind, code: str, as_of: int, file: bytes, mark: Mark | None) -> Answered:
        """Makes the document again. Bytes are compared with the unsealed PDF; a seal vouches for itself."""
        try:
            with connected(self._context.projection) as db:
                read = read_document(db, chain_of(self._context), kind, code, as_of)
        except NotFound:
            return Answered("", False, ())
        since = tuple((one.name, one.place.block) for one in read.since)
        if mark is None:
            return Answered(read.document.sha256, file == read.document.json, since)
        press = press_of(self._context)
        same = file == press.set(read.document)
        return Answered(read.document.sha256, same, since, comparable=mark.press == press.name)


class OverHttp:
    """A registry's API; of the file only its hash is sent."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")

    def ask(self, kind: Kind, code: str, as_of: int, file: bytes, mark: Mark | None) -> Answered:
        """Asks `/v1/documents`. Unavailable if it does not answer."""
        asked: dict[str, str | int] = {"as_of": as_of, "sha256": hashlib.sha256(file).hexdigest()}
        asked |= {"press": mark.press} if mark else {}
        try:
            answer = httpx.get(f"{self._address}/v1/documents/{kind}/{code}", params=asked, timeout=_SECONDS)
            if answer.status_code == httpx.codes.NOT_FOUND:
                return Answered("", False, ())
            found = answer.raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            remedy = "Check the address, or try again later."
            raise Unavailable(f"{self._address} does not answer: {error}", remedy=remedy) from error
        since = tuple((str(one["name"]["code"]), int(one["place"]["block"])) for one in found["since"])
        verdict = found["verdict"]
        return Answered(str(found["document_sha256"]), verdict == "same", since, comparable=verdict != "incomparable")


def press_of(context: Context) -> Press:
    """The press of a home; a demonstration's says so on its pages."""
    settings = context.settings
    return Press(settings.base_url.rstrip("/"), fonts=settings.fonts, demo=context.roles.development)


def chain_of(context: Context) -> Chain:
    """The registry of a home."""
    return Chain(context.deployment.chain_id, context.deployment.certificates)
